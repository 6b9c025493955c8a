//! Text: plain, Markdown and separated values are documents; playlists, manifests and markup are refused, because
//! some reader downstream would follow what they point at.

use super::{Format, Sniffed, table};
use crate::Refusal;

/// A text document or the refusal it deserves; nothing when the bytes are not text.
pub(super) fn text(head: &[u8]) -> Option<Result<Sniffed, Refusal>> {
    let decoded = decode(head)?;
    let start = decoded.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if start.is_empty() {
        return Some(Err(Refusal::Empty));
    }
    if let Some(refusal) = pointer_or_markup(start) {
        return Some(Err(refusal));
    }
    let format = if table::is_table(start) { Format::Csv } else { Format::Text };
    Some(Ok(Sniffed::sure(format)))
}

/// Enough of the text to judge it. Any 8-bit encoding is taken for Latin here: only ASCII matters for the verdict.
fn decode(head: &[u8]) -> Option<String> {
    if let Some(rest) = head.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = head.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes);
    }
    match utf16_without_mark(head) {
        Some(ByteOrder::LittleEndian) => return utf16(head, u16::from_le_bytes),
        Some(ByteOrder::BigEndian) => return utf16(head, u16::from_be_bytes),
        None => {}
    }
    // Old programs end a text with Ctrl-Z.
    let head = head.strip_suffix(b"\x1A").unwrap_or(head);
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B | 0x20..=0x7E | 0x80..);
    if !head.iter().all(printable) {
        return None;
    }
    match std::str::from_utf8(head) {
        Ok(text) => Some(text.to_owned()),
        // A character cut by the end of the head, not a fault of the text.
        Err(error) if error.error_len().is_none() => {
            Some(String::from_utf8_lossy(head.get(..error.valid_up_to())?).into_owned())
        }
        // Compressed data is mostly high bytes; Western prose has few, Cyrillic or Greek prose has runs of letters.
        Err(_) => is_eight_bit_prose(head).then(|| head.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// Which byte of a pair comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// The lower one.
    LittleEndian,
    /// The higher one.
    BigEndian,
}

/// The order of a text in UTF-16 that does not begin with its mark: Latin letters have a zero beside each, always on the
/// same side.
#[must_use]
pub fn utf16_without_mark(head: &[u8]) -> Option<ByteOrder> {
    let pairs = head.chunks_exact(2).take(1024);
    let count = pairs.len();
    let zeros = |place: usize| pairs.clone().filter(|pair| pair.get(place) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    if count > 1 && second * 2 > count && first == 0 {
        Some(ByteOrder::LittleEndian)
    } else if count > 1 && first * 2 > count && second == 0 {
        Some(ByteOrder::BigEndian)
    } else {
        None
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let odd =
        text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace()));
    (odd.count() <= 1).then_some(text)
}

fn is_eight_bit_prose(head: &[u8]) -> bool {
    // Where other encodings have control characters, old Macintosh texts have their accents, each among ASCII letters.
    let is_high = |byte: u8| byte >= 0x80;
    let is_crowded =
        |pair: &[u8]| pair.iter().all(|byte| is_high(*byte)) && pair.iter().any(|byte| *byte < 0xA0);
    let controls = head.windows(2).filter(|pair| is_crowded(pair)).count();
    let spaces = head.iter().filter(|byte| byte.is_ascii_whitespace()).count();
    controls * 10 <= head.len() && spaces * 40 >= head.len().saturating_sub(40)
}

fn pointer_or_markup(start: &str) -> Option<Refusal> {
    let beginning: String = start.chars().take(4096).collect::<String>().to_ascii_lowercase();
    const POINTERS: [&str; 8] =
        ["#extm3u", "ffconcat", "[playlist]", "<mpd", "[reference]", "<asx", "<smil", "<?wpl"];
    if POINTERS.iter().any(|mark| beginning.starts_with(mark)) || is_pointer_inside(&beginning) {
        return Some(Refusal::ExternalContent);
    }
    // HTML, SVG, flat OpenDocument, XML of any kind: nothing promised, and readers of it follow links.
    let markup = beginning.starts_with('<') && !beginning.starts_with("< ");
    (markup || beginning.contains("<html") || beginning.contains("<script") || beginning.contains("<svg"))
        .then_some(Refusal::UnsupportedFormat)
}

fn is_pointer_inside(beginning: &str) -> bool {
    let session = beginning.starts_with("v=0") && beginning.contains("\no=");
    let cue_sheet = beginning.contains("file \"") && beginning.contains("\n  track ");
    let manifest = beginning.starts_with('<') && (beginning.contains("<mpd") || beginning.contains("<smil"));
    session || cue_sheet || manifest
}
