//! Searching a JSON text where it lies: places that may match are looked for in the raw text, and only the name or value
//! around such a place is read and asked.
//!
//! What is found is said by the start of its member, in the order of the text, once for each.

use std::borrow::Cow;

use super::pattern::{Candidate, Escapes, Pattern};
use super::{Sink, next_part, seen_matches};
use crate::redact::NameSays;
use crate::response::json::{Json, escaped, unescape};
use crate::response::masking::Masking;
use crate::response::tree::is_maskable;

/// Farther than this, a landmark is looked for instead of reading what lies between.
const FAR: usize = 4096;

/// Searches all of it, or until `sink` has enough.
pub(super) fn search(json: &Json, pattern: &Pattern, masking: &Masking, sink: &mut impl Sink) {
    let text = json.readable();
    let outside = json.root().start as usize;
    let mut scan = Scan { json, text, pattern, masking, landmarks: None, outside, found: None, names: Names::default() };
    let mut escape_from = scan.outside;
    let mut at = scan.outside;
    while at < text.len() {
        let until = next_part(text, at);
        let nothing = Candidate { at: until, quoted: None, is_whole: false };
        // Each is looked for again only once the other has passed it.
        let (mut place, mut escape) = (None, None);
        while at < until {
            let plain = *place.get_or_insert_with(|| pattern.next_place(text, at, until).unwrap_or(nothing));
            escape_from = escape_from.max(at);
            let hidden = *escape.get_or_insert_with(|| next_escape(text, &pattern.escapes, &mut escape_from, until));
            if plain.at.min(hidden) >= until {
                break;
            }
            let escaped = Candidate { at: hidden, quoted: Some(hidden), is_whole: false };
            at = scan.ask_around(if hidden < plain.at { escaped } else { plain }, sink);
            place = place.filter(|place| place.at >= at);
            escape = escape.filter(|escape| *escape >= at);
        }
        at = at.max(until);
        if !sink.goes_on(at) {
            return;
        }
    }
}

/// The first escape before `until` behind which a match may hide, or `until`; `from` moves on to behind what was seen.
fn next_escape(text: &str, escapes: &Escapes, from: &mut usize, until: usize) -> usize {
    let bytes = text.as_bytes();
    let begun = *from;
    for found in memchr::memchr_iter(b'\\', bytes.get(begun..until).unwrap_or_default()) {
        let at = begun + found;
        // The second one of a pair begins nothing.
        if at >= *from {
            let (character, length) = escaped(bytes, at);
            *from = at + length;
            if escapes.may_hide(character) {
                return at;
            }
        }
    }
    *from = (*from).max(until);
    until
}

struct Scan<'a> {
    json: &'a Json,
    text: &'a str,
    pattern: &'a Pattern,
    masking: &'a Masking,
    /// Positions outside of strings, ascending, once they were needed.
    landmarks: Option<Vec<u32>>,
    /// A position outside of strings, not behind what is asked next.
    outside: usize,
    /// What was found last.
    found: Option<u32>,
    names: Names<'a>,
}

/// What the name says that was read last: often it is the same again.
#[derive(Default)]
struct Names<'a> {
    /// As it is written.
    last: Option<&'a str>,
    says: NameSays,
}

impl<'a> Names<'a> {
    fn read(&mut self, name: Option<&'a str>) -> NameSays {
        if self.last != name {
            self.last = name;
            self.says = NameSays::of(name.map(unescape).as_deref());
        }
        self.says
    }
}

/// A string that is asked whether it matches.
struct Quoted<'a> {
    start: usize,
    end: usize,
    /// Unescaped.
    text: Cow<'a, str>,
    matches: bool,
}

impl<'a> Scan<'a> {
    /// Asks the name or value that stands at a place; gives the position after it, or of the next one.
    fn ask_around(&mut self, place: Candidate, sink: &mut impl Sink) -> usize {
        let bytes = self.text.as_bytes();
        let string = match place.quoted {
            Some(inside) => {
                let start = string_start(bytes, inside);
                // Where the text stops being JSON, letters may stand outside of strings.
                let string = (start, self.json.string_end(start));
                if is_string(bytes, string) { Some(string) } else { self.string_around(place.at) }
            }
            None => self.string_around(place.at),
        };
        match string {
            // It was broken off, and so is what can be read.
            Some(string) if !is_string(bytes, string) => bytes.len(),
            Some((start, end)) => {
                let text = unescape(&self.text[start + 1..end - 1]);
                let as_it_is = || matches!(text, Cow::Borrowed(_)) || stands_as_it_is(bytes, start, place.at);
                let matches = (place.is_whole && as_it_is()) || self.pattern.matches(&text);
                self.ask_string(&Quoted { start, end, text, matches }, sink);
                self.outside = end;
                end
            }
            None if is_bare(bytes[place.at]) => {
                let start = bytes[..place.at].iter().rposition(|byte| !is_bare(*byte)).map_or(0, |before| before + 1);
                self.ask_bare(start, sink);
                bytes[place.at..].iter().position(|byte| !is_bare(*byte)).map_or(bytes.len(), |length| place.at + length)
            }
            // No name and no value reaches across what stands between them.
            None => bytes[place.at..]
                .iter()
                .position(|byte| is_bare(*byte) || *byte == b'"')
                .map_or(bytes.len(), |skipped| place.at + skipped),
        }
    }

