//! Searching XML, form fields, headers and cookies, and a text of one line: value by value.

use super::pattern::Pattern;
use super::{PART, Sink, matches_seen};
use crate::response::masking::Masking;
use crate::response::source::{Met, Source, SourceWalk};

/// Searches all of it, or until `sink` has enough.
pub(super) fn search(source: Source<'_>, pattern: &Pattern, masking: &Masking, sink: &mut impl Sink) {
    let mut told = 0;
    let mut walk = SourceWalk::new(source);
    while let Some(met) = walk.next() {
        let (member, single) = match met {
            Met::Enter(member) => (member, false),
            Met::Scalar(member) => (member, true),
            Met::Leave => continue,
        };
        let name = source.name(member);
        let by_name = name.as_deref().is_some_and(|name| pattern.matches(name) && !masking.knows(name));
        let by_value = || {
            let value = source.scalar(member.value);
            pattern.matches(&value)
                && matches_seen(pattern, masking, source.judged_by(walk.around(), member).as_deref(), &value)
        };
        if by_name || (single && by_value()) {
            sink.found(member.start);
        }
        let at = source.end(member.value) as usize;
        if single && at - told.min(at) >= PART {
            told = at;
            if !sink.goes_on(at) {
                return;
            }
        }
    }
    sink.goes_on(source.size());
}
