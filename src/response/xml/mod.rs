//! An XML text that stays text: checked once, front to back, and read in place from then on.
//!
//! The check leaves a small index behind, so that any element opens at once and no node is ever copied. Nothing here
//! recurses over the input's depth, nothing is fetched, and no entity but the five predefined ones is expanded.
//!
//! An element that has only text is a single value. Any other one has children: its attributes, named `@x`, then its
//! elements and, where it is not blank, the text between them, named `text()`.

mod index;
mod markup;
mod number;
mod path;
mod scan;
mod text;
mod to_json;

use std::borrow::Cow;

use index::{Index, STRIDE};
use markup::{InTag, Pass};
use number::Numbers;
pub(super) use path::XmlPathFault;
pub(super) use to_json::to_json;

use super::ValueKind;
use super::json::Member;

/// Where and why a text is not XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct XmlError {
    /// Byte position.
    pub at: usize,
    /// Why, as the end of a sentence.
    pub what: &'static str,
}

/// A checked XML document with its index. A value is known by where it begins.
pub(super) struct Xml {
    text: String,
    index: Index,
    root: u32,
    numbers: Numbers,
}

impl Xml {
    /// Checks `text` in one pass, up to 4 GiB; gives it back with the first error.
    pub fn parse(text: String) -> Result<Self, (String, XmlError)> {
        match scan::scan(&text) {
            Ok((index, root)) => Ok(Self { text, index, root, numbers: Numbers::default() }),
            Err(error) => Err((text, error)),
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root element.
    pub fn root(&self) -> Member {
        self.member_at(self.root)
    }

    /// Whether an element, an attribute or a run of text begins at `value`.
    pub fn kind(&self, value: u32) -> ValueKind {
        let at = value as usize;
        if markup::begins_tag(self.text.as_bytes(), at) {
            return ValueKind::Element;
        }
        // A run of text begins behind a tag, an attribute behind a space.
        if at > 0 && self.byte(at - 1) == Some(b'>') { ValueKind::Text } else { ValueKind::Attribute }
    }

    /// Whether the value at `value` is an element with anything but text.
    pub fn is_container(&self, value: u32) -> bool {
        self.count(value) > 0
    }

    /// The position after the value.
    pub fn end(&self, value: u32) -> u32 {
        let bytes = self.text.as_bytes();
        position(match self.index.find(value) {
            Ok(entry) => return entry.end,
            Err(later) => match self.kind(value) {
                ValueKind::Element => Pass::over(bytes, value as usize, later).0,
                ValueKind::Attribute => markup::attribute_end(bytes, value as usize),
                _ => markup::run(bytes, value as usize).end,
            },
        })
    }

    /// How many children the element at `value` has; 0 for a single value.
    pub fn count(&self, value: u32) -> u32 {
        if self.kind(value) != ValueKind::Element {
            return 0;
        }
        match self.index.find(value) {
            Ok(entry) => entry.count,
            Err(later) => Pass::over(self.text.as_bytes(), value as usize, later).1,
        }
    }

    /// The starts of children 32, 64, 96 … of the element at `value`; none when it is small.
    pub fn marks(&self, value: u32) -> Box<[u32]> {
        self.index.marks(value).into()
    }

    /// The first child of the element at `value`, unless it has none.
    pub fn first(&self, value: u32) -> Option<Member> {
        if self.is_container(value) { self.in_tag(self.name_end(value)) } else { None }
    }

    /// The child after the one that ended at `end`, of the element that begins at `around`.
    pub fn next(&self, end: u32, around: u32) -> Option<Member> {
        let at = end as usize;
        debug_assert!(around < end, "a child stands behind the start of its element");
        // Behind an attribute's quote no tag begins.
        let attribute = matches!(self.byte(at.checked_sub(1)?), Some(b'"' | b'\'')) && self.byte(at) != Some(b'<');
        if attribute { self.in_tag(at) } else { self.in_content(at) }
    }

    /// The position after the element that begins at `around`, whose last child ended at `end`.
    pub fn close(&self, end: u32, around: u32) -> u32 {
        self.end(around).max(end)
    }

    /// Child `ordinal` of the element at `value`, whose [`Self::marks`] are given.
    pub fn child(&self, value: u32, marks: &[u32], ordinal: u32) -> Option<Member> {
        let mark = (ordinal / STRIDE).min(position(marks.len()));
        let mut member = if mark == 0 { self.first(value)? } else { self.member_at(marks[mark as usize - 1]) };
        for _ in mark * STRIDE..ordinal {
            member = self.next(self.end(member.value), value)?;
        }
        Some(member)
    }

    /// The child whose start is known.
    #[expect(clippy::unused_self, reason = "asked for in the same way as for JSON, whose members have names to pass over")]
    pub fn member_at(&self, start: u32) -> Member {
        Member { start, value: start }
    }

    /// What a child is called: an element by its name as written, an attribute `@name`, text `text()`.
    pub fn name(&self, member: Member) -> Cow<'_, str> {
        match self.kind(member.value) {
            ValueKind::Element => Cow::Borrowed(&self.text[member.value as usize + 1..self.name_end(member.value)]),
            ValueKind::Attribute => {
                let start = member.value as usize;
                Cow::Owned(format!("@{}", &self.text[start..markup::name_end(self.text.as_bytes(), start)]))
            }
            _ => Cow::Borrowed("text()"),
        }
    }

    /// What a single value says, references resolved; the text of an element without white space at its ends.
    /// Empty for an element that has elements.
    pub fn scalar(&self, value: u32) -> Cow<'_, str> {
        let (start, end) = (value as usize, self.end(value) as usize);
        match self.kind(value) {
            ValueKind::Attribute => {
                let from = markup::attribute_value(self.text.as_bytes(), start);
                text::of_attribute(&self.text[from..end - 1])
            }
            ValueKind::Element => match self.only_text(value) {
                Some(text) => text::of_run(&self.text[text]),
                None => Cow::Borrowed(""),
            },
            _ => text::of_run(&self.text[start..end]),
        }
    }

