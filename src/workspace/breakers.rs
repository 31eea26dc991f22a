//! The circuit breakers of connectors: shown, reset and isolated (C5).

use serde::Serialize;

use super::Workspace;
use super::connectors::Configured;
use super::views::{Problem, WorkspaceEvent};
use crate::breaker::{Breaker, Event, Failure, Look, Refusal, State, failures_at, look, next};
use crate::clock::{millis_to_rfc3339, to_millis};
use crate::connector::Reliability;
use crate::execution::{ErrorType, keep_breaker, numbers, read_breaker};
use crate::store::connectors;

/// A breaker's state (C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Runs go through.
    Closed,
    /// Nothing is sent until the next probe.
    Open,
    /// One probe may go through, or is under way.
    HalfOpen,
    /// Opened by hand: only Reset ends it.
    Isolated,
}

/// A breaker as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct BreakerView {
    /// Its state.
    pub state: BreakerState,
    /// Failures in a row so far, within the window.
    pub failures: u32,
    /// So many open it: the number of what is live, if it is, else of the draft; as the next two.
    pub threshold: u32,
    /// Within so many seconds.
    pub window_seconds: u32,
    /// After so many seconds one probe is allowed.
    pub open_seconds: u32,
    /// When it came into this state (RFC 3339); `None` when it never left `closed`.
    pub changed_at: Option<String>,
    /// When the next probe is allowed (RFC 3339), while open; of a probe that is under way, until when it may take.
    pub next_probe_at: Option<String>,
    /// Whether the probe is under way.
    pub probing: bool,
    /// The failures counted so far or, when it is open, those that opened it; the newest first.
    pub opened_by: Vec<BreakerFailure>,
}

/// A failure that a breaker counted.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct BreakerFailure {
    /// The execution.
    pub execution_id: String,
    /// When it ended (RFC 3339).
    pub at: String,
    /// How it failed.
    pub error_type: ErrorType,
    /// The API's status, when it answered.
    pub http_status: Option<u16>,
}

/// A breaker at this moment, with the numbers of this configuration.
pub(super) fn view(breaker: &Breaker, reliability: &Reliability, now_ms: i64) -> BreakerView {
    let numbers = numbers(reliability);
    let looked = look(breaker, now_ms, numbers);
    let (state, until_ms) = match (&breaker.state, looked) {
        (State::Closed { .. }, _) => (BreakerState::Closed, None),
        (State::Isolated, _) => (BreakerState::Isolated, None),
        (State::Open { .. }, Look::Refused(Refusal::Open { until_ms, .. })) => (BreakerState::Open, Some(until_ms)),
        (_, Look::Refused(Refusal::Probing { until_ms })) => (BreakerState::HalfOpen, Some(until_ms)),
        (State::Open { .. } | State::HalfOpen { .. }, _) => (BreakerState::HalfOpen, None),
    };
    // It became half-open by itself when the wait was over; nobody has to write that down.
    let waited_ms =
        if state == BreakerState::HalfOpen && matches!(breaker.state, State::Open { .. }) { numbers.open_ms } else { 0 };
    let changed_at_ms = breaker.changed_at_ms.saturating_add(waited_ms).min(now_ms.max(breaker.changed_at_ms));
    let failures = failures_at(breaker, now_ms, numbers);
    BreakerView {
        state,
        failures: u32::try_from(failures.len()).unwrap_or(u32::MAX),
        threshold: reliability.failures,
        window_seconds: reliability.window_seconds,
        open_seconds: reliability.open_seconds,
        changed_at: (breaker.changes > 0).then(|| millis_to_rfc3339(changed_at_ms)),
        next_probe_at: until_ms.map(millis_to_rfc3339),
        probing: matches!(looked, Look::Refused(Refusal::Probing { .. })),
        opened_by: failures.into_iter().rev().filter_map(shown).collect(),
    }
}

fn shown(failure: &Failure) -> Option<BreakerFailure> {
    Some(BreakerFailure {
        execution_id: failure.execution_id.clone(),
        at: millis_to_rfc3339(failure.at_ms),
        error_type: ErrorType::from_name(&failure.error_type)?,
        http_status: failure.http_status,
    })
}

/// The numbers that a breaker is shown with: those of the configuration that runs from every source.
pub(super) fn reliability(configured: &Configured) -> Reliability {
    configured.live.as_ref().or(configured.draft.as_ref()).map(|config| config.reliability.clone()).unwrap_or_default()
}

impl Workspace {
    /// The breaker of a connector.
    ///
    /// # Errors
    /// When there is no such connector.
    pub async fn breaker(&self, connector_id: &str) -> Result<BreakerView, Problem> {
        let (id, clock) = (connector_id.to_owned(), self.inner.means.clock.clone());
        let read = self.database().read_async(move |connection| {
            let Some(row) = connectors::get(connection, &id)? else { return Ok(None) };
            let breaker = read_breaker(connection, &id)?;
            Ok(Some((row, breaker, to_millis(clock.now()))))
        });
        let (row, breaker, now_ms) = read.await?.ok_or_else(Problem::connector_gone)?;
        Ok(view(&breaker, &reliability(&Configured::read(row)?), now_ms))
    }

    /// Closes a breaker by hand and forgets what it counted (C5).
    ///
    /// # Errors
    /// When there is no such connector.
    pub async fn reset_breaker(&self, connector_id: &str) -> Result<BreakerView, Problem> {
        self.change_breaker(connector_id, Event::Reset).await
    }

    /// Opens a breaker by hand, until Reset (C1, C5).
    ///
    /// # Errors
    /// When there is no such connector.
    pub async fn isolate_breaker(&self, connector_id: &str) -> Result<BreakerView, Problem> {
        self.change_breaker(connector_id, Event::Isolated).await
    }

    async fn change_breaker(&self, connector_id: &str, event: Event) -> Result<BreakerView, Problem> {
        let (id, clock) = (connector_id.to_owned(), self.inner.means.clock.clone());
        let write = self.database().write_async(move |transaction| {
            if connectors::get(transaction, &id)?.is_none() {
                return Ok(None);
            }
            let before = read_breaker(transaction, &id)?;
            // What is done by hand asks for no numbers.
            let numbers = numbers(&Reliability::default());
            let after = next(before.clone(), event, to_millis(clock.now()), numbers);
            if after != before {
                keep_breaker(transaction, &id, &after)?;
            }
            Ok(Some(()))
        });
        write.await?.ok_or_else(Problem::connector_gone)?;
        self.tell(WorkspaceEvent::BreakerChanged { connector_id: connector_id.to_owned() });
        self.breaker(connector_id).await
    }
}
