//! Which of its name a child is, counted from 1: the `[n]` of its step.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Xml;
use super::index::STRIDE;
use crate::response::json::Member;

/// For so many elements the numbers are kept.
const KEPT: usize = 8;

/// The numbers of the children of elements looked at last, where they are many and not of one name: 4 bytes each child.
#[derive(Default)]
pub(super) struct Numbers {
    kept: Mutex<Vec<(u32, Arc<[u32]>)>>,
}

#[cfg(test)]
impl Numbers {
    /// Whether no table had to be made.
    pub fn is_empty(&self) -> bool {
        self.kept.lock().unwrap().is_empty()
    }
}

impl Xml {
    /// A child's step in a path: its name, with `[n]` when the element that begins at `around` has several of that name.
    pub fn step(&self, around: u32, member: Member) -> String {
        let name = self.name(member);
        match self.number(around, member) {
            0 => name.into_owned(),
            number => format!("{name}[{number}]"),
        }
    }

    /// The children of the element that begins at `around`, read one after the other.
    pub fn children(&self, around: u32) -> impl Iterator<Item = Member> + '_ {
        let mut next = self.first(around);
        std::iter::from_fn(move || {
            let member = next?;
            next = self.next(self.end(member.value), around);
            Some(member)
        })
    }

    /// The child's number among those of its name; 0 when it is the only one.
    fn number(&self, around: u32, member: Member) -> u32 {
        let entry = self.index.find(around).ok().filter(|entry| entry.count > STRIDE);
        let Some(entry) = entry else { return self.number_of_few(around, member) };
        let Some(ordinal) = self.ordinal(around, member) else { return 0 };
        if let Some(before) = entry.alike_from() {
            let several = entry.count - before > 1 && ordinal >= before;
            return if several { ordinal - before + 1 } else { 0 };
        }
        self.numbers_of(around).get(ordinal as usize).copied().unwrap_or(0)
    }

    fn number_of_few(&self, around: u32, member: Member) -> u32 {
        let name = self.name(member);
        let (mut number, mut all) = (0, 0);
        for child in self.children(around).filter(|child| self.name(*child) == name) {
            all += 1;
            if child == member {
                number = all;
            }
        }
        if all > 1 { number } else { 0 }
    }

    /// The position of a child among all children.
    fn ordinal(&self, around: u32, member: Member) -> Option<u32> {
        let marks = self.index.marks(around);
        let mark = marks.partition_point(|mark| *mark <= member.start);
        let mut child = if mark == 0 { self.first(around)? } else { self.member_at(marks[mark - 1]) };
        let mut ordinal = super::position(mark) * STRIDE;
        while child.start < member.start {
            child = self.next(self.end(child.value), around)?;
            ordinal += 1;
        }
        Some(ordinal)
    }

    fn numbers_of(&self, around: u32) -> Arc<[u32]> {
        let mut kept = self.numbers.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = match kept.iter().position(|(start, _)| *start == around) {
            Some(found) => kept.remove(found).1,
            None => self.count_names(around),
        };
        kept.push((around, Arc::clone(&numbers)));
        if kept.len() > KEPT {
            kept.remove(0);
        }
        numbers
    }

    /// The numbers of all children, in order.
    fn count_names(&self, around: u32) -> Arc<[u32]> {
        let mut names: HashMap<Cow<'_, str>, (u32, usize)> = HashMap::new();
        let mut numbers = Vec::with_capacity(self.count(around) as usize);
        for child in self.children(around) {
            let (all, _) = names.entry(self.name(child)).and_modify(|(all, _)| *all += 1).or_insert((1, numbers.len()));
            numbers.push(*all);
        }
        for (_, first) in names.into_values().filter(|(all, _)| *all == 1) {
            numbers[first] = 0;
        }
        numbers.into()
    }
}
