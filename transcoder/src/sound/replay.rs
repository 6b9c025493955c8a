//! Plays the MP3 frames as they are made, as every listener will: how loud they are, and how much louder they may get.
//!
//! An encoder of few bits moves peaks by a decibel and more either way, so that only decoding tells them.

use super::block::BLOCK;
use super::loudness::Meter;
use super::true_peak::{PIECE, TruePeak};
use crate::error::{Error, Result};
use balado_media::mp3::GAIN_STEP_DB;
use ffmpeg_next::codec::{self, Id};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{Packet, decoder};

/// Samples that share one answer: half a granule.
pub(super) const SPAN: usize = 288;

/// Peaks are interpolated from half the ceiling on; below, a whole decibel is added instead.
const INTERPOLATED_FROM: f32 = 0.7;
const UNSEEN: f32 = 1.122;

/// Hears every frame once.
pub(super) struct Replay {
    decoder: decoder::Audio,
    meter: Meter,
    finder: TruePeak,
    ceiling: f32,
    room: Vec<i8>,
}

/// What was heard.
pub(super) struct Heard {
    /// Weighted energy of every hop of decoded samples.
    pub(super) energies: Vec<f32>,
    /// Samples of a hop.
    pub(super) hop: usize,
    /// Steps by which each [`SPAN`] of decoded samples may get louder before a true peak passes the ceiling.
    pub(super) room: Vec<i8>,
}

impl Replay {
    /// For MP3 of so many channels and samples per second, whose true peaks shall stay below `ceiling`.
    pub(super) fn new(channels: usize, rate: u32, ceiling: f32) -> Result<Self> {
        let codec = decoder::find_by_name("mp3float").or_else(|| decoder::find(Id::MP3));
        let codec =
            codec.ok_or_else(|| Error::missing("libav decoder mp3", "Install Debian's libavcodec59."))?;
        let context = codec::Context::new_with_codec(codec);
        Ok(Self {
            decoder: context.decoder().open_as(codec)?.audio()?,
            meter: Meter::new(channels, rate)?,
            finder: TruePeak::new(channels),
            ceiling,
            room: Vec::new(),
        })
    }

    /// Takes the next frame.
    pub(super) fn hear(&mut self, frame: &[u8]) -> Result<()> {
        // A packet of its own, without what the encoder's one says about samples to leave out.
        self.decoder.send_packet(&Packet::copy(frame)).map_err(|e| Error::fault("replay", e))?;
        let mut sound = Audio::empty();
        while self.decoder.receive_frame(&mut sound).is_ok() {
            let planes: Vec<&[f32]> = (0..sound.planes()).map(|plane| sound.plane::<f32>(plane)).collect();
            if planes.iter().any(|plane| plane.len() != BLOCK) {
                return Err(Error::Fault("a frame replays at another length".to_owned()));
            }
            self.meter.push(&planes)?;
            let peaks = self.finder.peaks(&planes, self.ceiling * INTERPOLATED_FROM);
            let rooms: Vec<i8> = peaks.chunks_exact(SPAN / PIECE).map(|span| self.room_above(span)).collect();
            self.room.extend(rooms);
        }
        Ok(())
    }

    /// Weighted energy of every hop so far.
    pub(super) fn energies(&self) -> &[f32] {
        self.meter.energies()
    }

    pub(super) fn finish(self) -> Heard {
        Heard { hop: self.meter.hop(), energies: self.meter.into_energies(), room: self.room }
    }

    fn room_above(&self, peaks: &[f32]) -> i8 {
        let peak = peaks.iter().copied().fold(0.0, f32::max);
        let peak = if peak > self.ceiling / 2.0 { peak } else { peak * UNSEEN };
        let room = 20.0 * f64::from(self.ceiling / peak).log10() / GAIN_STEP_DB;
        // The cast stops at the ends of the integer: silence has all the room there is.
        room.floor() as i8
    }
}
