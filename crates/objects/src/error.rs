//! What can go wrong with stored bytes, for callers that must choose between "try later", "no room" and "alarm".
//!
//! Does not know HTTP: `web` maps [`Error::kind`] to a status.

use balado_domain::{ErrorKind, Failure};
use std::io;

/// A failure of the blob store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No object has this key.
    #[error("no stored object {0}")]
    NotFound(String),
    /// The stored bytes are not the ones the key or the caller promised. Never repaired in place: raise an alarm.
    #[error("stored bytes differ from what was promised: {0}")]
    Corrupt(String),
    /// Bytes that were acknowledged are not in the store any more. Raise an alarm.
    #[error("acknowledged bytes are missing: {0}")]
    Missing(String),
    /// The range does not lie inside the object.
    #[error("bytes {start}..{end} do not lie inside {key}")]
    Range {
        /// The object asked for.
        key: String,
        /// First byte asked for.
        start: u64,
        /// One past the last byte asked for.
        end: u64,
    },
    /// The key is not one this package could have made.
    #[error("not an object key: {0}")]
    Key(String),
    /// The storage address or its settings cannot be used.
    #[error("the storage settings cannot be used: {0}")]
    Settings(String),
    /// Another writer holds this upload.
    #[error("upload {0} is being written by someone else")]
    Busy(String),
    /// No space is left.
    #[error("no space is left: {0}")]
    Full(String),
    /// The object store does not answer, or refuses us.
    #[error("the object store is away: {0}")]
    Unavailable(String),
    /// The local disk failed.
    #[error("the disk failed: {0}")]
    Io(String),
    /// The caller's checkpoint refused to go on.
    #[error("the checkpoint refused: {0}")]
    Refused(Failure),
}

/// The result of this package's functions.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Corrupt(_) | Self::Missing(_) | Self::Io(_) => ErrorKind::Internal,
            Self::Range { .. } | Self::Key(_) | Self::Settings(_) => ErrorKind::Invalid,
            Self::Busy(_) => ErrorKind::Locked,
            Self::Full(_) => ErrorKind::Full,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Refused(failure) => failure.kind,
        }
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "object-not-found",
            Self::Corrupt(_) => "object-corrupt",
            Self::Missing(_) => "object-bytes-missing",
            Self::Range { .. } => "object-range-invalid",
            Self::Key(_) => "object-key-invalid",
            Self::Settings(_) => "storage-settings-invalid",
            Self::Busy(_) => "upload-busy",
            Self::Full(_) => "storage-full",
            Self::Unavailable(_) => "storage-unavailable",
            Self::Io(_) => "storage-io",
            Self::Refused(failure) => failure.code,
        }
    }

    /// An error of the local disk, about `what`.
    pub(crate) fn disk(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound(what.to_owned()),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full(format!("{what}: {error}"))
            }
            io::ErrorKind::UnexpectedEof => Self::Missing(format!("{what} is shorter than recorded")),
            _ => Self::Io(format!("{what}: {error}")),
        }
    }

    /// An error of the object store, about `what`.
    pub(crate) fn store(what: &str, error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound(what.to_owned()),
            object_store::Error::InvalidPath { .. } => Self::Key(what.to_owned()),
            other => Self::Unavailable(format!("{what}: {other}")),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(failure) => failure,
            other => Self::new(other.kind(), other.code(), other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_broken_one() {
        // ENOSPC, EDQUOT, EIO and EROFS on Linux.
        for (number, kind) in [
            (28, ErrorKind::Full),
            (122, ErrorKind::Full),
            (5, ErrorKind::Internal),
            (30, ErrorKind::Internal),
        ] {
            let error = Error::disk("uploads/x", &io::Error::from_raw_os_error(number));
            assert_eq!(error.kind(), kind, "{error}");
        }
    }

    #[test]
    fn a_refusal_reaches_the_caller_unchanged() {
        let failure = Failure::new(ErrorKind::Locked, "upload-taken-over", "somebody else has it");
        assert_eq!(Failure::from(Error::Refused(failure.clone())), failure);
    }
}
