//! One shown response: which containers are open, the search, and the rows a page asks for.
//!
//! Rows are addressed and masked here, so that a page holds the visible ones and nothing else (T8).

mod draw;
mod opened;
mod path;
mod search;

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;

use super::document::Document;
use super::json::{Json, Member};
use super::masking::Masking;
use super::pointer;
use super::row::{BodyFormat, ExpandReport, PathForm, SearchReport, TreeRow, TreeRows, ValueKind};
use crate::token::{LocationIn, LocationStep, TokenLocation};
pub use draw::is_datetime;
use opened::{Id, Opened, Place};
use search::Search;

/// No answer holds more rows.
const MOST_ROWS: u32 = 500;

/// An answer ends early when its pointers and previews reach this many bytes: rows nested very deep have long ones.
const MOST_ROW_BYTES: usize = 4 << 20;

/// *Expand all* stops at this many visible rows.
const MOST_EXPANDED: u32 = 2_000_000;

/// At first, containers with at most this many children are opened on the second level…
const FIRST_CHILDREN: u32 = 30;

/// …while no more rows than this are visible.
const FIRST_ROWS: u32 = 100;

/// Why *Go to* leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoToFailure {
    /// Neither the row is an array nor does one stand around it.
    #[error("There is no array here.")]
    NoArray,
    /// The array is shorter.
    #[error("There is no such element; they are numbered from 0 to {}.", count.saturating_sub(1))]
    Beyond {
        /// How many elements there are.
        count: u32,
    },
}

impl GoToFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NoArray => "Choose a row in an array first.",
            Self::Beyond { .. } => "Type a smaller number.",
        }
    }
}

/// A response as it is shown in one place. Holds no copy of the body.
pub struct TreeView {
    document: Arc<Document>,
    masking: Arc<Masking>,
    opened: Opened,
    search: Search,
}

impl TreeView {
    /// Shows a document with its first level open, and small parts of the second.
    pub fn new(document: Arc<Document>, masking: Masking) -> Self {
        let mut opened = Opened::default();
        if let Some(json) = document.json() {
            open_first_levels(json, &mut opened);
        }
        Self { document, masking: Arc::new(masking), opened, search: Search::default() }
    }

    /// What may be seen of its values.
    pub fn masking(&self) -> Arc<Masking> {
        Arc::clone(&self.masking)
    }

    /// How many rows are visible.
    pub fn total(&self) -> u32 {
        match (self.document.json(), self.document.lines()) {
            (Some(_), _) => self.opened.total(),
            (None, Some((_, lines))) => lines.count(),
            (None, None) => 0,
        }
    }

    /// The visible rows from `from` on: at most `count`, 500 and 4 MiB of text, so ask again for what is missing.
    /// `now` is for the time left beside a JWT.
    pub fn rows(&self, from: u32, count: u32, now: Timestamp) -> TreeRows {
        let total = self.total();
        let count = count.min(MOST_ROWS).min(total.saturating_sub(from));
        let rows = match (self.document.json(), self.document.lines()) {
            (Some(json), _) => self.tree_rows(json, from, count, now),
            (None, Some((text, lines))) => (from..from + count)
                .filter_map(|number| Some(draw::line(lines.line(text, number)?, number, &self.masking, &self.search, now)))
                .collect(),
            (None, None) => Vec::new(),
        };
        TreeRows { total, from, rows }
    }

    /// Opens or closes a container; gives the new number of rows. A row without children stays as it is.
    pub fn set_expanded(&mut self, row: u32, expanded: bool) -> u32 {
        let document = Arc::clone(&self.document);
        if let Some(json) = document.json()
            && let Some(place) = self.opened.place(json, row)
        {
            if expanded {
                self.opened.open(json, &place);
            } else {
                self.opened.close(&place);
            }
        }
        self.total()
    }

    /// Opens every container, in order and up to 2,000,000 rows, or closes all but the first level.
    pub fn set_all_expanded(&mut self, expanded: bool) -> ExpandReport {
        let document = Arc::clone(&self.document);
        let mut note = None;
        if let Some(json) = document.json() {
            if expanded {
                let complete = self.opened.open_all(json, MOST_EXPANDED);
                note = (!complete).then_some(
                    "Only the first 2,000,000 rows were opened. Open the others one by one, or search for what you need.",
                );
            } else {
                self.opened = Opened::default();
                open_first_level(json, &mut self.opened);
            }
        }
        ExpandReport { total: self.total(), note: note.map(str::to_owned) }
    }

    /// The row of the container around a row.
    pub fn parent_row(&self, row: u32) -> Option<u32> {
        let place = self.place(row)?;
        let (parent, _) = place.parent?;
        Some(self.opened.row_of(parent, 0) - 1)
    }

