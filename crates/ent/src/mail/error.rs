//! Why a mail did not leave.

use balado_domain::{ErrorKind, Failure};

/// Why a mail did not leave. Never holds an address or a password: it ends in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The relay's settings make no sense.
    #[error("the mail relay's settings are wrong: {0}")]
    Settings(String),
    /// The recipient's address is not one.
    #[error("the recipient's address is malformed")]
    Address,
    /// The relay refused this mail for good, with that SMTP status.
    #[error("the mail relay refused the mail with status {status}")]
    Refused {
        /// SMTP status, 500 to 599.
        status: u16,
    },
    /// The relay is away, busy, or does not accept us as it should; trying again later can help.
    #[error("the mail relay is unavailable: {0}")]
    Unavailable(String),
}

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Settings(_) | Self::Address | Self::Refused { .. } => ErrorKind::Invalid,
            Self::Unavailable(_) => ErrorKind::Unavailable,
        }
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Settings(_) => "mail-settings-invalid",
            Self::Address => "mail-address-invalid",
            Self::Refused { .. } => "mail-refused",
            Self::Unavailable(_) => "mail-relay-unavailable",
        }
    }

    /// Whether sending this mail again cannot help.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Unavailable(_))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}
