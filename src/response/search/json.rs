//! Searching a JSON text where it lies: places that may match are looked for in the raw text, and only the name or value
//! around such a place is read and asked.
//!
//! What is found is said by the start of its member, in the order of the text, once for each.

use super::pattern::{Escapes, Pattern};
use super::{Sink, next_part};
use crate::response::json::{Json, escaped};
use crate::response::masking::Masking;
use crate::response::tree::is_maskable;

/// Farther than this, a landmark is looked for instead of reading what lies between.
const FAR: usize = 4096;

/// Searches all of it, or until `sink` has enough.
pub(super) fn search(json: &Json, pattern: &Pattern, masking: &Masking, sink: &mut impl Sink) {
    let text = json.readable();
    let mut scan =
        Scan { json, text, pattern, masking, landmarks: json.landmarks(), outside: json.root().start as usize, found: None };
    let mut escape_from = scan.outside;
    let mut at = scan.outside;
    while at < text.len() {
        let until = next_part(text, at);
        // Each is looked for again only once the other has passed it.
        let (mut place, mut escape) = (None, None);
        while at < until {
            let plain = *place.get_or_insert_with(|| pattern.next_place(text, at, until).unwrap_or(until));
            escape_from = escape_from.max(at);
            let hidden = *escape.get_or_insert_with(|| next_escape(text, &pattern.escapes, &mut escape_from, until));
            let next = plain.min(hidden);
            if next >= until {
                break;
            }
            at = scan.ask_around(next, sink);
            place = place.filter(|place| *place >= at);
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
    while *from < until
        && let Some(found) = memchr::memchr(b'\\', &bytes[*from..until])
    {
        let at = *from + found;
        let (character, length) = escaped(bytes, at);
        *from = at + length;
        match escapes {
            Escapes::Of(characters) if characters.binary_search(&character).is_err() => {}
            Escapes::Of(_) | Escapes::All => return at,
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
    /// Positions outside of strings, ascending.
    landmarks: Vec<u32>,
    /// A position outside of strings, not behind what is asked next.
    outside: usize,
    /// What was found last.
    found: Option<u32>,
}

impl Scan<'_> {
    /// Asks the name or value that stands at `place`; gives the position after it, or of the next one.
    fn ask_around(&mut self, place: usize, sink: &mut impl Sink) -> usize {
        let bytes = self.text.as_bytes();
        match self.string_around(place) {
            Some((start, end)) => {
                if bytes.get(json_space(bytes, end)) == Some(&b':') {
                    self.ask_name(start, sink);
                } else {
                    self.ask_value(start, sink);
                }
                self.outside = end;
                end
            }
            None if is_bare(bytes[place]) => {
                let start = bytes[..place].iter().rposition(|byte| !is_bare(*byte)).map_or(0, |before| before + 1);
                self.ask_value(start, sink);
                bytes[place..].iter().position(|byte| !is_bare(*byte)).map_or(bytes.len(), |length| place + length)
            }
            // No name and no value reaches across what stands between them.
            None => bytes[place..]
                .iter()
                .position(|byte| is_bare(*byte) || *byte == b'"')
                .map_or(bytes.len(), |skipped| place + skipped),
        }
    }

    /// Where the string around a position begins and ends, if one stands there.
    fn string_around(&mut self, place: usize) -> Option<(usize, usize)> {
        if place - self.outside > FAR {
            let before = self.landmarks.partition_point(|landmark| *landmark as usize <= place);
            let nearest = before.checked_sub(1).map_or(0, |last| self.landmarks[last] as usize);
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

    fn ask_name(&mut self, start: usize, sink: &mut impl Sink) {
        let Ok(start) = u32::try_from(start) else { return };
        let name = self.json.string(start);
        if self.pattern.matches(&name) && !self.masking.knows(&name) {
            self.found = Some(start);
            sink.found(start);
        }
    }

    fn ask_value(&mut self, value: usize, sink: &mut impl Sink) {
        let Ok(start) = u32::try_from(value) else { return };
        let name = name_before(self.text.as_bytes(), value).and_then(|name| u32::try_from(name).ok());
        let member = name.unwrap_or(start);
        if self.found == Some(member) {
            return;
        }
        let text = self.json.scalar(start);
        // Whether it is masked is asked last, being the dearer question.
        if self.pattern.matches(&text) && !self.is_hidden(start, name, &text) {
            self.found = Some(member);
            sink.found(member);
        }
    }

    fn is_hidden(&self, value: u32, name: Option<u32>, text: &str) -> bool {
        is_maskable(self.json.kind(value)) && {
            let name = name.map(|name| self.json.string(name));
            self.masking.hides(name.as_deref(), text)
        }
    }
}

/// Where the name of a value begins, if it has one. Outside of strings there are no backslashes, and inside none of their
/// quotes is without one, so a string is read backwards as well as forwards.
fn name_before(bytes: &[u8], value: usize) -> Option<usize> {
    let last = |before: usize| bytes[..before].iter().rposition(|byte| !is_space(*byte));
    let colon = last(value).filter(|at| bytes[*at] == b':')?;
    let mut quote = last(colon)?;
    loop {
        quote = memchr::memrchr(b'"', &bytes[..quote])?;
        let backslashes = bytes[..quote].iter().rev().take_while(|byte| **byte == b'\\').count();
        if backslashes.is_multiple_of(2) {
            return Some(quote);
        }
    }
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
