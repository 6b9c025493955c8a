//! Fresh PostgreSQL databases on the throw-away server of a test run.
//!
//! The server itself is started by `make test` or `scripts/with-test-servers`, which name it in `BALADO_TEST_PG`:
//! tests run in many processes at once, and none of them could tell when the last one is done with a server. Without
//! it a test fails; it does not skip.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The variable that names the server: a `postgres://` address whose user may create databases.
pub const SERVER_VARIABLE: &str = "BALADO_TEST_PG";

/// An empty database of its own, dropped with this value.
#[derive(Debug)]
pub struct FreshDatabase {
    server: String,
    name: String,
}

/// Makes an empty database.
///
/// # Panics
/// When no server is named, or it refuses: the test cannot run, so it fails.
#[must_use]
pub fn fresh_database() -> FreshDatabase {
    let Ok(server) = std::env::var(SERVER_VARIABLE) else {
        panic!(
            "{SERVER_VARIABLE} names no PostgreSQL server: run `make test`, or `scripts/with-test-servers cargo \
             nextest run …`"
        );
    };
    let name = unused_name();
    if let Err(reason) = statement(&server, &format!("CREATE DATABASE {name} TEMPLATE template0")) {
        panic!("cannot create a database on the server that {SERVER_VARIABLE} names: {reason}");
    }
    FreshDatabase { server, name }
}

impl FreshDatabase {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let (address, parameters) = match self.server.split_once('?') {
            Some((address, parameters)) => (address, format!("?{parameters}")),
            None => (self.server.as_str(), String::new()),
        };
        let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
        let host = rest.split_once('/').map_or(rest, |(host, _)| host);
        format!("{scheme}://{host}/{}{parameters}", self.name)
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        // A failure leaves a database on a server that is about to be deleted.
        drop(statement(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)));
    }
}

/// Through psql, which comes with the server: diesel belongs to `store`, and this package may not use it.
fn statement(server: &str, sql: &str) -> Result<(), String> {
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", server, "--command", sql])
        .output()
        .map_err(|error| format!("psql does not start: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Unique among processes, among the tests of one, and among runs on one server.
fn unused_name() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("balado_{nanos}_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_database_keeps_the_rest_of_the_servers_address() {
        let at = |server: &str| {
            let fresh = FreshDatabase { server: server.to_owned(), name: "x".to_owned() };
            let url = fresh.url();
            std::mem::forget(fresh);
            url
        };
        assert_eq!(at("postgres://me:pw@h:1/postgres"), "postgres://me:pw@h:1/x");
        assert_eq!(at("postgres://me@h"), "postgres://me@h/x");
        assert_eq!(at("postgres://h/db?sslmode=disable"), "postgres://h/x?sslmode=disable");
    }

    #[test]
    fn names_differ() {
        assert_ne!(unused_name(), unused_name());
    }
}
