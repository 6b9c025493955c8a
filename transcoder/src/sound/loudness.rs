//! Loudness by EBU R 128: energies of tenths of a second, weighted by the `ebur128` crate, and the gated mean over them.
//!
//! The energies are kept, so that the loudness of the whole can be told for gains that are decided later.

use crate::error::{Error, Result};
use ebur128::{EbuR128, Mode};

/// Milliseconds between two gating blocks, which overlap by three quarters.
pub(super) const HOP_MS: u32 = 100;

/// Hops in a gating block of 400 ms.
const HOPS: usize = 4;

/// Blocks below are silence (LUFS).
const ABSOLUTE_GATE: f64 = -70.0;

/// Blocks this much below the mean of the others do not count (LU).
const RELATIVE_GATE: f64 = -10.0;

/// Blocks are counted by tenths of LU from the absolute gate to 30 LU above full scale.
const BINS: usize = 1000;

/// Measures a sound as it passes.
pub(super) struct Meter {
    weighting: EbuR128,
    hop: usize,
    filled: usize,
    energies: Vec<f32>,
    counts: Vec<u32>,
    sums: Vec<f64>,
    loudest: f64,
}

impl Meter {
    /// For one or two channels of `rate` samples per second.
    pub(super) fn new(channels: usize, rate: u32) -> Result<Self> {
        let weighting = EbuR128::new(u32::try_from(channels).unwrap_or(1), rate, Mode::M)
            .map_err(|error| Error::fault("loudness meter", error))?;
        Ok(Self {
            weighting,
            hop: usize::try_from(u64::from(rate) * u64::from(HOP_MS) / 1000).unwrap_or(1).max(1),
            filled: 0,
            energies: Vec::new(),
            counts: vec![0; BINS],
            sums: vec![0.0; BINS],
            loudest: 0.0,
        })
    }

    /// Samples of one hop.
    pub(super) fn hop(&self) -> usize {
        self.hop
    }

    /// Takes the next moment.
    pub(super) fn push(&mut self, planes: &[&[f32]]) -> Result<()> {
        let fault = |error: ebur128::Error| Error::fault("loudness meter", error);
        let count = planes.iter().map(|plane| plane.len()).min().unwrap_or(0);
        let mut start = 0;
        while start < count {
            let end = count.min(start + self.hop - self.filled);
            let part: Vec<&[f32]> = planes.iter().map(|plane| plane.get(start..end).unwrap_or(&[])).collect();
            self.weighting.add_frames_planar_f32(&part).map_err(fault)?;
            self.filled += end - start;
            start = end;
            if self.filled == self.hop {
                self.filled = 0;
                let energy = energy_of(self.weighting.loudness_window(HOP_MS).map_err(fault)?);
                self.close_hop(energy);
            }
        }
        Ok(())
    }

    /// Gated loudness so far (LUFS), to a tenth of LU; nothing while there was only silence.
    pub(super) fn integrated(&self) -> Option<f64> {
        let mean = |from: usize| {
            let count: u64 = self.counts.get(from..)?.iter().map(|count| u64::from(*count)).sum();
            let sum: f64 = self.sums.get(from..)?.iter().sum();
            (count > 0).then(|| sum / count as f64)
        };
        let gate = loudness_of(mean(0)?) + RELATIVE_GATE;
        Some(loudness_of(mean(bin(gate))?))
    }

    /// The loudest 400 ms so far (LUFS), or less than everything.
    pub(super) fn loudest(&self) -> f64 {
        loudness_of(self.loudest)
    }

    /// Weighted energy of every tenth of a second so far.
    pub(super) fn energies(&self) -> &[f32] {
        &self.energies
    }

    /// Weighted energy of every tenth of a second.
    pub(super) fn into_energies(self) -> Vec<f32> {
        self.energies
    }

