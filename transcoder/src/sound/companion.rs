//! The AAC of a film: the mixed sound of the one decode is kept in the scratch folder, and encoded from there once its
//! loudness is known, with one gain for the whole.

use super::block::Block;
use super::encoder::{AacFile, Coding};
use super::leveler::Aim;
use super::limiter::Limiter;
use super::loudness::{Meter, gated};
use super::master::ceiling;
use crate::error::Result;
use crate::session::Session;
use balado_media::recipe::AudioProfile;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};

/// Where the samples are kept.
const KEPT: &str = "sound-samples.tmp";

/// Samples are kept in 16 bits with 6 dB of headroom: floats of decoders pass full scale. Their noise stays 70 dB below
/// full scale after the largest boost.
const UNIT: f32 = 16_384.0;

/// How far below the highest true peak the limiter stays (dB), for what the encoder overshoots.
const OVERSHOOT_DB: f64 = 2.5;

/// Samples of a block when nothing is encoded: those of an AAC frame.
const TRIAL_BLOCK: usize = 1024;

/// Sound being kept.
pub(super) struct Keeper {
    writer: BufWriter<File>,
    channels: usize,
    bytes: Vec<u8>,
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
        let bit_rate = if self.channels == 1 { profile.aac_bit_rate / 2 } else { profile.aac_bit_rate };
        let coding = Coding { rate: profile.sample_rate_hz, bit_rate, channels: self.channels };
        let mut file = AacFile::create(path, coding)?;
        let gain = match gain {
            Some(gain) => self.corrected(session, profile, gain)?,
            None => 0.0,
        };
        self.play(session, profile, (gain, file.block_size()), |block| file.take(&block))?;
        file.finish()?;
        Ok(std::fs::remove_file(KEPT)?)
    }

    /// The gain that leads to the aim although the limiter takes some of it away.
    fn corrected(&self, session: &Session, profile: &AudioProfile, gain: f64) -> Result<f64> {
        let aim = Aim::of(profile, self.channels);
        let mut meter = Meter::new(self.channels, profile.sample_rate_hz)?;
        self.play(session, profile, (gain, TRIAL_BLOCK), |block| meter.push(&block.sound()))?;
        let lost = gated(&meter.into_energies()).map_or(0.0, |loudness| aim.loudness - loudness);
        Ok((gain + lost.clamp(-1.0, 3.0)).min(aim.most_boost))
    }

    /// Plays the sound in blocks of one size.
    fn play(
        &self,
        session: &Session,
        profile: &AudioProfile,
        (gain, size): (f64, usize),
        mut take: impl FnMut(Block) -> Result<()>,
    ) -> Result<()> {
        let mut limiter = Limiter::new(self.channels, profile.sample_rate_hz, ceiling(profile, OVERSHOOT_DB));
        let factor = 10_f64.powf(gain / 20.0) as f32 / UNIT;
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
