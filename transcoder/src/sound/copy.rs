//! A conforming MP3 on its way through: its frames bit for bit, without its tags, and decoded only to be drawn.
//!
//! Players put one frame behind the other, whatever the container says of their times: where these say something else, or a
//! frame is of another kind, the MP3 is none to copy.

use super::mp3_file::Mp3File;
use crate::error::{Error, Result};
use balado_media::mp3::{DECODER_DELAY, FrameHeader, Gapless, Info};
use balado_media::recipe::AudioProfile;
use balado_media::waveform::PeakFolder;
use balado_media::{Peaks, Refusal, Waveform};
use ffmpeg_next::{Packet, Rational, Rescale};

/// How far from its time a frame may be heard, in samples: two frames. Containers round, and codecs begin before zero.
const TOLERATED: i64 = 2 * 1152;

/// Copies frames.
pub(super) struct Copy {
    file: Mp3File,
    peaks: PeakFolder,
    gapless: Option<Gapless>,
    unit: Rational,
    /// Samples per second and channels of the first frame.
    kind: Option<(u32, u8)>,
    /// When the first frame is heard, in samples.
    first: Option<i64>,
}

impl Copy {
    /// `gapless` is what the source says of the silence at its ends; the copy says the same. Times of packets count in `unit`.
    pub(super) fn create(
        path: &str,
        profile: &AudioProfile,
        (gapless, unit): (Option<Gapless>, Rational),
    ) -> Result<Self> {
        Ok(Self {
            file: Mp3File::create(path)?,
            peaks: PeakFolder::new(profile.sample_rate_hz, profile.peak_ms, profile.fine_peak_ms),
            gapless,
            unit,
            kind: None,
            first: None,
        })
    }

    /// Takes the next frame. What is no frame, a tag or the end of one cut short, is left behind.
    ///
    /// # Errors
    /// [`Error::Fault`] when it is of another kind than the first, or not heard right after the one before.
    pub(super) fn copy(&mut self, packet: &Packet) -> Result<()> {
        let frame = packet.data().unwrap_or(&[]);
        if self.file.frames() == 0 && Info::read(frame).is_some() {
            return Ok(());
        }
        if let Some(header) = FrameHeader::of(frame).filter(|header| header.length == frame.len()) {
            self.refuse_change(header)?;
            self.refuse_hole(packet, header)?;
        }
        self.file.write(frame)?;
        Ok(())
    }

    fn refuse_change(&mut self, header: FrameHeader) -> Result<()> {
        let kind = (header.sample_rate_hz, header.channels);
        if *self.kind.get_or_insert(kind) == kind {
            Ok(())
        } else {
            Err(Error::Fault("frames of several kinds".to_owned()))
        }
    }

    fn refuse_hole(&mut self, packet: &Packet, header: FrameHeader) -> Result<()> {
        let Some(time) = packet.pts().or(packet.dts()) else { return Ok(()) };
        let rate = Rational(1, i32::try_from(header.sample_rate_hz).unwrap_or(i32::MAX));
        let heard = time.rescale(self.unit, rate);
        let before = i64::try_from(self.file.samples()).unwrap_or(i64::MAX);
        let first = *self.first.get_or_insert(heard);
        let lead = self.gapless.map_or(0, |gapless| i64::from(gapless.delay) + i64::from(DECODER_DELAY));
        let starts_at_zero = (-lead - TOLERATED..=TOLERATED).contains(&first);
        if starts_at_zero && (heard - first - before).abs() <= TOLERATED {
            Ok(())
        } else {
            Err(Error::Fault("frames that do not follow each other".to_owned()))
        }
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
