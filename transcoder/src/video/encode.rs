//! Films that do not fit the profile: decoded once, and everything that shows their pictures made of that.

use super::encoder::Encoder;
use super::film::{Film, Index};
use super::frames::{Frames, Pace};
use super::poster::Poster;
use super::shape::Shape;
use super::sprite::{Due, Sprite};
use super::{Job, Made, Stills, bounds};
use crate::demux;
use crate::error::Result;
use crate::output;
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::recipe::SpriteProfile;

/// Milliseconds between two pictures looked at for the poster.
const POSTER_EVERY_MS: i64 = 1000;

/// Encodes the film.
///
/// # Errors
/// When it is refused or the work fails.
pub(super) fn encode(session: &mut Session, job: &Job) -> Result<Made> {
    let profile = &job.request.recipe.video;
    let shape = Shape::for_track(job.track, bounds(profile));
    let mut demuxer = demux::open(job.original, job.format)?;
    let (pictures, heard) = (job.track.index, job.sound.copied_track());
    demuxer.keep_only(&[Some(pictures), heard].into_iter().flatten().collect::<Vec<_>>());
    let limits = &job.request.limits;
    let mut frames = Frames::open(&demuxer, job.track, shape, Pace::Steady, job.threads, limits)?;
    let mut encoder = Encoder::open(shape, profile.into(), job.threads)?;
    let path = output::file_name(RenditionKind::Mp4);
    let mut film =
        Film::open(&path, encoder.parameters(), job.sound.open(job.request, &demuxer)?, Index::Moved)?;
    let mut watcher = Watcher::new(&profile.sprite, shape);
    while let Some(packet) = demuxer.next()? {
        session.check()?;
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        if packet.stream() == pictures {
            frames.take(&packet)?;
            drain(|| session.check(), &mut frames, &mut encoder, &mut film, &mut watcher)?;
        } else if Some(packet.stream()) == heard {
            let unit = demuxer.time_base(packet.stream())?;
            film.write_sound(packet, unit)?;
        }
    }
    frames.finish()?;
    drain(|| session.check(), &mut frames, &mut encoder, &mut film, &mut watcher)?;
    encoder.finish(&mut film)?;
    film.finish()?;
    let (size, matrix) = ((shape.width, shape.height), shape.colours.matrix());
    Ok(Made { size, matrix, stills: watcher.stills.into() })
}

/// Encodes the pictures that are ready. One may be shown for hours, so `check` is asked before each whether to go on.
pub(super) fn drain(
    check: impl Fn() -> Result<()>,
    frames: &mut Frames,
    encoder: &mut Encoder,
    film: &mut Film,
    watcher: &mut Watcher,
) -> Result<()> {
    while let Some(frame) = frames.pull() {
        check()?;
        watcher.look(frame);
        encoder.take(frame, film)?;
    }
    Ok(())
}

/// Takes from the passing pictures what poster and sprite need.
pub(super) struct Watcher {
    pub(super) stills: Stills,
    shape: Shape,
    due: Due,
    poster_ms: i64,
    candidates: u32,
}

impl Watcher {
    pub(super) fn new(profile: &SpriteProfile, shape: Shape) -> Self {
        let sprite = Sprite::new(profile, shape.width, shape.height);
        let stills = Stills { poster: Poster::default(), sprite };
        Self { stills, shape, due: Due::steady(profile), poster_ms: 0, candidates: 0 }
    }

    fn look(&mut self, frame: &ffmpeg_next::frame::Video) {
        let at_ms = self.shape.time_ms(frame.pts().unwrap_or(0));
        if at_ms >= self.poster_ms && self.stills.poster.wants(self.candidates) {
            self.poster_ms = at_ms + POSTER_EVERY_MS;
            self.stills.poster.consider(self.candidates, frame);
            self.candidates += 1;
        }
        if self.due.is_due(at_ms) {
            self.stills.sprite.take(at_ms, frame);
        }
    }
}
