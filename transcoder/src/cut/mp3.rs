//! MP3: frames are copied, never changed; one frame before each file's first carries what that one reaches back for, and
//! the header tells players which samples to leave out, so that a file begins and ends at the very sample.
//!
//! Where two pieces meet, the one or two frames that lie on both sides of the seam are encoded anew. Frames of both
//! pieces keep their places in the file, so a seam is moved by at most a quarter of a frame (7 ms) on either side.

mod bridge;
mod layout;
mod source;
mod writer;

use super::{misfit, part_name};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::cut::{CutPlan, Stretch};
use balado_media::mp3::{FRAME_SAMPLES, frame_with_reservoir, silent_frame};
use balado_media::wire::Event;
use bridge::Bridge;
use layout::{Layout, Run};
use source::Source;
use writer::Writer;

/// Makes every part.
///
/// # Errors
/// When the source is no MP3 of ours, the plan does not fit it, or the work fails.
pub(super) fn make(session: &mut Session, original: &Original, plan: &CutPlan) -> Result<()> {
    let mut source = Source::open(original)?;
    let parts = plan.settle(source.duration_ms()).map_err(|error| misfit(&error))?;
    let count = parts.len();
    for (number, pieces) in parts.iter().enumerate() {
        session.check()?;
        let part = u32::try_from(number).map_err(|e| Error::fault("part", e))?;
        let wanted: Vec<(i64, i64)> = pieces.iter().map(|piece| source.samples(*piece)).collect();
        let layout = Layout::new(&wanted, source.end());
        let pieces = layout.pieces().map(|(from, to)| source.moments(from, to)).collect::<Vec<Stretch>>();
        let path = part_name(part, "mp3");
        let kept = write(session, &mut source, &layout, &path)?;
        session.say(&Event::Kept { part, pieces });
        let duration_ms = source.milliseconds(kept);
        let facts = Facts { duration_ms: Some(duration_ms), ..Facts::default() };
        output::announce_part(session, RenditionKind::Mp3, path, part, facts)?;
        session.progress((number + 1) as f64 / count as f64);
    }
    Ok(())
}

/// Writes one file and gives its samples.
fn write(session: &Session, source: &mut Source, layout: &Layout, path: &str) -> Result<i64> {
    let mut writer = Writer::create(path, source.like())?;
    let mut bridge = Bridge::new(source.header());
    let runs = layout.runs();
    let reservoir = match runs.first() {
        Some(Run::Copied { frame, .. }) => source.reservoir_of(*frame)?,
        _ => Vec::new(),
    };
    let mut lead = 0;
    if !reservoir.is_empty() || layout.delay_from(0) < 0 {
        let silent = silent_frame(source.like(), &reservoir)
            .ok_or_else(|| Error::Fault("no frame holds the reservoir".to_owned()))?;
        writer.add(&silent)?;
        lead = FRAME_SAMPLES;
    }
    for run in runs {
        session.check()?;
        match run {
            Run::Copied { frame, count } => {
                for frame in frame..frame + count {
                    writer.copy(&source.frame(frame)?)?;
                }
            }
            Run::Encoded { place, count, next } => {
                let mut frames = bridge.encode(source, layout, place, count)?;
                if let (Some(next), Some(last)) = (next, frames.last_mut()) {
                    *last = frame_with_reservoir(last, &source.reservoir_of(next)?)
                        .ok_or_else(|| Error::Fault("no frame holds the seam".to_owned()))?;
                }
                for frame in &frames {
                    writer.add(frame)?;
                }
            }
        }
    }
    let kept = layout.samples();
    writer.finish(lead + layout.delay_from(0), kept)?;
    Ok(kept)
}
