//! Walks the frames of an MP3.

use crate::Error;
use crate::mp3::{FrameHeader, Gapless, Info};
use std::io::{BufReader, ErrorKind, Read};

/// What an MP3 holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mp3Facts {
    /// Playing time: frames of sound, less the encoder's padding when the header tells it.
    pub duration_ms: i64,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// One or two.
    pub channels: u8,
    /// Mean bits per second of the frames.
    pub bit_rate: u32,
    /// Frames of sound.
    pub frames: u64,
    /// Bytes before the first frame: an ID3 tag.
    pub tag_bytes: u64,
    /// Samples players leave out at either end, when the file tells.
    pub gapless: Option<Gapless>,
}

/// Reads an MP3 that Balado made, to its last frame.
///
/// # Errors
/// When a byte between frames is not a frame, or reading fails.
pub fn read_mp3(source: impl Read) -> Result<Mp3Facts, Error> {
    let mut source = BufReader::with_capacity(256 * 1024, source);
    let mut start = [0_u8; 10];
    let mut tag_bytes = 0;
    let mut header = read_header(&mut source)?.ok_or_else(|| Error::unreadable("MP3", "no bytes"))?;
    if header.starts_with(b"ID3") {
        start[..4].copy_from_slice(&header);
        read_exact(&mut source, &mut start[4..])?;
        let size = start[6..10].iter().fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7F));
        tag_bytes = size + 10;
        std::io::copy(&mut source.by_ref().take(size), &mut std::io::sink()).map_err(io_error)?;
        header =
            read_header(&mut source)?.ok_or_else(|| Error::unreadable("MP3", "no frame after the tag"))?;
    }
    let mut walk = Walk::default();
    let mut frame = Vec::new();
    loop {
        let parsed = FrameHeader::parse(header)
            .ok_or_else(|| Error::unreadable("MP3", format!("frame {} is none", walk.frames)))?;
        frame.resize(parsed.length, 0);
        frame[..4].copy_from_slice(&header);
        read_exact(&mut source, &mut frame[4..])?;
        walk.take(&parsed, &frame);
        match read_header(&mut source)? {
            Some(next) => header = next,
            None => return walk.facts(tag_bytes),
        }
    }
}

#[derive(Default)]
struct Walk {
    frames: u64,
    bytes: u64,
    samples: u64,
    began: bool,
    gapless: Option<Gapless>,
    sample_rate_hz: u32,
    channels: u8,
}

impl Walk {
    fn take(&mut self, header: &FrameHeader, frame: &[u8]) {
        self.sample_rate_hz = header.sample_rate_hz;
        self.channels = self.channels.max(header.channels);
        if !self.began {
            self.began = true;
            if let Some(info) = Info::read(frame) {
                self.gapless = info.gapless;
                return;
            }
        }
        self.frames += 1;
        self.bytes += header.length as u64;
        self.samples += u64::from(header.samples);
    }

    fn facts(self, tag_bytes: u64) -> Result<Mp3Facts, Error> {
        if self.frames == 0 || self.sample_rate_hz == 0 {
            return Err(Error::unreadable("MP3", "no frame of sound"));
        }
        let heard = self.gapless.map_or(self.samples, |gapless| gapless.heard(self.samples));
        let rate = u64::from(self.sample_rate_hz);
        let bits = self.bytes.saturating_mul(8).saturating_mul(rate) / self.samples.max(1);
        Ok(Mp3Facts {
            duration_ms: i64::try_from(heard.saturating_mul(1000) / rate).unwrap_or(i64::MAX),
            sample_rate_hz: self.sample_rate_hz,
            channels: self.channels,
            bit_rate: u32::try_from(bits).unwrap_or(u32::MAX),
            frames: self.frames,
            tag_bytes,
            gapless: self.gapless,
        })
    }
}

/// The next four bytes, or nothing at the exact end of the file.
fn read_header(source: &mut impl Read) -> Result<Option<[u8; 4]>, Error> {
    let mut bytes = [0_u8; 4];
    let mut filled = 0;
    while filled < 4 {
        match source.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(Error::unreadable("MP3", "bytes after the last frame")),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(io_error(error)),
        }
    }
    Ok(Some(bytes))
}

fn read_exact(source: &mut impl Read, bytes: &mut [u8]) -> Result<(), Error> {
    source.read_exact(bytes).map_err(io_error)
}

fn io_error(error: std::io::Error) -> Error {
    Error::unreadable("MP3", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_and_the_tag_is_stepped_over() {
        let mut frame = vec![0xFF, 0xFB, 0x50, 0xC0];
        frame.resize(208, 0);
        let mut file = b"ID3\x03\0\0\0\0\0\x02xx".to_vec();
        file.extend(frame.repeat(100));
        let facts = read_mp3(file.as_slice()).unwrap();
        assert_eq!((facts.frames, facts.channels, facts.tag_bytes), (100, 1, 12));
        assert_eq!(facts.duration_ms, 100 * 1152 * 1000 / 44_100);
        assert!(facts.bit_rate.abs_diff(64_000) < 400, "{}", facts.bit_rate);
    }

    #[test]
    fn a_file_cut_inside_a_frame_is_unreadable() {
        let mut frame = vec![0xFF, 0xFB, 0x50, 0xC0];
        frame.resize(208, 0);
        let mut file = frame.repeat(3);
        file.truncate(500);
        assert!(read_mp3(file.as_slice()).is_err());
    }
}
