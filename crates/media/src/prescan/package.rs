//! ZIP packages (Office since 2007, OpenDocument). Every entry is inflated here once, under caps, so that no lie in a
//! header reaches LibreOffice.

use super::Objection;
use super::entities::Entities;
use super::paper::Paper;
use crate::{Format, Refusal};
use quick_xml::events::Event;
use std::io::{BufRead, BufReader, Read, Seek};
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

/// The kind of document a package holds. `format` is what its beginning looked like; it may have so many pages.
///
/// # Errors
/// When it is refused.
pub fn inspect_package(source: impl Read + Seek, format: Format, pages: u32) -> Result<Format, Objection> {
    let damaged = |error: ZipError| Objection::new(Refusal::Damaged, format!("package: {error}"));
    let mut archive = ZipArchive::new(source).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Objection::new(Refusal::TooComplex, format!("{} entries", archive.len())));
    }
    // We would look at one of two entries of a name, a converter at the other.
    if archive.has_duplicate_names() {
        return Err(Objection::new(Refusal::Damaged, "two entries of one name"));
    }
    let mut left = MOST_BYTES;
    // One whose contents cannot be told is refused for that in the end, if for nothing else before.
    let likely = match format {
        Format::Odt | Format::Odp | Format::Ods => format,
        _ => office_kind(&mut archive).unwrap_or(Format::Xlsx),
    };
    let mut paper = Paper::new(likely, pages);
    for index in 0..archive.len() {
        inspect_entry(&mut archive, index, &mut left, &mut paper)?;
    }
    match format {
        Format::Odt | Format::Odp | Format::Ods => refuse_locked_open_document(&mut archive).map(|()| format),
        _ => office_kind(&mut archive),
    }
}

fn inspect_entry(
    archive: &mut ZipArchive<impl Read + Seek>,
    index: usize,
    left: &mut u64,
    paper: &mut Paper,
) -> Result<(), Objection> {
    let damaged = |why: String| Objection::new(Refusal::Damaged, why);
    let unreadable = |error: std::io::Error| damaged(format!("entry {index}: {error}"));
    let entry = match archive.by_index(index) {
        Ok(entry) => entry,
        Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
            return Err(Objection::new(Refusal::PasswordProtected, "an encrypted entry"));
        }
        Err(error) => return Err(damaged(format!("entry {index}: {error}"))),
    };
    let name = entry.name().map_err(|error| damaged(format!("entry {index}: {error}")))?.to_ascii_lowercase();
    if points_outside(&name) || entry.is_symlink() {
        return Err(damaged("an entry that points outside".to_owned()));
    }
    let is_text_part = name.ends_with(".xml") || name.ends_with(".rels");
    let mut source = BufReader::new(entry.take(*left + 1));
    // Names of parts are free: what starts like markup is markup under any name.
    let is_markup = starts_like_markup(source.fill_buf().map_err(unreadable)?)? || is_text_part;
    let cap = if is_markup { MOST_XML_BYTES.min(*left) } else { *left };
    let mut source = source.take(cap + 1);
    let inflated = if is_markup {
        let mut watched = Watched::new(source);
        weigh(BufReader::new(&mut watched), paper)?;
        std::io::copy(&mut watched, &mut std::io::sink()).map_err(unreadable)?;
        watched.entities.refuse_growth(watched.seen, MOST_XML_BYTES)?;
        watched.seen
    } else {
        std::io::copy(&mut source, &mut std::io::sink()).map_err(unreadable)?
    };
    if inflated > cap {
        return Err(Objection::new(
            Refusal::TooComplex,
            format!("entry {index} inflates beyond {cap} bytes"),
        ));
    }
    *left -= inflated;
    Ok(())
}

/// Whether a part would lie outside the folder it is unpacked into, here or where the document goes next: from the root,
/// from a drive, or upwards. The reader of packages would take such a name for the harmless rest of it.
fn points_outside(name: &str) -> bool {
    let is_step = |byte: char| matches!(byte, '/' | '\\');
    name.starts_with(is_step)
        || name.contains('\0')
        || name.get(1..2) == Some(":")
        || name.split(is_step).any(|step| step == "..")
}

