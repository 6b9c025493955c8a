//! Why a request failed, and the one place where a kind of failure becomes an HTTP status.
//!
//! What a handler returns is only a status here; [`crate::finish`] words it, as JSON or as a page, in the reader's
//! language. Causes go to the log and nowhere else.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use balado_domain::{ErrorKind, Failure};

/// Result of a handler.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request failed, or the service could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A use case said no.
    #[error(transparent)]
    App(#[from] balado_app::Error),
    /// The request itself is at fault.
    #[error(transparent)]
    Request(#[from] Failure),
    /// A protocol wants another status than the kind would give.
    #[error("{failure}")]
    Protocol {
        /// The status of the protocol.
        status: StatusCode,
        /// What went wrong.
        failure: Failure,
    },
    /// The path exists, the method does not.
    #[error("allowed here: {allow}")]
    Method {
        /// Value of the `Allow` header.
        allow: String,
    },
    /// The service could not listen or run.
    #[error("{what}: {cause}")]
    Listen {
        /// What was being done.
        what: &'static str,
        /// What the system answered.
        cause: std::io::Error,
    },
    /// The certificate or key is unusable.
    #[error("TLS: {0}")]
    Tls(String),
}

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::App(error) => error.kind(),
            Self::Request(failure) | Self::Protocol { failure, .. } => failure.kind,
            Self::Method { .. } | Self::Tls(_) => ErrorKind::Invalid,
            Self::Listen { .. } => ErrorKind::Internal,
        }
    }

    /// The stable kebab-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::App(error) => error.code(),
            Self::Request(failure) | Self::Protocol { failure, .. } => failure.code,
            Self::Method { .. } => "method-not-allowed",
            Self::Listen { .. } => "listen",
            Self::Tls(_) => "tls-settings",
        }
    }

    /// The status it answers with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Protocol { status, .. } => *status,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            other => status_of(other.kind()),
        }
    }

    /// The answer to what does not exist, or must look as if it did not.
    pub(crate) fn not_found() -> Self {
        Failure::new(ErrorKind::NotFound, "not-found", "no such thing for this reader").into()
    }

    pub(crate) fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Failure::new(ErrorKind::Invalid, code, detail).into()
    }

    pub(crate) fn unauthenticated() -> Self {
        Failure::new(ErrorKind::Unauthenticated, "signed-out", "nobody is signed in").into()
    }

    pub(crate) fn forged() -> Self {
        Failure::new(ErrorKind::Forbidden, "form-forged", "the request did not come from a page of ours")
            .into()
    }

    /// The same failure under the status a protocol asks for.
    pub(crate) fn under(self, status: StatusCode) -> Self {
        Self::Protocol { status, failure: self.into() }
    }
}

/// The status of each kind (DESIGN §10: one match).
#[must_use]
pub fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Locked => StatusCode::LOCKED,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Full => StatusCode::INSUFFICIENT_STORAGE,
        ErrorKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The kebab-case name of a kind, as error pages are keyed.
#[must_use]
pub fn name_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "not-found",
        ErrorKind::Gone => "gone",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Locked => "locked",
        ErrorKind::TooLarge => "too-large",
        ErrorKind::TooMany => "too-many",
        ErrorKind::Full => "full",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Internal => "internal",
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::App(error) => error.into(),
            Error::Request(failure) | Error::Protocol { failure, .. } => failure,
            other => Self::new(other.kind(), other.code(), other.to_string()),
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status());
        if let Self::Method { allow } = self
            && let Ok(value) = HeaderValue::from_str(allow)
        {
            response.headers_mut().insert(ALLOW, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_its_status_and_keeps_its_cause_to_itself() {
        let error = Error::from(Failure::new(ErrorKind::Full, "quota-exceeded", "secret detail"));
        assert_eq!(error.status(), StatusCode::INSUFFICIENT_STORAGE);
        let under = error.under(StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!((under.status(), under.code()), (StatusCode::PAYLOAD_TOO_LARGE, "quota-exceeded"));
        let method = Error::Method { allow: "GET, HEAD".to_owned() };
        assert_eq!(method.error_response().headers().get(ALLOW).unwrap(), "GET, HEAD");
    }
}
