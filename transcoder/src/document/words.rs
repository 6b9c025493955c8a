//! The words of a document, for search: taken from its PDF in reading order, in one normal form, without control
//! characters.

use super::pdf::PDF_TO_TEXT;
use crate::converter::run;
use crate::error::{Error, Result};
use crate::output;
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use std::fs::File;
use std::io::Read;
use unicode_normalization::UnicodeNormalization;

/// Writes the text of a PDF of the scratch folder as the output. Whether there is any: a scanned page has none.
pub(super) fn extract(session: &Session, pdf: &str, most_bytes: u32) -> Result<bool> {
    const RAW: &str = "document-words.txt";
    let ending = run(session, &PDF_TO_TEXT, &["-enc", "UTF-8", "-eol", "unix", "-nopgbrk", pdf, RAW])?;
    if !ending.is_success() {
        return Err(Error::Fault(format!("pdftotext: {}", ending.stderr)));
    }
    // Twice as much as may stay: tidying shortens, and normalising may lengthen a little.
    let mut raw = Vec::new();
    File::open(RAW)?.take(u64::from(most_bytes) * 2).read_to_end(&mut raw)?;
    let text = tidy(&String::from_utf8_lossy(&raw), most_bytes as usize);
    if text.is_empty() {
        return Ok(false);
    }
    std::fs::write(output::file_name(RenditionKind::Text), text)?;
    Ok(true)
}

/// One normal form (NFC), ligatures of the typesetter as letters, no control character, no soft hyphen, lines without
/// space around them, at most one empty line in a row; at most `most_bytes` bytes.
fn tidy(raw: &str, most_bytes: usize) -> String {
    let mut text = String::with_capacity(raw.len().min(most_bytes));
    let mut empty_lines = 0;
    for line in raw.lines() {
        let line: String = line.chars().filter(|c| is_wanted(*c)).flat_map(letters_of).nfc().collect();
        let line = line.trim();
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        let gap = if text.is_empty() {
            ""
        } else if empty_lines > 0 {
            "\n\n"
        } else {
            "\n"
        };
        empty_lines = 0;
        if text.len() + gap.len() + line.len() > most_bytes {
            break;
        }
        text.push_str(gap);
        text.push_str(line);
    }
    text
}

/// Soft hyphens, joiners and marks of direction hide words from a search; control characters are nobody's words.
fn is_wanted(character: char) -> bool {
    character == '\t'
        || !(character.is_control()
            || matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'))
}

/// The letters a ligature stands for (Unicode's alphabetic presentation forms), else the character itself.
fn letters_of(character: char) -> impl Iterator<Item = char> {
    let is_ligature = ('\u{FB00}'..='\u{FB06}').contains(&character);
    let (one, many) = if is_ligature { (None, Some(character)) } else { (Some(character), None) };
    one.into_iter().chain(many.into_iter().nfkc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_normal_and_without_what_a_search_would_stumble_over() {
        let raw = "  E\u{301}le\u{300}ve \u{7} na\u{AD}ïf\u{200B} \n\n\n\ne\u{FB03}cace\u{c}\n";
        assert_eq!(tidy(raw, 1000), "Élève  naïf\n\nefficace");
    }

    #[test]
    fn text_ends_at_a_line_within_its_limit() {
        assert_eq!(tidy("été\nhiver\n", 9), "été");
        assert_eq!(tidy("été\nhiver\n", 11), "été\nhiver");
        assert_eq!(tidy(" \n\u{c}\n", 9), "");
    }
}
