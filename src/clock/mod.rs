//! Time, passed in: whatever has to know the time takes a [`Clock`], so that a test can say what time it is.
//! Wall time is for people and records; durations and deadlines use the monotonic time, which never jumps.

mod fixed;

pub use fixed::FixedClock;

use std::time::{Duration, Instant};

use jiff::{Timestamp, Unit};

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The wall time; it may jump when somebody sets the machine's clock.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment in the past of this clock; it never goes back.
    fn monotonic(&self) -> Duration;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }
}

/// `2026-01-31T09:00:00.123Z`: RFC 3339 in UTC, always with three digits of milliseconds (cut, not rounded).
pub fn to_rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Milliseconds since 1970-01-01T00:00:00Z, cut, not rounded: the form in which times are stored.
pub fn to_millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time of so many milliseconds since 1970-01-01T00:00:00Z; beyond the years -9999 to 9999, the nearest that exists.
pub fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The stored form of a time as RFC 3339 with milliseconds.
pub fn millis_to_rfc3339(millis: i64) -> String {
    to_rfc3339(from_millis(millis))
}

/// How long it is from `earlier` to `later` by wall time, in whole milliseconds; negative when the clock was set back.
pub fn millis_between(earlier: Timestamp, later: Timestamp) -> i64 {
    earlier.until((Unit::Millisecond, later)).map_or(0, |span| span.get_milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_has_milliseconds_always() {
        let whole: Timestamp = "2026-01-31T09:00:00Z".parse().unwrap();
        assert_eq!(to_rfc3339(whole), "2026-01-31T09:00:00.000Z");
        let fine: Timestamp = "2026-01-31T09:00:00.123999Z".parse().unwrap();
        assert_eq!(to_rfc3339(fine), "2026-01-31T09:00:00.123Z");
        assert_eq!(millis_to_rfc3339(to_millis(fine)), "2026-01-31T09:00:00.123Z");
    }

    #[test]
    fn millis_out_of_range_stay_a_time() {
        assert_eq!(from_millis(i64::MAX), Timestamp::MAX);
        assert_eq!(from_millis(i64::MIN), Timestamp::MIN);
        assert_eq!(to_millis(from_millis(-1)), -1);
    }

    #[test]
    fn a_fixed_clock_goes_only_where_it_is_sent() {
        let start: Timestamp = "2026-01-31T09:00:00Z".parse().unwrap();
        let clock = FixedClock::new(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(to_rfc3339(clock.now()), "2026-01-31T09:00:01.500Z");
        assert_eq!(clock.monotonic(), Duration::from_millis(1500));
        assert_eq!(millis_between(start, clock.now()), 1500);

        clock.set_wall(start);
        assert_eq!(clock.now(), start);
        assert_eq!(clock.monotonic(), Duration::from_millis(1500), "a wall clock set back must not move the monotonic time");
    }

    #[test]
    fn the_system_clock_never_goes_back() {
        let clock = SystemClock::new();
        let first = clock.monotonic();
        assert!(clock.monotonic() >= first);
    }
}
