//! Sound: one decode gives the MP3, the peaks and, for a video, the AAC that goes into its MP4.
//!
//! An MP3 that already conforms is copied frame by frame and decoded only for its peaks, as long as its frames are all of one
//! kind and follow each other without a hole. All other sound is brought to one loudness (EBU R 128) as it passes.

mod audition;
mod block;
mod companion;
mod copy;
mod correction;
mod encoder;
mod intake;
mod leveler;
mod limiter;
mod loudness;
mod master;
mod mixer;
mod mp3_file;
mod replay;
mod sink;
mod true_peak;

pub use intake::Mixdown;

use crate::demux::{self, AudioTrack, Demuxer, Tracks};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::recipe::AudioProfile;
use balado_media::wire::Request;
use balado_media::{Format, Peaks, Refusal, Waveform};
use companion::Kept;
use ffmpeg_next::codec;
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{Packet, decoder};
use intake::Intake;
use mixer::Mixer;
use sink::{Sinks, Wanted};

/// What else than MP3 and peaks is made in the same pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Companion {
    /// Nothing.
    None,
    /// AAC, by [`Sound::encode_aac`].
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
    if !may_be_copied(track, &request.recipe.audio) {
        original.keep_nothing()?;
    }
    let sound = make(session, request, original, demuxer, (track, Companion::None))?;
    original.settle(session)?;
    sound.announce(session)
}

/// The finished sound, in the scratch folder.
pub struct Sound {
    duration_ms: i64,
    companion: Option<Unencoded>,
}

/// Sound that waits to become AAC.
struct Unencoded {
    kept: Kept,
    gain: Option<f64>,
    profile: AudioProfile,
}

impl Sound {
    /// Tells the worker of MP3, waveform and fine peaks.
    ///
    /// # Errors
    /// When they cannot be read back.
    pub fn announce(&self, session: &Session) -> Result<()> {
        let facts = Facts { duration_ms: Some(self.duration_ms), ..Facts::default() };
        output::announce(session, RenditionKind::Mp3, facts)?;
        output::announce(session, RenditionKind::Waveform, facts)?;
        output::announce(session, RenditionKind::Peaks, facts)
    }

    /// Encodes the AAC that was asked for as [`Companion::Aac`]. Apart from [`make`] so that the MP3 is not kept waiting.
    ///
    /// # Errors
    /// When it was cancelled, or the scratch folder is full.
    pub fn encode_aac(self, session: &Session) -> Result<()> {
        match self.companion {
            Some(Unencoded { kept, gain, profile }) => kept.encode(session, &aac_file(), &profile, gain),
            None => Ok(()),
        }
    }
}

/// Decodes a track once and makes everything that is made of sound.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn make(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    demuxer: Demuxer,
    (track, companion): (&AudioTrack, Companion),
) -> Result<Sound> {
    let format = demuxer.format();
    let making = Making::start(request, &demuxer, track, companion)?;
    match making.make(session, demuxer, track) {
        Err(Error::Fault(_)) if may_be_copied(track, &request.recipe.audio) => {
            original.settle(session)?;
            make_anew(session, request, (original, format), (track, companion))
        }
        other => other,
    }
}

/// Makes the same as [`make`] of a whole file whose MP3 turned out to be none to copy: all of it is encoded.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn make_anew(
    session: &mut Session,
    request: &Request,
    (original, format): (&Original, Format),
    (track, companion): (&AudioTrack, Companion),
) -> Result<Sound> {
    let demuxer = demux::open(original, format)?;
    Making::begin(request, &demuxer, track, companion, sink::Mp3::Encode)?.make(session, demuxer, track)
}

/// Everything that is made of a track, while its packets come from somebody who has other tracks to see to as well.
pub struct Making {
    pass: Pass,
    profile: AudioProfile,
}

impl Making {
    /// Begins with a track of `demuxer`.
    ///
    /// # Errors
    /// When its coding cannot be decoded, or the scratch folder is full.
    pub fn start(
        request: &Request,
        demuxer: &Demuxer,
        track: &AudioTrack,
        companion: Companion,
    ) -> Result<Self> {
        let mp3 = if may_be_copied(track, &request.recipe.audio) {
            sink::Mp3::Copy(demuxer.gapless(), demuxer.time_base(track.index)?)
        } else {
            sink::Mp3::Encode
        };
        Self::begin(request, demuxer, track, companion, mp3)
    }

