//! A conforming MP3 on its way through: its frames bit for bit, without its tags, and decoded only to be drawn.

use super::mp3_file::Mp3File;
use crate::error::{Error, Result};
use balado_media::mp3::{Gapless, Info};
use balado_media::recipe::AudioProfile;
use balado_media::waveform::PeakFolder;
use balado_media::{Peaks, Refusal, Waveform};
use ffmpeg_next::Packet;

/// Copies frames.
pub(super) struct Copy {
    file: Mp3File,
    peaks: PeakFolder,
    gapless: Option<Gapless>,
}

impl Copy {
    /// `gapless` is what the source says of the silence at its ends; the copy says the same.
    pub(super) fn create(path: &str, profile: &AudioProfile, gapless: Option<Gapless>) -> Result<Self> {
        Ok(Self {
            file: Mp3File::create(path)?,
            peaks: PeakFolder::new(profile.sample_rate_hz, profile.peak_ms, profile.fine_peak_ms),
            gapless,
        })
    }

    /// Takes the next frame. What is no frame, a tag or the end of one cut short, is left behind.
    pub(super) fn copy(&mut self, packet: &Packet) -> Result<()> {
        let frame = packet.data().unwrap_or(&[]);
        if self.file.frames() == 0 && Info::read(frame).is_some() {
            return Ok(());
        }
        self.file.write(frame)?;
        Ok(())
    }

    /// Takes the sound of the frames.
    pub(super) fn draw(&mut self, planes: &[&[f32]]) {
        self.peaks.push(planes);
    }

    pub(super) fn finish(self) -> Result<(Waveform, Peaks)> {
        if self.file.frames() == 0 {
            return Err(Error::refused(Refusal::Damaged, "no whole frame"));
        }
        self.file.finish(self.gapless, &[])?;
        Ok(self.peaks.finish(|_| 1.0))
    }
}
