//! The light video, for old telephones and thin data plans: made from the finished MP4, pictures and sound in one pass.

mod voice;

use super::encoder::Encoder;
use super::film::{self, Film, Index, Sound};
use super::frames::{Frames, Pace};
use super::shape::{Bounds, Shape};
use super::threads;
use crate::demux;
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use crate::sound;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::Request;
use balado_media::{Format, Refusal};
use voice::Voice;

/// Makes the light video of a finished MP4 of ours.
///
/// # Errors
/// When the file has no pictures, or the work fails.
pub fn lighten(session: &mut Session, request: &Request, original: &mut Original) -> Result<()> {
    let light = &request.recipe.video.light;
    original.settle(session)?;
    let mut demuxer = demux::open(original, Format::IsoMedia)?;
    let tracks = demuxer.tracks(&request.limits)?;
    let Some(track) = &tracks.video else {
        return Err(Error::refused(Refusal::NoMediaTrack, "no pictures to make lighter"));
    };
    let bounds = Bounds {
        long_side: light.max_long_side,
        short_side: light.max_short_side,
        frame_rate: request.recipe.video.max_frame_rate,
    };
    let (shape, threads) = (Shape::for_track(track, bounds), threads(request));
    let audio = tracks.audio.map(|audio| audio.index);
    demuxer.keep_only(&[Some(track.index), audio].into_iter().flatten().collect::<Vec<_>>());
    let mut frames = Frames::open(&demuxer, track, shape, Pace::Steady, threads, &request.limits)?;
    let mut encoder = Encoder::open(shape, light.into(), threads)?;
    let mut voice = match &tracks.audio {
        Some(audio) => {
            let rate_hz = request.recipe.audio.sample_rate_hz;
            let listened = demux::open(original, Format::IsoMedia)?;
            let mixdown = sound::mixdown(session, request, listened, audio)?;
            Some(Voice::open(&demuxer, audio, mixdown, (rate_hz, light.aac_bit_rate))?)
        }
        None => None,
    };
    let sound = voice.as_ref().map_or(Sound::None, |voice| Sound::Given(voice.parameters()));
    let path = output::file_name(RenditionKind::Light);
    let mut film = Film::open(&path, encoder.parameters(), sound, Index::Moved)?;
    session.enter_stage(0, 1000);
    while let Some(packet) = demuxer.next()? {
        session.check()?;
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        if packet.stream() == track.index {
            frames.take(&packet)?;
            while let Some(frame) = frames.pull() {
                encoder.take(frame, &mut film)?;
            }
        } else if let Some(voice) = &mut voice {
            voice.take(&packet, &mut film)?;
        }
    }
    if let Some(voice) = voice {
        voice.finish(&mut film)?;
    }
    frames.finish()?;
    while let Some(frame) = frames.pull() {
        encoder.take(frame, &mut film)?;
    }
    encoder.finish(&mut film)?;
    film.finish()?;
    let duration_ms = Some(film::duration_ms(&path)?);
    let size = Some((shape.width, shape.height));
    output::announce(session, RenditionKind::Light, Facts { size, duration_ms, ..Facts::default() })
}
