//! From mixed sound to the finished MP3, in one pass: measured ten seconds ahead, levelled, limited, encoded, replayed,
//! and at the end corrected without encoding anything again.

use super::block::{BLOCK, Block};
use super::correction::Made;
use super::encoder::{Coding, Encoder};
use super::leveler::{Aim, Level, Leveler, Loss};
use super::limiter::{Limiter, slide};
use super::loudness::Meter;
use super::mp3_file::Mp3File;
use super::replay::Replay;
use crate::error::Result;
use balado_media::mp3::{DECODER_DELAY, GAIN_STEP_DB, Gapless};
use balado_media::recipe::AudioProfile;
use balado_media::waveform::PeakFolder;
use balado_media::{Peaks, Waveform};
use std::collections::VecDeque;
use std::f64::consts::FRAC_PI_2;

/// Seconds of sound measured before they are played.
const AHEAD_SECONDS: usize = 10;

/// How far below the highest true peak the limiter stays (dB): an encoder of few bits overshoots, and what it overshoots
/// by more is turned down by whole steps.
const OVERSHOOT_DB: f64 = 1.0;

/// How far below it volumes are shifted at most (dB): where neighbouring granules differ, their halves do not cancel
/// each other quite as they should.
const SEAM_DB: f64 = 0.3;

/// Samples of a granule; its window fades over as many.
const GRANULE: usize = 576;

/// Where in a block the gain goes over to that of the next: where the window of the next frame fades in. An encoder and
/// a decoder together are 1105 samples late, and a granule's window is centred 528 samples after its first one.
const FADE: std::ops::Range<usize> = 287..287 + GRANULE;

/// What is made of one sound.
pub(super) struct Master {
    aim: Aim,
    meter: Meter,
    ahead: VecDeque<Block>,
    most_ahead: usize,
    leveler: Leveler,
    loss: Loss,
    level: Option<Level>,
    steps: Vec<i8>,
    fade: Vec<f32>,
    limiter: Limiter,
    encoder: Encoder,
    replay: Replay,
    file: Mp3File,
    peaks: PeakFolder,
}

/// What the MP3 is like.
pub(super) struct Mastered {
    pub(super) waveform: Waveform,
    pub(super) peaks: Peaks,
    /// The gain that brings the whole to its loudness (dB); nothing for silence.
    pub(super) gain: Option<f64>,
}

/// The highest sample that keeps true peaks so many dB below what the profile allows.
pub(super) fn ceiling(profile: &AudioProfile, below_db: f64) -> f32 {
    let peak = f64::from(profile.loudness.peak_dbtp_tenths) / 10.0 - below_db;
    10_f64.powf(peak / 20.0) as f32
}

impl Aim {
    /// What the profile wants of one or two channels.
    pub(super) fn of(profile: &AudioProfile, channels: usize) -> Self {
        let wanted = &profile.loudness;
        let loudness = if channels == 1 { wanted.mono_lufs } else { wanted.stereo_lufs };
        Self { loudness: f64::from(loudness), most_boost: f64::from(wanted.max_boost_db) }
    }
}

impl Master {
    pub(super) fn create(path: &str, profile: &AudioProfile, channels: usize) -> Result<Self> {
        let rate = profile.sample_rate_hz;
        let bit_rate = if channels == 1 { profile.mono_bit_rate } else { profile.stereo_bit_rate };
        let aim = Aim::of(profile, channels);
        let fade =
            (0..GRANULE).map(|at| (FRAC_PI_2 * (at as f64 + 0.5) / GRANULE as f64).sin().powi(2) as f32);
        Ok(Self {
            aim,
            meter: Meter::new(channels, rate)?,
            ahead: VecDeque::new(),
            most_ahead: AHEAD_SECONDS * usize::try_from(rate).unwrap_or(0) / BLOCK,
            leveler: Leveler::new(aim, BLOCK as f64 / f64::from(rate), AHEAD_SECONDS),
            loss: Loss::new(),
            level: None,
            steps: Vec::new(),
            fade: fade.collect(),
            limiter: Limiter::new(channels, rate, ceiling(profile, OVERSHOOT_DB)),
            encoder: Encoder::mp3(Coding { rate, bit_rate, channels })?,
            replay: Replay::new(channels, rate, ceiling(profile, SEAM_DB))?,
            file: Mp3File::create(path)?,
            peaks: PeakFolder::new(rate, profile.peak_ms, profile.fine_peak_ms),
        })
    }

