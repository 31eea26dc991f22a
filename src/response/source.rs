//! One way to walk whatever a response holds: JSON, XML, lines, form fields, headers and cookies, each read in place.
//!
//! A source is a tree of [`Member`]s, each known by where it begins. What a value opens to is a source of its own.

use std::borrow::Cow;

use super::fields::Fields;
use super::form::Form;
use super::json::{Json, Member, STRIDE};
use super::lines::Lines;
use super::row::ValueKind;
use super::xml::Xml;
use crate::redact::secret_name_at_end;

/// Where the root of a source begins whose text has no place for it: all of the text belongs to its children.
pub(super) const ROOT: u32 = u32::MAX;

/// The name that a line belongs to is looked for so many bytes before it.
const FARTHEST_NAME: usize = 512;

/// A tree that is read in place. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// A JSON text.
    Json(&'a Json),
    /// The claims of a JWT, an object.
    Claims(&'a Json),
    /// An XML text.
    Xml(&'a Xml),
    /// A text and its lines; a text of one line without a line break is a single value.
    Lines(&'a str, &'a Lines),
    /// Form fields.
    Form(&'a Form),
    /// Headers and cookies.
    Fields(&'a Fields),
}

impl<'a> Source<'a> {
    /// The outermost value.
    pub fn root(self) -> Member {
        match self {
            Self::Json(json) | Self::Claims(json) => json.root(),
            Self::Xml(xml) => xml.root(),
            Self::Lines(..) | Self::Form(_) | Self::Fields(_) => Member { start: ROOT, value: ROOT },
        }
    }

    /// The type of a value.
    pub fn kind(self, value: u32) -> ValueKind {
        match self {
            Self::Claims(json) if value == json.root().value => ValueKind::Claims,
            Self::Json(json) | Self::Claims(json) => json.kind(value),
            Self::Xml(xml) => xml.kind(value),
            Self::Lines(..) if self.is_container(value) => ValueKind::Lines,
            Self::Form(_) | Self::Fields(_) if self.is_container(value) => ValueKind::Fields,
            Self::Lines(..) | Self::Form(_) | Self::Fields(_) => ValueKind::Text,
        }
    }

    /// Whether a value has children, or could have.
    pub fn is_container(self, value: u32) -> bool {
        match self {
            Self::Json(json) | Self::Claims(json) => json.is_container(value),
            Self::Xml(xml) => xml.is_container(value),
            Self::Lines(text, lines) => value == ROOT && (lines.count() > 1 || text.ends_with('\n')),
            Self::Form(_) => value == ROOT,
            Self::Fields(fields) => fields.is_group(value),
        }
    }

    /// How many children a container has.
    pub fn count(self, value: u32) -> u32 {
        match self {
            Self::Json(json) | Self::Claims(json) => json.count(value),
            Self::Xml(xml) => xml.count(value),
            Self::Lines(_, lines) => lines.count(),
            Self::Form(form) => form.count(),
            Self::Fields(fields) => fields.count(value),
        }
    }

    /// The starts of children 32, 64, 96 … of a container, where they can't be found without.
    pub fn marks(self, value: u32) -> Box<[u32]> {
        match self {
            Self::Json(json) | Self::Claims(json) => json.marks(value),
            Self::Xml(xml) => xml.marks(value),
            Self::Lines(..) | Self::Form(_) | Self::Fields(_) => Box::default(),
        }
    }

    /// The first child of a container.
    pub fn first(self, value: u32) -> Option<Member> {
        match self {
            Self::Json(json) | Self::Claims(json) => json.first(value),
            Self::Xml(xml) => xml.first(value),
            Self::Lines(..) | Self::Form(_) | Self::Fields(_) => self.child(value, &[], 0),
        }
    }

    /// The child of the container at `around` behind the one that ended at `end`.
    pub fn next(self, around: u32, end: u32) -> Option<Member> {
        match self {
            Self::Json(json) | Self::Claims(json) => json.next(end, json.is_object(around)),
            Self::Xml(xml) => xml.next(end, around),
            Self::Lines(text, _) => ((end as usize) < text.len()).then_some(Member { start: end, value: end }),
            Self::Form(form) => form.next(end),
            Self::Fields(fields) => fields.next(around, end),
        }
    }

    /// The position after the container at `around`, whose last child ended at `end`.
    pub fn close(self, around: u32, end: u32) -> u32 {
        match self {
            Self::Json(json) | Self::Claims(json) => json.close(end),
            Self::Xml(xml) => xml.close(end, around),
            Self::Lines(..) | Self::Form(_) | Self::Fields(_) => end,
        }
    }

    /// The position behind the last child of an empty container.
    fn inside_end(self, value: u32) -> u32 {
        match self {
            Self::Json(_) | Self::Claims(_) => self.end(value) - 1,
            Self::Xml(_) | Self::Lines(..) | Self::Form(_) | Self::Fields(_) => self.end(value),
        }
    }

    /// The position after a value.
    pub fn end(self, value: u32) -> u32 {
        match self {
            Self::Json(json) | Self::Claims(json) => json.end(value),
            Self::Xml(xml) => xml.end(value),
            Self::Lines(text, _) => Lines::end(text, value),
            Self::Form(form) => form.end(value),
            Self::Fields(fields) => fields.end(value),
        }
    }

    /// Child `ordinal` of a container, whose [`Self::marks`] are given.
    pub fn child(self, value: u32, marks: &[u32], ordinal: u32) -> Option<Member> {
        match self {
            Self::Json(json) | Self::Claims(json) => json.child(value, marks, ordinal),
            Self::Xml(xml) => xml.child(value, marks, ordinal),
            Self::Lines(text, lines) => lines.start(text, ordinal).map(|start| Member { start, value: start }),
            Self::Form(form) => form.field(ordinal),
            Self::Fields(fields) => fields.child(value, ordinal),
        }
    }

    /// The child of a container that begins at or holds a position, and its number.
    pub fn child_around(self, value: u32, marks: &[u32], position: u32) -> Option<(u32, Member)> {
        let (mut ordinal, mut member) = match self {
            Self::Json(_) | Self::Claims(_) | Self::Xml(_) => {
                let before = marks.partition_point(|mark| *mark <= position);
                let first = match before.checked_sub(1) {
                    None => self.first(value)?,
                    Some(mark) => self.member_at(value, marks[mark]),
                };
                (u32::try_from(before).ok()? * STRIDE, first)
            }
            Self::Lines(_, lines) => lines.around(position)?,
            Self::Form(form) => form.around(position)?,
            Self::Fields(_) => (0, self.first(value)?),
        };
        loop {
            let end = self.end(member.value);
            if position < end || position == member.start {
                return (position >= member.start).then_some((ordinal, member));
            }
            member = self.next(value, end)?;
            ordinal += 1;
        }
    }

    /// The child of the container at `around` whose start is known.
    fn member_at(self, around: u32, start: u32) -> Member {
        match self {
            Self::Json(json) | Self::Claims(json) => json.member_at(start, json.is_object(around)),
            _ => Member { start, value: start },
        }
    }

    /// A member's name, unescaped; an element of a list and a line have none.
    pub fn name(self, member: Member) -> Option<Cow<'a, str>> {
        match self {
            Self::Json(json) | Self::Claims(json) => json.key(member),
            Self::Xml(xml) => Some(xml.name(member)),
            Self::Lines(..) => None,
            Self::Form(form) => form.name(member),
            Self::Fields(fields) => fields.name(member.value).map(Cow::Borrowed),
        }
    }

    /// The name by which a single value is known for a secret (T8). A cookie is one, and a header that carries a credential;
    /// text between elements goes by the element `around` it, and a line by a name at the end of the one before.
    pub fn judged_by(self, around: Option<u32>, member: Member) -> Option<Cow<'a, str>> {
        match self {
            Self::Fields(fields) if fields.is_credential(member.value) => Some("credential".into()),
            Self::Xml(xml) if xml.kind(member.value) == ValueKind::Text => around.map(|around| xml.name(xml.member_at(around))),
            Self::Lines(text, _) if member.value != ROOT => {
                let from = text.floor_char_boundary((member.value as usize).saturating_sub(FARTHEST_NAME));
                secret_name_at_end(&text[from..member.value as usize])
            }
            _ => self.name(member),
        }
    }

    /// A single value as text, unescaped.
    pub fn scalar(self, value: u32) -> Cow<'a, str> {
        match self {
            Self::Json(json) | Self::Claims(json) => json.scalar(value),
            Self::Xml(xml) => xml.scalar(value),
            Self::Lines(text, _) if value == ROOT => Cow::Borrowed(text),
            Self::Lines(text, _) => Cow::Borrowed(Lines::line_at(text, value)),
            Self::Form(form) => form.value(value),
            Self::Fields(fields) => Cow::Borrowed(fields.value(value)),
        }
    }

    /// How many bytes a single value takes in its text, unescaped or not.
    pub fn length(self, value: u32) -> usize {
        match self {
            Self::Lines(text, _) if value == ROOT => text.len(),
            Self::Fields(fields) => fields.value(value).len(),
            _ => (self.end(value) - value) as usize,
        }
    }

    /// How far positions reach: the bytes of a text, or the number of fields.
    pub fn size(self) -> usize {
        match self {
            Self::Json(json) | Self::Claims(json) => json.text().len(),
            Self::Xml(xml) => xml.text().len(),
            Self::Lines(text, _) => text.len(),
            Self::Form(form) => form.text().len(),
            Self::Fields(fields) => fields.end(ROOT) as usize,
        }
    }

    /// Any value as it is copied: a single value unescaped, anything else as it is written, lines and fields whole.
    pub fn written(self, value: u32) -> Cow<'a, str> {
        match self {
            _ if !self.is_container(value) => self.scalar(value),
            Self::Json(json) | Self::Claims(json) => Cow::Borrowed(json.raw(value)),
            Self::Xml(xml) => Cow::Borrowed(&xml.text()[value as usize..xml.end(value) as usize]),
            Self::Lines(text, _) => Cow::Borrowed(text),
            Self::Form(form) => Cow::Borrowed(form.text()),
            Self::Fields(fields) => Cow::Owned(fields.written(value)),
        }
    }
}

