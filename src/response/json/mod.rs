//! A JSON text that stays text: checked once, front to back, and read in place from then on.
//!
//! The check leaves a small index behind (large containers and every 32nd member of theirs), so that any
//! container opens at once and no node is ever copied. Nothing here recurses over the input's depth.

mod index;
mod pieces;
mod scalar;
mod scan;
mod text;
mod walk;

use std::borrow::Cow;

use index::Index;
pub(super) use index::STRIDE;
pub(super) use scan::SyntaxError;
pub(super) use text::{escaped, unescape, write_string};
pub(super) use walk::{Event, Walk};

use super::ValueKind;

/// A checked JSON document with its index.
pub(super) struct Json {
    text: String,
    index: Index,
    root: u32,
    /// The end of what can be read: of the whole text, or of the last complete value before `broken`.
    limit: u32,
    broken: Option<SyntaxError>,
}

/// A value and, in an object, its name: two positions in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    /// Where it begins: the quote of its name, or the value itself. No two members share it.
    pub start: u32,
    /// Where its value begins.
    pub value: u32,
}

impl Member {
    /// Whether it has a name.
    pub fn named(self) -> bool {
        self.start != self.value
    }
}

impl Json {
    /// Checks `text` against RFC 8259 in one pass; gives it back with the first error.
    pub fn parse(text: String) -> Result<Self, (String, SyntaxError)> {
        match scan::scan(&text) {
            Ok(index) => {
                let (root, limit) = (first_position(&text), position(text.len()));
                Ok(Self { text, index, root, limit, broken: None })
            }
            Err(error) => Err((text, error)),
        }
    }

    /// Opens what stands before the `error` that [`Self::parse`] met: the values that are complete, and the containers
    /// around them, which end after the last one of those. Gives the text back when no value is complete.
    ///
    /// The last value may be a number that was cut short.
    pub fn parse_start(text: String, error: &SyntaxError) -> Result<Self, String> {
        let Some(scan::Start { index, innermost }) = scan::scan_start(&text) else { return Err(text) };
        let (root, limit) = (first_position(&text), position(text.len()));
        let mut json = Self { text, index, root, limit, broken: Some(*error) };
        json.limit = match innermost {
            None => json.end(root),
            Some(innermost) => {
                let last = json.count(innermost).checked_sub(1);
                let last = last.and_then(|last| json.child(innermost, &json.marks(innermost), last));
                last.map_or(innermost + 1, |last| json.end(last.value))
            }
        };
        for open in json.index.containers.iter_mut().filter(|container| container.end == container.start) {
            open.end = json.limit;
        }
        Ok(json)
    }

    /// Where and why the text is not JSON as a whole, when only its start was opened.
    pub fn broken(&self) -> Option<SyntaxError> {
        self.broken
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of the text that can be read: all of it, or what stands before an error.
    pub fn readable(&self) -> &str {
        &self.text[..self.limit as usize]
    }

    /// The position after the string whose quote is at `start`.
    pub fn string_end(&self, start: usize) -> usize {
        scalar::string_end(self.text.as_bytes(), start)
    }

    /// Positions outside of strings, ascending, none far from the next but where a large string stands.
    pub fn landmarks(&self) -> Vec<u32> {
        self.index.landmarks()
    }

    /// The document's one value.
    pub fn root(&self) -> Member {
        Member { start: self.root, value: self.root }
    }

    /// The type of the value that begins at `value`.
    pub fn kind(&self, value: u32) -> ValueKind {
        match self.byte(value) {
            b'{' => ValueKind::Object,
            b'[' => ValueKind::Array,
            b'"' => ValueKind::String,
            b't' | b'f' => ValueKind::Boolean,
            b'n' => ValueKind::Null,
            _ => ValueKind::Number,
        }
    }

    /// Whether the value at `value` is an object or an array.
    pub fn is_container(&self, value: u32) -> bool {
        matches!(self.byte(value), b'{' | b'[')
    }

    /// Whether the value at `value` is an object.
    pub fn is_object(&self, value: u32) -> bool {
        self.byte(value) == b'{'
    }

    /// The position after the value.
    pub fn end(&self, value: u32) -> u32 {
        let bytes = self.text.as_bytes();
        match self.byte(value) {
            b'"' => position(scalar::string_end(bytes, value as usize)),
            b'{' | b'[' => self.extent(value).0,
            _ => position(text::bare_end(bytes, value as usize)),
        }
    }

    /// How many members or elements the container at `value` has.
    pub fn count(&self, value: u32) -> u32 {
        self.extent(value).1
    }

    /// The end of a container and how many members it has.
    fn extent(&self, value: u32) -> (u32, u32) {
        match self.index.find(value) {
            Ok(container) => (container.end, container.count),
            Err(inside) => text::pass_over(self.text.as_bytes(), value as usize, inside),
        }
    }

    /// The starts of members 32, 64, 96 … of the container at `value`; none when it is small.
    pub fn marks(&self, value: u32) -> Box<[u32]> {
        self.index.marks(value).into()
    }

    /// The value as it is written.
    pub fn raw(&self, value: u32) -> &str {
        &self.text[value as usize..self.end(value) as usize]
    }

    /// The first member of the container at `value`, unless it is empty.
    pub fn first(&self, value: u32) -> Option<Member> {
        let at = scalar::skip_space(self.text.as_bytes(), value as usize + 1);
        if position(at) >= self.limit || matches!(self.text.as_bytes()[at], b'}' | b']') {
            return None;
        }
        Some(self.member(at, self.is_object(value)))
    }

    /// The member after the value that ended at `end`; `None` at the container's end.
    pub fn next(&self, end: u32, named: bool) -> Option<Member> {
        let bytes = self.text.as_bytes();
        let comma = scalar::skip_space(bytes, end as usize);
        if position(comma) >= self.limit || bytes[comma] != b',' {
            return None;
        }
        Some(self.member(scalar::skip_space(bytes, comma + 1), named))
    }

    /// The position after the closing bracket that follows the last value, which ended at `end`.
    pub fn close(&self, end: u32) -> u32 {
        // A container that is not closed ends with its last value.
        if end >= self.limit { self.limit } else { position(scalar::skip_space(self.text.as_bytes(), end as usize) + 1) }
    }

    /// The member whose start is known.
    pub fn member_at(&self, start: u32, named: bool) -> Member {
        self.member(start as usize, named)
    }

    /// A member's name, unescaped.
    pub fn key(&self, member: Member) -> Option<Cow<'_, str>> {
        member.named().then(|| self.string(member.start))
    }

