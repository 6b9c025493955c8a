//! The frame in front that holds no sound: how many frames follow, where to seek to, what to leave out at either end.

use super::{FrameHeader, MusicCrc};

/// Samples a decoder adds in front of what it was given: every player leaves them out with the encoder's delay.
pub const DECODER_DELAY: u32 = 529;

/// Bytes from the mark to the LAME part: mark, flags, frames, bytes, 100 places, quality.
const LAME_AT: usize = 4 + 4 + 4 + 4 + 100 + 4;

/// Bytes of the LAME part.
const LAME_BYTES: usize = 36;

/// Players believe delay and padding only behind a name they know. All Balado encodes is made by this one.
const ENCODER: &[u8; 9] = b"LAME3.100";

/// Samples that are no sound, at either end of an MP3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gapless {
    /// Samples in front, without [`DECODER_DELAY`]; below 4096.
    pub delay: u16,
    /// Samples at the end, with [`DECODER_DELAY`]; below 4096.
    pub padding: u16,
}

impl Gapless {
    /// Samples of sound in so many samples of frames.
    #[must_use]
    pub fn heard(self, samples: u64) -> u64 {
        samples.saturating_sub(u64::from(self.delay) + u64::from(self.padding))
    }
}

/// What is read from an Info or Xing frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Frames of sound that follow, when told.
    pub frames: Option<u32>,
    /// What to leave out, when told.
    pub gapless: Option<Gapless>,
}

impl Info {
    /// Reads a frame; nothing when it is a frame of sound.
    #[must_use]
    pub fn read(frame: &[u8]) -> Option<Self> {
        let header = FrameHeader::of(frame)?;
        let info = frame.get(header.side_start() + header.side_bytes()..)?;
        if !matches!(info.get(..4), Some(b"Xing" | b"Info")) {
            return None;
        }
        let flags = number(info, 4)?;
        let frames = if flags & 1 == 0 { None } else { number(info, 8) };
        let mut at = 8;
        for (flag, size) in [(1, 4), (2, 4), (4, 100), (8, 4)] {
            at += if flags & flag == 0 { 0 } else { size };
        }
        let named = info.get(at..at + 4).is_some_and(|name| matches!(name, b"LAME" | b"Lavf" | b"Lavc"));
        let gapless = match info.get(at + 21..at + 24) {
            Some([first, second, third]) if named => Some(Gapless {
                delay: u16::from(*first) << 4 | u16::from(*second) >> 4,
                padding: u16::from(second & 0xF) << 8 | u16::from(*third),
            }),
            _ => None,
        };
        Some(Self { frames, gapless })
    }
}

/// What is written into an Info or Xing frame.
#[derive(Debug, Clone, Copy)]
pub struct InfoFrame<'a> {
    /// The header of the first frame of sound.
    pub like: [u8; 4],
    /// Frames of sound.
    pub frames: u32,
    /// Bytes of all frames of sound.
    pub bytes: u64,
    /// Whether all have the same bit rate.
    pub is_constant: bool,
    /// Where to seek to.
    pub seek: &'a SeekTable,
    /// What to leave out; without it players leave out nothing.
    pub gapless: Option<Gapless>,
    /// Over all frames of sound.
    pub music: MusicCrc,
}

impl InfoFrame<'_> {
    /// Bytes the frame will have, as long as the frames look like this one; `None` when no such frame could hold it.
    #[must_use]
    pub fn length(like: [u8; 4]) -> Option<usize> {
        Some(Self::shape(like)?.1.length)
    }

    fn shape(like: [u8; 4]) -> Option<([u8; 4], FrameHeader)> {
        let side = FrameHeader::parse(like)?.side_bytes();
        FrameHeader::resized(like, 4 + side + LAME_AT + LAME_BYTES)
    }

    /// The frame. `None` when `like` is no header.
    #[must_use]
    pub fn to_bytes(self) -> Option<Vec<u8>> {
        let (header, shape) = Self::shape(self.like)?;
        let all_bytes = u32::try_from(self.bytes + shape.length as u64).unwrap_or(u32::MAX);
        let mut frame = Vec::with_capacity(shape.length);
        frame.extend(header);
        frame.resize(shape.side_start() + shape.side_bytes(), 0);
        frame.extend(if self.is_constant { b"Info" } else { b"Xing" });
        // Frames, bytes, places and quality all follow; the quality is not known.
        frame.extend(15_u32.to_be_bytes());
        frame.extend(self.frames.to_be_bytes());
        frame.extend(all_bytes.to_be_bytes());
        frame.extend(self.seek.places(self.frames, self.bytes, shape.length as u64));
        frame.extend([0; 4]);
        if let Some(gapless) = self.gapless {
            self.extend_lame(&mut frame, gapless, all_bytes);
        }
        frame.resize(shape.length, 0);
        Some(frame)
    }

    fn extend_lame(self, frame: &mut Vec<u8>, gapless: Gapless, all_bytes: u32) {
        let kilobits = FrameHeader::parse(self.like).map_or(0, |header| header.bit_rate / 1000);
        frame.extend(ENCODER);
        // Revision 0 of the tag; method 1 is constant bit rate, 0 unknown. No low pass, peak or replay gain is told.
        frame.push(u8::from(self.is_constant));
        frame.extend([0; 1 + 4 + 2 + 2 + 1]);
        frame.push(u8::try_from(kilobits).unwrap_or(u8::MAX));
        let (delay, padding) = (u32::from(gapless.delay.min(0xFFF)), u32::from(gapless.padding.min(0xFFF)));
        frame.extend((delay << 12 | padding).to_be_bytes().into_iter().skip(1));
        frame.extend([0; 1 + 1 + 2]);
        frame.extend(all_bytes.to_be_bytes());
        frame.extend(self.music.value().to_be_bytes());
        let mut sum = MusicCrc::default();
        sum.update(frame);
        frame.extend(sum.value().to_be_bytes());
    }
}

