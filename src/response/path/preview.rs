//! What a typed location yields, while it is typed (T4): how many values, the first of them masked, or what is wrong at
//! which character.

use std::fmt::Write as _;

use super::views::{LocationError, LocationPreview, PreviewValue};
use super::{jsonpath, steps_to};
use crate::redact::is_credential_header;
use crate::response::document::Document;
use crate::response::locate::{Found, LocateFailure, MOST_COUNTED, Misplaced, reach, token_value};
use crate::response::masking::{Masking, cut};
use crate::response::shape::names_in_path;
use crate::response::{ValueKind, pointer};
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// So many values are shown.
const MOST_SHOWN: usize = 5;

/// A path is cut after so many characters.
const PATH_CHARACTERS: usize = 300;

/// Looks up a location in a response without taking its value.
pub fn preview(
    document: &Document,
    headers: &[(String, String)],
    location: &TokenLocation,
    masking: &Masking,
) -> LocationPreview {
    let reached = match reach(document, headers, location) {
        Ok(reached) => reached,
        Err(misplaced) => return without_one(document, location, masking, &misplaced),
    };
    let value = value_of(&reached.found, &reached.location, masking);
    let mut preview = LocationPreview { yields: 1, counted_all: true, values: vec![value], normalised: None, error: None };
    let last = location.then.len().checked_sub(1);
    match token_value(reached.found) {
        Err(failure) => preview.error = Some(error_at(location, &Misplaced { step: last, failure })),
        // A location is told and kept as it is, so one that would name a secret is not offered (T8).
        Ok(_) if reached.location != *location && names_a_secret(&reached.location, masking) => {
            let failure = LocateFailure::NamesASecret;
            preview.error = Some(error_at(location, &Misplaced { step: None, failure }));
        }
        Ok(_) => preview.normalised = Some(reached.location),
    }
    preview
}

/// None or several values.
fn without_one(document: &Document, location: &TokenLocation, masking: &Masking, misplaced: &Misplaced) -> LocationPreview {
    let (yields, counted_all) = match misplaced.failure {
        LocateFailure::Several(count) => (count, true),
        LocateFailure::MoreThan(count) => (count, false),
        LocateFailure::TooMuch => (0, false),
        _ => (0, true),
    };
    let values = if yields > 0 && misplaced.step.is_none() { several(document, location, masking) } else { Vec::new() };
    LocationPreview {
        yields: u32::try_from(yields).unwrap_or(u32::MAX),
        counted_all,
        values,
        normalised: None,
        error: Some(error_at(location, misplaced)),
    }
}

/// The first values of a JSONPath that yields several.
fn several(document: &Document, location: &TokenLocation, masking: &Masking) -> Vec<PreviewValue> {
    let (Some(json), Ok(query)) = (document.json(), jsonpath::parse(location.at.trim())) else { return Vec::new() };
    let nodes = query.nodes(json, MOST_COUNTED).nodes;
    let shown = nodes.iter().take(MOST_SHOWN).map(|node| {
        let path = jsonpath::normalized(&steps_to(json, *node));
        let key = json.key(*node);
        value_shown(&Found::of(json, node.value), key.as_deref(), &path, masking)
    });
    shown.collect()
}

fn value_of(found: &Found<'_>, location: &TokenLocation, masking: &Masking) -> PreviewValue {
    let key = last_name(location);
    let mut value = value_shown(found, key.as_deref(), &written(location), masking);
    let credential = match (location.then.last(), location.part) {
        // What is captured has left its name behind.
        (Some(LocationStep::Capture { .. }), _) | (None, LocationIn::Cookie) => true,
        (None, LocationIn::Header) => is_credential_header(&location.at),
        _ => false,
    };
    if credential && !value.masked {
        value.preview = masking.masked(&found.text);
        value.masked = true;
    }
    value
}

fn value_shown(found: &Found<'_>, key: Option<&str>, path: &str, masking: &Masking) -> PreviewValue {
    let path = if masking.knows(path) { masking.masked(path) } else { cut(path, PATH_CHARACTERS).0 };
    let (preview, masked) = match found.kind {
        ValueKind::Object => ("{…}".to_owned(), false),
        ValueKind::Array => ("[…]".to_owned(), false),
        _ => {
            let drawn = masking.draw(key, &found.text);
            (drawn.text, drawn.masked)
        }
    };
    PreviewValue { path, preview, masked, kind: found.kind }
}

/// The name nearest to the value, by which a secret may be told.
fn last_name(location: &TokenLocation) -> Option<String> {
    let last_of = |at: &str| pointer::steps(at).ok()?.pop().map(String::from);
    match location.then.last() {
        Some(LocationStep::Json { at }) => last_of(at),
        Some(LocationStep::JwtClaim { claim }) => Some(claim.clone()),
        Some(_) => None,
        None => match location.part {
            LocationIn::Json => last_of(&location.at),
            LocationIn::Xml => names_in_path(&location.at).filter(|name| *name != "text()").last().map(str::to_owned),
            LocationIn::Text => None,
            _ => Some(location.at.clone()),
        },
    }
}

/// A location as one line.
fn written(location: &TokenLocation) -> String {
    let mut out = location.at.clone();
    for step in &location.then {
        out.push_str(if out.is_empty() { "" } else { " › " });
        match step {
            LocationStep::Json { at } => out.push_str(at),
            LocationStep::JwtClaim { claim } => out.push_str(claim),
            LocationStep::Line { number } => {
                // Writing to a String can't fail.
                let _ = write!(out, "line {number}");
            }
            LocationStep::Capture { pattern } => out.push_str(pattern),
        }
    }
    out
}

fn names_a_secret(location: &TokenLocation, masking: &Masking) -> bool {
    let path = written(location);
    masking.knows(&path) || masking.knows(&path.replace("~1", "/").replace("~0", "~"))
}

fn error_at(location: &TokenLocation, misplaced: &Misplaced) -> LocationError {
    let (field, typed) = match misplaced.step {
        None => ("at".to_owned(), location.at.clone()),
        Some(index) => (format!("then[{index}]"), location.then.get(index).map(typed_text).unwrap_or_default()),
    };
    let all = (0, u32::try_from(typed.chars().count()).unwrap_or(u32::MAX));
    let (from, to) = misplaced.failure.wrong().unwrap_or(all);
    LocationError {
        field,
        from,
        to,
        message: misplaced.failure.to_string(),
        next_step: misplaced.failure.next_step().to_owned(),
    }
}

/// What is typed for a step.
fn typed_text(step: &LocationStep) -> String {
    match step {
        LocationStep::Json { at: typed }
        | LocationStep::JwtClaim { claim: typed }
        | LocationStep::Capture { pattern: typed } => typed.clone(),
        LocationStep::Line { number } => number.to_string(),
    }
}

#[cfg(test)]
mod tests;
