//! HEIC and AVIF, which no library of ours reads: converted by libheif's own program, as far as it needs no more memory than
//! a picture may have.

use crate::boxes::{OuterBox, box_at};
use crate::converter::{Converter, run};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::session::Session;
use balado_media::{Format, Refusal};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

const HEIF_CONVERT: Converter = Converter {
    program: "/usr/bin/heif-convert",
    package: "libheif-examples",
    deadline: Duration::from_secs(120),
    environment: &[],
};

/// What one picture may take at once, in bytes: less what any program takes to start.
const MOST_MEMORY: u64 = 560_000_000;

/// Pixels of the largest picture AV1 has a level for (its specification, A.3): larger ones come in pieces, and one in one
/// piece is not decoded.
const LARGEST_AV1: u64 = 35_651_584;

/// Bytes of `meta` boxes at most: a picture in ten thousand tiles has half a million.
const MOST_META: u64 = 16 << 20;

/// Outermost boxes at most; a camera writes about ten.
const MOST_BOXES: usize = 1000;

/// What a file says of its pictures, each the most of any of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Declared {
    size: (u32, u32),
    is_deep: bool,
    is_rich: bool,
}

impl Declared {
    /// Sizes stand in `ispe` boxes (ISO/IEC 23008-12 §6.5.3), depth and chroma in `hvcC` (ISO/IEC 14496-15 §8.3.3) or `av1C`
    /// (AV1 Codec ISO Media File Format Binding §2.3).
    fn read(meta: &[u8]) -> Self {
        let mut found = Self { is_rich: has_alpha(meta), ..Self::default() };
        for at in 0..meta.len() {
            match meta.get(at..).unwrap_or_default() {
                [b'i', b's', b'p', b'e', _, _, _, _, w1, w2, w3, w4, h1, h2, h3, h4, ..] => {
                    let size =
                        (u32::from_be_bytes([*w1, *w2, *w3, *w4]), u32::from_be_bytes([*h1, *h2, *h3, *h4]));
                    found.size = if area(size) > area(found.size) { size } else { found.size };
                }
                [b'h', b'v', b'c', b'C', rest @ ..] => {
                    if let [chroma, luma_depth, ..] = rest.get(16..).unwrap_or_default() {
                        found.is_rich |= chroma & 3 > 1;
                        found.is_deep |= luma_depth & 7 > 0;
                    }
                }
                [b'a', b'v', b'1', b'C', _, _, flags, ..] => {
                    // Bits: tier, more than 8 bits, 12 bits, grey, chroma halved across, chroma halved down.
                    found.is_deep |= flags & 0x40 != 0;
                    found.is_rich |= flags & 0x10 == 0 && flags & 0x0C != 0x0C;
                }
                _ => {}
            }
        }
        found
    }

    /// Bytes that are taken for each pixel on the way to a JPEG, or to a PNG where there is transparency: measured with
    /// libheif 1.15, libde265 and dav1d.
    fn bytes_per_pixel(self, format: Format) -> u64 {
        match (format, self.is_deep, self.is_rich) {
            (Format::Avif, true, _) => 18,
            (Format::Avif, false, true) => 13,
            (Format::Avif, false, false) => 7,
            (_, true, _) => 15,
            (_, false, true) => 9,
            (_, false, false) => 5,
        }
    }

    fn refuse_large(self, format: Format, max_pixels: u64) -> Result<()> {
        let most = max_pixels.min(MOST_MEMORY / self.bytes_per_pixel(format));
        if area(self.size) > most { Err(self.too_big()) } else { Ok(()) }
    }

    fn too_big(self) -> Error {
        Error::refused(Refusal::TooBigPicture, format!("{}x{}", self.size.0, self.size.1))
    }
}

fn area((width, height): (u32, u32)) -> u64 {
    u64::from(width).saturating_mul(u64::from(height))
}

/// Gives the name of a picture in the scratch folder: a JPEG nearly without loss, or, as only that keeps what is
/// transparent, a PNG at ten times the cost.
///
/// # Errors
/// When it is too large or cannot be read.
pub(super) fn convert(
    session: &Session,
    original: &Original,
    format: Format,
    max_pixels: u64,
) -> Result<(String, Format)> {
    const SOURCE: &str = "picture.heif";
    let meta = meta(&mut original.reader()?)?;
    let declared = Declared::read(&meta);
    declared.refuse_large(format, max_pixels)?;
    std::io::copy(&mut original.reader()?, &mut File::create(SOURCE)?)?;
    let (extension, made) = if has_alpha(&meta) { ("png", Format::Png) } else { ("jpg", Format::Jpeg) };
    let target = format!("picture-converted.{extension}");
    // What a file with several pictures gives for its first.
    let first_of_many = format!("picture-converted-1.{extension}");
    let ending = run(session, &HEIF_CONVERT, &["-q", "95", SOURCE, &target])?;
    match [target, first_of_many].into_iter().find(|path| Path::new(path).exists()) {
        Some(path) => Ok((path, made)),
        None if format == Format::Avif && area(declared.size) > LARGEST_AV1 => Err(declared.too_big()),
        None => Err(Error::refused(Refusal::Damaged, format!("heif-convert: {}", ending.stderr))),
    }
}

