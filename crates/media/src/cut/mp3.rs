//! The frames of an MP3 as they lie in the file, for whoever cuts between them.
//!
//! A frame's sound may begin in the bytes of frames before it (the bit reservoir), so frames cannot simply be taken out:
//! [`FrameHeader::reach`] tells how far back one needs. Numbers and layouts are those of ISO/IEC 11172-3, clause 2.4.
//! Decodes nothing.

mod info;

pub use info::{Gapless, INFO_BYTES, InfoFrame, crc16};

/// Samples between what an encoder was given and what a decoder puts out, on the decoder's side: the filter banks.
pub const DECODER_DELAY: i64 = 529;

/// Samples of one frame of MPEG-1 layer III.
pub const FRAME_SAMPLES: i64 = 1152;

/// Farthest a frame reaches back, in bytes: nine bits.
pub const LONGEST_REACH: usize = 511;

/// Kilobits per second by index: MPEG-1 layer III.
const RATES: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

/// Kilobits per second by index: MPEG-2 and 2.5 layer III.
const LOW_RATES: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/// The four bytes before every frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    bytes: [u8; 4],
    /// Bytes of the frame, header included.
    pub length: usize,
    /// Samples per channel.
    pub samples: u32,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// One or two.
    pub channels: u8,
    /// Bytes between the header (and its checksum) and the sound.
    pub side_bytes: usize,
}

impl FrameHeader {
    /// Reads a header; nothing when these are not the first bytes of a frame of layer III with a known length.
    #[must_use]
    pub fn parse(bytes: [u8; 4]) -> Option<Self> {
        if bytes[0] != 0xFF || bytes[1] & 0xE6 != 0xE2 {
            return None;
        }
        let version = bytes[1] >> 3 & 3;
        let first = version == 3;
        let table = if first { RATES } else { LOW_RATES };
        let kilobits = *table.get(usize::from(bytes[2] >> 4)).filter(|rate| **rate > 0)?;
        let base = *[44_100_u32, 48_000, 32_000].get(usize::from(bytes[2] >> 2 & 3))?;
        let sample_rate_hz = match version {
            3 => base,
            2 => base / 2,
            0 => base / 4,
            _ => return None,
        };
        let per_frame = if first { 144_000 } else { 72_000 };
        let length = per_frame * kilobits / sample_rate_hz + u32::from(bytes[2] >> 1 & 1);
        let mono = bytes[3] >> 6 == 3;
        let side_bytes = match (first, mono) {
            (true, true) | (false, false) => 17,
            (true, false) => 32,
            (false, true) => 9,
        };
        Some(Self {
            bytes,
            length: usize::try_from(length).ok()?,
            samples: if first { 1152 } else { 576 },
            sample_rate_hz,
            channels: if mono { 1 } else { 2 },
            side_bytes,
        })
    }

    /// The header as it stands in the file.
    #[must_use]
    pub fn bytes(&self) -> [u8; 4] {
        self.bytes
    }

    /// The bit rate, by its number in the table.
    #[must_use]
    pub fn rate_index(&self) -> u8 {
        self.bytes[2] >> 4
    }

    /// Where the sound's bytes begin in the frame.
    #[must_use]
    pub fn sound_at(&self) -> usize {
        self.side_at() + self.side_bytes
    }

    /// Bytes before the frame's own sound bytes at which its sound begins. `frame` is the whole frame.
    #[must_use]
    pub fn reach(&self, frame: &[u8]) -> usize {
        let side = frame.get(self.side_at()..).unwrap_or(&[]);
        match (self.samples, side) {
            (1152, [high, low, ..]) => usize::from(*high) << 1 | usize::from(*low >> 7),
            (_, [begin, ..]) => usize::from(*begin),
            _ => 0,
        }
    }

    /// Bytes the frame's sound needs, wherever they lie: the sum of its granules. MPEG-1 only.
    #[must_use]
    pub fn sound_bytes(&self, frame: &[u8]) -> usize {
        let side = frame.get(self.side_at()..self.sound_at()).unwrap_or(&[]);
        let channels = usize::from(self.channels);
        // Nine bits of reach, private bits, four shares per channel; then 59 bits per granule and channel.
        let first = if channels == 1 { 9 + 5 + 4 } else { 9 + 3 + 8 };
        let bits: usize = (0..2 * channels).map(|part| bits_at(side, first + part * 59, 12)).sum();
        bits.div_ceil(8)
    }

    /// A header of the same kind, without checksum, for the smallest frame that holds `sound` bytes of sound.
    #[must_use]
    pub fn holding(&self, sound: usize) -> Option<Self> {
        let sized = (1..15_u8).filter_map(|index| {
            let [first, second, third, fourth] = self.bytes;
            Self::parse([first, second | 1, index << 4 | third & 0x0C, fourth])
        });
        sized.into_iter().find(|header| header.length >= header.sound_at() + sound)
    }

