//! Why a module could not do its part.

use balado_domain::{ErrorKind, Failure};

/// Why a module could not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModuleError {
    /// The host failed: a database away, a row that no longer parses. Its kind and code are passed on.
    #[error("the host failed: {0}")]
    Host(#[from] Failure),
    /// No module of this program has that name: the database was written by another version.
    #[error("there is no module `{0}`")]
    UnknownModule(String),
    /// A module cannot join the registry: its name is not kebab-case, or is taken.
    #[error("the module `{0}` cannot be registered: its name is malformed or taken")]
    Unregistrable(String),
}

impl ModuleError {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Host(failure) => failure.kind,
            Self::UnknownModule(_) => ErrorKind::NotFound,
            Self::Unregistrable(_) => ErrorKind::Internal,
        }
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Host(failure) => failure.code,
            Self::UnknownModule(_) => "module-unknown",
            Self::Unregistrable(_) => "module-unregistrable",
        }
    }

    /// Whether another attempt cannot help.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Host(_))
    }
}

impl From<ModuleError> for Failure {
    fn from(error: ModuleError) -> Self {
        match error {
            ModuleError::Host(failure) => failure,
            other => Self::new(other.kind(), other.code(), other.to_string()),
        }
    }
}
