//! Outputs: told to the worker as soon as each is whole. Their names in the blob store are its business: what a child says of
//! its own bytes proves nothing.

use crate::error::Result;
use crate::session::Session;
use balado_domain::deposit::RenditionKind;
use balado_media::wire::{Event, Output};

/// What is known of an output beyond its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    /// Playing time.
    pub duration_ms: Option<i64>,
    /// Pixels across and down.
    pub size: Option<(u32, u32)>,
    /// Pages of a PDF.
    pub pages: Option<u32>,
}

/// The name of an output in the scratch folder.
pub fn file_name(kind: RenditionKind) -> String {
    format!("{kind}.{}", kind.extension())
}

/// Tells the worker that the output under [`file_name`] is whole.
///
/// # Errors
/// When it cannot be read back.
pub fn announce(session: &Session, kind: RenditionKind, facts: Facts) -> Result<()> {
    announce_file(session, kind, file_name(kind), None, facts)
}

/// Tells the worker that a part of a cut is whole, in the file of that name.
///
/// # Errors
/// When it cannot be read back.
pub fn announce_part(
    session: &Session,
    kind: RenditionKind,
    path: String,
    part: u32,
    facts: Facts,
) -> Result<()> {
    announce_file(session, kind, path, Some(part), facts)
}

fn announce_file(
    session: &Session,
    kind: RenditionKind,
    path: String,
    part: Option<u32>,
    facts: Facts,
) -> Result<()> {
    let size_bytes = i64::try_from(std::fs::metadata(&path)?.len()).unwrap_or(i64::MAX);
    session.say(&Event::Output(Output {
        kind,
        path,
        media_type: kind.media_type().to_owned(),
        size_bytes,
        duration_ms: facts.duration_ms,
        width: facts.size.and_then(|(width, _)| i32::try_from(width).ok()),
        height: facts.size.and_then(|(_, height)| i32::try_from(height).ok()),
        pages: facts.pages.and_then(|pages| i32::try_from(pages).ok()),
        part,
    }));
    Ok(())
}
