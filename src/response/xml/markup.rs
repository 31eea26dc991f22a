//! Passing over the markup of a text that has been checked already. Every position is in bounds or the text's end.

use memchr::{memchr, memmem};

use super::index::Entry;

/// What stands in a start tag behind its name or behind an attribute.
pub(super) enum InTag {
    /// An attribute begins.
    Attribute(usize),
    /// The tag ends and content begins here.
    Content(usize),
    /// The tag ends, and its element with it.
    End(usize),
}

/// Text, character data sections, comments and instructions between two tags.
pub(super) struct Run {
    /// Where the next tag begins.
    pub end: usize,
    /// Whether it has nothing but white space.
    pub blank: bool,
}

/// White space as XML has it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// The position of the first byte from `at` on that is no white space.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && is_space(bytes[at]) {
        at += 1;
    }
    at
}

/// Whether `byte` may stand in a name. Bytes beyond ASCII all may.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.') || byte >= 0x80
}

/// The position after the name at `at`.
pub(super) fn name_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && is_name(bytes[at]) {
        at += 1;
    }
    at
}

/// What follows behind the name or attribute that ended at `at`.
pub(super) fn in_tag(bytes: &[u8], at: usize) -> InTag {
    let at = skip_space(bytes, at);
    match bytes.get(at) {
        Some(b'>') => InTag::Content(at + 1),
        Some(b'/') => InTag::End((at + 2).min(bytes.len())),
        Some(_) => InTag::Attribute(at),
        None => InTag::End(at),
    }
}

/// Where the value of the attribute at `at` begins, behind its quote.
pub(super) fn attribute_value(bytes: &[u8], at: usize) -> usize {
    let equals = skip_space(bytes, name_end(bytes, at));
    (skip_space(bytes, equals + 1) + 1).min(bytes.len())
}

/// The position after the attribute at `at`.
pub(super) fn attribute_end(bytes: &[u8], at: usize) -> usize {
    let value = attribute_value(bytes, at);
    after(bytes, value, &bytes[value - 1..value])
}

/// The position after the next `what`.
pub(super) fn after(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let found = if let [one] = what { memchr(*one, rest) } else { memmem::find(rest, what) };
    found.map_or(bytes.len(), |found| from + found + what.len())
}

/// The inside and the end of the character data section at `at`, if one is there.
pub(super) fn section(bytes: &[u8], at: usize) -> Option<(std::ops::Range<usize>, usize)> {
    const START: &[u8] = b"<![CDATA[";
    if !bytes[at..].starts_with(START) {
        return None;
    }
    let end = after(bytes, at + START.len(), b"]]>");
    Some((at + START.len()..end - 3, end))
}

/// The position after the comment or instruction at `at`, if one is there.
pub(super) fn aside(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at + 1) {
        Some(b'?') => Some(after(bytes, at + 2, b"?>")),
        Some(b'!') if bytes[at..].starts_with(b"<!--") => Some(after(bytes, at + 4, b"-->")),
        _ => None,
    }
}

/// Whether a tag begins at `at`, and no run of text.
pub(super) fn begins_tag(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'<') && !matches!(bytes.get(at + 1), Some(b'!' | b'?') | None)
}

/// The run of text from `at` on.
pub(super) fn run(bytes: &[u8], mut at: usize) -> Run {
    let mut blank = true;
    while at < bytes.len() {
        if bytes[at] != b'<' {
            let end = memchr(b'<', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            blank = blank && bytes[at..end].iter().copied().all(is_space);
            at = end;
        } else if let Some((inside, end)) = section(bytes, at) {
            blank = blank && bytes[inside].iter().copied().all(is_space);
            at = end;
        } else if let Some(end) = aside(bytes, at) {
            at = end;
        } else {
            break;
        }
    }
    Run { end: at, blank }
}

/// One way over an element that is not indexed, stepping over what is.
pub(super) struct Pass<'a> {
    bytes: &'a [u8],
    /// The entries that begin later.
    later: &'a [Entry],
    at: usize,
    depth: u32,
    count: u32,
}

impl<'a> Pass<'a> {
    /// The position after the element at `start`, and how many children it has. Reads all of it: for small ones.
    pub fn over(bytes: &'a [u8], start: usize, later: &'a [Entry]) -> (usize, u32) {
        let mut pass = Self { bytes, later, at: start, depth: 0, count: 0 };
        pass.tag();
        while pass.depth > 0 && pass.at < bytes.len() {
            pass.content();
        }
        (pass.at, pass.count)
    }

    /// Over the start tag that begins here.
    fn tag(&mut self) {
        self.at = name_end(self.bytes, self.at + 1);
        loop {
            match in_tag(self.bytes, self.at) {
                InTag::Attribute(at) => {
                    self.count += u32::from(self.depth == 0);
                    self.at = self.entry(at).map_or_else(|| attribute_end(self.bytes, at), |entry| entry.end as usize);
                }
                InTag::Content(at) => {
                    (self.at, self.depth) = (at, self.depth + 1);
                    return;
                }
                InTag::End(at) => {
                    self.at = at;
                    return;
                }
            }
        }
    }

    /// Over a run of text and the tag or element behind it.
    fn content(&mut self) {
        let run = match self.entry(self.at).filter(|_| !begins_tag(self.bytes, self.at)) {
            Some(entry) => Run { end: entry.end as usize, blank: entry.count == 0 },
            None => run(self.bytes, self.at),
        };
        self.at = run.end;
        let closes = self.bytes.get(run.end + 1) == Some(&b'/');
        // The only text of an element that has nothing else is its value, not its child.
        self.count += u32::from(self.depth == 1 && !run.blank && (!closes || self.count > 0));
        if closes {
            self.depth -= 1;
            self.at = after(self.bytes, run.end, b">");
            return;
        }
        self.count += u32::from(self.depth == 1);
        match self.entry(self.at) {
            Some(entry) => self.at = entry.end as usize,
            None => self.tag(),
        }
    }

    /// The entry that begins at `at`.
    fn entry(&mut self, at: usize) -> Option<&'a Entry> {
        if self.later.first().is_some_and(|entry| (entry.start as usize) < at) {
            self.later = &self.later[self.later.partition_point(|entry| (entry.start as usize) < at)..];
        }
        self.later.first().filter(|entry| entry.start as usize == at)
    }
}
