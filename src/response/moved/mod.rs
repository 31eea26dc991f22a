//! Where a token probably went when its location yields nothing any more: the same name elsewhere first, in whatever part
//! of the response, then what is wrapped in a list, an object or a string, then the only likely token. Proposals only:
//! whoever takes one tests the request again (T3).

mod places;

use std::borrow::Cow;

use self::places::{Place, visit};
use super::document::Document;
use super::locate::locate;
use super::masking::cut;
use super::pointer;
use super::row::{Suggestion, ValueKind};
use super::shape::{names_in_path, told_at};
use super::suggest::suggest;
use crate::redact::looks_like_secret;
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// So many proposals at most.
const MOST: usize = 3;

/// Only so many candidates are weighed.
const MOST_CANDIDATES: usize = 500;

/// Longer values are no tokens, in bytes.
const LONGEST: usize = 64 * 1024;

/// What is known of the value that is looked for.
struct Wanted<'a> {
    old: &'a TokenLocation,
    /// The names that it may go by: at the end of its chain, and at its place in the response.
    last: Option<String>,
    base: Option<String>,
    /// Its type and length when it was last found.
    told: Option<(String, usize)>,
}

struct Candidate {
    suggestion: Suggestion,
    score: i32,
}

/// How a candidate's name compares with the one that is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Same,
    /// But for case and separators, an `X-` or a prefix.
    Alike,
}

/// Where the value of `old_location` probably stands in this response, the likeliest first, at most three. Each yields a
/// value that can be a token. `old_shape` is the shape of the answer in which it was last found.
pub fn moved_to(
    document: &Document,
    headers: &[(String, String)],
    old_location: &TokenLocation,
    old_shape: Option<&str>,
) -> Vec<Suggestion> {
    let wanted = Wanted::of(old_location, old_shape);
    let mut candidates = Vec::new();
    visit(document, headers, |place| {
        if candidates.len() < MOST_CANDIDATES && fit(place) {
            candidates.extend(wanted.weigh(place));
        }
    });
    // The sort is stable, so equals stay in the order of the response.
    candidates.sort_by_key(|candidate| -candidate.score);
    let mut proposals: Vec<Suggestion> = Vec::new();
    let yields = |location: &TokenLocation| location != old_location && locate(document, headers, location).is_ok();
    for Candidate { suggestion, .. } in candidates {
        if proposals.len() < MOST
            && proposals.iter().all(|other| other.location != suggestion.location)
            && yields(&suggestion.location)
        {
            proposals.push(suggestion);
        }
    }
    if proposals.is_empty() {
        let only = only_likely(document, headers).filter(|only| !names_a_secret(&only.location));
        proposals.extend(only.filter(|only| yields(&only.location)));
    }
    proposals
}

/// The only value that looks like a token, its name aside.
fn only_likely(document: &Document, headers: &[(String, String)]) -> Option<Suggestion> {
    let other_kind = |suggestion: &Suggestion| {
        let name = last_name(&suggestion.location).map(|name| plain(&name)).unwrap_or_default();
        ["refreshtoken", "idtoken", "csrf", "csrftoken"].iter().any(|kind| name.ends_with(kind))
    };
    let mut likely = suggest(document, headers).into_iter().filter(|suggestion| !other_kind(suggestion));
    let only = likely.next().filter(|_| likely.next().is_none())?;
    Some(Suggestion { reason: format!("the only likely token in the response: {}", only.reason), ..only })
}

/// Whether a name on the way to the value looks like a secret: its place is not told then (T8).
fn names_a_secret(location: &TokenLocation) -> bool {
    names_in(location).iter().any(|name| looks_like_secret(None, name))
}

