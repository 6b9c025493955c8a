//! What this package refuses, for `app` to pass on.

use balado_domain::{ErrorKind, Failure};

/// An address that cannot be put into a feed. Both cases are defects of ours or of the configuration, never of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The origin is not `http(s)://host[:port]` without anything behind it.
    #[error("the origin is not http(s)://host[:port]")]
    OriginMalformed,
    /// A feed token or media key is empty or holds something else than letters, digits, `-` and `_`.
    #[error("a feed token or media key holds something else than letters, digits, `-` and `_`")]
    TokenMalformed,
}

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(self) -> ErrorKind {
        ErrorKind::Internal
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OriginMalformed => "feed-origin-malformed",
            Self::TokenMalformed => "feed-token-malformed",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}
