//! What can go wrong here, in the shape `app` passes on.

use crate::strength::Weakness;
use balado_domain::{ErrorKind, Failure};

/// Why a password could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too easy to guess, or of a length Balado does not take.
    #[error("the password was refused: {0}")]
    Weak(#[from] Weakness),
    /// The hash could not be computed: no memory or no randomness.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Weak(_) => ErrorKind::Invalid,
            Self::Hash(_) => ErrorKind::Internal,
        }
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Weak(weakness) => weakness.code(),
            Self::Hash(_) => "password-hash-failed",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}
