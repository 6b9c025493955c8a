//! What a file is, by its content: the first [`SNIFF_BYTES`] bytes against our own table. Names and declared types
//! are never asked, and no parser of outside bytes runs here that could allocate or recurse.
//!
//! For `app`, at the end of an upload, and for `transcoder`, before any decoder is chosen. Containers that hold sound
//! or video alike are a guess here; the transcoder, which sees the tracks, has the last word.

mod animation;
mod boxes;
mod container;
mod following;
mod foreign;
mod format;
mod frames;
mod package;
mod table;
mod text;

pub use animation::{GifImages, gif_images};
pub use boxes::BoxWalk;
pub use following::can_be_followed;
pub use format::Format;
pub use frames::{behind_tag, sound_behind_lying_tag};

use crate::Refusal;
use balado_domain::deposit::Family;

/// How much of a file is looked at.
pub const SNIFF_BYTES: usize = 64 * 1024;

/// What a file seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sniffed {
    /// Sound, video, picture or document.
    pub family: Family,
    /// From our own table; what the file would be served as.
    pub media_type: &'static str,
    /// The container or document type.
    pub format: Format,
    /// Whether only the transcoder can tell the family (or the kind of document) for sure.
    pub guess: bool,
}

impl Sniffed {
    fn sure(format: Format) -> Self {
        let family = format.usual_family();
        Self { family, media_type: format.media_type(family), format, guess: false }
    }

    fn guess(format: Format, family: Family) -> Self {
        Self { family, media_type: format.media_type(family), format, guess: true }
    }

    /// What the file is served as once its family is known for sure.
    #[must_use]
    pub fn media_type_of(&self, family: Family) -> &'static str {
        match (self.media_type, family) {
            ("audio/x-matroska" | "video/x-matroska", Family::Audio) => "audio/x-matroska",
            ("audio/x-matroska" | "video/x-matroska", _) => "video/x-matroska",
            _ => self.format.media_type(family),
        }
    }
}

/// What the file seems to be, or nothing when it would be refused. `head` is the beginning of the file.
#[must_use]
pub fn sniff(head: &[u8]) -> Option<Sniffed> {
    examine(head).ok()
}

/// What the file seems to be. `head` is the beginning of the file; more than [`SNIFF_BYTES`] is not looked at.
///
/// # Errors
/// The [`Refusal`] the file deserves when its content is not one of the accepted formats.
pub fn examine(head: &[u8]) -> Result<Sniffed, Refusal> {
    let head = head.get(..SNIFF_BYTES).unwrap_or(head);
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    if let Some(refusal) = foreign::foreign(head) {
        return Err(refusal);
    }
    if let Some(verdict) = picture(head) {
        return verdict;
    }
    if let Some(verdict) = package::package(head) {
        return verdict;
    }
    if let Some(found) = container::container(head) {
        return Ok(found);
    }
    if let Some(verdict) = text::text(head) {
        return verdict;
    }
    if let Some(found) = frames::bare_frames(head) {
        return Ok(found);
    }
    match find(head.get(..1024 + 5).unwrap_or(head), b"%PDF-") {
        Some(_) => Ok(Sniffed::sure(Format::Pdf)),
        None => Err(Refusal::UnknownType),
    }
}

fn picture(head: &[u8]) -> Option<Result<Sniffed, Refusal>> {
    let format = if head.starts_with(b"\xFF\xD8\xFF") {
        Format::Jpeg
    } else if head.starts_with(b"\x89PNG\r\n\x1A\n") {
        Format::Png
    } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        return Some(Ok(gif(head)));
    } else if head.starts_with(b"RIFF") && slice(head, 8, 4) == b"WEBP" {
        Format::Webp
    } else if head.starts_with(b"II*\0") || head.starts_with(b"MM\0*") {
        // Canon's raw files are TIFF with a mark of their own; no decoder of ours reads them.
        if slice(head, 8, 2) == b"CR" {
            return Some(Err(Refusal::UnsupportedFormat));
        }
        Format::Tiff
    } else if head.starts_with(b"BM") && is_bitmap_header(head) {
        Format::Bmp
    } else {
        return None;
    };
    Some(Ok(Sniffed::sure(format)))
}

/// Several images are a film; when the first fills the head, only the transcoder sees whether it is alone.
fn gif(head: &[u8]) -> Sniffed {
    match gif_images(head) {
        GifImages::One => Sniffed::sure(Format::Gif),
        GifImages::Several => Sniffed { family: Family::Video, ..Sniffed::sure(Format::Gif) },
        GifImages::Unknown { repeats: true } => Sniffed::guess(Format::Gif, Family::Video),
        GifImages::Unknown { repeats: false } => Sniffed::guess(Format::Gif, Family::Image),
    }
}

/// The sizes the format's second header may have, and a pixel offset inside reason: "BM" alone starts many texts.
fn is_bitmap_header(head: &[u8]) -> bool {
    let header = little_u32(head, 14);
    let pixels = little_u32(head, 10);
    matches!(header, Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
        && pixels.is_some_and(|p| (26..4096).contains(&p))
}

/// `count` bytes at `start`, fewer or none past the end.
fn slice(bytes: &[u8], start: usize, count: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or(&[]);
    rest.get(..count).unwrap_or(rest)
}

fn little_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn little_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn big_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// First place of `needle` in `haystack`.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests;
