//! Moving pictures: sound first, then one decode of the pictures gives the MP4 and its poster.
//!
//! What conforms is copied: H.264 within the profile bit for bit, with only key frames decoded for the poster; AAC
//! likewise. Sound that does not conform was encoded to AAC while the MP3 was made.

mod encoder;
mod film;
mod frames;
mod poster;

use crate::demux::{self, AudioTrack, Demuxer, Tracks, VideoTrack};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use crate::sound::{self, Companion};
use balado_domain::deposit::RenditionKind;
use balado_media::recipe::VideoProfile;
use balado_media::wire::{Request, Stage, Task};
use balado_media::{Format, Refusal};
use encoder::Encoder;
use ffmpeg_next::codec::Id;
use film::{Film, SoundSource};
use frames::{Frames, Pace, Shape};
use poster::Poster;

/// The share of the work that is sound, in thousandths: decoding pictures dwarfs it.
const SOUND_SHARE: i32 = 100;

/// H.264 profiles every player knows, by libav's numbers: Baseline, Constrained Baseline, Main, High.
const PLAYABLE_PROFILES: [i32; 4] = [66, 578, 77, 100];

/// AAC-LC, by libav's number.
const AAC_LOW: i32 = 1;

/// One original on its way to an MP4.
struct Job<'a> {
    request: &'a Request,
    original: &'a Original,
    format: Format,
    track: &'a VideoTrack,
    sound: Option<SoundSource>,
}

/// Makes the outputs of a file that has moving pictures.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn convert(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    demuxer: Demuxer,
    tracks: &Tracks,
    track: &VideoTrack,
) -> Result<()> {
    let format = demuxer.format();
    session.enter_stage(0, SOUND_SHARE);
    let sound = match &tracks.audio {
        Some(audio) => make_sound(session, request, original, demuxer, audio)?,
        None => {
            drop(demuxer);
            original.settle(session)?;
            None
        }
    };
    session.enter_stage(SOUND_SHARE, 1000);
    let job = Job { request, original, format, track, sound };
    let size = if conforms(track, &request.recipe.video, &job)? {
        // Copying fails on time stamps no player would take either; then the pictures are encoded after all.
        match copy(session, &job) {
            Err(Error::Fault(_)) => encode(session, &job)?,
            other => other?,
        }
    } else {
        encode(session, &job)?
    };
    let duration_ms = film::duration_ms(&output::file_name(RenditionKind::Mp4))?;
    let facts = Facts { size: Some(size), duration_ms: Some(duration_ms), ..Facts::default() };
    output::announce(session, RenditionKind::Mp4, facts)?;
    output::announce(session, RenditionKind::Poster, Facts { size: Some(size), ..Facts::default() })
}

