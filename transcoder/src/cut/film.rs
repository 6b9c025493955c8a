//! MP4: groups of pictures are copied whole; what a cut leaves of a group is encoded anew, with parameter sets of its own
//! beside those of the source, so that both play from one track. So it is with a fast cut where a group would bring back too
//! much of what is cut away. AAC frames are copied, the nearest one at each seam.
//!
//! One pass over the kept pieces; the parts that are not kept are not read.

mod edges;
mod index;
mod parameter_sets;
mod plan;
mod sound;
mod writer;

use super::{misfit, part_name};
use crate::demux;
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::cut::{CutPlan, Precision};
use balado_media::wire::{Event, Request};
use balado_media::{Format, Refusal, readback};
use edges::Edges;
use ffmpeg_next::codec::Id;
use index::{Index, PictureReader};
use plan::{Plan, Step};
use std::fs::File;
use std::io::BufReader;
use writer::Writer;

/// Makes every part.
///
/// # Errors
/// When the source is no film of ours, the plan does not fit it, or the work fails.
pub(super) fn make(
    session: &mut Session,
    request: &Request,
    original: &Original,
    plan: &CutPlan,
) -> Result<()> {
    let tracks = demux::open(original, Format::IsoMedia)?.tracks(&request.limits)?;
    let track = tracks
        .video
        .filter(|track| track.codec == Id::H264)
        .ok_or_else(|| Error::refused(Refusal::UnsupportedFormat, "not a film of ours"))?;
    let index = Index::read(original, track, tracks.audio)?;
    let parts = plan.settle(index.duration_ms()).map_err(|error| misfit(&error))?;
    let shown = index.shown();
    let count = parts.len();
    for (number, pieces) in parts.iter().enumerate() {
        let part = u32::try_from(number).map_err(|e| Error::fault("part", e))?;
        let wanted: Vec<(i64, i64)> = pieces.iter().map(|piece| index.ticks(*piece)).collect();
        let film = Plan::new(&shown, &wanted, plan.precision == Precision::Exact);
        let path = part_name(part, "mp4");
        let span = (number * 1000 / count, (number + 1) * 1000 / count);
        session.enter_stage(i32::try_from(span.0).unwrap_or(0), i32::try_from(span.1).unwrap_or(1000));
        write(session, request, original, &index, &film, &path)?;
        let pieces = film.pieces.iter().map(|piece| index.moments(piece.from, piece.to)).collect();
        session.say(&Event::Kept { part, pieces });
        let size = std::fs::metadata(&path)?.len();
        let facts = readback::read_mp4(BufReader::new(File::open(&path)?), size)
            .map_err(|error| Error::fault("the finished part", error))?;
        let facts = Facts {
            duration_ms: Some(facts.duration_ms),
            size: Some((track.width, track.height)),
            ..Facts::default()
        };
        output::announce_part(session, RenditionKind::Mp4, path, part, facts)?;
    }
    Ok(())
}

fn write(
    session: &mut Session,
    request: &Request,
    original: &Original,
    index: &Index,
    film: &Plan,
    path: &str,
) -> Result<()> {
    let encodes = film.steps.iter().any(|step| matches!(step, Step::Encode { .. }));
    let edges = if encodes { Some(Edges::prepare(original, index, request)?) } else { None };
    let mut reader = PictureReader::open(original, index)?;
    let parameters = match &edges {
        Some(edges) => edges.parameters(&reader)?,
        None => reader.parameters()?,
    };
    let mut writer = Writer::create(path, parameters, original, index, film)?;
    for step in &film.steps {
        match *step {
            Step::Copy { from, to } => {
                for picture in from..to {
                    session.check()?;
                    let packet = reader.read(index, picture)?;
                    writer.picture(packet.data().unwrap_or(&[]), packet.is_key())?;
                    session.progress(writer.share());
                }
            }
            Step::Encode { group, from, to } => {
                if let Some(edges) = &edges {
                    edges.encode(session, original, index, group, (from, to), &mut writer)?;
                }
            }
        }
    }
    writer.finish()
}
