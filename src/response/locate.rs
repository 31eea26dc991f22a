//! From a token location to the token value in a response (T4), or why there is none, in words.

mod failure;
mod follow;
mod named;
mod open;

use std::borrow::Cow;

use secrecy::SecretString;

pub use failure::LocateFailure;
pub(super) use follow::{Found, MOST_COUNTED, follow};
pub(super) use named::{cookies, fields};

use super::document::Document;
use super::row::BodyFormat;
use crate::token::{LocationIn, TokenLocation};

/// What a location yields. Never prints the value.
#[derive(Debug)]
pub struct Located {
    /// The token value: not empty, and fit for a header.
    pub value: SecretString,
    /// The location, normalised: a JSONPath has become its pointer.
    pub location: TokenLocation,
    /// Something worth saying although a value was found, such as that a header came several times.
    pub note: Option<String>,
}

/// A failure and the part of the location that it is about.
pub(super) struct Misplaced {
    /// The `then` step, counted from 0; `None` for `at`.
    pub step: Option<usize>,
    pub failure: LocateFailure,
}

/// What a location leads to, before it is known whether it can be a token.
pub(super) struct Reached<'a> {
    pub found: Found<'a>,
    pub location: TokenLocation,
    pub note: Option<String>,
}

/// Finds the token value at a location in a response (T4).
///
/// A pointer or JSONPath is followed in the body's own bytes, whatever its size. A key that stands several times in its
/// object is ambiguous. Of several headers or form fields with the name the first counts, of several cookies the last, as
/// in a browser; [`Located::note`] says so. A number is the text as written, to the digit.
///
/// # Errors
/// When it yields nothing, several values, or nothing that can be a token.
pub fn locate(document: &Document, headers: &[(String, String)], location: &TokenLocation) -> Result<Located, LocateFailure> {
    let reached = reach(document, headers, location).map_err(|misplaced| misplaced.failure)?;
    let value = token_value(reached.found)?;
    Ok(Located { value: SecretString::from(value.into_owned()), location: reached.location, note: reached.note })
}

/// Follows a location to its end.
pub(super) fn reach<'a>(
    document: &'a Document,
    headers: &'a [(String, String)],
    location: &TokenLocation,
) -> Result<Reached<'a>, Misplaced> {
    let at_first = |failure| Misplaced { step: None, failure };
    let mut reached = first(document, headers, location).map_err(at_first)?;
    for (index, step) in location.then.iter().enumerate() {
        let (found, step) = open::open(reached.found, step).map_err(|failure| Misplaced { step: Some(index), failure })?;
        reached.found = found;
        reached.location.then.push(step);
    }
    Ok(reached)
}

/// What stands at `at`, before any step.
fn first<'a>(
    document: &'a Document,
    headers: &'a [(String, String)],
    location: &TokenLocation,
) -> Result<Reached<'a>, LocateFailure> {
    if let Some(coding) = document.coding()
        && !matches!(location.part, LocationIn::Header | LocationIn::Cookie)
    {
        return Err(LocateFailure::Compressed { coding: coding.to_owned() });
    }
    let at = location.at.as_str();
    let place = |at: String| TokenLocation { part: location.part, at, then: Vec::new() };
    let named = match location.part {
        LocationIn::Json => {
            if document.is_broken() {
                return Err(LocateFailure::Broken);
            }
            let json = document.json().filter(|_| document.format() == BodyFormat::Json);
            let json = json.ok_or(LocateFailure::NotJson { what: "The response", problem: String::new() })?;
            let (found, at) = follow::json_value(json, at)?;
            return Ok(Reached { found, location: place(at), note: None });
        }
        LocationIn::Xml => {
            let (found, at) = follow::xml_value(document.xml().ok_or(LocateFailure::NotXml)?, at)?;
            return Ok(Reached { found, location: place(at), note: None });
        }
        LocationIn::Text => {
            let found = Found::text(document.text().into());
            return Ok(Reached { found, location: place(String::new()), note: None });
        }
        LocationIn::Header => named::header(headers, at)?,
        LocationIn::Cookie => named::cookie(headers, at)?,
        LocationIn::Form => named::field(document.text(), at)?,
    };
    Ok(Reached { found: Found::text(named.value), location: place(at.to_owned()), note: named.note })
}

/// The text of what was found, if it can be a token.
pub(super) fn token_value(found: Found<'_>) -> Result<Cow<'_, str>, LocateFailure> {
    let value = found.single()?;
    if value.trim().is_empty() {
        return Err(LocateFailure::Empty);
    }
    if value.contains(|character: char| character.is_ascii_control() && character != '\t') {
        return Err(LocateFailure::NotAHeaderValue);
    }
    if value.contains(char::REPLACEMENT_CHARACTER) {
        return Err(LocateFailure::Unreadable);
    }
    Ok(value)
}

#[cfg(test)]
mod tests;
