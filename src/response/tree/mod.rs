//! One shown response: which containers are open, the search, and the rows a page asks for.
//!
//! Rows are addressed and masked here, so that a page holds the visible ones and nothing else (T8). A view shows the body
//! as what it is, or the body's lines, or headers and cookies; a single value that holds more opens in place.

mod draw;
mod facts;
mod opened;
mod path;
mod repeated;
mod reveal;
mod sources;
mod way;

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::diff::Diff;
use super::document::Document;
use super::fields::Fields;
use super::lines::Lines;
use super::masking::Masking;
use super::row::{ExpandReport, RowChange, SearchReport, TreeRow, TreeRows};
use super::search::{QueryError, Search, SearchQuery, SearchRun};
use super::shown::Shown;
use crate::token::TokenLocation;
use draw::Drawing;
pub use draw::is_datetime;
pub(super) use draw::is_maskable;
use facts::LongValues;
use opened::{Opened, Place};
pub use reveal::GoToFailure;
pub use sources::OpenFailure;
use sources::Sources;
use way::Way;

/// No answer holds more rows.
const MOST_ROWS: u32 = 500;

/// An answer ends early when its paths and previews reach this many bytes: rows nested very deep have long ones.
const MOST_ROW_BYTES: usize = 4 << 20;

/// *Expand all* stops at this many visible rows.
const MOST_EXPANDED: u32 = 2_000_000;

/// At first, containers with at most this many children are opened on the second level…
const FIRST_CHILDREN: u32 = 30;

/// …while no more rows than this are visible.
const FIRST_ROWS: u32 = 100;

/// A response as it is shown in one place. Holds no copy of the body; of a value that was opened as a text of its own,
/// a copy while it is open.
pub struct TreeView {
    sources: Sources,
    masking: Arc<Masking>,
    opened: Opened,
    search: Search,
    long: LongValues,
    /// Where changed members start, ascending.
    changes: Vec<(u32, RowChange)>,
}

impl TreeView {
    /// Shows a body as what it is, with its first level open, and small parts of the second.
    pub fn new(document: Arc<Document>, masking: impl Into<Arc<Masking>>) -> Self {
        Self::of(Shown::Body(document), masking.into())
    }

    /// Shows the lines of a body, whatever else it is.
    pub fn lines(document: Arc<Document>, masking: impl Into<Arc<Masking>>) -> Self {
        let lines = Lines::new(document.text());
        Self::of(Shown::Text(document, Arc::new(lines)), masking.into())
    }

    /// Shows headers, and the cookies they set.
    pub fn headers(headers: &[(String, String)], masking: impl Into<Arc<Masking>>) -> Self {
        Self::of(Shown::Fields(Arc::new(Fields::new(headers))), masking.into())
    }

    fn of(shown: Shown, masking: Arc<Masking>) -> Self {
        let mut view = Self {
            sources: Sources::new(shown),
            masking,
            opened: Opened::default(),
            search: Search::default(),
            long: LongValues::default(),
            changes: Vec::new(),
        };
        view.open_first_levels();
        view
    }

    /// What is masked in it, for another view of the same response.
    pub fn masking(&self) -> Arc<Masking> {
        Arc::clone(&self.masking)
    }

    /// Marks the rows of a body that a comparison with the previous test found added or changed.
    pub fn mark_changes(&mut self, diff: &Diff) {
        self.changes.clone_from(&diff.marks);
    }

    /// How many rows are visible.
    pub fn total(&self) -> u32 {
        if self.sources.outer().is_some() { self.opened.total() } else { 0 }
    }

    /// The visible rows from `from` on: at most `count`, 500 and 4 MiB of text, so ask again for what is missing.
    /// `now` is for the time left beside a JWT.
    pub fn rows(&self, from: u32, count: u32, now: Timestamp) -> TreeRows {
        let total = self.total();
        let count = count.min(MOST_ROWS).min(total.saturating_sub(from));
        TreeRows { total, from, rows: self.drawn(from, count, now) }
    }

    fn drawn(&self, from: u32, count: u32, now: Timestamp) -> Vec<TreeRow> {
        let mut rows: Vec<TreeRow> = Vec::with_capacity(count as usize);
        let drawing = Drawing {
            sources: &self.sources,
            masking: &self.masking,
            search: &self.search,
            long: &self.long,
            changes: &self.changes,
            now,
        };
        let Some(mut place) = self.opened.place(&self.sources, from) else { return rows };
        let Some(mut way) = self.way_to(&place) else { return rows };
        let mut bytes = 0;
        for row in from..from.saturating_add(count) {
            let Some(drawn) = drawing.row(&place, self.around(&place), row, &way) else { break };
            bytes += way.length() + drawn.preview.len() + drawn.key.as_ref().map_or(0, String::len);
            rows.push(drawn);
            if bytes > MOST_ROW_BYTES {
                break;
            }
            let Some(next) = self.opened.after(&self.sources, &place) else { break };
            self.go_on(&mut way, &place, &next);
            place = next;
        }
        rows
    }

