//! Who writes next within this process. `SQLite` lets one connection write at a time and makes the others poll; taking
//! turns here avoids the polling, and lets a token value pass every waiting log entry (S6).

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The right to write, which one thread holds at a time.
#[derive(Default)]
pub(super) struct Turn {
    queue: Mutex<Queue>,
    freed: Condvar,
}

#[derive(Default)]
struct Queue {
    taken: bool,
    urgent: usize,
}

/// Holds the turn while it lives.
pub(super) struct Taken<'a> {
    turn: &'a Turn,
}

impl Turn {
    /// Waits only for the one who writes at this moment.
    pub fn take_urgently(&self) -> Taken<'_> {
        let mut queue = self.lock();
        queue.urgent += 1;
        let mut queue = self.freed.wait_while(queue, |queue| queue.taken).unwrap_or_else(PoisonError::into_inner);
        queue.urgent -= 1;
        queue.taken = true;
        Taken { turn: self }
    }

    /// Waits until nobody urgent waits either.
    pub fn take_patiently(&self) -> Taken<'_> {
        let queue = self.lock();
        let waits = |queue: &mut Queue| queue.taken || queue.urgent > 0;
        let mut queue = self.freed.wait_while(queue, waits).unwrap_or_else(PoisonError::into_inner);
        queue.taken = true;
        Taken { turn: self }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.turn.lock().taken = false;
        self.turn.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    #[test]
    fn s6_an_urgent_writer_passes_a_patient_one() {
        let turn = Arc::new(Turn::default());
        let held = turn.take_urgently();
        let (order, ordered) = mpsc::channel();
        let spawn = |name: &'static str, urgent: bool| {
            let (turn, order) = (turn.clone(), order.clone());
            std::thread::spawn(move || {
                let _taken = if urgent { turn.take_urgently() } else { turn.take_patiently() };
                order.send(name).unwrap();
            })
        };
        let patient = spawn("patient", false);
        let urgent = spawn("urgent", true);
        while turn.lock().urgent == 0 {
            std::thread::yield_now();
        }
        drop(held);
        assert_eq!(ordered.recv().unwrap(), "urgent");
        assert_eq!(ordered.recv().unwrap(), "patient");
        patient.join().unwrap();
        urgent.join().unwrap();
    }
}
