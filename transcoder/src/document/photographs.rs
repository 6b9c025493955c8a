//! Blanks what the photographs inside a finished PDF tell of their place, their camera and their author: poppler and
//! LibreOffice put a JPEG into a PDF as it was, Exif included.
//!
//! In place and of the same length, so that nothing else in the PDF moves.

use crate::error::Result;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;

/// What such a segment of a JPEG begins with, after its marker and its length (Exif 2.32 §4.7.2, XMP part 3 §1.1.3, IPTC).
const KINDS: [(u8, &[u8]); 4] = [
    (0xE1, b"Exif\0"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0"),
    (0xED, b"Photoshop 3.0\0"),
];

/// Marker, length and the longest of the names above.
const LONGEST: usize = 64;

const PIECE_BYTES: usize = 1 << 20;

/// Fills every such segment of the file with zeros.
pub(super) fn blank(path: &str) -> Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut piece = vec![0_u8; PIECE_BYTES];
    let mut at = 0_u64;
    loop {
        let count = read_full(&file, &mut piece, at)?;
        let bytes = piece.get(..count).unwrap_or(&[]);
        for (start, length) in segments(bytes) {
            fill(&file, at + start as u64, length)?;
        }
        if count < PIECE_BYTES {
            return Ok(());
        }
        // A segment whose name the end of this piece cuts is found in the next.
        at += (PIECE_BYTES - LONGEST) as u64;
    }
}

/// Where the content of each segment begins, and its length.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let candidates = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0xFF);
    candidates.filter_map(|(at, _)| {
        let [marker, high, low] = *bytes.get(at + 1..at + 4)?.first_chunk()?;
        let content = bytes.get(at + 4..)?;
        let is_known = KINDS.iter().any(|(kind, name)| *kind == marker && content.starts_with(name));
        // The length counts its own two bytes.
        let length = usize::from(u16::from_be_bytes([high, low])).checked_sub(2)?;
        is_known.then_some((at + 4, length))
    })
}

fn fill(file: &File, at: u64, length: usize) -> Result<()> {
    let end = file.metadata()?.len();
    let length = (length as u64).min(end.saturating_sub(at));
    file.write_all_at(&vec![0; usize::try_from(length).unwrap_or(0)], at)?;
    Ok(())
}

fn read_full(file: &File, piece: &mut [u8], at: u64) -> Result<usize> {
    let mut filled = 0;
    while let Some(rest) = piece.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_blanked_wherever_they_lie_and_nothing_moves() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        for before in [0, PIECE_BYTES - 70, PIECE_BYTES - 8, PIECE_BYTES - 64, 2 * PIECE_BYTES] {
            let mut bytes = vec![b' '; before];
            bytes.extend(
                b"stream\n\xFF\xD8\xFF\xE1\0\x10Exif\0\0secret!!plain\xFF\xED\0\x14Photoshop 3.0\0Lou.end",
            );
            std::fs::write(&path, &bytes).unwrap();
            blank(path.to_str().unwrap()).unwrap();
            let blanked = std::fs::read(&path).unwrap();
            let mut tail = b"stream\n\xFF\xD8\xFF\xE1\0\x10".to_vec();
            tail.extend([[0; 14].as_slice(), b"plain\xFF\xED\0\x14", &[0; 18], b"end"].concat());
            assert_eq!(blanked.len(), bytes.len());
            assert_eq!(&blanked[before..], tail, "{before}");
        }
    }
}
