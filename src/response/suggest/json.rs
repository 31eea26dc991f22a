//! Likely tokens in JSON: of the body, of a text inside it, of a JWT's claims.

use std::borrow::Cow;

use super::names::{Says, says};
use super::{DEEPEST, FARTHEST, Found, MOST_ELEMENTS, Single};
use crate::response::json::{Event, Json, Walk};
use crate::response::masking::cut;
use crate::response::row::ValueKind;
use crate::response::{jwt, pointer};
use crate::token::{LocationStep, TokenLocation};

/// Where a JSON document stands.
pub(super) enum Inside {
    /// It is the body.
    Body,
    /// It is the text at a location, whose label is given.
    Text(TokenLocation, String),
    /// It is the claims of the JWT at a location.
    Claims(TokenLocation, String),
}

impl Inside {
    /// The body itself.
    pub fn body() -> Self {
        Self::Body
    }

    /// The location and the label of the value at a pointer.
    fn place(&self, at: &str) -> (TokenLocation, String) {
        match self {
            Self::Body if at.is_empty() => (TokenLocation::json(""), "the whole response".to_owned()),
            Self::Body => (TokenLocation::json(at), dotted(at)),
            Self::Text(location, label) => {
                let mut location = location.clone();
                location.then.push(LocationStep::Json { at: at.to_owned() });
                (location, format!("{label} › {}", dotted(at)))
            }
            Self::Claims(location, label) => {
                let mut location = location.clone();
                let end = at[1..].find('/').map_or(at.len(), |slash| slash + 1);
                let claim = at[1..end].replace("~1", "/").replace("~0", "~");
                location.then.push(LocationStep::JwtClaim { claim });
                if end < at.len() {
                    location.then.push(LocationStep::Json { at: at[end..].to_owned() });
                }
                (location, format!("{label} › claim {}", dotted(at)))
            }
        }
    }
}

/// `/data/session/access_token` as `data.session.access_token`.
fn dotted(pointer: &str) -> String {
    cut(&pointer.get(1..).unwrap_or_default().replace('/', ".").replace("~1", "/").replace("~0", "~"), 120).0
}

/// Looks at a text that may be JSON or a JWT itself.
pub(super) fn look_inside(value: &str, location: &TokenLocation, label: &str, opened: usize, found: &mut Found) {
    let place = (location.clone(), label.to_owned());
    if value.trim_start().starts_with(['{', '[']) {
        found.nested = found.nested.saturating_sub(value.len());
        if let Ok(json) = Json::parse(value.to_owned()) {
            look(&json, &Inside::Text(place.0, place.1), opened, found);
        }
    } else if let Some(claims) = jwt::claims(value) {
        found.nested = found.nested.saturating_sub(value.len());
        look(&claims, &Inside::Claims(place.0, place.1), opened, found);
    }
}

/// A container that is being walked: its group, and the name it goes by.
struct Open<'a> {
    group: u32,
    list: bool,
    name: Option<Cow<'a, str>>,
}

/// Looks at every value of a document.
pub(super) fn look(json: &Json, inside: &Inside, opened: usize, found: &mut Found) {
    let mut walk = Walk::new(json);
    let mut at = String::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    while !found.is_full() {
        match walk.step() {
            None => break,
            Some(Event::Leave) => {
                open.pop();
                pointer::pop(&mut at);
                leave_long_list(&mut walk, &open);
            }
            Some(Event::Enter(member)) => {
                step(json.key(member).as_deref(), walk.ordinal(), &mut at, open.len());
                // An element of an array goes by the array's name.
                let name = json.key(member).or_else(|| open.last().and_then(|around| around.name.clone()));
                open.push(Open { group: found.group(), list: !json.is_object(member.value), name });
                if open.len() > DEEPEST {
                    walk.skip_rest();
                }
            }
            Some(Event::Scalar(member)) => {
                if member.start > FARTHEST {
                    break;
                }
                leave_long_list(&mut walk, &open);
                let kind = json.kind(member.value);
                if !matches!(kind, ValueKind::String | ValueKind::Number) {
                    continue;
                }
                let (key, around) = (json.key(member), open.last());
                let value = json.scalar(member.value);
                let single = Single {
                    name: key.as_deref(),
                    around: around.and_then(|around| around.name.as_deref()),
                    value: &value,
                    number: kind == ValueKind::Number,
                    group: around.map(|around| around.group),
                    opened,
                    bonus: 0,
                };
                let place = || {
                    let mut at = at.clone();
                    step(key.as_deref(), walk.ordinal(), &mut at, open.len());
                    inside.place(&at)
                };
                match inside {
                    Inside::Claims(..) => claim(&single, found, place),
                    _ => found.meet(&single, place),
                }
            }
        }
    }
}

/// Passes over the rest of a list of which enough was seen.
fn leave_long_list(walk: &mut Walk<'_>, open: &[Open<'_>]) {
    if walk.ordinal() + 1 >= MOST_ELEMENTS && open.last().is_some_and(|around| around.list) {
        walk.skip_rest();
    }
}

/// A claim is rarely the token: only when it is called one, and after all others.
fn claim(single: &Single<'_>, found: &mut Found, place: impl FnOnce() -> (TokenLocation, String)) {
    if let Some(Says::Token(named)) = single.name.map(|name| says(name, single.around))
        && named.score >= 90
    {
        found.meet(&Single { bonus: -50, ..*single }, place);
    }
}

/// Appends the step of a value that is not the document's own.
fn step(key: Option<&str>, ordinal: u32, at: &mut String, depth: usize) {
    match key {
        Some(key) => pointer::push(at, key),
        None if depth > 0 => pointer::push(at, &ordinal.to_string()),
        None => {}
    }
}