/// Every name that a location tells, as the response has it: without the escapes of a pointer, so that secrets among them
/// can be found.
pub fn names_in(location: &TokenLocation) -> Vec<String> {
    let in_pointer = |at: &str| pointer::steps(at).unwrap_or_default().into_iter().map(Cow::into_owned).collect::<Vec<_>>();
    let mut names = in_pointer(&location.at);
    names.push(location.at.clone());
    for step in &location.then {
        match step {
            LocationStep::Json { at } => names.extend(in_pointer(at)),
            LocationStep::JwtClaim { claim } => names.push(claim.clone()),
            LocationStep::Line { .. } | LocationStep::Capture { .. } => {}
        }
    }
    names
}

/// Whether it could be sent, and its place be told.
fn fit(place: &Place) -> bool {
    let usable = !place.text.trim().is_empty() && place.text.len() <= LONGEST;
    usable && place.names.iter().all(|name| !looks_like_secret(None, name))
}

impl<'a> Wanted<'a> {
    fn of(old: &'a TokenLocation, old_shape: Option<&str>) -> Self {
        let base = base_name(old);
        let last = match old.then.last() {
            None => base.clone(),
            Some(LocationStep::Json { at }) => name_in_pointer(at),
            Some(LocationStep::JwtClaim { claim }) => Some(claim.clone()),
            Some(LocationStep::Line { .. } | LocationStep::Capture { .. }) => None,
        };
        // Of a chain the shape tells the outer text only.
        let told = old_shape.filter(|_| old.then.is_empty()).and_then(|shape| told_at(shape, old));
        Self { old, last, base, told }
    }

    fn weigh(&self, place: &Place) -> Vec<Candidate> {
        let mut found = Vec::new();
        if let Some(named) = self.last.as_deref().and_then(|wanted| last_named(place, wanted)) {
            found.push(self.candidate(place, place.location.clone(), named_score(named), self.reason(place, named)));
        } else if let Some(reason) = self.last.as_deref().and_then(|wanted| wrapped(place, wanted)) {
            // Beside the value stand its type, its life and the like.
            let score = if looks_like_secret(place.names.last().map(String::as_str), &place.text) { 70 } else { 50 };
            found.push(self.candidate(place, place.location.clone(), score, reason));
        }
        if !self.old.then.is_empty()
            && let Some(named) = self.base.as_deref().and_then(|wanted| last_named(place, wanted))
        {
            // The outer text has moved, and is opened as before.
            let then = place.location.then.iter().chain(&self.old.then).cloned().collect();
            let location = TokenLocation { then, ..place.location.clone() };
            found.push(self.candidate(place, location, named_score(named) + 1, self.reason(place, named)));
        }
        found
    }

    fn candidate(&self, place: &Place, location: TokenLocation, score: i32, reason: String) -> Candidate {
        let alike = self.told.as_ref().map_or(0, |(kind, length)| {
            let characters = place.text.chars().count();
            let same_kind = (kind == "number") == (place.kind == ValueKind::Number);
            let near = characters.abs_diff(*length) <= (*length / 5).max(4);
            (if same_kind { 6 } else { 0 }) + (if near { 8 } else { 0 })
        });
        let same_part = if place.location.part == self.old.part { 2 } else { 0 };
        let suggestion = Suggestion { label: label(place, &location), location, reason };
        Candidate { suggestion, score: score + alike + same_part }
    }

    fn reason(&self, place: &Place, named: Named) -> String {
        let name = cut(place.names.last().map_or("", String::as_str), 80).0;
        let name = match named {
            Named::Same => "same name".to_owned(),
            Named::Alike => format!("named {name}"),
        };
        let part = place.location.part;
        let now = match (part, &place.inside) {
            (LocationIn::Header, _) => "a header".to_owned(),
            (LocationIn::Cookie, _) => "a cookie".to_owned(),
            (LocationIn::Form, _) => "a form field".to_owned(),
            (_, Some(outer)) => format!("inside the JSON text at {}", cut(outer, 80).0),
            _ => {
                let body = if part == self.old.part { "" } else { "in the body, " };
                match place.names.split_last() {
                    Some((_, parents)) if !parents.is_empty() => format!("{body}under {}", cut(&place.joined(parents), 80).0),
                    _ => format!("{body}at the top"),
                }
            }
        };
        format!("{name}, now {now}")
    }
}

