//! Searching all names and values of a document, open or not, without revealing a masked one (T8).

use aho_corasick::AhoCorasick;

use super::draw::is_maskable;
use crate::response::document::Document;
use crate::response::json::{Event, Json, Walk};
use crate::response::masking::Masking;

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
    /// Searches a whole document; an empty query is no search.
    pub fn run(query: &str, document: &Document, masking: &Masking) -> Self {
        let mut search = Self { query: Query::new(query), ..Self::default() };
        if search.query.is_none() {
            return search;
        }
        if let Some(json) = document.json() {
            search.run_tree(json, masking);
        } else if let Some((text, _)) = document.lines() {
            for (number, line) in (0..).zip(text.lines()) {
                if search.matches(line) && !masking.hides(None, line) {
                    search.keep(number);
                }
            }
        }
        search
    }

    fn run_tree(&mut self, json: &Json, masking: &Masking) {
        let mut walk = Walk::new(json);
        while let Some(event) = walk.step() {
            let (member, scalar) = match event {
                Event::Enter(member) => (member, false),
                Event::Scalar(member) => (member, true),
                Event::Leave => continue,
            };
            let key = json.key(member);
            let found = self.matches_name(key.as_deref(), masking)
                || (scalar && {
                    let value = json.scalar(member.value);
                    // Whether it is masked is asked last, being the dearer question.
                    self.matches(&value) && !(is_maskable(json.kind(member.value)) && masking.hides(key.as_deref(), &value))
                });
            if found {
                self.keep(member.start);
            }
        }
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
