//! How a response body is recorded: marked fields redacted, known secrets out, and not more of it than a log can carry.

use serde_json::Value;

use crate::connector::{ConnectorDraft, redact_fields};
use crate::http::Answer;
use crate::redact::{REDACTED, Redactor};
use crate::response::Document;

/// The most of one body that is recorded, in bytes; what is longer is cut, and says so.
pub const RECORDED_LIMIT: usize = 1024 * 1024;

/// The body as recorded; `None` when there is none.
pub fn recorded_body(config: &ConnectorDraft, answer: &Answer, redactor: &Redactor) -> Option<String> {
    if answer.body.is_empty() {
        return None;
    }
    let document = Document::open(answer.body.clone(), answer.header("content-type"));
    Some(recorded_text(config, &document, redactor))
}

/// A body's text as recorded. When fields are marked `redacted` (R2), a body that can't be read as a tree is left
/// out whole, since nobody can say where in it they stand.
pub fn recorded_text(config: &ConnectorDraft, document: &Document, redactor: &Redactor) -> String {
    let marked = config.response_fields.iter().any(|field| field.redacted);
    if !marked && !redactor.knows_short_secrets() {
        return cut(&redactor.redact(document.text()));
    }
    match document.to_value() {
        Some(mut value) => {
            redact_fields(&mut value, &config.response_fields);
            redact_whole_texts(&mut value, redactor);
            cut(&redactor.redact(&value.to_string()))
        }
        None if marked => REDACTED.to_owned(),
        None => cut(&redactor.redact_field(document.text())),
    }
}

/// A text that is a secret by itself goes whole, however short it is (S2).
pub fn redact_whole_texts(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = redactor.redact_field(text).into_owned(),
        Value::Array(elements) => elements.iter_mut().for_each(|element| redact_whole_texts(element, redactor)),
        Value::Object(members) => members.values_mut().for_each(|member| redact_whole_texts(member, redactor)),
        _ => {}
    }
}

/// Cuts a text at the recorded limit.
pub fn cut(text: &str) -> String {
    if text.len() <= RECORDED_LIMIT {
        return text.to_owned();
    }
    let mut end = RECORDED_LIMIT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}\n… cut here: {} bytes in all", &text[..end], text.len())
}

/// Whether a recorded text was cut at the limit.
pub fn is_cut(text: &str) -> bool {
    text.len() > RECORDED_LIMIT
}
