//! What stands beside a value and around it, in the body and in each text that a location opens on its way.

use std::borrow::Cow;

use super::super::document::Document;
use super::super::json::{Json, Member};
use super::super::masking::cut;
use super::super::row::ValueKind;
use super::super::xml::Xml;
use super::super::{jwt, pointer};
use super::{Clocks, Lifetime, LocationIn, TokenLocation, of_cookie, of_headers, of_jwt, said};
use crate::token::LocationStep;

/// Of an element so many children are looked at.
const MOST_CHILDREN: usize = 10_000;

/// So many objects around a value are looked at, the innermost first, and the top.
const MOST_LEVELS: usize = 8;

/// Texts that a location opens on its way are looked at up to this size.
const LARGEST_TEXT: usize = 16 << 20;

/// A name is told up to so many characters.
const NAME_CHARACTERS: usize = 60;

/// A life that is told near the value.
pub(super) struct Found {
    pub lifetime: Lifetime,
    /// Whether it stands in one object with the value.
    pub beside: bool,
}

/// What is said nearest to the value: in the innermost text that is opened on the way and says something, else in the
/// response itself.
pub(super) fn in_steps(
    document: &Document,
    headers: &[(String, String)],
    location: &TokenLocation,
    clocks: Clocks,
) -> Option<Found> {
    let mut innermost = in_part(document, headers, location, clocks);
    let mut text = if location.then.is_empty() { None } else { base(document, headers, location) };
    for step in &location.then {
        let Some(opened) = text.take().filter(|text| text.len() <= LARGEST_TEXT) else { break };
        let (inside, next) = open(opened, step, clocks);
        // What was said of the outer text is not said beside the value.
        innermost = inside.or_else(|| innermost.map(|found| Found { beside: false, ..found }));
        text = next;
    }
    innermost
}

/// The text that stands at the location, before any `then`.
fn base(document: &Document, headers: &[(String, String)], location: &TokenLocation) -> Option<String> {
    let at = location.at.as_str();
    match location.part {
        LocationIn::Xml => {
            let xml = document.xml()?;
            let (member, _) = xml.find_single(at).ok()?;
            (xml.end(member.value) as usize - member.value as usize <= LARGEST_TEXT)
                .then(|| xml.scalar(member.value).into_owned())
        }
        LocationIn::Json => {
            let json = document.json()?;
            let value = json.find(&pointer::steps(at).ok()?).ok()?.value;
            (json.end(value) as usize - value as usize <= LARGEST_TEXT).then(|| text_of(json, value))
        }
        LocationIn::Header => {
            let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(at.trim()));
            named.map(|(_, value)| value.trim().to_owned())
        }
        LocationIn::Form => form(document).find(|(name, _)| name == at).map(|(_, value)| value.into_owned()),
        LocationIn::Text => Some(document.text()).filter(|text| text.len() <= LARGEST_TEXT).map(str::to_owned),
        // What a cookie holds has no life but the cookie's.
        LocationIn::Cookie => None,
    }
}

/// A value as the next step reads it: a container as its JSON text.
fn text_of(json: &Json, value: u32) -> String {
    if json.is_container(value) { json.raw(value).to_owned() } else { json.scalar(value).into_owned() }
}

/// What is said within one opened text, and the text that the next step opens.
fn open(text: String, step: &LocationStep, clocks: Clocks) -> (Option<Found>, Option<String>) {
    match step {
        LocationStep::Json { at } => {
            let (Ok(json), Ok(steps)) = (Json::parse(text), pointer::steps(at)) else { return (None, None) };
            let next = json.find(&steps).ok().map(|member| text_of(&json, member.value));
            (around(&json, &steps, clocks), next)
        }
        LocationStep::JwtClaim { claim } => {
            let Some(claims) = jwt::claims(&text) else { return (None, None) };
            let next = claims.find(&[Cow::Borrowed(claim.as_str())]).ok().map(|member| text_of(&claims, member.value));
            (of_jwt(&text, clocks).map(|lifetime| Found { lifetime, beside: true }), next)
        }
        LocationStep::Line { number } => {
            let line = (*number as usize).checked_sub(1).and_then(|position| text.lines().nth(position));
            (None, line.map(str::to_owned))
        }
        // What was captured is a piece of a text: nothing stands beside it.
        LocationStep::Capture { .. } => (None, None),
    }
}

fn in_part(document: &Document, headers: &[(String, String)], location: &TokenLocation, clocks: Clocks) -> Option<Found> {
    let at = location.at.as_str();
    let near = |lifetime: Option<Lifetime>, beside| lifetime.map(|lifetime| Found { lifetime, beside });
    match location.part {
        LocationIn::Json => around(document.json()?, &pointer::steps(at).ok()?, clocks),
        LocationIn::Xml => around_in_xml(document.xml()?, at, clocks),
        LocationIn::Form => {
            near(form(document).find_map(|(name, value)| told(&name, &value, clocks, "beside the value")), true)
        }
        LocationIn::Cookie => near(of_cookie(headers, at, clocks), true).or_else(|| near(in_body(document, clocks), false)),
        LocationIn::Header => near(of_headers(headers, clocks), true).or_else(|| near(in_body(document, clocks), false)),
        LocationIn::Text => None,
    }
}

