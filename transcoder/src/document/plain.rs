//! Plain texts and tables: brought to UTF-8, and tables into a spreadsheet of ours, before LibreOffice reads them, so
//! that it need not guess.

use super::office::{self, Import};
use super::table;
use crate::error::{Error, Result};
use crate::original::Original;
use balado_media::{Format, Refusal, encoding};
use std::io::Read;

/// More bytes than this per allowed page cannot be a document within the limit.
const BYTES_PER_PAGE: u64 = 8192;

/// More lines than this per allowed page, or more rows of a table, which is shrunk to the width of its page.
const LINES_PER_PAGE: usize = 100;
const ROWS_PER_PAGE: usize = 500;

/// Writes what LibreOffice is to read into the scratch folder.
pub(super) fn prepare(original: &Original, format: Format, pages: u32) -> Result<Import> {
    let limit = u64::from(pages) * BYTES_PER_PAGE;
    let mut bytes = Vec::new();
    original.reader()?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Error::refused(Refusal::TooManyPages, format!("more than {limit} bytes of text")));
    }
    let text = encoding::decode(&bytes);
    // Word begins a line within a paragraph with a vertical tab.
    let text = text
        .trim_start_matches('\u{FEFF}')
        .replace("\r\n", "\n")
        .replace(['\r', '\u{B}'], "\n")
        .replace('\0', "");
    let pages = usize::try_from(pages).unwrap_or(usize::MAX);
    let (most, form_feeds) = match format {
        Format::Csv => (ROWS_PER_PAGE.saturating_mul(pages), 0),
        _ => (LINES_PER_PAGE.saturating_mul(pages), text.matches('\u{C}').count()),
    };
    if text.lines().count() > most || form_feeds > pages {
        return Err(Error::refused(Refusal::TooManyPages, format!("more than {most} lines")));
    }
    if format == Format::Csv {
        let import = office::import(Format::Ods)?;
        table::write(&text, &import.path())?;
        return Ok(import);
    }
    let import = office::import(Format::Text)?;
    std::fs::write(import.path(), format!("\u{FEFF}{text}"))?;
    Ok(import)
}
