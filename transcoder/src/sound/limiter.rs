//! Keeps peaks below a ceiling: turns the volume down six milliseconds before a peak and up again after it, and touches
//! nothing else.

use super::block::Block;
use super::true_peak::{PIECE, TruePeak};

/// Pieces over which the volume goes down: 5.8 ms at 44.1 kHz.
const ATTACK: usize = 8;

/// Seconds in which the volume comes up again, but for a third.
const RELEASE_SECONDS: f32 = 0.08;

/// A volume this near to one is one.
const WHOLE: f32 = 0.9995;

/// Turns down what is too loud, one block late.
pub(super) struct Limiter {
    ceiling: f32,
    release: f32,
    finder: TruePeak,
    held: Option<Held>,
    /// Volume of the last pieces, the oldest first.
    recent: [f32; ATTACK],
    /// Volume at the end of the last piece.
    reached: f32,
    is_begun: bool,
}

struct Held {
    block: Block,
    volumes: Vec<f32>,
}

impl Limiter {
    /// For so many channels of `rate` samples per second; `ceiling` is the highest true peak, 1.0 being full scale.
    pub(super) fn new(channels: usize, rate: u32, ceiling: f32) -> Self {
        let pieces_a_second = rate as f32 / PIECE as f32;
        Self {
            ceiling,
            release: 1.0 - (-1.0 / (RELEASE_SECONDS * pieces_a_second)).exp(),
            finder: TruePeak::new(channels),
            held: None,
            recent: [1.0; ATTACK],
            reached: 1.0,
            is_begun: false,
        }
    }

    /// Takes a block and gives the one before.
    pub(super) fn push(&mut self, block: Block) -> Option<Block> {
        let peaks = self.finder.peaks(&block.whole(), self.ceiling);
        let volumes = peaks
            .into_iter()
            .map(|peak| if peak > self.ceiling { self.ceiling / peak } else { 1.0 })
            .collect();
        let held = self.held.replace(Held { block, volumes })?;
        let next = self.held.as_ref().map(|held| held.volumes.clone()).unwrap_or_default();
        Some(self.limit(held, &next))
    }

    /// The last block.
    pub(super) fn finish(&mut self) -> Option<Block> {
        let held = self.held.take()?;
        Some(self.limit(held, &[]))
    }

    fn limit(&mut self, mut held: Held, next: &[f32]) -> Block {
        let all: Vec<f32> = held.volumes.iter().chain(next).copied().collect();
        if !self.is_begun {
            // Before the first sample there is no time to turn the volume down: it begins as low as its peaks allow.
            self.is_begun = true;
            self.reached = all.iter().take(ATTACK + 2).copied().fold(1.0, f32::min);
            self.recent = [self.reached; ATTACK];
        }
        for index in 0..held.volumes.len() {
            // One piece more than the attack, as a peak may lie in the piece before the one it is told with.
            let ahead = all.get(index..all.len().min(index + ATTACK + 2)).unwrap_or(&[]);
            let allowed = ahead.iter().copied().fold(1.0, f32::min);
            let from = self.reached;
            let to = self.advance(allowed);
            if from < 1.0 || to < 1.0 {
                for plane in &mut held.block.planes {
                    slide(plane.get_mut(index * PIECE..(index + 1) * PIECE).unwrap_or(&mut []), from, to);
                }
            }
        }
        held.block
    }

    /// The mean over the attack of volumes each of which is low enough: low enough itself, and smooth.
    fn advance(&mut self, allowed: f32) -> f32 {
        let last = self.recent[ATTACK - 1];
        let released = last + (1.0 - last) * self.release;
        let released = if released > WHOLE { 1.0 } else { released };
        self.recent.rotate_left(1);
        self.recent[ATTACK - 1] = released.min(allowed);
        self.reached = self.recent.iter().sum::<f32>() / ATTACK as f32;
        self.reached
    }
}

/// Multiplies by a volume that goes evenly from one value to another.
pub(super) fn slide(samples: &mut [f32], from: f32, to: f32) {
    let step = (to - from) / samples.len().max(1) as f32;
    for (index, sample) in samples.iter_mut().enumerate() {
        *sample *= from + step * (index as f32 + 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::block::BLOCK;

    fn limit(sound: &[f32], ceiling: f32) -> Vec<f32> {
        let mut limiter = Limiter::new(1, 44_100, ceiling);
        let mut heard = Vec::new();
        for piece in sound.chunks(BLOCK) {
            let mut block = Block::empty(1, BLOCK);
            block.fill(&[piece], 0);
            heard.extend(limiter.push(block).map(|block| block.sound()[0].to_vec()));
        }
        heard.extend(limiter.finish().map(|block| block.sound()[0].to_vec()));
        heard.concat()
    }

    fn speech(count: usize, level: f32) -> Vec<f32> {
        let mut state = 1_u32;
        let mut noise = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let swell = |index: usize| (index as f32 * 0.0007).sin().powi(8);
        (0..count).map(|index| level * swell(index) * ((index as f32 * 0.05).sin() + 0.3 * noise())).collect()
    }

    #[test]
    fn nothing_comes_out_above_the_ceiling() {
        let mut sound = speech(200_000, 1.5);
        // From the very first sample.
        for click in (0..200_000).step_by(7777) {
            sound[click] = 3.0;
            sound[click + 1] = -4.0;
        }
        let heard = limit(&sound, 0.8);
        assert_eq!(heard.len(), sound.len());
        let mut finder = TruePeak::new(1);
        for block in heard.chunks_exact(BLOCK) {
            let peaks = finder.peaks(&[block], 0.8);
            assert!(peaks.iter().all(|peak| *peak <= 0.8 * 1.01), "{peaks:?}");
        }
    }

    #[test]
    fn what_is_below_the_ceiling_comes_out_bit_for_bit() {
        let sound = speech(50_000, 0.5);
        assert_eq!(limit(&sound, 0.9), sound);
    }

    #[test]
    fn sound_far_from_a_peak_is_left_alone() {
        let mut sound = vec![0.1_f32; 100_000];
        sound[50_000] = 2.0;
        let heard = limit(&sound, 0.8);
        assert_eq!(heard[..49_600], sound[..49_600]);
        assert_eq!(heard[90_000..], sound[90_000..]);
        assert!(heard[50_000] <= 0.8001 && heard[49_999] < 0.06, "{:?}", &heard[49_990..50_001]);
    }

    #[test]
    fn the_volume_never_jumps() {
        let mut sound = vec![0.1_f32; 100_000];
        sound[50_000] = 2.0;
        let heard = limit(&sound, 0.8);
        let steps = heard.windows(2).enumerate().filter(|(index, _)| !(49_999..=50_000).contains(index));
        // From 1 to 0.4 in 256 samples.
        assert!(
            steps.map(|(_, pair)| (pair[1] - pair[0]).abs()).fold(0.0, f32::max) < 0.1 * 0.6 / 256.0 * 1.3
        );
    }
}
