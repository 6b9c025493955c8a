//! Plain texts and tables: brought to UTF-8 before LibreOffice reads them, so that it need not guess.

use super::office::Import;
use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::{Format, Refusal};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::io::Read;

/// More bytes than this per allowed page cannot be a document within the limit.
const BYTES_PER_PAGE: u64 = 8192;

/// Writes the text, as UTF-8 with its mark, into the scratch folder.
pub(super) fn prepare(original: &Original, format: Format, pages: u32) -> Result<Import> {
    let limit = u64::from(pages) * BYTES_PER_PAGE;
    let mut bytes = Vec::new();
    original.reader()?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Error::refused(Refusal::TooManyPages, format!("more than {limit} bytes of text")));
    }
    let text = decode(&bytes);
    let import = if format == Format::Csv {
        let separator = separator_of(&text);
        // Separator, quote, UTF-8 (76), from the first line.
        let filter = format!("Text - txt - csv (StarCalc):{},34,76,1", u32::from(separator));
        Import { extension: "csv", filter, export: "calc_pdf_Export" }
    } else {
        Import {
            extension: "txt",
            filter: "Text (encoded):UTF8,LF,,,".to_owned(),
            export: "writer_pdf_Export",
        }
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    std::fs::write(import.path(), format!("\u{FEFF}{}", text.replace('\0', "")))?;
    Ok(import)
}

/// By its mark, else UTF-8 when it is valid, else the encoding of old Western European programs.
fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None => WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// The separator that stands most often in the first line; of equals the one of French spreadsheets.
fn separator_of(text: &str) -> char {
    let first = text.lines().next().unwrap_or("");
    ['\t', ',', ';'].into_iter().max_by_key(|separator| first.matches(*separator).count()).unwrap_or(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_encodings_give_the_same_text() {
        let utf16: Vec<u8> =
            [0xFEFF_u16].into_iter().chain("été".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in ["été".as_bytes(), "\u{FEFF}été".as_bytes(), b"\xE9t\xE9", &utf16] {
            assert_eq!(decode(bytes), "été");
        }
    }

    #[test]
    fn the_separator_is_the_one_of_the_first_line() {
        assert_eq!(separator_of("nom;note, sur 20\n1,2,3"), ';');
        assert_eq!(separator_of("a,b,c"), ',');
        assert_eq!(separator_of("a\tb"), '\t');
    }
}
