//! Ways to go on with a location that is being typed, taken from the response at hand. Bounded: a container's first
//! 10,000 children are looked at and 50 ways are given. Values are never shown, and names that are secrets neither.

use std::borrow::Cow;
use std::collections::HashSet;

use super::branches::{Child, Size, in_json, in_xml};
use super::jsonpath;
use super::views::Completion;
use crate::response::document::Document;
use crate::response::json::{Event, Json, Walk};
use crate::response::locate::{cookies, fields, follow};
use crate::response::masking::{Masking, cut};
use crate::response::pointer;
use crate::response::row::{BodyFormat, ValueKind};
use crate::response::xml::Xml;
use crate::token::LocationIn;

/// So many children are looked at.
const MOST_SEEN: usize = 10_000;

/// So many ways are given.
const MOST_GIVEN: usize = 50;

/// A label is cut after so many characters.
const LABEL_CHARACTERS: usize = 120;

/// A path that leads to more places is completed for the first of them.
const MOST_PLACES: usize = 100;

/// Ways to go on from the cursor (in characters) in what was typed for a part of the response. What follows the cursor up
/// to the next step is replaced.
pub fn complete(
    document: &Document,
    headers: &[(String, String)],
    part: LocationIn,
    typed: &str,
    cursor: u32,
    masking: &Masking,
) -> Vec<Completion> {
    let end = typed.char_indices().nth(cursor as usize).map_or(typed.len(), |(at, _)| at);
    let (before, after) = typed.split_at(end);
    match part {
        LocationIn::Json if document.format() != BodyFormat::Json => Vec::new(),
        LocationIn::Json => match document.json() {
            None => Vec::new(),
            Some(json) if before.trim_start().starts_with('$') => in_jsonpath(json, before.trim_start(), after, masking),
            Some(json) => in_pointer(json, before, after, masking),
        },
        LocationIn::Xml => document.xml().map(|xml| in_path(xml, before, after, masking)).unwrap_or_default(),
        LocationIn::Text => Vec::new(),
        LocationIn::Header => {
            names(headers.iter().map(|(name, value)| (name.as_str().into(), value.as_str())), before, masking)
        }
        LocationIn::Cookie => names(cookies(headers).map(|(name, value)| (name.into(), value)), before, masking),
        LocationIn::Form => names(
            fields(document.text()).map(|(name, pair)| (name, pair.split_once('=').map_or("", |(_, value)| value))),
            before,
            masking,
        ),
    }
}

/// `/data/acc` by the members of `/data`.
fn in_pointer(json: &Json, before: &str, after: &str, masking: &Masking) -> Vec<Completion> {
    let (base, partial) = before.rsplit_once('/').unwrap_or(("", before));
    let (Ok(member), Ok(partial)) = (follow(json, base), unescaped(partial)) else { return Vec::new() };
    let rest = after.find('/').map_or("", |at| &after[at..]);
    let mut found = Matches::new(&partial, masking);
    for child in in_json(json, member.value).take(MOST_SEEN) {
        found.look(&child, |child| {
            let mut text = base.to_owned();
            pointer::push(&mut text, &child.step());
            text + rest
        });
    }
    found.given()
}

/// `/a/b` by the elements, attributes and texts of `/a`.
fn in_path(xml: &Xml, before: &str, after: &str, masking: &Masking) -> Vec<Completion> {
    let (base, partial) = before.rsplit_once('/').unwrap_or(("", before));
    let around = match base {
        "" => None,
        base => match xml.find(base) {
            Ok(member) => Some(member.value),
            Err(_) => return Vec::new(),
        },
    };
    let rest = after.find('/').map_or("", |at| &after[at..]);
    let mut found = Matches::new(partial, masking);
    for child in in_xml(xml, around).take(MOST_SEEN) {
        found.look(&child, |child| format!("{base}/{}{rest}", child.step()));
    }
    found.given()
}

fn unescaped(partial: &str) -> Result<String, ()> {
    // A ~ at the very end is an escape that is being typed.
    let whole = partial.strip_suffix('~').unwrap_or(partial);
    let step = format!("/{whole}");
    pointer::steps(&step).ok().and_then(|mut steps| steps.pop()).map(String::from).ok_or(())
}

/// How the step that is being typed begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Dot,
    TwoDots,
    Bracket,
    Quoted(char),
}