    /// Where the string around a position begins and ends, if one stands there.
    fn string_around(&mut self, place: usize) -> Option<(usize, usize)> {
        if place - self.outside > FAR {
            let landmarks = self.landmarks.get_or_insert_with(|| self.json.landmarks());
            let before = landmarks.partition_point(|landmark| *landmark as usize <= place);
            let nearest = before.checked_sub(1).map_or(0, |last| landmarks[last] as usize);
            self.outside = self.outside.max(nearest);
        }
        let bytes = self.text.as_bytes();
        while self.outside <= place {
            let Some(quote) = memchr::memchr(b'"', &bytes[self.outside..=place]) else {
                self.outside = place;
                return None;
            };
            let start = self.outside + quote;
            let end = self.json.string_end(start);
            if place < end {
                self.outside = start;
                return Some((start, end));
            }
            self.outside = end;
        }
        None
    }

    fn ask_string(&mut self, string: &Quoted<'a>, sink: &mut impl Sink) {
        if !string.matches {
            return;
        }
        let bytes = self.text.as_bytes();
        if bytes.get(json_space(bytes, string.end)) == Some(&b':') {
            if !self.masking.knows(&string.text) {
                self.find(string.start, sink);
            }
            return;
        }
        self.ask_value(string.start, &string.text, sink);
    }

    fn ask_bare(&mut self, start: usize, sink: &mut impl Sink) {
        let Ok(value) = u32::try_from(start) else { return };
        let text = self.json.scalar(value);
        if self.pattern.matches(&text) {
            self.ask_value(start, &text, sink);
        }
    }

    /// Finds a value that matches, unless it was found by its name, or is masked; that is asked last, being the dearer
    /// question.
    fn ask_value(&mut self, value: usize, text: &str, sink: &mut impl Sink) {
        let name = name_before(self.text.as_bytes(), value);
        let member = name.map_or(value, |(start, _)| start);
        if self.found.is_some_and(|found| found as usize == member) {
            return;
        }
        let maskable = u32::try_from(value).is_ok_and(|value| is_maskable(self.json.kind(value)));
        let text_of = self.text;
        let says = self.names.read(name.and_then(|(start, end)| text_of.get(start + 1..end)));
        if !maskable || seen_matches(self.pattern, self.masking, says, text) {
            self.find(member, sink);
        }
    }

    fn find(&mut self, member: usize, sink: &mut impl Sink) {
        let Ok(member) = u32::try_from(member) else { return };
        self.found = Some(member);
        sink.found(member);
    }
}

/// The quote at which the string begins that `inside` stands in. Inside of strings each quote has a backslash before it, and
/// outside of them there are none, so a string is read backwards as well as forwards.
fn string_start(bytes: &[u8], inside: usize) -> usize {
    let mut quote = inside;
    while let Some(before) = memchr::memrchr(b'"', &bytes[..quote]) {
        quote = before;
        if !bytes[..quote].ends_with(b"\\") {
            break;
        }
    }
    quote
}

/// Whether a string begins and ends there, its quotes included.
fn is_string(bytes: &[u8], (start, end): (usize, usize)) -> bool {
    start + 1 < end && bytes.get(start) == Some(&b'"') && bytes.get(end - 1) == Some(&b'"')
}

/// Whether what begins at `at`, in the string that begins at `start`, is surely no part of an escape.
fn stands_as_it_is(bytes: &[u8], start: usize, at: usize) -> bool {
    let backslash = memchr::memrchr(b'\\', &bytes[start..at]).map(|before| start + before);
    backslash.is_none_or(|backslash| backslash + escaped(bytes, backslash).1 <= at)
}

/// The two quotes of a value's name, if it has one.
fn name_before(bytes: &[u8], value: usize) -> Option<(usize, usize)> {
    let last = |before: usize| bytes[..before].iter().rposition(|byte| !is_space(*byte));
    let colon = last(value).filter(|at| bytes[*at] == b':')?;
    let end = last(colon)?;
    Some((string_start(bytes, end), end))
}

/// The first position from `at` on that is no white space.
fn json_space(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| !is_space(*byte)).map_or(bytes.len(), |skipped| at + skipped)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// Whether a byte outside of strings belongs to a number or literal.
fn is_bare(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'"' | b',' | b':' | b'{' | b'}' | b'[' | b']')
}
