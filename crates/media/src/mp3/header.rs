//! The four bytes every frame begins with.

const KILOBITS_ONE: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KILOBITS_TWO: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/// What a frame's header says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether it is MPEG-1; else MPEG-2 or 2.5, which have half the samples.
    pub is_mpeg_one: bool,
    /// Bits per second of this frame.
    pub bit_rate: u32,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// One or two.
    pub channels: u8,
    /// Bytes of the frame, header included.
    pub length: usize,
    /// Samples of each channel.
    pub samples: u32,
    /// Whether a check sum follows the header.
    pub is_protected: bool,
}

impl FrameHeader {
    /// Reads a header of layer III. Free format is refused: its length cannot be told.
    #[must_use]
    pub fn parse(bytes: [u8; 4]) -> Option<Self> {
        if bytes[0] != 0xFF || bytes[1] & 0xE6 != 0xE2 {
            return None;
        }
        let version = bytes[1] >> 3 & 3;
        let is_mpeg_one = version == 3;
        let table = if is_mpeg_one { KILOBITS_ONE } else { KILOBITS_TWO };
        let bit_rate = table.get(usize::from(bytes[2] >> 4)).filter(|rate| **rate > 0)? * 1000;
        let base = *[44_100_u32, 48_000, 32_000].get(usize::from(bytes[2] >> 2 & 3))?;
        let sample_rate_hz = match version {
            3 => base,
            2 => base / 2,
            0 => base / 4,
            _ => return None,
        };
        let samples = if is_mpeg_one { 1152 } else { 576 };
        let length = samples / 8 * bit_rate / sample_rate_hz + u32::from(bytes[2] >> 1 & 1);
        Some(Self {
            is_mpeg_one,
            bit_rate,
            sample_rate_hz,
            channels: if bytes[3] >> 6 == 3 { 1 } else { 2 },
            length: usize::try_from(length).ok()?,
            samples,
            is_protected: bytes[1] & 1 == 0,
        })
    }

    /// Reads the header a frame begins with.
    #[must_use]
    pub fn of(frame: &[u8]) -> Option<Self> {
        Self::parse(*frame.first_chunk()?)
    }

    /// Where the side information begins.
    #[must_use]
    pub fn side_start(&self) -> usize {
        if self.is_protected { 6 } else { 4 }
    }

    /// Bytes of side information.
    #[must_use]
    pub fn side_bytes(&self) -> usize {
        match (self.is_mpeg_one, self.channels) {
            (true, 1) => 17,
            (true, _) => 32,
            (false, 1) => 9,
            (false, _) => 17,
        }
    }

    /// The header of a frame of the same kind without check sum and padding, at the lowest bit rate, not below this
    /// one's, that gives it at least `length` bytes.
    pub(super) fn resized(bytes: [u8; 4], length: usize) -> Option<([u8; 4], Self)> {
        let first = bytes[2] >> 4;
        (first..15).find_map(|rate| {
            let candidate = [bytes[0], bytes[1] | 1, rate << 4 | bytes[2] & 0b1100, bytes[3]];
            Self::parse(candidate).filter(|header| header.length >= length).map(|header| (candidate, header))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_every_version_are_understood() {
        let one = FrameHeader::parse([0xFF, 0xFB, 0x50, 0xC0]).unwrap();
        assert_eq!((one.length, one.samples, one.channels, one.side_bytes()), (208, 1152, 1, 17));
        let two = FrameHeader::parse([0xFF, 0xF2, 0x80, 0x00]).unwrap();
        assert_eq!((two.length, two.samples, two.sample_rate_hz, two.is_protected), (208, 576, 22_050, true));
        let half = FrameHeader::parse([0xFF, 0xE3, 0x80, 0xC0]).unwrap();
        assert_eq!((half.sample_rate_hz, half.side_bytes()), (11_025, 9));
    }

    #[test]
    fn what_is_no_frame_of_layer_three_is_refused() {
        for bytes in
            [[0xFF, 0xFB, 0x00, 0], [0xFF, 0xFB, 0xF0, 0], [0xFF, 0xFD, 0x50, 0], [0x49, 0x44, 0x33, 3]]
        {
            assert_eq!(FrameHeader::parse(bytes), None, "{bytes:?}");
        }
    }
}
