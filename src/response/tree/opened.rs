//! Which containers are open, and the arithmetic from a visible row to a value and back.
//!
//! Rows are counted, not listed: each open container knows how many rows stand below it, so that a million closed
//! elements cost nothing and any row is found by descending. An open container costs about 120 bytes, and 4 more for every
//! 32 children of a large one; a closed one costs nothing.

use super::repeated::Repeated;
use super::sources::{OUTER, SourceId, Sources};
use crate::response::json::Member;
use crate::response::source::Source;

/// Identifies an open container in [`Opened`].
pub(super) type Id = u32;

/// An open container, or a single value that is open.
struct Container {
    /// The open container around it and its number therein; `None` for the outermost value.
    parent: Option<(Id, u32)>,
    member: Member,
    source: SourceId,
    /// Where its children stand: in its own source, or in the one that it was opened to.
    content: SourceId,
    /// The container in `content` whose children they are.
    inside: u32,
    depth: u32,
    count: u32,
    /// Rows below it: its children and what is open in them.
    rows: u32,
    marks: Box<[u32]>,
    /// Its open children, in order.
    open: Vec<OpenChild>,
    repeated: Repeated,
}

/// An open child.
#[derive(Clone, Copy)]
struct OpenChild {
    ordinal: u32,
    /// Its row, counted from its container's first child.
    at: u32,
    id: Id,
}

/// One visible row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The open container it is a child of, and its number therein; `None` for the outermost value.
    pub parent: Option<(Id, u32)>,
    pub source: SourceId,
    pub member: Member,
    pub depth: u32,
    /// Set when it is open itself.
    pub opened: Option<Id>,
}

/// What the children of an open container stand in.
#[derive(Clone, Copy)]
pub(super) struct Inside<'a> {
    pub source: SourceId,
    /// The container therein.
    pub around: u32,
    pub repeated: &'a Repeated,
}

/// All open containers of a view.
#[derive(Default)]
pub(super) struct Opened {
    containers: Vec<Container>,
    /// Entries of `containers` to be used again.
    free: Vec<Id>,
    root: Option<Id>,
}

impl Opened {
    /// How many rows are visible.
    pub fn total(&self) -> u32 {
        1 + self.root.map_or(0, |root| self.get(root).rows)
    }

    /// The outermost value.
    pub fn root(&self, sources: &Sources) -> Option<Place> {
        let member = sources.outer()?.root();
        Some(Place { parent: None, source: OUTER, member, depth: 0, opened: self.root })
    }

    /// The place at a row.
    pub fn place(&self, sources: &Sources, row: u32) -> Option<Place> {
        if row == 0 {
            return self.root(sources);
        }
        let mut id = self.root?;
        let mut below = row - 1;
        loop {
            let container = self.get(id);
            if below >= container.rows {
                return None;
            }
            let before = container.open.partition_point(|child| child.at <= below);
            let Some(child) = before.checked_sub(1).map(|last| container.open[last]) else {
                return self.child(sources, id, below);
            };
            let inside = below - child.at;
            let rows = self.get(child.id).rows;
            if inside == 0 {
                return self.child(sources, id, child.ordinal);
            }
            if inside <= rows {
                id = child.id;
                below = inside - 1;
            } else {
                return self.child(sources, id, child.ordinal + inside - rows);
            }
        }
    }

    /// The place of child `ordinal` of an open container.
    pub fn child(&self, sources: &Sources, id: Id, ordinal: u32) -> Option<Place> {
        let container = self.get(id);
        let member = sources.get(container.content)?.child(container.inside, &container.marks, ordinal)?;
        Some(self.child_place(id, ordinal, member))
    }

    fn child_place(&self, id: Id, ordinal: u32, member: Member) -> Place {
        let container = self.get(id);
        let opened = container.open.binary_search_by_key(&ordinal, |child| child.ordinal).ok().map(|at| container.open[at].id);
        Place { parent: Some((id, ordinal)), source: container.content, member, depth: container.depth + 1, opened }
    }

    /// The place of an open container.
    pub fn place_of(&self, id: Id) -> Place {
        let container = self.get(id);
        Place {
            parent: container.parent,
            source: container.source,
            member: container.member,
            depth: container.depth,
            opened: Some(id),
        }
    }