fn named_score(named: Named) -> i32 {
    match named {
        Named::Same => 100,
        Named::Alike => 80,
    }
}

/// Whether a value goes by this name: its own, or that of the list whose first element it is.
fn last_named(place: &Place, wanted: &str) -> Option<Named> {
    let own = place.positions.last().is_some_and(|position| !position);
    place.names.last().filter(|_| own).and_then(|name| compare(name, wanted))
}

fn compare(name: &str, wanted: &str) -> Option<Named> {
    if name == wanted {
        return Some(Named::Same);
    }
    (plain(name) == plain(wanted) && !plain(name).is_empty()).then_some(Named::Alike)
}

/// In words, how a value is wrapped in a list or an object of this name.
fn wrapped(place: &Place, wanted: &str) -> Option<String> {
    let around = place.names.len().checked_sub(2)?;
    let (parent, last) = (place.names.get(around)?, place.names.get(around + 1)?);
    if place.positions[around] || compare(parent, wanted).is_none() {
        return None;
    }
    let shown = cut(parent, 80).0;
    match (place.positions[around + 1], last.as_str()) {
        (true, "0") => Some(format!("now the first of the list {shown}")),
        (true, _) => None,
        (false, _) => Some(format!("now inside {shown}")),
    }
}

/// The name that a location ends in.
fn last_name(location: &TokenLocation) -> Option<String> {
    match location.then.last() {
        Some(LocationStep::Json { at }) => name_in_pointer(at),
        Some(LocationStep::JwtClaim { claim }) => Some(claim.clone()),
        _ => base_name(location),
    }
}

fn base_name(location: &TokenLocation) -> Option<String> {
    match location.part {
        LocationIn::Json => name_in_pointer(&location.at),
        // The text of an element goes by the element's name.
        LocationIn::Xml => names_in_path(&location.at).filter(|name| *name != "text()").last().map(str::to_owned),
        LocationIn::Form | LocationIn::Header | LocationIn::Cookie => Some(location.at.trim().to_owned()),
        LocationIn::Text => None,
    }
}

/// The last step that is a name: of an element of a list, that of the list.
fn name_in_pointer(at: &str) -> Option<String> {
    let steps = pointer::steps(at).ok()?;
    let is_name = |step: &&Cow<'_, str>| !step.bytes().all(|byte| byte.is_ascii_digit());
    steps.iter().rev().find(is_name).map(ToString::to_string)
}

/// A name without case and separators, without the `X-` of a header and the prefix or `@` of XML.
fn plain(name: &str) -> String {
    let name = name.rsplit(':').next().unwrap_or(name);
    let name = name.get(..2).filter(|start| start.eq_ignore_ascii_case("x-")).map_or(name, |_| &name[2..]);
    name.chars().filter(|character| character.is_alphanumeric()).take(64).flat_map(char::to_lowercase).collect()
}

/// A place in words, such as `data.session.token` or `header X-Session-Id`.
fn label(place: &Place, location: &TokenLocation) -> String {
    let name = match location.part {
        LocationIn::Header => format!("header {}", place.names.join(".")),
        LocationIn::Cookie => format!("cookie {}", place.names.join(".")),
        LocationIn::Form => format!("form field {}", place.names.join(".")),
        _ => match &place.inside {
            Some(outer) => format!("{outer}, then {}", place.names.join(".")),
            None if place.names.is_empty() => "the whole response".to_owned(),
            // With the numbers of elements of which there are several.
            None if location.part == LocationIn::Xml => location.at.trim_start_matches('/').to_owned(),
            None => place.names.join("."),
        },
    };
    cut(&name, 120).0
}

#[cfg(test)]
mod tests;
