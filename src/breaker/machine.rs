//! What a breaker decides (C3, C4).

use super::{Breaker, Failure, Probe, State};

/// The three numbers of a connector (C3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// So many failures in a row open it; at least 1.
    pub failures: usize,
    /// Within so many milliseconds.
    pub window_ms: i64,
    /// After so many milliseconds one probe is allowed.
    pub open_ms: i64,
}

/// What becomes of a run that is about to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It goes through.
    Through,
    /// It may claim to be the probe.
    MayProbe,
    /// It ends at once (C4).
    Refused(Refusal),
}

/// Why a run is refused (C4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The breaker is open.
    Open {
        /// How many failures opened it.
        failures: usize,
        /// When one probe is allowed.
        until_ms: i64,
    },
    /// The probe is under way.
    Probing {
        /// When another run may be the probe, if this one brings nothing.
        until_ms: i64,
    },
    /// It was opened by hand.
    Isolated,
}

/// What happens to a breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A run is about to send its first byte, and claims to be the probe.
    Claimed {
        /// Names the claim; no other has the same.
        claim: String,
        /// How long the run may take, in milliseconds.
        allowed_ms: i64,
    },
    /// A run has ended.
    Ended {
        /// When it began, as far as the breaker is concerned.
        ticket: Ticket,
        /// How it counts.
        outcome: Outcome,
    },
    /// Closed by hand (C5).
    Reset,
    /// Opened by hand (C5).
    Isolated,
}

/// What a run was let through by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ticket {
    /// The breaker was closed, and had changed its state so often.
    Closed {
        /// [`Breaker::changes`] at that time.
        changes: i64,
    },
    /// It is the probe of this claim.
    Probe {
        /// The claim.
        claim: String,
    },
}

/// How the end of a run counts (C2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The API answered.
    Success,
    /// It did not, or the login did not.
    Failure(Failure),
    /// Neither of them had a say in it.
    Neutral,
}

/// What the breaker does with a run that is about to begin.
pub fn look(breaker: &Breaker, now_ms: i64, numbers: Numbers) -> Look {
    match &breaker.state {
        State::Closed { .. } => Look::Through,
        State::Isolated => Look::Refused(Refusal::Isolated),
        State::Open { failures } => {
            let until_ms = breaker.changed_at_ms.saturating_add(numbers.open_ms);
            if is_within(now_ms, breaker.changed_at_ms, until_ms) {
                Look::Refused(Refusal::Open { failures: failures.len(), until_ms })
            } else {
                Look::MayProbe
            }
        }
        State::HalfOpen { probe: Some(probe), .. } if is_within(now_ms, probe.claimed_at_ms, probe.deadline_ms) => {
            Look::Refused(Refusal::Probing { until_ms: probe.deadline_ms })
        }
        State::HalfOpen { .. } => Look::MayProbe,
    }
}

/// Whether a wait is still going on; before its beginning it is not, for then the clock was set back.
fn is_within(now_ms: i64, from_ms: i64, until_ms: i64) -> bool {
    (from_ms..until_ms).contains(&now_ms)
}

/// What becomes of the breaker.
#[must_use]
pub fn next(breaker: Breaker, event: Event, now_ms: i64, numbers: Numbers) -> Breaker {
    match event {
        Event::Reset if breaker.is_closed() => Breaker { state: State::default(), ..breaker },
        Event::Reset => changed(breaker.changes, now_ms, State::default()),
        Event::Isolated if breaker.state == State::Isolated => breaker,
        Event::Isolated => changed(breaker.changes, now_ms, State::Isolated),
        Event::Claimed { claim, allowed_ms } => claimed(breaker, claim, allowed_ms, now_ms, numbers),
        Event::Ended { ticket: Ticket::Closed { changes }, outcome } if changes == breaker.changes => {
            counted(breaker, outcome, now_ms, numbers)
        }
        Event::Ended { ticket: Ticket::Closed { .. }, .. } => breaker,
        Event::Ended { ticket: Ticket::Probe { claim }, outcome } => probed(breaker, &claim, outcome, now_ms, numbers),
    }
}

