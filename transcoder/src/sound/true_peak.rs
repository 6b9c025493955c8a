//! Peaks between samples: what a converter makes of them is up to several dB above the highest sample.
//!
//! Sound is looked at in pieces of [`PIECE`] samples, and interpolated four times only where samples come near the
//! ceiling, for that is costly and elsewhere changes nothing.

use std::f64::consts::PI;

/// Samples that share one peak.
pub(super) const PIECE: usize = 32;

/// Samples an interpolated value is made of; BS.1770 suggests twelve.
const TAPS: usize = 16;

/// Values between two samples.
const PHASES: usize = 3;

/// Peaks above this share of the ceiling are interpolated.
const NEAR: f32 = 0.7;

/// Finds the peaks of each piece of a sound, all channels together.
pub(super) struct TruePeak {
    taps: [[f32; TAPS]; PHASES],
    /// The last samples of the block before and the peak of its last piece, for each channel.
    tails: Vec<([f32; TAPS], f32)>,
    buffer: Vec<f32>,
}

impl TruePeak {
    pub(super) fn new(channels: usize) -> Self {
        Self { taps: interpolators(), tails: vec![([0.0; TAPS], 0.0); channels], buffer: Vec::new() }
    }

    /// The peak of each whole piece of the next block. A peak between samples may be told with the next piece, whose
    /// first samples decide its height: it lies at most a quarter of a piece back.
    pub(super) fn peaks(&mut self, planes: &[&[f32]], ceiling: f32) -> Vec<f32> {
        let pieces = planes.first().map_or(0, |plane| plane.len() / PIECE);
        let mut peaks = vec![0.0_f32; pieces];
        let Self { taps, tails, buffer } = self;
        for (plane, (tail, before)) in planes.iter().zip(tails) {
            buffer.clear();
            buffer.extend_from_slice(tail);
            buffer.extend_from_slice(plane);
            for (index, (peak, piece)) in peaks.iter_mut().zip(plane.chunks_exact(PIECE)).enumerate() {
                let highest = loudest(piece);
                *peak = peak.max(highest);
                // What lies between the last samples of the piece before is looked at with this one.
                let near = std::mem::replace(before, highest).max(highest);
                if near > NEAR * ceiling
                    && let Some(around) = buffer.get(index * PIECE + 1..index * PIECE + PIECE + TAPS)
                {
                    *peak = peak.max(between(taps, around));
                }
            }
            if let Some(last) = buffer.last_chunk() {
                *tail = *last;
            }
        }
        peaks
    }
}

/// The highest value between the samples of `around`, which holds one piece and the taps it needs.
fn between(taps: &[[f32; TAPS]; PHASES], around: &[f32]) -> f32 {
    let mut highest = 0.0_f32;
    for phase in taps {
        let mut values = [0.0_f32; PIECE];
        for (offset, tap) in phase.iter().enumerate() {
            let samples = around.get(offset..offset + PIECE).unwrap_or(&[]);
            for (value, sample) in values.iter_mut().zip(samples) {
                *value += tap * sample;
            }
        }
        highest = highest.max(loudest(&values));
    }
    highest
}

/// The loudest absolute sample. Positive floats stand in the order of their bits, and integers are compared many at once.
pub(super) fn loudest(samples: &[f32]) -> f32 {
    let bits = samples.iter().map(|sample| sample.abs().to_bits().cast_signed()).fold(0, i32::max);
    f32::from_bits(bits.cast_unsigned())
}

/// Windowed sinc functions for a quarter, a half and three quarters of the way between two samples.
fn interpolators() -> [[f32; TAPS]; PHASES] {
    let mut taps = [[0.0; TAPS]; PHASES];
    for (phase, taps) in taps.iter_mut().enumerate() {
        let shift = (phase + 1) as f64 / (PHASES + 1) as f64;
        for (index, tap) in taps.iter_mut().enumerate() {
            let at = index as f64 - (TAPS / 2 - 1) as f64 - shift;
            let window = 0.5 + 0.5 * (PI * at / (TAPS / 2) as f64).cos();
            *tap = ((PI * at).sin() / (PI * at) * window) as f32;
        }
    }
    taps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_between_two_samples_is_found() {
        // A sine at a quarter of the sample rate, hit 45 degrees beside its crest: every sample is 3 dB below it.
        let crest: Vec<f32> =
            (0..1152).map(|index| (std::f32::consts::FRAC_PI_2 * (index as f32 + 0.5)).sin()).collect();
        let mut finder = TruePeak::new(1);
        finder.peaks(&[&crest], 1.0);
        let peaks = finder.peaks(&[&crest], 1.0);
        assert_eq!(peaks.len(), 36);
        assert!(peaks.iter().all(|peak| (0.98..1.03).contains(peak)), "{peaks:?}");
    }

    #[test]
    fn a_peak_at_the_end_of_a_piece_is_found_though_quiet_follows() {
        for end in [32, 64] {
            let mut sound = vec![0.0_f32; 128];
            sound[end - 2..end].fill(0.9);
            let mut finder = TruePeak::new(1);
            let peaks: Vec<f32> = sound.chunks(64).flat_map(|block| finder.peaks(&[block], 1.0)).collect();
            assert!(peaks[end / 32] > 1.1, "{end}: {peaks:?}");
        }
    }

    #[test]
    fn quiet_sound_is_not_interpolated_and_channels_count_together() {
        let (quiet, loud) = (vec![0.25_f32; 64], [vec![0.5_f32; 32], vec![-0.6; 32]].concat());
        assert_eq!(TruePeak::new(2).peaks(&[&quiet, &loud], 1.0), [0.5, 0.6]);
    }
}
