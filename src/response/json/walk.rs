//! Every value of a document in the order of the text, with an explicit stack instead of recursion.

use super::{Json, Member};

/// What a walk meets.
#[derive(Debug, Clone, Copy)]
pub(in crate::response) enum Event {
    /// An object or array begins.
    Enter(Member),
    /// A scalar.
    Scalar(Member),
    /// The container that was entered last and not left ends.
    Leave,
}

/// Walks a document; a child of an array is numbered by [`Walk::ordinal`].
pub(in crate::response) struct Walk<'a> {
    json: &'a Json,
    /// The open containers: where each begins and the number of its present member.
    open: Vec<(u32, u32)>,
    next: Next,
    ordinal: u32,
}

enum Next {
    Value(Member),
    /// A value has ended here.
    After(u32),
    Done,
}

impl<'a> Walk<'a> {
    /// From the document's value on.
    pub fn new(json: &'a Json) -> Self {
        Self { json, open: Vec::new(), next: Next::Value(json.root()), ordinal: 0 }
    }

    /// Through the value that begins at `value`.
    pub fn from(json: &'a Json, value: u32) -> Self {
        Self { next: Next::Value(Member { start: value, value }), ..Self::new(json) }
    }

    /// The number of the value met last among its siblings.
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Passes over the rest of the container that is open, without meeting it; its `Leave` still comes.
    pub fn skip_rest(&mut self) {
        if let Some((start, _)) = self.open.last() {
            // One before the closing bracket's end: there the container has nothing more.
            self.next = Next::After(self.json.end(*start) - 1);
        }
    }

    /// The next event; `None` after the last.
    pub fn step(&mut self) -> Option<Event> {
        match self.next {
            Next::Value(member) => {
                self.ordinal = 0;
                Some(self.meet(member))
            }
            Next::Done => None,
            Next::After(end) => {
                let Some((start, ordinal)) = self.open.last_mut() else {
                    self.next = Next::Done;
                    return None;
                };
                if let Some(member) = self.json.next(end, self.json.is_object(*start)) {
                    *ordinal += 1;
                    self.ordinal = *ordinal;
                    return Some(self.meet(member));
                }
                self.next = Next::After(self.json.close(end));
                self.ordinal = self.open.pop().map_or(0, |_| self.open.last().map_or(0, |(_, ordinal)| *ordinal));
                Some(Event::Leave)
            }
        }
    }

    fn meet(&mut self, member: Member) -> Event {
        if !self.json.is_container(member.value) {
            self.next = Next::After(self.json.end(member.value));
            return Event::Scalar(member);
        }
        self.open.push((member.value, 0));
        if let Some(first) = self.json.first(member.value) {
            self.next = Next::Value(first);
        } else {
            self.next = Next::After(member.value + 1);
        }
        Event::Enter(member)
    }
}
