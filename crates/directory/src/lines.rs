//! Splits a file into physical lines and cells, within caps, whatever its encoding. What cells mean is `header`'s and
//! `cells`'.
//!
//! A cell never runs over a line break, so a stray quote spoils one line and not the rest of the file.

use crate::error::{Error, MAX_BYTES, MAX_LINES};
use encoding_rs::WINDOWS_1252;
use std::io::{BufRead, BufReader, Read};

/// Bytes a line may have without its end.
pub(crate) const MAX_LINE_BYTES: usize = 16 * 1024;

/// A line as read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its text.
    Text(String),
    /// Longer than [`MAX_LINE_BYTES`]; passed over.
    TooLong,
    /// The file says that it is UTF-8, and this line is not.
    NotUtf8,
}

/// Reads the lines of a file one after the other.
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    number: u64,
    bytes: u64,
    says_utf8: bool,
}

impl<R: Read> Lines<R> {
    /// Looks at the first bytes to find what the file is.
    pub(crate) fn new(input: R) -> Result<Self, Error> {
        let mut lines = Self { input: BufReader::new(input), number: 0, bytes: 0, says_utf8: false };
        let start = lines.input.fill_buf()?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) || start.contains(&0) {
            return Err(Error::NotCsv);
        }
        if start.starts_with(b"PK\x03\x04") || start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(Error::NotCsv);
        }
        Ok(lines)
    }

    /// Number of the line last read, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The next line, or nothing at the end.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line>, Error> {
        let mut line = Vec::new();
        let too_long = self.read_bytes(&mut line)?;
        if line.is_empty() && !too_long {
            return Ok(None);
        }
        self.number += 1;
        if self.number > MAX_LINES {
            return Err(Error::TooLarge);
        }
        if too_long {
            return Ok(Some(Line::TooLong));
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        if self.number == 1 && line.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.says_utf8 = true;
            line.drain(..3);
        }
        Ok(Some(self.decode(line)))
    }

    /// Reads up to and with the end of the line; says whether the line was too long to keep.
    fn read_bytes(&mut self, line: &mut Vec<u8>) -> Result<bool, Error> {
        let mut too_long = false;
        loop {
            let available = self.input.fill_buf()?;
            let end = available.iter().position(|b| *b == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(available.len());
            if line.len() + taken > MAX_LINE_BYTES + 2 {
                too_long = true;
                line.clear();
            }
            if !too_long {
                line.extend(available.iter().take(taken));
            }
            self.input.consume(taken);
            self.bytes += taken as u64;
            if self.bytes > MAX_BYTES {
                return Err(Error::TooLarge);
            }
            if end.is_some() || taken == 0 {
                return Ok(too_long);
            }
        }
    }

    /// A file that does not say what it is may be either; a line with accents in Windows-1252 is almost never UTF-8.
    fn decode(&self, line: Vec<u8>) -> Line {
        match String::from_utf8(line) {
            Ok(text) => Line::Text(text),
            Err(_) if self.says_utf8 => Line::NotUtf8,
            Err(error) => {
                Line::Text(WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned())
            }
        }
    }
}

/// Splits lines into cells. Making one is dear, using it is cheap.
pub(crate) struct Splitter {
    reader: csv_core::Reader,
}

impl Splitter {
    /// For a file with that delimiter.
    pub(crate) fn new(delimiter: u8) -> Self {
        Self { reader: csv_core::ReaderBuilder::new().delimiter(delimiter).build() }
    }

    /// The cells of one line, trimmed; nothing when a quote is left open.
    pub(crate) fn cells(&mut self, line: &str) -> Option<Vec<String>> {
        if line.trim().is_empty() {
            return Some(Vec::new());
        }
        let ended = format!("{line}\n");
        let mut text = vec![0; ended.len()];
        let mut ends = vec![0; ended.len()];
        self.reader.reset();
        let (result, _, _, count) = self.reader.read_record(ended.as_bytes(), &mut text, &mut ends);
        // An open quote swallows the line's end, and the record goes on.
        if !matches!(result, csv_core::ReadRecordResult::Record) {
            return None;
        }
        let mut from = 0;
        let cells = ends.iter().take(count).map(|&end| {
            let cell = text.get(from..end).unwrap_or_default();
            from = end;
            String::from_utf8_lossy(cell).trim().to_owned()
        });
        Some(cells.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines, MAX_LINE_BYTES, Splitter};

    fn all(bytes: &[u8]) -> Vec<Line> {
        let mut lines = Lines::new(bytes).unwrap();
        std::iter::from_fn(|| lines.next_line().unwrap()).collect()
    }

    fn text(line: &str) -> Line {
        Line::Text(line.to_owned())
    }

    #[test]
    fn both_line_ends_and_both_encodings_are_read() {
        assert_eq!(all(b"a\r\nb\n\nc"), [text("a"), text("b"), text(""), text("c")]);
        assert_eq!(all("\u{feff}é\nœ".as_bytes()), [text("é"), text("œ")]);
        assert_eq!(all(b"Zo\xe9\nc\x9cur \x80"), [text("Zoé"), text("cœur €")]);
        assert_eq!(all(b"\xef\xbb\xbfa\nZo\xe9"), [text("a"), Line::NotUtf8]);
    }

    #[test]
    fn a_line_too_long_is_passed_over_and_the_next_is_read() {
        let mut file = vec![b'x'; 3 * MAX_LINE_BYTES];
        file.extend_from_slice(b"\nb\n");
        assert_eq!(all(&file), [Line::TooLong, text("b")]);
        assert_eq!(all(&vec![b'x'; MAX_LINE_BYTES]), [text(&"x".repeat(MAX_LINE_BYTES))]);
    }

    #[test]
    fn quotes_hold_delimiters_and_an_open_quote_is_seen() {
        let mut splitter = Splitter::new(b';');
        assert_eq!(splitter.cells(r#" a ;"b;c";"say ""oh""";"#).unwrap(), ["a", "b;c", r#"say "oh""#, ""]);
        assert_eq!(splitter.cells("a;\"b;c"), None);
        assert_eq!(splitter.cells("a;b\"c").unwrap(), ["a", "b\"c"], "the line before left nothing behind");
        assert_eq!(splitter.cells(" ").unwrap(), Vec::<String>::new());
        assert_eq!(splitter.cells(";").unwrap(), ["", ""]);
    }
}
