//! The frame before the first: how long an MP3 is, where its parts lie, and which samples to leave out.
//!
//! Layout of the Xing header with LAME's extension, as every player since 2002 reads it.

use super::FrameHeader;

/// Bytes of the header inside its frame, after the side information.
pub const INFO_BYTES: usize = 156;

/// Samples a player leaves out, besides the decoder's own delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gapless {
    /// At the start; at most 4095.
    pub delay: u16,
    /// At the end; at most 4095.
    pub padding: u16,
}

impl Gapless {
    /// Reads it from the first frame of a file. `None` when that frame is sound; zeros are not known when the frame tells
    /// nothing of samples.
    #[must_use]
    pub fn parse(header: &FrameHeader, frame: &[u8]) -> Option<Option<Self>> {
        let info = frame.get(4 + header.side_bytes..)?;
        if !matches!(info.get(..4)?, b"Xing" | b"Info") {
            return None;
        }
        let flags = u32::from_be_bytes(info.get(4..8)?.try_into().ok()?);
        let sizes = [(1, 4), (2, 4), (4, 100), (8, 4)];
        let at = 8 + sizes.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, size)| size).sum::<usize>();
        // Players take the numbers of these writers only.
        let known = matches!(info.get(at..at + 4), Some(b"LAME" | b"Lavf" | b"Lavc"));
        let Some([first, second, third]) = info.get(at + 21..at + 24).filter(|_| known) else {
            return Some(None);
        };
        let delay = u16::from(*first) << 4 | u16::from(*second) >> 4;
        Some(Some(Self { delay, padding: u16::from(second & 0xF) << 8 | u16::from(*third) }))
    }
}

/// What the frame tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InfoFrame {
    /// Whether all frames of sound have one bit rate.
    pub is_constant: bool,
    /// Frames of sound.
    pub frames: u32,
    /// Bytes of the file, this frame included.
    pub bytes: u32,
    /// Where each hundredth of the playing time lies, in 256ths of the file.
    pub places: [u8; 100],
    /// Which samples are left out.
    pub gapless: Gapless,
    /// [`crc16`] of the frames of sound.
    pub sound_crc: u16,
}

impl InfoFrame {
    /// The frame, of the kind of `header`, which must hold [`INFO_BYTES`].
    #[must_use]
    pub fn write(&self, header: &FrameHeader) -> Option<Vec<u8>> {
        let mut frame = vec![0_u8; header.length];
        frame.get_mut(..4)?.copy_from_slice(&header.bytes());
        let mut info = Vec::with_capacity(INFO_BYTES);
        info.extend_from_slice(if self.is_constant { b"Info" } else { b"Xing" });
        info.extend_from_slice(&0xF_u32.to_be_bytes());
        info.extend_from_slice(&self.frames.to_be_bytes());
        info.extend_from_slice(&self.bytes.to_be_bytes());
        info.extend_from_slice(&self.places);
        // Quality is not known. Then LAME's part; without the name players ignore the numbers.
        info.extend_from_slice(&[0; 4]);
        info.extend_from_slice(b"LAME3.100");
        info.push(if self.is_constant { 1 } else { 4 });
        info.extend_from_slice(&[0; 11]);
        let Gapless { delay, padding } = self.gapless;
        let samples = u32::from(delay.min(4095)) << 12 | u32::from(padding.min(4095));
        info.extend_from_slice(samples.to_be_bytes().get(1..)?);
        info.extend_from_slice(&[0; 4]);
        info.extend_from_slice(&self.bytes.to_be_bytes());
        info.extend_from_slice(&self.sound_crc.to_be_bytes());
        let at = 4 + header.side_bytes;
        frame.get_mut(at..at + info.len())?.copy_from_slice(&info);
        let crc = crc16(0, frame.get(..at + info.len())?);
        frame.get_mut(at + info.len()..at + INFO_BYTES)?.copy_from_slice(&crc.to_be_bytes());
        Some(frame)
    }
}

/// CRC-16/ARC, continued from `crc`; zero begins one.
#[must_use]
pub fn crc16(crc: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(crc, |crc, byte| {
        let [low, _] = (crc ^ u16::from(*byte)).to_le_bytes();
        crc >> 8 ^ CRC_TABLE[usize::from(low)]
    })
}

/// What each byte does to the checksum.
const CRC_TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let header = FrameHeader::parse([0xFF, 0xFB, 0x90, 0x00]).unwrap();
        let gapless = Gapless { delay: 4095, padding: 1234 };
        let info =
            InfoFrame { is_constant: true, frames: 7, bytes: 99, places: [3; 100], gapless, sound_crc: 5 };
        let frame = info.write(&header).unwrap();
        assert_eq!(frame.len(), header.length);
        assert_eq!(Gapless::parse(&header, &frame), Some(Some(gapless)));
        assert_eq!(Gapless::parse(&header, &[0; 417]), None);
        let facts = crate::readback::read_mp3([frame, vec![0; 0]].concat().as_slice());
        assert!(facts.is_err(), "a header alone is no sound");
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc16(0, b"123456789"), 0xBB3D);
    }
}
