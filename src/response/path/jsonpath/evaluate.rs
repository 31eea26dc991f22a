//! Finds the nodes of a query in the body's own text: one node after the other, in the order that RFC 9535 gives, with
//! an explicit stack. The stack's height depends on the query alone; a filter is the only recursion, as deep as it is written.

use std::borrow::Cow;
use std::collections::HashMap;

use regex::Regex;

use super::pattern;
use super::syntax::{Comparable, Logical, NodeQuery, Segment, Selector};
use super::value::{Value, holds};
use crate::response::ValueKind;
use crate::response::json::{Event, Json, Member, Walk};

/// The query would look at more than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Containers from this size on are passed over by the index, at about this cost.
const INDEXED: u32 = 1024;

/// What passing over an indexed container costs, and looking at any value.
const STEP: usize = 16;

/// Compiling a regular expression costs as much as reading so many bytes.
const COMPILING: usize = 64 * 1024;

/// So many compiled expressions are kept.
const MOST_PATTERNS: usize = 64;

/// The document, and how much may still be read of it.
pub(super) struct Evaluator<'a> {
    pub json: &'a Json,
    /// In bytes, about.
    left: usize,
    patterns: HashMap<(String, bool), Option<Regex>>,
}

/// A search for nodes, under way.
pub(super) struct Nodes<'a, 'q> {
    segments: &'q [Segment],
    frames: Vec<Frame<'a>>,
    /// A query without segments yields the node that it starts from.
    itself: Option<Member>,
}

enum Frame<'a> {
    /// Selectors of a segment, applied to the children of one node.
    Select { segment: usize, value: u32, selector: usize, cursor: Option<Cursor> },
    /// A segment applied to a node and all nodes below it.
    Descend { segment: usize, walk: Walk<'a> },
}

/// Where a selector stands among the children.
enum Cursor {
    /// At this child, then the following ones.
    Following(Option<Member>),
    /// At this child only.
    Once(Option<Member>),
    /// At elements forward: the next one, its number, where to end, how far each time.
    Forward { next: Option<Member>, at: u32, end: u32, step: u32, skip: u32 },
    /// At elements backward: the next number, after which it ends, how far each time.
    Backward { at: i64, end: i64, step: i64, marks: Box<[u32]> },
}

impl<'a, 'q> Nodes<'a, 'q> {
    pub fn new(json: &'a Json, segments: &'q [Segment], from: Member) -> Self {
        let mut nodes = Self { segments, frames: Vec::new(), itself: None };
        nodes.itself = nodes.enter(json, from, 0);
        nodes
    }

