//! An execution as it is printed: Intercom's `data_connector_execution_result` with our steps beside it, or the
//! story of the run for people.

use latchkey::connector::HttpMethod;
use latchkey::execution::{ErrorType, Execution, SentGeneration, SourceType, Step, StepKind, StepOutcome};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Look, Output};

/// So many lines of a response are shown to people.
const SHOWN_LINES: usize = 40;
/// So many characters of one line are.
const SHOWN_CHARACTERS: usize = 400;

/// `data_connector_execution_result`, and our own fields after it.
#[derive(Serialize)]
pub struct ExecutionObject<'a> {
    #[serde(rename = "type")]
    object_type: &'static str,
    id: &'a str,
    data_connector_id: &'a str,
    success: bool,
    http_status: Option<u16>,
    http_method: HttpMethod,
    error_type: Option<ErrorType>,
    error_message: Option<&'a str>,
    execution_time_ms: u32,
    source_type: SourceType,
    source_id: Option<&'a str>,
    conversation_id: Option<&'a str>,
    created_at: &'a str,
    request_url: Option<&'a str>,
    request_body: Option<&'a str>,
    response_body: Option<&'a str>,
    raw_response_body: Option<&'a str>,
    hint: Option<&'a str>,
    next_step: Option<&'a str>,
    next_probe_at: Option<&'a str>,
    customer: Option<&'a str>,
    sent_tokens: &'a [SentGeneration],
    steps: Vec<StepObject<'a>>,
}

#[derive(Serialize)]
struct StepObject<'a> {
    kind: StepKind,
    outcome: StepOutcome,
    http_status: Option<u16>,
    duration_ms: u32,
    detail: &'a str,
}

impl<'a> From<&'a Execution> for ExecutionObject<'a> {
    fn from(execution: &'a Execution) -> Self {
        Self {
            object_type: "data_connector.execution",
            id: &execution.id,
            data_connector_id: &execution.connector_id,
            success: execution.success,
            http_status: execution.http_status,
            http_method: execution.http_method,
            error_type: execution.error_type,
            error_message: (!execution.success).then_some(execution.sentence.as_str()),
            execution_time_ms: execution.execution_time_ms,
            source_type: execution.source_type,
            source_id: None,
            conversation_id: None,
            created_at: &execution.created_at,
            request_url: execution.request_url.as_deref(),
            request_body: execution.request_body.as_deref(),
            response_body: execution.response_body.as_deref(),
            raw_response_body: execution.raw_response_body.as_deref(),
            hint: execution.hint.as_deref(),
            next_step: Some(execution.next_step.as_str()).filter(|step| !step.is_empty()),
            next_probe_at: execution.next_probe_at.as_deref(),
            customer: execution.customer.as_deref(),
            sent_tokens: &execution.sent_tokens,
            steps: execution.steps.iter().map(StepObject::from).collect(),
        }
    }
}

impl<'a> From<&'a Step> for StepObject<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            kind: step.kind,
            outcome: step.outcome,
            http_status: step.http_status,
            duration_ms: step.duration_ms,
            detail: &step.detail,
        }
    }
}

/// Prints one step of a run, a line.
///
/// # Errors
/// When it can't be printed.
pub fn show_step(step: &Step, output: &Output) -> Result<(), Failure> {
    let kind = match step.kind {
        StepKind::Gate => "gate",
        StepKind::Request => "request",
        StepKind::Refresh => "refresh",
        StepKind::Retry => "retry",
        StepKind::Mapping => "mapping",
    };
    let (outcome, look) = match step.outcome {
        StepOutcome::Passed => ("passed", Look::Good),
        StepOutcome::Failed => ("failed", Look::Bad),
        StepOutcome::Refused => ("refused", Look::Bad),
        StepOutcome::Skipped => ("skipped", Look::Quiet),
        StepOutcome::Cancelled => ("cancelled", Look::Bad),
    };
    let status = step.http_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    output.pieces(&[
        (Look::Strong, &format!("{kind:<9}")),
        (look, &format!("{outcome:<10}")),
        (Look::Plain, &format!("{status:<4}{:>6} ms  ", step.duration_ms)),
        (Look::Plain, &step.detail),
    ])
}

/// Prints how a run ended; its steps were printed before.
///
/// # Errors
/// When it can't be printed.
pub fn show_ending(execution: &Execution, output: &Output) -> Result<(), Failure> {
    let (word, look) = if execution.success { ("Succeeded: ", Look::Good) } else { ("Failed: ", Look::Bad) };
    let mut rest = format!("{} ({} ms)", execution.sentence, execution.execution_time_ms);
    if let Some(error_type) = execution.error_type {
        rest = format!("{rest} [{}]", error_type.name());
    }
    output.line("")?;
    output.pieces(&[(look, word), (Look::Plain, &rest)])?;
    if !execution.next_step.is_empty() {
        output.line(&format!("  next: {}", execution.next_step))?;
    }
    if let Some(at) = &execution.next_probe_at {
        output.line(&format!("  next probe: {at}"))?;
    }
    if let Some(hint) = &execution.hint {
        output.line(&format!("  hint: {hint}"))?;
    }
    if let Some(customer) = &execution.customer {
        output.line(&format!("  customer: {customer}"))?;
    }
    if !execution.sent_tokens.is_empty() {
        let sent = execution.sent_tokens.iter().map(|sent| format!("{} (generation {})", sent.name, sent.generation));
        output.line(&format!("  tokens sent: {}", sent.collect::<Vec<_>>().join(", ")))?;
    }
    if !execution.mapped_fields.is_empty() {
        output.pieces(&[(Look::Strong, "Mapped fields:")])?;
    }
    for field in &execution.mapped_fields {
        output.line(&format!("  {}.{} = {}  (from {})", field.object_type, field.attribute, field.value, field.path))?;
    }
    match last_body(execution) {
        Some(body) => {
            output.pieces(&[(Look::Strong, "Response:")])?;
            show_body(body, output)
        }
        None => Ok(()),
    }
}

/// What the API said last: the body as used, or the one that came with a failure.
fn last_body(execution: &Execution) -> Option<&str> {
    let own = execution.response_body.as_deref().or(execution.raw_response_body.as_deref());
    let sent = execution.steps.iter().rev().filter(|step| step.kind != StepKind::Refresh);
    own.or_else(|| sent.into_iter().find_map(|step| step.exchange.as_ref())?.response_body.as_deref())
}

fn show_body(body: &str, output: &Output) -> Result<(), Failure> {
    let text = match serde_json::from_str::<serde_json::Value>(body) {
        Ok(value) if !value.is_string() => format!("{value:#}"),
        _ => body.to_owned(),
    };
    let mut lines = text.lines();
    for line in lines.by_ref().take(SHOWN_LINES) {
        let cut = line.char_indices().nth(SHOWN_CHARACTERS).map(|(position, _)| position);
        match cut {
            Some(position) => output.line(&format!("  {}… (cut; --json prints all)", &line[..position]))?,
            None => output.line(&format!("  {line}"))?,
        }
    }
    match lines.count() {
        0 => Ok(()),
        rest => output.line(&format!("  … {rest} lines more; --json prints all")),
    }
}
