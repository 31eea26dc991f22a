//! Reads a JSONPath (RFC 9535): segments and selectors. What stands in a filter is read by [`super::filter`], names, texts
//! and numbers by [`super::lexical`].

use super::syntax::{Segment, Selector};
use crate::token::PathError;

/// A longer path is refused, in bytes.
pub(super) const LONGEST: usize = 16 * 1024;

/// Filters, brackets and functions inside each other, at most.
const DEEPEST: u32 = 64;

/// A path that is being read.
pub(super) struct Parser<'a> {
    pub text: &'a str,
    pub at: usize,
    depth: u32,
}

/// Reads the whole of `text`, which begins with `$`.
pub(super) fn read(text: &str) -> Result<Vec<Segment>, PathError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    if text.len() > LONGEST {
        return Err(PathError::at(text, 0, 0, "it is longer than 16,384 bytes"));
    }
    if !parser.take("$") {
        return parser.fail_here("a JSONPath begins with $");
    }
    let segments = parser.segments()?;
    if parser.at == text.len() {
        return Ok(segments);
    }
    let rest = parser.at;
    if text[rest..].trim_matches(is_space).is_empty() {
        return parser.fail(rest, text.len(), "white space must not stand at the end");
    }
    parser.space();
    parser.fail_here("a step must begin with . or [")
}

impl Parser<'_> {
    /// Segments, as many as there are; white space after the last one is left.
    pub fn segments(&mut self) -> Result<Vec<Segment>, PathError> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.space();
            if self.peek() == Some(b'[') {
                segments.push(Segment { descendants: false, selectors: self.brackets()? });
            } else if self.take("..") {
                let selectors = if self.peek() == Some(b'[') { self.brackets()? } else { vec![self.shorthand()?] };
                segments.push(Segment { descendants: true, selectors });
            } else if self.take(".") {
                segments.push(Segment { descendants: false, selectors: vec![self.shorthand()?] });
            } else {
                self.at = before;
                return Ok(segments);
            }
        }
    }

    /// `*` or a bare name.
    fn shorthand(&mut self) -> Result<Selector, PathError> {
        if self.take("*") {
            return Ok(Selector::Wildcard);
        }
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
        if length == 0 {
            return self.fail_here("a name or * was expected");
        }
        if rest.starts_with(|first: char| first.is_ascii_digit()) {
            let end = start + length;
            return self.fail(
                start,
                end,
                "a name without quotes can't begin with a digit; write it like ['1a'], a position like [1]",
            );
        }
        self.at += length;
        Ok(Selector::Name(rest[..length].to_owned()))
    }

    fn brackets(&mut self) -> Result<Vec<Selector>, PathError> {
        let open = self.at;
        self.at += 1;
        self.deeper(open)?;
        let mut selectors = Vec::new();
        loop {
            self.space();
            selectors.push(self.selector()?);
            self.space();
            if self.take("]") {
                self.depth -= 1;
                return Ok(selectors);
            }
            if !self.take(",") {
                return self.fail_here("a comma or ] was expected");
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, PathError> {
        match self.peek() {
            Some(b'\'' | b'"') => Ok(Selector::Name(self.quoted()?)),
            Some(b'*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some(b'?') => {
                self.at += 1;
                self.space();
                Ok(Selector::Filter(self.logical()?))
            }
            Some(b':' | b'-' | b'0'..=b'9') => self.index_or_slice(),
            _ => self.fail_here("a name in quotes, a position, a slice, * or ? was expected"),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, PathError> {
        let start = self.position()?;
        let after = self.at;
        self.space();
        if !self.take(":") {
            self.at = after;
            return match start {
                Some(index) => Ok(Selector::Index(index)),
                None => self.fail_here("a position was expected"),
            };
        }
        self.space();
        let end = self.position()?;
        let after = self.at;
        self.space();
        let mut step = None;
        if self.take(":") {
            let colon = self.at;
            self.space();
            step = self.position()?;
            if step.is_none() {
                self.at = colon;
            }
        } else {
            self.at = after;
        }
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    /// Notes that something is opened at `open`.
    pub fn deeper(&mut self, open: usize) -> Result<(), PathError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(open, open + 1, "brackets are nested more than 64 deep");
        }
        Ok(())
    }

    /// Notes that it is closed.
    pub fn shallower(&mut self) {
        self.depth -= 1;
    }

    pub fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(is_space).len();
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub fn take(&mut self, what: &str) -> bool {
        let there = self.text[self.at..].starts_with(what);
        if there {
            self.at += what.len();
        }
        there
    }

    pub fn fail<T>(&self, from: usize, to: usize, message: impl Into<String>) -> Result<T, PathError> {
        Err(PathError::at(self.text, from, to, message))
    }

    /// At the present character; at the end it says that the path ends there.
    pub fn fail_here<T>(&self, message: &str) -> Result<T, PathError> {
        match self.text[self.at..].chars().next() {
            Some(character) => self.fail(self.at, self.at + character.len_utf8(), message),
            None => self.fail(self.at, self.at, format!("it ends, and {message}")),
        }
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Whether a bare name may hold the character.
pub(super) fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii()
}
