//! Looks into a document's package before a converter does: what it is by its own list of contents, and whether opening
//! it is safe.
//!
//! Only inside the transcoder's box (feature `codecs`). Converts nothing, and judges nothing a converter is free to
//! refuse by itself.

mod compound;
mod entities;
mod package;
mod paper;
mod rich_text;

pub use compound::inspect_compound;
pub use package::inspect_package;
pub use rich_text::inspect_rich_text;

use crate::Refusal;

/// Why a package goes no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Objection {
    /// What the sender is told.
    pub code: Refusal,
    /// For the log.
    pub detail: String,
}

impl Objection {
    fn new(code: Refusal, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
