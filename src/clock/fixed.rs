//! A clock that stands still until it is moved, for tests and simulations.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::Clock;

/// A clock that stands still until it is moved: for tests and simulations, never for a workspace that people use.
#[derive(Debug)]
pub struct FixedClock {
    hands: Mutex<Hands>,
}

#[derive(Debug, Clone, Copy)]
struct Hands {
    wall: Timestamp,
    monotonic: Duration,
}

impl FixedClock {
    /// A clock that shows `at`, its monotonic time at zero.
    pub fn new(at: Timestamp) -> Self {
        Self { hands: Mutex::new(Hands { wall: at, monotonic: Duration::ZERO }) }
    }

    /// Lets `by` pass on both hands; the wall time stops at the last time that can be written.
    pub fn advance(&self, by: Duration) {
        self.turn(|hands| {
            hands.wall = hands.wall.checked_add(by).unwrap_or(Timestamp::MAX);
            hands.monotonic = hands.monotonic.saturating_add(by);
        });
    }

    /// Sets the wall time alone, as somebody who corrects the machine's clock does.
    pub fn set_wall(&self, at: Timestamp) {
        self.turn(|hands| hands.wall = at);
    }

    fn turn<T>(&self, act: impl FnOnce(&mut Hands) -> T) -> T {
        act(&mut self.hands.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.turn(|hands| hands.wall)
    }

    fn monotonic(&self) -> Duration {
        self.turn(|hands| hands.monotonic)
    }
}