/// The `meta` boxes of a file (ISO/IEC 14496-12 §8.11.1), wherever they stand among its outermost ones: a program that
/// writes as it goes puts them behind the picture.
fn meta(source: &mut (impl Read + Seek)) -> Result<Vec<u8>> {
    let size = source.seek(SeekFrom::End(0))?;
    let (mut at, mut found) = (0_u64, Vec::new());
    for _ in 0..MOST_BOXES {
        let Some(OuterBox { kind, content }) = box_at(source, at, size)? else { return Ok(found) };
        if content.end < content.start {
            return Ok(found);
        }
        if &kind == b"meta" {
            let length = content.end.min(size) - content.start;
            if length.saturating_add(found.len() as u64) > MOST_META {
                return Err(Error::refused(Refusal::TooComplex, format!("{length} bytes of meta")));
            }
            source.seek(SeekFrom::Start(content.start))?;
            source.take(length).read_to_end(&mut found)?;
        }
        at = content.end;
    }
    Err(Error::refused(Refusal::TooComplex, format!("more than {MOST_BOXES} boxes")))
}

/// The names a plane of transparency goes by (ISO/IEC 23008-12 §6.5.8, and HEVC's older one).
fn has_alpha(meta: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];
    NAMES.iter().any(|name| meta.windows(name.len()).any(|window| window == *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ispe(width: u32, height: u32) -> Vec<u8> {
        [b"ispe\0\0\0\0".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat()
    }

    fn hvcc(chroma: u8, depth: u8) -> Vec<u8> {
        [b"hvcC".as_slice(), &[0; 16], &[0xFC | chroma, 0xF8 | (depth - 8), 0xF8]].concat()
    }

    fn a_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&u32::try_from(content.len() + 8).unwrap().to_be_bytes(), kind.as_slice(), content].concat()
    }

    #[test]
    fn what_is_declared_is_found_wherever_it_stands() {
        let read = |file: &[Vec<u8>]| meta(&mut std::io::Cursor::new(file.concat()));
        let pixels = a_box(b"mdat", &[0; 200_000]);
        let told = a_box(b"meta", &ispe(640, 480));
        let long = [b"\0\0\0\x01mdat".as_slice(), &50_016_u64.to_be_bytes(), &[0; 50_000]].concat();
        for file in [
            vec![told.clone(), pixels.clone()],
            vec![pixels.clone(), told.clone()],
            vec![long, told.clone()],
            vec![pixels.clone(), [b"\0\0\0\0meta".as_slice(), &ispe(640, 480)].concat()],
        ] {
            assert_eq!(Declared::read(&read(&file).unwrap()).size, (640, 480));
        }
        let larger = a_box(b"meta", &ispe(6400, 4800));
        assert_eq!(Declared::read(&read(&[told, pixels, larger]).unwrap()).size, (6400, 4800));
        assert!(read(&[b"\0\0\0\x03meta".to_vec()]).unwrap().is_empty());
        for bomb in [a_box(b"free", b"").repeat(MOST_BOXES + 1), a_box(b"meta", &vec![0; 17 << 20])] {
            assert!(matches!(read(&[bomb]), Err(Error::Refused { code: Refusal::TooComplex, .. })));
        }
    }

    fn is_taken(meta: &[Vec<u8>], format: Format) -> bool {
        Declared::read(&meta.concat()).refuse_large(format, 100_000_000).is_ok()
    }

    #[test]
    fn the_largest_picture_counts() {
        let read = Declared::read(&[ispe(512, 512), ispe(12_240, 8160), ispe(320, 240)].concat());
        assert_eq!(read, Declared { size: (12_240, 8160), ..Declared::default() });
        assert!(!is_taken(&[ispe(u32::MAX, u32::MAX)], Format::Heif));
        assert_eq!(Declared::read(b"ispe\0\0"), Declared::default());
    }

    #[test]
    fn a_picture_may_be_as_large_as_its_depth_and_colours_leave_room_for() {
        assert!(is_taken(&[ispe(12_240, 8160), hvcc(1, 8)], Format::Heif), "a telephone's");
        assert!(is_taken(&[ispe(7008, 4672), hvcc(2, 10)], Format::Heif), "a camera's of 33 Mpx in 10 bits");
        assert!(!is_taken(&[ispe(9504, 6336), hvcc(2, 10)], Format::Heif), "one of 60 Mpx");
        assert!(!is_taken(&[ispe(12_240, 8160), hvcc(3, 8)], Format::Heif), "with all its colours");
        let alpha = b"urn:mpeg:hevc:2015:auxid:1".to_vec();
        assert!(!is_taken(&[ispe(12_240, 8160), hvcc(1, 8), alpha], Format::Heif), "with transparency");
        let av1c = |flags| [b"av1C\x81\0".as_slice(), &[flags, 0]].concat();
        assert!(is_taken(&[ispe(8000, 6000), av1c(0x0C)], Format::Avif), "4:2:0");
        assert!(!is_taken(&[ispe(8000, 6000), av1c(0x00)], Format::Avif), "4:4:4");
        assert!(!is_taken(&[ispe(8000, 6000), av1c(0x4C)], Format::Avif), "10 bits");
        assert!(is_taken(&[ispe(8000, 6000), av1c(0x10)], Format::Avif), "grey");
    }
}
