//! An execution as it is recorded and shown: every text in it has been redacted already (S2).

use serde::{Deserialize, Serialize};

use super::outcome::ErrorType;
use crate::connector::HttpMethod;
use crate::http::Exchange;

/// One run of a connector, with its steps.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Execution {
    /// A time-ordered UUID, so that newer executions have greater ids.
    pub id: String,
    /// The connector that ran.
    pub connector_id: String,
    /// Its name at that time.
    pub connector_name: String,
    /// What triggered it.
    pub source_type: SourceType,
    /// Whether it did what it was asked.
    pub success: bool,
    /// How it failed, if it did (E11).
    pub error_type: Option<ErrorType>,
    /// What happened, in one plain sentence (E11).
    pub sentence: String,
    /// What to do now, in one sentence; empty when nothing is to be done (E11).
    pub next_step: String,
    /// Something worth knowing although it is no error (E8).
    pub hint: Option<String>,
    /// The status of the API's last answer.
    pub http_status: Option<u16>,
    /// The connector's method.
    pub http_method: HttpMethod,
    /// From start to end, in milliseconds.
    pub execution_time_ms: u32,
    /// When it began (RFC 3339).
    pub created_at: String,
    /// The URL, redacted; `None` when none could be built.
    pub request_url: Option<String>,
    /// The body that was sent, redacted.
    pub request_body: Option<String>,
    /// The response as mapped, redacted.
    pub response_body: Option<String>,
    /// The response as it came, redacted.
    pub raw_response_body: Option<String>,
    /// Whether it was played with the mock response, without the network (R2).
    pub mock: bool,
    /// The `user_id` of the customer for whom it ran.
    #[serde(default)]
    pub customer: Option<String>,
    /// Each generation of a token that it sent, in the order of sending; of one token two when a retry sent a newer one.
    #[serde(default)]
    pub sent_tokens: Vec<SentGeneration>,
    /// What it was given, so that it can be run again.
    #[serde(default)]
    pub inputs: Vec<RecordedInput>,
    /// When the breaker lets a probe through, for a run that it refused (C4); `None` when only Reset ends that.
    #[serde(default)]
    pub next_probe_at: Option<String>,
    /// What it did, in order.
    pub steps: Vec<Step>,
    /// Which value went to which attribute (R3).
    pub mapped_fields: Vec<MappedField>,
}

/// The value of an input as it was given.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RecordedInput {
    /// The input's name.
    pub name: String,
    /// Its value as text, redacted.
    pub value: String,
    /// Whether something of it was redacted, so that it has to be given anew.
    pub redacted: bool,
}

/// A generation of a token that took part in a run; never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct SentGeneration {
    /// The token.
    pub token_id: String,
    /// Its name at that time.
    pub name: String,
    /// The generation: of a user token, of the customer's value.
    pub generation: u32,
}

/// A line of the log.
#[derive(Debug, Clone, Serialize, specta::Type)]
#[expect(missing_docs, reason = "the fields of `Execution`, in short")]
pub struct ExecutionRow {
    /// Its place in the order of commits: greater for every later one, never used twice. The log is in this order.
    pub seq: f64,
    pub id: String,
    pub connector_id: String,
    pub customer: Option<String>,
    pub source_type: SourceType,
    pub success: bool,
    pub error_type: Option<ErrorType>,
    pub sentence: String,
    pub http_status: Option<u16>,
    pub execution_time_ms: u32,
    pub created_at: String,
    /// How many tokens it fetched or refreshed.
    pub refreshes: u32,
}

/// One page of a log, newest first.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ExecutionPage {
    /// The rows.
    pub rows: Vec<ExecutionRow>,
    /// Continue before this `seq`; `None` at the end.
    pub before: Option<f64>,
    /// So many of the newest executions are not in the search index yet; only a search misses them.
    pub behind: u32,
}

