//! TIFF pictures with a palette, as scanners and old programs write them. Our decoder does not know palettes but knows
//! greys: it is shown the numbers of the colours as greys, and the colours are looked up afterwards.

use image::{DynamicImage, Rgb, RgbImage};
use std::io::{Read, Seek, SeekFrom};

/// Colours of an 8-bit palette, the only depth in use.
const COLOURS: usize = 256;

/// What must be changed for the decoder, and the colours behind the greys.
pub(super) struct Palette {
    meaning_at: u64,
    grey: [u8; 2],
    colours: Vec<[u8; 3]>,
}

/// The palette of a TIFF (TIFF 6.0, sections 2, 5 and 8), when its first picture has one. Leaves the source at its start.
pub(super) fn find(source: &mut (impl Read + Seek)) -> Option<Palette> {
    let palette = read(source);
    source.seek(SeekFrom::Start(0)).ok()?;
    palette
}

fn read(source: &mut (impl Read + Seek)) -> Option<Palette> {
    const BITS: u16 = 258;
    const MEANING: u16 = 262;
    const SAMPLES: u16 = 277;
    const COLOUR_MAP: u16 = 320;
    let header: [u8; 8] = take(source, 0)?;
    let order = if header.starts_with(b"II*\0") { u16::from_le_bytes } else { u16::from_be_bytes };
    let long = |bytes: [u8; 4]| {
        let (first, second) = (order([bytes[0], bytes[1]]), order([bytes[2], bytes[3]]));
        let (high, low) = if header.starts_with(b"II") { (second, first) } else { (first, second) };
        u64::from(high) << 16 | u64::from(low)
    };
    let directory = long([header[4], header[5], header[6], header[7]]);
    let count = order(take(source, directory)?);
    let (mut meaning_at, mut map_at, mut is_bytes) = (None, None, false);
    for number in 0..u64::from(count) {
        let at = directory + 2 + number * 12;
        let entry: [u8; 12] = take(source, at)?;
        let [t1, t2, _, _, n1, n2, n3, n4, v1, v2, v3, v4] = entry;
        let value = order([v1, v2]);
        match order([t1, t2]) {
            BITS => is_bytes = value == 8,
            MEANING if value == 3 => meaning_at = Some(at + 8),
            SAMPLES if value != 1 => return None,
            COLOUR_MAP if long([n1, n2, n3, n4]) == 3 * COLOURS as u64 => {
                map_at = Some(long([v1, v2, v3, v4]))
            }
            _ => {}
        }
    }
    let (meaning_at, map_at) = (meaning_at?, map_at.filter(|_| is_bytes)?);
    let map: [u8; COLOURS * 6] = take(source, map_at)?;
    let levels: Vec<u16> = map.chunks_exact(2).map(|pair| order([pair[0], pair[1]])).collect();
    // Some programs wrote 8-bit levels where the standard wants 16.
    let shift = if levels.iter().any(|level| *level > 255) { 8 } else { 0 };
    let level = |at: usize| levels.get(at).map_or(0, |level| (level >> shift) as u8);
    let colours = (0..COLOURS).map(|at| [level(at), level(at + COLOURS), level(at + 2 * COLOURS)]).collect();
    let grey = if header.starts_with(b"II") { 1_u16.to_le_bytes() } else { 1_u16.to_be_bytes() };
    Some(Palette { meaning_at, grey, colours })
}

fn take<const COUNT: usize>(source: &mut (impl Read + Seek), at: u64) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    source.seek(SeekFrom::Start(at)).ok()?;
    source.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

impl Palette {
    /// The same file, whose numbers of colours claim to be greys.
    pub(super) fn as_greys<R: Read + Seek>(&self, source: R) -> AsGreys<R> {
        AsGreys { source, at: 0, meaning_at: self.meaning_at, grey: self.grey }
    }

    /// The colours behind the greys of a decoded picture.
    pub(super) fn paint(&self, greys: DynamicImage) -> DynamicImage {
        let greys = greys.into_luma8();
        let mut painted = RgbImage::new(greys.width(), greys.height());
        for (to, grey) in painted.pixels_mut().zip(greys.pixels()) {
            *to = Rgb(self.colours.get(usize::from(grey.0[0])).copied().unwrap_or_default());
        }
        painted.into()
    }
}

/// A TIFF in which one field reads as another value.
pub(super) struct AsGreys<R> {
    source: R,
    at: u64,
    meaning_at: u64,
    grey: [u8; 2],
}

impl<R: Read> Read for AsGreys<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        for (place, value) in (self.meaning_at..).zip(self.grey) {
            let within = place.checked_sub(self.at).and_then(|offset| usize::try_from(offset).ok());
            if let Some(byte) =
                within.filter(|offset| *offset < count).and_then(|offset| buffer.get_mut(offset))
            {
                *byte = value;
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for AsGreys<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = self.source.seek(to)?;
        Ok(self.at)
    }
}
