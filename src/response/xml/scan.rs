//! The one pass: checks that a text is well-formed XML and builds the index, without recursion.
//!
//! Namespaces need not be declared. A document type is passed over: nothing is read, fetched or defined by it.

use std::collections::HashSet;

use memchr::{memchr, memchr2};

use super::index::{Builder, Index};
use super::markup::{self, is_name, is_space, name_end, skip_space};
use super::{XmlError, position};

/// Deeper nesting is refused; the stack of open elements then takes 48 MB.
const DEEPEST: usize = 1_000_000;

/// Up to so many attributes are compared with each other, more are looked up.
const FEW: usize = 8;

/// Checks the text; gives its index and where the root element begins.
pub(super) fn scan(text: &str) -> Result<(Index, u32), XmlError> {
    if u32::try_from(text.len()).is_err() {
        return Err(XmlError { at: 0, what: "it is larger than 4 GiB" });
    }
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, builder: Builder::new(text.as_bytes()) };
    scanner.outside(true)?;
    let root = position(scanner.at);
    if scanner.at == text.len() {
        return scanner.fail("it has no element");
    }
    scanner.start_tag()?;
    while scanner.builder.depth() > 0 {
        scanner.content()?;
    }
    scanner.outside(false)?;
    if scanner.at < text.len() {
        return scanner.fail("a second root element begins");
    }
    Ok((scanner.builder.finish(), root))
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    builder: Builder<'a>,
}

impl<'a> Scanner<'a> {
    /// What may stand before and after the root element.
    fn outside(&mut self, before: bool) -> Result<(), XmlError> {
        loop {
            self.at = skip_space(self.bytes, self.at);
            match self.bytes.get(self.at) {
                None => return Ok(()),
                Some(b'<') if self.aside()? => {}
                Some(b'<') if before && self.starts_with(b"<!") => self.document_type()?,
                Some(b'<') if self.bytes.get(self.at + 1).copied().is_some_and(begins_name) => return Ok(()),
                Some(b'<') => return self.fail("an element or a comment was expected"),
                Some(_) => return self.fail("text stands outside the root element"),
            }
        }
    }

    /// Passes over a comment or an instruction that begins here.
    fn aside(&mut self) -> Result<bool, XmlError> {
        let Some(end) = markup::aside(self.bytes, self.at) else { return Ok(false) };
        let (length, tail, what): (usize, &[u8], _) =
            if self.starts_with(b"<?") { (4, b"?>", "an instruction has no end") } else { (7, b"-->", "a comment has no end") };
        if end < self.at + length || !self.bytes[..end].ends_with(tail) {
            return self.fail(what);
        }
        self.at = end;
        Ok(true)
    }

    /// Passes over a document type: quoted texts, comments, instructions and brackets that match.
    fn document_type(&mut self) -> Result<(), XmlError> {
        const START: &[u8] = b"<!DOCTYPE";
        let start = self.at;
        let head = self.bytes.get(start..start + START.len() + 1).unwrap_or_default();
        if !head[..head.len().min(START.len())].eq_ignore_ascii_case(START) || !head.last().copied().is_some_and(is_space) {
            return self.fail("a document type, an element or a comment was expected");
        }
        let (mut at, mut declarations) = (start + START.len(), 0_usize);
        loop {
            match self.bytes.get(at) {
                None => return self.fail("its document type has no end"),
                Some(quote @ (b'"' | b'\'')) => match memchr(*quote, &self.bytes[at + 1..]) {
                    Some(length) => at += length + 2,
                    None => return self.fail("its document type has no end"),
                },
                Some(b'<') if markup::aside(self.bytes, at).is_some() => {
                    self.at = at;
                    self.aside()?;
                    at = self.at;
                    self.at = start;
                }
                Some(b'<') => (at, declarations) = (at + 1, declarations + 1),
                Some(b'>') if declarations == 0 => {
                    self.at = at + 1;
                    return Ok(());
                }
                Some(b'>') => (at, declarations) = (at + 1, declarations - 1),
                Some(_) => at += 1,
            }
        }
    }

    /// A run of text and the tag behind it.
    fn content(&mut self) -> Result<(), XmlError> {
        let start = self.at;
        let blank = self.run()?;
        if self.at > start {
            self.builder.single(position(start), position(self.at), blank);
        }
        let closes = self.starts_with(b"</");
        // The only text of an element that has nothing else is its value, not its child.
        if !blank && (!closes || self.builder.count() > 0) {
            self.builder.child(position(start));
        }
        if closes { self.end_tag() } else { self.start_tag() }
    }

