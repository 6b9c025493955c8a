//! A film that arrives: its packets pass once. Its sound is made as they come; its pictures are encoded beside that, on a
//! thread that steps back for everything else, so that sound never waits for them.
//!
//! Pictures that come faster than they can be encoded are given up, and left to whoever has the whole file.

use super::encode::{Watcher, drain};
use super::encoder::Encoder;
use super::film::{Film, Index, Sound};
use super::frames::{Frames, Pace};
use super::shape::Shape;
use super::{Made, SoundSource, bounds, deliver, encoded_sound, finish_sound, is_copied};
use crate::demux::{self, AudioTrack, Demuxer, Tracks, VideoTrack};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output;
use crate::session::Session;
use crate::sound::{self, Companion, Making};
use balado_domain::deposit::RenditionKind;
use balado_media::recipe::VideoProfile;
use balado_media::wire::Request;
use ffmpeg_next::Packet;
use nix::libc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// The pictures without the sound, in the scratch folder.
const PICTURES_FILE: &str = "pictures.tmp";

/// Bytes of packets that may wait for the encoder: two minutes of what browsers record.
const BACKLOG_BYTES: usize = 32 << 20;

/// Threads for decoding, and for encoding: in real time one is enough, and the other cores are for people.
const THREADS: usize = 1;

/// How often the wait for the last pictures looks up.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Bytes that a picture and the sound heard with it take in the index, at most where pictures come five a second or more.
const INDEX_BYTES_OF_A_PICTURE: i64 = 120;

/// Makes the outputs of a film while it arrives.
///
/// # Errors
/// When the file is refused or the work fails.
pub(super) fn convert(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    mut demuxer: Demuxer,
    tracks: &Tracks,
    track: &VideoTrack,
) -> Result<()> {
    let format = demuxer.format();
    let copied = tracks.audio.filter(|audio| is_copied(format, audio)).map(|audio| audio.index);
    let companion = if copied.is_some() { Companion::None } else { Companion::Aac };
    let profile = &request.recipe.audio;
    let is_read_again = |audio: &AudioTrack| copied.is_some() || sound::may_be_copied(audio, profile);
    if !tracks.audio.as_ref().is_some_and(is_read_again) {
        original.keep_nothing()?;
    }
    let making = tracks.audio.map(|audio| Making::start(request, &demuxer, &audio, companion)).transpose()?;
    let pictures = Pictures::start(request, &demuxer, track)?;
    demuxer.keep_only(
        &[Some(track.index), tracks.audio.map(|audio| audio.index)].into_iter().flatten().collect::<Vec<_>>(),
    );
    let (making, pictures) = take_all(session, demuxer, making, (pictures, track.index))?;
    let made = making.map(|making| making.and_then(Making::finish));
    original.settle(session)?;
    let made = match (made, &tracks.audio) {
        (Some(Err(Error::Fault(_))), Some(audio)) if sound::may_be_copied(audio, profile) => {
            Some(sound::make_anew(session, request, (original, format), (audio, companion)))
        }
        (made, _) => made,
    };
    let is_heard = made.map(|made| finish_sound(session, made.map(Some))).transpose()? == Some(true);
    let Some(pictures) = pictures else { return Ok(()) };
    let seen = pictures.finish(session)?;
    let sound = match copied {
        _ if !is_heard => SoundSource::None,
        Some(index) => SoundSource::Original(index),
        None => SoundSource::Encoded,
    };
    let beside = || match sound {
        SoundSource::None => Ok(Sound::None),
        SoundSource::Original(index) => Ok(Sound::Beside(Box::new(demux::open(original, format)?), index)),
        SoundSource::Encoded => encoded_sound(request),
    };
    lay_together(session, beside)?;
    deliver(session, &request.recipe.video, seen)
}

/// Gives each packet to whoever needs it, to the end of the stream. The pictures come back unless they were given up; the
/// making of the sound comes back with its fault, should it have one.
fn take_all(
    session: &Session,
    mut demuxer: Demuxer,
    making: Option<Making>,
    (pictures, index): (Pictures, usize),
) -> Result<(Option<Result<Making>>, Option<Pictures>)> {
    let (mut making, mut pictures) = (making.map(Ok), Some(pictures));
    while let Some(packet) = demuxer.next()? {
        session.check()?;
        if packet.stream() == index {
            pictures = pictures.and_then(|pictures| pictures.take(packet));
        } else if let Some(Ok(sound)) = &mut making {
            match sound.take(&packet) {
                Err(fault @ Error::Fault(_)) => making = Some(Err(fault)),
                other => other?,
            }
        }
    }
    Ok((making, pictures))
}

