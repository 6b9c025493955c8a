//! The program as its users run it: real processes, real requests, both engines. One module per promise.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod balado {
    pub(crate) mod browser;
    pub(crate) mod command_line;
    pub(crate) mod crash;
    pub(crate) mod following;
    pub(crate) mod hostile;
    pub(crate) mod instance;
    pub(crate) mod path;
    pub(crate) mod queue;
    pub(crate) mod tus;
}
