//! The migrations, embedded in the program: one portable directory for both engines.

use crate::{Conn, Error, Result, Tx};
use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Programs that start together migrate one after the other; the number names this lock and nothing else.
const POSTGRES_LOCK: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
     SELECT pg_advisory_xact_lock(4150227410)";

/// Runs what is missing. The caller's transaction makes it all or nothing.
pub(crate) fn run(tx: &mut Tx<'_>) -> Result<()> {
    match &mut **tx {
        Conn::Sqlite(conn) => run_on(conn),
        Conn::Pg(conn) => {
            conn.batch_execute(POSTGRES_LOCK)?;
            run_on(conn)
        }
    }
}

/// Undoes everything.
pub(crate) fn revert_all(tx: &mut Tx<'_>) -> Result<()> {
    match &mut **tx {
        Conn::Sqlite(conn) => conn.revert_all_migrations(MIGRATIONS).map(drop).map_err(failed),
        Conn::Pg(conn) => {
            conn.batch_execute(POSTGRES_LOCK)?;
            conn.revert_all_migrations(MIGRATIONS).map(drop).map_err(failed)
        }
    }
}

fn run_on<DB: Backend>(conn: &mut impl MigrationHarness<DB>) -> Result<()>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    // Asked first: it also creates the table in which applied migrations are noted.
    let applied = conn.applied_migrations().map_err(failed)?;
    if let Some(version) = first_unknown::<DB>(&applied)? {
        return Err(Error::SchemaTooNew { version });
    }
    conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(failed)
}

fn first_unknown<DB: Backend>(applied: &[MigrationVersion<'static>]) -> Result<Option<String>>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known = MigrationSource::<DB>::migrations(&MIGRATIONS).map_err(failed)?;
    let unknown = applied.iter().find(|version| known.iter().all(|m| m.name().version() != **version));
    Ok(unknown.map(ToString::to_string))
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Migration(error.to_string())
}
