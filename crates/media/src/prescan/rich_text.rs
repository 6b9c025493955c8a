//! Rich text (RTF 1.9.1): its paragraphs, rows and pages are counted before LibreOffice lays them out.

use super::Objection;
use super::paper::PARAGRAPHS_PER_PAGE;
use crate::Refusal;
use std::io::{BufRead, BufReader, Read};

/// The control words that end a line, a cell or a row.
const ENDS: [&[u8]; 6] = [b"par", b"line", b"cell", b"nestcell", b"row", b"nestrow"];

/// Those that end a page.
const PAGE_ENDS: [&[u8]; 2] = [b"page", b"sect"];

/// # Errors
/// When there are more of them than a document of that many pages holds, or it cannot be read.
pub fn inspect_rich_text(source: impl Read, pages: u32) -> Result<(), Objection> {
    // Longer than any name that counts.
    const NAME_BYTES: u64 = 16;
    let most = u64::from(pages).saturating_mul(PARAGRAPHS_PER_PAGE);
    let mut source = BufReader::new(source);
    let (mut word, mut count, mut breaks) = (Vec::new(), 0_u64, 0_u64);
    loop {
        word.clear();
        let damaged = |error: std::io::Error| Objection::new(Refusal::Damaged, format!("rich text: {error}"));
        if source.by_ref().take(NAME_BYTES).read_until(b'\\', &mut word).map_err(damaged)? == 0 {
            return Ok(());
        }
        // Whatever precedes the next backslash is text, or a picture in letters: of any length.
        if word.last() != Some(&b'\\') {
            source.skip_until(b'\\').map_err(damaged)?;
        }
        let length = word.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(word.len());
        let name = word.get(..length).unwrap_or(&[]);
        count += u64::from(ENDS.contains(&name));
        breaks += u64::from(PAGE_ENDS.contains(&name));
        if count > most || breaks > u64::from(pages) {
            return Err(Objection::new(
                Refusal::TooManyPages,
                format!("{count} paragraphs, {breaks} pages begun"),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_pages_count_and_their_properties_do_not() {
        let text = |word: &str| format!("{{\\rtf1\\ansi {}}}", word.repeat(501));
        for (word, is_refused) in [("x\\par ", true), ("\\page", true), ("\\pard ", false), ("x ", false)] {
            let verdict = inspect_rich_text(text(word).as_bytes(), 1);
            assert_eq!(verdict.is_err(), is_refused, "{word}");
        }
        assert!(inspect_rich_text(text("x\\par ").as_bytes(), 2).is_ok());
        assert!(inspect_rich_text(text("\\page").as_bytes(), 500).is_err());
        assert!(inspect_rich_text(text("\\page").as_bytes(), 501).is_ok());
    }
}
