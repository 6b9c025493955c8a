//! The machine's clock. The one place of the service that asks it.

use balado_domain::clock::{Clock, Timestamp, to_millisecond};
use chrono::Utc;

/// The machine's clock, in UTC, to the millisecond.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        to_millisecond(Utc::now())
    }
}
