//! The answer read and mapped (E12, R2, R3, R5), with the hint for a 200 that means no (E8).

use secrecy::SecretString;
use serde_json::Value;

use super::hint::refusal_hint;
use super::journal::{Entry, Journal, Started};
use super::outcome::Ending;
use super::record::{MappedField, StepKind, StepOutcome};
use super::send::Sent;
use super::text::{cut, recorded_text, redact_whole_texts};
use crate::connector::{
    ConnectorDraft, ObjectMapping, ResponseField, map_objects, redact_fields, redacted_texts, response_fields_from,
};
use crate::redact::SHORTEST_SEARCHED;
use crate::response::{BodyFormat, Document};

/// What reading the answer gave; filled as far as it went.
#[derive(Default)]
pub struct Mapping {
    /// The mapped values.
    pub fields: Vec<MappedField>,
    /// The response as used, as JSON text.
    pub response_body: Option<String>,
    /// The response as it came.
    pub raw_response_body: Option<String>,
    /// A 200 that means no.
    pub hint: Option<String>,
    /// The fields of the answer before anything was redacted, so that their types are true; never recorded.
    pub response_fields: Vec<ResponseField>,
}

/// Reads and maps a 2xx.
///
/// # Errors
/// When it can't be read as announced, or lacks a mapped field.
pub async fn map_answer(
    config: &ConnectorDraft,
    sent: Sent,
    renewed: Option<String>,
    journal: &mut Journal<'_>,
    mapping: &mut Mapping,
) -> Result<Ending, Ending> {
    let started = journal.start();
    let (host, status) = (sent.host, sent.answer.status);
    let opened = tokio::task::spawn_blocking(move || {
        // 204 and 205 have no body, whatever they announce (RFC 9110 15.3.5).
        let announced = sent.answer.header("content-type").filter(|_| !matches!(status, 204 | 205));
        let document = Document::open(sent.answer.body.clone(), announced);
        let value = document.to_value();
        (document, value)
    });
    let Ok((document, value)) = opened.await else {
        return Err(Ending::Unreadable { problem: "Reading it failed.".to_owned() });
    };
    hide_marked(config, value.as_ref(), journal);
    if document.summary().bytes > 0 {
        mapping.raw_response_body = Some(recorded_text(config, &document, journal.redactor()));
    }
    mapping.hint = refusal_hint(value.as_ref(), document.text());
    if let Some(problem) = document.summary().problem {
        enter(journal, started, StepOutcome::Failed, problem.clone());
        return Err(Ending::Unreadable { problem });
    }
    // JSON of which nothing is redacted stays as it came, to the order of its keys and the digits of its numbers (E12).
    if document.summary().format == BodyFormat::Json && !config.response_fields.iter().any(|field| field.redacted) {
        mapping.response_body.clone_from(&mapping.raw_response_body);
    }
    let value = value.unwrap_or_else(|| Value::String(document.text().to_owned()));
    mapping.response_fields = response_fields_from(&value);
    map_value(config, value, started, journal, mapping)?;
    Ok(Ending::Succeeded { host, status, renewed })
}

/// Maps the mock response instead of an answer (R2).
///
/// # Errors
/// When there is none, or it lacks a mapped field.
pub fn map_mock(config: &ConnectorDraft, journal: &mut Journal<'_>, mapping: &mut Mapping) -> Result<Ending, Ending> {
    let started = journal.start();
    let value: Value = serde_json::from_str(&config.mock_response).map_err(|_| Ending::ConfigurationRefused {
        message: "The connector has no mock response that could be played.".to_owned(),
        next_step: "Write a JSON response into Setup, or run it over the network.".to_owned(),
    })?;
    hide_marked(config, Some(&value), journal);
    let mut shown = value.clone();
    redact_fields(&mut shown, &config.response_fields);
    mapping.raw_response_body = Some(cut(&shown.to_string()));
    map_value(config, value, started, journal, mapping)?;
    Ok(Ending::Mocked)
}

fn map_value(
    config: &ConnectorDraft,
    mut value: Value,
    started: Started,
    journal: &mut Journal<'_>,
    mapping: &mut Mapping,
) -> Result<(), Ending> {
    redact_fields(&mut value, &config.response_fields);
    if journal.redactor().knows_short_secrets() {
        redact_whole_texts(&mut value, journal.redactor());
    }
    if mapping.response_body.is_none() {
        mapping.response_body = match &value {
            Value::String(text) if text.is_empty() => None,
            // Redacted before it is cut, which might otherwise leave the first half of a secret.
            Value::String(text) => Some(cut(&journal.redactor().redact(text))),
            value => Some(cut(&journal.redactor().redact(&value.to_string()))),
        };
    }
    match map_objects(&value, &config.object_mappings) {
        Ok(mapped) => {
            mapping.fields = mapped
                .into_iter()
                .map(|mapped| MappedField {
                    object_type: mapped.object_type,
                    attribute: mapped.attribute,
                    value: journal.redactor().redact(&mapped.value.to_string()).into_owned(),
                    path: mapped.path,
                })
                .collect();
            enter(journal, started, StepOutcome::Passed, read_sentence(mapping.fields.len(), &config.object_mappings));
            Ok(())
        }
        Err(fault) => {
            enter(journal, started, StepOutcome::Failed, fault.to_string());
            Err(Ending::MissingField { path: fault.path })
        }
    }
}

fn read_sentence(mapped: usize, mappings: &[ObjectMapping]) -> String {
    if mappings.is_empty() {
        return "The answer was read. No fields are mapped.".to_owned();
    }
    format!("The answer was read and {mapped} {} mapped.", if mapped == 1 { "field was" } else { "fields were" })
}

/// The values of marked fields are kept out of everything else that is recorded too (S2). Short ones would blank
/// out ordinary text, so those are only redacted where they stand.
fn hide_marked(config: &ConnectorDraft, value: Option<&Value>, journal: &mut Journal<'_>) {
    let Some(value) = value else { return };
    for text in redacted_texts(value, &config.response_fields) {
        if text.chars().count() >= SHORTEST_SEARCHED {
            journal.keep_secret(&SecretString::from(text));
        }
    }
}

fn enter(journal: &mut Journal<'_>, started: Started, outcome: StepOutcome, detail: String) {
    journal.enter(started, Entry { kind: StepKind::Mapping, outcome, detail, token: None, exchange: None });
}
