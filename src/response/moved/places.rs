//! Every single value of a response with the location that leads to it, in the order of the response. Bounded, as
//! suggestions are.

use super::super::document::Document;
use super::super::json::{Event, Json, Member, Walk};
use super::super::pointer;
use super::super::row::{BodyFormat, ValueKind};
use super::super::xml::Xml;
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// A walk ends after so many values, …
const MOST_VALUES: usize = 200_000;

/// …so many bytes of text, …
const FARTHEST: u32 = 8 << 20;

/// …and passes over what is nested deeper.
const DEEPEST: usize = 32;

/// So many lines of NDJSON are opened.
const MOST_LINES: usize = 1000;

/// So many bytes of JSON in strings are opened in all.
const MOST_INNER_BYTES: usize = 1 << 20;

/// A single value and how it is reached.
pub(super) struct Place {
    pub location: TokenLocation,
    /// The names down to it, the position of an element in digits.
    pub names: Vec<String>,
    /// Whether each of the names is a position.
    pub positions: Vec<bool>,
    pub text: String,
    pub kind: ValueKind,
    /// Where the JSON text stands in which it was found, when that is a string of the response.
    pub inside: Option<String>,
}

impl Place {
    /// Names in words, as its part of the response writes them.
    pub fn joined(&self, names: &[String]) -> String {
        names.join(if self.location.part == LocationIn::Xml { "/" } else { "." })
    }
}

/// Tells every value of the response that could be a token: of the body, of JSON in its strings, headers, cookies and form
/// fields.
pub(super) fn visit(document: &Document, headers: &[(String, String)], mut tell: impl FnMut(&Place)) {
    let mut left = MOST_INNER_BYTES;
    let mut tell_with_inner = |place: Place| {
        tell(&place);
        in_string(&place, &mut left, &mut tell);
    };
    if let Some(xml) = document.xml() {
        in_elements(xml, &mut tell_with_inner);
    } else if let Some(json) = document.json() {
        in_tree(json, &mut tell_with_inner);
    } else if document.format() == BodyFormat::Ndjson {
        for (number, line) in (1..).zip(document.text().lines()).take(MOST_LINES) {
            let then = vec![LocationStep::Line { number }];
            let location = TokenLocation { part: LocationIn::Text, at: String::new(), then };
            let line = Place { location, ..named(LocationIn::Text, &format!("line {number}"), line) };
            in_string(&line, &mut left, &mut tell);
        }
    } else {
        for (name, value) in url::form_urlencoded::parse(document.text().trim().as_bytes()).take(100) {
            tell(&named(LocationIn::Form, &name, &value));
        }
    }
    for (name, value) in headers.iter().take(200) {
        if !name.eq_ignore_ascii_case("set-cookie") {
            tell(&named(LocationIn::Header, name, value));
        } else if let Some((name, value)) = value.split(';').next().and_then(|pair| pair.split_once('=')) {
            tell(&named(LocationIn::Cookie, name.trim(), value.trim()));
        }
    }
}

fn named(part: LocationIn, name: &str, value: &str) -> Place {
    Place {
        location: TokenLocation { part, at: name.to_owned(), then: Vec::new() },
        names: vec![name.to_owned()],
        positions: vec![false],
        text: value.to_owned(),
        kind: ValueKind::String,
        inside: None,
    }
}

/// The values of JSON that stands in a string, once deep.
fn in_string(outer: &Place, left: &mut usize, tell: &mut impl FnMut(&Place)) {
    let starts = outer.text.trim_ascii_start().starts_with(['{', '[']);
    if outer.kind != ValueKind::String || !starts || outer.text.len() > *left {
        return;
    }
    *left -= outer.text.len();
    let Ok(json) = Json::parse(outer.text.clone()) else { return };
    in_tree(&json, &mut |place| {
        let inner = LocationStep::Json { at: place.location.at.clone() };
        let then = outer.location.then.iter().cloned().chain([inner]).collect();
        let location = TokenLocation { then, ..outer.location.clone() };
        tell(&Place { location, inside: Some(outer.names.join(".")), ..place });
    });
}

