//! A connector as it is printed: Intercom's `data_connector` and `data_connector_detail`, with header values as
//! `****`, and beside them our own fields.

use latchkey::connector::{ConnectorState, ResponseField};
use latchkey::workspace::{BreakerState, ConnectorDetail, ConnectorSummary};
use serde_json::{Value, json};

use crate::breaker::in_words;
use crate::failure::Failure;
use crate::output::Output;

/// What Intercom shows in place of every header value.
const HIDDEN: &str = "****";

/// Prints one connector.
///
/// # Errors
/// When it can't be printed.
pub fn show(detail: &ConnectorDetail, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(&detail_object(detail));
    }
    let (summary, draft) = (&detail.summary, &detail.draft);
    let mut pairs = vec![("name", summary.name.clone()), ("state", state(summary)), ("request", request(detail))];
    if !draft.description.is_empty() {
        pairs.push(("description", draft.description.clone()));
    }
    pairs.extend(draft.headers.iter().map(|header| ("header", format!("{}: {HIDDEN}", header.name))));
    if !draft.body.is_empty() {
        pairs.push(("body", draft.body.clone()));
    }
    pairs.extend(draft.data_inputs.iter().map(|input| {
        let required = if input.required { ", required" } else { "" };
        let default = if input.default_value.is_empty() { String::new() } else { format!(", default {}", input.default_value) };
        ("input", format!("{} ({}{required}{default})", input.name, json!(input.input_type).as_str().unwrap_or_default()))
    }));
    pairs.push(("tokens", tokens(summary)));
    if let Some(not_ready) = &detail.not_ready {
        pairs.push(("not ready", not_ready.clone()));
    }
    if summary.breaker.state != BreakerState::Closed {
        pairs.push(("breaker", in_words(&summary.breaker).to_owned()));
    }
    if let Some(last) = &summary.last_execution {
        pairs.push(("last run", format!("{} at {}", if last.success { "succeeded" } else { "failed" }, last.at)));
    }
    output.pairs(&pairs)
}

/// Prints all connectors.
///
/// # Errors
/// When they can't be printed.
pub fn list(connectors: &[ConnectorDetail], output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        let data: Vec<_> = connectors.iter().map(list_object).collect();
        return output.object(&json!({ "type": "list", "data": data }));
    }
    if connectors.is_empty() {
        return output.line("There are no connectors yet. Save one with latchkey connector add FILE.");
    }
    let row = |detail: &ConnectorDetail| {
        let summary = &detail.summary;
        [summary.name.clone(), state(summary), tokens(summary), request(detail)]
    };
    output.table(["NAME", "STATE", "TOKENS", "REQUEST"], &connectors.iter().map(row).collect::<Vec<_>>())
}

/// `data_connector`, and the names of its tokens.
fn list_object(detail: &ConnectorDetail) -> Value {
    let summary = &detail.summary;
    json!({
        "type": "data_connector",
        "id": summary.id,
        "name": summary.name,
        "description": detail.draft.description,
        "state": summary.state,
        "http_method": detail.draft.http_method,
        "direct_fin_usage": detail.draft.direct_fin_usage,
        "created_by_admin_id": null,
        "updated_by_admin_id": null,
        "created_at": detail.created_at,
        "updated_at": detail.updated_at,
        "execution_results_url": format!("/data_connectors/{}/execution_results", summary.id),
        "tokens": summary.tokens.iter().map(|token| &token.name).collect::<Vec<_>>(),
        "has_unpublished_edits": summary.has_unpublished_edits,
    })
}

/// `data_connector_detail`, and our own fields.
fn detail_object(detail: &ConnectorDetail) -> Value {
    let draft = &detail.draft;
    let headers: Vec<_> = draft.headers.iter().map(|header| json!({ "name": header.name, "value": HIDDEN })).collect();
    let mut object = json!({
        "url": if draft.url.is_empty() { None } else { Some(&draft.url) },
        "body": draft.body,
        "headers": headers,
        "audiences": draft.audiences,
        "execution_type": draft.execution_type,
        "configuration_response_type": draft.configuration_response_type,
        "data_transformation_type": draft.data_transformation_type,
        "client_function_name": draft.client_function_name,
        "client_function_timeout_ms": draft.client_function_timeout_ms,
        "data_inputs": draft.data_inputs,
        "response_fields": draft.response_fields.iter().map(response_field).collect::<Vec<_>>(),
        "object_mappings": draft.object_mappings,
        "token_ids": draft.token_ids,
        "customer_authentication": draft.customer_authentication,
        "bypass_authentication": draft.bypass_authentication,
        "validate_missing_attributes": draft.validate_missing_attributes,
        "background": draft.background,
        "reliability": draft.reliability,
        "not_ready": detail.not_ready,
    });
    if let (Value::Object(members), Value::Object(listed)) = (&mut object, list_object(detail)) {
        members.extend(listed);
    }
    object
}

/// The example as the JSON value that it is.
fn response_field(field: &ResponseField) -> Value {
    let example = field.example_value.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({ "path": field.path, "type": field.field_type, "example_value": example, "redacted": field.redacted })
}

fn state(summary: &ConnectorSummary) -> String {
    match (summary.state, summary.has_unpublished_edits) {
        (ConnectorState::Draft, _) => "draft".to_owned(),
        (ConnectorState::Live, false) => "live".to_owned(),
        (ConnectorState::Live, true) => "live, with edits that are not".to_owned(),
    }
}

fn request(detail: &ConnectorDetail) -> String {
    let url = if detail.draft.url.is_empty() { "(no URL yet)" } else { &detail.draft.url };
    format!("{} {url}", detail.draft.http_method.name().to_uppercase())
}

fn tokens(summary: &ConnectorSummary) -> String {
    if summary.tokens.is_empty() {
        return "-".to_owned();
    }
    summary.tokens.iter().map(|token| token.name.as_str()).collect::<Vec<_>>().join(", ")
}
