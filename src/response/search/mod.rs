//! Searching all names and values of a response, open or not, without revealing a masked one (T8).
//!
//! A search runs beside the view that it belongs to, without holding it: matches can be visited as soon as they are found.

mod found;
mod json;
mod letters;
mod lines;
mod pattern;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use found::Found;
pub use pattern::{QueryError, SearchQuery};

use super::masking::{Masking, Seen, prefix};
use super::shown::Shown;
use super::source::Source;
use crate::redact::NameSays;
use pattern::Pattern;

/// A body is searched in parts of this many bytes; after each, what was found is told and whether to go on is asked.
const PART: usize = 256 * 1024;

/// The present search of a view; none at first.
#[derive(Default)]
pub(super) struct Search {
    pattern: Option<Arc<Pattern>>,
    found: Arc<Found>,
}

impl Search {
    /// A search that has found nothing yet.
    pub fn new(query: &SearchQuery) -> Result<Self, QueryError> {
        Ok(Self { pattern: Pattern::new(query)?.map(Arc::new), found: Arc::default() })
    }

    /// What runs it; `None` when the query is empty.
    pub fn run(&self, shown: &Shown, masking: &Arc<Masking>) -> Option<SearchRun> {
        let pattern = Arc::clone(self.pattern.as_ref()?);
        Some(SearchRun { shown: shown.clone(), masking: Arc::clone(masking), pattern, found: Arc::clone(&self.found) })
    }

    /// How many rows match.
    pub fn count(&self) -> u32 {
        self.found.count()
    }

    /// Whether more rows match than can be visited.
    pub fn capped(&self) -> bool {
        self.found.capped()
    }

    /// Whether a text that is drawn holds what is searched for. Of a long one, only the first 64 KiB are looked at.
    pub fn matches(&self, text: &str) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.matches_drawn(text))
    }

    /// Whether a short value does, by what may be seen of it.
    pub fn matches_value(&self, name: Option<&str>, value: &str, masking: &Masking) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.matches(value) && matches_seen(pattern, masking, name, value))
    }

    /// Whether a name matches; one that is a known secret doesn't.
    pub fn matches_name(&self, key: Option<&str>, masking: &Masking) -> bool {
        key.is_some_and(|key| self.matches(key) && !masking.knows(key))
    }

    /// Whether anything is searched for.
    pub fn is_on(&self) -> bool {
        self.pattern.is_some()
    }

    /// Whether the member that starts here is among the matches that can be visited.
    pub fn found_at(&self, place: u32) -> bool {
        self.found.holds(place)
    }

    /// The match after or before a place, starting again at the other end.
    pub fn neighbour(&self, from: Option<u32>, backwards: bool) -> Option<u32> {
        self.found.neighbour(from, backwards)
    }
}

/// Nobody waits for a search that has been replaced.
impl Drop for Search {
    fn drop(&mut self) {
        self.found.stop();
    }
}

/// A search that can be run on a thread of its own.
pub struct SearchRun {
    shown: Shown,
    masking: Arc<Masking>,
    pattern: Arc<Pattern>,
    found: Arc<Found>,
}

impl SearchRun {
    /// How many rows match so far.
    pub fn matches(&self) -> u32 {
        self.found.count()
    }

    /// Whether more rows match than can be visited.
    pub fn capped(&self) -> bool {
        self.found.capped()
    }

    /// Searches to the end, until another search has replaced this one, or until `tell` says false. It is asked a thousand
    /// times a second or so, with the number of matches so far and the part of the body that was searched, from 0 to 1.
    pub fn run(&self, tell: impl FnMut(u32, f64) -> bool) {
        let Some(source) = self.shown.source() else { return };
        let found = &self.found;
        #[expect(clippy::cast_precision_loss, reason = "a part of a whole that is shown")]
        let whole = source.size().max(1) as f64;
        let mut sink = Telling { found, waiting: Vec::new(), whole, tell };
        match source {
            Source::Json(json) => json::search(json, &self.pattern, &self.masking, &mut sink),
            Source::Lines(text, lines) if source.is_container(source.root().value) => {
                lines::search(text, lines, &self.pattern, &self.masking, &mut sink);
            }
            _ => walk::search(source, &self.pattern, &self.masking, &mut sink),
        }
    }
}

/// Whether a value that matches does so by what may be seen of it too (T8). To be asked last, being the dearer question.
fn matches_seen(pattern: &Pattern, masking: &Masking, name: Option<&str>, value: &str) -> bool {
    seen_matches(pattern, masking, NameSays::of(name), value)
}

/// The same where it is known what the name says.
fn seen_matches(pattern: &Pattern, masking: &Masking, says: NameSays, value: &str) -> bool {
    match masking.seen_named(says, value) {
        Seen::All(_) => true,
        Seen::Rest(rest) => pattern.matches(&rest),
        Seen::Nothing => false,
    }
}

/// Takes what is found.
trait Sink {
    /// The member that starts here matches; ascending.
    fn found(&mut self, place: u32);

    /// Everything up to this position has been searched; whether to go on.
    fn goes_on(&mut self, position: usize) -> bool;
}

struct Telling<'a, Tell> {
    found: &'a Found,
    waiting: Vec<u32>,
    whole: f64,
    tell: Tell,
}

impl<Tell: FnMut(u32, f64) -> bool> Sink for Telling<'_, Tell> {
    fn found(&mut self, place: u32) {
        self.waiting.push(place);
    }

    fn goes_on(&mut self, position: usize) -> bool {
        if !self.waiting.is_empty() {
            self.found.add(&mut self.waiting);
        }
        #[expect(clippy::cast_precision_loss, reason = "a part of a whole that is shown")]
        let searched = position as f64 / self.whole;
        !self.found.is_stopped() && (self.tell)(self.found.count(), searched.min(1.0))
    }
}

/// The end of the part of a text that begins at `from`.
fn next_part(text: &str, from: usize) -> usize {
    from + prefix(&text[from..], PART).len()
}
