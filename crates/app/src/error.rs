//! The error of every use case: one kind, one stable code, and a cause that only the log sees.

use balado_domain::{ErrorKind, Failure};

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule of ours said no.
    #[error(transparent)]
    Rule(#[from] Failure),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] balado_store::Error),
    /// The blob store said no.
    #[error(transparent)]
    Objects(#[from] balado_objects::Error),
    /// Mail could not be sent or written.
    #[error(transparent)]
    Mail(#[from] balado_ent::mail::Error),
    /// A portal module failed.
    #[error(transparent)]
    Module(#[from] balado_ent::ModuleError),
    /// A password could not be handled.
    #[error(transparent)]
    Proof(#[from] balado_sso::Error),
    /// The settings are wrong; every fault is listed.
    #[error("{0}")]
    Settings(String),
    /// A file of ours on the local disk.
    #[error("{what}: {cause}")]
    File {
        /// What was being done.
        what: &'static str,
        /// What the system answered.
        cause: std::io::Error,
    },
}

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Rule(failure) => failure.kind,
            Self::Store(error) => error.kind(),
            Self::Objects(error) => error.kind(),
            Self::Mail(error) => error.kind(),
            Self::Module(error) => error.kind(),
            Self::Proof(error) => error.kind(),
            Self::Settings(_) => ErrorKind::Invalid,
            Self::File { .. } => ErrorKind::Internal,
        }
    }

    /// The stable kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rule(failure) => failure.code,
            Self::Store(error) => error.code(),
            Self::Objects(error) => error.code(),
            Self::Mail(error) => error.code(),
            Self::Module(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Settings(_) => "settings-invalid",
            Self::File { .. } => "local-file",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Rule(failure) => failure,
            other => Self::new(other.kind(), other.code(), other.to_string()),
        }
    }
}

/// Unknown and forbidden look the same: this is the answer to both.
pub(crate) fn not_found(what: &'static str) -> Error {
    Failure::new(ErrorKind::NotFound, "not-found", what).into()
}

pub(crate) fn forbidden(detail: &'static str) -> Error {
    Failure::new(ErrorKind::Forbidden, "forbidden", detail).into()
}

pub(crate) fn invalid(code: &'static str, detail: impl Into<String>) -> Error {
    Failure::new(ErrorKind::Invalid, code, detail).into()
}

pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Error {
    Failure::new(ErrorKind::Conflict, code, detail).into()
}

pub(crate) fn gone(code: &'static str) -> Error {
    Failure::new(ErrorKind::Gone, code, "it was withdrawn, revoked or has expired").into()
}

pub(crate) fn unauthenticated(code: &'static str) -> Error {
    Failure::new(ErrorKind::Unauthenticated, code, "nobody is signed in").into()
}
