//! Opening a database, lending its connections, and the two kinds of transaction.

mod pool;

use crate::migrations;
use crate::{Conn, Error, Result};
use chrono::TimeDelta;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};
use pool::Manager;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// How long a caller waits for a free connection before it is told that the database is unavailable.
const CHECK_OUT: Duration = Duration::from_secs(10);

/// Which engine a [`Db`] speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file on this machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database: pools of connections to one engine. Cloning shares them.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    readers: Pool<Manager>,
    writers: Pool<Manager>,
    clock_offset: TimeDelta,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Db {
    /// Opens a database: `sqlite:/path/file.db` or a bare path, or `postgres://…`.
    ///
    /// `pool_size` is the number of connections kept at most; SQLite gets one more, its only writer, so that
    /// writers queue in this program in turn instead of polling for the file's lock.
    ///
    /// # Errors
    /// [`Error::UnknownEngine`], [`Error::Unavailable`], or [`Error::AffectedSqlite`].
    pub fn open(url: &str, pool_size: u32) -> Result<Self> {
        let writer = Manager::new(url)?;
        let engine = writer.engine();
        writer.check()?;
        let pool_size = pool_size.max(1);
        let (readers, writers) = match engine {
            Engine::Sqlite => {
                let reader = writer.clone().read_only();
                let writers = build(writer, 1);
                // The first connection switches the file to WAL; a read-only one could not.
                drop(writers.get().map_err(unavailable)?);
                (build(reader, pool_size), writers)
            }
            Engine::Postgres => {
                let pool = build(writer, pool_size);
                (pool.clone(), pool)
            }
        };
        Ok(Self { engine, readers, writers, clock_offset: TimeDelta::zero() })
    }

    /// The same database, with the clock of its leases shifted: how a test lets a lease end.
    #[must_use]
    pub fn with_clock_offset(&self, offset: TimeDelta) -> Self {
        Self { clock_offset: offset, ..self.clone() }
    }

    /// Brings the schema up to what this program knows. Safe to call from several processes at once.
    ///
    /// # Errors
    /// [`Error::SchemaTooNew`] when a later version of the program was here; [`Error::Migration`] when one fails.
    pub fn migrate(&self) -> Result<()> {
        self.write_blocking(migrations::run)
    }

    /// Undoes every migration, which drops all data.
    ///
    /// # Errors
    /// [`Error::Migration`] when one fails.
    pub fn revert_all(&self) -> Result<()> {
        self.write_blocking(migrations::revert_all)
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub fn ping(&self) -> Result<()> {
        let mut conn = self.readers.get().map_err(unavailable)?;
        conn.batch_execute("SELECT 1").map_err(Error::from)
    }

    /// Runs `read` on one unchanging view of the database: all its statements see the same instant, so what is
    /// read together belongs together (a feed's revision and its items). Nothing it writes is kept.
    ///
    /// # Errors
    /// What `read` returns, or [`Error::Unavailable`].
    pub fn read_blocking<T, E: From<Error>>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.readers.get().map_err(unavailable)?;
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut open = Open::begin(&mut conn, begin)?;
        let result = read(open.conn);
        // Nothing was written, so a failure to end the view cannot lose anything; the pool drops the connection.
        open.roll_back();
        result
    }

    /// Runs `write` in a write transaction: committed when it returns `Ok`, rolled back when it fails or panics.
    ///
    /// On SQLite the transaction is immediate: a deferred one that reads before it writes fails at once under load.
    ///
    /// # Errors
    /// What `write` returns, or [`Error::Unavailable`].
    pub fn write_blocking<T, E: From<Error>>(
        &self,
        write: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn: PooledConnection<Manager> = self.writers.get().map_err(unavailable)?;
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let open = Open::begin(&mut conn, begin)?;
        let value = write(&mut Tx { conn: &mut *open.conn, clock_offset: self.clock_offset })?;
        open.commit()?;
        Ok(value)
    }
}

fn build(manager: Manager, size: u32) -> Pool<Manager> {
    let test_on_check_out = manager.engine() == Engine::Postgres;
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .connection_timeout(CHECK_OUT)
        .test_on_check_out(test_on_check_out)
        .build_unchecked(manager)
}

fn unavailable(error: impl std::fmt::Display) -> Error {
    Error::Unavailable(error.to_string())
}

/// An open write transaction. Functions that write take it, so that they cannot run outside one.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    clock_offset: TimeDelta,
}

impl Tx<'_> {
    pub(crate) fn clock_offset(&self) -> TimeDelta {
        self.clock_offset
    }
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

/// A transaction that rolls back when dropped, which covers panics and early returns alike.
struct Open<'c> {
    conn: &'c mut Conn,
    open: bool,
}

impl<'c> Open<'c> {
    fn begin(conn: &'c mut Conn, statement: &str) -> Result<Self> {
        match conn {
            Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, statement)?,
            Conn::Pg(conn) => AnsiTransactionManager::begin_transaction_sql(conn, statement)?,
        }
        Ok(Self { conn, open: true })
    }

    fn commit(mut self) -> Result<()> {
        if let Conn::Pg(conn) = &mut *self.conn {
            // A statement that failed ends a PostgreSQL transaction, and COMMIT then rolls back without saying so.
            // Whoever ignored that failure must not be told that the work is kept; this fails when there was one.
            conn.batch_execute("SELECT 1")?;
        }
        self.open = false;
        Ok(<Conn as Connection>::TransactionManager::commit_transaction(self.conn)?)
    }

    fn roll_back(&mut self) {
        self.open = false;
        if let Err(error) = <Conn as Connection>::TransactionManager::rollback_transaction(self.conn) {
            tracing::warn!(%error, "a rollback failed; its connection is dropped");
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.open {
            self.roll_back();
        }
    }
}
