//! The `then` steps: what was found, opened once more (T4).

use std::borrow::Cow;

use super::LocateFailure;
use super::follow::{Found, follow, json_value};
use crate::response::json::Json;
use crate::response::{ValueKind, jwt};
use crate::token::{LocationStep, capture, pointer};

/// Opens what was found; gives the step as it is to be kept, a JSONPath being its pointer then.
pub(super) fn open<'a>(found: Found<'a>, step: &LocationStep) -> Result<(Found<'a>, LocationStep), LocateFailure> {
    let opened = match step {
        LocationStep::Json { at } => {
            let nested = matches!(found.kind, ValueKind::Object | ValueKind::Array);
            let text = if nested { found.text } else { found.single()? }.into_owned();
            let json = Json::parse(text).map_err(|(text, error)| LocateFailure::NotJson {
                what: "What stands there",
                problem: format!(" (character {}: {})", text[..error.at].chars().count() + 1, error.what),
            })?;
            let (found, at) = json_value(&json, at)?;
            return Ok((found.into_owned(), LocationStep::Json { at }));
        }
        LocationStep::JwtClaim { claim } => {
            let claims = jwt::claims(&found.single()?).ok_or(LocateFailure::NotAJwt)?;
            let mut at = String::new();
            pointer::push(&mut at, claim);
            match follow(&claims, &at) {
                Err(LocateFailure::NotThere { .. }) => {
                    return Err(LocateFailure::NoSuchName { what: "claim", name: claim.clone() });
                }
                found => Found::of(&claims, found?.value).into_owned(),
            }
        }
        LocationStep::Line { number } => {
            let position = (*number as usize).checked_sub(1).ok_or(LocateFailure::NoSuchLine(0))?;
            let no_line = LocateFailure::NoSuchLine(*number);
            Found::text(part(found.single()?, |text| line(text, position).ok_or(no_line))?)
        }
        LocationStep::Capture { pattern } => {
            let regex = capture::compile(pattern).map_err(LocateFailure::BadPattern)?;
            Found::text(part(found.single()?, |text| match capture::first(&regex, text) {
                capture::Captured::Text(captured) => Ok(captured),
                capture::Captured::NoMatch => Err(LocateFailure::NoMatch),
                capture::Captured::NoGroup => Err(LocateFailure::NoGroup),
            })?)
        }
    };
    Ok((opened, step.clone()))
}

/// A line, counted from 0, without its line break; a carriage return at the very end is one, as in the tree.
fn line(text: &str, position: usize) -> Option<&str> {
    let line = text.split_inclusive('\n').nth(position)?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    Some(line.strip_suffix('\r').unwrap_or(line))
}

/// A part of a text, without a copy where the text is the body's own.
fn part(text: Cow<'_, str>, choose: impl FnOnce(&str) -> Result<&str, LocateFailure>) -> Result<Cow<'_, str>, LocateFailure> {
    match text {
        Cow::Borrowed(text) => choose(text).map(Cow::Borrowed),
        Cow::Owned(text) => choose(&text).map(|part| Cow::Owned(part.to_owned())),
    }
}
