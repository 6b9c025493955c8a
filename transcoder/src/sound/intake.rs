//! Cuts mixed sound into blocks, and decides once whether it is one channel or two: by what is declared, else by what
//! is heard in the first ten seconds of sound, silence not counted. The same for files that arrive and files that are
//! whole.

use super::block::{BLOCK, Block};
use std::collections::VecDeque;

/// Sound heard before the number of channels is settled.
const HEARD_SECONDS: u64 = 10;

/// A block in which no sample is stronger (-72 dB of full scale) is silence, and tells nothing of the channels: a title
/// without sound, a microphone not yet opened.
const SILENT: f32 = 1.0 / 4096.0;

/// Sound kept while undecided. Who is quiet for so long, but for noise, keeps the channels that are declared; pure
/// silence is counted, not kept, and may last.
const KEPT_SECONDS: u64 = 60;

/// Two channels whose difference is so much weaker than their sum (-40 dB) are one and the same.
const SAME: f64 = 1e-4;

/// A channel so much weaker than the other (-50 dB) is a microphone that was not plugged in.
const UNPLUGGED: f64 = 1e-5;

/// Where the sum of two channels is so much weaker than their difference (-10 dB), one is the other turned round.
const TURNED: f64 = 0.1;

/// How two channels become one where there is room for no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixdown {
    /// Half of both.
    Mean,
    /// All of both, as one of them is silent.
    Sum,
    /// Half of both, one turned round again: as they are, they would cancel each other.
    Difference,
}

/// How the channels of the mixer become those of the outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Narrowing {
    /// As they are.
    None,
    /// Both hold the same.
    Mean,
    /// One is silent, so far: whatever it may hold later is still heard.
    Sum,
}

/// What was heard while undecided, silence left out.
#[derive(Debug, Default)]
struct Heard {
    left: f64,
    right: f64,
    sum: f64,
    difference: f64,
    samples: u64,
}

/// What waits for a decision, or to be pulled.
enum Waiting {
    /// A block of sound.
    Sound(Block),
    /// So many whole blocks of zeros.
    Zeros(u64),
}

/// Takes samples in pieces of any size and gives blocks.
pub(super) struct Intake {
    declared: usize,
    rate: u64,
    open: Block,
    waiting: VecDeque<Waiting>,
    /// Samples that wait as sound.
    kept: u64,
    heard: Heard,
    narrowing: Option<Narrowing>,
    samples: u64,
}

impl Intake {
    /// For sound mixed to one or two channels of `rate` samples per second.
    pub(super) fn new(declared: usize, rate: u32) -> Self {
        Self {
            declared,
            rate: u64::from(rate),
            open: Block::empty(declared, BLOCK),
            waiting: VecDeque::new(),
            kept: 0,
            heard: Heard::default(),
            narrowing: (declared == 1).then_some(Narrowing::None),
            samples: 0,
        }
    }

    /// Takes the next moment, as many samples of each channel.
    pub(super) fn push(&mut self, planes: &[&[f32]]) {
        let count = planes.iter().map(|plane| plane.len()).min().unwrap_or(0);
        self.samples += count as u64;
        let mut start = 0;
        while start < count {
            start += self.open.fill(planes, start);
            if self.open.is_full() {
                self.close();
            }
        }
    }

    /// No more will come: what is there decides.
    pub(super) fn finish(&mut self) {
        if self.open.filled > 0 {
            self.close();
        }
        if self.narrowing.is_none() {
            self.narrowing = Some(self.heard.verdict());
        }
    }

    /// The next block, once the number of channels is settled.
    pub(super) fn pull(&mut self) -> Option<Block> {
        let narrowing = self.narrowing?;
        let block = match self.waiting.pop_front()? {
            Waiting::Sound(block) => block,
            Waiting::Zeros(count) => {
                if count > 1 {
                    self.waiting.push_front(Waiting::Zeros(count - 1));
                }
                Block { filled: BLOCK, ..Block::empty(self.declared, BLOCK) }
            }
        };
        Some(narrowed(block, narrowing))
    }

    /// How the channels become one, once their number is settled.
    pub(super) fn mixdown(&self) -> Option<Mixdown> {
        Some(match self.narrowing? {
            Narrowing::None if self.heard.sum < TURNED * self.heard.difference => Mixdown::Difference,
            Narrowing::None | Narrowing::Mean => Mixdown::Mean,
            Narrowing::Sum => Mixdown::Sum,
        })
    }

    /// Samples taken so far.
    pub(super) fn samples(&self) -> u64 {
        self.samples
    }

    fn close(&mut self) {
        let block = std::mem::replace(&mut self.open, Block::empty(self.declared, BLOCK));
        if self.narrowing.is_some() {
            self.waiting.push_back(Waiting::Sound(block));
            return;
        }
        let peak = block.peak();
        if peak > SILENT {
            self.heard.take(&block);
        }
        self.keep(block, peak);
        if self.heard.samples >= HEARD_SECONDS * self.rate {
            self.narrowing = Some(self.heard.verdict());
        } else if self.kept >= KEPT_SECONDS * self.rate {
            self.narrowing = Some(Narrowing::None);
        }
    }

    /// Keeps a block until the channels are decided on.
    fn keep(&mut self, block: Block, peak: f32) {
        if peak > 0.0 || !block.is_full() {
            self.kept += block.filled as u64;
            self.waiting.push_back(Waiting::Sound(block));
        } else if let Some(Waiting::Zeros(count)) = self.waiting.back_mut() {
            *count += 1;
        } else {
            self.waiting.push_back(Waiting::Zeros(1));
        }
    }
}

