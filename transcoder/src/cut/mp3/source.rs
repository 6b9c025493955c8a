//! The MP3 that is cut: where its frames lie, which samples players leave out, and how far each frame reaches back.

use crate::error::{Error, Result};
use crate::original::{Original, Reader};
use balado_media::Refusal;
use balado_media::cut::Stretch;
use balado_media::mp3::{DECODER_DELAY, FRAME_SAMPLES, FrameHeader, Gapless, Info};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Where a frame lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u64,
    length: u16,
    /// Where its sound's bytes begin.
    sound_at: u8,
    /// Bytes it needs of the sound bytes before it.
    reach: u16,
}

/// An MP3 whose frames are known.
pub(super) struct Source {
    reader: BufReader<Reader>,
    at: u64,
    frames: Vec<Place>,
    like: [u8; 4],
    header: FrameHeader,
    /// First and last sample players play.
    heard: (i64, i64),
}

impl Source {
    /// Walks the file to its last frame.
    pub(super) fn open(original: &Original) -> Result<Self> {
        let mut reader = BufReader::with_capacity(256 * 1024, original.reader()?);
        let mut at = skip_tag(&mut reader)?;
        let mut frames = Vec::new();
        let mut gapless = None;
        let mut kind: Option<([u8; 4], FrameHeader)> = None;
        let mut frame = Vec::new();
        let mut first = true;
        while let Some((bytes, header)) = next_header(&mut reader)? {
            frame.resize(header.length, 0);
            frame.get_mut(..4).unwrap_or(&mut []).copy_from_slice(&bytes);
            if reader.read_exact(frame.get_mut(4..).unwrap_or(&mut [])).is_err() {
                break;
            }
            let info = if first { Info::read(&frame) } else { None };
            first = false;
            if let Some(told) = info {
                gapless = told.gapless;
            } else {
                if kind.is_some_and(|(_, kind)| !alike(&kind, &header)) || !header.is_mpeg_one {
                    return Err(not_ours("frames of several kinds"));
                }
                kind.get_or_insert((bytes, header));
                frames.push(place(at, &header, &frame)?);
            }
            at += header.length as u64;
        }
        let (like, header) = kind.ok_or_else(|| not_ours("no frame"))?;
        let samples = i64::try_from(frames.len()).unwrap_or(0) * FRAME_SAMPLES;
        let heard = match gapless {
            None => (0, samples),
            Some(Gapless { delay, padding }) => {
                let from = (i64::from(delay) + i64::from(DECODER_DELAY)).min(samples - 1);
                let to = samples - i64::from(padding) + i64::from(DECODER_DELAY);
                (from, to.clamp(from + 1, samples))
            }
        };
        Ok(Self { reader, at: u64::MAX, frames, like, header, heard })
    }

    /// The first four bytes of its frames.
    pub(super) fn like(&self) -> [u8; 4] {
        self.like
    }

    /// What they say.
    pub(super) fn header(&self) -> FrameHeader {
        self.header
    }

    /// Samples a decoder puts out.
    pub(super) fn end(&self) -> i64 {
        i64::try_from(self.frames.len()).unwrap_or(0) * FRAME_SAMPLES
    }

    /// Playing time.
    pub(super) fn duration_ms(&self) -> i64 {
        self.milliseconds(self.heard.1 - self.heard.0).max(1)
    }

    /// Samples as milliseconds, rounded.
    pub(super) fn milliseconds(&self, samples: i64) -> i64 {
        let rate = i64::from(self.header.sample_rate_hz);
        (samples * 1000 + rate / 2) / rate
    }

    /// The samples of a piece of the playing time.
    pub(super) fn samples(&self, piece: Stretch) -> (i64, i64) {
        let rate = i64::from(self.header.sample_rate_hz);
        let (start, end) = self.heard;
        let from = (start + piece.from_ms * rate / 1000).min(end - 1);
        let whole = piece.to_ms >= self.duration_ms();
        let to = if whole { end } else { (start + piece.to_ms * rate / 1000).clamp(from + 1, end) };
        (from, to)
    }

    /// The moments of samples in the playing time.
    pub(super) fn moments(&self, from: i64, to: i64) -> Stretch {
        let start = self.heard.0;
        Stretch { from_ms: self.milliseconds(from - start), to_ms: self.milliseconds(to - start) }
    }

    /// The bytes of a frame.
    pub(super) fn frame(&mut self, index: usize) -> Result<Vec<u8>> {
        let place =
            *self.frames.get(index).ok_or_else(|| Error::Fault("a frame beyond the end".to_owned()))?;
        // Seeking within the buffer keeps it; frames are nearly always read in order.
        if self.at != place.at {
            let by = i64::try_from(place.at).ok().zip(i64::try_from(self.at).ok()).map(|(to, at)| to - at);
            match by {
                Some(by) => self.reader.seek_relative(by)?,
                None => drop(self.reader.seek(SeekFrom::Start(place.at))?),
            }
        }
        let mut frame = vec![0; usize::from(place.length)];
        self.reader.read_exact(&mut frame)?;
        self.at = place.at + u64::from(place.length);
        Ok(frame)
    }

    /// The sound bytes before a frame that it needs.
    pub(super) fn reservoir_of(&mut self, index: usize) -> Result<Vec<u8>> {
        let reach = self.frames.get(index).map_or(0, |place| usize::from(place.reach));
        let mut gathered: Vec<u8> = Vec::with_capacity(reach);
        let mut before = index;
        while gathered.len() < reach && before > 0 {
            before -= 1;
            let sound_at = self.frames.get(before).map_or(0, |place| usize::from(place.sound_at));
            let frame = self.frame(before)?;
            let sound = frame.get(sound_at..).unwrap_or(&[]);
            let wanted = (reach - gathered.len()).min(sound.len());
            let piece = sound.get(sound.len() - wanted..).unwrap_or(&[]);
            gathered.splice(..0, piece.iter().copied());
        }
        // A file that was cut before reaches for what is not there; zeros keep the distance.
        let missing = reach - gathered.len();
        gathered.splice(..0, std::iter::repeat_n(0, missing));
        Ok(gathered)
    }
}

fn place(at: u64, header: &FrameHeader, frame: &[u8]) -> Result<Place> {
    let narrow = |e: std::num::TryFromIntError| Error::fault("frame", e);
    Ok(Place {
        at,
        length: u16::try_from(header.length).map_err(narrow)?,
        sound_at: u8::try_from(header.sound_start()).map_err(narrow)?,
        reach: u16::try_from(header.reach(frame)).map_err(narrow)?,
    })
}

fn alike(one: &FrameHeader, other: &FrameHeader) -> bool {
    one.sample_rate_hz == other.sample_rate_hz && one.channels == other.channels
}

/// Steps over an ID3 tag and gives the place after it.
fn skip_tag(reader: &mut BufReader<Reader>) -> Result<u64> {
    let mut start = [0_u8; 10];
    let tagged = reader.read_exact(&mut start).is_ok() && start.starts_with(b"ID3");
    let size = start.iter().skip(6).fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7F));
    let at = if tagged { size + 10 } else { 0 };
    reader.seek(SeekFrom::Start(at))?;
    Ok(at)
}

/// The next header; nothing at the end, or where something else than frames begins, such as a tag.
fn next_header(reader: &mut impl Read) -> Result<Option<([u8; 4], FrameHeader)>> {
    let mut bytes = [0_u8; 4];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Ok(FrameHeader::parse(bytes).map(|header| (bytes, header))),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn not_ours(why: &str) -> Error {
    Error::refused(Refusal::UnsupportedFormat, format!("not an MP3 that can be cut: {why}"))
}
