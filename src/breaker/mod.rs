//! The circuit breaker of a connector, as a pure state machine (C1–C3): [`look`] says what it does with a run that is about
//! to begin, and [`next`] what becomes of it when something happens. Nothing is read, kept or timed here: the time is
//! passed in, in milliseconds of wall time, because processes share a breaker and it outlives them.
//!
//! Wall time can be set back. A time that would be in the future counts as now, so that nobody ever waits longer than
//! the numbers say; the worst that comes of it is one probe that is too early.

mod machine;
#[cfg(test)]
mod tests;

pub use machine::{Event, Look, Numbers, Outcome, Refusal, Ticket, failures_at, look, next};

/// A breaker: its state, and how it came into it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Breaker {
    /// How often it has changed its state; results of runs that began before the last change do not count (C3).
    pub changes: i64,
    /// When it did so last; meaningless while it never did.
    pub changed_at_ms: i64,
    /// What it does at present.
    pub state: State,
}

/// What a breaker does (C1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Runs go through.
    Closed {
        /// The failures in a row so far, the oldest first.
        failures: Vec<Failure>,
    },
    /// Nothing is sent until the wait is over.
    Open {
        /// What opened it, the oldest first.
        failures: Vec<Failure>,
    },
    /// The wait is over: one run goes through to find out.
    HalfOpen {
        /// What opened it, the oldest first.
        failures: Vec<Failure>,
        /// The run that does so; `None` when the one that had claimed it gave it back.
        probe: Option<Probe>,
    },
    /// Opened by hand, until it is reset.
    Isolated,
}

/// A failure that was counted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// The execution.
    pub execution_id: String,
    /// When it ended.
    pub at_ms: i64,
    /// How it failed: a wire name (E11).
    pub error_type: String,
    /// The API's status, when it answered.
    pub http_status: Option<u16>,
}

/// The claim of a probe (C3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Names the claim.
    pub id: String,
    /// When it was made.
    pub claimed_at_ms: i64,
    /// From then on its result counts for nothing, and another run may be the probe.
    pub deadline_ms: i64,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: Vec::new() }
    }
}

impl Breaker {
    /// Whether runs go through without being looked at any closer.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// The failures counted so far or, when it is open, those that opened it; the oldest first.
    pub fn failures(&self) -> &[Failure] {
        match &self.state {
            State::Closed { failures } | State::Open { failures } | State::HalfOpen { failures, .. } => failures,
            State::Isolated => &[],
        }
    }

    /// Whether the run that made this claim is its probe.
    pub fn is_probed_by(&self, claim: &str) -> bool {
        matches!(&self.state, State::HalfOpen { probe: Some(probe), .. } if probe.id == claim)
    }
}
