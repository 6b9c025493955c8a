//! Text: plain, Markdown and separated values are documents, in any usual encoding. Playlists and manifests are refused,
//! because some reader downstream would follow what they point at, and so are pages and drawings in markup, whose source
//! nobody wants to read.

use super::{Format, Sniffed, table};
use crate::{Refusal, encoding};

/// A text document or the refusal it deserves; nothing when the bytes are not text.
pub(super) fn text(head: &[u8]) -> Option<Result<Sniffed, Refusal>> {
    let decoded = decode(head)?;
    let start = decoded.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n', '\u{B}', '\u{C}']);
    if start.is_empty() {
        return Some(Err(Refusal::Empty));
    }
    if let Some(refusal) = pointer_or_markup(start) {
        return Some(Err(refusal));
    }
    let format = if table::is_table(start) { Format::Csv } else { Format::Text };
    Some(Ok(Sniffed::sure(format)))
}

/// Enough of the text to judge it.
fn decode(head: &[u8]) -> Option<String> {
    if encoding::is_utf16(head) {
        let text = encoding::decode(head);
        let is_odd = |c: &char| *c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
        return (text.chars().filter(is_odd).count() <= 1).then_some(text);
    }
    // Old programs end a text with Ctrl-Z.
    let head = head.strip_suffix(b"\x1A").unwrap_or(head);
    if !is_written(head) {
        return None;
    }
    let text = encoding::decode(head);
    let is_valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character cut by the end of the head, not a fault of the text.
        Err(error) => error.error_len().is_none(),
    };
    (is_valid || is_prose(&text)).then_some(text)
}

/// Whether none of the control characters is there that no text has: of any two hundred bytes of a binary file some are.
fn is_written(head: &[u8]) -> bool {
    let printable = |byte: &u8| matches!(byte, b'\t'..=b'\r' | 0x1B | 0x20..=0x7E | 0x80..);
    head.iter().all(printable)
}

/// Whether it reads like words of some language: next to nothing that cannot be read, and something between words where the
/// language has it: a space, or what stands between the fields of a table and the parts of an address.
fn is_prose(text: &str) -> bool {
    /// Cut off at the end of the head, or pasted in.
    const MOST_UNREADABLE: usize = 2;
    const PARTING: &str = ";,|/.-_@";
    let (mut letters, mut unreadable, mut beyond_ascii, mut east, mut spaces) =
        (0_usize, 0, 0_usize, 0_usize, 0_usize);
    let (mut lines, mut parted, mut swings, mut previous) = (0_usize, 0_usize, 0_usize, ' ');
    for character in text.chars() {
        letters += 1;
        beyond_ascii += usize::from(!character.is_ascii());
        east += usize::from(is_eastern(character));
        spaces += usize::from(character.is_ascii_whitespace());
        lines += usize::from(matches!(character, '\n' | '\r'));
        parted += usize::from(PARTING.contains(character));
        let is_code = character.is_control() && !character.is_ascii();
        unreadable += usize::from(character == char::REPLACEMENT_CHARACTER || is_code);
        // Words begin with a capital or are all capitals; noise read as letters goes up and down.
        swings += usize::from(character.is_uppercase() && previous.is_lowercase() && !character.is_ascii());
        previous = character;
    }
    if unreadable > MOST_UNREADABLE + beyond_ascii / 10 {
        return false;
    }
    // Chinese and Japanese are written without spaces.
    if east * 2 > beyond_ascii {
        return east * 20 >= beyond_ascii * 19;
    }
    let is_spaced = spaces * 40 >= letters.saturating_sub(40);
    // Tables and lists of addresses have no spaces, but lines.
    let is_listed = parted * 15 >= letters && lines * 400 >= letters;
    (is_spaced || is_listed) && swings * 20 <= letters + 40
}

/// Ideographs, kana and hangul, and the marks written with them.
fn is_eastern(character: char) -> bool {
    matches!(u32::from(character), 0x1100..=0x11FF | 0x2010..=0x203B | 0x3000..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF)
}

fn pointer_or_markup(start: &str) -> Option<Refusal> {
    const POINTERS: [&str; 5] = ["#extm3u", "ffconcat", "[playlist]", "[reference]", "<?wpl"];
    const LISTS: [&str; 4] = ["mpd", "smil", "asx", "playlist"];
    let beginning: String = start.chars().take(4096).collect::<String>().to_ascii_lowercase();
    let root = Root::of(&beginning);
    let session = beginning.starts_with("v=0") && beginning.contains("\no=");
    let cue_sheet = beginning.contains("file \"") && beginning.contains("\n  track ");
    if POINTERS.iter().any(|mark| beginning.starts_with(mark))
        || LISTS.contains(&root.name)
        || session
        || cue_sheet
    {
        return Some(Refusal::ExternalContent);
    }
    root.is_of_document().then_some(Refusal::UnsupportedFormat)
}

/// The first element of a text that begins as markup; without a name where it does not.
struct Root<'t> {
    /// Whether a declaration stands before it, or a type of document.
    is_declared: bool,
    name: &'t str,
    /// What stands between its brackets.
    inside: &'t str,
}

impl<'t> Root<'t> {
    /// Looks behind declarations and remarks. `text` is in small letters.
    fn of(mut text: &'t str) -> Self {
        let mut is_declared = false;
        loop {
            text = text.trim_start();
            let end = if text.starts_with("<!--") {
                "-->"
            } else if text.starts_with("<?") || text.starts_with("<!") {
                is_declared = true;
                ">"
            } else {
                break;
            };
            let Some((_, rest)) = text.split_once(end) else { break };
            text = rest;
        }
        let inside = text.strip_prefix('<').unwrap_or_default().split('>').next().unwrap_or_default();
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
        let name = inside.split(|c: char| !is_letter(c)).next().unwrap_or_default();
        Self { is_declared, name, inside }
    }

    /// Whether this is a page, a drawing or other markup as a whole. Texts may begin with an element too: Markdown does, to
    /// centre a title.
    fn is_of_document(&self) -> bool {
        const ROOTS: [&str; 7] = ["html", "head", "body", "script", "svg", "rss", "opml"];
        // An address may stand between such brackets as well.
        let is_of_namespace = self.name.contains(':') && self.inside.contains(char::is_whitespace);
        self.is_declared || is_of_namespace || ROOTS.contains(&self.name) || self.inside.contains("xmlns")
    }
}
