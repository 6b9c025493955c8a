//! Moving pictures: sound first, then one decode of the pictures gives the MP4, its poster and its sprite.
//!
//! A film that is still arriving is decoded as it comes, when all its outputs are wanted at once.
//!
//! What conforms is copied: H.264 within the profile bit for bit, with only some key frames decoded for poster and
//! sprite; AAC likewise. Sound that does not conform is encoded to AAC and laid beside the pictures.

mod colour;
mod copy;
mod encode;
mod encoder;
mod film;
mod frames;
mod light;
mod live;
mod planes;
mod poster;
mod shape;
mod shaper;
mod skim;
mod sprite;

pub use encoder::{crf_of, pictures_between_key_frames};
pub use light::lighten;

use crate::demux::{self, AudioTrack, Demuxer, Tracks, VideoTrack};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use crate::sound::{self, Companion};
use balado_domain::deposit::RenditionKind;
use balado_media::recipe::VideoProfile;
use balado_media::wire::{Request, Stage};
use balado_media::{Format, Refusal};
use colour::Matrix;
use ffmpeg_next::codec::Id;
use film::Sound;
use poster::Poster;
use shape::Bounds;
use skim::Skimmed;
use sprite::Sprite;

/// The share of the work that is sound, in thousandths, when pictures are encoded: decoding and encoding them dwarfs it.
const SOUND_BESIDE_ENCODING: i32 = 30;

/// The same when pictures are copied, which costs next to nothing.
const SOUND_BESIDE_COPYING: i32 = 900;

/// AAC-LC, by libav's number.
const AAC_LOW: i32 = 1;

/// One original on its way to an MP4.
struct Job<'a> {
    request: &'a Request,
    original: &'a Original,
    format: Format,
    track: &'a VideoTrack,
    duration_ms: Option<i64>,
    audio: Option<&'a AudioTrack>,
    sound: SoundSource,
    threads: usize,
}

/// Where the sound of the MP4 comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SoundSource {
    /// There is none.
    None,
    /// That track of the original, copied.
    Original(usize),
    /// The AAC that was encoded before.
    Encoded,
}

impl SoundSource {
    /// The track that is copied, if one is.
    fn copied_track(self) -> Option<usize> {
        match self {
            Self::Original(index) => Some(index),
            Self::None | Self::Encoded => None,
        }
    }

    /// As the MP4 takes it whose pictures `demuxer` gives.
    fn open(self, request: &Request, demuxer: &Demuxer) -> Result<Sound> {
        Ok(match self {
            Self::None => Sound::None,
            Self::Original(index) => Sound::Given(demuxer.parameters(index)?),
            Self::Encoded => encoded_sound(request)?,
        })
    }
}

/// The AAC of an earlier process, which the request names, or that of this one.
fn encoded_sound(request: &Request) -> Result<Sound> {
    let file = request.sound.clone().unwrap_or_else(sound::aac_file);
    Ok(Sound::Beside(Box::new(demux::open_own(&file)?), 0))
}

/// A finished MP4, and what was seen on the way.
struct Made {
    size: (u32, u32),
    matrix: Matrix,
    stills: Seen,
}

/// Poster and sprite, not yet written.
struct Stills {
    poster: Poster,
    sprite: Sprite,
}

impl Stills {
    /// Adds what another saw of the same film.
    fn join(&mut self, other: Self) {
        self.poster.join(other.poster);
        self.sprite.join(other.sprite);
    }
}

/// Poster and sprite, or the work on them beside the copying.
enum Seen {
    Now(Stills),
    Soon(Skimmed),
}

impl From<Stills> for Seen {
    fn from(stills: Stills) -> Self {
        Self::Now(stills)
    }
}

impl From<Skimmed> for Seen {
    fn from(skimmed: Skimmed) -> Self {
        Self::Soon(skimmed)
    }
}

/// Makes the outputs of a file that has moving pictures, all or those of one stage.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn convert(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    demuxer: Demuxer,
    tracks: &Tracks,
    (track, stage): (&VideoTrack, Stage),
) -> Result<()> {
    if original.is_arriving() && stage == Stage::All && !copy::may_conform(track, &request.recipe.video) {
        return live::convert(session, request, original, demuxer, tracks, track);
    }
    let format = demuxer.format();
    let sound_share = match stage {
        Stage::Sound => 1000,
        Stage::Pictures if !decodes_sound(request, &demuxer, tracks) => 0,
        _ if copy::may_conform(track, &request.recipe.video) => SOUND_BESIDE_COPYING,
        Stage::All | Stage::Pictures => SOUND_BESIDE_ENCODING,
    };
    session.enter_stage(0, sound_share);
    let sound = match &tracks.audio {
        Some(audio) => make_sound(session, request, original, demuxer, (audio, stage))?,
        None => {
            drop(demuxer);
            original.settle(session)?;
            None
        }
    };
    if stage == Stage::Sound {
        return Ok(());
    }
    let job = Job {
        request,
        original,
        format,
        track,
        duration_ms: tracks.duration_ms,
        audio: tracks.audio.as_ref(),
        sound: sound.unwrap_or(SoundSource::None),
        threads: threads(request),
    };
    make_pictures(session, &job, sound.map_or(0, |_| sound_share))
}