    /// The container that a place stands in, unless that is a single value of another text.
    fn around(&self, place: &Place) -> Option<u32> {
        let around = self.opened.place_of(place.parent?.0);
        (around.source == place.source).then_some(around.member.value)
    }

    /// The way to a place, its own step included.
    fn way_to(&self, place: &Place) -> Option<Way> {
        let mut way = Way::new(self.sources.outer()?);
        let around: Vec<_> = place.parent.map_or_else(Vec::new, |(id, _)| self.opened.way(id).collect());
        for id in around.into_iter().rev() {
            let container = self.opened.place_of(id);
            self.step(&mut way, &container);
            self.step_into(&mut way, &container);
        }
        self.step(&mut way, place);
        Some(way)
    }

    /// The place's own step; the outermost value has none.
    fn step(&self, way: &mut Way, place: &Place) {
        if let Some((parent, ordinal)) = place.parent
            && let Some(source) = self.sources.get(place.source)
        {
            way.push(source, self.opened.inside(parent), place.member, ordinal);
        }
    }

    /// From an open place to what stands in it: into another text, when it is a single value.
    fn step_into(&self, way: &mut Way, place: &Place) {
        if let Some(inside) = place.opened.map(|id| self.opened.inside(id))
            && inside.source != place.source
            && let Some(source) = self.sources.get(inside.source)
        {
            way.enter(source);
        }
    }

    /// From the way to a place to the way to the next row's.
    fn go_on(&self, way: &mut Way, place: &Place, next: &Place) {
        if next.depth > place.depth {
            self.step_into(way, place);
        } else {
            way.pop();
            let mut parent = place.parent;
            for _ in next.depth..place.depth {
                let Some((id, _)) = parent else { break };
                let left = self.opened.place_of(id);
                if self.opened.inside(id).source != left.source {
                    way.leave();
                }
                way.pop();
                parent = left.parent;
            }
        }
        self.step(way, next);
    }

    /// Opens or closes a row; gives the new number of rows. A row with nothing in it stays as it is.
    ///
    /// # Errors
    /// When a single value can't be opened; nothing was changed then.
    pub fn set_expanded(&mut self, row: u32, expanded: bool) -> Result<u32, OpenFailure> {
        if let Some(place) = self.opened.place(&self.sources, row) {
            if expanded {
                self.open(&place)?;
            } else {
                self.close(&place);
            }
        }
        Ok(self.total())
    }

    /// Opens a container, or a single value that holds more.
    fn open(&mut self, place: &Place) -> Result<(), OpenFailure> {
        let Some(source) = self.sources.get(place.source) else { return Ok(()) };
        if place.opened.is_some() {
            return Ok(());
        }
        if source.is_container(place.member.value) {
            self.opened.open(&self.sources, place);
            return Ok(());
        }
        let name = source.judged_by(self.around(place), place.member);
        let facts = self.long.facts(&self.sources, (place.source, place.member.value), name.as_deref(), &self.masking);
        match facts.opens {
            Some(opens) => self.open_as(place, opens),
            None => Ok(()),
        }
    }

    fn close(&mut self, place: &Place) {
        for nested in self.opened.close(place) {
            self.sources.close(nested);
            self.long.forget(nested);
        }
    }

    /// Opens every container, in order and up to 2,000,000 rows, or closes all but the first level. Single values that
    /// were open are closed.
    pub fn set_all_expanded(&mut self, expanded: bool) -> ExpandReport {
        if let Some(root) = self.opened.root(&self.sources) {
            self.close(&root);
        }
        let mut note = None;
        if expanded {
            let complete = self.opened.open_all(&self.sources, MOST_EXPANDED);
            note = (!complete).then(|| {
                "Only the first 2,000,000 rows were opened. Open the others one by one, or search for what you need.".to_owned()
            });
        } else {
            self.open_first_level();
        }
        ExpandReport { total: self.total(), note }
    }

    fn open_first_level(&mut self) {
        if let Some(root) = self.opened.root(&self.sources) {
            self.opened.open(&self.sources, &root);
        }
    }

