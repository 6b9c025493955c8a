//! Use cases of Balado: check the right, open the transaction, change state, append event and audit, enqueue.
//!
//! For `web`, `worker` and the program. It is the only package that opens write transactions, and its closures on a
//! connection cannot await: no blob, child process or network call happens inside a transaction, by construction.
//! It knows no HTTP and no HTML.

pub mod calendar;
pub mod clock;
pub mod configuration;
pub mod cuts;
pub mod deposits;
pub mod error;
pub mod feeds;
pub mod fetches;
pub mod homework;
pub mod inbox;
pub mod jobs;
pub mod media;
pub mod modules;
pub mod people;
pub mod publications;
pub mod recipes;
pub mod roster;
pub mod screens;
pub mod secrets;
pub mod sign_in;
pub mod subscriptions;
pub mod sweep;
pub mod transcoding;

mod database;
mod happenings;
mod start;

pub use error::{Error, Result};
pub use start::App;