/// The encoding of the pictures.
struct Pictures {
    packets: Sender<Packet>,
    queue: Arc<Queue>,
    made: Receiver<Result<Made>>,
}

/// What both sides know of the packets that wait.
#[derive(Default)]
struct Queue {
    bytes: AtomicUsize,
    /// They will not be needed.
    is_given_up: AtomicBool,
}

impl Pictures {
    fn start(request: &Request, demuxer: &Demuxer, track: &VideoTrack) -> Result<Self> {
        let profile = request.recipe.video.clone();
        let shape = Shape::for_track(track, bounds(&profile));
        let frames = Frames::open(demuxer, track, shape, Pace::Steady, THREADS, &request.limits)?;
        let (packets, coming) = channel();
        let (tell, made) = channel();
        let queue = Arc::<Queue>::default();
        let shared = Arc::clone(&queue);
        std::thread::Builder::new().name("pictures".to_owned()).spawn(move || {
            step_back();
            // Nobody waits for pictures that were given up.
            let _ = tell.send(encode(frames, shape, &profile, coming, &shared));
        })?;
        Ok(Self { packets, queue, made })
    }

    /// Has a packet encoded; nothing when too many wait already.
    fn take(self, packet: Packet) -> Option<Self> {
        if self.queue.bytes.fetch_add(packet.size(), Ordering::Relaxed) > BACKLOG_BYTES {
            self.queue.is_given_up.store(true, Ordering::Relaxed);
            return None;
        }
        // Should the encoding have ended, its error is found in the end.
        let _ = self.packets.send(packet);
        Some(self)
    }

    /// There are no more packets: waits for the last pictures.
    fn finish(self, session: &mut Session) -> Result<Made> {
        drop(self.packets);
        let all = self.queue.bytes.load(Ordering::Relaxed).max(1);
        session.enter_stage(0, 1000);
        loop {
            session.check()?;
            match self.made.recv_timeout(LOOK_EVERY) {
                Ok(made) => return made,
                Err(RecvTimeoutError::Timeout) => {
                    let left = self.queue.bytes.load(Ordering::Relaxed);
                    session.progress(1.0 - left as f64 / all as f64);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::Fault("the encoding of the pictures broke".to_owned()));
                }
            }
        }
    }
}

/// Leaves the processor to everything else. Linux counts this for each thread by itself.
fn step_back() {
    const LEAST: libc::c_int = 19;
    // SAFETY: the call takes three integers; zero is the calling thread. It cannot fail for a lower priority, and if it
    // did, the pictures would only come sooner.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, LEAST) };
}

fn encode(
    mut frames: Frames,
    shape: Shape,
    profile: &VideoProfile,
    packets: Receiver<Packet>,
    queue: &Queue,
) -> Result<Made> {
    let mut encoder = Encoder::open(shape, profile.into(), THREADS)?;
    let mut film = Film::open(PICTURES_FILE, encoder.parameters(), Sound::None, Index::Behind)?;
    let mut watcher = Watcher::new(&profile.sprite, shape);
    // The process ends with the work, so whoever cancels that need not be asked for here.
    let go_on = || if queue.is_given_up.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) };
    for packet in packets {
        frames.take(&packet)?;
        drain(go_on, &mut frames, &mut encoder, &mut film, &mut watcher)?;
        queue.bytes.fetch_sub(packet.size(), Ordering::Relaxed);
    }
    frames.finish()?;
    drain(go_on, &mut frames, &mut encoder, &mut film, &mut watcher)?;
    encoder.finish(&mut film)?;
    film.finish()?;
    let (size, matrix) = ((shape.width, shape.height), shape.colours.matrix());
    Ok(Made { size, matrix, stills: watcher.stills.into() })
}

/// Lays the finished pictures and the sound side by side.
fn lay_together(session: &Session, sound: impl Fn() -> Result<Sound>) -> Result<()> {
    let pictures = demux::open_own(PICTURES_FILE)?.pictures(0)?;
    let bytes = pictures.saturating_mul(INDEX_BYTES_OF_A_PICTURE).saturating_add(8192);
    let index = u32::try_from(bytes).map_or(Index::Moved, Index::Reserved);
    match lay_with(session, sound()?, index) {
        Err(Error::Fault(_)) => lay_with(session, sound()?, Index::Moved),
        other => other,
    }
}

fn lay_with(session: &Session, sound: Sound, index: Index) -> Result<()> {
    let mut pictures = demux::open_own(PICTURES_FILE)?;
    let unit = pictures.time_base(0)?;
    let mut film = Film::open(&output::file_name(RenditionKind::Mp4), pictures.parameters(0)?, sound, index)?;
    while let Some(packet) = pictures.next()? {
        session.check()?;
        film.write_picture(packet, unit)?;
    }
    film.finish()
}