/// Whether this is the beginning of markup in an encoding that holds ASCII. In any other, what follows could not be
/// judged here and would be read by LibreOffice.
fn starts_like_markup(beginning: &[u8]) -> Result<bool, Objection> {
    let foreign = || Objection::new(Refusal::UnsupportedFormat, "markup in an unusual encoding");
    if let [0xFF, 0xFE, b'<', 0, ..] | [0xFE, 0xFF, 0, b'<', ..] | [b'<', 0, ..] | [0, b'<', ..] = beginning {
        return Err(foreign());
    }
    let text = beginning.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(beginning).trim_ascii_start();
    if !text.starts_with(b"<") {
        // Nothing but blanks so far: what comes after them may be markup.
        return Ok(text.is_empty());
    }
    let declaration = text.get(..text.iter().position(|byte| *byte == b'>').unwrap_or(0)).unwrap_or(&[]);
    let declaration = String::from_utf8_lossy(declaration).to_ascii_lowercase();
    let Some((_, named)) = declaration.split_once("encoding").filter(|_| declaration.starts_with("<?xml"))
    else {
        return Ok(true);
    };
    let named = named.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
    let known = ["utf-8", "us-ascii", "ascii", "iso-8859-", "windows-125"];
    if known.iter().any(|name| named.starts_with(name)) { Ok(true) } else { Err(foreign()) }
}

/// Counts what passes, and looks at the entities that are declared in it.
struct Watched<R> {
    source: R,
    seen: u64,
    entities: Entities,
}

impl<R> Watched<R> {
    fn new(source: R) -> Self {
        Self { source, seen: 0, entities: Entities::default() }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        let fresh = buffer.get_mut(..count).unwrap_or_default();
        self.seen += count as u64;
        self.entities.take(fresh);
        // Whatever encoding the rest is in, it is letters here: one that is not UTF-8 would end the look at the markup.
        for byte in fresh.iter_mut().filter(|byte| !byte.is_ascii()) {
            *byte = b'x';
        }
        Ok(count)
    }
}

/// Refuses elements nested a million deep, and more of them than any paper holds. Text that is no XML is LibreOffice's to
/// judge.
fn weigh(source: impl BufRead, paper: &mut Paper) -> Result<(), Objection> {
    let mut reader = quick_xml::Reader::from_reader(source);
    let mut buffer = Vec::new();
    paper.turn_over();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => paper.open(&element),
            Ok(Event::Empty(element)) => paper.pass(&element),
            Ok(Event::End(_)) => paper.close(),
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
        if paper.depth() > DEEPEST {
            return Err(Objection::new(Refusal::TooComplex, format!("more than {DEEPEST} elements deep")));
        }
        paper.refuse_beyond()?;
    }
}

fn refuse_locked_open_document(archive: &mut ZipArchive<impl Read + Seek>) -> Result<(), Objection> {
    let manifest = small_part(archive, "META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(Objection::new(Refusal::PasswordProtected, "encrypted parts"));
    }
    Ok(())
}

/// The main part's type decides; those with macros or templates are other types, which nobody promised.
fn office_kind(archive: &mut ZipArchive<impl Read + Seek>) -> Result<Format, Objection> {
    let types = small_part(archive, "[Content_Types].xml")
        .ok_or_else(|| Objection::new(Refusal::Damaged, "no list of contents"))?;
    let kinds = [
        ("wordprocessingml.document.main+xml", Format::Docx),
        ("presentationml.presentation.main+xml", Format::Pptx),
        ("spreadsheetml.sheet.main+xml", Format::Xlsx),
    ];
    kinds
        .into_iter()
        .find(|(kind, _)| types.contains(kind))
        .map(|(_, format)| format)
        .ok_or_else(|| Objection::new(Refusal::UnsupportedFormat, "no main part of an accepted type"))
}

