//! A conforming MP3 on its way through: its frames bit for bit, without its tags, and decoded only to be drawn.

use super::mp3_file::Mp3File;
use crate::error::{Error, Result};
use balado_media::mp3::{DECODER_DELAY, Gapless, Info};
use balado_media::recipe::AudioProfile;
use balado_media::waveform::PeakFolder;
use balado_media::{Peaks, Refusal, Waveform};
use ffmpeg_next::Packet;
use ffmpeg_next::codec::packet::side_data::Type as SideData;

/// Copies frames.
pub(super) struct Copy {
    file: Mp3File,
    peaks: PeakFolder,
    delay: Option<u32>,
    padding: u32,
}

impl Copy {
    pub(super) fn create(path: &str, profile: &AudioProfile) -> Result<Self> {
        Ok(Self {
            file: Mp3File::create(path)?,
            peaks: PeakFolder::new(profile.sample_rate_hz, profile.peak_ms, profile.fine_peak_ms),
            delay: None,
            padding: 0,
        })
    }

    /// Takes the next frame. What is no frame, a tag or the end of one cut short, is left behind.
    pub(super) fn copy(&mut self, packet: &Packet) -> Result<()> {
        let frame = packet.data().unwrap_or(&[]);
        if self.file.frames() == 0
            && let Some(info) = Info::read(frame)
        {
            self.delay = info.gapless.map(|gapless| u32::from(gapless.delay));
            return Ok(());
        }
        let (skipped, dropped) = left_out(packet);
        if self.file.frames() == 0 && skipped >= DECODER_DELAY {
            self.delay = Some(skipped - DECODER_DELAY);
        }
        self.padding = self.padding.saturating_add(dropped);
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
        // Players leave out the decoder's share of the padding by themselves.
        let padding = self.padding.saturating_add(DECODER_DELAY);
        let gapless = self.delay.map(|delay| Gapless {
            delay: u16::try_from(delay).unwrap_or(0),
            padding: u16::try_from(padding).unwrap_or(0),
        });
        self.file.finish(gapless, &[])?;
        Ok(self.peaks.finish(|_| 1.0))
    }
}

/// Samples that libav, having read the source's Info frame, wants left out at the start and at the end of a packet.
fn left_out(packet: &Packet) -> (u32, u32) {
    let data = packet.side_data().find(|data| data.kind() == SideData::SkipSamples);
    let number = |at: usize| {
        let data = data.as_ref()?.data();
        data.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
    };
    (number(0).unwrap_or(0), number(4).unwrap_or(0))
}
