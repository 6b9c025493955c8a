//! Films that are already what the profile asks for: copied bit for bit, with few pictures decoded beside it for the
//! poster and the sprite.

mod parameter_sets;

use super::film::{Film, Index};
use super::shape::{Bounds, Shape};
use super::skim::Skim;
use super::{Job, Made, bounds};
use crate::demux::{self, Ahead, VideoTrack};
use crate::error::{Error, Result};
use crate::output;
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::Format;
use balado_media::recipe::VideoProfile;
use ffmpeg_next::codec::Id;
use ffmpeg_next::{Packet, Rational, Rescale};
use parameter_sets::ParameterSets;

const MILLISECONDS: Rational = Rational(1, 1000);

/// H.264 profiles every player knows, by libav's numbers: Baseline, Constrained Baseline, Main, High.
const PLAYABLE_PROFILES: [i32; 4] = [66, 578, 77, 100];

/// Bytes a picture takes in the index at most when sound lies between any two: its size, its times and a chunk of its
/// own for it and for the sound.
const INDEX_BYTES_OF_A_PICTURE: i64 = 60;

/// Whether a track may be copied, as far as the track tells.
pub(super) fn may_conform(track: &VideoTrack, profile: &VideoProfile) -> bool {
    let Bounds { long_side, short_side, frame_rate } = bounds(profile);
    let (long, short) = (track.width.max(track.height), track.width.min(track.height));
    track.codec == Id::H264
        && PLAYABLE_PROFILES.contains(&track.profile)
        && track.is_plain_420
        && !track.is_interlaced
        && track.stance.is_plain()
        // Where container and coding disagree, players do too.
        && is_square(track.coded_aspect)
        && track.told_aspect.is_none_or(is_square)
        && long <= long_side
        && short <= short_side
        && track.mean_rate > 0.0
        && track.mean_rate <= f64::from(frame_rate) + 0.5
        && track.bit_rate <= i64::from(profile.copy_max_bit_rate)
}

/// Whether a pixel is as wide as high, or so nearly that nobody sees it.
fn is_square(aspect: f64) -> bool {
    (aspect - 1.0).abs() < 0.01
}

/// Whether a film is copied.
pub(super) fn conforms(job: &Job) -> Result<bool> {
    let profile = &job.request.recipe.video;
    Ok(may_conform(job.track, profile) && bit_rate(job)? <= i64::from(profile.copy_max_bit_rate))
}

/// Bits per second of the pictures, or of the whole file when the container does not tell.
fn bit_rate(job: &Job) -> Result<i64> {
    if job.track.bit_rate > 0 {
        return Ok(job.track.bit_rate);
    }
    let demuxer = demux::open(job.original, job.format)?;
    let duration_ms = demuxer.tracks(&job.request.limits)?.duration_ms.unwrap_or(0);
    let bits = i64::try_from(job.original.size()?).unwrap_or(i64::MAX).saturating_mul(8);
    Ok(bits.saturating_mul(1000).checked_div(duration_ms).unwrap_or(i64::MAX))
}

/// Copies the film.
///
/// # Errors
/// When it cannot be copied after all: time stamps no player would take, parameters that change on the way, pictures whose
/// lines alternate between two moments without the track telling.
pub(super) fn copy(session: &mut Session, job: &Job) -> Result<Made> {
    let index = reserved_index(job)?;
    match copy_with(session, job, index) {
        Err(Error::Fault(_)) if index != Index::Moved => copy_with(session, job, Index::Moved),
        other => other,
    }
}

fn copy_with(session: &mut Session, job: &Job, index: Index) -> Result<Made> {
    let shape = Shape::for_track(job.track, bounds(&job.request.recipe.video));
    let mut demuxer = demux::open(job.original, job.format)?;
    let (pictures, heard) = (job.track.index, job.sound.copied_track());
    demuxer.keep_only(&[Some(pictures), heard].into_iter().flatten().collect::<Vec<_>>());
    let unit = demuxer.time_base(pictures)?;
    let mut skim = Skim::start(job, &demuxer, shape)?;
    let mut parameters = ParameterSets::declared(demuxer.declared(pictures)?);
    let sound = job.sound.open(job.request, &demuxer)?;
    let path = output::file_name(RenditionKind::Mp4);
    let mut film = Film::open(&path, demuxer.parameters(pictures)?, sound, index)?;
    let sound_unit = heard.map(|index| demuxer.time_base(index)).transpose()?;
    let mut packets = Ahead::start(demuxer)?;
    let mut guessed = None;
    let mut is_shown = false;
    while let Some((mut packet, share)) = packets.next()? {
        session.check()?;
        if let Some(share) = share {
            session.progress(share);
        }
        if packet.stream() == pictures {
            parameters.refuse_change(&packet)?;
            // A player would show the lead-in of a later clip, which only the edit list of the original leaves out.
            if demux::is_left_out(&packet) && is_shown {
                return Err(Error::Fault("pictures are left out between others".to_owned()));
            }
            is_shown |= !demux::is_left_out(&packet);
            if job.format == Format::Avi {
                show_first_at_its_place(&mut packet, &mut guessed);
            }
            if packet.is_key() {
                let at_ms = packet.pts().or(packet.dts()).unwrap_or(0).rescale(unit, MILLISECONDS);
                skim.offer(at_ms, &packet)?;
            }
            film.write_picture(packet, unit)?;
        } else if let Some(unit) = sound_unit.filter(|_| Some(packet.stream()) == heard) {
            film.write_sound(packet, unit)?;
        }
    }
    film.finish()?;
    let stills = skim.close()?.into();
    let size = (job.track.width, job.track.height);
    Ok(Made { size, matrix: shape.colours.matrix(), stills })
}

/// Packets of AVI have a place but no time. libav guesses times with the decoder's delay on top; players show the first
/// picture at the first place.
fn show_first_at_its_place(packet: &mut Packet, delay: &mut Option<i64>) {
    let (Some(pts), Some(dts)) = (packet.pts(), packet.dts()) else { return };
    let delay = *delay.get_or_insert(pts.saturating_sub(dts).max(0));
    packet.set_pts(Some(pts.saturating_sub(delay)));
    packet.set_dts(Some(dts.saturating_sub(delay)));
}

/// An MP4 tells how many pictures it has, and its own index says how large the tables of sizes and times are.
fn reserved_index(job: &Job) -> Result<Index> {
    if job.format != Format::IsoMedia || job.track.pictures == 0 {
        return Ok(Index::Moved);
    }
    let own = i64::try_from(demux::index_size(job.original)?).unwrap_or(i64::MAX);
    let bytes = job.track.pictures.saturating_mul(INDEX_BYTES_OF_A_PICTURE).saturating_add(own);
    Ok(u32::try_from(bytes.saturating_add(4096))
        .ok()
        .filter(|bytes| *bytes <= i32::MAX as u32)
        .map_or(Index::Moved, Index::Reserved))
}
