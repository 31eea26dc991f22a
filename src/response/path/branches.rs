//! What can be stepped to from a container of a tree, for completion.

use std::borrow::Cow;

use crate::response::json::{Json, Member};
use crate::response::row::ValueKind;
use crate::response::xml::Xml;

/// Strings are counted up to so many bytes.
const MOST_COUNTED: usize = 1 << 20;

/// One child.
pub(super) struct Child<'a> {
    /// Its name; `None` for an element of an array.
    pub name: Option<Cow<'a, str>>,
    /// Its position in an array.
    pub index: u32,
    pub kind: ValueKind,
    pub size: Size<'a>,
}

/// How much stands in a child.
pub(super) enum Size<'a> {
    /// So many children.
    Children(u32),
    /// The characters of this.
    Text(Cow<'a, str>),
    /// Nothing that is counted.
    One,
}

impl Size<'_> {
    fn count(&self) -> u32 {
        let count = match self {
            Self::Children(count) => return *count,
            Self::Text(text) if text.len() > MOST_COUNTED => text.len(),
            Self::Text(text) => text.chars().count(),
            Self::One => 1,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

impl<'a> Child<'a> {
    /// A member of a JSON object, or the element at `index`; `None` when it is neither.
    pub fn of(json: &'a Json, member: Member, index: Option<u32>) -> Option<Self> {
        let name = json.key(member);
        if name.is_none() && index.is_none() {
            return None;
        }
        let kind = json.kind(member.value);
        let size = match kind {
            ValueKind::Object | ValueKind::Array => Size::Children(json.count(member.value)),
            ValueKind::String => Size::Text(json.string(member.value)),
            _ => Size::One,
        };
        Some(Self { name, index: index.unwrap_or(0), kind, size })
    }

    /// Its name or position.
    pub fn step(&self) -> Cow<'a, str> {
        self.name.clone().unwrap_or_else(|| Cow::Owned(self.index.to_string()))
    }

    /// What stands there in words, never the value.
    pub fn detail(&self) -> String {
        let counted = |one: &str, several: &str| match self.size.count() {
            1 => format!("1 {one}"),
            size => format!("{size} {several}"),
        };
        match self.kind {
            ValueKind::Object => format!("object · {}", counted("member", "members")),
            ValueKind::Array => format!("array · {}", counted("element", "elements")),
            ValueKind::Number => "number".to_owned(),
            ValueKind::Boolean => "true or false".to_owned(),
            ValueKind::Null => "null".to_owned(),
            ValueKind::String => format!("string · {}", counted("character", "characters")),
            _ => format!("text · {}", counted("character", "characters")),
        }
    }
}

/// What the element at `around` holds, or the outermost element when there is none, by its step in a path.
pub(super) fn in_xml(xml: &Xml, around: Option<u32>) -> impl Iterator<Item = Child<'_>> {
    let outermost = around.is_none().then(|| (xml.root(), xml.name(xml.root()).into_owned()));
    let around = around.filter(|around| xml.is_container(*around));
    let steps = move |around: u32| xml.children(around).map(move |child| (child, xml.step(around, child)));
    let inside = around.into_iter().flat_map(steps);
    outermost.into_iter().chain(inside).map(move |(child, step)| {
        let size = match xml.kind(child.value) {
            ValueKind::Element if xml.is_container(child.value) => Size::Children(xml.count(child.value)),
            _ => Size::Text(xml.scalar(child.value)),
        };
        Child { name: Some(Cow::Owned(step)), index: 0, kind: xml.kind(child.value), size }
    })
}

/// The children of a JSON value, in order; none of a single value.
pub(super) fn in_json(json: &Json, value: u32) -> impl Iterator<Item = Child<'_>> {
    let container = json.is_container(value);
    let named = container && json.is_object(value);
    let mut next = if container { json.first(value) } else { None };
    let mut index = 0;
    std::iter::from_fn(move || {
        let member = next?;
        next = json.next(json.end(member.value), named);
        index += 1;
        Child::of(json, member, Some(index - 1))
    })
}
