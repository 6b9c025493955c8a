//! What this package refuses, for `app` to pass on and for the administrator to correct.

use balado_domain::{ErrorKind, Failure};
use std::fmt;

/// A directory could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read to its end.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A spreadsheet or UTF-16 file: something to save again as CSV.
    #[error("the file is not CSV text in UTF-8 or Windows-1252")]
    NotCsv,
    /// There is no person in the file.
    #[error("the file holds no person")]
    Empty,
    /// More lines or bytes than a directory may have.
    #[error("the file is larger than {MAX_LINES} lines or {MAX_BYTES} bytes")]
    TooLarge,
    /// Some lines are bad; nothing was taken from the file.
    #[error(transparent)]
    Lines(#[from] ImportError),
}

/// Lines a file may have, its header included: several times the largest school.
pub const MAX_LINES: u64 = 100_000;

/// Bytes a file may have.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Faults listed at most; the others are counted.
pub const MAX_FAULTS: usize = 1000;

impl Error {
    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreadable(_) => ErrorKind::Unavailable,
            Self::NotCsv => ErrorKind::Unsupported,
            Self::Empty | Self::Lines(_) => ErrorKind::Invalid,
            Self::TooLarge => ErrorKind::TooLarge,
        }
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "directory-unreadable",
            Self::NotCsv => "directory-not-csv",
            Self::Empty => "directory-empty",
            Self::TooLarge => "directory-too-large",
            Self::Lines(_) => "directory-lines-refused",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}

/// Every fault of a file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportError {
    /// At most [`MAX_FAULTS`].
    pub lines: Vec<LineFault>,
    /// Faults beyond those listed.
    pub omitted: u64,
}

impl ImportError {
    pub(crate) fn push(&mut self, fault: LineFault) {
        if self.lines.len() < MAX_FAULTS {
            self.lines.push(fault);
        } else {
            self.omitted += 1;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(crate) fn sort(&mut self) {
        self.lines.sort_by_key(|fault| fault.line);
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither values nor columns: they are people's data, and this goes to the log.
        write!(f, "{} faults", self.lines.len() as u64 + self.omitted)?;
        match self.lines.first() {
            Some(fault) => write!(f, ", the first on line {}: {}", fault.line, fault.code),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ImportError {}

/// One thing to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Line in the file, the header being line 1.
    pub line: u64,
    /// The column as the file names it; empty when the whole line is meant.
    pub column: String,
    /// What is wrong: a stable kebab-case name, listed in the README.
    pub code: &'static str,
    /// What was read, shortened; empty for passwords and absent values.
    pub value: String,
}
