//! Still pictures: one JPEG, upright, in sRGB, without metadata.

mod heif;
mod scans;

use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::still::{self, StillError};
use balado_media::wire::{Event, Request};
use balado_media::{Format, Refusal, Sniffed};
use std::fs::File;
use std::io::BufReader;

/// A progressive JPEG has about ten scans; each costs a pass over the whole picture.
const MOST_SCANS: usize = 200;

/// Makes the output of a still picture.
///
/// # Errors
/// When the file is refused or the work fails.
pub fn convert(
    session: &mut Session,
    request: &Request,
    original: &Original,
    sniffed: Sniffed,
) -> Result<()> {
    let profile = &request.recipe.image;
    let limit = request.limits.pixels;
    let still = if matches!(sniffed.format, Format::Heif | Format::Avif) {
        let (converted, format) = heif::convert(session, original, sniffed.format, limit)?;
        still::convert(BufReader::new(File::open(converted)?), format, profile, limit)
    } else {
        if sniffed.format == Format::Jpeg {
            refuse_many_scans(original)?;
        }
        still::convert(BufReader::new(original.reader()?), sniffed.format, profile, limit)
    };
    let still = still.map_err(|error| match error {
        StillError::TooBig(why) => Error::refused(Refusal::TooBigPicture, why),
        StillError::Damaged(why) => Error::refused(Refusal::Damaged, why),
        StillError::Unsupported(why) => Error::refused(Refusal::UnsupportedFormat, why),
    })?;
    session.say(&Event::Probed {
        family: Family::Image,
        media_type: sniffed.media_type.to_owned(),
        duration_ms: None,
        width: i32::try_from(still.width).ok(),
        height: i32::try_from(still.height).ok(),
    });
    std::fs::write(output::file_name(RenditionKind::Jpeg), &still.jpeg)?;
    let facts = Facts { size: Some((still.width, still.height)), ..Facts::default() };
    output::announce(session, RenditionKind::Jpeg, facts)
}

fn refuse_many_scans(original: &Original) -> Result<()> {
    if scans::count(original.reader()?, MOST_SCANS)? > MOST_SCANS {
        return Err(Error::refused(Refusal::TooComplex, format!("more than {MOST_SCANS} scans")));
    }
    Ok(())
}