    fn begin(
        request: &Request,
        demuxer: &Demuxer,
        track: &AudioTrack,
        companion: Companion,
        mp3: sink::Mp3,
    ) -> Result<Self> {
        let wanted = Wanted { mp3: Some(mp3), aac: companion == Companion::Aac };
        let profile = request.recipe.audio.clone();
        Ok(Self { pass: Pass::new(request, demuxer, track, wanted)?, profile })
    }

    fn make(mut self, session: &mut Session, mut demuxer: Demuxer, track: &AudioTrack) -> Result<Sound> {
        demuxer.keep_only(&[track.index]);
        feed(session, demuxer, track.index, &mut self.pass)?;
        self.finish()
    }

    /// Takes the next packet of the track.
    ///
    /// # Errors
    /// [`Error::Refused`] when the sound is too long; [`Error::Fault`] when the scratch folder is full, or the MP3 is none to
    /// copy: see [`make_anew`].
    pub fn take(&mut self, packet: &Packet) -> Result<()> {
        self.pass.take(packet)
    }

    /// There are no more packets.
    ///
    /// # Errors
    /// When there was no sound in them, or the scratch folder is full.
    pub fn finish(self) -> Result<Sound> {
        let made = self.pass.finish()?;
        if let Some((waveform, peaks)) = &made.drawn {
            write_peaks(waveform, peaks)?;
        }
        let (gain, profile) = (made.gain, self.profile);
        Ok(Sound {
            duration_ms: made.drawn.map_or(0, |(waveform, _)| waveform.duration_ms),
            companion: made.kept.map(|kept| Unencoded { kept, gain, profile }),
        })
    }
}

/// Decodes a track once more for the AAC alone, when an earlier process made the MP3 and its AAC is lost.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn make_aac(
    session: &mut Session,
    request: &Request,
    mut demuxer: Demuxer,
    track: &AudioTrack,
) -> Result<()> {
    demuxer.keep_only(&[track.index]);
    let mut pass = Pass::new(request, &demuxer, track, Wanted { mp3: None, aac: true })?;
    feed(session, demuxer, track.index, &mut pass)?;
    let made = pass.finish()?;
    match made.kept {
        Some(kept) => kept.encode(session, &aac_file(), &request.recipe.audio, made.gain),
        None => Ok(()),
    }
}

/// Listens how two channels become one, with the rule that also settles how many the outputs have: as far as that takes.
///
/// # Errors
/// When the file is refused or the work was cancelled.
pub fn mixdown(
    session: &Session,
    request: &Request,
    mut demuxer: Demuxer,
    track: &AudioTrack,
) -> Result<Mixdown> {
    demuxer.keep_only(&[track.index]);
    let mut pass = Pass::new(request, &demuxer, track, Wanted { mp3: None, aac: false })?;
    while pass.intake.mixdown().is_none()
        && let Some(packet) = demuxer.next()?
    {
        session.check()?;
        pass.take(&packet)?;
    }
    pass.intake.finish();
    Ok(pass.intake.mixdown().unwrap_or(Mixdown::Mean))
}

fn write_peaks(waveform: &Waveform, peaks: &Peaks) -> Result<()> {
    let json = serde_json::to_vec(waveform).map_err(|e| Error::fault("waveform", e))?;
    std::fs::write(output::file_name(RenditionKind::Waveform), json)?;
    Ok(std::fs::write(output::file_name(RenditionKind::Peaks), peaks.to_bytes())?)
}

/// Gives a pass every packet of its track.
fn feed(session: &mut Session, mut demuxer: Demuxer, index: usize, pass: &mut Pass) -> Result<()> {
    while let Some(packet) = demuxer.next()? {
        if packet.stream() != index {
            continue;
        }
        session.check()?;
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        pass.take(&packet)?;
    }
    Ok(())
}

/// One decode of a track, mixed for whoever takes it.
struct Pass {
    decoder: decoder::Audio,
    mixer: Mixer,
    intake: Intake,
    sinks: Sinks,
    packets: u64,
    limit_ms: i64,
    most_samples: u64,
}

