//! Turns a command into a request draft: its body becomes key-value pairs with an encoding (T3).

use url::form_urlencoded;

use super::command::{CurlCommand, DataPiece, joined};
use crate::token::{Encoding, FieldDraft, RequestDraft};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// What a body became.
struct Pairs {
    pairs: Vec<(String, String)>,
    encoding: Encoding,
}

impl CurlCommand {
    /// The request with its pairs, and what could not be taken over, in words.
    ///
    /// A JSON object or a form becomes pairs; with neither, the query of the address does. Every
    /// value is a secret until the user unmarks it, but for the headers Accept and Content-Type.
    pub fn into_request(self) -> (RequestDraft, Vec<String>) {
        let Self { method, url, mut headers, data, data_in_query, mut notes } = self;
        let (mut address, query) = split_query(&url);
        let announced = header(&headers, "content-type").map(media_type);
        let body = if data_in_query { None } else { body_pairs(&data, announced.as_deref(), &mut notes) };
        let has_body = !data_in_query && !data.is_empty();
        let Pairs { pairs, encoding } = body.unwrap_or_else(|| {
            let mut pairs = Vec::new();
            if !has_body {
                pairs.extend(form_urlencoded::parse(query.as_bytes()).into_owned());
            }
            if data_in_query {
                pairs.extend(form_pairs(&data));
            }
            let encoding = if pairs.is_empty() { Encoding::default() } else { Encoding::Query };
            Pairs { pairs, encoding }
        });
        if has_body && !query.is_empty() {
            address = format!("{address}?{query}");
        }
        let implied = match encoding {
            Encoding::Json if has_body => Some(JSON),
            Encoding::Form => Some(FORM),
            Encoding::Json | Encoding::Query => None,
        };
        headers.retain(|(name, value)| !(name.eq_ignore_ascii_case("content-type") && implied == Some(&media_type(value))));
        let request = RequestDraft {
            method,
            url: address,
            headers: headers.into_iter().map(|(name, value)| field(name, value, true)).collect(),
            parameters: pairs.into_iter().map(|(name, value)| field(name, value, false)).collect(),
            encoding,
        };
        (request, notes)
    }
}

fn field(name: String, value: String, is_header: bool) -> FieldDraft {
    let harmless = is_header && (name.eq_ignore_ascii_case("accept") || name.eq_ignore_ascii_case("content-type"));
    FieldDraft { name, value: Some(value), secret: !harmless, stored: None }
}

pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|header| header.0.eq_ignore_ascii_case(name)).map(|header| header.1.as_str())
}

fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The address without query and fragment, and the query. A fragment is never sent.
fn split_query(url: &str) -> (String, String) {
    let url = url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    (address.to_owned(), query.to_owned())
}

/// The pairs of a body; `None` when there is none, or none that pairs can carry, which is noted.
fn body_pairs(data: &[DataPiece], announced: Option<&str>, notes: &mut Vec<String>) -> Option<Pairs> {
    if data.is_empty() {
        return None;
    }
    let is_json_type = announced.is_some_and(|kind| kind == JSON || kind == "text/json" || kind.ends_with("+json"));
    if is_json_type {
        return json_pairs(&joined(data), notes);
    }
    if let Some(other) = announced.filter(|kind| *kind != FORM) {
        notes.push(format!("The body of type {other} was left out: only JSON objects and forms can be sent."));
        return None;
    }
    // cURL announces a form when nothing else is said, even for JSON, and APIs often put up with it.
    if announced.is_none() && joined(data).trim_start().starts_with('{') {
        let pairs = json_pairs(&joined(data), notes)?;
        notes.push("The body is JSON, so it is sent as JSON.".to_owned());
        return Some(pairs);
    }
    Some(Pairs { pairs: form_pairs(data), encoding: Encoding::Form })
}

fn form_pairs(data: &[DataPiece]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for piece in data {
        match piece {
            DataPiece::Text(text) | DataPiece::Json(text) => {
                pairs.extend(form_urlencoded::parse(text.trim().as_bytes()).into_owned());
            }
            DataPiece::Encode { name: Some(name), value } => {
                // The name stands there encoded already.
                let name = form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name.into_owned());
                pairs.push((name.unwrap_or_default(), value.clone()));
            }
            DataPiece::Encode { name: None, value } => pairs.push((value.clone(), String::new())),
        }
    }
    pairs
}

/// The flat members of a JSON object, in their order, numbers with their digits.
fn json_pairs(body: &str, notes: &mut Vec<String>) -> Option<Pairs> {
    if let Err(reason) = serde_json::from_str::<serde::de::IgnoredAny>(body) {
        notes.push(format!("The body was left out: it is not valid JSON ({reason})."));
        return None;
    }
    let mut pairs = Vec::new();
    let (mut texts, mut left_out) = (Vec::new(), Vec::new());
    for member in sonic_rs::to_object_iter(body) {
        let Ok((name, value)) = member else {
            notes.push("The body was left out: only a JSON object can be sent as key-value pairs.".to_owned());
            return None;
        };
        let raw = value.as_raw_str().trim();
        match raw.bytes().next() {
            Some(b'"') => match serde_json::from_str(raw) {
                Ok(text) => pairs.push((name.to_string(), text)),
                // Half a surrogate pair is JSON, but no text.
                Err(_) => left_out.push(format!("“{name}”")),
            },
            Some(b'{' | b'[' | b'n') | None => left_out.push(format!("“{name}”")),
            Some(_) => {
                texts.push(format!("“{name}”"));
                pairs.push((name.to_string(), raw.to_owned()));
            }
        }
    }
    if !texts.is_empty() {
        notes.push(format!("Values are sent as text; these were numbers or true or false: {}.", texts.join(", ")));
    }
    if !left_out.is_empty() {
        notes.push(format!("These keys hold objects, lists, null or broken text and were left out: {}.", left_out.join(", ")));
    }
    Some(Pairs { pairs, encoding: Encoding::Json })
}