    /// The string at `value`, unescaped; a lone surrogate becomes U+FFFD.
    pub fn string(&self, value: u32) -> Cow<'_, str> {
        let start = value as usize;
        text::unescape(&self.text[start + 1..scalar::string_end(self.text.as_bytes(), start) - 1])
    }

    /// A scalar as text: a string unescaped, anything else as it is written.
    pub fn scalar(&self, value: u32) -> Cow<'_, str> {
        if self.byte(value) == b'"' { self.string(value) } else { Cow::Borrowed(self.raw(value)) }
    }

    /// The member at `pointer` (RFC 6901), which must be well formed. Of members with the same name the
    /// last counts, as for most programs. The error is how many steps of the pointer exist.
    pub fn find(&self, steps: &[Cow<'_, str>]) -> Result<Member, usize> {
        self.find_in(self.root().value, steps)
    }

    /// [`Self::find`] by a pointer into the value at `value`.
    pub fn find_in(&self, value: u32, steps: &[Cow<'_, str>]) -> Result<Member, usize> {
        let mut member = Member { start: value, value };
        for (depth, step) in steps.iter().enumerate() {
            let found = match self.kind(member.value) {
                ValueKind::Object => self.named_member(member.value, step),
                ValueKind::Array => element_number(step).and_then(|number| self.element(member.value, number)),
                _ => None,
            };
            member = found.ok_or(depth)?;
        }
        Ok(member)
    }

    fn named_member(&self, object: u32, name: &str) -> Option<Member> {
        let mut found = None;
        let mut next = self.first(object);
        while let Some(member) = next {
            if self.key(member).is_some_and(|key| key == name) {
                found = Some(member);
            }
            next = self.next(self.end(member.value), true);
        }
        found
    }

    fn element(&self, array: u32, number: u32) -> Option<Member> {
        if number >= self.count(array) {
            return None;
        }
        self.child(array, &self.marks(array), number)
    }

    /// Member `ordinal` of the container at `value`, whose [`Self::marks`] are given.
    pub fn child(&self, value: u32, marks: &[u32], ordinal: u32) -> Option<Member> {
        let named = self.is_object(value);
        let mark = (ordinal / STRIDE).min(position(marks.len()));
        let mut member = if mark == 0 { self.first(value)? } else { self.member_at(marks[mark as usize - 1], named) };
        for _ in mark * STRIDE..ordinal {
            member = self.next(self.end(member.value), named)?;
        }
        Some(member)
    }

    fn member(&self, at: usize, named: bool) -> Member {
        if !named {
            return Member { start: position(at), value: position(at) };
        }
        let bytes = self.text.as_bytes();
        let colon = scalar::skip_space(bytes, scalar::string_end(bytes, at));
        Member { start: position(at), value: position(scalar::skip_space(bytes, colon + 1)) }
    }

    fn byte(&self, at: u32) -> u8 {
        self.text.as_bytes()[at as usize]
    }
}

/// Whether a text is JSON, without keeping anything of it.
pub(super) fn is_json(text: &str) -> bool {
    scan::scan(text).is_ok()
}

fn first_position(text: &str) -> u32 {
    position(scalar::skip_space(text.as_bytes(), 0))
}

/// A place in a text that is known to be shorter than 4 GiB.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// An array position as RFC 6901 writes it: without sign or leading zeros.
fn element_number(step: &str) -> Option<u32> {
    let plain = step == "0" || (!step.starts_with('0') && !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()));
    if plain { step.parse().ok() } else { None }
}

#[cfg(test)]
pub(super) mod tests;
