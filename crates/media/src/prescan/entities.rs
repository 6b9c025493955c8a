//! Declared entities (XML 1.0 §4.2) in markup as it passes. A short text in place of a name is what drawing programs write;
//! one that holds others, or stands for a file, is how a few bytes become gigabytes, or somebody else's.

use super::Objection;
use crate::Refusal;

const MARK: &[u8] = b"<!ENTITY";

/// Bytes of one declaration at most: what is declared is an address.
const LONGEST: usize = 1024;

/// Looks at markup in pieces.
#[derive(Debug, Default)]
pub(super) struct Entities {
    /// What has passed and may be the beginning of a declaration.
    open: Vec<u8>,
    /// Bytes of the longest declaration.
    longest: u64,
    /// Names that may stand for one.
    references: u64,
    is_dangerous: bool,
}

impl Entities {
    /// Sees the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.references += bytes.iter().filter(|byte| **byte == b'&').count() as u64;
        self.open.extend(bytes);
        let mut at = 0;
        while let Some(found) = find(self.open.get(at..).unwrap_or_default()) {
            let rest = self.open.get(at + found + MARK.len()..).unwrap_or_default();
            let rest = rest.get(..LONGEST).unwrap_or(rest);
            match value_of(rest) {
                Declared::Text(length) => {
                    self.longest = self.longest.max(length as u64);
                    at += found + MARK.len() + length;
                }
                Declared::Unfinished if rest.len() < LONGEST => {
                    self.open.drain(..at + found);
                    return;
                }
                Declared::Unfinished | Declared::Dangerous => {
                    self.is_dangerous = true;
                    at += found + MARK.len();
                }
            }
        }
        let kept = (self.open.len() - at).min(MARK.len() - 1);
        self.open.drain(..self.open.len() - kept);
    }

    /// # Errors
    /// When one is dangerous, or `bytes` of markup with every name replaced are more than `most`.
    pub(super) fn refuse_growth(&self, bytes: u64, most: u64) -> Result<(), Objection> {
        let grown = bytes.saturating_add(self.references.saturating_mul(self.longest));
        // What is still open at the end was never finished.
        if self.is_dangerous || find(&self.open).is_some() || (self.longest > 0 && grown > most) {
            return Err(Objection::new(Refusal::TooComplex, "entities"));
        }
        Ok(())
    }
}

enum Declared {
    /// Nothing but text; how many bytes there are of the declaration.
    Text(usize),
    /// Its end is not there yet.
    Unfinished,
    /// It holds markup or other entities, stands for a file, or cannot be read.
    Dangerous,
}

/// What follows the mark: a name, and its text between quotes.
fn value_of(rest: &[u8]) -> Declared {
    let Some(start) = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'>')) else {
        return Declared::Unfinished;
    };
    let (before, quoted) = rest.split_at(start);
    let words = before.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let Some((quote, value)) = quoted.split_first().filter(|(quote, _)| **quote != b'>' && words == 1) else {
        return Declared::Dangerous;
    };
    let Some(end) = value.iter().position(|byte| byte == quote) else { return Declared::Unfinished };
    let is_plain = !value.iter().take(end).any(|byte| matches!(byte, b'&' | b'%' | b'<'));
    if is_plain { Declared::Text(start + end + 2) } else { Declared::Dangerous }
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict is the same whatever pieces the markup arrives in.
    fn is_refused(markup: &str) -> bool {
        let verdicts = [1, 7, 8, 9, 1000, 100_000].map(|size| {
            let mut entities = Entities::default();
            markup.as_bytes().chunks(size).for_each(|piece| entities.take(piece));
            entities.refuse_growth(markup.len() as u64, 100_000).is_err()
        });
        assert_eq!(verdicts, [verdicts[0]; 6], "{markup}");
        verdicts[0]
    }

    #[test]
    fn the_addresses_a_drawing_program_names_are_harmless() {
        let drawing = "<!DOCTYPE svg [\n\t<!ENTITY ns_extend \"http://ns.adobe.com/Extensibility/1.0/\">\n\t<!ENTITY ns_ai \
            'http://ns.adobe.com/AdobeIllustrator/10.0/'>\n]>\n<svg xmlns:x=\"&ns_extend;\" xmlns:i=\"&ns_ai;\"/>";
        assert!(!is_refused(drawing));
        assert!(!is_refused(&format!("{}{drawing}", " ".repeat(8185))));
    }

    #[test]
    fn what_grows_or_reaches_out_is_refused() {
        let long = "a".repeat(2000);
        let often = "&b;".repeat(10_000);
        for declared in [
            "<!ENTITY b '&a;&a;'>".to_owned(),
            "<!ENTITY b '&#38;a;'>".to_owned(),
            "<!ENTITY b '<p/><p/>'>".to_owned(),
            "<!ENTITY % b 'a'>".to_owned(),
            "<!ENTITY b SYSTEM 'file:///etc/passwd'>".to_owned(),
            "<!ENTITY b PUBLIC 'a' 'http://127.0.0.1/'>".to_owned(),
            "<!ENTITY b>".to_owned(),
            "<!ENTITY b 'never ended".to_owned(),
            "<!ENTITY b".to_owned(),
            format!("<!ENTITY b '{long}'>"),
            format!("<!ENTITY b 'aaaaaaaaaa'>{often}"),
        ] {
            assert!(is_refused(&declared), "{declared}");
        }
    }
}