/// What a walk through a source meets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Met {
    /// A container begins.
    Enter(Member),
    /// A single value.
    Scalar(Member),
    /// The container that was entered last and not left ends.
    Leave,
}

/// Every value of a source in the order of the text, with a stack of its own instead of recursion.
pub(super) struct SourceWalk<'a> {
    source: Source<'a>,
    /// Where the open containers begin.
    open: Vec<u32>,
    next: Next,
}

enum Next {
    Value(Member),
    /// A value has ended here.
    After(u32),
}

impl<'a> SourceWalk<'a> {
    /// The container around what was met last, unless that is the outermost value or a container itself.
    pub fn around(&self) -> Option<u32> {
        self.open.last().copied()
    }

    /// From the root on.
    pub fn new(source: Source<'a>) -> Self {
        Self { source, open: Vec::new(), next: Next::Value(source.root()) }
    }
}

impl Iterator for SourceWalk<'_> {
    type Item = Met;

    fn next(&mut self) -> Option<Met> {
        match self.next {
            Next::Value(member) if self.source.is_container(member.value) => {
                self.open.push(member.value);
                self.next = match self.source.first(member.value) {
                    Some(first) => Next::Value(first),
                    None => Next::After(self.source.inside_end(member.value)),
                };
                Some(Met::Enter(member))
            }
            Next::Value(member) => {
                self.next = Next::After(self.source.end(member.value));
                Some(Met::Scalar(member))
            }
            Next::After(end) => {
                let around = *self.open.last()?;
                if let Some(next) = self.source.next(around, end) {
                    self.next = Next::Value(next);
                    return self.next();
                }
                self.open.pop();
                self.next = Next::After(self.source.close(around, end));
                Some(Met::Leave)
            }
        }
    }
}
