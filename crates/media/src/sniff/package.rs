//! Office documents: ZIP packages by the names of their parts, compound files by their directory. Only local headers
//! and one directory sector are read; the transcoder reads the rest inside its box.

use super::{Format, Sniffed, find, little_u16, little_u32, slice};
use crate::Refusal;
use balado_domain::deposit::Family;

/// The document, when `head` starts like a package of any kind.
pub(super) fn package(head: &[u8]) -> Option<Result<Sniffed, Refusal>> {
    if head.starts_with(b"PK\x03\x04") {
        return Some(zip(head));
    }
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Some(compound_file(head));
    }
    if head.starts_with(b"%PDF-") {
        return Some(Ok(Sniffed::sure(Format::Pdf)));
    }
    head.starts_with(b"{\\rtf").then(|| Ok(Sniffed::sure(Format::Rtf)))
}

fn zip(head: &[u8]) -> Result<Sniffed, Refusal> {
    if let Some(kind) = open_document(head) {
        return kind;
    }
    let mut office = false;
    for name in local_names(head) {
        if name.starts_with(b"word/") {
            return Ok(Sniffed::sure(Format::Docx));
        } else if name.starts_with(b"ppt/") {
            return Ok(Sniffed::sure(Format::Pptx));
        } else if name.starts_with(b"xl/") {
            return Ok(Sniffed::sure(Format::Xlsx));
        }
        // What else an Office package may begin with: its parts come in any order.
        office |= name == b"[Content_Types].xml"
            || [b"_rels/".as_slice(), b"docProps/", b"customXml/"].iter().any(|part| name.starts_with(part));
    }
    if office { Ok(Sniffed::guess(Format::Ooxml, Family::Document)) } else { Err(Refusal::UnsupportedFormat) }
}

/// OpenDocument stores its type, uncompressed, as the first entry (ODF 1.2 part 3, §3.3).
fn open_document(head: &[u8]) -> Option<Result<Sniffed, Refusal>> {
    if slice(head, 30, 8) != b"mimetype" || little_u16(head, 26) != Some(8) {
        return None;
    }
    let extra = usize::from(little_u16(head, 28)?);
    let size = usize::try_from(little_u32(head, 18)?).ok()?.min(128);
    // A size of 0 means it follows the data: then the type ends where the next signature begins.
    let kind = match size {
        0 => {
            let rest = slice(head, 38 + extra, 128);
            rest.get(..find(rest, b"PK").unwrap_or(rest.len()))?
        }
        size => slice(head, 38 + extra, size),
    };
    let format = match kind {
        b"application/vnd.oasis.opendocument.text" => Format::Odt,
        b"application/vnd.oasis.opendocument.presentation" => Format::Odp,
        b"application/vnd.oasis.opendocument.spreadsheet" => Format::Ods,
        _ => return Some(Err(Refusal::UnsupportedFormat)),
    };
    Some(Ok(Sniffed::sure(format)))
}

/// Names in the local headers of the head. Signatures are searched, as sizes may be absent from local headers.
fn local_names(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04").filter_map(|(at, _)| {
        let length = usize::from(little_u16(head, at + 26)?);
        (1..=512).contains(&length).then(|| slice(head, at + 30, length))
    })
}

/// [MS-CFB] §2.6: entries of 128 bytes, names in UTF-16.
fn compound_file(head: &[u8]) -> Result<Sniffed, Refusal> {
    let unknown = Ok(Sniffed::guess(Format::CompoundFile, Family::Document));
    let (Some(shift), Some(first)) = (little_u16(head, 30), little_u32(head, 48)) else { return unknown };
    if !matches!(shift, 9 | 12) {
        return Err(Refusal::Damaged);
    }
    let size = 1_usize << shift;
    let Some(start) = usize::try_from(first).ok().and_then(|n| n.checked_add(1)?.checked_mul(size)) else {
        return Err(Refusal::Damaged);
    };
    let names = slice(head, start, size).chunks_exact(128).map(entry_name);
    for name in names {
        match name.as_str() {
            "WordDocument" => return Ok(Sniffed::sure(Format::Doc)),
            "PowerPoint Document" => return Ok(Sniffed::sure(Format::Ppt)),
            "Workbook" | "Book" => return Ok(Sniffed::sure(Format::Xls)),
            "EncryptedPackage" | "EncryptionInfo" => return Err(Refusal::PasswordProtected),
            _ => {}
        }
    }
    unknown
}

fn entry_name(entry: &[u8]) -> String {
    let length = usize::from(little_u16(entry, 64).unwrap_or(0)).clamp(2, 64) - 2;
    let units = slice(entry, 0, length).chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
