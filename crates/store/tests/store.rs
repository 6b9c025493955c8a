//! What the store promises, on SQLite and on PostgreSQL alike.
//!
//! Every test is written once and runs twice, each time on a fresh database of its own.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, what should be there and is not is a failure"
)]

#[macro_use]
#[path = "store/world.rs"]
mod world;

#[path = "store/claims.rs"]
mod claims;
#[path = "store/cuts.rs"]
mod cuts;
#[path = "store/database.rs"]
mod database;
#[path = "store/deposits.rs"]
mod deposits;
#[path = "store/feeds.rs"]
mod feeds;
#[path = "store/fences.rs"]
mod fences;
#[path = "store/followers.rs"]
mod followers;
#[path = "store/homework.rs"]
mod homework;
#[path = "store/people.rs"]
mod people;
#[path = "store/portal.rs"]
mod portal;
#[path = "store/publications.rs"]
mod publications;
#[path = "store/schema.rs"]
mod schema;
#[path = "store/sessions.rs"]
mod sessions;
#[path = "store/turns.rs"]
mod turns;
#[path = "store/uploads.rs"]
mod uploads;
#[path = "store/visibility.rs"]
mod visibility;
#[path = "store/words.rs"]
mod words;
