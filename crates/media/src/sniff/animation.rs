//! Whether a GIF moves: one image is a picture, several are a film.

use std::io::{BufRead, ErrorKind, Read};

/// How many images a GIF holds, as far as its bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GifImages {
    /// One, or none: its end was seen.
    One,
    /// At least two.
    Several,
    /// The bytes end before a second image could begin.
    Unknown {
        /// Whether it says that it repeats, which only films do.
        repeats: bool,
    },
}

/// Walks the blocks of a GIF (GIF89a §17–27) until a second image or the end. Nothing is decoded or kept.
pub fn gif_images(mut source: impl BufRead) -> GifImages {
    let mut repeats = false;
    walk(&mut source, &mut repeats).unwrap_or(GifImages::Unknown { repeats })
}

fn walk(source: &mut impl BufRead, repeats: &mut bool) -> std::io::Result<GifImages> {
    let screen = take::<13>(source)?;
    skip_colours(source, screen[10])?;
    let mut images = 0;
    loop {
        match take::<1>(source)?[0] {
            0x21 => {
                let label = take::<1>(source)?[0];
                let first = skip_blocks(source)?;
                *repeats |= label == 0xFF && (&first == b"NETSCAPE2.0" || &first == b"ANIMEXTS1.0");
            }
            0x2C if images == 1 => return Ok(GifImages::Several),
            0x2C => {
                images += 1;
                let place = take::<9>(source)?;
                skip_colours(source, place[8])?;
                take::<1>(source)?;
                skip_blocks(source)?;
            }
            // The trailer; after anything else there is no telling what follows, and readers stop too.
            _ => return Ok(GifImages::One),
        }
    }
}

/// A table of colours, when the flags announce one.
fn skip_colours(source: &mut impl BufRead, flags: u8) -> std::io::Result<()> {
    if flags & 0x80 == 0 { Ok(()) } else { skip(source, 3 << ((flags & 7) + 1)) }
}

/// Blocks of up to 255 bytes until an empty one. Gives the beginning of the first.
fn skip_blocks(source: &mut impl BufRead) -> std::io::Result<[u8; 11]> {
    let mut first = [0_u8; 11];
    let mut is_first = true;
    loop {
        let mut length = u64::from(take::<1>(source)?[0]);
        if length == 0 {
            return Ok(first);
        }
        if is_first && length >= 11 {
            first = take::<11>(source)?;
            length -= 11;
        }
        is_first = false;
        skip(source, length)?;
    }
}

fn take<const COUNT: usize>(source: &mut impl BufRead) -> std::io::Result<[u8; COUNT]> {
    let mut bytes = [0_u8; COUNT];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(source: &mut impl BufRead, count: u64) -> std::io::Result<()> {
    let skipped = std::io::copy(&mut source.take(count), &mut std::io::sink())?;
    if skipped == count { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: &[u8] = b"GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xFF\xFF\xFF";
    const IMAGE: &[u8] = b"\x2C\0\0\0\0\x02\0\x02\0\0\x02\x02\x44\x01\0";
    const REPEAT: &[u8] = b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0";
    const PAUSE: &[u8] = b"\x21\xF9\x04\0\x0A\0\0\0";

    #[test]
    fn one_image_is_a_picture_and_two_are_a_film() {
        let one = [SCREEN, PAUSE, IMAGE, b";"].concat();
        let two = [SCREEN, REPEAT, PAUSE, IMAGE, PAUSE, IMAGE, b";"].concat();
        assert_eq!(gif_images(one.as_slice()), GifImages::One);
        assert_eq!(gif_images(two.as_slice()), GifImages::Several);
        for end in 0..one.len() - 1 {
            assert_eq!(gif_images(&one[..end]), GifImages::Unknown { repeats: false }, "{end}");
        }
        let begun = [SCREEN, REPEAT, PAUSE, b"\x2C\0\0"].concat();
        assert_eq!(gif_images(begun.as_slice()), GifImages::Unknown { repeats: true });
    }
}
