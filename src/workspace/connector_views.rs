//! Connectors as clients see them.

use serde::Serialize;

use super::breakers::BreakerView;
use super::token_views::NamedRef;
use crate::connector::{ConnectorDraft, ConnectorState};

/// A line of the connector list.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ConnectorSummary {
    /// The connector's id.
    pub id: String,
    /// Its unique name.
    pub name: String,
    /// HTTP method in Intercom's spelling (`get`).
    pub http_method: String,
    /// The host of its URL; empty while it has none.
    pub host: String,
    /// Draft or live (R1).
    pub state: ConnectorState,
    /// A live connector has edits that are not live yet (R1).
    pub has_unpublished_edits: bool,
    /// The tokens attached to it.
    pub tokens: Vec<NamedRef>,
    /// What its breaker does at present (C5).
    pub breaker: BreakerView,
    /// Its newest execution.
    pub last_execution: Option<LastExecution>,
}

/// The newest execution of a connector, in short.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct LastExecution {
    /// When (RFC 3339).
    pub at: String,
    /// Whether it succeeded.
    pub success: bool,
    /// The API's status, when it answered.
    pub http_status: Option<u16>,
}

/// A connector with everything its *Setup* tab shows: the draft copy when there is one, else what is live.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ConnectorDetail {
    /// What the list shows.
    pub summary: ConnectorSummary,
    /// The editable configuration; secret header values are left out (T8).
    pub draft: ConnectorDraft,
    /// Why it can't be set live yet, if so.
    pub not_ready: Option<String>,
    /// When it was made (RFC 3339).
    pub created_at: String,
    /// When it was last changed (RFC 3339).
    pub updated_at: String,
}
