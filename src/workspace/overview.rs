//! How all connectors and tokens are, at a glance.

use serde::{Deserialize, Serialize};

use super::Workspace;
use super::breakers::BreakerView;
use super::token_views::NamedRef;
use super::views::Problem;
use crate::connector::ConnectorState;
use crate::execution::ErrorType;
use crate::log::TimelineBucket;

/// How far back an overview looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum OverviewSpan {
    Hour,
    Day,
    Week,
}

/// How all connectors and tokens are.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Overview {
    /// From when on runs are counted (RFC 3339).
    pub since: String,
    /// Every connector: those that need attention first.
    pub connectors: Vec<ConnectorHealth>,
    /// The tokens whose value has expired or is about to, the soonest first.
    pub tokens: Vec<TokenHealth>,
}

/// How a connector is.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ConnectorHealth {
    /// The connector's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Draft or live (R1).
    pub state: ConnectorState,
    /// How many runs succeeded.
    pub succeeded: u32,
    /// How many did not.
    pub failed: u32,
    /// The median of their durations.
    pub p50_ms: Option<u32>,
    /// The duration that 95 of 100 stayed within.
    pub p95_ms: Option<u32>,
    /// Why they failed, the most frequent first.
    pub failures: Vec<FailureCount>,
    /// Its breaker.
    pub breaker: BreakerView,
    /// The span in small buckets.
    pub buckets: Vec<TimelineBucket>,
}

/// How many runs failed in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct FailureCount {
    /// The way.
    pub error_type: ErrorType,
    /// How many.
    pub count: u32,
}

/// A token whose value has an end.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TokenHealth {
    /// The token's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When its value ends (RFC 3339).
    pub expires_at: String,
    /// How that is known, in words, such as “`expires_in` of the last refresh”.
    pub known_from: String,
    /// Whether it is renewed by itself before that.
    pub refreshed_before: bool,
    /// The connectors that use it.
    pub used_by: Vec<NamedRef>,
}

impl Workspace {
    /// How all connectors and tokens are.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn overview(&self, _span: OverviewSpan) -> Result<Overview, Problem> {
        Err(Problem::interrupted())
    }
}
