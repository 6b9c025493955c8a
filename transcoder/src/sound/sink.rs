//! Hands each block of a pass to everything that is made of it.

use super::block::Block;
use super::companion::{Keeper, Kept};
use super::copy::Copy;
use super::leveler::Aim;
use super::loudness::Meter;
use super::master::Master;
use crate::error::Result;
use crate::output;
use balado_domain::deposit::RenditionKind;
use balado_media::mp3::Gapless;
use balado_media::recipe::AudioProfile;
use balado_media::{Peaks, Waveform};
use ffmpeg_next::{Packet, Rational};

/// What a pass makes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) mp3: Option<Mp3>,
    /// Whether the sound is kept for AAC.
    pub(super) aac: bool,
}

/// How the MP3 comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mp3 {
    /// Frame by frame, with what the source says of the silence at its ends; times of its packets count in that unit.
    Copy(Option<Gapless>, Rational),
    Encode,
}

/// What a pass made.
pub(super) struct Made {
    /// The peaks of the MP3.
    pub(super) drawn: Option<(Waveform, Peaks)>,
    /// The sound to encode as AAC.
    pub(super) kept: Option<Kept>,
    /// Its gain (dB), nothing for silence.
    pub(super) gain: Option<f64>,
}

/// Takes the packets of the source and the blocks mixed from them.
pub(super) struct Sinks {
    profile: AudioProfile,
    wanted: Wanted,
    copy: Option<Copy>,
    /// Opened with the first block, which tells the number of channels.
    master: Option<Master>,
    companion: Option<(Keeper, Aim)>,
    /// Where nobody else measures.
    meter: Option<Meter>,
}

impl Sinks {
    pub(super) fn new(profile: &AudioProfile, wanted: Wanted) -> Result<Self> {
        let copy = match wanted.mp3 {
            Some(Mp3::Copy(gapless, unit)) => {
                Some(Copy::create(&output::file_name(RenditionKind::Mp3), profile, (gapless, unit))?)
            }
            _ => None,
        };
        Ok(Self { profile: profile.clone(), wanted, copy, master: None, companion: None, meter: None })
    }

    /// Takes a packet as it stands in the source.
    pub(super) fn take_packet(&mut self, packet: &Packet) -> Result<()> {
        self.copy.as_mut().map_or(Ok(()), |copy| copy.copy(packet))
    }

    /// Takes the next block of mixed sound.
    pub(super) fn take(&mut self, block: Block) -> Result<()> {
        if self.master.is_none() && self.companion.is_none() {
            self.open(block.planes.len())?;
        }
        if let Some(copy) = &mut self.copy {
            copy.draw(&block.sound());
        }
        if let Some((keeper, _)) = &mut self.companion {
            keeper.keep(&block)?;
        }
        if let Some(meter) = &mut self.meter {
            meter.push(&block.sound())?;
        }
        self.master.as_mut().map_or(Ok(()), |master| master.push(block))
    }

    /// Finishes all that was made.
    pub(super) fn finish(self) -> Result<Made> {
        let mut made = Made { drawn: None, kept: None, gain: None };
        if let Some(master) = self.master {
            let mastered = master.finish()?;
            made.drawn = Some((mastered.waveform, mastered.peaks));
            made.gain = mastered.gain;
        }
        if let Some(copy) = self.copy {
            made.drawn = Some(copy.finish()?);
        }
        if let Some((keeper, aim)) = self.companion {
            made.kept = Some(keeper.finish()?);
            if let Some(meter) = &self.meter {
                made.gain = aim.gain(meter, 0.0);
            }
        }
        Ok(made)
    }

    fn open(&mut self, channels: usize) -> Result<()> {
        if self.wanted.mp3 == Some(Mp3::Encode) {
            let path = output::file_name(RenditionKind::Mp3);
            self.master = Some(Master::create(&path, &self.profile, channels)?);
        }
        if self.wanted.aac {
            self.companion = Some((Keeper::create(channels)?, Aim::of(&self.profile, channels)));
            if self.master.is_none() {
                self.meter = Some(Meter::new(channels, self.profile.sample_rate_hz)?);
            }
        }
        Ok(())
    }
}