    /// The next node; `None` after the last.
    pub fn next(&mut self, evaluator: &mut Evaluator<'a>) -> Result<Option<Member>, TooMuch> {
        if let Some(node) = self.itself.take() {
            return Ok(Some(node));
        }
        while let Some(frame) = self.frames.last_mut() {
            match frame {
                Frame::Descend { segment, walk } => {
                    let segment = *segment;
                    match walk.step() {
                        None => drop(self.frames.pop()),
                        Some(Event::Enter(member)) => {
                            evaluator.spend(STEP)?;
                            self.frames.push(Frame::Select { segment, value: member.value, selector: 0, cursor: None });
                        }
                        Some(Event::Scalar(member)) => {
                            evaluator.spend_on(member)?;
                        }
                        Some(Event::Leave) => {}
                    }
                }
                Frame::Select { segment, value, selector, cursor } => {
                    let selectors = &self.segments[*segment].selectors;
                    let after = *segment + 1;
                    match evaluator.advance(selectors, *value, selector, cursor)? {
                        None => drop(self.frames.pop()),
                        Some(child) => {
                            if let Some(node) = self.enter(evaluator.json, child, after) {
                                return Ok(Some(node));
                            }
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// Goes on with `segment` from a node; gives the node back when there is no such segment.
    fn enter(&mut self, json: &'a Json, from: Member, segment: usize) -> Option<Member> {
        let Some(next) = self.segments.get(segment) else { return Some(from) };
        if json.is_container(from.value) {
            self.frames.push(if next.descendants {
                Frame::Descend { segment, walk: Walk::from(json, from.value) }
            } else {
                Frame::Select { segment, value: from.value, selector: 0, cursor: None }
            });
        }
        None
    }
}

impl<'a> Evaluator<'a> {
    /// May read about `left` bytes.
    pub fn new(json: &'a Json, left: usize) -> Self {
        Self { json, left, patterns: HashMap::new() }
    }

    pub fn spend(&mut self, bytes: usize) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(bytes).ok_or(TooMuch)?;
        Ok(())
    }

    fn spend_on(&mut self, member: Member) -> Result<u32, TooMuch> {
        let end = self.json.end(member.value);
        let length = end - member.start;
        let by_index = self.json.is_container(member.value) && length >= INDEXED;
        self.spend(STEP + if by_index { 0 } else { length as usize })?;
        Ok(end)
    }

    /// The sibling after a member.
    pub fn next(&mut self, member: Member, named: bool) -> Result<Option<Member>, TooMuch> {
        let end = self.spend_on(member)?;
        Ok(self.json.next(end, named))
    }

    /// The next child that the selectors of a segment select, from the cursor on.
    fn advance(
        &mut self,
        selectors: &[Selector],
        value: u32,
        at: &mut usize,
        cursor: &mut Option<Cursor>,
    ) -> Result<Option<Member>, TooMuch> {
        while let Some(selector) = selectors.get(*at) {
            if cursor.is_none() {
                *cursor = Some(self.begin(selector, value)?);
            }
            if let Some(cursor) = cursor
                && let Some(child) = self.proceed(selector, value, cursor)?
            {
                return Ok(Some(child));
            }
            *at += 1;
            *cursor = None;
        }
        Ok(None)
    }

    fn begin(&mut self, selector: &Selector, value: u32) -> Result<Cursor, TooMuch> {
        Ok(match selector {
            Selector::Wildcard | Selector::Filter(_) => Cursor::Following(self.json.first(value)),
            Selector::Name(name) => Cursor::Once(self.named(value, name)?),
            Selector::Index(index) => Cursor::Once(self.element(value, *index)?),
            Selector::Slice { .. } if self.json.is_object(value) => Cursor::Once(None),
            Selector::Slice { start, end, step } => self.slice(value, *start, *end, *step)?,
        })
    }

    fn proceed(&mut self, selector: &Selector, value: u32, cursor: &mut Cursor) -> Result<Option<Member>, TooMuch> {
        let named = self.json.is_object(value);
        match cursor {
            Cursor::Once(member) => Ok(member.take()),
            Cursor::Following(next) => {
                while let Some(member) = *next {
                    *next = self.next(member, named)?;
                    match selector {
                        Selector::Filter(filter) if !self.test(filter, member.value)? => {}
                        _ => return Ok(Some(member)),
                    }
                }
                Ok(None)
            }
            Cursor::Forward { next, at, end, step, skip } => {
                while let Some(member) = *next {
                    if *at >= *end {
                        return Ok(None);
                    }
                    *next = self.next(member, false)?;
                    *at += 1;
                    if *skip == 0 {
                        *skip = *step - 1;
                        return Ok(Some(member));
                    }
                    *skip -= 1;
                }
                Ok(None)
            }
            Cursor::Backward { at, end, step, marks } => {
                let Some(number) = u32::try_from(*at).ok().filter(|_| *at > *end) else { return Ok(None) };
                *at = at.saturating_add(*step);
                self.child(value, marks, number)
            }
        }
    }

    /// The member with this name; the last of several.
    fn named(&mut self, object: u32, name: &str) -> Result<Option<Member>, TooMuch> {
        if !self.json.is_object(object) {
            return Ok(None);
        }
        let mut found = None;
        let mut next = self.json.first(object);
        while let Some(member) = next {
            if self.json.key(member).is_some_and(|key| key == name) {
                found = Some(member);
            }
            next = self.next(member, true)?;
        }
        Ok(found)
    }

    fn element(&mut self, array: u32, index: i64) -> Result<Option<Member>, TooMuch> {
        if !self.is_array(array) {
            return Ok(None);
        }
        let count = self.count(array)?;
        let number = if index < 0 { index + i64::from(count) } else { index };
        match u32::try_from(number) {
            Ok(number) if number < count => {
                let marks = self.marks(array)?;
                self.child(array, &marks, number)
            }
            _ => Ok(None),
        }
    }

    /// Section 2.3.4.2.2.
    fn slice(&mut self, array: u32, start: Option<i64>, end: Option<i64>, step: i64) -> Result<Cursor, TooMuch> {
        let count = i64::from(self.count(array)?);
        let normal = |position: i64| if position < 0 { position + count } else { position };
        match step {
            0 => Ok(Cursor::Once(None)),
            1.. => {
                let lower = normal(start.unwrap_or(0)).clamp(0, count);
                let upper = normal(end.unwrap_or(count)).clamp(0, count);
                if lower >= upper {
                    return Ok(Cursor::Once(None));
                }
                let small = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
                let marks = self.marks(array)?;
                let next = self.child(array, &marks, small(lower))?;
                Ok(Cursor::Forward { next, at: small(lower), end: small(upper), step: small(step), skip: 0 })
            }
            _ => {
                let upper = start.map_or(count - 1, normal).clamp(-1, count - 1);
                let lower = end.map_or(-1, normal).clamp(-1, count - 1);
                Ok(Cursor::Backward { at: upper, end: lower, step, marks: self.marks(array)? })
            }
        }
    }

    fn is_array(&self, value: u32) -> bool {
        self.json.kind(value) == ValueKind::Array
    }

    /// How many children; a small container is read for it.
    fn count(&mut self, container: u32) -> Result<u32, TooMuch> {
        self.spend(INDEXED as usize / 8)?;
        Ok(self.json.count(container))
    }

    fn marks(&mut self, container: u32) -> Result<Box<[u32]>, TooMuch> {
        let marks = self.json.marks(container);
        self.spend(STEP + (self.json.end(container) - container) as usize / INDEXED as usize)?;
        Ok(marks)
    }

    fn child(&mut self, container: u32, marks: &[u32], number: u32) -> Result<Option<Member>, TooMuch> {
        self.spend(STEP * 32)?;
        Ok(self.json.child(container, marks, number))
    }

    /// Whether a filter holds for the child at `current`.
    fn test(&mut self, filter: &Logical, current: u32) -> Result<bool, TooMuch> {
        Ok(match filter {
            Logical::Any(list) => {
                for one in list {
                    if self.test(one, current)? {
                        return Ok(true);
                    }
                }
                false
            }
            Logical::All(list) => {
                for one in list {
                    if !self.test(one, current)? {
                        return Ok(false);
                    }
                }
                true
            }
            Logical::Not(inside) => !self.test(inside, current)?,
            Logical::Exists(query) => self.first_of(query, current)?.is_some(),
            Logical::Compare(left, comparison, right) => {
                let (left, right) = (self.value(left, current)?, self.value(right, current)?);
                holds(self, &left, *comparison, &right)?
            }
            Logical::Matches { text, pattern, whole } => {
                let (text, pattern) = (self.value(text, current)?, self.value(pattern, current)?);
                match (text, pattern) {
                    (Value::Text(text), Value::Text(pattern)) => self.matches(&text, &pattern, *whole)?,
                    _ => false,
                }
            }
        })
    }

    fn value(&mut self, comparable: &Comparable, current: u32) -> Result<Value<'a>, TooMuch> {
        Ok(match comparable {
            Comparable::Text(text) => Value::Text(Cow::Owned(text.clone())),
            Comparable::Number(number) => Value::Number(Cow::Owned(number.clone())),
            Comparable::Boolean(boolean) => Value::Boolean(*boolean),
            Comparable::Null => Value::Null,
            Comparable::Singular(query) => {
                self.first_of(query, current)?.map_or(Value::Nothing, |node| Value::at(self.json, node.value))
            }
            Comparable::Length(inside) => match self.value(inside, current)? {
                Value::Text(text) => {
                    self.spend(text.len())?;
                    Value::count(text.chars().count())
                }
                Value::Container(container) => Value::count(self.count(container)? as usize),
                _ => Value::Nothing,
            },
            Comparable::Count(query) => {
                let mut nodes = self.nodes(query, current);
                let mut count = 0;
                while nodes.next(self)?.is_some() {
                    count += 1;
                }
                Value::count(count)
            }
            Comparable::Value(query) => {
                let mut nodes = self.nodes(query, current);
                match (nodes.next(self)?, nodes.next(self)?) {
                    (Some(only), None) => Value::at(self.json, only.value),
                    _ => Value::Nothing,
                }
            }
        })
    }

    fn first_of(&mut self, query: &NodeQuery, current: u32) -> Result<Option<Member>, TooMuch> {
        self.nodes(query, current).next(self)
    }

    fn nodes<'q>(&self, query: &'q NodeQuery, current: u32) -> Nodes<'a, 'q> {
        let from = if query.from_root { self.json.root() } else { Member { start: current, value: current } };
        Nodes::new(self.json, &query.segments, from)
    }

    fn matches(&mut self, text: &str, pattern: &str, whole: bool) -> Result<bool, TooMuch> {
        self.spend(text.len() + pattern.len())?;
        let key = (pattern.to_owned(), whole);
        if let Some(known) = self.patterns.get(&key) {
            return Ok(known.as_ref().is_some_and(|regex| regex.is_match(text)));
        }
        self.spend(COMPILING)?;
        let compiled = pattern::compile(pattern, whole);
        let matches = compiled.as_ref().is_some_and(|regex| regex.is_match(text));
        if self.patterns.len() == MOST_PATTERNS {
            self.patterns.clear();
        }
        self.patterns.insert(key, compiled);
        Ok(matches)
    }
}
