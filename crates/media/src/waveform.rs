//! The peaks a player draws: one number per slice of sound, written as JSON.

use crate::Error;
use serde::{Deserialize, Serialize};

/// Version of the JSON shape.
pub const VERSION: u32 = 1;

/// Peaks of a sound. Served as is, so the shape is part of the public interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waveform {
    /// Version of this shape, [`VERSION`].
    pub version: u32,
    /// Milliseconds one peak stands for.
    pub peak_ms: u32,
    /// Playing time of the sound.
    pub duration_ms: i64,
    /// Loudest absolute sample of each slice, 0 (silence) to 255 (full scale).
    pub peaks: Vec<u8>,
}

impl Waveform {
    /// Reads what the transcoder wrote.
    ///
    /// # Errors
    /// When the bytes are not such JSON, or of another version.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let waveform: Self =
            serde_json::from_slice(bytes).map_err(|e| Error::unreadable("waveform", e.to_string()))?;
        if waveform.version != VERSION || waveform.peak_ms == 0 {
            return Err(Error::unreadable("waveform", format!("version {}", waveform.version)));
        }
        Ok(waveform)
    }
}

/// Folds samples into peaks as they are decoded. Holds one byte per slice, whatever the sample rate.
#[derive(Debug)]
pub struct PeakFolder {
    slice: u64,
    peak_ms: u32,
    sample_rate_hz: u32,
    seen: u64,
    loudest: f32,
    peaks: Vec<u8>,
}

impl PeakFolder {
    /// For sound of `sample_rate_hz`, one peak per `peak_ms`.
    #[must_use]
    pub fn new(sample_rate_hz: u32, peak_ms: u32) -> Self {
        let slice = (u64::from(sample_rate_hz) * u64::from(peak_ms) / 1000).max(1);
        Self {
            slice,
            peak_ms,
            sample_rate_hz: sample_rate_hz.max(1),
            seen: 0,
            loudest: 0.0,
            peaks: Vec::new(),
        }
    }

    /// Takes the next moment of sound: `channels` hold the same number of samples each, -1.0 to 1.0.
    pub fn push(&mut self, channels: &[&[f32]]) {
        let count = channels.iter().map(|c| c.len()).min().unwrap_or(0);
        let mut start = 0;
        while start < count {
            let until_slice_end = usize::try_from(self.slice - self.seen % self.slice).unwrap_or(usize::MAX);
            let end = count.min(start.saturating_add(until_slice_end));
            for channel in channels {
                let loudest =
                    channel.get(start..end).unwrap_or(&[]).iter().fold(0.0_f32, |m, s| m.max(s.abs()));
                self.loudest = self.loudest.max(loudest);
            }
            self.seen += (end - start) as u64;
            if self.seen.is_multiple_of(self.slice) {
                self.close_slice();
            }
            start = end;
        }
    }

    /// The finished waveform.
    #[must_use]
    pub fn finish(mut self) -> Waveform {
        if !self.seen.is_multiple_of(self.slice) {
            self.close_slice();
        }
        let duration_ms =
            i64::try_from(self.seen * 1000 / u64::from(self.sample_rate_hz)).unwrap_or(i64::MAX);
        Waveform { version: VERSION, peak_ms: self.peak_ms, duration_ms, peaks: self.peaks }
    }

    fn close_slice(&mut self) {
        // NaN and infinity come from hostile float WAV: `clamp` keeps NaN, and `as` turns it into 0.
        self.peaks.push((self.loudest.clamp(0.0, 1.0) * 255.0).round() as u8);
        self.loudest = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_follow_the_sound_whatever_the_size_of_the_pieces() {
        let mut samples = vec![0.0_f32; 1000];
        samples.extend(vec![-0.5_f32; 1000]);
        samples.extend(vec![1.0_f32; 500]);
        for piece in [1, 7, 999, 5000] {
            let mut folder = PeakFolder::new(10_000, 100);
            for chunk in samples.chunks(piece) {
                folder.push(&[chunk]);
            }
            let waveform = folder.finish();
            assert_eq!(waveform.peaks, vec![0, 128, 255], "pieces of {piece}");
            assert_eq!(waveform.duration_ms, 250);
        }
    }

    #[test]
    fn not_a_number_is_drawn_as_something_finite() {
        let mut folder = PeakFolder::new(1000, 1);
        folder.push(&[&[f32::NAN, f32::INFINITY]]);
        assert_eq!(folder.finish().peaks, vec![0, 255]);
    }

    #[test]
    fn json_of_another_version_is_refused() {
        let json = br#"{"version":2,"peak_ms":100,"duration_ms":1,"peaks":[]}"#;
        assert!(Waveform::from_json(json).is_err());
    }
}