    fn close_hop(&mut self, energy: f64) {
        self.energies.push(energy as f32);
        let Some(block) = self.energies.last_chunk::<HOPS>() else { return };
        let energy = block.iter().map(|energy| f64::from(*energy)).sum::<f64>() / HOPS as f64;
        self.loudest = self.loudest.max(energy);
        let loudness = loudness_of(energy);
        if loudness >= ABSOLUTE_GATE {
            let bin = bin(loudness);
            if let (Some(count), Some(sum)) = (self.counts.get_mut(bin), self.sums.get_mut(bin)) {
                *count += 1;
                *sum += energy;
            }
        }
    }
}

/// Gated loudness (LUFS) of tenths of a second with these energies; nothing for silence.
pub(super) fn gated(energies: &[f32]) -> Option<f64> {
    let blocks = || {
        let sums =
            energies.windows(HOPS).map(|block| block.iter().map(|energy| f64::from(*energy)).sum::<f64>());
        sums.map(|sum| sum / HOPS as f64)
    };
    let mean_above = |gate: f64| {
        let (count, sum) =
            blocks().filter(|energy| *energy >= gate).fold((0_u64, 0.0), |(n, s), e| (n + 1, s + e));
        (count > 0).then(|| sum / count as f64)
    };
    let mean = mean_above(energy_of(ABSOLUTE_GATE))?;
    let gate = mean * 10_f64.powf(RELATIVE_GATE / 10.0);
    mean_above(gate.max(energy_of(ABSOLUTE_GATE))).map(loudness_of)
}

fn bin(loudness: f64) -> usize {
    (((loudness - ABSOLUTE_GATE) * 10.0) as usize).min(BINS - 1)
}

/// ITU-R BS.1770: a sine at full scale in one channel is -3.01 LUFS, which fixes the constant.
fn loudness_of(energy: f64) -> f64 {
    10.0 * energy.log10() - 0.691
}

fn energy_of(loudness: f64) -> f64 {
    10_f64.powf((loudness + 0.691) / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(seconds: usize, level: f32) -> Vec<f32> {
        (0..seconds * 44_100).map(|index| (index as f32 * 0.142_475_9).sin() * level).collect()
    }

    fn meter(parts: &[Vec<f32>]) -> Meter {
        let mut meter = Meter::new(1, 44_100).unwrap();
        for piece in parts.concat().chunks(1152) {
            meter.push(&[piece]).unwrap();
        }
        meter
    }

    #[test]
    fn a_tone_of_known_loudness_is_measured() {
        // 1 kHz at -20 dBFS: -23 LUFS in one channel.
        let meter = meter(&[tone(5, 0.1)]);
        assert!((meter.integrated().unwrap() + 23.0).abs() < 0.1, "{:?}", meter.integrated());
        assert!((meter.loudest() + 23.0).abs() < 0.1);
        assert!((gated(&meter.into_energies()).unwrap() + 23.0).abs() < 0.05);
    }

    #[test]
    fn silence_and_whispers_do_not_count() {
        let meter = meter(&[tone(3, 0.1), tone(10, 0.0), tone(5, 0.002)]);
        assert!((meter.integrated().unwrap() + 23.0).abs() < 0.3, "{:?}", meter.integrated());
        assert!((gated(&meter.into_energies()).unwrap() + 23.0).abs() < 0.3);
    }

    #[test]
    fn the_gates_are_those_of_the_reference() {
        let parts = [tone(3, 0.3), tone(4, 0.05), tone(6, 0.1), tone(2, 0.001)];
        let mut reference = EbuR128::new(1, 44_100, Mode::I).unwrap();
        reference.add_frames_f32(&parts.concat()).unwrap();
        let wanted = reference.loudness_global().unwrap();
        let meter = meter(&parts);
        assert!((meter.integrated().unwrap() - wanted).abs() < 0.1);
        assert!((gated(&meter.into_energies()).unwrap() - wanted).abs() < 0.02);
    }

    #[test]
    fn pure_silence_has_no_loudness() {
        let meter = meter(&[tone(2, 0.0)]);
        assert_eq!((meter.integrated(), meter.loudest()), (None, f64::NEG_INFINITY));
        assert_eq!(gated(&meter.into_energies()), None);
    }
}
