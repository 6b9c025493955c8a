//! Why workers cannot start. What happens to a job is told to the queue, not returned.

use crate::supervisor::NotFound;
use balado_domain::ErrorKind;

/// Why workers cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no transcoder.
    #[error(transparent)]
    Transcoder(#[from] NotFound),
    /// The scratch folder cannot be made.
    #[error("the scratch folder cannot be used: {0}")]
    Scratch(std::io::Error),
}

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Unavailable
    }

    /// The stable kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Transcoder(_) => "transcoder-missing",
            Self::Scratch(_) => "scratch-unusable",
        }
    }
}
