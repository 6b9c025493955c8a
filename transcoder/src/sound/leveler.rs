//! Decides how loud the sound is made while it passes: slowly, from what was heard so far and ten seconds more.
//!
//! The gain is a base that never changes, whole steps of the volume every MP3 frame carries, and a trim that creeps.
//! Steps are taken back frame by frame once the whole is known ([`super::correction`]), so the finished sound has one
//! gain and the creeping trim: nothing in it pumps.

use super::loudness::{HOP_MS, Meter, gated};
use balado_media::mp3::GAIN_STEP_DB;

/// A recording with nothing above this (LUFS) is silence; lifting it would only lift noise.
pub(super) const SILENCE: f64 = -50.0;

/// Seconds between two steps: 3 dB per second.
const STEP_EVERY_SECONDS: f64 = 0.5;

/// A wish this far from the gain (dB) is followed by a step, a smaller one by the trim.
const STEP_BEYOND_DB: f64 = 1.2;

/// How fast the trim creeps (dB per second): ten times slower than what a listener notices.
const TRIM_PER_SECOND: f64 = 0.1;

/// How far above its aim (dB) the loudness of what comes next may be brought: after an hour of murmur, the loudness of the
/// whole takes a minute to become that of the voice, which would be squashed meanwhile.
const MOST_ABOVE_DB: f64 = 4.0;

/// What a sound is brought to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    /// Integrated loudness (LUFS).
    pub(super) loudness: f64,
    /// Largest boost (dB).
    pub(super) most_boost: f64,
}

impl Aim {
    /// The gain (dB) for a sound measured so far that loses so many dB on its way; nothing while it is silent.
    pub(super) fn gain(self, meter: &Meter, loss: f64) -> Option<f64> {
        let measured = meter.integrated().filter(|_| meter.loudest() > SILENCE)?;
        Some((self.loudness - measured + loss).min(self.most_boost))
    }

    /// The largest gain (dB) for the last so many tenths of a second of a sound; nothing while they are silent.
    fn most(self, meter: &Meter, hops: usize, loss: f64) -> Option<f64> {
        let energies = meter.energies();
        let next = energies.get(energies.len().saturating_sub(hops)..)?;
        gated(next).map(|loudness| self.loudness - loudness + loss + MOST_ABOVE_DB)
    }
}

/// What speech loses in limiter and encoder (dB), before it is measured: the lowest bit rates leave out what lies above
/// 11 kHz, which the loudness of sibilants hangs on.
const USUAL_LOSS_DB: f64 = 0.4;

/// Tenths of a second played before the loss is believed.
const BELIEVED_HOPS: usize = 30;

/// What is lost between a sound that was measured and the same sound as it is heard.
pub(super) struct Loss {
    hops: usize,
    sent: f64,
    heard: f64,
}

impl Loss {
    pub(super) fn new() -> Self {
        Self { hops: 0, sent: 0.0, heard: 0.0 }
    }

    /// Compares the tenths of a second that were heard since with those that were measured, and multiplied by `factor`.
    pub(super) fn compare(&mut self, measured: &[f32], heard: &[f32], factor: f32) {
        let power = f64::from(factor * factor);
        for (sent, heard) in measured.iter().zip(heard).skip(self.hops) {
            self.sent += f64::from(*sent) * power;
            self.heard += f64::from(*heard);
        }
        self.hops = heard.len();
    }

    /// In dB.
    pub(super) fn decibels(&self) -> f64 {
        if self.hops < BELIEVED_HOPS || self.heard <= 0.0 || self.sent <= 0.0 {
            return USUAL_LOSS_DB;
        }
        // A limiter that takes more is at work on something else than speech.
        (10.0 * (self.sent / self.heard).log10()).clamp(0.0, 3.0)
    }
}

/// A gain in its parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    base: f64,
    /// Steps of [`GAIN_STEP_DB`].
    pub(super) steps: i8,
    trim: f64,
}

impl Level {
    /// In dB.
    pub(super) fn gain(self) -> f64 {
        self.unstepped() + f64::from(self.steps) * GAIN_STEP_DB
    }

    /// In dB, without the steps.
    pub(super) fn unstepped(self) -> f64 {
        self.base + self.trim
    }

    /// What samples are multiplied by.
    pub(super) fn factor(self) -> f32 {
        10_f64.powf(self.gain() / 20.0) as f32
    }
}

/// Follows a meter that is ahead of the sound.
pub(super) struct Leveler {
    aim: Aim,
    hops_ahead: usize,
    seconds_per_block: f64,
    level: Option<Level>,
    since_step: f64,
}

impl Leveler {
    /// For blocks of so many seconds, of which the meter knows so many seconds more.
    pub(super) fn new(aim: Aim, seconds_per_block: f64, seconds_ahead: usize) -> Self {
        let hops_ahead = seconds_ahead * 1000 / HOP_MS as usize;
        Self { aim, hops_ahead, seconds_per_block, level: None, since_step: 0.0 }
    }