    /// Passes over text up to the next tag; says whether it is blank.
    fn run(&mut self) -> Result<bool, XmlError> {
        let mut blank = true;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(length) = memchr2(b'<', b'&', rest) else {
                self.at = self.bytes.len();
                return self.fail("it ends before every element is closed");
            };
            blank = blank && rest[..length].iter().copied().all(is_space);
            self.at += length;
            if self.bytes[self.at] == b'&' {
                self.reference()?;
                blank = false;
            } else if let Some((inside, end)) = markup::section(self.bytes, self.at) {
                if inside.start > inside.end || !self.bytes[..end].ends_with(b"]]>") {
                    return self.fail("a section has no end");
                }
                blank = blank && self.bytes[inside].iter().copied().all(is_space);
                self.at = end;
            } else if !self.aside()? {
                return Ok(blank);
            }
        }
    }

    /// Passes over a reference, whatever it names.
    fn reference(&mut self) -> Result<(), XmlError> {
        let rest = &self.bytes[self.at + 1..];
        let length = rest.iter().position(|byte| matches!(byte, b';' | b'&' | b'<'));
        match length.filter(|length| *length > 0 && rest[*length] == b';') {
            Some(length) => {
                self.at += length + 2;
                Ok(())
            }
            None => self.fail("& begins a reference that has no end (a plain & is written &amp;)"),
        }
    }

    fn start_tag(&mut self) -> Result<(), XmlError> {
        let start = self.at;
        if !self.bytes.get(start + 1).copied().is_some_and(begins_name) {
            return match self.bytes.get(start + 1) {
                None => self.fail("a tag has no end"),
                Some(_) => self.fail("the name of an element was expected behind <"),
            };
        }
        if self.builder.depth() == DEEPEST {
            return self.fail("it is nested more than 1,000,000 levels deep");
        }
        self.at = name_end(self.bytes, start + 1);
        self.builder.enter(position(start), start + 1..self.at);
        let mut names = Names::default();
        loop {
            let space = self.at;
            self.at = skip_space(self.bytes, self.at);
            match self.bytes.get(self.at) {
                None => {
                    self.at = start;
                    return self.fail("a tag has no end");
                }
                Some(b'>') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'/') if self.starts_with(b"/>") => {
                    self.at += 2;
                    self.builder.leave(position(self.at));
                    return Ok(());
                }
                Some(_) if space == self.at => return self.fail("a space was expected before an attribute"),
                Some(_) => self.attribute(start, &mut names)?,
            }
        }
    }

    fn attribute(&mut self, tag: usize, names: &mut Names<'a>) -> Result<(), XmlError> {
        let start = self.at;
        if !begins_name(self.bytes[start]) {
            return self.fail("the name of an attribute was expected");
        }
        self.at = name_end(self.bytes, start);
        if !names.add(&self.bytes[start..self.at]) {
            self.at = start;
            return self.fail("an element has an attribute twice");
        }
        self.at = skip_space(self.bytes, self.at);
        if self.bytes.get(self.at) != Some(&b'=') {
            return self.fail("an attribute has no value");
        }
        self.at = skip_space(self.bytes, self.at + 1);
        let Some(quote @ (b'"' | b'\'')) = self.bytes.get(self.at) else {
            return self.fail("an attribute's value is not in quotes");
        };
        let Some(length) = memchr(*quote, &self.bytes[self.at + 1..]) else {
            self.at = tag;
            return self.fail("a tag has no end");
        };
        self.at += length + 2;
        self.builder.child(position(start));
        self.builder.single(position(start), position(self.at), false);
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), XmlError> {
        let open = self.builder.innermost().map_or(0, |start| start as usize) + 1;
        let name = self.at + 2;
        let end = name_end(self.bytes, name);
        if self.bytes[name..end] != self.bytes[open..name_end(self.bytes, open)] {
            return match self.bytes.get(end) {
                None => self.fail("a tag has no end"),
                Some(_) => self.fail("another element is closed than the one that is open"),
            };
        }
        let end = skip_space(self.bytes, end);
        match self.bytes.get(end) {
            Some(b'>') => {
                self.at = end + 1;
                self.builder.leave(position(self.at));
                Ok(())
            }
            Some(_) => self.fail("a closing tag has more than a name"),
            None => self.fail("a tag has no end"),
        }
    }

    fn starts_with(&self, what: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(what)
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, XmlError> {
        Err(XmlError { at: self.at, what })
    }
}

/// The names of one element's attributes.
#[derive(Default)]
struct Names<'a> {
    few: Vec<&'a [u8]>,
    many: HashSet<&'a [u8]>,
}

impl<'a> Names<'a> {
    /// Adds a name; says whether it is new.
    fn add(&mut self, name: &'a [u8]) -> bool {
        if self.few.len() < FEW {
            let new = !self.few.contains(&name);
            self.few.push(name);
            return new;
        }
        if self.many.is_empty() {
            self.many.extend(&self.few);
        }
        self.many.insert(name)
    }
}

fn begins_name(byte: u8) -> bool {
    is_name(byte) && !byte.is_ascii_digit() && !matches!(byte, b'-' | b'.')
}
