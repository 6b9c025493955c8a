//! The outermost boxes of an ISO media file (ISO/IEC 14496-12 §4.2), told one by one without reading what is in them.

use std::io::{Read, Result, Seek, SeekFrom};
use std::ops::Range;

/// One box.
#[derive(Debug, PartialEq, Eq)]
pub struct OuterBox {
    /// Its type.
    pub kind: [u8; 4],
    /// Where what it holds lies, by its own word: it may end beyond the file, or before it begins.
    pub content: Range<u64>,
}

/// The box that begins at `at` in a file of `size` bytes; nothing where the file has no room for one.
///
/// # Errors
/// When the file cannot be read.
pub fn box_at(source: &mut (impl Read + Seek), at: u64, size: u64) -> Result<Option<OuterBox>> {
    if at.saturating_add(8) > size {
        return Ok(None);
    }
    let mut header = [0_u8; 8];
    source.seek(SeekFrom::Start(at))?;
    source.read_exact(&mut header)?;
    let [a, b, c, d, kind @ ..] = header;
    let mut length = u64::from(u32::from_be_bytes([a, b, c, d]));
    let mut start = at.saturating_add(8);
    if length == 1 && at.saturating_add(16) <= size {
        let mut long = [0_u8; 8];
        source.read_exact(&mut long)?;
        length = u64::from_be_bytes(long);
        start = at.saturating_add(16);
    }
    // Zero means "to the end of the file".
    let end = if length == 0 { size } else { at.saturating_add(length) };
    Ok(Some(OuterBox { kind, content: start..end }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn lengths_are_short_long_or_to_the_end() {
        let read = |bytes: &[u8]| box_at(&mut Cursor::new(bytes), 0, bytes.len() as u64).unwrap();
        let found = |kind: &[u8; 4], content| Some(OuterBox { kind: *kind, content });
        assert_eq!(read(b"\0\0\0\x0Cmoov...."), found(b"moov", 8..12));
        assert_eq!(read(b"\0\0\0\x01mdat\0\0\0\0\0\0\x01\0"), found(b"mdat", 16..256));
        assert_eq!(read(b"\0\0\0\0meta.."), found(b"meta", 8..10));
        assert_eq!(read(b"\0\0\0\x04free").map(|one| one.content.end), Some(4));
        assert_eq!(read(b"\0\0\0\x08mo"), None);
    }
}
