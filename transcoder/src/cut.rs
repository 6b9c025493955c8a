//! Cuts finished files: every part of a plan becomes one MP3 or MP4, made of the very frames of the source wherever a
//! frame need not be divided.
//!
//! For sources that Balado made or checked (its MP3 and MP4 renditions). The source is only read.

mod film;
mod mp3;

use crate::error::{Error, Result};
use crate::original::Original;
use crate::session::Session;
use balado_media::cut::{CutError, CutPlan};
use balado_media::wire::Request;
use balado_media::{Format, Refusal};

/// Makes every part of the plan.
///
/// # Errors
/// When the file is neither MP3 nor MP4, the plan does not fit it, or the work fails.
pub fn make(
    session: &mut Session,
    request: &Request,
    (original, format): (&mut Original, Format),
    plan: &CutPlan,
) -> Result<()> {
    original.settle(session)?;
    match format {
        Format::Mp3 => mp3::make(session, original, plan),
        Format::IsoMedia => film::make(session, request, original, plan),
        other => Err(Error::refused(Refusal::UnsupportedFormat, format!("{other:?} is not cut"))),
    }
}

/// The name of the file of a part in the scratch folder.
fn part_name(part: u32, extension: &str) -> String {
    format!("part-{part}.{extension}")
}

/// A plan the caller should not have sent, but for what only the file can tell.
fn misfit(error: &CutError) -> Error {
    match error {
        CutError::Beyond { .. } => Error::refused(Refusal::CutBeyond, error.to_string()),
        other => Error::fault("cut plan", other),
    }
}
