//! Writes an MP3 frame by frame; its header, which tells what came, is written last, in the place kept for it.

use crate::error::{Error, Result};
use balado_media::mp3::{FRAME_SAMPLES, FrameHeader, Gapless, InfoFrame, MusicCrc, SeekTable};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

/// An MP3 being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    like: [u8; 4],
    frames: u32,
    bytes: u64,
    rates: RateSeen,
    seek: SeekTable,
    music: MusicCrc,
}

/// The bit rates of copied frames.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RateSeen {
    None,
    One(u32),
    Several,
}

impl Writer {
    /// Keeps room for the header, a frame that begins like these four bytes.
    pub(super) fn create(path: &str, like: [u8; 4]) -> Result<Self> {
        let length =
            InfoFrame::length(like).ok_or_else(|| Error::Fault("no frame holds the header".to_owned()))?;
        let mut file = BufWriter::with_capacity(256 * 1024, File::create(path)?);
        file.write_all(&vec![0; length])?;
        Ok(Self {
            file,
            like,
            frames: 0,
            bytes: 0,
            rates: RateSeen::None,
            seek: SeekTable::default(),
            music: MusicCrc::default(),
        })
    }

    /// Adds a frame of the source.
    pub(super) fn copy(&mut self, frame: &[u8]) -> Result<()> {
        let rate = FrameHeader::of(frame).map_or(0, |header| header.bit_rate);
        self.rates = match self.rates {
            RateSeen::None => RateSeen::One(rate),
            RateSeen::One(seen) if seen == rate => RateSeen::One(seen),
            _ => RateSeen::Several,
        };
        self.add(frame)
    }

    /// Adds a frame that was made here.
    pub(super) fn add(&mut self, frame: &[u8]) -> Result<()> {
        self.frames += 1;
        self.bytes += frame.len() as u64;
        self.seek.push(frame.len());
        self.music.update(frame);
        Ok(self.file.write_all(frame)?)
    }

    /// Writes the header: players leave `delay` samples out and play `samples`.
    pub(super) fn finish(mut self, delay: i64, samples: i64) -> Result<()> {
        let padding = i64::from(self.frames) * FRAME_SAMPLES - delay - samples;
        let within = |count: i64| {
            let narrow = u16::try_from(count).ok().filter(|count| *count <= 4095);
            narrow.ok_or_else(|| Error::fault("gapless header", count))
        };
        let info = InfoFrame {
            like: self.like,
            frames: self.frames,
            bytes: self.bytes,
            is_constant: self.rates != RateSeen::Several,
            seek: &self.seek,
            gapless: Some(Gapless { delay: within(delay)?, padding: within(padding)? }),
            music: self.music,
        };
        let frame = info.to_bytes().ok_or_else(|| Error::Fault("the header does not fit".to_owned()))?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&frame)?;
        self.file.flush()?;
        Ok(())
    }
}
