//! Still pictures: one JPEG, upright, in sRGB, without metadata.

use crate::converter::{Converter, run};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::output::{self, Facts};
use crate::session::Session;
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::still::{self, StillError};
use balado_media::wire::{Event, Request};
use balado_media::{Format, Refusal, Sniffed};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::time::Duration;

/// A progressive JPEG has about ten scans; each costs a pass over the whole picture.
const MOST_SCANS: usize = 200;

/// Converts HEIC and AVIF, which no library of ours reads.
const HEIF_CONVERT: Converter = Converter {
    program: "/usr/bin/heif-convert",
    package: "libheif-examples",
    deadline: Duration::from_secs(120),
    environment: &[],
};

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
        let (converted, format) = from_heif(session, original, limit)?;
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

/// Gives the name of a picture in the scratch folder: a JPEG nearly without loss, or, as only that keeps what is
/// transparent, a PNG at ten times the cost.
fn from_heif(session: &Session, original: &Original, max_pixels: u64) -> Result<(String, Format)> {
    const SOURCE: &str = "picture.heif";
    refuse_large_heif(original, max_pixels)?;
    std::io::copy(&mut original.reader()?, &mut File::create(SOURCE)?)?;
    let (extension, format) =
        if has_alpha(original.head()) { ("png", Format::Png) } else { ("jpg", Format::Jpeg) };
    let target = format!("picture-converted.{extension}");
    // What a file with several pictures gives for its first.
    let first_of_many = format!("picture-converted-1.{extension}");
    let ending = run(session, &HEIF_CONVERT, &["-q", "95", SOURCE, &target])?;
    [target, first_of_many]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .map(|path| (path, format))
        .ok_or_else(|| Error::refused(Refusal::Damaged, format!("heif-convert: {}", ending.stderr)))
}

/// The names a plane of transparency goes by (ISO/IEC 23008-12 §6.5.8, and HEVC's older one).
fn has_alpha(head: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];
    NAMES.iter().any(|name| head.windows(name.len()).any(|window| window == *name))
}

/// Every size a HEIF declares stands in an `ispe` box: four bytes of version, then width and height.
fn refuse_large_heif(original: &Original, max_pixels: u64) -> Result<()> {
    for window in original.head().windows(16) {
        let [b'i', b's', b'p', b'e', _, _, _, _, w1, w2, w3, w4, h1, h2, h3, h4] = *window else { continue };
        let width = u64::from(u32::from_be_bytes([w1, w2, w3, w4]));
        let height = u64::from(u32::from_be_bytes([h1, h2, h3, h4]));
        if width.saturating_mul(height) > max_pixels {
            return Err(Error::refused(Refusal::TooBigPicture, format!("{width}x{height}")));
        }
    }
    Ok(())
}

fn refuse_many_scans(original: &Original) -> Result<()> {
    let mut source = BufReader::with_capacity(256 * 1024, original.reader()?);
    let mut piece = vec![0_u8; 256 * 1024];
    let (mut scans, mut previous) = (0, 0_u8);
    loop {
        let count = source.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        for byte in piece.iter().take(count) {
            // Inside coded data 0xFF is always followed by zero, so this pair is always a scan's start.
            scans += usize::from(previous == 0xFF && *byte == 0xDA);
            previous = *byte;
        }
        if scans > MOST_SCANS {
            return Err(Error::refused(Refusal::TooComplex, format!("more than {MOST_SCANS} scans")));
        }
    }
}
