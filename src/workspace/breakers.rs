//! The circuit breakers of connectors: shown, reset and isolated (C5).

use serde::Serialize;

use super::Workspace;
use super::views::Problem;
use crate::execution::ErrorType;

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
    /// So many open it.
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

pub(super) fn view() -> BreakerView {
    BreakerView {
        state: BreakerState::Closed,
        failures: 0,
        threshold: 5,
        window_seconds: 600,
        open_seconds: 60,
        changed_at: None,
        next_probe_at: None,
        probing: false,
        opened_by: Vec::new(),
    }
}

impl Workspace {
    /// The breaker of a connector.
    ///
    /// # Errors
    /// When there is no such connector.
    pub async fn breaker(&self, _connector_id: &str) -> Result<BreakerView, Problem> {
        Err(Problem::connector_gone())
    }

    /// Closes a breaker by hand and forgets what it counted (C5).
    ///
    /// # Errors
    /// When there is no such connector.
    pub async fn reset_breaker(&self, _connector_id: &str) -> Result<BreakerView, Problem> {
        Err(Problem::connector_gone())
    }

    /// Opens a breaker by hand, until Reset (C1, C5).
    ///
    /// # Errors
    /// When there is no such connector.
    pub async fn isolate_breaker(&self, _connector_id: &str) -> Result<BreakerView, Problem> {
        Err(Problem::connector_gone())
    }
}