/// Whether the pictures' stage has to decode the sound once more: only where what an earlier process encoded is lost.
fn decodes_sound(request: &Request, demuxer: &Demuxer, tracks: &Tracks) -> bool {
    let is_encoded = |audio: &AudioTrack| !is_copied(demuxer.format(), audio);
    request.sound.is_none() && tracks.audio.as_ref().is_some_and(is_encoded)
}

/// The sound of a film, as far as it has any.
fn make_sound(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    demuxer: Demuxer,
    (audio, stage): (&AudioTrack, Stage),
) -> Result<Option<SoundSource>> {
    let copied = is_copied(demuxer.format(), audio);
    let source = if copied { SoundSource::Original(audio.index) } else { SoundSource::Encoded };
    if stage == Stage::Pictures && (copied || request.sound.is_some()) {
        drop(demuxer);
        original.settle(session)?;
        return Ok(Some(source));
    }
    let made = if stage == Stage::Pictures {
        // The sound of a film whose MP3 an earlier process made, and whose AAC is lost.
        sound::make_aac(session, request, demuxer, audio).map(|()| None)
    } else {
        let companion = if copied { Companion::None } else { Companion::Aac };
        sound::make(session, request, original, demuxer, (audio, companion)).map(Some)
    };
    original.settle(session)?;
    let is_heard = finish_sound(session, made)?;
    if is_heard && stage == Stage::Sound && source == SoundSource::Encoded {
        sound::announce_aac(session)?;
    }
    Ok(is_heard.then_some(source))
}

/// Tells of the sound that was made and encodes its AAC, as far as the film has any.
fn finish_sound(session: &Session, made: Result<Option<sound::Sound>>) -> Result<bool> {
    match made {
        Ok(Some(sound)) => {
            sound.announce(session)?;
            sound.encode_aac(session)?;
            Ok(true)
        }
        other => is_sound(other),
    }
}

fn make_pictures(session: &mut Session, job: &Job, from_share: i32) -> Result<()> {
    let profile = &job.request.recipe.video;
    session.enter_stage(from_share, 1000);
    let made = make_film(session, job)?;
    deliver(session, profile, made)
}

/// Tells of the finished MP4, then writes its poster and its sprite.
fn deliver(session: &Session, profile: &VideoProfile, made: Made) -> Result<()> {
    let size = Some(made.size);
    let duration_ms = film::duration_ms(&output::file_name(RenditionKind::Mp4))?;
    let facts = Facts { size, duration_ms: Some(duration_ms), ..Facts::default() };
    output::announce(session, RenditionKind::Mp4, facts)?;
    let stills = match made.stills {
        Seen::Now(stills) => stills,
        Seen::Soon(skimmed) => skimmed.finish()?,
    };
    let path = output::file_name(RenditionKind::Poster);
    stills.poster.write(&path, profile.poster_quality, made.matrix)?;
    output::announce(session, RenditionKind::Poster, Facts { size, ..Facts::default() })?;
    let path = output::file_name(RenditionKind::Sprite);
    let size = Some(stills.sprite.write(&path, duration_ms, made.matrix)?);
    output::announce(session, RenditionKind::Sprite, Facts { size, ..Facts::default() })
}

/// Copying fails on time stamps no player would take either; then what was to be copied is encoded after all: the pictures,
/// and if that does not help, the sound.
fn make_film(session: &mut Session, job: &Job) -> Result<Made> {
    if copy::conforms(job)? {
        match copy::copy(session, job) {
            Err(Error::Fault(_)) => {}
            other => return other,
        }
    }
    match (encode::encode(session, job), job.audio) {
        (Err(Error::Fault(_)), Some(audio)) if job.sound == SoundSource::Original(audio.index) => {
            let demuxer = demux::open(job.original, job.format)?;
            let made = sound::make_aac(session, job.request, demuxer, audio);
            let sound = if is_sound(made)? { SoundSource::Encoded } else { SoundSource::None };
            encode::encode(session, &Job { sound, ..*job })
        }
        (other, _) => other,
    }
}

/// Sound that turns out to be none leaves a silent film, not a refused one.
fn is_sound<T>(made: Result<T>) -> Result<bool> {
    match made {
        Ok(_) => Ok(true),
        Err(Error::Refused { code: Refusal::NoMediaTrack | Refusal::Damaged, .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the sound of a film goes into its MP4 as it is. MP4 and MOV have exact times and say where parameters change.
/// Streams made for sending may change at any moment, and Matroska counts milliseconds and leaves holes where nothing was
/// recorded: players that put one frame of AAC behind the other would run ahead of the pictures.
fn is_copied(format: Format, audio: &AudioTrack) -> bool {
    format == Format::IsoMedia && is_playable_aac(audio)
}

fn is_playable_aac(audio: &AudioTrack) -> bool {
    audio.codec == Id::AAC
        && audio.profile == AAC_LOW
        && audio.channels <= 2
        && (32_000..=48_000).contains(&audio.sample_rate_hz)
        && (1..=256_000).contains(&audio.bit_rate)
}

/// Threads for pictures: as asked, or one for each core. At the sizes of a profile more than sixteen have nothing to do.
fn threads(request: &Request) -> usize {
    let asked = usize::try_from(request.threads).unwrap_or(0);
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if asked == 0 { cores().min(16) } else { asked.min(16) }
}

fn bounds(profile: &VideoProfile) -> Bounds {
    Bounds {
        long_side: profile.max_long_side,
        short_side: profile.max_short_side,
        frame_rate: profile.max_frame_rate,
    }
}