/// Which executions to list; each field narrows further, and an absent one does not.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
#[serde(default)]
pub struct ExecutionFilter {
    /// Only of this connector.
    pub connector_id: Option<String>,
    /// Only those that began at this moment or later (RFC 3339).
    pub since: Option<String>,
    /// Only those that began before this moment (RFC 3339).
    pub until: Option<String>,
    /// Only successes or only failures.
    pub success: Option<bool>,
    /// Only this outcome.
    pub error_type: Option<ErrorType>,
    /// Only from this source.
    pub source_type: Option<SourceType>,
    /// Only this execution.
    pub execution_id: Option<String>,
    /// Only for the customer with this `user_id`.
    pub customer: Option<String>,
    /// Only with this status of the API's last answer: `404`, a class such as `4xx`, or `none` for no answer.
    pub http_status: Option<String>,
    /// Only those whose requests, responses or sentences hold all these words: the last one may be a beginning, and words in
    /// quotes stand together.
    pub search: Option<String>,
}

/// What triggered an execution: Intercom's values and our own `test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Intercom's names")]
pub enum SourceType {
    #[default]
    Test,
    CustomBot,
    InboundCustomBot,
    ButtonCustomBot,
    Answer,
    Workflow,
    SavedReply,
    TriggerableCustomBot,
    Inbox,
    Fin,
}

/// One thing that a run did.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Step {
    /// What it was.
    pub kind: StepKind,
    /// How it went.
    pub outcome: StepOutcome,
    /// The status that came back, if one did.
    pub http_status: Option<u16>,
    /// From the run's start to this step's, in milliseconds.
    pub started_ms: u32,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// What was decided and why, in words.
    pub detail: String,
    /// The token it was about.
    pub token: Option<StepToken>,
    /// What went over the wire, if this run sent it itself, or shared its failure with the run that did (E6, E7).
    pub exchange: Option<Exchange>,
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// A condition that lets the run go on or refuses it.
    Gate,
    /// The first request to the API.
    Request,
    /// A token fetched or refreshed, or a newer value taken.
    Refresh,
    /// The one repetition after a 401 (E4).
    Retry,
    /// The response read and mapped.
    Mapping,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum StepOutcome {
    /// As wished.
    Passed,
    /// Not as wished.
    Failed,
    /// A gate said no.
    Refused,
    /// There was nothing to do.
    Skipped,
    /// The run was cancelled here.
    Cancelled,
}

/// The token that a step was about.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct StepToken {
    /// Its id.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// The generation before the step; 0 is none.
    pub generation_before: u32,
    /// The generation after it.
    pub generation_after: u32,
    /// Whether another run's refresh was joined or taken instead of an own one (E6).
    pub shared: bool,
}

/// One mapped value (R3).
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct MappedField {
    /// `conversation` or `user`.
    pub object_type: String,
    /// The attribute it goes to.
    pub attribute: String,
    /// Where it stands in the response.
    pub path: String,
    /// The value as JSON text, redacted.
    pub value: String,
}

impl ExecutionFilter {
    /// Every execution of one connector.
    pub fn of_connector(connector_id: &str) -> Self {
        Self { connector_id: Some(connector_id.to_owned()), ..Self::default() }
    }
}

impl Execution {
    /// How many tokens this run fetched or refreshed, or had renewed by a flight that it joined.
    pub fn refreshes(&self) -> u32 {
        let renewed = self.steps.iter().filter(|step| step.kind == StepKind::Refresh && step.outcome == StepOutcome::Passed);
        u32::try_from(renewed.count()).unwrap_or(u32::MAX)
    }
}

impl SourceType {
    /// Every source, `test` first.
    pub const ALL: [Self; 10] = [
        Self::Test,
        Self::CustomBot,
        Self::InboundCustomBot,
        Self::ButtonCustomBot,
        Self::Answer,
        Self::Workflow,
        Self::SavedReply,
        Self::TriggerableCustomBot,
        Self::Inbox,
        Self::Fin,
    ];

    /// The wire name, such as `custom_bot`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::CustomBot => "custom_bot",
            Self::InboundCustomBot => "inbound_custom_bot",
            Self::ButtonCustomBot => "button_custom_bot",
            Self::Answer => "answer",
            Self::Workflow => "workflow",
            Self::SavedReply => "saved_reply",
            Self::TriggerableCustomBot => "triggerable_custom_bot",
            Self::Inbox => "inbox",
            Self::Fin => "fin",
        }
    }

    /// The source of a wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}
