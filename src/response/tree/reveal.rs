//! Going to a place of a response: by its location, by its pointer, by its number; and writing where a row stands.

use std::borrow::Cow;

use super::TreeView;
use super::opened::Place;
use super::sources::{OUTER, OpenFailure, SourceId};
use super::way;
use crate::response::pointer;
use crate::response::row::{Opens, PathForm, ValueKind};
use crate::response::source::Source;
use crate::token::{LocationIn, LocationStep, TokenLocation};

/// Why *Go to* leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoToFailure {
    /// The row is no list, and none stands around it.
    #[error("There is no list here.")]
    NoList,
    /// The list is shorter.
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
            Self::NoList => "Choose a row in a list first.",
            Self::Beyond { .. } => "Type a smaller number.",
        }
    }
}

impl TreeView {
    /// Opens the way to the value at a location and gives its row; `None` when this view does not hold it.
    ///
    /// A capture has no row of its own: it is shown where the text stands that it is taken from.
    pub fn reveal(&mut self, location: &TokenLocation) -> Option<u32> {
        let start = self.outer_place(location.part, &location.at)?;
        let mut place = self.show_place(start)?;
        for step in &location.then {
            let (opens, at) = match step {
                LocationStep::Json { at } => (Opens::Json, Cow::Borrowed(at.as_str())),
                LocationStep::JwtClaim { claim } => (Opens::Jwt, Cow::Owned(claim_pointer(claim))),
                LocationStep::Line { number } => (Opens::Lines, Cow::Owned(number.checked_sub(1)?.to_string())),
                LocationStep::Capture { .. } => break,
            };
            place = self.step_to(place, opens, &at)?;
        }
        Some(self.opened.row(&place))
    }

    /// Opens the way to the value at an RFC 6901 pointer into a JSON body and gives its row.
    pub fn reveal_pointer(&mut self, pointer: &str) -> Option<u32> {
        let start = self.outer_place(LocationIn::Json, pointer)?;
        self.show(start)
    }

    /// Where the first part of a location begins in the view's own text.
    fn outer_place(&self, part: LocationIn, at: &str) -> Option<u32> {
        let source = self.sources.outer()?;
        let member = match (part, source) {
            (LocationIn::Json, Source::Json(json)) => json.find(&pointer::steps(at).ok()?).ok()?,
            (LocationIn::Xml, Source::Xml(xml)) => xml.find(at).ok()?,
            (LocationIn::Form, Source::Form(form)) => form.counting(at)?,
            (LocationIn::Header | LocationIn::Cookie, Source::Fields(fields)) => fields.counting(part, at)?,
            (LocationIn::Text, Source::Lines(..)) => source.root(),
            _ => return None,
        };
        Some(member.start)
    }

    /// One step of `then` on from a place, opening what it needs.
    fn step_to(&mut self, place: Place, opens: Opens, at: &str) -> Option<Place> {
        let source = self.sources.get(place.source)?;
        let value = place.member.value;
        // An object or array hands its text on, and a text of several lines is a container already.
        let here = match (opens, source.kind(value)) {
            (Opens::Json, ValueKind::Object | ValueKind::Array) | (Opens::Lines, ValueKind::Lines) => true,
            // The one line of a text is the text itself.
            (Opens::Lines, ValueKind::Text) if at == "0" => return Some(place),
            _ => false,
        };
        if here {
            self.opened.open(&self.sources, &place);
        } else if place.opened.is_none() {
            self.open_as(&place, opens).ok()?;
        }
        let place = match place.parent {
            None => self.opened.root(&self.sources)?,
            Some((id, ordinal)) => self.opened.child(&self.sources, id, ordinal)?,
        };
        let (content, around) = match place.opened.map(|id| self.opened.inside(id)) {
            Some(inside) => (inside.source, inside.around),
            // An empty object or array has no inside.
            None => return (here && at.is_empty()).then_some(place),
        };
        let start = self.within(content, around, opens, at)?;
        if start == place.member.start && content == place.source {
            return Some(place);
        }
        self.opened.open_way_to(&self.sources, place, start)
    }

    /// Where a step leads in the text that a value was opened to.
    fn within(&self, content: SourceId, around: u32, opens: Opens, at: &str) -> Option<u32> {
        let source = self.sources.get(content)?;
        let member = match (source, opens) {
            (Source::Lines(..), Opens::Lines) => source.child(around, &[], at.parse().ok()?)?,
            (Source::Json(json), Opens::Json) | (Source::Claims(json), Opens::Json | Opens::Jwt) => {
                json.find_in(around, &pointer::steps(at).ok()?).ok()?
            }
            _ => return None,
        };
        Some(member.start)
    }

