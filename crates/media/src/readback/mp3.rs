//! Walks the frames of an MP3.

use crate::Error;
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
}

struct Header {
    length: usize,
    samples: u64,
    sample_rate_hz: u32,
    channels: u8,
    side_bytes: usize,
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
    loop {
        let parsed = parse_header(header)
            .ok_or_else(|| Error::unreadable("MP3", format!("frame {} is none", walk.frames)))?;
        let mut body = vec![0_u8; parsed.length.saturating_sub(4)];
        read_exact(&mut source, &mut body)?;
        walk.take(&parsed, &body);
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
    trimmed: u64,
    sample_rate_hz: u32,
    channels: u8,
}

impl Walk {
    fn take(&mut self, header: &Header, body: &[u8]) {
        self.sample_rate_hz = header.sample_rate_hz;
        self.channels = self.channels.max(header.channels);
        if self.frames == 0 && self.samples == 0 && self.trimmed == 0 {
            let mark = body.get(header.side_bytes..header.side_bytes + 4);
            if matches!(mark, Some(b"Xing" | b"Info")) {
                self.trimmed = padding(body.get(header.side_bytes..).unwrap_or(&[]));
                return;
            }
        }
        self.frames += 1;
        self.bytes += header.length as u64;
        self.samples += header.samples;
    }

    fn facts(self, tag_bytes: u64) -> Result<Mp3Facts, Error> {
        if self.frames == 0 || self.sample_rate_hz == 0 {
            return Err(Error::unreadable("MP3", "no frame of sound"));
        }
        let heard = self.samples.saturating_sub(self.trimmed);
        let rate = u64::from(self.sample_rate_hz);
        let bits = self.bytes.saturating_mul(8).saturating_mul(rate) / self.samples.max(1);
        Ok(Mp3Facts {
            duration_ms: i64::try_from(heard.saturating_mul(1000) / rate).unwrap_or(i64::MAX),
            sample_rate_hz: self.sample_rate_hz,
            channels: self.channels,
            bit_rate: u32::try_from(bits).unwrap_or(u32::MAX),
            frames: self.frames,
            tag_bytes,
        })
    }
}

/// Encoder delay and padding, 12 bits each, 21 bytes into the LAME part of an Info header with all four fields.
fn padding(info: &[u8]) -> u64 {
    let flags = info.get(4..8).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    let mut at = 8;
    for (flag, size) in [(1, 4), (2, 4), (4, 100), (8, 4)] {
        if flags & flag != 0 {
            at += size;
        }
    }
    match info.get(at + 21..at + 24) {
        Some([first, second, third]) if info.get(at..at + 3).is_some_and(|name| name != [0, 0, 0]) => {
            let delay = u64::from(*first) << 4 | u64::from(*second) >> 4;
            delay + (u64::from(second & 0xF) << 8 | u64::from(*third))
        }
        _ => 0,
    }
}

fn parse_header(bytes: [u8; 4]) -> Option<Header> {
    const V1: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const V2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    if bytes[0] != 0xFF || bytes[1] & 0xE6 != 0xE2 {
        return None;
    }
    let version = bytes[1] >> 3 & 3;
    let first = version == 3;
    let table = if first { V1 } else { V2 };
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
    Some(Header {
        length: usize::try_from(length).ok()?,
        samples: if first { 1152 } else { 576 },
        sample_rate_hz,
        channels: if mono { 1 } else { 2 },
        side_bytes,
    })
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
