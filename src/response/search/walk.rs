//! Searching XML, form fields, headers and cookies, and a text of one line: value by value.

use super::pattern::Pattern;
use super::{PART, Sink};
use crate::response::masking::Masking;
use crate::response::source::{Met, Source, SourceWalk};
use crate::response::tree::is_maskable;

/// Searches all of it, or until `sink` has enough.
pub(super) fn search(source: Source<'_>, pattern: &Pattern, masking: &Masking, sink: &mut impl Sink) {
    let mut told = 0;
    for met in SourceWalk::new(source) {
        let (member, single) = match met {
            Met::Enter(member) => (member, false),
            Met::Scalar(member) => (member, true),
            Met::Leave => continue,
        };
        let name = source.name(member);
        let by_name = name.as_deref().is_some_and(|name| pattern.matches(name) && !masking.knows(name));
        let by_value = || {
            let value = source.scalar(member.value);
            // Whether it is masked is asked last, being the dearer question.
            pattern.matches(&value) && !(is_maskable(source.kind(member.value)) && masking.hides(name.as_deref(), &value))
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