fn small_part(archive: &mut ZipArchive<impl Read + Seek>, name: &str) -> Option<String> {
    let mut text = Vec::new();
    archive.by_name(name).ok()?.take(1 << 20).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const TYPES: &[u8] = b"<Types>wordprocessingml.document.main+xml</Types>";

    fn verdict(entries: &[(&str, &[u8])]) -> Result<Format, Refusal> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in [("[Content_Types].xml", TYPES)].iter().chain(entries) {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        let bytes = writer.finish().unwrap().into_inner();
        inspect_package(Cursor::new(bytes), Format::Ooxml, 1).map_err(|objection| objection.code)
    }

    /// An OpenDocument sheet of these rows, for ten pages.
    fn sheet(rows: &str) -> Result<Format, Refusal> {
        let content = format!("<?xml version='1.0' encoding='ISO-8859-1'?><d><t:table>{rows}</t:table></d>");
        let mut content = content.into_bytes();
        // A letter of that encoding, which is not UTF-8.
        content.splice(44..44, b"<!--\xE9-->".iter().copied());
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("content.xml", SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        inspect_package(Cursor::new(bytes), Format::Ods, 10).map_err(|objection| objection.code)
    }

    #[test]
    fn an_old_document_type_is_no_bomb_and_an_entity_is_one_under_any_name() {
        let harmless = b"<?xml version='1.0'?><!DOCTYPE a PUBLIC 'x' 'a.dtd'><a/>";
        assert_eq!(verdict(&[("word/document.xml", harmless)]), Ok(Format::Docx));
        let drawing =
            b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY ns 'http://ns.adobe.com/'>]><svg xmlns='&ns;'/>";
        assert_eq!(verdict(&[("word/media/image1.svg", drawing)]), Ok(Format::Docx));
        let bomb = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b '&c;&c;'>]><a>&b;</a>";
        for name in ["word/document.xml", "word/part.bin"] {
            assert_eq!(verdict(&[(name, bomb)]), Err(Refusal::TooComplex), "{name}");
        }
    }

    #[test]
    fn an_entity_is_found_wherever_it_lies() {
        for before in [8180_usize, 8185, 8190, 16_380, 100_000] {
            let bomb = format!("<a>{}<!ENTITY b '&c;'></a>", "x".repeat(before));
            assert_eq!(verdict(&[("word/a.xml", bomb.as_bytes())]), Err(Refusal::TooComplex), "{before}");
        }
    }

    #[test]
    fn markup_that_cannot_be_judged_goes_no_further() {
        let wide: Vec<u8> = "<?xml version='1.0'?><a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let seven = b"<?xml version='1.0' encoding='UTF-7'?>+ADwAYQAv-";
        for content in [wide.as_slice(), seven.as_slice()] {
            assert_eq!(verdict(&[("word/document.xml", content)]), Err(Refusal::UnsupportedFormat));
        }
    }

    #[test]
    fn what_is_repeated_counts_as_often_as_it_comes_out_and_what_is_empty_does_not() {
        let row = |times: &str, cell: &str| {
            format!("<t:table-row t:number-rows-repeated='{times}'>{cell}</t:table-row>")
        };
        let one = "<t:table-cell o:value-type='float'/>";
        let many = "<t:table-cell t:number-columns-repeated='1024'><x:p>1</x:p></t:table-cell>";
        assert_eq!(sheet(&row("90000", one)), Ok(Format::Ods));
        assert_eq!(sheet(&row("1048576", "<t:table-cell/>")), Ok(Format::Ods));
        for bomb in [row("1048576", one), row(" &#49;048576 ", one), row("many", one), row("1000", many)] {
            assert_eq!(sheet(&bomb), Err(Refusal::TooManyPages), "{bomb}");
        }
    }

    #[test]
    fn more_paragraphs_than_the_pages_hold_are_refused() {
        let text = |count: usize| format!("<a>{}</a>", "<w:p/>".repeat(count)).into_bytes();
        assert_eq!(verdict(&[("word/document.xml", &text(500))]), Ok(Format::Docx));
        assert_eq!(verdict(&[("word/document.xml", &text(501))]), Err(Refusal::TooManyPages));
    }

    #[test]
    fn pages_that_are_asked_for_outright_count_one_each() {
        let style = "<s:style s:name='b'><s:paragraph-properties fo:break-before='page'/></s:style>";
        for (piece, is_refused) in [
            ("<w:p><w:br w:type='page'/></w:p>", true),
            ("<w:pPr><w:pageBreakBefore/></w:pPr>", true),
            ("<t:p t:style-name='b'>x</t:p>", true),
            ("<t:p t:style-name='c'>x</t:p><w:br/>", false),
        ] {
            let content = format!("<a>{style}{}</a>", piece.repeat(2));
            let expected = if is_refused { Err(Refusal::TooManyPages) } else { Ok(Format::Docx) };
            assert_eq!(verdict(&[("word/document.xml", content.as_bytes())]), expected, "{piece}");
        }
    }

    #[test]
    fn names_of_parts_that_lead_outside_are_refused_wherever_they_would_be_unpacked() {
        for name in ["/etc/x", "\\x", "c:/x", "a/../../x", "a\\..\\x", "..", "a\0b"] {
            assert!(points_outside(name), "{name:?}");
        }
        for name in ["word/document.xml", "a..b/c", "[content_types].xml", "été.xml", "a:b"] {
            assert_eq!(points_outside(name), name == "a:b", "{name:?}");
        }
    }
}