fn changed(changes: i64, now_ms: i64, state: State) -> Breaker {
    Breaker { changes: changes.saturating_add(1), changed_at_ms: now_ms, state }
}

/// Only one run at a time gets the claim; for any other the breaker stays as it is.
fn claimed(breaker: Breaker, id: String, allowed_ms: i64, now_ms: i64, numbers: Numbers) -> Breaker {
    if look(&breaker, now_ms, numbers) != Look::MayProbe {
        return breaker;
    }
    let probe = Some(Probe { id, claimed_at_ms: now_ms, deadline_ms: now_ms.saturating_add(allowed_ms) });
    match breaker.state {
        State::Open { failures } => changed(breaker.changes, now_ms, State::HalfOpen { failures, probe }),
        State::HalfOpen { failures, .. } => Breaker { state: State::HalfOpen { failures, probe }, ..breaker },
        State::Closed { .. } | State::Isolated => breaker,
    }
}

/// The failures that count at present, the oldest first: of a closed breaker those within the window, else those that
/// opened it. No more than would open it.
pub fn failures_at(breaker: &Breaker, now_ms: i64, numbers: Numbers) -> Vec<&Failure> {
    let counts = |failure: &&Failure| !breaker.is_closed() || is_in_window(failure, now_ms, numbers);
    let mut failures: Vec<_> = breaker.failures().iter().filter(counts).collect();
    let surplus = failures.len().saturating_sub(numbers.failures);
    failures.drain(..surplus);
    failures
}

/// The end of a run that began in the state that the breaker still has.
fn counted(breaker: Breaker, outcome: Outcome, now_ms: i64, numbers: Numbers) -> Breaker {
    let Breaker { changes, changed_at_ms, state: State::Closed { failures } } = breaker else { return breaker };
    let failures = match outcome {
        Outcome::Neutral => failures,
        Outcome::Success => Vec::new(),
        Outcome::Failure(failure) => {
            let mut failures = failures;
            for earlier in &mut failures {
                // The clock was set back since.
                earlier.at_ms = earlier.at_ms.min(now_ms);
            }
            failures.retain(|earlier| is_in_window(earlier, now_ms, numbers));
            let failures = with(failures, failure, now_ms, numbers);
            if failures.len() >= numbers.failures {
                return changed(changes, now_ms, State::Open { failures });
            }
            failures
        }
    };
    Breaker { changes, changed_at_ms, state: State::Closed { failures } }
}

/// Whether a failure still counts; one that seems to lie in the future does.
fn is_in_window(failure: &Failure, now_ms: i64, numbers: Numbers) -> bool {
    now_ms.saturating_sub(failure.at_ms) <= numbers.window_ms
}

/// The newest failures, this one the last; no more than open a breaker.
fn with(mut failures: Vec<Failure>, failure: Failure, now_ms: i64, numbers: Numbers) -> Vec<Failure> {
    failures.push(Failure { at_ms: now_ms, ..failure });
    let surplus = failures.len().saturating_sub(numbers.failures.max(1));
    failures.drain(..surplus);
    failures
}

/// The end of a probe. One that comes after its deadline, or whose claim went to another, counts for nothing.
fn probed(breaker: Breaker, claim: &str, outcome: Outcome, now_ms: i64, numbers: Numbers) -> Breaker {
    let Breaker { changes, changed_at_ms, state: State::HalfOpen { failures, probe: Some(probe) } } = breaker else {
        return breaker;
    };
    if probe.id != claim || now_ms >= probe.deadline_ms {
        return Breaker { changes, changed_at_ms, state: State::HalfOpen { failures, probe: Some(probe) } };
    }
    match outcome {
        Outcome::Neutral => Breaker { changes, changed_at_ms, state: State::HalfOpen { failures, probe: None } },
        Outcome::Success => changed(changes, now_ms, State::default()),
        Outcome::Failure(failure) => {
            changed(changes, now_ms, State::Open { failures: with(failures, failure, now_ms, numbers) })
        }
    }
}