/// Remembers where frames begin, ever more coarsely, so that hours take no more room than minutes.
#[derive(Debug, Clone)]
pub struct SeekTable {
    /// First byte of every `stride`th frame, counted from the first frame of sound.
    starts: Vec<u64>,
    stride: u32,
    frames: u32,
    bytes: u64,
}

/// Places kept; half as many after thinning still make each of the hundred exact to half a per cent.
const MOST_STARTS: usize = 400;

impl Default for SeekTable {
    fn default() -> Self {
        Self { starts: Vec::new(), stride: 1, frames: 0, bytes: 0 }
    }
}

impl SeekTable {
    /// Takes the next frame's length, in bytes.
    pub fn push(&mut self, length: usize) {
        if self.frames.is_multiple_of(self.stride) {
            if self.starts.len() == MOST_STARTS {
                self.starts = self.starts.iter().copied().step_by(2).collect();
                self.stride *= 2;
            }
            // After thinning this frame may no longer be one of those kept.
            if self.frames.is_multiple_of(self.stride) {
                self.starts.push(self.bytes);
            }
        }
        self.frames += 1;
        self.bytes += length as u64;
    }

    /// For each per cent of the playing time, the place in 256ths of the file, whose first frame has `front` bytes.
    fn places(&self, frames: u32, bytes: u64, front: u64) -> impl Iterator<Item = u8> {
        let whole = (bytes + front).max(1);
        (0..100_u64).map(move |percent| {
            let frame = percent * u64::from(frames) / 100;
            let start = usize::try_from(frame / u64::from(self.stride)).ok();
            let start = start.and_then(|index| self.starts.get(index)).or(self.starts.last()).unwrap_or(&0);
            u8::try_from((start + front) * 256 / whole).unwrap_or(u8::MAX)
        })
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map(|four| u32::from_be_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONO: [u8; 4] = [0xFF, 0xFB, 0x52, 0xC4];

    fn frame(gapless: Option<Gapless>, seek: &SeekTable) -> Vec<u8> {
        let mut music = MusicCrc::default();
        music.update(b"sound");
        InfoFrame { like: MONO, frames: 1000, bytes: 208_000, is_constant: true, seek, gapless, music }
            .to_bytes()
            .unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let gapless = Gapless { delay: 576, padding: 1234 };
        let frame = frame(Some(gapless), &SeekTable::default());
        assert_eq!(Some(frame.len()), InfoFrame::length(MONO));
        assert_eq!(Info::read(&frame), Some(Info { frames: Some(1000), gapless: Some(gapless) }));
        let mut sum = MusicCrc::default();
        // The last two bytes of the LAME part are the sum of all before them.
        sum.update(&frame[..175]);
        assert_eq!(frame[175..177], sum.value().to_be_bytes());
    }

    #[test]
    fn without_delay_no_encoder_is_named() {
        let frame = frame(None, &SeekTable::default());
        assert_eq!(Info::read(&frame), Some(Info { frames: Some(1000), gapless: None }));
    }

    #[test]
    fn a_frame_of_sound_is_no_info() {
        let mut sound = vec![0x11; 208];
        sound[..4].copy_from_slice(&MONO);
        assert_eq!(Info::read(&sound), None);
    }

    #[test]
    fn a_frame_too_small_for_the_table_is_made_larger() {
        // 32 kb/s stereo: 104 bytes would not do.
        let length = InfoFrame::length([0xFF, 0xFB, 0x10, 0x00]).unwrap();
        assert!((192..=261).contains(&length), "{length}");
    }

    #[test]
    fn places_follow_the_bytes_however_many_frames_there_are() {
        // The first half of the frames are three times as large as the second.
        let mut table = SeekTable::default();
        for frame in 0..100_000 {
            table.push(if frame < 50_000 { 300 } else { 100 });
        }
        let places: Vec<u8> = table.places(100_000, 20_000_000, 208).collect();
        assert_eq!((places[0], places.len()), (0, 100));
        assert!(places[50].abs_diff(192) <= 1 && places[75].abs_diff(224) <= 1, "{places:?}");
        assert!(places.is_sorted());
    }
}
