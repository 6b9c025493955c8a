//! Walks the segments of a JPEG.

use crate::Error;

/// What a JPEG holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegFacts {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Whether it carries Exif, XMP, comments, a colour profile or any application segment but JFIF.
    pub has_metadata: bool,
    /// Whether it ends where the picture ends.
    pub ends_clean: bool,
}

/// Reads a JPEG that Balado made.
///
/// # Errors
/// When it is not a JPEG with a picture.
pub fn read_jpeg(bytes: &[u8]) -> Result<JpegFacts, Error> {
    let fault = |why: &str| Error::unreadable("JPEG", why);
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return Err(fault("no start"));
    }
    let mut at = 2;
    let mut has_metadata = false;
    while let Some([0xFF, marker, high, low]) =
        bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok())
    {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let body = bytes.get(at + 4..at + 2 + length.max(2)).ok_or_else(|| fault("cut"))?;
        match marker {
            0xE0 => has_metadata |= !body.starts_with(b"JFIF\0"),
            0xE1..=0xEF | 0xFE => has_metadata = true,
            0xC0..=0xC3 => {
                let [_, h1, h2, w1, w2] =
                    body.get(..5).and_then(|b| b.try_into().ok()).ok_or_else(|| fault("cut"))?;
                return Ok(JpegFacts {
                    width: u16::from_be_bytes([w1, w2]),
                    height: u16::from_be_bytes([h1, h2]),
                    has_metadata,
                    ends_clean: bytes.ends_with(&[0xFF, 0xD9]),
                });
            }
            _ => {}
        }
        at += 2 + length;
    }
    Err(fault("no picture"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_metadata_are_seen() {
        let frame = b"\xFF\xC0\0\x0B\x08\0\x10\0\x20\x01\x01\x11\0";
        let plain = [b"\xFF\xD8".as_slice(), b"\xFF\xE0\0\x07JFIF\0", frame, b"\xFF\xD9"].concat();
        let facts = read_jpeg(&plain).unwrap();
        assert_eq!((facts.width, facts.height, facts.has_metadata, facts.ends_clean), (32, 16, false, true));
        let exif = [b"\xFF\xD8".as_slice(), b"\xFF\xE1\0\x08Exif\0\0", frame, b"\xFF\xD9zip"].concat();
        let facts = read_jpeg(&exif).unwrap();
        assert_eq!((facts.has_metadata, facts.ends_clean), (true, false));
    }
}
