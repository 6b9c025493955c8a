//! Sound: one decode gives the MP3, the waveform and, for a video, the AAC that goes into its MP4.
//!
//! An MP3 that already conforms is copied frame by frame and decoded only for its waveform.

mod encoder;
mod mixer;

use crate::demux::{self, AudioTrack, Demuxer, Tracks};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::recipe::AudioProfile;
use balado_media::waveform::PeakFolder;
use balado_media::wire::Request;
use balado_media::{Refusal, Waveform};
use encoder::{Encoder, FrameCopier};
use ffmpeg_next::codec::{self, Id};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{Packet, decoder};
use mixer::{Mixer, Sink};

/// The AAC kept in the scratch folder for the MP4.
pub const AAC_FILE: &str = "sound-aac.tmp";

/// What else than MP3 and waveform is made in the same pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Companion {
    /// Nothing.
    None,
    /// AAC in [`AAC_FILE`].
    Aac,
}

/// Makes the outputs of a file that is sound only.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn convert(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    demuxer: Demuxer,
    tracks: &Tracks,
) -> Result<()> {
    let Some(track) = &tracks.audio else {
        return Err(Error::refused(Refusal::NoMediaTrack, "no sound"));
    };
    session.enter_stage(0, 1000);
    let sound = make(session, request, demuxer, track, Companion::None)?;
    original.settle(session)?;
    sound.announce(session)
}

/// The finished sound, in the scratch folder.
pub struct Sound {
    waveform: Waveform,
}

impl Sound {
    /// Tells the worker of MP3 and waveform.
    ///
    /// # Errors
    /// When they cannot be read back.
    pub fn announce(&self, session: &Session) -> Result<()> {
        let facts = Facts { duration_ms: Some(self.waveform.duration_ms), ..Facts::default() };
        output::announce(session, RenditionKind::Mp3, facts)?;
        output::announce(session, RenditionKind::Waveform, facts)
    }
}

/// Decodes a track once and makes everything that is made of sound.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn make(
    session: &mut Session,
    request: &Request,
    mut demuxer: Demuxer,
    track: &AudioTrack,
    companion: Companion,
) -> Result<Sound> {
    demuxer.keep_only(&[track.index]);
    let mut pass = Pass::new(request, &demuxer, track, companion)?;
    while let Some(packet) = demuxer.next()? {
        if packet.stream() != track.index {
            continue;
        }
        session.check()?;
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        pass.take(&packet)?;
    }
    let waveform = pass.finish()?;
    let json = serde_json::to_vec(&waveform).map_err(|e| Error::fault("waveform", e))?;
    std::fs::write(output::file_name(RenditionKind::Waveform), json)?;
    Ok(Sound { waveform })
}

/// Everything one pass over a track feeds.
struct Pass {
    decoder: decoder::Audio,
    mixer: Mixer,
    mp3: Mp3,
    aac: Option<Encoder>,
    peaks: PeakFolder,
    packets: u64,
    limit_ms: i64,
    heard: u64,
    rate_hz: u32,
}

enum Mp3 {
    Encode(Encoder),
    Copy(FrameCopier),
}

impl Pass {
    fn new(request: &Request, demuxer: &Demuxer, track: &AudioTrack, companion: Companion) -> Result<Self> {
        let profile = &request.recipe.audio;
        let channels = track.channels.min(2);
        let path = output::file_name(RenditionKind::Mp3);
        let mp3 = if conforms(track, profile) {
            Mp3::Copy(FrameCopier::open(&path, demuxer, track)?)
        } else {
            Mp3::Encode(Encoder::mp3(&path, profile, channels)?)
        };
        let aac = match companion {
            Companion::None => None,
            Companion::Aac => Some(Encoder::aac(AAC_FILE, profile, channels)?),
        };
        let mixer = Mixer::new(profile.sample_rate_hz, channels, aac.as_ref().map(Encoder::frame_size));
        Ok(Self {
            decoder: open_decoder(demuxer, track)?,
            mixer,
            mp3,
            aac,
            peaks: PeakFolder::new(profile.sample_rate_hz, profile.peak_ms),
            packets: 0,
            limit_ms: request.limits.duration_ms,
            heard: 0,
            rate_hz: profile.sample_rate_hz,
        })
    }

    fn take(&mut self, packet: &Packet) -> Result<()> {
        self.packets += 1;
        if let Mp3::Copy(copier) = &mut self.mp3 {
            copier.copy(packet)?;
        }
        // A packet no decoder understands is a gap in the sound, not the end of it.
        if self.decoder.send_packet(packet).is_ok() {
            self.drain_decoder()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Waveform> {
        if self.decoder.send_eof().is_ok() {
            self.drain_decoder()?;
        }
        self.mixer.flush()?;
        self.drain_mixer()?;
        if self.heard == 0 {
            let code = if self.packets == 0 { Refusal::NoMediaTrack } else { Refusal::Damaged };
            return Err(Error::refused(code, format!("no sound in {} packets", self.packets)));
        }
        match self.mp3 {
            Mp3::Encode(encoder) => encoder.finish()?,
            Mp3::Copy(copier) => copier.finish()?,
        }
        if let Some(aac) = self.aac {
            aac.finish()?;
        }
        Ok(self.peaks.finish())
    }

    fn drain_decoder(&mut self) -> Result<()> {
        let mut frame = Audio::empty();
        while self.decoder.receive_frame(&mut frame).is_ok() {
            let unit = self.decoder.packet_time_base();
            self.mixer.push(&mut frame, unit, self.limit_ms)?;
            self.drain_mixer()?;
        }
        Ok(())
    }

    fn drain_mixer(&mut self) -> Result<()> {
        while let Some(frame) = self.mixer.pull(Sink::Mp3) {
            self.heard += frame.samples() as u64;
            let limit =
                u64::try_from(self.limit_ms).unwrap_or(0).saturating_mul(u64::from(self.rate_hz)) / 1000;
            if self.heard > limit {
                return Err(Error::refused(Refusal::TooLong, "longer than the limit when decoded"));
            }
            let channels: Vec<&[f32]> = (0..frame.planes()).map(|plane| frame.plane::<f32>(plane)).collect();
            self.peaks.push(&channels);
            if let Mp3::Encode(encoder) = &mut self.mp3 {
                encoder.take(frame)?;
            }
        }
        if let Some(aac) = &mut self.aac {
            while let Some(frame) = self.mixer.pull(Sink::Aac) {
                aac.take(frame)?;
            }
        }
        Ok(())
    }
}

/// An MP3 players take as it is, small enough to be left alone.
fn conforms(track: &AudioTrack, profile: &AudioProfile) -> bool {
    track.codec == Id::MP3
        && track.sample_rate_hz == profile.sample_rate_hz
        && track.channels <= 2
        && (1..=i64::from(profile.copy_max_bit_rate)).contains(&track.bit_rate)
}

fn open_decoder(demuxer: &Demuxer, track: &AudioTrack) -> Result<decoder::Audio> {
    let refuse = |error: ffmpeg_next::Error| Error::refused(Refusal::Damaged, format!("decoder: {error}"));
    let mut decoder =
        codec::Context::from_parameters(demuxer.parameters(track.index)?).map_err(refuse)?.decoder();
    decoder.set_packet_time_base(demuxer.time_base(track.index)?);
    decoder.audio().map_err(refuse)
}

/// Opens [`AAC_FILE`] for copying into an MP4.
///
/// # Errors
/// When it is not there.
pub fn open_aac() -> Result<Demuxer> {
    demux::open_own(AAC_FILE)
}
