//! Use cases on real SQLite and local disk, at the instants where a process may die. One module per promise.

mod app {
    mod receiving;
}
