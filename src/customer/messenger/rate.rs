//! How often may be called: 60 calls for a customer in any 60 seconds, and 600 in all in any second. The second bounds
//! what has to be remembered for the first: 36,000 calls of 16 bytes, however many customers there are.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Calls for one customer in [`CUSTOMER_SPAN`].
pub(super) const FOR_A_CUSTOMER: usize = 60;
const CUSTOMER_SPAN: Duration = Duration::from_mins(1);
/// Calls in all in [`TOTAL_SPAN`].
pub(super) const IN_ALL: usize = 600;
const TOTAL_SPAN: Duration = Duration::from_secs(1);

/// When it may be tried again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) retry_after: Duration,
}

/// The calls of late. What is refused does not count.
#[derive(Default)]
pub(super) struct Rate {
    recent: Mutex<Recent>,
    /// Customers are counted by the hash of their `user_id`, with a key that nobody knows.
    hasher: RandomState,
}

#[derive(Default)]
struct Recent {
    in_all: VecDeque<Duration>,
    of_customers: VecDeque<(Duration, u64)>,
    counts: HashMap<u64, usize>,
}

impl Rate {
    /// Takes one of the calls that may be made in all. `now` is of the monotonic clock.
    pub(super) fn take(&self, now: Duration) -> Result<(), TooMany> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.in_all.front().is_some_and(|at| now.saturating_sub(*at) >= TOTAL_SPAN) {
            recent.in_all.pop_front();
        }
        if let Some(oldest) = recent.in_all.front()
            && recent.in_all.len() >= IN_ALL
        {
            return Err(TooMany { retry_after: (*oldest + TOTAL_SPAN).saturating_sub(now) });
        }
        recent.in_all.push_back(now);
        Ok(())
    }

    /// Takes one of the calls that may be made for this customer; after [`Self::take`].
    pub(super) fn take_for(&self, user_id: &str, now: Duration) -> Result<(), TooMany> {
        let customer = self.hasher.hash_one(user_id);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.forget(now);
        if recent.counts.get(&customer).is_some_and(|count| *count >= FOR_A_CUSTOMER) {
            let oldest = recent.of_customers.iter().find(|(_, of)| *of == customer).map_or(now, |(at, _)| *at);
            return Err(TooMany { retry_after: (oldest + CUSTOMER_SPAN).saturating_sub(now) });
        }
        recent.of_customers.push_back((now, customer));
        *recent.counts.entry(customer).or_default() += 1;
        Ok(())
    }
}

impl Recent {
    fn forget(&mut self, now: Duration) {
        while let Some((_, customer)) = self.of_customers.pop_front_if(|(at, _)| now.saturating_sub(*at) >= CUSTOMER_SPAN) {
            if let Some(count) = self.counts.get_mut(&customer) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(&customer);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m4_sixty_calls_for_a_customer_in_any_sixty_seconds() {
        let rate = Rate::default();
        let second = Duration::from_secs(1);
        for number in 0..60 {
            assert_eq!(rate.take_for("ann", second * number / 2), Ok(()));
        }
        assert_eq!(rate.take_for("ann", second * 30), Err(TooMany { retry_after: second * 30 }));
        assert_eq!(rate.take_for("bob", second * 30), Ok(()), "another customer is not held up");
        assert!(rate.take_for("ann", second * 59).is_err());
        assert_eq!(rate.take_for("ann", second * 60), Ok(()), "the first one is a minute ago");
        assert_eq!(rate.take_for("ann", second * 60), Err(TooMany { retry_after: second / 2 }));
        rate.take_for("eve", second * 200).unwrap();
        let recent = rate.recent.lock().unwrap();
        assert_eq!((recent.counts.len(), recent.of_customers.len()), (1, 1), "nothing is kept of customers who call no more");
    }

    #[test]
    fn m4_six_hundred_calls_in_all_in_any_second() {
        let rate = Rate::default();
        for _ in 0..IN_ALL {
            assert_eq!(rate.take(Duration::from_millis(500)), Ok(()));
        }
        let later = Duration::from_millis(1499);
        assert_eq!(rate.take(later), Err(TooMany { retry_after: Duration::from_millis(1) }));
        assert_eq!(rate.take(Duration::from_millis(1500)), Ok(()));
        assert!(rate.recent.lock().unwrap().in_all.len() <= IN_ALL);
    }
}
