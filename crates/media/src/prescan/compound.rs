//! Compound files (Office before 2007), and Office packages with a password, which hide in one.

use super::Objection;
use crate::{Format, Refusal};
use cfb::CompoundFile;
use std::io::{Read, Seek};

/// The kind of document a compound file holds.
///
/// # Errors
/// When it is refused.
pub fn inspect_compound(source: impl Read + Seek) -> Result<Format, Objection> {
    let mut file = CompoundFile::open(source)
        .map_err(|error| Objection::new(Refusal::Damaged, format!("compound file: {error}")))?;
    let locked = || Objection::new(Refusal::PasswordProtected, "an encrypted document");
    if file.is_stream("/EncryptedPackage") || file.is_stream("/EncryptedSummary") {
        return Err(locked());
    }
    if file.is_stream("/WordDocument") {
        // [MS-DOC] 2.5.2: the bit fEncrypted of the file information block.
        let block = beginning(&mut file, "/WordDocument", 12);
        return if block.get(11).is_some_and(|flags| flags & 1 != 0) {
            Err(locked())
        } else {
            Ok(Format::Doc)
        };
    }
    if file.is_stream("/PowerPoint Document") {
        // [MS-PPT] 2.3.2: the header token of an encrypted document.
        let user = beginning(&mut file, "/Current User", 16);
        let encrypted = user.get(12..16) == Some(&[0xDF, 0xC4, 0xD1, 0xF3]);
        return if encrypted { Err(locked()) } else { Ok(Format::Ppt) };
    }
    for stream in ["/Workbook", "/Book"] {
        if file.is_stream(stream) {
            return if has_file_pass(&beginning(&mut file, stream, 4096)) {
                Err(locked())
            } else {
                Ok(Format::Xls)
            };
        }
    }
    Err(Objection::new(Refusal::UnsupportedFormat, "no document of an accepted type inside"))
}

fn beginning(file: &mut CompoundFile<impl Read + Seek>, stream: &str, count: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(stream) = file.open_stream(stream) {
        // What cannot be read is LibreOffice's to refuse.
        let _ = stream.take(count).read_to_end(&mut bytes);
    }
    bytes
}

/// [MS-XLS] 2.4.117: a FilePass record among the first ones, each a type and a length of two bytes before its data.
fn has_file_pass(stream: &[u8]) -> bool {
    const FILE_PASS: [u8; 2] = [0x2F, 0x00];
    let mut rest = stream;
    while let [a, b, c, d, tail @ ..] = rest {
        if [*a, *b] == FILE_PASS {
            return true;
        }
        rest = tail.get(usize::from(u16::from_le_bytes([*c, *d]))..).unwrap_or(&[]);
    }
    false
}
