//! Which containers are open, and the arithmetic from a visible row to a value and back.
//!
//! Rows are counted, not listed: each open container knows how many rows stand below it, so that a million closed
//! elements cost nothing and any row is found by descending.

use super::super::json::{Json, Member, STRIDE};

/// Identifies an open container in [`Opened`].
pub(super) type Id = u32;

/// An open container.
struct Container {
    /// The open container around it and its number therein; `None` for the document's value.
    parent: Option<(Id, u32)>,
    member: Member,
    depth: u32,
    count: u32,
    /// Rows below it: its children and what is open in them.
    rows: u32,
    marks: Box<[u32]>,
    /// Its open children, in order.
    open: Vec<OpenChild>,
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
    /// The open container it is a child of, and its number therein; `None` for the document's value.
    pub parent: Option<(Id, u32)>,
    pub member: Member,
    pub depth: u32,
    /// Set when it is an open container itself.
    pub opened: Option<Id>,
}

/// All open containers of a shown document.
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

    /// The place at a row.
    pub fn place(&self, json: &Json, row: u32) -> Option<Place> {
        if row == 0 {
            return Some(Place { parent: None, member: json.root(), depth: 0, opened: self.root });
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
                return self.child(json, id, below);
            };
            let inside = below - child.at;
            let rows = self.get(child.id).rows;
            if inside == 0 {
                return self.child(json, id, child.ordinal);
            }
            if inside <= rows {
                id = child.id;
                below = inside - 1;
            } else {
                return self.child(json, id, child.ordinal + inside - rows);
            }
        }
    }

    /// The place of child `ordinal` of an open container.
    pub fn child(&self, json: &Json, id: Id, ordinal: u32) -> Option<Place> {
        let container = self.get(id);
        let member = json.child(container.member.value, &container.marks, ordinal)?;
        Some(self.child_place(id, ordinal, member))
    }

    fn child_place(&self, id: Id, ordinal: u32, member: Member) -> Place {
        let container = self.get(id);
        let opened = container.open.binary_search_by_key(&ordinal, |child| child.ordinal).ok().map(|at| container.open[at].id);
        Place { parent: Some((id, ordinal)), member, depth: container.depth + 1, opened }
    }

    /// The place of an open container.
    pub fn place_of(&self, id: Id) -> Place {
        let container = self.get(id);
        Place { parent: container.parent, member: container.member, depth: container.depth, opened: Some(id) }
    }

    /// The place in the next row.
    pub fn after(&self, json: &Json, place: &Place) -> Option<Place> {
        if let Some(id) = place.opened {
            let first = json.first(place.member.value)?;
            return Some(self.child_place(id, 0, first));
        }
        let mut end = json.end(place.member.value);
        let mut parent = place.parent;
        while let Some((id, ordinal)) = parent {
            let container = self.get(id);
            if let Some(next) = json.next(end, json.is_object(container.member.value)) {
                return Some(self.child_place(id, ordinal + 1, next));
            }
            end = json.close(end);
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
    pub fn open(&mut self, json: &Json, place: &Place) {
        if let Some(id) = self.insert(json, place) {
            self.settle(id);
        }
    }

    /// Closes an open container and everything in it.
    pub fn close(&mut self, place: &Place) {
        let Some(id) = place.opened else { return };
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
        while let Some(id) = closing.pop() {
            let container = &mut self.containers[id as usize];
            closing.extend(std::mem::take(&mut container.open).iter().map(|child| child.id));
            container.marks = Box::default();
            self.free.push(id);
        }
    }

    /// Opens what is needed to show the member that starts at `start`, and gives its place.
    pub fn open_way_to(&mut self, json: &Json, start: u32) -> Option<Place> {
        let mut place = Place { parent: None, member: json.root(), depth: 0, opened: self.root };
        let mut fresh = Vec::new();
        while place.member.start != start {
            let id = if let Some(id) = place.opened {
                id
            } else {
                let Some(id) = self.insert(json, &place) else { break };
                fresh.push(id);
                id
            };
            let Some(next) = self.child_around(json, id, start) else { break };
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
        (place.member.start == start).then_some(place)
    }

    /// The child that starts at or holds a position.
    fn child_around(&self, json: &Json, id: Id, start: u32) -> Option<Place> {
        let container = self.get(id);
        let named = json.is_object(container.member.value);
        let marks = container.marks.partition_point(|mark| *mark <= start);
        let mut member =
            if marks == 0 { json.first(container.member.value)? } else { json.member_at(container.marks[marks - 1], named) };
        let mut ordinal = u32::try_from(marks).ok()? * STRIDE;
        loop {
            let end = json.end(member.value);
            if start < end {
                return (start >= member.start).then(|| self.child_place(id, ordinal, member));
            }
            member = json.next(end, named)?;
            ordinal += 1;
        }
    }

    /// The names and numbers that lead to a container, innermost first.
    pub fn way(&self, id: Id) -> impl Iterator<Item = (Member, u32)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let container = self.get(next?);
            let (parent, ordinal) = container.parent?;
            next = Some(parent);
            Some((container.member, ordinal))
        })
    }

    /// Opens containers in the order of the text until `most` rows would be passed; tells whether all are open.
    pub fn open_all(&mut self, json: &Json, most: u32) -> bool {
        *self = Self::default();
        let root = Place { parent: None, member: json.root(), depth: 0, opened: None };
        let Some(root) = self.insert(json, &root) else { return true };
        self.root = Some(root);
        let mut rows = self.get(root).rows;
        let mut complete = rows <= most;
        let mut way: Vec<(Id, Option<Place>)> = vec![(root, if complete { self.child(json, root, 0) } else { None })];
        while let Some((id, next)) = way.pop() {
            let Some(place) = next else {
                // All its children have been seen: it is counted in the one around it.
                let below = self.get(id).rows;
                if let Some((parent, _)) = self.get(id).parent {
                    self.containers[parent as usize].rows += below;
                }
                continue;
            };
            let count = if json.is_container(place.member.value) { json.count(place.member.value) } else { 0 };
            if count > 0 && rows.saturating_add(count) > most {
                complete = false;
            }
            let after = if complete { self.sibling(json, id, &place) } else { None };
            way.push((id, after));
            if complete
                && count > 0
                && let Some(opened) = self.insert(json, &place)
            {
                rows += count;
                way.push((opened, json.first(place.member.value).map(|first| self.child_place(opened, 0, first))));
            }
        }
        complete
    }

    fn sibling(&self, json: &Json, id: Id, place: &Place) -> Option<Place> {
        let (_, ordinal) = place.parent?;
        let next = json.next(json.end(place.member.value), json.is_object(self.get(id).member.value))?;
        Some(self.child_place(id, ordinal + 1, next))
    }

    /// Adds an open container, not yet counted in those around it. `None` when it has no children or is open.
    fn insert(&mut self, json: &Json, place: &Place) -> Option<Id> {
        if place.opened.is_some() || !json.is_container(place.member.value) {
            return None;
        }
        let count = json.count(place.member.value);
        if count == 0 {
            return None;
        }
        let container = Container {
            parent: place.parent,
            member: place.member,
            depth: place.depth,
            count,
            rows: count,
            marks: json.marks(place.member.value),
            open: Vec::new(),
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