    /// What the children of an open container stand in.
    pub fn inside(&self, id: Id) -> Inside<'_> {
        let container = self.get(id);
        Inside { source: container.content, around: container.inside, repeated: &container.repeated }
    }

    /// The place in the next row.
    pub fn after(&self, sources: &Sources, place: &Place) -> Option<Place> {
        if let Some(id) = place.opened {
            let container = self.get(id);
            let first = sources.get(container.content)?.first(container.inside)?;
            return Some(self.child_place(id, 0, first));
        }
        let mut end = sources.get(place.source)?.end(place.member.value);
        let mut parent = place.parent;
        while let Some((id, ordinal)) = parent {
            let container = self.get(id);
            let source = sources.get(container.content)?;
            if let Some(next) = source.next(container.inside, end) {
                return Some(self.child_place(id, ordinal + 1, next));
            }
            end = if container.content == container.source {
                source.close(container.inside, end)
            } else {
                sources.get(container.source)?.end(container.member.value)
            };
            parent = container.parent;
        }
        None
    }

    /// The row of child `ordinal` of an open container.
    pub fn row_of(&self, id: Id, ordinal: u32) -> u32 {
        let (mut id, mut row) = (id, self.offset(id, ordinal));
        while let Some((parent, ordinal)) = self.get(id).parent {
            row += 1 + self.offset(parent, ordinal);
            id = parent;
        }
        row + 1
    }

    /// The row of a place.
    pub fn row(&self, place: &Place) -> u32 {
        place.parent.map_or(0, |(id, ordinal)| self.row_of(id, ordinal))
    }

    /// The row of a child, counted from its container's first child.
    fn offset(&self, id: Id, ordinal: u32) -> u32 {
        let open = &self.get(id).open;
        let before = open.partition_point(|child| child.ordinal < ordinal);
        match before.checked_sub(1).map(|last| open[last]) {
            None => ordinal,
            Some(child) => child.at + self.get(child.id).rows + (ordinal - child.ordinal),
        }
    }

    /// Opens a closed container with children; other places stay as they are.
    pub fn open(&mut self, sources: &Sources, place: &Place) -> Option<Id> {
        let id = self.insert(sources, place, None)?;
        self.settle(id);
        Some(id)
    }

    /// Opens a single value to the source that it was read as. `None` when there is nothing in it.
    pub fn open_to(&mut self, sources: &Sources, place: &Place, content: SourceId) -> Option<Id> {
        let id = self.insert(sources, place, Some(content))?;
        self.settle(id);
        Some(id)
    }

    /// Closes an open container and everything in it; gives the sources that single values in it were opened to.
    pub fn close(&mut self, place: &Place) -> Vec<SourceId> {
        let Some(id) = place.opened else { return Vec::new() };
        let rows = self.get(id).rows;
        match place.parent {
            None => self.root = None,
            Some((parent, ordinal)) => {
                self.grow(parent, ordinal, rows, false);
                let open = &mut self.containers[parent as usize].open;
                if let Ok(at) = open.binary_search_by_key(&ordinal, |child| child.ordinal) {
                    open.remove(at);
                }
            }
        }
        let mut closing = vec![id];
        let mut nested = Vec::new();
        while let Some(id) = closing.pop() {
            let container = &mut self.containers[id as usize];
            closing.extend(std::mem::take(&mut container.open).iter().map(|child| child.id));
            container.marks = Box::default();
            container.repeated = Repeated::default();
            if container.content != container.source {
                nested.push(container.content);
            }
            self.free.push(id);
        }
        nested
    }

    /// From a place on, opens what is needed to show the member of the same source that starts at `start`; gives its place.
    ///
    /// From a single value that is open, the member is one of the source that it was opened to.
    pub fn open_way_to(&mut self, sources: &Sources, from: Place, start: u32) -> Option<Place> {
        let content = from.opened.map_or(from.source, |id| self.get(id).content);
        let mut place = from;
        let mut fresh = Vec::new();
        while place.member.start != start || place.source != content {
            let id = if let Some(id) = place.opened {
                id
            } else {
                let Some(id) = self.insert(sources, &place, None) else { break };
                fresh.push(id);
                id
            };
            let Some(next) = self.child_around(sources, id, start) else { break };
            place = next;
        }
        // From the innermost outwards, each is counted in the one around it just once.
        for (position, id) in fresh.iter().enumerate().rev() {
            if position == 0 {
                self.settle(*id);
            } else if let Some((parent, _)) = self.get(*id).parent {
                let rows = self.get(*id).rows;
                self.containers[parent as usize].rows += rows;
            }
        }
        (place.member.start == start && place.source == content).then_some(place)
    }

    /// The child that starts at or holds a position.
    fn child_around(&self, sources: &Sources, id: Id, start: u32) -> Option<Place> {
        let container = self.get(id);
        let source = sources.get(container.content)?;
        let (ordinal, member) = source.child_around(container.inside, &container.marks, start)?;
        Some(self.child_place(id, ordinal, member))
    }

    /// The containers around and including one, innermost first.
    pub fn way(&self, id: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(Some(id), |id| self.get(*id).parent.map(|(parent, _)| parent))
    }

    /// Opens containers in the order of the text until `most` rows would be passed; tells whether all are open.
    /// Nothing may be open before.
    pub fn open_all(&mut self, sources: &Sources, most: u32) -> bool {
        let Some(source) = sources.outer() else { return true };
        let Some(root) = self.root(sources).and_then(|root| self.insert(sources, &root, None)) else { return true };
        self.root = Some(root);
        let mut rows = self.get(root).rows;
        let mut complete = rows <= most;
        let mut way: Vec<(Id, Option<Place>)> = vec![(root, if complete { self.child(sources, root, 0) } else { None })];
        while let Some((id, next)) = way.pop() {
            let Some(place) = next else {
                // All its children have been seen: it is counted in the one around it.
                let below = self.get(id).rows;
                if let Some((parent, _)) = self.get(id).parent {
                    self.containers[parent as usize].rows += below;
                }
                continue;
            };
            let count = if source.is_container(place.member.value) { source.count(place.member.value) } else { 0 };
            if count > 0 && rows.saturating_add(count) > most {
                complete = false;
            }
            let after = if complete { self.sibling(source, id, &place) } else { None };
            way.push((id, after));
            if complete
                && count > 0
                && let Some(opened) = self.insert(sources, &place, None)
            {
                rows += count;
                way.push((opened, source.first(place.member.value).map(|first| self.child_place(opened, 0, first))));
            }
        }
        complete
    }

    fn sibling(&self, source: Source<'_>, id: Id, place: &Place) -> Option<Place> {
        let (_, ordinal) = place.parent?;
        let next = source.next(self.get(id).inside, source.end(place.member.value))?;
        Some(self.child_place(id, ordinal + 1, next))
    }

    /// Adds an open container, or a single value that was opened `to` a source, not yet counted in those around it.
    /// `None` when it has no children or is open.
    fn insert(&mut self, sources: &Sources, place: &Place, to: Option<SourceId>) -> Option<Id> {
        let content = to.unwrap_or(place.source);
        let source = sources.get(content)?;
        let inside = if to.is_some() { source.root().value } else { place.member.value };
        if place.opened.is_some() || !source.is_container(inside) {
            return None;
        }
        let count = source.count(inside);
        if count == 0 {
            return None;
        }
        let container = Container {
            parent: place.parent,
            member: place.member,
            source: place.source,
            content,
            inside,
            depth: place.depth,
            count,
            rows: count,
            marks: source.marks(inside),
            open: Vec::new(),
            repeated: Repeated::default(),
        };
        let id = if let Some(id) = self.free.pop() {
            self.containers[id as usize] = container;
            id
        } else {
            let id = Id::try_from(self.containers.len()).ok()?;
            self.containers.push(container);
            id
        };
        if let Some((parent, ordinal)) = place.parent {
            let at = self.offset(parent, ordinal);
            let open = &mut self.containers[parent as usize].open;
            let before = open.partition_point(|child| child.ordinal < ordinal);
            open.insert(before, OpenChild { ordinal, at, id });
        }
        Some(id)
    }

    /// Counts a new open container, whose own rows are right, in all those around it.
    fn settle(&mut self, id: Id) {
        match self.get(id).parent {
            None => self.root = Some(id),
            Some((parent, ordinal)) => self.grow(parent, ordinal, self.get(id).rows, true),
        }
    }

    /// Adds rows below child `ordinal` of a container, or takes them away, there and in all around it.
    fn grow(&mut self, id: Id, ordinal: u32, rows: u32, more: bool) {
        let add = |to: &mut u32| *to = if more { *to + rows } else { *to - rows };
        let mut next = Some((id, ordinal));
        while let Some((id, ordinal)) = next {
            let container = &mut self.containers[id as usize];
            add(&mut container.rows);
            let from = container.open.partition_point(|child| child.ordinal <= ordinal);
            container.open[from..].iter_mut().for_each(|child| add(&mut child.at));
            next = container.parent;
        }
    }

    /// How many children an open container has.
    pub fn count(&self, id: Id) -> u32 {
        self.get(id).count
    }

    fn get(&self, id: Id) -> &Container {
        &self.containers[id as usize]
    }
}