    fn open_first_levels(&mut self) {
        self.open_first_level();
        let Some(source) = self.sources.outer() else { return };
        let Some(root) = self.opened.root(&self.sources).and_then(|root| root.opened) else { return };
        for ordinal in 0..self.opened.count(root).min(FIRST_CHILDREN) {
            let Some(child) = self.opened.child(&self.sources, root, ordinal) else { return };
            if !source.is_container(child.member.value) {
                continue;
            }
            let count = source.count(child.member.value);
            if count <= FIRST_CHILDREN && self.opened.total() + count <= FIRST_ROWS {
                self.opened.open(&self.sources, &child);
            }
        }
    }

    /// The row of the container around a row.
    pub fn parent_row(&self, row: u32) -> Option<u32> {
        let place = self.opened.place(&self.sources, row)?;
        let (parent, _) = place.parent?;
        Some(self.opened.row_of(parent, 0) - 1)
    }

    /// The next visible row after `after_row` whose name begins with `prefix`, in any case; starts again at the top.
    pub fn find_key(&self, after_row: u32, prefix: &str) -> Option<u32> {
        let prefix = prefix.to_lowercase();
        if prefix.is_empty() {
            return None;
        }
        let begins = |place: &Place| {
            let name = self.sources.get(place.source).and_then(|source| source.name(place.member));
            name.is_some_and(|name| !self.masking.knows(&name) && name.to_lowercase().starts_with(&prefix))
        };
        let after = after_row.min(self.total().saturating_sub(1));
        let start = self.opened.place(&self.sources, after)?;
        self.find_from(self.opened.after(&self.sources, &start), after + 1, u32::MAX, &begins)
            .or_else(|| self.find_from(self.opened.place(&self.sources, 0), 0, after, &begins))
    }

    fn find_from(&self, first: Option<Place>, row: u32, last: u32, wanted: &impl Fn(&Place) -> bool) -> Option<u32> {
        let (mut next, mut row) = (first, row);
        while let Some(place) = next {
            if row > last {
                return None;
            }
            if wanted(&place) {
                return Some(row);
            }
            next = self.opened.after(&self.sources, &place);
            row += 1;
        }
        None
    }

    /// Begins a search through all names and single values, open or not, which takes the place of the one before; an empty
    /// query only ends that. A masked value is found by its name only (T8). What is given has to be run, beside this view;
    /// its matches can be visited while it runs.
    ///
    /// # Errors
    /// When the regular expression can't be read; then the search before goes on.
    pub fn begin_search(&mut self, query: &SearchQuery) -> Result<Option<SearchRun>, QueryError> {
        self.search = Search::new(query)?;
        Ok(self.search.run(self.sources.shown(), &self.masking))
    }

    /// What the present search has found so far. Opens the way to the first match. Each row counts once; the first million
    /// matches can be visited.
    pub fn search_report(&mut self) -> SearchReport {
        let (matches, capped) = (self.search.count(), self.search.capped());
        SearchReport { matches, first_row: self.next_match(None, false), capped }
    }

    /// Searches to the end; see [`Self::begin_search`].
    ///
    /// # Errors
    /// As there.
    pub fn search(&mut self, query: &SearchQuery) -> Result<SearchReport, QueryError> {
        if let Some(run) = self.begin_search(query)? {
            run.run(|_, _| true);
        }
        Ok(self.search_report())
    }

    /// The match after (or before) a row, opening the way to it; starts again at the other end.
    /// Without a row, the first (or last).
    pub fn next_match(&mut self, from_row: Option<u32>, backwards: bool) -> Option<u32> {
        let from = match from_row {
            Some(row) => Some(self.outer_start(row)?),
            None => None,
        };
        let found = self.search.neighbour(from, backwards)?;
        self.show(found)
    }

    /// Where the row begins in the view's own text, or the value that was opened to show it.
    fn outer_start(&self, row: u32) -> Option<u32> {
        let mut place = self.opened.place(&self.sources, row)?;
        while place.source != sources::OUTER {
            let (parent, _) = place.parent?;
            place = self.opened.place_of(parent);
        }
        Some(place.member.start)
    }

    /// The token location of a row (T4); `None` when the row can't be chosen.
    pub fn location(&self, row: u32) -> Option<TokenLocation> {
        self.drawn(row, 1, Timestamp::UNIX_EPOCH).pop()?.location
    }

    /// The whole value of a row, to be revealed or copied on purpose (T8): a single value unescaped, any other
    /// as it is written.
    pub fn value(&self, row: u32) -> Option<SecretString> {
        let place = self.opened.place(&self.sources, row)?;
        let source = self.sources.get(place.source)?;
        Some(SecretString::from(source.written(place.member.value).into_owned()))
    }
}

#[cfg(test)]
mod location_tests;
#[cfg(test)]
mod tests;
