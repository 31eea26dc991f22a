//! The one pass: checks a text against RFC 8259 and builds the index, without recursion.

use super::index::{Container, Index, LARGE, STEP, STRIDE, marks_of};
use super::position;

/// Deeper nesting is refused; the stack of open containers then takes 16 MB.
const DEEPEST: usize = 1_000_000;

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
    let mut scanner = Scanner::new(text)?;
    scanner.document()?;
    Ok(scanner.finish())
}

/// The index of what stands before the first error of a text; `None` when no value is complete there.
pub(super) fn scan_start(text: &str) -> Option<Start> {
    let mut scanner = Scanner::new(text).ok()?;
    scanner.document().err()?;
    scanner.give_up()
}

/// What was read of a text that is not JSON as a whole.
pub(super) struct Start {
    /// Containers that were still open are in it, too, whatever their size, with the members that are complete. They end
    /// where they begin.
    pub index: Index,
    /// The innermost one of those.
    pub innermost: Option<u32>,
}

/// A container that has not ended yet.
#[derive(Clone, Copy)]
struct Open {
    start: u32,
    /// Members that have begun.
    count: u32,
    /// Bytes inside it that need not be read to pass over it.
    saved: u32,
    /// Where its marks begin in [`Scanner::marks`].
    marks: u32,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    index: Index,
    /// The marks of the containers that are open, the outermost one's first.
    marks: Vec<u32>,
    /// The containers around `here`; the first stands for the document, and the stack is empty outside of all.
    around: Vec<Open>,
    here: Open,
    /// Whether the innermost container is an object.
    object: bool,
    /// Whether the member counted last is complete.
    complete: bool,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Result<Self, SyntaxError> {
        if u32::try_from(text.len()).is_err() {
            return Err(SyntaxError { at: 0, what: "it is larger than 4 GiB" });
        }
        Ok(Self {
            bytes: text.as_bytes(),
            at: 0,
            index: Index::default(),
            marks: Vec::new(),
            around: Vec::new(),
            here: Open { start: 0, count: 0, saved: 0, marks: 0 },
            object: false,
            complete: false,
        })
    }

    fn document(&mut self) -> Result<(), SyntaxError> {
        self.space();
        loop {
            self.complete = false;
            if self.value_or_opening()? {
                // A container was opened and has a first member.
                continue;
            }
            self.complete = true;
            if self.after_value()? {
                return Ok(());
            }
        }
    }

    /// Containers end in another order than they begin.
    fn finish(mut self) -> Index {
        self.index.containers.sort_unstable_by_key(|container| container.start);
        self.index.containers.shrink_to_fit();
        self.index.marks.shrink_to_fit();
        self.index
    }

    /// See [`Start`].
    fn give_up(mut self) -> Option<Start> {
        if self.around.is_empty() {
            return self.complete.then(|| Start { index: self.finish(), innermost: None });
        }
        if !self.complete {
            self.here.count -= 1;
            let kept = self.here.marks as usize + marks_of(self.here.count);
            self.marks.truncate(kept);
        }
        let innermost = self.here.start;
        while let Some(around) = self.around.pop() {
            let here = self.here;
            self.keep(here.start);
            self.here = around;
        }
        let index = self.finish();
        // Besides those that hold nothing but each other.
        let anything = index.containers.iter().any(|container| container.count > u32::from(container.start != innermost));
        anything.then_some(Start { index, innermost: Some(innermost) })
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
            if self.around.is_empty() {
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
                    self.complete = false;
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
        if self.around.len() == DEEPEST {
            return self.fail("it is nested more than 1,000,000 levels deep");
        }
        self.around.push(self.here);
        self.here = Open { start: position(self.at), count: 0, saved: 0, marks: position(self.marks.len()) };
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
        let here = self.here;
        let end = position(self.at);
        let size = end - here.start;
        let saved = if size - here.saved < LARGE {
            self.marks.truncate(here.marks as usize);
            here.saved
        } else {
            self.keep(end);
            size - STEP
        };
        self.here = self.around.pop().unwrap_or(Open { start: 0, count: 0, saved: 0, marks: 0 });
        self.here.saved += saved;
        self.object = self.bytes[self.here.start as usize] == b'{';
    }

    /// Adds the innermost container to the index, its marks being the last ones that wait.
    fn keep(&mut self, end: u32) {
        let Open { start, count, marks: from, .. } = self.here;
        let marks = position(self.index.marks.len());
        if from == 0 && marks == 0 {
            std::mem::swap(&mut self.index.marks, &mut self.marks);
        } else {
            self.index.marks.extend_from_slice(&self.marks[from as usize..]);
            self.marks.truncate(from as usize);
        }
        self.index.containers.push(Container { start, end, count, marks });
    }

    fn count_member(&mut self) {
        if self.here.count != 0 && self.here.count.is_multiple_of(STRIDE) {
            self.marks.push(position(self.at));
        }
        self.here.count += 1;
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