    fn side_at(&self) -> usize {
        if self.bytes[1] & 1 == 0 { 6 } else { 4 }
    }
}

fn bits_at(bytes: &[u8], from: usize, count: usize) -> usize {
    (from..from + count).fold(0, |value, bit| {
        let byte = bytes.get(bit / 8).copied().unwrap_or(0);
        value << 1 | usize::from(byte >> (7 - bit % 8) & 1)
    })
}

/// A frame that is silent itself and holds at its end the bytes the next frame reaches back for. Nothing when no frame is
/// large enough.
#[must_use]
pub fn silent_frame(like: &FrameHeader, reservoir: &[u8]) -> Option<Vec<u8>> {
    let header = like.holding(reservoir.len())?;
    let mut frame = vec![0_u8; header.length];
    frame.get_mut(..4)?.copy_from_slice(&header.bytes);
    let start = header.length - reservoir.len();
    frame.get_mut(start..)?.copy_from_slice(reservoir);
    Some(frame)
}

/// A frame made larger so that it also holds, at its end, the bytes the next frame reaches back for. It must not reach
/// back itself. Nothing when it does, or no frame is large enough.
#[must_use]
pub fn frame_with_reservoir(frame: &[u8], reservoir: &[u8]) -> Option<Vec<u8>> {
    let header = FrameHeader::parse(frame.get(..4)?.try_into().ok()?)?;
    if header.reach(frame) != 0 {
        return None;
    }
    let own = frame.get(header.sound_at()..header.sound_at() + header.sound_bytes(frame))?;
    let larger = header.holding(own.len() + reservoir.len())?;
    let mut made = vec![0_u8; larger.length];
    made.get_mut(..4)?.copy_from_slice(&larger.bytes);
    let side = frame.get(header.side_at()..header.sound_at())?;
    made.get_mut(larger.side_at()..larger.sound_at())?.copy_from_slice(side);
    made.get_mut(larger.sound_at()..larger.sound_at() + own.len())?.copy_from_slice(own);
    let start = larger.length - reservoir.len();
    made.get_mut(start..)?.copy_from_slice(reservoir);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_the_frame() {
        let header = FrameHeader::parse([0xFF, 0xFB, 0x50, 0xC0]).unwrap();
        assert_eq!((header.length, header.channels, header.side_bytes, header.sound_at()), (208, 1, 17, 21));
        let checked = FrameHeader::parse([0xFF, 0xFA, 0x92, 0x00]).unwrap();
        assert_eq!((checked.length, checked.channels, checked.sound_at()), (418, 2, 38));
        assert_eq!(FrameHeader::parse([0xFF, 0xFB, 0xF0, 0xC0]), None);
        assert_eq!(FrameHeader::parse(*b"ID3\x04"), None);
    }

    #[test]
    fn reach_and_need_are_read_from_the_side_information() {
        let mut frame = vec![0_u8; 208];
        frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x50, 0xC0]);
        frame[4..6].copy_from_slice(&[0xFF, 0x80]);
        let header = FrameHeader::parse([0xFF, 0xFB, 0x50, 0xC0]).unwrap();
        assert_eq!(header.reach(&frame), 511);
        // The first granule's length is in bits 18 to 29 of the side information, the second's in bits 77 to 88.
        frame[6] = 0b0010_0000;
        frame[7] = 0b0000_0100;
        frame[14] = 0b0000_0011;
        assert_eq!(bits_at(&frame[4..], 18, 12), 2049);
        let second = bits_at(&frame[4..], 77, 12);
        assert_eq!((second, header.sound_bytes(&frame)), (6, 2055_usize.div_ceil(8)));
    }

    #[test]
    fn a_reservoir_lies_at_the_end_of_the_frame_before() {
        let like = FrameHeader::parse([0xFF, 0xFA, 0x50, 0xC4]).unwrap();
        let reservoir: Vec<u8> = (0..=255).chain(0..255).collect();
        let frame = silent_frame(&like, &reservoir).unwrap();
        let header = FrameHeader::parse(frame[..4].try_into().unwrap()).unwrap();
        assert_eq!((header.length, header.channels, header.sample_rate_hz), (frame.len(), 1, 44_100));
        assert_eq!((header.reach(&frame), header.sound_bytes(&frame)), (0, 0));
        assert!(frame.ends_with(&reservoir));
        let larger = frame_with_reservoir(&frame, &reservoir).unwrap();
        assert!(larger.ends_with(&reservoir));
        assert_eq!(silent_frame(&like, &[0; 2000]), None);
    }
}