impl Pass {
    fn new(request: &Request, demuxer: &Demuxer, track: &AudioTrack, wanted: Wanted) -> Result<Self> {
        let profile = &request.recipe.audio;
        let channels = track.channels.min(2);
        let limit_ms = request.limits.duration_ms;
        let rate = profile.sample_rate_hz;
        Ok(Self {
            decoder: open_decoder(demuxer, track)?,
            mixer: Mixer::new(rate, channels, lateness_us(track)),
            intake: Intake::new(channels as usize, rate),
            sinks: Sinks::new(profile, wanted)?,
            packets: 0,
            limit_ms,
            most_samples: u64::try_from(limit_ms).unwrap_or(0).saturating_mul(u64::from(rate)) / 1000,
        })
    }

    fn take(&mut self, packet: &Packet) -> Result<()> {
        self.packets += 1;
        self.sinks.take_packet(packet)?;
        // A packet no decoder understands is a gap in the sound, not the end of it.
        if self.decoder.send_packet(packet).is_ok() {
            self.drain_decoder()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<sink::Made> {
        if self.decoder.send_eof().is_ok() {
            self.drain_decoder()?;
        }
        self.mixer.flush()?;
        self.drain_mixer()?;
        if self.intake.samples() == 0 {
            let code = if self.packets == 0 { Refusal::NoMediaTrack } else { Refusal::Damaged };
            return Err(Error::refused(code, format!("no sound in {} packets", self.packets)));
        }
        self.intake.finish();
        self.drain_intake()?;
        self.sinks.finish()
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
        while let Some(frame) = self.mixer.pull()? {
            let planes: Vec<&[f32]> = (0..frame.planes()).map(|plane| frame.plane::<f32>(plane)).collect();
            self.intake.push(&planes);
            if self.intake.samples() > self.most_samples {
                return Err(Error::refused(Refusal::TooLong, "longer than the limit when decoded"));
            }
            self.drain_intake()?;
        }
        Ok(())
    }

    fn drain_intake(&mut self) -> Result<()> {
        while let Some(block) = self.intake.pull() {
            self.sinks.take(block)?;
        }
        Ok(())
    }
}

/// Whether a track is an MP3 that players take as it is, small enough to be left alone, as far as the track tells.
pub fn may_be_copied(track: &AudioTrack, profile: &AudioProfile) -> bool {
    track.codec == codec::Id::MP3
        && track.sample_rate_hz == profile.sample_rate_hz
        && track.channels <= 2
        && (1..=i64::from(profile.copy_max_bit_rate)).contains(&track.bit_rate)
}

/// How much too late the decoder's times are, in microseconds: libav gives each frame of Windows Media the time of the
/// packet after it. Lengths of frames are those of the format. In a film the times of its pictures count from there too.
fn lateness_us(track: &AudioTrack) -> i64 {
    let is_first = track.codec == codec::Id::WMAV1;
    if track.is_of_film || (!is_first && track.codec != codec::Id::WMAV2) {
        return 0;
    }
    let samples = match track.sample_rate_hz {
        ..=16_000 => 512,
        16_001..=22_050 => 1024,
        22_051..=32_000 if is_first => 1024,
        _ => 2048,
    };
    samples * 1_000_000 / i64::from(track.sample_rate_hz)
}

fn open_decoder(demuxer: &Demuxer, track: &AudioTrack) -> Result<decoder::Audio> {
    let refuse = |error: ffmpeg_next::Error| Error::refused(Refusal::Damaged, format!("decoder: {error}"));
    let mut decoder =
        codec::Context::from_parameters(demuxer.parameters(track.index)?).map_err(refuse)?.decoder();
    decoder.set_packet_time_base(demuxer.time_base(track.index)?);
    decoder.audio().map_err(refuse)
}

/// Where the AAC of a film lies, in the scratch folder.
pub fn aac_file() -> String {
    output::file_name(RenditionKind::Aac)
}

/// Tells the worker of the AAC, for the job that makes the MP4.
///
/// # Errors
/// When it cannot be read back.
pub fn announce_aac(session: &Session) -> Result<()> {
    output::announce(session, RenditionKind::Aac, Facts::default())
}
