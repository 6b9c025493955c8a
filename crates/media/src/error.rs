//! What can go wrong while re-reading our own outputs.

use balado_domain::{ErrorKind, Failure};

/// An output of ours does not read back as what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not an output Balado writes.
    #[error("not a readable {what}: {why}")]
    Unreadable {
        /// What was expected, e.g. `MP3`.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    pub(crate) fn unreadable(what: &'static str, why: impl Into<String>) -> Self {
        Self::Unreadable { what, why: why.into() }
    }

    /// What a caller can do about it: nothing, our own output is wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "output-unreadable"
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}
