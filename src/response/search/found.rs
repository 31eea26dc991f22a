//! What a search has found so far: written by the search, read by who looks for the next match.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// So many matches are kept to be visited; the others are counted.
pub(super) const MOST_KEPT: usize = 1_000_000;

/// Matches in their order, 4 bytes for each that is kept.
#[derive(Default)]
pub(super) struct Found {
    /// Where matching members start.
    places: Mutex<Vec<u32>>,
    count: AtomicU32,
    stopped: AtomicBool,
}

impl Found {
    /// Adds what was found in a part of the body.
    pub fn add(&self, places: &mut Vec<u32>) {
        let number = u32::try_from(places.len()).unwrap_or(u32::MAX);
        self.count.fetch_add(number, Ordering::Relaxed);
        let mut kept = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_KEPT.saturating_sub(kept.len());
        places.truncate(room);
        kept.append(places);
        places.clear();
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether there are more than can be visited.
    pub fn capped(&self) -> bool {
        self.count() as usize > MOST_KEPT
    }

    /// Tells the search that nobody wants more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether nobody wants more.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether the member that starts here is kept.
    pub fn holds(&self, place: u32) -> bool {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).binary_search(&place).is_ok()
    }

    /// The match after or before a place, starting again at the other end.
    pub fn neighbour(&self, from: Option<u32>, backwards: bool) -> Option<u32> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let next = match (from, backwards) {
            (None, false) => 0,
            (None, true) => places.len().checked_sub(1)?,
            (Some(from), false) => places.partition_point(|place| *place <= from) % places.len().max(1),
            (Some(from), true) => {
                places.partition_point(|place| *place < from).checked_sub(1).or_else(|| places.len().checked_sub(1))?
            }
        };
        places.get(next).copied()
    }
}