    /// Takes the next block.
    pub(super) fn push(&mut self, block: Block) -> Result<()> {
        self.meter.push(&block.sound())?;
        self.ahead.push_back(block);
        match self.ahead.len() > self.most_ahead {
            true => self.play_one(),
            false => Ok(()),
        }
    }

    /// Plays what is left and finishes the MP3.
    pub(super) fn finish(mut self) -> Result<Mastered> {
        while !self.ahead.is_empty() {
            self.play_one()?;
        }
        if let Some(block) = self.limiter.finish() {
            self.encode(&block)?;
        }
        self.encoder.finish()?;
        self.drain()?;
        let gapless = self.gapless();
        // Frames behind the last block of sound have its gain.
        let last = self.level.map_or(0, |level| level.steps);
        self.steps.resize(usize::try_from(self.file.frames()).unwrap_or(0), last);
        let gain = self.aim.gain(&self.meter, 0.0);
        let heard = self.replay.finish();
        let unstepped = self.level.map_or(0.0, Level::unstepped);
        let shifts = match gain {
            Some(_) => Made { steps: &self.steps, heard: &heard, unstepped }.shifts(self.aim),
            None => Vec::new(),
        };
        self.file.finish(Some(gapless), &shifts)?;
        let (waveform, peaks) = self.peaks.finish(|sample| played(&shifts, sample));
        Ok(Mastered { waveform, peaks, gain })
    }

    fn play_one(&mut self) -> Result<()> {
        let Some(mut block) = self.ahead.pop_front() else { return Ok(()) };
        let to = self.leveler.advance(&self.meter, self.loss.decibels());
        let from = self.level.replace(to).unwrap_or(to);
        self.steps.push(from.steps);
        for plane in &mut block.planes {
            amplify(plane, from, to, &self.fade);
        }
        match self.limiter.push(block) {
            Some(block) => self.encode(&block),
            None => Ok(()),
        }
    }

    fn encode(&mut self, block: &Block) -> Result<()> {
        self.peaks.push(&block.sound());
        self.encoder.take(block)?;
        self.drain()
    }

    fn drain(&mut self) -> Result<()> {
        while let Some(packet) = self.encoder.next() {
            let frame = packet.data().unwrap_or(&[]);
            self.file.write(frame)?;
            self.replay.hear(frame)?;
        }
        let factor = self.level.map_or(1.0, Level::factor);
        self.loss.compare(self.meter.energies(), self.replay.energies(), factor);
        Ok(())
    }

    fn gapless(&self) -> Gapless {
        let delay = self.encoder.delay().saturating_sub(DECODER_DELAY);
        let padding = self.file.samples().saturating_sub(self.peaks.seen() + u64::from(delay));
        Gapless { delay: u16::try_from(delay).unwrap_or(0), padding: u16::try_from(padding).unwrap_or(0) }
    }
}

fn amplify(plane: &mut [f32], from: Level, to: Level, fade: &[f32]) {
    let (first, last) = (from.factor(), to.factor());
    if from.steps == to.steps {
        slide(plane, first, last);
        return;
    }
    for (index, sample) in plane.iter_mut().enumerate() {
        let share =
            if index < FADE.start { 0.0 } else { fade.get(index - FADE.start).copied().unwrap_or(1.0) };
        *sample *= first + (last - first) * share;
    }
}

/// How much louder a sample is played than it was encoded.
fn played(shifts: &[i8], sample: u64) -> f32 {
    let granule = usize::try_from(sample).unwrap_or(0).saturating_add(GRANULE) / GRANULE;
    let shift = shifts.get(granule).or(shifts.last()).copied().unwrap_or(0);
    10_f64.powf(f64::from(shift) * GAIN_STEP_DB / 20.0) as f32
}
