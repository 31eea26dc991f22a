//! Which values of a response are likely to be the token, and why (T4: suggestions only, the user chooses).
//!
//! Every part of the response is looked at: the body as JSON, XML, a form or text, headers and cookies, and what opens
//! deeper. A value's name, its shape and what stands beside it count; no vendor is known.

mod headers;
mod json;
mod names;
mod read_names;
mod text;
mod weigh;
mod xml;

use std::collections::HashMap;

use self::names::{Said, Says, is_companion, says};
use self::read_names::Names;
use self::weigh::{Weighed, weigh, weigh_number};
use super::document::Document;
use super::locate::locate;
use super::masking::{cut, safe};
use super::row::Suggestion;
use crate::token::{LocationStep, TokenLocation};

/// So many suggestions at most.
const MOST: usize = 5;

/// No more than so many values are looked at, …
const MOST_VALUES: u32 = 200_000;

/// …no more than so many elements of one list, …
const MOST_ELEMENTS: u32 = 500;

/// …so many bytes of text, …
const FARTHEST: u32 = 8 << 20;

/// …and what is nested deeper is passed over.
const DEEPEST: usize = 32;

/// Only so many candidates are weighed, …
const MOST_CANDIDATES: usize = 500;

/// …and so many tried whether they can be chosen.
const MOST_TRIED: usize = 25;

/// Texts are opened once more within each other so often, …
const MOST_OPENED: usize = 3;

/// …and so many bytes of them in all.
const MOST_NESTED: usize = 4 << 20;

/// A token after `Bearer `.
const AFTER_SCHEME: &str = r"(?i)^\s*bearer\s+(\S+)";

/// Whether a name tells of a token for another use: a refresh token, a CSRF token, the token of a list's next page.
pub(super) fn is_for_another_use(name: &str) -> bool {
    matches!(says(name, None), Says::OtherKind(_) | Says::Never)
}

/// The likely tokens of a response, the likeliest first, at most five; each can be chosen. Bounded: it looks at the first
/// 200,000 values within the first 8 MiB, at 32 levels and at 500 elements of each JSON list.
pub fn suggest(document: &Document, headers: &[(String, String)]) -> Vec<Suggestion> {
    let mut found = Found { left: MOST_VALUES, nested: MOST_NESTED, ..Found::default() };
    if let Some(xml) = document.xml() {
        xml::look(xml, &mut found);
    } else if let Some(json) = document.json() {
        json::look(json, &json::Inside::body(), 0, &mut found);
    } else {
        text::look(document.text(), &mut found);
    }
    headers::look(headers, &mut found);
    let candidates = found.ranked();
    // A refresh token alone is nothing to send.
    if candidates.first().is_none_or(|candidate| candidate.score <= 30) {
        return Vec::new();
    }
    let suggestions = candidates.into_iter().take(MOST_TRIED).map(|candidate| candidate.suggestion);
    suggestions.filter(|suggestion| locate(document, headers, &suggestion.location).is_ok()).take(MOST).collect()
}

struct Candidate {
    suggestion: Suggestion,
    score: i32,
    /// Raised when `expires_in`, `token_type` or the like stands in the same group.
    group: Option<u32>,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
    /// How many values may still be looked at.
    left: u32,
    /// How many bytes of nested texts may still be opened.
    nested: usize,
    groups: u32,
    /// The name in a group that tells that a token stands there.
    companions: HashMap<u32, String>,
    names: Names,
}

/// A single value of a response, as it is met.
struct Single<'a> {
    name: Option<&'a str>,
    /// The name of what it stands in.
    around: Option<&'a str>,
    value: &'a str,
    number: bool,
    group: Option<u32>,
    /// How many texts were opened to get here.
    opened: usize,
    /// Added to its score.
    bonus: i32,
}

impl Found {
    /// Values that stand together: an object's members, an element's children, a form's fields.
    fn group(&mut self) -> u32 {
        self.groups += 1;
        self.groups
    }

    /// Whether nothing more is to be looked at.
    fn is_full(&self) -> bool {
        self.left == 0 || self.candidates.len() >= MOST_CANDIDATES
    }

    /// Looks at a value; where it stands is only worked out when it matters.
    fn meet(&mut self, single: &Single<'_>, place: impl FnOnce() -> (TokenLocation, String)) {
        let said =
            single.name.map_or(Said { says: Says::Nothing, companion: false }, |name| self.names.read(name, single.around));
        self.meet_said(single, said, place);
    }

    /// The same where the name says something of its own.
    fn meet_named(&mut self, single: &Single<'_>, says: Says, place: impl FnOnce() -> (TokenLocation, String)) {
        self.meet_said(single, Said { says, companion: single.name.is_some_and(is_companion) }, place);
    }

    fn meet_said(&mut self, single: &Single<'_>, said: Said, place: impl FnOnce() -> (TokenLocation, String)) {
        let Said { says, companion } = said;
        self.left = self.left.saturating_sub(1);
        if let (true, Some(group), Some(name)) = (companion, single.group, single.name)
            && !single.value.is_empty()
        {
            self.companions.entry(group).or_insert_with(|| cut(&safe(name), 40).0);
        }
        let weighed = if single.number { weigh_number(says) } else { weigh(says, single.name, single.value) };
        let opens = !single.number && self.opens(single);
        if weighed.is_none() && !opens {
            return;
        }
        let (location, label) = place();
        if let Some(weighed) = weighed {
            self.push(single, weighed, location.clone(), label.clone());
        }
        if opens {
            json::look_inside(single.value, &location, &label, single.opened + 1, self);
        }
    }

    /// Whether a text could be JSON or a JWT, and may still be opened.
    fn opens(&self, single: &Single<'_>) -> bool {
        let start = single.value.trim_start();
        (start.starts_with(['{', '[']) || start.contains("eyJ"))
            && single.opened < MOST_OPENED
            && single.value.len() <= self.nested
    }

    fn push(&mut self, single: &Single<'_>, weighed: Weighed, mut location: TokenLocation, label: String) {
        let mut reason = weighed.reason;
        if weighed.scheme {
            location.then.push(LocationStep::Capture { pattern: AFTER_SCHEME.to_owned() });
            reason.push_str(", after “Bearer”");
        }
        let group = single.group.filter(|_| !weighed.other_kind);
        let score = if weighed.other_kind { weighed.score } else { weighed.score + single.bonus };
        self.candidates.push(Candidate { suggestion: Suggestion { location, label, reason }, score, group });
    }

    /// All candidates, the likeliest first.
    fn ranked(mut self) -> Vec<Candidate> {
        for candidate in &mut self.candidates {
            if let Some(companion) = candidate.group.and_then(|group| self.companions.get(&group)) {
                candidate.score += 15;
                candidate.suggestion.reason.extend([", beside ", companion]);
            }
        }
        // The sort is stable, so equals stay in the order of the response.
        self.candidates.sort_by_key(|candidate| -candidate.score);
        self.candidates
    }
}

#[cfg(test)]
mod tests;
