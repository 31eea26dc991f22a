//! Following a pointer or a JSONPath through a tree to what stands there.

use std::borrow::Cow;

use super::LocateFailure;
use crate::response::ValueKind;
use crate::response::json::{Json, Member};
use crate::response::path::{Step, jsonpath, steps_to};
use crate::response::xml::{Xml, XmlPathFault};
use crate::token::{PathError, pointer};

/// Values of a JSONPath are counted up to here.
pub(in crate::response) const MOST_COUNTED: usize = 10_000;

/// What stands at a place: a value's type and its text, which is its JSON for an object or array.
pub(in crate::response) struct Found<'a> {
    pub kind: ValueKind,
    pub text: Cow<'a, str>,
}

impl<'a> Found<'a> {
    /// What begins at `value`.
    pub fn of(json: &'a Json, value: u32) -> Self {
        let kind = json.kind(value);
        let text = if json.is_container(value) { json.raw(value).into() } else { json.scalar(value) };
        Self { kind, text }
    }

    /// A text that is no JSON string.
    pub fn text(text: Cow<'a, str>) -> Self {
        Self { kind: ValueKind::Text, text }
    }

    /// The text of what can be a token: anything but an object, an array, `true`, `false` and `null`.
    pub fn single(self) -> Result<Cow<'a, str>, LocateFailure> {
        let what = match self.kind {
            ValueKind::Object => "an object",
            ValueKind::Array => "an array",
            ValueKind::Boolean => "true or false",
            ValueKind::Null => "null",
            ValueKind::Element => "an element with other elements inside it",
            _ => return Ok(self.text),
        };
        Err(LocateFailure::WrongType { what })
    }

    /// Free of what it was found in.
    pub fn into_owned(self) -> Found<'static> {
        Found { kind: self.kind, text: Cow::Owned(self.text.into_owned()) }
    }
}

/// What stands at a pointer, or at a JSONPath that yields one value, and the pointer.
pub(super) fn json_value<'a>(json: &'a Json, at: &str) -> Result<(Found<'a>, String), LocateFailure> {
    let at = if at.trim_start().starts_with('$') { path_to_pointer(json, at.trim())? } else { at.to_owned() };
    let member = follow(json, &at)?;
    Ok((Found::of(json, member.value), at))
}

/// What stands at a path in XML, and the path as the tree shows it. An element without elements is its text.
pub(super) fn xml_value<'a>(xml: &'a Xml, at: &str) -> Result<(Found<'a>, String), LocateFailure> {
    let (member, path) = xml.find_single(at).map_err(|error| {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        match error.fault {
            XmlPathFault::Malformed => {
                LocateFailure::BadXmlPath(PathError { from: place(error.from), to: place(error.to), message: error.message })
            }
            XmlPathFault::Missing { deepest } => LocateFailure::NotThere { pointer: at.to_owned(), deepest },
            XmlPathFault::Several { name, times } => {
                LocateFailure::SeveralElements { name, times, step: (place(error.from), place(error.to)) }
            }
        }
    })?;
    let kind = if xml.has_elements(member.value) { ValueKind::Element } else { ValueKind::Text };
    Ok((Found { kind, text: xml.scalar(member.value) }, path))
}

/// The value at a pointer. Every object on the way is read whole, for a key that stands in it twice.
pub(in crate::response) fn follow(json: &Json, at: &str) -> Result<Member, LocateFailure> {
    let steps = pointer::steps(at).map_err(LocateFailure::BadPointer)?;
    let mut member = json.root();
    for (depth, step) in steps.iter().enumerate() {
        let found = match json.kind(member.value) {
            ValueKind::Object => match named(json, member.value, step) {
                (_, times @ 2..) => return Err(LocateFailure::Ambiguous { key: step.to_string(), times }),
                (found, _) => found,
            },
            ValueKind::Array if step == "-" => return Err(LocateFailure::AfterLast { pointer: at.to_owned() }),
            ValueKind::Array => element(json, member.value, step),
            _ => None,
        };
        member = found.ok_or_else(|| {
            let deepest = written(&steps[..depth]);
            LocateFailure::NotThere { pointer: at.to_owned(), deepest }
        })?;
    }
    Ok(member)
}

/// The last member of this name, and how many there are.
fn named(json: &Json, object: u32, name: &str) -> (Option<Member>, u32) {
    let (mut found, mut times) = (None, 0);
    let mut next = json.first(object);
    while let Some(member) = next {
        if json.key(member).is_some_and(|key| key == name) {
            found = Some(member);
            times += 1;
        }
        next = json.next(json.end(member.value), true);
    }
    (found, times)
}

/// The element whose position is written without sign and leading zeros.
fn element(json: &Json, array: u32, step: &str) -> Option<Member> {
    let plain = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    let number: u32 = step.parse().ok().filter(|_| plain)?;
    if number >= json.count(array) {
        return None;
    }
    json.child(array, &json.marks(array), number)
}

fn path_to_pointer(json: &Json, path: &str) -> Result<String, LocateFailure> {
    let query = jsonpath::parse(path).map_err(LocateFailure::BadPath)?;
    let found = query.nodes(json, MOST_COUNTED);
    match found.nodes.as_slice() {
        _ if found.too_much => Err(LocateFailure::TooMuch),
        _ if !found.all => Err(LocateFailure::MoreThan(MOST_COUNTED)),
        [only] => Ok(pointer_to(json, *only)),
        several => Err(LocateFailure::Several(several.len())),
    }
}

/// The pointer of a node.
fn pointer_to(json: &Json, node: Member) -> String {
    let mut at = String::new();
    for step in steps_to(json, node) {
        match step {
            Step::Name(name) => pointer::push(&mut at, &name),
            Step::Index(index) => pointer::push(&mut at, &index.to_string()),
        }
    }
    at
}

fn written(steps: &[Cow<'_, str>]) -> String {
    let mut at = String::new();
    for step in steps {
        pointer::push(&mut at, step);
    }
    at
}
