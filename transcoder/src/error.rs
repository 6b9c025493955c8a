//! How a job ends when it does not end well.

use balado_domain::ErrorKind;
use balado_media::Refusal;
use balado_media::prescan::Objection;

/// Why there are no (more) outputs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is refused; trying again cannot help.
    #[error("{code}: {detail}")]
    Refused {
        /// What the sender is told.
        code: Refusal,
        /// For the log.
        detail: String,
    },
    /// This machine lacks something.
    #[error("{what} is missing: {how}")]
    Missing {
        /// What.
        what: String,
        /// How to get it.
        how: String,
    },
    /// A converter was still at it at its deadline. Another attempt may find the machine less busy.
    #[error("{0}")]
    TimedOut(String),
    /// A signal ended a converter: it broke on this file, or this machine took its memory away.
    #[error("{0}")]
    Broken(String),
    /// The worker asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// A defect, a full disk, a limit of the box: trying again may help.
    #[error("{0}")]
    Fault(String),
}

/// The usual result here.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The file is refused.
    pub fn refused(code: Refusal, detail: impl Into<String>) -> Self {
        Self::Refused { code, detail: detail.into() }
    }

    /// This machine lacks something.
    pub fn missing(what: impl Into<String>, how: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), how: how.into() }
    }

    /// A defect or an exhausted resource, with what was being done.
    pub fn fault(doing: &str, cause: impl std::fmt::Display) -> Self {
        Self::Fault(format!("{doing}: {cause}"))
    }

    /// What the worker can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { code, .. } => code.kind(),
            Self::Missing { .. } | Self::TimedOut(_) => ErrorKind::Unavailable,
            Self::Cancelled => ErrorKind::Conflict,
            Self::Broken(_) | Self::Fault(_) => ErrorKind::Internal,
        }
    }

    /// Stable kebab-case name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } => code.as_str(),
            Self::Missing { .. } => "machine-lacks",
            Self::TimedOut(_) => "converter-timeout",
            Self::Broken(_) => "converter-broken",
            Self::Cancelled => "cancelled",
            Self::Fault(_) => "transcoder-fault",
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::fault("input or output", error)
    }
}

impl From<ffmpeg_next::Error> for Error {
    fn from(error: ffmpeg_next::Error) -> Self {
        Self::fault("libav", error)
    }
}

impl From<Objection> for Error {
    fn from(objection: Objection) -> Self {
        Self::refused(objection.code, objection.detail)
    }
}
