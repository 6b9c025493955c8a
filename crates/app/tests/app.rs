//! Use cases on real engines, most on SQLite and local disk, at the instants where a process may die. One module per promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod app {
    #[macro_use]
    mod engines;

    mod burying;
    mod cancelling;
    mod cuts;
    mod discarding;
    mod films;
    mod following;
    mod pieces;
    mod receiving;
    mod recipes;
    mod words;
}
