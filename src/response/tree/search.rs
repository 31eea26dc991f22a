//! Searching all names and values of a document, open or not, without revealing a masked one (T8).

use aho_corasick::AhoCorasick;

use super::facts::LONG;
use super::opened::Place;
use super::sources::{OUTER, Sources};
use crate::response::masking::Masking;
use crate::response::row::ValueKind;
use crate::response::source::{Met, Source, SourceWalk};

/// So many matches are kept to be visited; the others are counted.
const MOST_KEPT: usize = 1_000_000;

/// The present search; none at first.
#[derive(Default)]
pub(super) struct Search {
    query: Option<Query>,
    /// Where matching members start (or which lines match), ascending.
    matches: Vec<u32>,
    count: u32,
}

enum Query {
    /// Compared byte by byte without case.
    Ascii(AhoCorasick),
    /// Compared in lower case.
    Other(String),
}

impl Search {
    /// Searches the whole of a view's own text; an empty query is no search.
    pub fn run(query: &str, sources: &Sources, masking: &Masking) -> Self {
        let mut search = Self { query: Query::new(query), ..Self::default() };
        if search.query.is_some()
            && let Some(source) = sources.outer()
        {
            search.run_tree(source, masking);
        }
        search
    }

    fn run_tree(&mut self, source: Source<'_>, masking: &Masking) {
        for met in SourceWalk::new(source) {
            let (member, scalar) = match met {
                Met::Enter(member) => (member, false),
                Met::Scalar(member) => (member, true),
                Met::Leave => continue,
            };
            let name = source.name(member);
            let found = self.matches_name(name.as_deref(), masking)
                || (scalar && {
                    let value = source.scalar(member.value);
                    // Whether it is masked is asked last, being the dearer question.
                    self.matches(&value) && !(is_maskable(source.kind(member.value)) && masking.hides(name.as_deref(), &value))
                });
            if found {
                self.keep(member.start);
            }
        }
    }

    /// Whether a single value holds what is searched for. A long one of the view's own text is looked up among the matches.
    pub fn finds(&self, source: Source<'_>, place: &Place) -> bool {
        if self.query.is_none() {
            return false;
        }
        if place.source == OUTER && source.length(place.member.value) > LONG {
            return self.matches.binary_search(&place.member.start).is_ok();
        }
        self.matches(&source.scalar(place.member.value))
    }

    fn keep(&mut self, place: u32) {
        self.count = self.count.saturating_add(1);
        if self.matches.len() < MOST_KEPT {
            self.matches.push(place);
        }
    }

    /// How many rows match.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether a text holds what is searched for.
    pub fn matches(&self, text: &str) -> bool {
        match &self.query {
            None => false,
            Some(Query::Ascii(query)) => query.is_match(text),
            Some(Query::Other(query)) => text.to_lowercase().contains(query),
        }
    }

    /// Whether a name matches; one that is a known secret doesn't.
    pub fn matches_name(&self, key: Option<&str>, masking: &Masking) -> bool {
        key.is_some_and(|key| self.matches(key) && !masking.knows(key))
    }

    /// The match after or before a place, starting again at the other end.
    pub fn neighbour(&self, from: Option<u32>, backwards: bool) -> Option<u32> {
        let next = match (from, backwards) {
            (None, false) => 0,
            (None, true) => self.matches.len().checked_sub(1)?,
            (Some(from), false) => self.matches.partition_point(|place| *place <= from) % self.matches.len().max(1),
            (Some(from), true) => self
                .matches
                .partition_point(|place| *place < from)
                .checked_sub(1)
                .or_else(|| self.matches.len().checked_sub(1))?,
        };
        self.matches.get(next).copied()
    }
}

impl Query {
    fn new(query: &str) -> Option<Self> {
        if query.is_empty() {
            return None;
        }
        if query.is_ascii()
            && let Ok(automaton) = AhoCorasick::builder().ascii_case_insensitive(true).build([query])
        {
            return Some(Self::Ascii(automaton));
        }
        Some(Self::Other(query.to_lowercase()))
    }
}

/// `true`, `false` and `null` tell nothing.
fn is_maskable(kind: ValueKind) -> bool {
    !matches!(kind, ValueKind::Boolean | ValueKind::Null)
}
