//! The one pass: checks a text against RFC 8259 and builds the index, without recursion.

use super::index::{Container, Index, LARGE, STEP, STRIDE, marks_of};
use super::position;
use super::scalar::{self, fail, skip_space};

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

/// What follows an opening bracket.
enum Next {
    /// A first value, which begins here.
    Value(usize),
    /// The closing bracket, which ends here.
    After(usize),
}

struct Scanner<'a> {
    bytes: &'a [u8],
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
            index: Index::default(),
            marks: Vec::new(),
            around: Vec::new(),
            here: Open { start: 0, count: 0, saved: 0, marks: 0 },
            object: false,
            complete: false,
        })
    }

    fn document(&mut self) -> Result<(), SyntaxError> {
        let bytes = self.bytes;
        let mut at = skip_space(bytes, 0);
        loop {
            self.complete = false;
            let end = match bytes.get(at) {
                Some(b'"') => scalar::string(bytes, at)?,
                Some(b'-' | b'0'..=b'9') => scalar::number(bytes, at)?,
                Some(bracket @ (b'{' | b'[')) => match self.enter(at, *bracket == b'{')? {
                    Next::Value(first) => {
                        at = first;
                        continue;
                    }
                    Next::After(end) => end,
                },
                Some(b't') => scalar::literal(bytes, at, b"true")?,
                Some(b'f') => scalar::literal(bytes, at, b"false")?,
                Some(b'n') => scalar::literal(bytes, at, b"null")?,
                Some(_) => return fail(at, "a value was expected"),
                None => return fail(at, "it ends where a value was expected"),
            };
            self.complete = true;
            match self.after_value(end)? {
                Some(next) => at = next,
                None => return Ok(()),
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

    /// Goes on behind a value that ended at `at`: to where the next one begins, or to the end of the document.
    fn after_value(&mut self, mut at: usize) -> Result<Option<usize>, SyntaxError> {
        let bytes = self.bytes;
        loop {
            at = skip_space(bytes, at);
            if self.around.is_empty() {
                return if at == bytes.len() { Ok(None) } else { fail(at, "something follows after the end of the value") };
            }
            at = match bytes.get(at) {
                Some(b',') => return self.member(skip_space(bytes, at + 1)).map(Some),
                Some(b'}') if self.object => self.leave(at),
                Some(b']') if !self.object => self.leave(at),
                Some(_) if self.object => return fail(at, "a comma or } was expected"),
                Some(_) => return fail(at, "a comma or ] was expected"),
                None => return fail(at, "it ends before everything that was opened is closed"),
            };
        }
    }

    fn enter(&mut self, start: usize, object: bool) -> Result<Next, SyntaxError> {
        if self.around.len() == DEEPEST {
            return fail(start, "it is nested more than 1,000,000 levels deep");
        }
        self.around.push(self.here);
        self.here = Open { start: position(start), count: 0, saved: 0, marks: position(self.marks.len()) };
        self.object = object;
        let at = skip_space(self.bytes, start + 1);
        if self.bytes.get(at) == Some(if object { &b'}' } else { &b']' }) {
            return Ok(Next::After(self.leave(at)));
        }
        self.member(at).map(Next::Value)
    }

    /// Counts the member that begins at `at` and reads its name, if it must have one; gives where its value begins.
    #[inline]
    fn member(&mut self, at: usize) -> Result<usize, SyntaxError> {
        self.complete = false;
        if self.here.count.is_multiple_of(STRIDE) && self.here.count != 0 {
            self.marks.push(position(at));
        }
        self.here.count += 1;
        if !self.object {
            return Ok(at);
        }
        let bytes = self.bytes;
        if bytes.get(at) != Some(&b'"') {
            return fail(at, "a name in quotes was expected");
        }
        let colon = skip_space(bytes, scalar::string(bytes, at)?);
        if bytes.get(colon) != Some(&b':') {
            return fail(colon, "a colon was expected");
        }
        Ok(skip_space(bytes, colon + 1))
    }

    /// Leaves the innermost container at its closing bracket; gives the position after that.
    fn leave(&mut self, bracket: usize) -> usize {
        let here = self.here;
        let end = position(bracket + 1);
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
        bracket + 1
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
}
