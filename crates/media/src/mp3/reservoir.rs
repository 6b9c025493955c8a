//! The bit reservoir: a frame's sound may begin in the bytes of frames before it, so frames cannot simply be taken out.
//!
//! For whoever cuts between frames. Nothing here is decoded; layouts are those of ISO/IEC 11172-3, clause 2.4.1.7.

use super::FrameHeader;

/// Samples of one frame of MPEG-1 layer III.
pub const FRAME_SAMPLES: i64 = 1152;

/// Farthest a frame reaches back, in bytes: nine bits.
pub const LONGEST_REACH: usize = 511;

impl FrameHeader {
    /// Where the sound's bytes begin in the frame.
    #[must_use]
    pub fn sound_start(&self) -> usize {
        self.side_start() + self.side_bytes()
    }

    /// Bytes before the frame's own sound bytes at which its sound begins. `frame` is the whole frame.
    #[must_use]
    pub fn reach(&self, frame: &[u8]) -> usize {
        let bits = if self.is_mpeg_one { 9 } else { 8 };
        bits_at(frame.get(self.side_start()..).unwrap_or(&[]), 0, bits)
    }

    /// Bytes the sound of a frame of MPEG-1 needs, wherever they lie: the sum of its granules.
    #[must_use]
    pub fn sound_bytes(&self, frame: &[u8]) -> usize {
        let side = frame.get(self.side_start()..self.sound_start()).unwrap_or(&[]);
        let channels = usize::from(self.channels);
        // Nine bits of reach, private bits, four shares per channel; then 59 bits per granule and channel.
        let first = if channels == 1 { 9 + 5 + 4 } else { 9 + 3 + 8 };
        let bits: usize = (0..2 * channels).map(|part| bits_at(side, first + part * 59, 12)).sum();
        bits.div_ceil(8)
    }
}

/// A frame of the kind of `like` that is silent itself and holds at its end the bytes the next frame reaches back for.
/// Nothing when no frame is large enough.
#[must_use]
pub fn silent_frame(like: [u8; 4], reservoir: &[u8]) -> Option<Vec<u8>> {
    let (bytes, header) = holding(like, reservoir.len())?;
    let mut frame = bytes.to_vec();
    frame.resize(header.length - reservoir.len(), 0);
    frame.extend(reservoir);
    Some(frame)
}

/// A frame made larger so that it also holds, at its end, the bytes the next frame reaches back for. It must not reach
/// back itself. Nothing when it does, or no frame is large enough.
#[must_use]
pub fn frame_with_reservoir(frame: &[u8], reservoir: &[u8]) -> Option<Vec<u8>> {
    let header = FrameHeader::of(frame)?;
    if header.reach(frame) != 0 {
        return None;
    }
    let side = frame.get(header.side_start()..header.sound_start())?;
    let own = frame.get(header.sound_start()..header.sound_start() + header.sound_bytes(frame))?;
    let (bytes, larger) = holding(*frame.first_chunk()?, own.len() + reservoir.len())?;
    let mut made = bytes.to_vec();
    made.extend(side);
    made.extend(own);
    made.resize(larger.length - reservoir.len(), 0);
    made.extend(reservoir);
    Some(made)
}

/// The smallest frame of that kind with room for so many bytes of sound.
fn holding(like: [u8; 4], sound: usize) -> Option<([u8; 4], FrameHeader)> {
    let lowest = [like[0], like[1] | 1, 0x10 | like[2] & 0x0F, like[3]];
    let start = FrameHeader::parse(lowest)?.sound_start();
    FrameHeader::resized(lowest, start + sound)
}

/// A number of up to 16 bits in a string of bits, the first one most significant; bits that are not there are zero.
fn bits_at(bytes: &[u8], from: usize, count: usize) -> usize {
    (from..from + count).fold(0, |value, bit| {
        let byte = bytes.get(bit / 8).copied().unwrap_or(0);
        value << 1 | usize::from(byte >> (7 - bit % 8) & 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONO: [u8; 4] = [0xFF, 0xFB, 0x50, 0xC0];

    #[test]
    fn reach_and_need_are_read_from_the_side_information() {
        let mut frame = vec![0_u8; 208];
        frame[..4].copy_from_slice(&MONO);
        frame[4..6].copy_from_slice(&[0xFF, 0x80]);
        let header = FrameHeader::of(&frame).unwrap();
        assert_eq!(header.reach(&frame), 511);
        // The first granule's length is in bits 18 to 29 of the side information, the second's in bits 77 to 88.
        frame[6] = 0b0010_0000;
        frame[7] = 0b0000_0100;
        frame[14] = 0b0000_0011;
        assert_eq!((bits_at(&frame[4..], 18, 12), bits_at(&frame[4..], 77, 12)), (2049, 6));
        assert_eq!(header.sound_bytes(&frame), 2055_usize.div_ceil(8));
    }

    #[test]
    fn a_reservoir_lies_at_the_end_of_the_frame_before() {
        let reservoir: Vec<u8> = (0..=255).chain(0..255).collect();
        let frame = silent_frame([0xFF, 0xFA, 0x52, 0xC4], &reservoir).unwrap();
        let header = FrameHeader::of(&frame).unwrap();
        assert_eq!((header.length, header.channels, header.is_protected), (frame.len(), 1, false));
        assert_eq!((header.reach(&frame), header.sound_bytes(&frame)), (0, 0));
        assert!(frame.ends_with(&reservoir));
        let larger = frame_with_reservoir(&frame, &reservoir).unwrap();
        assert!(larger.ends_with(&reservoir) && larger.len() == frame.len());
        assert_eq!(silent_frame(MONO, &[0; 2000]), None);
        assert_eq!(silent_frame(MONO, &[]).map(|frame| frame.len()), Some(104));
    }
}
