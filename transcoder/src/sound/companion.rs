//! The AAC of a film: the mixed sound of the one decode is kept in the scratch folder, and encoded from there once its
//! loudness is known, with one gain for the whole.

use super::audition::hear;
use super::block::Block;
use super::encoder::{AacFile, Coding};
use super::leveler::Aim;
use super::limiter::Limiter;
use super::loudness::{Meter, gated};
use super::master::ceiling;
use super::mixer::LOUDEST;
use crate::error::Result;
use crate::session::Session;
use balado_media::recipe::AudioProfile;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};

/// Where the samples are kept.
const KEPT: &str = "sound-samples.tmp";

/// Samples are kept in 16 bits with the headroom of the mixer: floats of decoders pass full scale. Their noise, 89 dB below
/// full scale, stays 69 dB below it after the largest boost.
const UNIT: f32 = 32_768.0 / LOUDEST;

/// How far below the highest true peak the limiter stays at first (dB), for what the encoder overshoots.
const OVERSHOOT_DB: f64 = 2.0;

/// What speech loses in the encoder (dB), at first.
const USUAL_LOSS_DB: f64 = 0.2;

/// A finished film may be this far from its loudness (dB); beyond, it is encoded once more.
const TOLERATED_DB: f64 = 0.6;

/// Trials of the limiter before the first encoding; each leaves a fraction of what the one before missed.
const TRIALS: usize = 2;

/// Encodings at most: the second knows what the first one made of the sound.
const ENCODINGS: usize = 2;

/// Samples of a block when nothing is encoded: those of an AAC frame.
const TRIAL_BLOCK: usize = 1024;

/// Sound being kept.
pub(super) struct Keeper {
    writer: BufWriter<File>,
    channels: usize,
    bytes: Vec<u8>,
}

/// How the kept sound is played.
#[derive(Clone, Copy)]
struct Sheet<'a> {
    profile: &'a AudioProfile,
    /// In dB.
    gain: f64,
    /// How far the limiter stays below the highest true peak (dB).
    overshoot: f64,
}

/// Sound that is kept.
pub(super) struct Kept {
    channels: usize,
}

impl Keeper {
    pub(super) fn create(channels: usize) -> Result<Self> {
        let writer = BufWriter::with_capacity(1 << 18, File::create(KEPT)?);
        Ok(Self { writer, channels, bytes: Vec::new() })
    }

    pub(super) fn keep(&mut self, block: &Block) -> Result<()> {
        self.bytes.clear();
        let sound = block.sound();
        for index in 0..block.filled {
            for plane in &sound {
                let sample = plane.get(index).copied().unwrap_or(0.0);
                self.bytes.extend(((sample * UNIT).round() as i16).to_le_bytes());
            }
        }
        Ok(self.writer.write_all(&self.bytes)?)
    }

    pub(super) fn finish(mut self) -> Result<Kept> {
        self.writer.flush()?;
        Ok(Kept { channels: self.channels })
    }
}

impl Kept {
    /// Encodes into `path` with a gain, nothing for silence, and forgets the samples.
    pub(super) fn encode(
        self,
        session: &Session,
        path: &str,
        profile: &AudioProfile,
        gain: Option<f64>,
    ) -> Result<()> {
        let aim = Aim::of(profile, self.channels);
        let mut sheet = Sheet { profile, gain: gain.unwrap_or(0.0), overshoot: OVERSHOOT_DB };
        if gain.is_some() {
            self.correct(session, &mut sheet, aim)?;
        }
        let highest = ceiling(profile, 0.0);
        for _ in 1..ENCODINGS {
            self.encode_as(session, path, sheet)?;
            let heard = hear(session, path, (self.channels, profile.sample_rate_hz), highest)?;
            let excess = 20.0 * f64::from(heard.peak / highest).log10();
            let missing = heard.loudness.filter(|_| gain.is_some()).map_or(0.0, |heard| aim.loudness - heard);
            let louder = (sheet.gain + missing).min(aim.most_boost);
            let is_near = missing.abs() <= TOLERATED_DB || (louder - sheet.gain).abs() <= TOLERATED_DB;
            if is_near && excess <= 0.0 {
                return Ok(std::fs::remove_file(KEPT)?);
            }
            sheet.gain = louder;
            sheet.overshoot += excess.max(0.0);
        }
        self.encode_as(session, path, sheet)?;
        Ok(std::fs::remove_file(KEPT)?)
    }

    fn encode_as(&self, session: &Session, path: &str, sheet: Sheet) -> Result<()> {
        let profile = sheet.profile;
        let bit_rate = if self.channels == 1 { profile.aac_bit_rate / 2 } else { profile.aac_bit_rate };
        let coding = Coding { rate: profile.sample_rate_hz, bit_rate, channels: self.channels };
        let mut file = AacFile::create(path, coding)?;
        self.play(session, sheet, file.block_size(), |block| file.take(&block))?;
        file.finish()
    }

    /// Finds the gain that leads to the aim although limiter and encoder take some of it away.
    fn correct(&self, session: &Session, sheet: &mut Sheet, aim: Aim) -> Result<()> {
        for _ in 0..TRIALS {
            let mut meter = Meter::new(self.channels, sheet.profile.sample_rate_hz)?;
            self.play(session, *sheet, TRIAL_BLOCK, |block| meter.push(&block.sound()))?;
            let aim_before = aim.loudness + USUAL_LOSS_DB;
            let missing = gated(&meter.into_energies()).map_or(0.0, |loudness| aim_before - loudness);
            sheet.gain = (sheet.gain + missing.clamp(-3.0, 3.0)).min(aim.most_boost);
        }
        Ok(())
    }

    /// Plays the sound in blocks of one size.
    fn play(
        &self,
        session: &Session,
        sheet: Sheet,
        size: usize,
        mut take: impl FnMut(Block) -> Result<()>,
    ) -> Result<()> {
        let mut limiter = Limiter::new(
            self.channels,
            sheet.profile.sample_rate_hz,
            ceiling(sheet.profile, sheet.overshoot),
        );
        let factor = 10_f64.powf(sheet.gain / 20.0) as f32 / UNIT;
        let mut reader = BufReader::with_capacity(1 << 18, File::open(KEPT)?);
        let mut bytes = vec![0_u8; size * self.channels * 2];
        loop {
            session.check()?;
            let count = read_full(&mut reader, &mut bytes)?;
            if count == 0 {
                break;
            }
            let block = self.amplified(bytes.get(..count).unwrap_or(&[]), size, factor);
            if let Some(block) = limiter.push(block) {
                take(block)?;
            }
        }
        limiter.finish().map_or(Ok(()), take)
    }

    fn amplified(&self, bytes: &[u8], size: usize, factor: f32) -> Block {
        let mut block = Block::empty(self.channels, size);
        for (channel, plane) in block.planes.iter_mut().enumerate() {
            let samples = bytes.chunks_exact(2).skip(channel).step_by(self.channels);
            for (place, sample) in plane.iter_mut().zip(samples) {
                *place = f32::from(i16::from_le_bytes([sample[0], sample[1]])) * factor;
            }
        }
        block.filled = bytes.len() / 2 / self.channels;
        block
    }
}

/// Fills the buffer as far as the file goes.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(buffer.get_mut(filled..).unwrap_or(&mut []))? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