    /// Opens a single value as the text of something else.
    pub(super) fn open_as(&mut self, place: &Place, opens: Opens) -> Result<(), OpenFailure> {
        if place.opened.is_some() {
            return Ok(());
        }
        let content = self.sources.open(place.source, place.member.value, opens)?;
        if self.opened.open_to(&self.sources, place, content).is_none() {
            self.sources.close(content);
            return Err(OpenFailure::NothingInside);
        }
        Ok(())
    }

    /// Opens the way to what begins at a position of the view's own text, and gives its row.
    pub(super) fn show(&mut self, start: u32) -> Option<u32> {
        let place = self.show_place(start)?;
        Some(self.opened.row(&place))
    }

    fn show_place(&mut self, start: u32) -> Option<Place> {
        let root = self.opened.root(&self.sources)?;
        if root.member.start == start {
            return Some(root);
        }
        self.opened.open_way_to(&self.sources, root, start)
    }

    /// Opens the element `index` of the list at a row, or else of the nearest around it, and gives its row. Lines and the
    /// children of an XML element are lists, too; members of an object are counted where there is no list.
    ///
    /// # Errors
    /// When there is no list, or it has fewer elements.
    pub fn go_to(&mut self, row: u32, index: u32) -> Result<u32, GoToFailure> {
        let place = self.opened.place(&self.sources, row).ok_or(GoToFailure::NoList)?;
        let list = self.list_around(place).ok_or(GoToFailure::NoList)?;
        let source = self.sources.get(list.source).ok_or(GoToFailure::NoList)?;
        let (count, id) = match list.opened {
            Some(id) => (self.opened.count(id), Some(id)),
            None => (source.count(list.member.value), None),
        };
        if index >= count {
            return Err(if count == 0 { GoToFailure::NoList } else { GoToFailure::Beyond { count } });
        }
        let id = id.or_else(|| self.opened.open(&self.sources, &list)).ok_or(GoToFailure::NoList)?;
        Ok(self.opened.row_of(id, index))
    }

    /// The nearest list, or the nearest container when there is none.
    fn list_around(&self, place: Place) -> Option<Place> {
        let containers: Vec<Place> = std::iter::successors(Some(place), |place| Some(self.opened.place_of(place.parent?.0)))
            .filter(|place| place.opened.is_some() || self.kind(place).is_some_and(|(_, container)| container))
            .collect();
        let list = containers.iter().find(|place| {
            let kind = place
                .opened
                .map(|id| self.opened.inside(id))
                .and_then(|inside| Some(self.sources.get(inside.source)?.kind(inside.around)));
            let kind = kind.or_else(|| self.kind(place).map(|(kind, _)| kind));
            !matches!(kind, Some(ValueKind::Object | ValueKind::Claims) | None)
        });
        list.or(containers.first()).copied()
    }

    fn kind(&self, place: &Place) -> Option<(ValueKind, bool)> {
        let source = self.sources.get(place.source)?;
        Some((source.kind(place.member.value), source.is_container(place.member.value)))
    }

    /// Where a row stands, in one of the usual notations; in a text that was opened, by all the texts on the way.
    /// `None` when there is no such row, or a name on the way is a known secret (T8).
    pub fn path(&self, row: u32, form: PathForm) -> Option<String> {
        let place = self.opened.place(&self.sources, row)?;
        if self.way_to(&place)?.any(|text| self.masking.knows(text)) {
            return None;
        }
        let around: Vec<_> = place.parent.map_or_else(Vec::new, |(id, _)| self.opened.way(id).collect());
        let places = around.into_iter().rev().map(|id| self.opened.place_of(id)).chain([place]);
        let steps: Vec<_> = places
            .filter_map(|place| {
                let (parent, ordinal) = place.parent?;
                Some(way::PathStep {
                    id: place.source,
                    source: self.sources.get(place.source)?,
                    around: self.opened.inside(parent).around,
                    member: place.member,
                    ordinal,
                })
            })
            .collect();
        if steps.is_empty() && place.source == OUTER {
            return Some(way::outermost(self.sources.outer()?, form));
        }
        Some(way::write(form, &steps))
    }
}

fn claim_pointer(claim: &str) -> String {
    let mut at = String::new();
    pointer::push(&mut at, claim);
    at
}