    /// The next visible row after `after_row` whose name begins with `prefix`, in any case; starts again at the top.
    pub fn find_key(&self, after_row: u32, prefix: &str) -> Option<u32> {
        let json = self.document.json()?;
        let prefix = prefix.to_lowercase();
        if prefix.is_empty() {
            return None;
        }
        let begins = |place: &Place| {
            json.key(place.member).is_some_and(|key| !self.masking.knows(&key) && key.to_lowercase().starts_with(&prefix))
        };
        let after = after_row.min(self.total().saturating_sub(1));
        let start = self.opened.place(json, after)?;
        self.find_from(json, self.opened.after(json, &start), after + 1, u32::MAX, &begins)
            .or_else(|| self.find_from(json, self.opened.place(json, 0), 0, after, &begins))
    }

    fn find_from(
        &self,
        json: &Json,
        first: Option<Place>,
        row: u32,
        last: u32,
        wanted: &impl Fn(&Place) -> bool,
    ) -> Option<u32> {
        let (mut next, mut row) = (first, row);
        while let Some(place) = next {
            if row > last {
                return None;
            }
            if wanted(&place) {
                return Some(row);
            }
            next = self.opened.after(json, &place);
            row += 1;
        }
        None
    }

    /// Searches all names and single values, open or not, for `query` in any case; an empty one ends the search.
    /// A masked value is found by its name only (T8). Opens the way to the first match.
    /// Each row counts once; the first million matches can be visited.
    pub fn search(&mut self, query: &str) -> SearchReport {
        self.search = Search::run(query, &self.document, &self.masking);
        SearchReport { matches: self.search.count(), first_row: self.next_match(None, false) }
    }

    /// The match after (or before) a row, opening the way to it; starts again at the other end.
    /// Without a row, the first (or last).
    pub fn next_match(&mut self, from_row: Option<u32>, backwards: bool) -> Option<u32> {
        let from = match from_row {
            Some(row) => Some(if self.document.json().is_some() { self.place(row)?.member.start } else { row }),
            None => None,
        };
        let found = self.search.neighbour(from, backwards)?;
        if self.document.json().is_some() { self.show(found) } else { Some(found) }
    }

