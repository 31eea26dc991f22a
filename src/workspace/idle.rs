//! How long the user has been away. The page says when the user is there; this decides, with times passed in.

use std::time::Duration;

use crate::clock::{Clock, to_millis};

/// When the user was there last, by both clocks: the monotonic one stands still while a machine sleeps, and the wall
/// clock can be set back. The longer of the two absences counts.
#[derive(Debug, Clone, Copy)]
pub struct Idle {
    monotonic: Duration,
    wall_ms: i64,
}

impl Idle {
    /// The user is there now.
    pub fn since_now(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall_ms: to_millis(clock.now()) }
    }

    /// How long the user has been away.
    pub fn lasted(&self, clock: &dyn Clock) -> Duration {
        let by_wall = to_millis(clock.now()).saturating_sub(self.wall_ms);
        let by_wall = Duration::from_millis(u64::try_from(by_wall).unwrap_or(0));
        clock.monotonic().saturating_sub(self.monotonic).max(by_wall)
    }

    /// Whether the user has been away for so many minutes; never with 0.
    pub fn has_lasted(&self, minutes: u32, clock: &dyn Clock) -> bool {
        minutes > 0 && self.lasted(clock) >= Duration::from_secs(u64::from(minutes) * 60)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Mutex;

    use rstest::rstest;

    use super::*;
    use crate::clock::from_millis;

    /// Both clocks, each set by hand, in seconds.
    struct Clocks(Mutex<Cell<(u64, i64)>>);

    impl Clock for Clocks {
        fn now(&self) -> jiff::Timestamp {
            from_millis(self.0.lock().unwrap().get().1 * 1000)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.lock().unwrap().get().0)
        }
    }

    #[rstest]
    #[case::both_clocks(60, 60, true)]
    #[case::a_second_too_few(59, 59, false)]
    #[case::asleep(1, 3600, true)]
    #[case::wall_clock_set_back(60, -7200, true)]
    #[case::wall_clock_set_back_and_there(59, -7200, false)]
    fn the_longer_absence_of_the_two_clocks_counts(#[case] monotonic: u64, #[case] wall: i64, #[case] away: bool) {
        let clocks = Clocks(Mutex::new(Cell::new((100, 1_000_000))));
        let idle = Idle::since_now(&clocks);
        clocks.0.lock().unwrap().set((100 + monotonic, 1_000_000 + wall));
        assert_eq!(idle.has_lasted(1, &clocks), away);
        assert!(!idle.has_lasted(0, &clocks), "0 is never");
        assert!(!Idle::since_now(&clocks).has_lasted(1, &clocks), "activity begins it anew");
    }
}