fn form(document: &Document) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    url::form_urlencoded::parse(document.text().trim().as_bytes()).take(1000)
}

/// What the body says at its top, or one level below, of a token that came in a header or a cookie.
fn in_body(document: &Document, clocks: Clocks) -> Option<Lifetime> {
    if let Some(xml) = document.xml() {
        return in_element(xml, xml.root().value, clocks, "in the body");
    }
    let json = document.json()?;
    let top = json.root().value;
    if !json.is_object(top) {
        return None;
    }
    in_object(json, top, clocks, "in the body").or_else(|| {
        let inner = members(json, top).filter(|(_, value)| json.is_object(*value)).take(10);
        inner.into_iter().find_map(|(_, object)| in_object(json, object, clocks, "in the body"))
    })
}

/// What is said in the objects around the value at these steps, the innermost first.
fn around(json: &Json, steps: &[Cow<'_, str>], clocks: Clocks) -> Option<Found> {
    let depths = (0..=steps.len()).rev();
    let nearest = depths.clone().skip(1).take(MOST_LEVELS).chain((steps.len() > MOST_LEVELS).then_some(0));
    let mut beside = true;
    for depth in nearest {
        let Ok(member) = json.find(&steps[..depth]) else { continue };
        if !json.is_object(member.value) {
            continue;
        }
        let place = match (beside, depth) {
            (true, _) => "beside the value",
            (false, 0) => "at the top of the response",
            (false, _) => "around the value",
        };
        if let Some(lifetime) = in_object(json, member.value, clocks, place) {
            return Some(Found { lifetime, beside });
        }
        beside = false;
    }
    None
}

/// What is said in the elements around the value at this path: in the attributes of its own element and in what stands
/// beside that, then further out.
fn around_in_xml(xml: &Xml, path: &str, clocks: Clocks) -> Option<Found> {
    let mut element = match path.rsplit_once('/') {
        Some((element, last)) if last.starts_with('@') || last.starts_with("text()") => element,
        _ => path,
    };
    for level in 0..MOST_LEVELS {
        if element.is_empty() {
            return None;
        }
        let beside = level < 2;
        let place = if beside { "beside the value" } else { "around the value" };
        let found = xml.find(element).ok().and_then(|member| in_element(xml, member.value, clocks, place));
        if let Some(lifetime) = found {
            return Some(Found { lifetime, beside });
        }
        element = element.rsplit_once('/')?.0;
    }
    None
}

/// What the attributes and elements in an element say, and those of a `Lifetime` among them, as WS-Trust has it.
fn in_element(xml: &Xml, element: u32, clocks: Clocks, place: &str) -> Option<Lifetime> {
    xml.children(element).take(MOST_CHILDREN).find_map(|member| {
        let name = xml.name(member);
        if xml.is_container(member.value) {
            let inside = name.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case("lifetime"));
            let mut said = xml.children(member.value).take(10).filter(|_| inside);
            return said.find_map(|inner| said_by(xml, inner, clocks, place));
        }
        said_by(xml, member, clocks, place)
    })
}

fn said_by(xml: &Xml, member: Member, clocks: Clocks, place: &str) -> Option<Lifetime> {
    let name = xml.name(member);
    let fit = said::is_said_by(&name) && xml.end(member.value) - member.value <= 300;
    fit.then(|| told(&name, &xml.scalar(member.value), clocks, place))?
}

fn in_object(json: &Json, object: u32, clocks: Clocks, place: &str) -> Option<Lifetime> {
    members(json, object).find_map(|(name, value)| {
        let kind = json.kind(value);
        let fit = matches!(kind, ValueKind::String | ValueKind::Number) && json.end(value) - value <= 100;
        fit.then(|| told(&name, &json.scalar(value), clocks, place))?
    })
}

/// The members of an object whose names say something of a life, and those that are objects.
fn members(json: &Json, object: u32) -> impl Iterator<Item = (Cow<'_, str>, u32)> {
    let mut next = json.first(object);
    std::iter::from_fn(move || {
        loop {
            let member = next?;
            next = json.next(json.end(member.value), true);
            let name = json.key(member).unwrap_or_default();
            if said::is_said_by(&name) || json.is_object(member.value) {
                return Some((name, member.value));
            }
        }
    })
}

fn told(name: &str, value: &str, clocks: Clocks, place: &str) -> Option<Lifetime> {
    let seconds = said::seconds(name, value, clocks)?;
    // It is the server's own text: a prefix of XML may be of any length.
    let name_in_words = cut(name.trim_start_matches('@'), NAME_CHARACTERS).0;
    Lifetime::new(seconds, format!("{name_in_words} {place}"))
}