    /// Whether the element at `value` has an element inside it.
    pub fn has_elements(&self, value: u32) -> bool {
        self.kind(value) == ValueKind::Element && self.only_text(value).is_none()
    }

    /// Where the content of an element stands that has no element inside it.
    fn only_text(&self, element: u32) -> Option<std::ops::Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut at = self.name_end(element);
        let content = loop {
            match markup::in_tag(bytes, at) {
                InTag::Attribute(start) => at = self.end(position(start)) as usize,
                InTag::Content(content) => break content,
                InTag::End(end) => return Some(end..end),
            }
        };
        let end = self.run_end(content);
        (self.byte(end + 1) == Some(b'/')).then_some(content..end)
    }

    /// The end of the run of text at `at`.
    fn run_end(&self, at: usize) -> usize {
        match self.index.find(position(at)) {
            Ok(entry) if !markup::begins_tag(self.text.as_bytes(), at) => entry.end as usize,
            _ => markup::run(self.text.as_bytes(), at).end,
        }
    }

    /// The child that follows in a start tag, or else in the content behind it.
    fn in_tag(&self, at: usize) -> Option<Member> {
        match markup::in_tag(self.text.as_bytes(), at) {
            InTag::Attribute(start) => Some(self.member_at(position(start))),
            InTag::Content(content) => self.in_content(content),
            InTag::End(_) => None,
        }
    }

    /// The child that begins in the content from `at` on, where a tag or another child ended.
    fn in_content(&self, at: usize) -> Option<Member> {
        let bytes = self.text.as_bytes();
        let run = match self.index.find(position(at)) {
            Ok(entry) if !markup::begins_tag(bytes, at) => markup::Run { end: entry.end as usize, blank: entry.count == 0 },
            _ => markup::run(bytes, at),
        };
        if !run.blank {
            return Some(self.member_at(position(at)));
        }
        let element = self.byte(run.end)? == b'<' && self.byte(run.end + 1) != Some(b'/');
        element.then(|| self.member_at(position(run.end)))
    }

    fn name_end(&self, element: u32) -> usize {
        markup::name_end(self.text.as_bytes(), element as usize + 1)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }
}

/// A place in a text that is known to be shorter than 4 GiB.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
