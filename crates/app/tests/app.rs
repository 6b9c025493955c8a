//! Use cases on real SQLite and local disk, at the instants where a process may die. One module per promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod app {
    mod cancelling;
    mod cuts;
    mod films;
    mod following;
    mod receiving;
    mod recipes;
    mod words;
}
