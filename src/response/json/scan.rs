//! The one pass: checks a text against RFC 8259 and builds the index, without recursion.

use super::index::{Container, Index, LARGE, Mark, STRIDE};
use super::position;

/// Deeper nesting is refused; the stack of open containers then takes 12 MB.
const DEEPEST: u32 = 1_000_000;

/// Stands for "no container is open".
const NONE: u32 = u32::MAX;

/// Where and why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::response) struct SyntaxError {
    /// Byte position.
    pub at: usize,
    /// What was expected or found there, as the end of a sentence.
    pub what: &'static str,
}

/// Checks the text and builds its index.
pub(super) fn scan(text: &str) -> Result<Index, SyntaxError> {
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError { at: 0, what: "it is larger than 4 GiB" });
    }
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, index: Index::default(), open: NONE, depth: 0, object: false };
    scanner.document()?;
    scanner.index.containers.shrink_to_fit();
    scanner.index.marks.shrink_to_fit();
    Ok(scanner.index)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    index: Index,
    /// The innermost open container's entry.
    open: u32,
    depth: u32,
    /// Whether that container is an object.
    object: bool,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), SyntaxError> {
        self.space();
        loop {
            if self.value_or_opening()? {
                // A container was opened and has a first member.
                continue;
            }
            if self.after_value()? {
                return Ok(());
            }
        }
    }

    /// Reads one scalar or an empty container (false), or enters a container up to its first value (true).
    fn value_or_opening(&mut self) -> Result<bool, SyntaxError> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'{') => return self.enter(true),
            Some(b'[') => return self.enter(false),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal(b"true")?,
            Some(b'f') => self.literal(b"false")?,
            Some(b'n') => self.literal(b"null")?,
            Some(_) => return self.fail("a value was expected"),
            None => return self.fail("it ends where a value was expected"),
        }
        Ok(false)
    }

    /// Goes on behind a value: to the next value (false) or to the end of the document (true).
    fn after_value(&mut self) -> Result<bool, SyntaxError> {
        loop {
            self.space();
            if self.open == NONE {
                return match self.peek() {
                    None => Ok(true),
                    Some(_) => self.fail("something follows after the end of the value"),
                };
            }
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                    self.count_member();
                    if self.object {
                        self.name()?;
                    }
                    return Ok(false);
                }
                Some(b'}') if self.object => self.leave(),
                Some(b']') if !self.object => self.leave(),
                Some(_) if self.object => return self.fail("a comma or } was expected"),
                Some(_) => return self.fail("a comma or ] was expected"),
                None => return self.fail("it ends before everything that was opened is closed"),
            }
        }
    }

    fn enter(&mut self, object: bool) -> Result<bool, SyntaxError> {
        if self.depth == DEEPEST {
            return self.fail("it is nested more than 1,000,000 levels deep");
        }
        self.depth += 1;
        let entry = position(self.index.containers.len());
        self.index.containers.push(Container { start: position(self.at), end: self.open, count: 0 });
        self.open = entry;
        self.object = object;
        self.at += 1;
        self.space();
        if self.peek() == Some(if object { b'}' } else { b']' }) {
            self.leave();
            return Ok(false);
        }
        self.count_member();
        if object {
            self.name()?;
        }
        Ok(true)
    }

    fn leave(&mut self) {
        self.at += 1;
        self.depth -= 1;
        let entry = self.open as usize;
        let container = &mut self.index.containers[entry];
        let around = container.end;
        let start = container.start;
        let end = position(self.at);
        if end - start < LARGE {
            // Everything inside it is smaller still and gone already, so it is the last entry.
            self.index.containers.truncate(entry);
            while self.index.marks.last().is_some_and(|mark| mark.offset > start) {
                self.index.marks.pop();
            }
        } else {
            container.end = end;
        }
        self.open = around;
        if around != NONE {
            self.object = self.bytes[self.index.containers[around as usize].start as usize] == b'{';
        }
    }

    fn count_member(&mut self) {
        let container = &mut self.index.containers[self.open as usize];
        if container.count != 0 && container.count.is_multiple_of(STRIDE) {
            self.index.marks.push(Mark { offset: position(self.at), container: self.open });
        }
        container.count += 1;
    }

    fn name(&mut self) -> Result<(), SyntaxError> {
        if self.peek() != Some(b'"') {
            return self.fail("a name in quotes was expected");
        }
        self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return self.fail("a colon was expected");
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        let bytes = self.bytes;
        let mut at = self.at + 1;
        // Plain indexing: the loop is the hot one, also without optimisation.
        while at < bytes.len() {
            let byte = bytes[at];
            if byte == b'"' {
                self.at = at + 1;
                return Ok(());
            }
            if byte == b'\\' {
                self.at = at;
                at = self.escape()?;
            } else if byte < 0x20 {
                self.at = at;
                return self.fail("a control character stands in a string without being escaped");
            } else {
                at += 1;
            }
        }
        self.at = at;
        self.fail("it ends inside a string")
    }

    /// Checks the escape at the backslash; gives the position after it.
    fn escape(&mut self) -> Result<usize, SyntaxError> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(self.at + 2),
            Some(b'u') => match self.bytes.get(self.at + 2..self.at + 6) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(self.at + 6),
                _ => self.fail("four hexadecimal digits must follow \\u"),
            },
            Some(_) => self.fail("this escape is unknown"),
            None => self.fail("it ends inside a string"),
        }
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return self.fail("a number must not begin with 0");
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while self.at < self.bytes.len() && self.bytes[self.at].is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { self.fail("a digit was expected") } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), SyntaxError> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        self.fail("a value was expected")
    }

    fn space(&mut self) {
        while self.at < self.bytes.len() && matches!(self.bytes[self.at], b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        if self.at < self.bytes.len() { Some(self.bytes[self.at]) } else { None }
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { at: self.at, what })
    }
}
