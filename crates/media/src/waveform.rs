//! The peaks a player draws: one number per slice of sound, written as JSON. The finer ones are [`crate::peaks`].

use crate::{Error, Peaks};
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

/// Folds samples into peaks as they are decoded. Holds four bytes per slice, whatever the sample rate.
#[derive(Debug)]
pub struct PeakFolder {
    sample_rate_hz: u32,
    peak_ms: u32,
    slice: u64,
    seen: u64,
    lowest: [f32; LANES],
    highest: [f32; LANES],
    pairs: Vec<(i16, i16)>,
}

/// Samples compared at once; every processor of ours has room for four or eight.
const LANES: usize = 8;

/// What one stands for while folding: samples up to twice full scale are told apart, as the gain is not final.
const UNIT: f32 = 16_384.0;

impl PeakFolder {
    /// For sound of `sample_rate_hz`: a waveform with one peak per `peak_ms`, and fine peaks, one per `fine_peak_ms`.
    #[must_use]
    pub fn new(sample_rate_hz: u32, peak_ms: u32, fine_peak_ms: u32) -> Self {
        Self {
            sample_rate_hz: sample_rate_hz.max(1),
            peak_ms: peak_ms.max(1),
            slice: samples_in(sample_rate_hz, fine_peak_ms),
            seen: 0,
            lowest: [0.0; LANES],
            highest: [0.0; LANES],
            pairs: Vec::new(),
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
                self.fold(channel.get(start..end).unwrap_or(&[]));
            }
            self.seen += (end - start) as u64;
            if self.seen.is_multiple_of(self.slice) {
                self.close_slice();
            }
            start = end;
        }
    }

    /// Samples taken so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The finished peaks. `gain_at` tells how much louder a slice is played than it was pushed, by its first sample.
    #[must_use]
    pub fn finish(mut self, gain_at: impl Fn(u64) -> f32) -> (Waveform, Peaks) {
        if !self.seen.is_multiple_of(self.slice) {
            self.close_slice();
        }
        for (first, pair) in (0..).step_by(usize::try_from(self.slice).unwrap_or(1)).zip(&mut self.pairs) {
            let gain = gain_at(first);
            *pair = (scaled(pair.0, gain), scaled(pair.1, gain));
        }
        let duration_ms =
            i64::try_from(self.seen * 1000 / u64::from(self.sample_rate_hz)).unwrap_or(i64::MAX);
        let peaks = self.coarse();
        let fine = Peaks {
            sample_rate_hz: self.sample_rate_hz,
            samples_per_peak: u32::try_from(self.slice).unwrap_or(u32::MAX),
            pairs: self.pairs.into_iter().map(|(low, high)| (eight_bits(low), eight_bits(high))).collect(),
        };
        (Waveform { version: VERSION, peak_ms: self.peak_ms, duration_ms, peaks }, fine)
    }

    /// The loudest of the fine slices each coarse one touches.
    fn coarse(&self) -> Vec<u8> {
        let coarse = samples_in(self.sample_rate_hz, self.peak_ms);
        let loudest = |index: u64| {
            let from = usize::try_from(index * coarse / self.slice).unwrap_or(usize::MAX);
            let to = usize::try_from(((index + 1) * coarse).div_ceil(self.slice)).unwrap_or(usize::MAX);
            let touched = self.pairs.get(from..to.min(self.pairs.len())).unwrap_or(&[]);
            touched
                .iter()
                .fold(0, |loudest, (low, high)| loudest.max(low.unsigned_abs().max(high.unsigned_abs())))
        };
        let peaks = (0..self.seen.div_ceil(coarse)).map(loudest);
        peaks.map(|peak| ((f32::from(peak) / UNIT).min(1.0) * 255.0).round() as u8).collect()
    }

    fn fold(&mut self, samples: &[f32]) {
        // Comparisons that are false for what is no number leave it out; written so, they compile to one instruction.
        let keep = |lowest: &mut f32, highest: &mut f32, sample: f32| {
            *lowest = if sample < *lowest { sample } else { *lowest };
            *highest = if sample > *highest { sample } else { *highest };
        };
        let (lowest, highest) = (&mut self.lowest, &mut self.highest);
        let pieces = samples.chunks_exact(LANES);
        for sample in pieces.remainder() {
            keep(&mut lowest[0], &mut highest[0], *sample);
        }
        for piece in pieces {
            for lane in 0..LANES {
                keep(&mut lowest[lane], &mut highest[lane], piece[lane]);
            }
        }
    }

    fn close_slice(&mut self) {
        let lowest = self.lowest.iter().fold(0.0_f32, |lowest, sample| lowest.min(*sample));
        let highest = self.highest.iter().fold(0.0_f32, |highest, sample| highest.max(*sample));
        // A narrowing cast of a float stops at the ends of the integer.
        self.pairs.push(((lowest * UNIT).round() as i16, (highest * UNIT).round() as i16));
        self.lowest = [0.0; LANES];
        self.highest = [0.0; LANES];
    }
}

fn samples_in(sample_rate_hz: u32, milliseconds: u32) -> u64 {
    (u64::from(sample_rate_hz) * u64::from(milliseconds) / 1000).max(1)
}

fn scaled(sample: i16, gain: f32) -> i16 {
    if gain == 1.0 { sample } else { (f32::from(sample) * gain).round() as i16 }
}

fn eight_bits(sample: i16) -> i8 {
    (f32::from(sample) / UNIT * 127.0).round() as i8
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
            let mut folder = PeakFolder::new(10_000, 100, 50);
            for chunk in samples.chunks(piece) {
                folder.push(&[chunk]);
            }
            let (waveform, peaks) = folder.finish(|_| 1.0);
            assert_eq!(waveform.peaks, vec![0, 128, 255], "pieces of {piece}");
            assert_eq!(waveform.duration_ms, 250);
            assert_eq!(peaks.pairs, [(0, 0), (0, 0), (-64, 0), (-64, 0), (0, 127)]);
            assert_eq!((peaks.sample_rate_hz, peaks.samples_per_peak), (10_000, 500));
        }
    }

    #[test]
    fn not_a_number_is_drawn_as_something_finite() {
        let mut folder = PeakFolder::new(1000, 1, 1);
        folder.push(&[&[f32::NAN, f32::INFINITY]]);
        assert_eq!(folder.finish(|_| 1.0).0.peaks, vec![0, 255]);
    }

    #[test]
    fn peaks_are_those_of_the_final_gain_and_of_both_channels() {
        let mut folder = PeakFolder::new(1000, 2, 1);
        folder.push(&[&[0.25, 0.25, 0.25, 0.25], &[-0.5, 0.0, 0.0, 0.0]]);
        let (waveform, peaks) = folder.finish(|first| if first < 2 { 1.0 } else { 2.0 });
        assert_eq!(waveform.peaks, vec![128, 128]);
        assert_eq!(peaks.pairs, [(-64, 32), (0, 32), (0, 64), (0, 64)]);
    }

    #[test]
    fn json_of_another_version_is_refused() {
        let json = br#"{"version":2,"peak_ms":100,"duration_ms":1,"peaks":[]}"#;
        assert!(Waveform::from_json(json).is_err());
    }
}