/// `$.data.acc` or `$['data']['acc` by the members of what the path before leads to.
fn in_jsonpath(json: &Json, before: &str, after: &str, masking: &Masking) -> Vec<Completion> {
    let Some((base, notation, partial)) = last_step(before) else { return Vec::new() };
    let Ok(query) = jsonpath::parse(base) else { return Vec::new() };
    let rest = after.find(['.', '[']).map_or("", |at| &after[at..]);
    let mut found = Matches::new(&partial, masking);
    let write = |child: &Child<'_>| format!("{base}{}{rest}", step_written(child, notation));
    let mut left = MOST_SEEN;
    for place in query.nodes(json, MOST_PLACES).nodes {
        if notation == Notation::TwoDots {
            let mut walk = Walk::from(json, place.value);
            while let Some(event) = walk.step().filter(|_| left > 0) {
                let (Event::Enter(member) | Event::Scalar(member)) = event else { continue };
                left -= 1;
                if let Some(child) = Child::of(json, member, None) {
                    found.look(&child, write);
                }
            }
        } else {
            for child in in_json(json, place.value).take(left) {
                left -= 1;
                found.look(&child, write);
            }
        }
    }
    found.given()
}

/// The path before the step that is being typed, how that step begins, and what there is of it.
fn last_step(before: &str) -> Option<(&str, Notation, String)> {
    if before == "$" || before.ends_with(']') {
        return Some((before, Notation::Dot, String::new()));
    }
    let starts = before.char_indices().rev().filter(|(_, character)| matches!(character, '.' | '['));
    for (at, _) in starts {
        let (base, step) = before.split_at(at);
        if jsonpath::parse(base).is_err() {
            continue;
        }
        let (notation, partial) = match step.as_bytes() {
            [b'.', b'.', ..] => (Notation::TwoDots, &step[2..]),
            [b'.', ..] => (Notation::Dot, &step[1..]),
            [b'[', b'\'', ..] => (Notation::Quoted('\''), &step[2..]),
            [b'[', b'"', ..] => (Notation::Quoted('"'), &step[2..]),
            _ => (Notation::Bracket, &step[1..]),
        };
        let quoted = matches!(notation, Notation::Quoted(_));
        let fits = if quoted { true } else { partial.chars().all(|c| c.is_alphanumeric() || c == '_' || !c.is_ascii()) };
        return fits.then(|| (base, notation, if quoted { partial.replace('\\', "") } else { partial.to_owned() }));
    }
    None
}

fn step_written(child: &Child<'_>, notation: Notation) -> String {
    let Some(name) = &child.name else {
        return if notation == Notation::TwoDots { format!("..[{}]", child.index) } else { format!("[{}]", child.index) };
    };
    let quoted = |quote: char| {
        let mut out = format!("[{quote}");
        jsonpath::push_quoted(&mut out, name, quote);
        out.push(quote);
        out.push(']');
        out
    };
    match notation {
        Notation::Dot if jsonpath::is_bare(name) => format!(".{name}"),
        Notation::TwoDots if jsonpath::is_bare(name) => format!("..{name}"),
        Notation::TwoDots => format!("..{}", quoted('\'')),
        Notation::Quoted(quote) => quoted(quote),
        Notation::Dot | Notation::Bracket => quoted('\''),
    }
}

/// Names of headers, cookies and form fields.
fn names<'a>(named: impl Iterator<Item = (Cow<'a, str>, &'a str)>, typed: &str, masking: &Masking) -> Vec<Completion> {
    let mut found = Matches::new(typed.trim(), masking);
    for (name, value) in named.take(MOST_SEEN) {
        let child = Child { name: Some(name), index: 0, kind: ValueKind::Text, size: Size::Text(value.into()) };
        found.look(&child, |child| child.step().into_owned());
    }
    found.given()
}

/// The ways found so far: first those that begin as typed, then those that begin so in another case, then those that
/// contain it.
struct Matches<'a> {
    partial: String,
    folded: String,
    masking: &'a Masking,
    known: HashSet<String>,
    ranked: [Vec<Completion>; 3],
}

impl<'a> Matches<'a> {
    fn new(partial: &str, masking: &'a Masking) -> Self {
        let folded = partial.to_lowercase();
        Self { partial: partial.to_owned(), folded, masking, known: HashSet::new(), ranked: Default::default() }
    }

    fn look<'c>(&mut self, child: &Child<'c>, write: impl FnOnce(&Child<'c>) -> String) {
        let label = child.step();
        let rank = if label.starts_with(&self.partial) {
            0
        } else {
            let folded = label.to_lowercase();
            if folded.starts_with(&self.folded) {
                1
            } else if folded.contains(&self.folded) {
                2
            } else {
                return;
            }
        };
        if self.ranked[rank].len() >= MOST_GIVEN || self.masking.knows(&label) {
            return;
        }
        let text = write(child);
        if self.masking.knows(&text) || !self.known.insert(text.clone()) {
            return;
        }
        let label = cut(&label, LABEL_CHARACTERS).0;
        self.ranked[rank].push(Completion { text, label, kind: child.kind, detail: child.detail() });
    }

    fn given(self) -> Vec<Completion> {
        self.ranked.into_iter().flatten().take(MOST_GIVEN).collect()
    }
}

#[cfg(test)]
mod tests;
