//! What can go wrong in the database, as far as a caller can act on it.

use balado_domain::{ErrorKind, Failure};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind};

/// The result of every function of this package.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the database, or a fact that contradicts the request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or the viewer may not know that there is.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Two rows would collide, or the row is no longer in the state the request assumed.
    ///
    /// A collision reads `table(column,column)` and is the same text on both engines; a reference to a row that is
    /// not there, or that others still need, reads `reference`.
    #[error("conflict on {constraint}")]
    Conflict {
        /// What stood in the way.
        constraint: String,
    },
    /// The database was migrated by a later version of this program.
    #[error("the database holds migration {version}, which this version of the program does not know")]
    SchemaTooNew {
        /// The first migration we do not know.
        version: String,
    },
    /// This SQLite can lose committed rows (the WAL-reset race fixed in 3.51.3).
    #[error("SQLite {version} can lose committed data; 3.51.3 or later is needed")]
    AffectedSqlite {
        /// What `sqlite_version()` says.
        version: String,
    },
    /// The database URL names no engine we know. The URL is not repeated: it may hold a password.
    #[error("the database URL is neither a file path, `sqlite:…` nor `postgres://…`")]
    UnknownEngine,
    /// The database cannot be reached, is too busy, or stopped waiting for a lock. Trying again may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(String),
    /// A stored text is not what its column promises.
    #[error("the database holds `{value}` where a {what} belongs")]
    Corrupt {
        /// What was expected.
        what: &'static str,
        /// What was found.
        value: String,
    },
    /// Any other failure of a statement: a defect of ours.
    #[error("a statement failed: {0}")]
    Query(diesel::result::Error),
}

impl Error {
    /// A row that is no longer in the state, or under the fence, that a write assumed.
    pub(crate) fn stale(what: &str) -> Self {
        Self::Conflict { constraint: what.to_owned() }
    }

    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::UnknownEngine => ErrorKind::Invalid,
            Self::SchemaTooNew { .. }
            | Self::AffectedSqlite { .. }
            | Self::Migration(_)
            | Self::Corrupt { .. }
            | Self::Query(_) => ErrorKind::Internal,
        }
    }

    /// Stable kebab-case name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not-found",
            Self::Conflict { .. } => "conflict",
            Self::SchemaTooNew { .. } => "database-too-new",
            Self::AffectedSqlite { .. } => "database-sqlite-affected",
            Self::UnknownEngine => "database-url-unknown",
            Self::Unavailable(_) => "database-unavailable",
            Self::Migration(_) => "database-migration",
            Self::Corrupt { .. } => "database-corrupt",
            Self::Query(_) => "database-query",
        }
    }

    /// Whether this is a collision on that `table(column,column)`.
    #[must_use]
    pub fn is_conflict_on(&self, expected: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == expected)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error.code(), error.to_string())
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error as Diesel;
        match error {
            Diesel::NotFound => Self::NotFound("row"),
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Conflict { constraint: collision(info.as_ref()) }
            }
            Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Self::stale("reference"),
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            Diesel::DatabaseError(DatabaseErrorKind::Unknown, info) if is_passing(info.message()) => {
                Self::Unavailable(info.message().to_owned())
            }
            Diesel::BrokenTransactionManager => Self::Unavailable("the transaction was lost".to_owned()),
            other => Self::Query(other),
        }
    }
}

/// Diesel gives no kind for these, so they are known by their texts. A server that speaks another language only
/// loses the nicer kind: the failure is then reported as a failed statement.
fn is_passing(message: &str) -> bool {
    const PASSING: &[&str] = &[
        "database is locked",
        "database table is locked",
        "deadlock detected",
        "canceling statement due to",
        "terminating connection",
        "server closed the connection",
        "no connection to the server",
    ];
    PASSING.iter().any(|text| message.contains(text))
}

/// The collision as `table(column,column)`, whichever engine reports it.
///
/// SQLite says `UNIQUE constraint failed: t.a, t.b`; PostgreSQL names the table and details `Key (a, b)=(…)`.
fn collision(info: &dyn DatabaseErrorInformation) -> String {
    if let Some(columns) = info.message().strip_prefix("UNIQUE constraint failed: ") {
        let pairs = columns.split(", ").filter_map(|pair| pair.split_once('.'));
        let (tables, names): (Vec<_>, Vec<_>) = pairs.unzip();
        if let Some(table) = tables.first() {
            return format!("{table}({})", names.join(","));
        }
    }
    let columns = info.details().and_then(|text| {
        let start = text.find('(')?.checked_add(1)?;
        let rest = text.get(start..)?;
        rest.get(..rest.find(")=(")?)
    });
    match (info.table_name(), columns) {
        (Some(table), Some(columns)) => format!("{table}({})", columns.replace(", ", ",")),
        _ => info.constraint_name().unwrap_or(info.message()).to_owned(),
    }
}
