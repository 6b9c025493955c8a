//! The only way time enters the rules.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// An instant in UTC, millisecond precision: what both database engines keep without loss.
pub type Timestamp = DateTime<Utc>;

/// Gives the current instant. The program uses the machine's clock, tests a clock they move by hand.
pub trait Clock: Send + Sync {
    /// The current instant, truncated to the millisecond.
    fn now(&self) -> Timestamp;
}

/// Drops what is finer than a millisecond, so that a value read back from a database equals the one written.
#[must_use]
pub fn to_millisecond(at: Timestamp) -> Timestamp {
    at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at)
}
