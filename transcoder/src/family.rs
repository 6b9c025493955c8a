//! Decides what the original is and hands it to whoever converts that family.

use crate::demux::AudioTrack;
use crate::error::{Error, Result};
use crate::original::Original;
use crate::session::Session;
use crate::{cut, demux, document, picture, sound, survey, video};
use balado_domain::deposit::Family;
use balado_media::sniff::{GifImages, gif_images};
use balado_media::wire::{Event, Request, Stage, Task};
use balado_media::{Format, Sniffed, can_be_followed, examine};
use std::io::BufReader;

/// Makes every output of the request.
///
/// # Errors
/// When the file is refused, this machine lacks something, or the work fails.
pub fn convert(session: &mut Session, request: &Request) -> Result<()> {
    let mut original = Original::open(&request.input)?;
    let sniffed = examine(original.head()).map_err(|code| Error::refused(code, "by its first bytes"))?;
    let stage = match &request.task {
        Task::Lighten => return video::lighten(session, request, &mut original),
        Task::Convert(stage) => *stage,
        Task::Cut(plan) => return cut::make(session, request, (&mut original, sniffed.format), plan),
        Task::Survey(search) => {
            return survey::make(session, request, (&mut original, sniffed.format), *search);
        }
    };
    if sniffed.format == Format::Gif {
        original.settle(session)?;
        return gif(session, request, &mut original, (sniffed, stage));
    }
    match sniffed.family {
        Family::Audio | Family::Video => sound_or_video(session, request, &mut original, (sniffed, stage)),
        Family::Image => {
            original.settle(session)?;
            picture::convert(session, request, &original, sniffed)
        }
        Family::Document => {
            original.settle(session)?;
            document::convert(session, request, &original, sniffed)
        }
    }
}

/// One image is a picture, several are a film.
fn gif(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    (sniffed, stage): (Sniffed, Stage),
) -> Result<()> {
    match gif_images(BufReader::new(original.reader()?)) {
        GifImages::Several => sound_or_video(session, request, original, (sniffed, stage)),
        GifImages::One | GifImages::Unknown { .. } => picture::convert(session, request, original, sniffed),
    }
}

fn sound_or_video(
    session: &mut Session,
    request: &Request,
    original: &mut Original,
    (sniffed, stage): (Sniffed, Stage),
) -> Result<()> {
    if original.is_arriving() && !can_be_followed(sniffed.format, original.head()) {
        original.settle(session)?;
    }
    if sniffed.format == Format::Mp3 && !original.is_arriving() {
        original.skip_lying_tag()?;
    }
    let demuxer = demux::open(original, sniffed.format)?;
    let mut tracks = demuxer.tracks(&request.limits)?;
    if let (Some(pictures), Some(_)) = (&tracks.video, &tracks.audio)
        && !pictures.is_known
        && !original.is_arriving()
        && demux::is_empty(original, sniffed.format, pictures.index)?
    {
        tracks.video = None;
    }
    let may_be_copied = |track: &AudioTrack| sound::may_be_copied(track, &request.recipe.audio);
    if original.is_arriving()
        && request.task == Task::Convert(Stage::Sound)
        && !tracks.audio.as_ref().is_some_and(may_be_copied)
    {
        original.keep_nothing()?;
    }
    let family = if tracks.video.is_some() { Family::Video } else { Family::Audio };
    let upright = tracks.video.as_ref().map(|track| track.upright_size());
    session.say(&Event::Probed {
        family,
        media_type: sniffed.media_type_of(family).to_owned(),
        duration_ms: tracks.duration_ms,
        width: upright.and_then(|(width, _)| i32::try_from(width).ok()),
        height: upright.and_then(|(_, height)| i32::try_from(height).ok()),
    });
    match &tracks.video {
        None => sound::convert(session, request, original, demuxer, &tracks),
        Some(track) => video::convert(session, request, original, demuxer, &tracks, (track, stage)),
    }
}
