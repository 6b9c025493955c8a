//! Writes an MP3 frame by frame; its header, which tells what came, is written last, in the place kept for it.

use crate::error::{Error, Result};
use balado_media::cut::mp3::{FRAME_SAMPLES, FrameHeader, Gapless, INFO_BYTES, InfoFrame, crc16};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

/// An MP3 being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    header: FrameHeader,
    /// Where each frame ends.
    ends: Vec<u32>,
    rates: RateSeen,
    crc: u16,
}

/// The bit rates of copied frames.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RateSeen {
    None,
    One(u8),
    Several,
}

impl Writer {
    /// Keeps room for the header, a frame of the kind of `like`.
    pub(super) fn create(path: &str, like: FrameHeader) -> Result<Self> {
        let header =
            like.holding(INFO_BYTES).ok_or_else(|| Error::Fault("no frame holds the header".to_owned()))?;
        let mut file = BufWriter::with_capacity(256 * 1024, File::create(path)?);
        file.write_all(&vec![0; header.length])?;
        Ok(Self { file, header, ends: Vec::new(), rates: RateSeen::None, crc: 0 })
    }

    /// Whether no frame was written.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a frame of the source.
    pub(super) fn copy(&mut self, frame: Vec<u8>) -> Result<()> {
        // The bit rate alone: padding changes from frame to frame.
        let rate = frame.get(2).map_or(0, |byte| byte >> 4);
        self.rates = match self.rates {
            RateSeen::None => RateSeen::One(rate),
            RateSeen::One(seen) if seen == rate => RateSeen::One(seen),
            _ => RateSeen::Several,
        };
        self.add(&frame)
    }

    /// Adds a frame that was made here.
    pub(super) fn add(&mut self, frame: &[u8]) -> Result<()> {
        let start = self.ends.last().copied().unwrap_or(u32::try_from(self.header.length).unwrap_or(0));
        let length = u32::try_from(frame.len()).map_err(|e| Error::fault("frame", e))?;
        let end =
            start.checked_add(length).ok_or_else(|| Error::Fault("the MP3 grows too large".to_owned()))?;
        self.ends.push(end);
        self.crc = crc16(self.crc, frame);
        Ok(self.file.write_all(frame)?)
    }

    /// Writes the header: players leave `delay` samples out and play `samples`.
    pub(super) fn finish(mut self, delay: i64, samples: i64) -> Result<()> {
        let frames = u32::try_from(self.ends.len()).map_err(|e| Error::fault("frames", e))?;
        let padding = i64::from(frames) * FRAME_SAMPLES - delay - samples;
        let within = |count: i64| {
            u16::try_from(count)
                .ok()
                .filter(|count| *count <= 4095)
                .ok_or_else(|| Error::fault("gapless header", count))
        };
        let bytes = self.ends.last().copied().unwrap_or(0);
        let info = InfoFrame {
            is_constant: self.rates != RateSeen::Several,
            frames,
            bytes,
            places: self.places(bytes),
            gapless: Gapless { delay: within(delay)?, padding: within(padding)? },
            sound_crc: self.crc,
        };
        let frame =
            info.write(&self.header).ok_or_else(|| Error::Fault("the header does not fit".to_owned()))?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&frame)?;
        self.file.flush()?;
        Ok(())
    }

    /// Where each hundredth of the playing time lies, in 256ths of the file.
    fn places(&self, bytes: u32) -> [u8; 100] {
        let mut places = [0; 100];
        for (hundredth, place) in places.iter_mut().enumerate() {
            let frame = hundredth * self.ends.len() / 100;
            let start = frame.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
            let share = u64::from(start) * 256 / u64::from(bytes.max(1));
            *place = u8::try_from(share.min(255)).unwrap_or(255);
        }
        places
    }
}
