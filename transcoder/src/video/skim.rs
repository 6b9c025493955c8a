//! Decodes a few key frames of a film that is copied, beside the copying.
//!
//! How many is bounded by the sprite, whatever the length: the rest of the film is never decoded.

use super::frames::{Frames, Pace};
use super::poster::Poster;
use super::shape::Shape;
use super::sprite::{Due, Sprite};
use super::{Job, Stills};
use crate::demux::{self, Demuxer};
use crate::error::{Error, Result};
use ffmpeg_next::Packet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Decoders at most: with more, reading and writing are what takes the time.
const MOST_DECODERS: usize = 2;

/// The decoding of key frames.
pub(super) struct Skim {
    due: Due,
    sender: Sender<Wanted>,
    decoders: Vec<JoinHandle<Result<Stills>>>,
    /// Says once whether the first key frame is interlaced.
    first: Receiver<bool>,
    is_first_plain: bool,
    shown: u32,
    wanted: u32,
}

/// The decoding of the last key frames.
pub(super) struct Skimmed {
    decoders: Vec<JoinHandle<Result<Stills>>>,
}

/// A key frame that is needed.
struct Wanted {
    number: u32,
    at_ms: i64,
    packet: Packet,
}

impl Skim {
    /// Starts beside the caller. The queue to it is as long as the sprite has pictures.
    pub(super) fn start(job: &Job, demuxer: &Demuxer, shape: Shape) -> Result<Self> {
        let limits = &job.request.limits;
        let profile = &job.request.recipe.video.sprite;
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let (tell, first) = channel();
        let mut decoders = Vec::new();
        for _ in 0..job.threads.clamp(1, MOST_DECODERS) {
            let frames = Frames::open(demuxer, job.track, shape, Pace::AsDecoded, 1, limits)?;
            let sprite = Sprite::new(profile, shape.width, shape.height);
            let (wanted, tell) = (Arc::clone(&receiver), tell.clone());
            let named = std::thread::Builder::new().name("key frames".to_owned());
            decoders.push(named.spawn(move || decode(frames, sprite, &wanted, &tell))?);
        }
        let due = Due::scattered(profile, job.duration_ms);
        Ok(Self { due, sender, decoders, first, is_first_plain: false, shown: 0, wanted: 0 })
    }

    /// Has a key frame decoded if it is needed. One from before the film's own beginning is cut away: no decoder gives its
    /// picture, and nobody is to see it.
    ///
    /// # Errors
    /// When the first turned out to be interlaced: the film is not for copying.
    pub(super) fn offer(&mut self, at_ms: i64, packet: &Packet) -> Result<()> {
        if demux::is_left_out(packet) {
            return Ok(());
        }
        if let Ok(is_interlaced) = self.first.try_recv() {
            refuse_interlaced(is_interlaced)?;
            self.is_first_plain = true;
        }
        self.shown += 1;
        if self.due.is_due(at_ms) {
            // Should the decoding have ended, its error is found in the end.
            let _ = self.sender.send(Wanted { number: self.wanted, at_ms, packet: packet.clone() });
            self.wanted += 1;
        }
        Ok(())
    }

    /// There are no more key frames. Those not yet decoded are decoded beside the caller, but for the first, which says
    /// whether the film is for copying.
    ///
    /// # Errors
    /// When it is interlaced, or when no key frame has a picture that is shown: then poster and sprite take a decode of the
    /// whole film.
    pub(super) fn close(self) -> Result<Skimmed> {
        if self.shown == 0 {
            return Err(Error::Fault("no key frame is shown".to_owned()));
        }
        // With this gone decoders end, and so does the wait for a word that none of them will say.
        drop(self.sender);
        if !self.is_first_plain {
            refuse_interlaced(self.first.recv().unwrap_or(false))?;
        }
        Ok(Skimmed { decoders: self.decoders })
    }
}

impl Skimmed {
    /// What came of it.
    pub(super) fn finish(self) -> Result<Stills> {
        let broke = || Error::Fault("the decoding of key frames broke".to_owned());
        let parts = self.decoders.into_iter().map(|one| one.join().map_err(|_| broke())?);
        let whole = parts.reduce(|whole, part| {
            let mut whole = whole?;
            whole.join(part?);
            Ok(whole)
        });
        whole.ok_or_else(broke)?
    }
}

/// Players show the lines of two moments at once, as combs on everything that moves.
fn refuse_interlaced(is_interlaced: bool) -> Result<()> {
    if is_interlaced { Err(Error::Fault("the pictures are interlaced".to_owned())) } else { Ok(()) }
}

fn decode(
    mut frames: Frames,
    sprite: Sprite,
    wanted: &Mutex<Receiver<Wanted>>,
    tell: &Sender<bool>,
) -> Result<Stills> {
    let mut stills = Stills { poster: Poster::default(), sprite };
    // Whoever holds the lock waits for the next, and the others for the lock.
    let next = || wanted.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
    while let Some(Wanted { number, at_ms, packet }) = next() {
        frames.take_alone(&packet)?;
        if number == 0 {
            // Whoever no longer listens needs no word.
            let _ = tell.send(frames.saw_interlaced());
        }
        while let Some(frame) = frames.pull() {
            if stills.poster.wants(number) {
                stills.poster.consider(number, frame);
            }
            stills.sprite.take(at_ms, frame);
        }
    }
    Ok(stills)
}