    /// The gain at the end of the next block, from what the meter knows and what gets lost (dB).
    pub(super) fn advance(&mut self, meter: &Meter, loss: f64) -> Level {
        let most = self.aim.most(meter, self.hops_ahead, loss).unwrap_or(f64::INFINITY);
        let wish = self.aim.gain(meter, loss).map(|gain| gain.min(most));
        let level = match (self.level, wish) {
            (None, wish) => Level { base: wish.unwrap_or(0.0), steps: 0, trim: 0.0 },
            (Some(level), None) => level,
            (Some(level), Some(wish)) => self.follow(level, wish),
        };
        self.level = Some(level);
        level
    }

    fn follow(&mut self, mut level: Level, wish: f64) -> Level {
        self.since_step += self.seconds_per_block;
        let missing = wish - level.gain();
        if missing.abs() > STEP_BEYOND_DB {
            if self.since_step >= STEP_EVERY_SECONDS {
                self.since_step = 0.0;
                level.steps = level.steps.saturating_add(if missing > 0.0 { 1 } else { -1 });
            }
        } else {
            let most = TRIM_PER_SECOND * self.seconds_per_block;
            level.trim += missing.clamp(-most, most);
        }
        level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIM: Aim = Aim { loudness: -19.0, most_boost: 20.0 };
    const BLOCK_SECONDS: f64 = 1152.0 / 44_100.0;

    fn hear(meter: &mut Meter, seconds: usize, level: f32) {
        let tone: Vec<f32> =
            (0..seconds * 44_100).map(|index| (index as f32 * 0.142_475_9).sin() * level).collect();
        meter.push(&[&tone]).unwrap();
    }

    fn meter() -> Meter {
        Meter::new(1, 44_100).unwrap()
    }

    #[test]
    fn silence_gets_no_gain_and_neither_does_faint_noise() {
        let mut meter = meter();
        hear(&mut meter, 3, 0.0);
        assert_eq!(Leveler::new(AIM, BLOCK_SECONDS, 10).advance(&meter, 0.0).gain(), 0.0);
        hear(&mut meter, 3, 0.003);
        assert_eq!(Leveler::new(AIM, BLOCK_SECONDS, 10).advance(&meter, 0.0).gain(), 0.0);
    }

    #[test]
    fn no_boost_is_larger_than_the_largest() {
        let mut meter = meter();
        hear(&mut meter, 3, 0.006);
        assert!((Leveler::new(AIM, BLOCK_SECONDS, 10).advance(&meter, 0.0).gain() - 20.0).abs() < 1e-9);
    }

    #[test]
    fn the_first_gain_is_exact_and_later_ones_follow_slowly() {
        let mut meter = meter();
        hear(&mut meter, 5, 0.1);
        let mut leveler = Leveler::new(AIM, BLOCK_SECONDS, 10);
        let first = leveler.advance(&meter, 0.0).gain();
        assert!((first - 4.0).abs() < 0.15, "{first}");
        hear(&mut meter, 20, 0.4);
        let mut last = first;
        for _ in 0..400 {
            let next = leveler.advance(&meter, 0.0);
            assert!(last - next.gain() < GAIN_STEP_DB + 0.01 && next.gain() <= last + 0.01);
            assert!((next.unstepped() - first).abs() < 1.3);
            last = next.gain();
        }
        assert!((last + 8.0).abs() < 1.2, "{last}");
    }

    #[test]
    fn a_voice_after_long_murmur_is_not_lifted_like_the_murmur() {
        let mut meter = meter();
        hear(&mut meter, 600, 0.007);
        let mut leveler = Leveler::new(AIM, BLOCK_SECONDS, 10);
        assert!((leveler.advance(&meter, 0.0).gain() - 20.0).abs() < 1e-9);
        // What is heard 26 dB louder, from its first second to the moment it is played.
        let mut last = 20.0;
        for _ in 0..10 {
            hear(&mut meter, 1, 0.14);
            last = (0..38).map(|_| leveler.advance(&meter, 0.0).gain()).last().unwrap();
        }
        assert!(AIM.gain(&meter, 0.0).unwrap() > 15.0, "the whole is still murmur");
        assert!((1.0..7.0).contains(&last), "{last}");
    }

    #[test]
    fn what_gets_lost_is_measured_after_three_seconds() {
        let mut loss = Loss::new();
        loss.compare(&[0.1; 60], &[0.4 * 0.8; 20], 2.0);
        assert!((loss.decibels() - USUAL_LOSS_DB).abs() < 1e-9);
        loss.compare(&[0.1; 80], &[0.4 * 0.8; 40], 2.0);
        assert!((loss.decibels() - 0.969).abs() < 0.001, "{}", loss.decibels());
    }

    #[test]
    fn the_gain_is_held_while_nobody_speaks() {
        let mut meter = meter();
        hear(&mut meter, 5, 0.1);
        let mut leveler = Leveler::new(AIM, BLOCK_SECONDS, 10);
        let first = leveler.advance(&meter, 0.0);
        hear(&mut meter, 30, 0.0);
        let later = (0..400).map(|_| leveler.advance(&meter, 0.0)).last().unwrap();
        assert!((later.gain() - first.gain()).abs() < 0.2);
    }
}