impl Heard {
    fn take(&mut self, block: &Block) {
        if let [left, right] = block.planes.as_slice() {
            for (l, r) in left.iter().zip(right) {
                let (l, r) = (f64::from(*l), f64::from(*r));
                self.left += l * l;
                self.right += r * r;
                self.sum += (l + r) * (l + r);
                self.difference += (l - r) * (l - r);
            }
        }
        self.samples += block.filled as u64;
    }

    fn verdict(&self) -> Narrowing {
        if self.difference <= SAME * self.sum {
            Narrowing::Mean
        } else if self.left.min(self.right) <= UNPLUGGED * self.left.max(self.right) {
            Narrowing::Sum
        } else {
            Narrowing::None
        }
    }
}

fn narrowed(mut block: Block, narrowing: Narrowing) -> Block {
    let share = match narrowing {
        Narrowing::None => return block,
        Narrowing::Mean => 0.5,
        Narrowing::Sum => 1.0,
    };
    if let [left, right] = block.planes.as_mut_slice() {
        for (l, r) in left.iter_mut().zip(right) {
            *l = (*l + *r) * share;
        }
    }
    block.planes.truncate(1);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(
        seconds: usize,
        left: impl Fn(usize) -> f32,
        right: impl Fn(usize) -> f32,
    ) -> (usize, Vec<f32>) {
        let mut intake = Intake::new(2, 1000);
        let samples = |of: &dyn Fn(usize) -> f32| (0..seconds * 1000).map(of).collect::<Vec<f32>>();
        let (left, right) = (samples(&left), samples(&right));
        for (left, right) in left.chunks(777).zip(right.chunks(777)) {
            intake.push(&[left, right]);
        }
        intake.finish();
        let blocks: Vec<Block> = std::iter::from_fn(|| intake.pull()).collect();
        let sound = blocks.iter().flat_map(|block| block.sound()[0].to_vec()).collect();
        (blocks[0].planes.len(), sound)
    }

    fn tone(index: usize) -> f32 {
        (index as f32 * 0.7).sin() * 0.5
    }

    #[test]
    fn two_channels_that_are_the_same_are_one() {
        let (channels, sound) = verdict(12, tone, |index| tone(index) * 0.99);
        assert_eq!((channels, sound.len()), (1, 12_000));
        assert!((sound[10_500] - tone(10_500) * 0.995).abs() < 1e-6);
    }

    #[test]
    fn a_silent_channel_leaves_the_other_at_its_level_and_is_heard_if_it_speaks_later() {
        let (channels, sound) = verdict(20, tone, |index| if index < 15_000 { 0.0 } else { 0.25 });
        assert_eq!(channels, 1);
        assert!((sound[100] - tone(100)).abs() < 1e-6 && (sound[16_000] - tone(16_000) - 0.25).abs() < 1e-6);
        assert_eq!(verdict(3, |_| 0.0, tone).0, 1);
        assert_eq!(verdict(3, |_| 0.0, |_| 0.0).0, 1);
    }

    #[test]
    fn different_channels_stay_two_and_so_does_one_turned_round() {
        assert_eq!(verdict(11, tone, |index| (index as f32 * 0.3).sin() * 0.4).0, 2);
        assert_eq!(verdict(1, tone, |index| -tone(index)).0, 2);
    }

    #[test]
    fn only_the_first_ten_seconds_decide() {
        let late = |index| if index < 13_000 { tone(index) } else { 0.9 };
        assert_eq!(verdict(15, tone, late).0, 1);
    }

    #[test]
    fn silence_decides_nothing_however_long_it_lasts() {
        let other = |index: usize| (index as f32 * 0.3).sin() * 0.4;
        let (title, hour) = (12_000, 3_600_000);
        for silence in [title, hour] {
            let after = |of: fn(usize) -> f32| move |index| if index < silence { 0.0 } else { of(index) };
            let seconds = silence / 1000 + 12;
            let (channels, sound) = verdict(seconds, after(tone), after(other));
            assert_eq!((channels, sound.len()), (2, seconds * 1000), "two channels");
            assert!(sound[..silence].iter().all(|sample| *sample == 0.0), "silence is given as it came");
            assert!(
                (sound[silence + 100] - tone(silence + 100)).abs() < 1e-6,
                "and not a sample more or less"
            );
            assert_eq!(verdict(seconds, after(tone), after(tone)).0, 1, "the same twice");
        }
    }

    #[test]
    fn noise_below_hearing_decides_nothing_but_is_not_waited_for_without_end() {
        let hum = |index: usize| (index as f32 * 0.9).sin() * 1e-4;
        let other = |index: usize| (index as f32 * 0.3).sin() * 0.4;
        let after = |from: usize, of: fn(usize) -> f32| {
            move |index| if index < from { hum(index) } else { of(index) }
        };
        let (channels, sound) = verdict(42, after(30_000, tone), after(30_000, other));
        assert_eq!((channels, sound[100]), (2, hum(100)));
        assert_eq!(verdict(42, after(30_000, tone), after(30_000, tone)).0, 1);

        let mut intake = Intake::new(2, 1000);
        let minute: Vec<f32> = (0..62_000).map(hum).collect();
        intake.push(&[&minute, &minute]);
        assert_eq!(intake.pull().map(|block| block.planes.len()), Some(2), "as declared");
    }

    #[test]
    fn silence_that_waits_takes_no_room() {
        let mut intake = Intake::new(2, 1000);
        for _ in 0..3600 {
            intake.push(&[&[0.0; 1000], &[0.0; 1000]]);
        }
        assert_eq!(intake.waiting.len(), 1);
    }
}
