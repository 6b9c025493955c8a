//! Every SQL statement and migration of Balado, as synchronous functions on a connection.
//!
//! [`Db`] opens SQLite or PostgreSQL by URL and lends connections; `app` is its only consumer and owns what a
//! transaction contains. Functions that read take a [`Conn`], functions that write take a [`Tx`], which proves
//! that a write transaction is open. What is shown to somebody is read through a `Viewer`: there is no function
//! here that gives a publication, feed, deposit or submission without one.
//!
//! One portable schema serves both engines: ids, enumerations and JSON are TEXT, numbers are BIGINT or INTEGER,
//! instants are TIMESTAMP in UTC cut to the millisecond. Nothing here decides a rule, keeps a blob, or waits for
//! anything but the database.

mod clock;
mod column;
mod conn;
mod db;
mod error;
mod migrations;
mod schema;

pub mod audit;
pub mod calendars;
pub mod cuts;
pub mod deposits;
pub mod events;
pub mod feeds;
pub mod fetches;
pub mod homework;
pub mod jobs;
pub mod notices;
pub mod people;
pub mod portal;
pub mod publications;
pub mod renditions;
pub mod sessions;
pub mod subscriptions;
pub mod uploads;
pub mod words;

pub use conn::Conn;
pub use db::{Db, Engine, Tx};
pub use error::{Error, Result};
