//! An MP3 being written: frames as they come, the Info frame in front at the end, with the volumes decided by then.

use crate::error::{Error, Result};
use balado_media::mp3::{FrameHeader, Gapless, InfoFrame, MusicCrc, SeekTable, shift_gain};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;

/// Bytes read at once when the frames are gone through again.
const PIECE: usize = 1 << 20;

/// Frames of one sound, without tags.
pub(super) struct Mp3File {
    writer: BufWriter<File>,
    like: Option<[u8; 4]>,
    frames: u32,
    bytes: u64,
    samples: u64,
    is_constant: bool,
    seek: SeekTable,
}

impl Mp3File {
    pub(super) fn create(path: &str) -> Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Self {
            writer: BufWriter::with_capacity(PIECE / 4, file),
            like: None,
            frames: 0,
            bytes: 0,
            samples: 0,
            is_constant: true,
            seek: SeekTable::default(),
        })
    }

    /// Takes the next frame; false when these bytes are not exactly one.
    pub(super) fn write(&mut self, frame: &[u8]) -> Result<bool> {
        let Some(header) = FrameHeader::of(frame).filter(|header| header.length == frame.len()) else {
            return Ok(false);
        };
        match self.like {
            None => self.begin(frame)?,
            Some(like) => {
                let first = FrameHeader::parse(like).map(|header| header.bit_rate);
                self.is_constant &= first == Some(header.bit_rate);
            }
        }
        self.writer.write_all(frame)?;
        self.seek.push(frame.len());
        self.frames += 1;
        self.bytes += frame.len() as u64;
        self.samples += u64::from(header.samples);
        Ok(true)
    }

    /// Frames so far.
    pub(super) fn frames(&self) -> u32 {
        self.frames
    }

    /// Samples of all frames so far.
    pub(super) fn samples(&self) -> u64 {
        self.samples
    }

    /// Shifts the volume of each granule by its steps, and writes the Info frame.
    pub(super) fn finish(self, gapless: Option<Gapless>, shifts: &[i8]) -> Result<()> {
        let Some(like) = self.like else { return Ok(()) };
        let front = InfoFrame::length(like).unwrap_or(0) as u64;
        let file = self.writer.into_inner().map_err(|error| Error::from(error.into_error()))?;
        let music = go_through(&file, front, self.bytes, shifts)?;
        let info = InfoFrame {
            like,
            frames: self.frames,
            bytes: self.bytes,
            is_constant: self.is_constant,
            seek: &self.seek,
            gapless,
            music,
        };
        let bytes = info.to_bytes().ok_or_else(|| Error::Fault("an MP3 of no known kind".to_owned()))?;
        Ok(file.write_all_at(&bytes, 0)?)
    }

    /// Leaves room for the Info frame.
    fn begin(&mut self, frame: &[u8]) -> Result<()> {
        self.like = frame.first_chunk().copied();
        let length = self.like.and_then(InfoFrame::length).unwrap_or(0);
        Ok(self.writer.write_all(&vec![0; length])?)
    }
}

/// Shifts the volumes in place and sums up the result.
fn go_through(file: &File, front: u64, bytes: u64, shifts: &[i8]) -> Result<MusicCrc> {
    let mut music = MusicCrc::default();
    let mut buffer = vec![0_u8; PIECE];
    let mut shifts = shifts.iter().copied();
    let is_changed = shifts.clone().any(|shift| shift != 0);
    let (mut at, end) = (front, front + bytes);
    while at < end {
        let wanted = buffer.len().min(usize::try_from(end - at).unwrap_or(usize::MAX));
        let piece = buffer.get_mut(..wanted).unwrap_or(&mut []);
        file.read_exact_at(piece, at)?;
        let mut whole = 0;
        while let Some(header) = piece.get(whole..).and_then(FrameHeader::of)
            && let Some(frame) = piece.get_mut(whole..whole + header.length)
        {
            if is_changed {
                let mut next = || shifts.next().unwrap_or(0);
                shift_gain(frame, [next(), if header.is_mpeg_one { next() } else { 0 }]);
            }
            whole += header.length;
        }
        let done = piece.get(..whole).filter(|done| !done.is_empty());
        let done = done.ok_or_else(|| Error::Fault("an MP3 does not read back".to_owned()))?;
        music.update(done);
        if is_changed {
            file.write_all_at(done, at)?;
        }
        at += whole as u64;
    }
    Ok(music)
}