    /// Opens the way to the value at a location and gives its row; `None` when this view does not hold it.
    pub fn reveal(&mut self, location: &TokenLocation) -> Option<u32> {
        match (location.part, self.document.format()) {
            (LocationIn::Json, BodyFormat::Json) | (LocationIn::Xml, BodyFormat::Xml) => self.reveal_pointer(&location.at),
            (LocationIn::Text, BodyFormat::Text) => match location.then.first() {
                Some(LocationStep::Line { number }) => number.checked_sub(1).filter(|row| *row < self.total()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Opens the element `index` of the array at a row, or else of the nearest around it, and gives its row.
    ///
    /// # Errors
    /// When there is no array, or it has fewer elements.
    pub fn go_to(&mut self, row: u32, index: u32) -> Result<u32, GoToFailure> {
        let document = Arc::clone(&self.document);
        let (Some(json), Some(place)) = (document.json(), self.place(row)) else { return Err(GoToFailure::NoArray) };
        let at = std::iter::successors(Some(place), |place| place.parent.map(|(id, _)| self.opened.place_of(id)));
        let array = at.into_iter().find(|place| json.kind(place.member.value) == ValueKind::Array);
        let array = array.ok_or(GoToFailure::NoArray)?;
        let count = json.count(array.member.value);
        if index >= count {
            return Err(GoToFailure::Beyond { count });
        }
        let member = json.child(array.member.value, &json.marks(array.member.value), index).ok_or(GoToFailure::NoArray)?;
        self.show(member.start).ok_or(GoToFailure::NoArray)
    }

    /// Where a row stands, in one of the usual notations. A line of text has none.
    pub fn path(&self, row: u32, form: PathForm) -> Option<String> {
        let json = self.document.json()?;
        let place = self.opened.place(json, row)?;
        let mut steps: Vec<(Member, u32)> = place.parent.map_or_else(Vec::new, |(id, _)| self.opened.way(id).collect());
        steps.reverse();
        steps.extend(place.parent.map(|(_, ordinal)| (place.member, ordinal)));
        let names: Vec<_> = steps.into_iter().map(|(member, ordinal)| (json.key(member), ordinal)).collect();
        let steps = names.iter().map(|(name, ordinal)| match name {
            Some(name) => path::Step::Name(name),
            None => path::Step::Number(*ordinal),
        });
        Some(path::write(form, steps))
    }

    /// Opens the way to the value at an RFC 6901 pointer and gives its row.
    pub fn reveal_pointer(&mut self, pointer: &str) -> Option<u32> {
        let member = self.document.json()?.find(&pointer::steps(pointer).ok()?).ok()?;
        self.show(member.start)
    }

    fn show(&mut self, start: u32) -> Option<u32> {
        let document = Arc::clone(&self.document);
        let place = self.opened.open_way_to(document.json()?, start)?;
        Some(self.opened.row(&place))
    }

    /// The RFC 6901 pointer of a row, in the document as JSON; `None` for a line of text.
    pub fn pointer(&self, row: u32) -> Option<String> {
        let json = self.document.json()?;
        let place = self.opened.place(json, row)?;
        Some(self.place_pointer(json, &place))
    }

    /// The token location that points at a row (T4): by pointer for JSON and XML, by number for a line of text.
    pub fn location(&self, row: u32) -> Option<TokenLocation> {
        match self.document.format() {
            BodyFormat::Json => Some(TokenLocation::json(self.pointer(row)?)),
            BodyFormat::Xml => Some(TokenLocation { part: LocationIn::Xml, at: self.pointer(row)?, then: Vec::new() }),
            BodyFormat::Text if row < self.total() => Some(TokenLocation {
                part: LocationIn::Text,
                at: String::new(),
                then: vec![LocationStep::Line { number: row + 1 }],
            }),
            _ => None,
        }
    }

    /// The whole value of a row, to be revealed or copied on purpose (T8): a string unescaped, a line, any other
    /// value as it is written.
    pub fn value(&self, row: u32) -> Option<SecretString> {
        if let Some((text, lines)) = self.document.lines() {
            return lines.line(text, row).map(SecretString::from);
        }
        let json = self.document.json()?;
        Some(SecretString::from(json.scalar(self.opened.place(json, row)?.member.value).into_owned()))
    }

    fn place(&self, row: u32) -> Option<Place> {
        self.opened.place(self.document.json()?, row)
    }

    fn tree_rows(&self, json: &Json, from: u32, count: u32, now: Timestamp) -> Vec<TreeRow> {
        let mut rows: Vec<TreeRow> = Vec::with_capacity(count as usize);
        let Some(mut place) = self.opened.place(json, from) else { return rows };
        // The pointer of the container that the present row stands in.
        let mut around = place.parent.map_or_else(String::new, |(id, _)| self.way_to(json, id));
        let part = if self.document.format() == BodyFormat::Xml { LocationIn::Xml } else { LocationIn::Json };
        let mut bytes = 0;
        for row in from..from.saturating_add(count) {
            let drawn = draw::member(json, part, &place, row, &around, &self.masking, &self.search, now);
            bytes += drawn.pointer.len() + drawn.preview.len() + drawn.key.as_ref().map_or(0, String::len);
            rows.push(drawn);
            if bytes > MOST_ROW_BYTES {
                break;
            }
            let Some(next) = self.opened.after(json, &place) else { break };
            if next.depth > place.depth {
                push_step(&mut around, json, place.member, place.parent);
            }
            for _ in next.depth..place.depth {
                pointer::pop(&mut around);
            }
            place = next;
        }
        rows
    }

    fn place_pointer(&self, json: &Json, place: &Place) -> String {
        let mut pointer = place.parent.map_or_else(String::new, |(id, _)| self.way_to(json, id));
        push_step(&mut pointer, json, place.member, place.parent);
        pointer
    }

    fn way_to(&self, json: &Json, id: Id) -> String {
        let way: Vec<(Member, u32)> = self.opened.way(id).collect();
        let mut pointer = String::new();
        for (member, ordinal) in way.into_iter().rev() {
            push_step(&mut pointer, json, member, Some((id, ordinal)));
        }
        pointer
    }
}

/// Appends a member's own step; the document's value, which has no parent, has none.
fn push_step(pointer: &mut String, json: &Json, member: Member, parent: Option<(Id, u32)>) {
    let Some((_, ordinal)) = parent else { return };
    match json.key(member) {
        Some(key) => pointer::push(pointer, &key),
        None => pointer::push(pointer, &ordinal.to_string()),
    }
}

fn open_first_level(json: &Json, opened: &mut Opened) {
    if let Some(root) = opened.place(json, 0) {
        opened.open(json, &root);
    }
}

fn open_first_levels(json: &Json, opened: &mut Opened) {
    open_first_level(json, opened);
    let Some(root) = opened.place(json, 0).and_then(|place| place.opened) else { return };
    for ordinal in 0..opened.count(root).min(FIRST_CHILDREN) {
        let Some(child) = opened.child(json, root, ordinal) else { return };
        if !json.is_container(child.member.value) {
            continue;
        }
        let count = json.count(child.member.value);
        if count <= FIRST_CHILDREN && opened.total() + count <= FIRST_ROWS {
            opened.open(json, &child);
        }
    }
}

#[cfg(test)]
mod tests;
