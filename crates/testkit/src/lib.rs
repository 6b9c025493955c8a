//! Doubles and fixtures for the tests of every package: an application with people in it, a clock moved by hand, a
//! scripted transcoder, fresh databases, and an S3 server in the process.
//!
//! For tests only: what cannot be set up panics, with the reason, because a test that cannot run must fail.

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "app")]
pub mod builders;
pub mod clock;
pub mod postgres;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "app")]
pub mod transcoder;

#[cfg(feature = "app")]
pub use app::TestApp;
#[cfg(feature = "app")]
pub use builders::{Actor, Deposited};
pub use clock::FakeClock;

/// The value of a result, or a panic that says what failed and why.
#[cfg(feature = "app")]
#[track_caller]
pub(crate) fn must<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{what}: {error}"),
    }
}