/// The single values of XML, in the order of the text.
fn in_elements(xml: &Xml, tell: &mut impl FnMut(Place)) {
    let root = xml.root();
    let mut names = vec![xml.name(root).into_owned()];
    let mut path = vec![names[0].clone()];
    if !xml.is_container(root.value) {
        return tell(single(xml, root, &path, names));
    }
    // Of each open element, where it begins and its next child.
    let mut open = vec![(root.value, xml.first(root.value))];
    for _ in 0..MOST_VALUES {
        let Some((around, next)) = open.last_mut() else { return };
        let Some(member) = *next else {
            open.pop();
            names.pop();
            path.pop();
            continue;
        };
        if member.start > FARTHEST {
            return;
        }
        let around = *around;
        *next = xml.next(xml.end(member.value), around);
        let (name, step) = (xml.name(member).into_owned(), xml.step(around, member));
        if name == "text()" {
            // It goes by its element's name, and by its path where that means the text.
            let path: Vec<_> = path.iter().cloned().chain(xml.has_elements(around).then_some(step)).collect();
            tell(single(xml, member, &path, names.clone()));
            continue;
        }
        if !xml.is_container(member.value) {
            let path: Vec<_> = path.iter().cloned().chain([step]).collect();
            tell(single(xml, member, &path, names.iter().cloned().chain([name]).collect()));
        } else if open.len() < DEEPEST {
            names.push(name);
            path.push(step);
            open.push((member.value, xml.first(member.value)));
        }
    }
}

fn single(xml: &Xml, member: Member, path: &[String], names: Vec<String>) -> Place {
    let positions = vec![false; names.len()];
    let location = TokenLocation { part: LocationIn::Xml, at: format!("/{}", path.join("/")), then: Vec::new() };
    let text = xml.scalar(member.value).into_owned();
    Place { location, names, positions, text, kind: ValueKind::String, inside: None }
}

fn in_tree(json: &Json, tell: &mut impl FnMut(Place)) {
    let mut walk = Walk::new(json);
    let mut names: Vec<String> = Vec::new();
    let mut positions: Vec<bool> = Vec::new();
    let mut depth = 0_usize;
    for _ in 0..MOST_VALUES {
        match walk.step() {
            None => return,
            Some(Event::Leave) => {
                depth -= 1;
                names.pop();
                positions.pop();
            }
            Some(Event::Enter(member)) => {
                push(json, member, &walk, depth, &mut names, &mut positions);
                depth += 1;
                if depth > DEEPEST {
                    walk.skip_rest();
                }
            }
            Some(Event::Scalar(member)) => {
                if member.start > FARTHEST {
                    return;
                }
                let kind = json.kind(member.value);
                if matches!(kind, ValueKind::String | ValueKind::Number) {
                    push(json, member, &walk, depth, &mut names, &mut positions);
                    let mut at = String::new();
                    for name in &names {
                        pointer::push(&mut at, name);
                    }
                    let (names_of, positions_of) = (names.clone(), positions.clone());
                    let text = json.scalar(member.value).into_owned();
                    let location = TokenLocation::json(at);
                    tell(Place { location, names: names_of, positions: positions_of, text, kind, inside: None });
                    if depth > 0 {
                        names.pop();
                        positions.pop();
                    }
                }
            }
        }
    }
}

/// Appends the step of a value that is not the document's own.
fn push(json: &Json, member: Member, walk: &Walk<'_>, depth: usize, names: &mut Vec<String>, positions: &mut Vec<bool>) {
    match json.key(member) {
        Some(key) => {
            names.push(key.into_owned());
            positions.push(false);
        }
        None if depth > 0 => {
            names.push(walk.ordinal().to_string());
            positions.push(true);
        }
        None => {}
    }
}
