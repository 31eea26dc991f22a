//! Searching a text line by line: a line is asked only where something in it may match.

use super::pattern::Pattern;
use super::{Sink, matches_seen, next_part};
use crate::response::json::Member;
use crate::response::lines::Lines;
use crate::response::masking::Masking;
use crate::response::source::Source;

/// Searches all of it, or until `sink` has enough; finds where lines start.
pub(super) fn search(text: &str, lines: &Lines, pattern: &Pattern, masking: &Masking, sink: &mut impl Sink) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < text.len() {
        let until = next_part(text, at);
        while at < until {
            let Some(place) = pattern.next_place(text, at, until).map(|candidate| candidate.at) else { break };
            let start = memchr::memrchr(b'\n', &bytes[..place]).map_or(0, |before| before + 1);
            let end = memchr::memchr(b'\n', &bytes[place..]).map_or(text.len(), |length| place + length);
            let line = text[start..end].strip_suffix('\r').unwrap_or(&text[start..end]);
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            let judged_by = || Source::Lines(text, lines).judged_by(None, Member { start, value: start });
            if pattern.matches(line) && matches_seen(pattern, masking, judged_by().as_deref(), line) {
                sink.found(start);
            }
            at = end + 1;
        }
        at = at.max(until);
        if !sink.goes_on(at.min(text.len())) {
            return;
        }
    }
}
