//! How long to wait after failed sign-ins. Pure rules: the counters are kept by `app`.
//!
//! Waits, never locks: a classmate who guesses in somebody's name costs them minutes, not their account. A whole
//! school sits behind one address on Monday at 8, so an address may fail far more often than a login.

use std::time::Duration;

/// One rule: how many failures are free, and how the wait grows after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    free: u32,
    longest: Duration,
    memory: Duration,
}

impl Throttle {
    /// For one login: five free failures, then 1 s doubling up to 5 minutes. Someone guessing without rest makes
    /// fewer than 300 attempts a day, which no password that passed the strength check yields to.
    pub const LOGIN: Self =
        Self { free: 5, longest: Duration::from_mins(5), memory: Duration::from_mins(60) };

    /// For one network address: two hundred free failures, then 1 s doubling up to 1 minute.
    pub const ADDRESS: Self =
        Self { free: 200, longest: Duration::from_mins(1), memory: Duration::from_mins(15) };

    /// The wait imposed by that many failures in a row, counted from the last one; `None` when there is none.
    #[must_use]
    pub fn after(&self, failures: u32) -> Option<Duration> {
        let beyond = failures.checked_sub(self.free)?;
        let doublings = beyond.min(u64::BITS - 1);
        let seconds = 1_u64 << doublings;
        Some(Duration::from_secs(seconds).min(self.longest))
    }

    /// How long after the last failure all of them are forgotten. A success forgets those of the login at once.
    #[must_use]
    pub fn memory(&self) -> Duration {
        self.memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_slips_cost_nothing() {
        assert!((0..5).all(|failures| Throttle::LOGIN.after(failures).is_none()));
    }

    #[test]
    fn the_wait_doubles_then_stops_growing() {
        let waits: Vec<_> = (5..9).filter_map(|failures| Throttle::LOGIN.after(failures)).collect();
        assert_eq!(waits, [1, 2, 4, 8].map(Duration::from_secs));
        assert_eq!(Throttle::LOGIN.after(1000), Some(Duration::from_mins(5)));
        assert_eq!(Throttle::LOGIN.after(u32::MAX), Some(Duration::from_mins(5)));
    }

    #[test]
    fn a_class_that_mistypes_behind_one_address_is_not_kept_out() {
        let thirty_pupils_three_slips_each = 90;
        assert_eq!(Throttle::ADDRESS.after(thirty_pupils_three_slips_each), None);
        assert!(Throttle::ADDRESS.after(u32::MAX) <= Some(Duration::from_mins(1)));
    }

    #[test]
    fn failures_are_remembered_longer_than_any_wait() {
        for rule in [Throttle::LOGIN, Throttle::ADDRESS] {
            assert!(Some(rule.memory()) > rule.after(u32::MAX));
        }
    }
}
