//! What decoders hold beside the picture they give, so that a picture that would take too much is refused before it does.
//! Measured with 100 Mpx of each kind.

use super::ImageFormat;
use std::io::{Read, Seek, SeekFrom};

/// Segments or chunks looked at before the picture begins.
const MOST_PARTS: usize = 4096;

/// Bytes per pixel that are held beside the decoded picture, in hundredths; nothing when the beginning cannot be read,
/// which the decoder will say better. Leaves the source at its start.
pub(super) fn beside_per_pixel(source: &mut (impl Read + Seek), format: ImageFormat) -> u64 {
    let found = match format {
        ImageFormat::Jpeg => progressive_coefficients(source),
        // Without transparency, what was stored without loss is decoded with it first.
        ImageFormat::WebP => is_lossless(source).map(|lossless| if lossless { 400 } else { 150 }),
        // All of it may be one strip, which is read whole.
        ImageFormat::Tiff => Some(300),
        _ => Some(0),
    };
    let _ = source.rewind();
    found.unwrap_or(0)
}

/// A progressive JPEG is complete only after its last scan: two bytes for each sample are kept until then.
fn progressive_coefficients(source: &mut (impl Read + Seek)) -> Option<u64> {
    source.seek(SeekFrom::Start(2)).ok()?;
    for _ in 0..MOST_PARTS {
        let [0xFF, marker, high, low] = read::<4>(source)? else { return None };
        let length = u16::from_be_bytes([high, low]);
        match marker {
            0xC2 => {
                let [_, _, _, _, _, count] = read::<6>(source)?;
                let mut shares = Vec::new();
                for _ in 0..count.min(4) {
                    let [_, sampling, _] = read::<3>(source)?;
                    shares.push((u64::from(sampling >> 4), u64::from(sampling & 0xF)));
                }
                let across = shares.iter().map(|(across, _)| *across).max()?.max(1);
                let down = shares.iter().map(|(_, down)| *down).max()?.max(1);
                return Some(shares.iter().map(|(a, d)| 200 * a * d / (across * down)).sum());
            }
            0xC0 | 0xC1 | 0xDA => return Some(0),
            _ => source.seek(SeekFrom::Current(i64::from(length) - 2)).map(drop).ok()?,
        }
    }
    None
}

/// Whether a WebP is, or may be, stored without loss. An animation may hold pictures of either kind.
fn is_lossless(source: &mut (impl Read + Seek)) -> Option<bool> {
    source.seek(SeekFrom::Start(12)).ok()?;
    for _ in 0..MOST_PARTS {
        let [a, b, c, d, size @ ..] = read::<8>(source)?;
        match &[a, b, c, d] {
            b"VP8 " => return Some(false),
            b"VP8L" | b"ANMF" => return Some(true),
            _ => {}
        }
        let size = i64::from(u32::from_le_bytes(size));
        source.seek(SeekFrom::Current(size + size % 2)).ok()?;
    }
    None
}

/// Whether a WebP has a colour profile or Exif of more than `most` bytes: its reader takes either whole, and any size. Leaves
/// the source at its start.
pub(super) fn holds_large_chunk(source: &mut (impl Read + Seek), most: u64) -> bool {
    let found = largest_chunk_beside(source).is_some_and(|bytes| u64::from(bytes) > most);
    let _ = source.rewind();
    found
}

fn largest_chunk_beside(source: &mut (impl Read + Seek)) -> Option<u32> {
    source.seek(SeekFrom::Start(12)).ok()?;
    let mut largest = 0;
    for _ in 0..MOST_PARTS {
        let Some([a, b, c, d, size @ ..]) = read::<8>(source) else { break };
        let size = u32::from_le_bytes(size);
        if matches!(&[a, b, c, d], b"ICCP" | b"EXIF") {
            largest = largest.max(size);
        }
        source.seek(SeekFrom::Current(i64::from(size) + i64::from(size % 2))).ok()?;
    }
    Some(largest)
}

fn read<const COUNT: usize>(source: &mut impl Read) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    source.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_progressive_jpeg_keeps_its_coefficients_and_a_plain_one_nothing() {
        let frame = |kind: u8, sampling: u8| {
            let start = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, kind, 0, 17, 8, 0, 9, 0, 9, 3];
            let components = [1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1];
            let bytes = [start.as_slice(), components.as_slice()].concat();
            beside_per_pixel(&mut Cursor::new(bytes), ImageFormat::Jpeg)
        };
        assert_eq!((frame(0xC0, 0x22), frame(0xC2, 0x22), frame(0xC2, 0x11)), (0, 300, 600));
    }

    #[test]
    fn a_webp_that_claims_a_large_profile_is_known_before_it_is_read() {
        let file = |kind: &[u8; 4], size: u32| {
            let bytes = [b"RIFF\0\0\0\0WEBPVP8X\x02\0\0\0xx", kind.as_slice(), &size.to_le_bytes()].concat();
            holds_large_chunk(&mut Cursor::new(bytes), 1000)
        };
        assert_eq!((file(b"ICCP", 1001), file(b"EXIF", 1001), file(b"ICCP", 1000)), (true, true, false));
        assert!(!file(b"VP8L", 1001));
    }

    #[test]
    fn a_webp_without_loss_takes_more() {
        let file = |kind: &[u8; 4]| {
            let bytes = [b"RIFF\0\0\0\0WEBPVP8X\x02\0\0\0xx", kind.as_slice(), &[0; 4]].concat();
            beside_per_pixel(&mut Cursor::new(bytes), ImageFormat::WebP)
        };
        assert_eq!((file(b"VP8L"), file(b"VP8 ")), (400, 150));
    }
}
