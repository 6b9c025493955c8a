//! Looks into a ZIP package before LibreOffice does: what it is by its own list of contents, and whether opening it is
//! safe. Every entry is inflated here once, under caps, so that no lie in a header reaches LibreOffice.

use crate::error::{Error, Result};
use crate::original::{Original, Reader};
use balado_media::{Format, Refusal};
use quick_xml::events::Event;
use std::io::{BufReader, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// A book of a thousand pages has some hundred entries.
const MOST_ENTRIES: usize = 10_000;

/// Bytes of all entries once inflated.
const MOST_BYTES: u64 = 1 << 30;

/// Bytes of one text part once inflated: LibreOffice holds ten times as much.
const MOST_XML_BYTES: u64 = 64 << 20;

/// Elements inside each other; real documents stay below a hundred.
const DEEPEST: usize = 1000;

/// The kind of document a package holds.
///
/// # Errors
/// When it is refused.
pub(super) fn inspect(original: &Original, format: Format) -> Result<Format> {
    let damaged = |error: ZipError| Error::refused(Refusal::Damaged, format!("package: {error}"));
    let mut archive = ZipArchive::new(original.reader()?).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Error::refused(Refusal::TooComplex, format!("{} entries", archive.len())));
    }
    let mut left = MOST_BYTES;
    for index in 0..archive.len() {
        inspect_entry(&mut archive, index, &mut left)?;
    }
    match format {
        Format::Odt | Format::Odp | Format::Ods => refuse_locked_open_document(&mut archive).map(|()| format),
        _ => office_kind(&mut archive),
    }
}

fn inspect_entry(archive: &mut ZipArchive<Reader>, index: usize, left: &mut u64) -> Result<()> {
    let damaged = |why: String| Error::refused(Refusal::Damaged, why);
    let entry = match archive.by_index(index) {
        Ok(entry) => entry,
        Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
            return Err(Error::refused(Refusal::PasswordProtected, "an encrypted entry"));
        }
        Err(error) => return Err(damaged(format!("entry {index}: {error}"))),
    };
    if entry.enclosed_name().is_none() || entry.is_symlink() {
        return Err(damaged("an entry that points outside".to_owned()));
    }
    let name = entry.name().map_err(|error| damaged(format!("entry {index}: {error}")))?.to_ascii_lowercase();
    let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
    let cap = if is_xml { MOST_XML_BYTES.min(*left) } else { *left };
    let mut capped = entry.take(cap + 1);
    if is_xml {
        refuse_bombs(BufReader::new(&mut capped))?;
    }
    std::io::copy(&mut capped, &mut std::io::sink())
        .map_err(|error| damaged(format!("entry {index}: {error}")))?;
    let inflated = (cap + 1).saturating_sub(capped.limit());
    if inflated > cap {
        return Err(Error::refused(
            Refusal::TooComplex,
            format!("entry {index} inflates beyond {cap} bytes"),
        ));
    }
    *left -= inflated;
    Ok(())
}

/// Entities that expand and elements nested a million deep. Text that is no XML is LibreOffice's to judge.
fn refuse_bombs(source: BufReader<impl Read>) -> Result<()> {
    let mut reader = quick_xml::Reader::from_reader(source);
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::DocType(_)) => return Err(Error::refused(Refusal::TooComplex, "a document type")),
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
        if depth > DEEPEST {
            return Err(Error::refused(Refusal::TooComplex, format!("more than {DEEPEST} elements deep")));
        }
    }
}

fn refuse_locked_open_document(archive: &mut ZipArchive<Reader>) -> Result<()> {
    let manifest = small_part(archive, "META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(Error::refused(Refusal::PasswordProtected, "encrypted parts"));
    }
    Ok(())
}

/// The main part's type decides; those with macros or templates are other types, which nobody promised.
fn office_kind(archive: &mut ZipArchive<Reader>) -> Result<Format> {
    let types = small_part(archive, "[Content_Types].xml")
        .ok_or_else(|| Error::refused(Refusal::Damaged, "no list of contents"))?;
    let kinds = [
        ("wordprocessingml.document.main+xml", Format::Docx),
        ("presentationml.presentation.main+xml", Format::Pptx),
        ("spreadsheetml.sheet.main+xml", Format::Xlsx),
    ];
    kinds
        .into_iter()
        .find(|(kind, _)| types.contains(kind))
        .map(|(_, format)| format)
        .ok_or_else(|| Error::refused(Refusal::UnsupportedFormat, "no main part of an accepted type"))
}

fn small_part(archive: &mut ZipArchive<Reader>, name: &str) -> Option<String> {
    let mut text = Vec::new();
    archive.by_name(name).ok()?.take(1 << 20).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}