/// Sound that turns out to be none leaves a silent film, not a refused one.
fn make_sound(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    demuxer: Demuxer,
    audio: &AudioTrack,
) -> Result<Option<SoundSource>> {
    let copied = is_playable_aac(audio);
    // The sound of a film whose MP3 an earlier process made.
    let again = request.task == Task::Convert(Stage::Pictures) && !copied;
    let made = if again {
        sound::make_aac(session, request, demuxer, audio).map(|()| None)
    } else {
        let companion = if copied { Companion::None } else { Companion::Aac };
        sound::make(session, request, demuxer, audio, companion).map(Some)
    };
    original.settle(session)?;
    match made {
        Ok(sound) => {
            if let Some(sound) = sound {
                sound.announce(session)?;
                sound.encode_aac(session)?;
            }
            Ok(Some(if copied { SoundSource::Original(audio.index) } else { SoundSource::Encoded }))
        }
        Err(Error::Refused { code: Refusal::NoMediaTrack | Refusal::Damaged, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_playable_aac(audio: &AudioTrack) -> bool {
    audio.codec == Id::AAC
        && audio.profile == AAC_LOW
        && audio.channels <= 2
        && (32_000..=48_000).contains(&audio.sample_rate_hz)
        && (1..=256_000).contains(&audio.bit_rate)
}

fn conforms(track: &VideoTrack, profile: &VideoProfile, job: &Job) -> Result<bool> {
    let (long, short) = (track.width.max(track.height), track.width.min(track.height));
    let playable = track.codec == Id::H264
        && PLAYABLE_PROFILES.contains(&track.profile)
        && track.is_plain_420
        && !track.is_interlaced
        && track.quarter_turns == 0
        && (track.pixel_aspect - 1.0).abs() < 0.01
        && long <= profile.max_long_side
        && short <= profile.max_short_side
        && track.mean_rate > 0.0
        && track.mean_rate <= f64::from(profile.max_frame_rate) + 0.5;
    Ok(playable && bit_rate(track, job)? <= i64::from(profile.copy_max_bit_rate))
}

/// Bits per second of the pictures, or of the whole file when the container does not tell.
fn bit_rate(track: &VideoTrack, job: &Job) -> Result<i64> {
    if track.bit_rate > 0 {
        return Ok(track.bit_rate);
    }
    let demuxer = demux::open(job.original, job.format)?;
    let duration_ms = demuxer.tracks(&job.request.limits)?.duration_ms.unwrap_or(0);
    let bits = i64::try_from(job.original.size()?).unwrap_or(i64::MAX).saturating_mul(8);
    Ok(bits.saturating_mul(1000).checked_div(duration_ms).unwrap_or(i64::MAX))
}

fn encode(session: &mut Session, job: &Job) -> Result<(u32, u32)> {
    let profile = &job.request.recipe.video;
    let shape = Shape::for_track(job.track, profile);
    let mut demuxer = demux::open(job.original, job.format)?;
    demuxer.keep_only(&[job.track.index]);
    let mut frames = Frames::open(&demuxer, job.track, shape, Pace::Steady, &job.request.limits)?;
    let mut encoder = Encoder::open(shape, profile)?;
    let mut film = Film::open(encoder.parameters(), job.sound, job.original, job.format)?;
    let mut poster = Poster::new(shape.rate);
    let mut drain = |frames: &mut Frames, film: &mut Film| -> Result<()> {
        while let Some(frame) = frames.pull()? {
            poster.consider(&frame);
            encoder.take(frame, film)?;
        }
        Ok(())
    };
    while let Some(packet) = demuxer.next()? {
        if packet.stream() != job.track.index {
            continue;
        }
        session.check()?;
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        frames.take(&packet)?;
        drain(&mut frames, &mut film)?;
    }
    frames.finish()?;
    drain(&mut frames, &mut film)?;
    encoder.finish(&mut film)?;
    film.finish()?;
    poster.write(&output::file_name(RenditionKind::Poster), profile.poster_quality)?;
    Ok((shape.width, shape.height))
}

fn copy(session: &mut Session, job: &Job) -> Result<(u32, u32)> {
    let profile = &job.request.recipe.video;
    let shape = Shape::for_track(job.track, profile);
    let mut demuxer = demux::open(job.original, job.format)?;
    demuxer.keep_only(&[job.track.index]);
    let unit = demuxer.time_base(job.track.index)?;
    let mut frames = Frames::open(&demuxer, job.track, shape, Pace::AsDecoded, &job.request.limits)?;
    let mut film = Film::open(demuxer.parameters(job.track.index)?, job.sound, job.original, job.format)?;
    // Key frames alone reach the decoder, so each is a candidate.
    let mut poster = Poster::of_key_frames();
    while let Some(packet) = demuxer.next()? {
        if packet.stream() != job.track.index {
            continue;
        }
        session.check()?;
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        if packet.is_key() && poster.wants_more() {
            frames.take_alone(&packet)?;
            while let Some(frame) = frames.pull()? {
                poster.consider(&frame);
            }
        }
        film.write_picture(packet, unit)?;
    }
    film.finish()?;
    poster.write(&output::file_name(RenditionKind::Poster), profile.poster_quality)?;
    Ok((job.track.width, job.track.height))
}
