//! Makes connections for the pool: engine by URL, limits on every wait, SQLite's durability settings.

use super::Engine;
use crate::{Conn, Error, Result};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

/// The first SQLite without the WAL-reset race that can lose committed rows (fixed 3.51.3).
const FIRST_SOUND_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Every wait has an end: for a lock, for a statement, and for a client that went away inside a transaction.
const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; SET statement_timeout = '60s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning'";

/// busy_timeout comes first: switching a file to WAL may itself have to wait.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// Seconds to wait for a PostgreSQL server that does not answer, unless the URL says otherwise.
const CONNECT_TIMEOUT: &str = "connect_timeout=10";

/// Opens connections to one database.
#[derive(Clone)]
pub(super) struct Manager {
    engine: Engine,
    address: String,
    query_only: bool,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("Manager").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Manager {
    /// Reads the URL; opens nothing.
    pub(super) fn new(url: &str) -> Result<Self> {
        let (engine, address) = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            (Engine::Postgres, with_connect_timeout(url))
        } else if let Some(path) = url.strip_prefix("sqlite:") {
            (Engine::Sqlite, path.strip_prefix("//").unwrap_or(path).to_owned())
        } else if url.contains("://") {
            return Err(Error::UnknownEngine);
        } else {
            (Engine::Sqlite, url.to_owned())
        };
        // An unnamed or in-memory SQLite is a different database for every connection of the pool.
        if address.is_empty() || address.contains(":memory:") {
            return Err(Error::UnknownEngine);
        }
        Ok(Self { engine, address, query_only: false })
    }

    /// The same database, through connections that refuse to write (SQLite).
    pub(super) fn read_only(self) -> Self {
        Self { query_only: true, ..self }
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// Connects once, so that opening fails with the reason and not with a pool's timeout.
    pub(super) fn check(&self) -> Result<()> {
        let mut conn = self.connect()?;
        let Conn::Sqlite(conn) = &mut conn else { return Ok(()) };
        let version: String = sql::<Text>("SELECT sqlite_version()").get_result(conn)?;
        if is_sound(&version) { Ok(()) } else { Err(Error::AffectedSqlite { version }) }
    }
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        let refused = |error: ConnectionError| Error::Unavailable(error.to_string());
        match self.engine {
            Engine::Sqlite => {
                let mut conn = SqliteConnection::establish(&self.address).map_err(refused)?;
                conn.batch_execute(SQLITE_SETTINGS)?;
                if self.query_only {
                    conn.batch_execute("PRAGMA query_only = ON")?;
                }
                Ok(Conn::Sqlite(conn))
            }
            Engine::Postgres => {
                let mut conn = PgConnection::establish(&self.address).map_err(refused)?;
                conn.batch_execute(POSTGRES_SETTINGS)?;
                Ok(Conn::Pg(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        Ok(conn.ping()?)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

fn with_connect_timeout(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{CONNECT_TIMEOUT}")
}

fn is_sound(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    let mut next = || numbers.next().flatten();
    match (next(), next(), next()) {
        (Some(major), Some(minor), Some(patch)) => (major, minor, patch) >= FIRST_SOUND_SQLITE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_with_the_wal_reset_race_is_refused() {
        for affected in ["3.40.1", "3.51.2", "2.99.99", "unknown", "3.51"] {
            assert!(!is_sound(affected), "{affected}");
        }
        for sound in ["3.51.3", "3.53.2", "4.0.0"] {
            assert!(is_sound(sound), "{sound}");
        }
    }

    #[test]
    fn the_url_decides_the_engine() {
        let engine = |url: &str| Manager::new(url).map(|manager| (manager.engine, manager.address));
        assert_eq!(engine("sqlite:/a/b.db").unwrap(), (Engine::Sqlite, "/a/b.db".to_owned()));
        assert_eq!(engine("sqlite:///a/b.db").unwrap(), (Engine::Sqlite, "/a/b.db".to_owned()));
        assert_eq!(engine("b.db").unwrap(), (Engine::Sqlite, "b.db".to_owned()));
        assert_eq!(
            engine("postgres://h/d?sslmode=require").unwrap(),
            (Engine::Postgres, "postgres://h/d?sslmode=require&connect_timeout=10".to_owned())
        );
        for refused in ["mysql://h/d", "sqlite::memory:", "sqlite:", ""] {
            assert!(matches!(engine(refused), Err(Error::UnknownEngine)), "{refused}");
        }
    }

    #[test]
    fn a_password_in_the_url_is_not_printed() {
        let manager = Manager::new("postgres://balado:secret@h/d").unwrap();
        assert!(!format!("{manager:?}").contains("secret"));
    }
}
