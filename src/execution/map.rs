//! The answer mapped (E12, R2, R3, R5), with the hint for a 200 that means no (E8).

use std::sync::Arc;

use bytes::Bytes;

use super::hint::refusal_hint;
use super::journal::{Entry, Journal, Started};
use super::outcome::Ending;
use super::read::{LARGE_BODY, ReadAnswer};
use super::record::{MappedField, StepKind, StepOutcome};
use super::send::Sent;
use crate::connector::{ConnectorDraft, MappingFault, ObjectMapping, ResponseField, map_objects, response_fields_from};
use crate::redact::Redactor;
use crate::response::{BodyFormat, Document, OutlineLimits};

/// How much of an answer is looked at to find out what kind of answer it is, and which fields it has (R2).
const OUTLINE: OutlineLimits = OutlineLimits { depth: 33, elements: 20, values: 20_000 };

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
    /// Whether its fields are wanted.
    pub learns: bool,
    /// The fields of the answer before anything was redacted, so that their types are true; never recorded.
    pub response_fields: Vec<ResponseField>,
}

/// Maps a 2xx.
///
/// # Errors
/// When it can't be read as announced, or lacks a mapped field.
pub async fn map_answer(
    config: &Arc<ConnectorDraft>,
    sent: Sent,
    renewed: Option<String>,
    journal: &mut Journal<'_>,
    mapping: &mut Mapping,
) -> Result<Ending, Ending> {
    let started = journal.start();
    let Sent { host, answer, read, recorded, .. } = sent;
    mapping.raw_response_body.clone_from(&recorded);
    let summary = read.document.summary();
    let looked = if (summary.bytes as usize) < LARGE_BODY {
        Looked::at(&read, recorded, config, journal.redactor(), mapping.learns)
    } else {
        let (config, redactor, learns) = (Arc::clone(config), journal.redactor().clone(), mapping.learns);
        let looking = tokio::task::spawn_blocking(move || Looked::at(&read, recorded, &config, &redactor, learns));
        let Ok(looked) = looking.await else {
            return Err(Ending::Unreadable { problem: "Reading it failed.".to_owned() });
        };
        looked
    };
    mapping.hint = looked.hint;
    if let Some(problem) = summary.problem {
        enter(journal, started, StepOutcome::Failed, problem.clone());
        return Err(Ending::Unreadable { problem });
    }
    mapping.response_body = looked.response_body;
    mapping.response_fields = looked.response_fields;
    enter_mapped(looked.mapped, config, started, journal, mapping)?;
    Ok(Ending::Succeeded { host, status: answer.status, renewed })
}

/// Maps the mock response instead of an answer (R2).
///
/// # Errors
/// When there is none, or it lacks a mapped field.
pub fn map_mock(config: &ConnectorDraft, journal: &mut Journal<'_>, mapping: &mut Mapping) -> Result<Ending, Ending> {
    let started = journal.start();
    let document = Document::open(Bytes::from(config.mock_response.clone()), Some("application/json"));
    if document.root().is_none() {
        return Err(Ending::ConfigurationRefused {
            message: "The connector has no mock response that could be played.".to_owned(),
            next_step: "Write a JSON response into Setup, or run it over the network.".to_owned(),
        });
    }
    let read = ReadAnswer::new(document, config, journal.redactor());
    journal.keep_secrets(&read.secrets);
    mapping.raw_response_body = read.recorded(journal.redactor());
    let looked = Looked::at(&read, mapping.raw_response_body.clone(), config, journal.redactor(), mapping.learns);
    mapping.response_body = looked.response_body;
    enter_mapped(looked.mapped, config, started, journal, mapping)?;
    Ok(Ending::Mocked)
}

/// What there is to see in an answer.
struct Looked {
    hint: Option<String>,
    response_body: Option<String>,
    response_fields: Vec<ResponseField>,
    mapped: Result<Vec<MappedField>, MappingFault>,
}

impl Looked {
    fn at(read: &ReadAnswer, recorded: Option<String>, config: &ConnectorDraft, redactor: &Redactor, learns: bool) -> Self {
        let outline = read.document.root().map(|root| root.outline(OUTLINE));
        let mapped = map_objects(&read.top(), &config.object_mappings).map(|mapped| {
            let shown = mapped.into_iter().map(|mapped| MappedField {
                value: read.mapped(&mapped.value, redactor),
                object_type: mapped.object_type,
                attribute: mapped.attribute,
                path: mapped.path,
            });
            shown.collect()
        });
        Self {
            hint: refusal_hint(outline.as_ref(), read.document.text()),
            // JSON is used as it came, to the order of its keys and the digits of its numbers (E12).
            response_body: match read.document.summary().format {
                BodyFormat::Xml => read.recorded_as_json(redactor),
                _ => recorded,
            },
            response_fields: outline.as_ref().filter(|_| learns).map(response_fields_from).unwrap_or_default(),
            mapped,
        }
    }
}

fn enter_mapped(
    mapped: Result<Vec<MappedField>, MappingFault>,
    config: &ConnectorDraft,
    started: Started,
    journal: &mut Journal<'_>,
    mapping: &mut Mapping,
) -> Result<(), Ending> {
    match mapped {
        Ok(fields) => {
            mapping.fields = fields;
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

fn enter(journal: &mut Journal<'_>, started: Started, outcome: StepOutcome, detail: String) {
    journal.enter(started, Entry { kind: StepKind::Mapping, outcome, detail, token: None, exchange: None });
}
