//! The closed set of error kinds, and the shape every package's error can be turned into.

use std::fmt;

/// What went wrong, as far as a caller can act on it. `web` maps each kind to one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// There is no such thing, or the viewer may not know that there is.
    NotFound,
    /// It existed and was withdrawn, revoked or expired.
    Gone,
    /// The viewer is known and may not do this.
    Forbidden,
    /// Nobody is signed in, or the session ended.
    Unauthenticated,
    /// The request makes no sense; asking again unchanged cannot help.
    Invalid,
    /// The state changed meanwhile, or two requests collide.
    Conflict,
    /// Somebody else is writing this right now; try again shortly.
    Locked,
    /// Larger than a limit that is not the quota.
    TooLarge,
    /// Asked too often.
    TooMany,
    /// The quota or the disk is full.
    Full,
    /// The format is not one Balado accepts.
    Unsupported,
    /// A part of the service is away; trying again later can help.
    Unavailable,
    /// A defect of ours.
    Internal,
}

/// A failure as one package hands it to the next: a kind, a stable kebab-case code and a sentence for the log.
///
/// The sentence never reaches a client; `web` looks the code up in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What a caller can do about it.
    pub kind: ErrorKind,
    /// Stable kebab-case name, e.g. `deposit-empty`. Part of the public interface.
    pub code: &'static str,
    /// For the log only.
    pub detail: String,
}

impl Failure {
    /// A failure with a sentence for the log.
    pub fn new(kind: ErrorKind, code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, code, detail: detail.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Failure {}
