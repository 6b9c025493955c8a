//! A clock that stands still until a test moves it.

use balado_domain::clock::{Clock, Timestamp};
use chrono::{DateTime, TimeDelta};
use std::sync::{Mutex, PoisonError};

/// Monday 5 October 2026, 08:00 UTC: term time in the school year 2026-2027, and in the past of every machine that runs the
/// tests, so that jobs stamped with it are due by the database's own clock.
const START_SECONDS: i64 = 1_791_187_200;

/// A clock moved by hand. Jobs and leases follow the database's clock instead (DESIGN §7).
#[derive(Debug)]
pub struct FakeClock {
    now: Mutex<Timestamp>,
}

impl Default for FakeClock {
    fn default() -> Self {
        Self { now: Mutex::new(DateTime::from_timestamp(START_SECONDS, 0).unwrap_or_default()) }
    }
}

impl FakeClock {
    /// Lets time pass. A negative step goes back.
    pub fn advance(&self, step: TimeDelta) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += step;
    }

    /// Sets the time.
    pub fn set(&self, to: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_it_is_moved() {
        let clock = FakeClock::default();
        let start = clock.now();
        assert_eq!(start.to_rfc3339(), "2026-10-05T08:00:00+00:00");
        assert_eq!(clock.now(), start);
        clock.advance(TimeDelta::seconds(-1));
        assert_eq!(start - clock.now(), TimeDelta::seconds(1));
    }
}
