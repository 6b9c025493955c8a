//! The async door to `store`: closures run on a blocking thread and cannot await.

use crate::error::{Error, Result};
use balado_domain::{ErrorKind, Failure};
use balado_store::{Conn, Db, Tx};

/// The database of this process.
#[derive(Clone)]
pub(crate) struct Database {
    db: Db,
}

impl Database {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Reads outside a transaction.
    pub(crate) async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        let db = self.db.clone();
        finish(tokio::task::spawn_blocking(move || db.read_blocking(f)).await)
    }

    /// Runs one write transaction: everything in it happens, or nothing.
    pub(crate) async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let db = self.db.clone();
        finish(tokio::task::spawn_blocking(move || db.write_blocking(f)).await)
    }
}

fn finish<T>(joined: std::result::Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    joined.unwrap_or_else(|error| {
        Err(Error::Rule(Failure::new(
            ErrorKind::Internal,
            "internal",
            format!("a database task ended: {error}"),
        )))
    })
}
