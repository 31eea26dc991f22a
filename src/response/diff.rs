//! What differs between two answers to the same request: what came, what went, and which values are others.
//!
//! Members of an object are compared by name, elements of an array by position after what both have in common at the start
//! and at the end. Parts whose text is the same are passed over at once. Nothing recurses over the bodies' depth.

use std::borrow::Cow;
use std::collections::HashMap;

use super::document::Document;
use super::json::{Json, Member};
use super::masking::{LOOKED_AT, Masking, Seen, prefix, preview};
use super::pointer;
use super::row::{BodyFormat, DiffEntry, DiffKind, RowChange, ValueKind};
use super::suggest::is_for_another_use;
use super::tree::is_maskable;
use crate::redact::looks_like_secret;

/// So many differences are told one by one.
const MOST_ENTRIES: usize = 200;

/// So many rows are marked.
const MOST_MARKS: usize = 100_000;

/// A comparison ends after so many values.
const MOST_COMPARED: usize = 4_000_000;

/// …or after so many bytes of text, which deep nesting makes it read again and again.
const MOST_BYTES: usize = 4 << 30;

/// What was found, entries in the order of the newer answer.
pub struct Diff {
    /// Values that only the newer answer has.
    pub added: u32,
    /// Values that only the older one has.
    pub removed: u32,
    /// Values that are others.
    pub changed: u32,
    /// The first of them, one by one, at most 200; secrets masked.
    pub entries: Vec<DiffEntry>,
    /// Whether everything was compared.
    pub complete: bool,
    /// Where marked members of the newer answer start, ascending.
    pub(super) marks: Vec<(u32, RowChange)>,
}

/// Compares two JSON bodies; `None` when one of them is none. Bounded: it ends after 4,000,000 values or 4 GiB of text
/// compared, and says so.
pub fn diff(before: &Document, after: &Document, masking: &Masking) -> Option<Diff> {
    let read = |document: &Document| matches!(document.format(), BodyFormat::Json);
    if !read(before) || !read(after) {
        return None;
    }
    let (before, after) = (before.json()?, after.json()?);
    let found = Diff { added: 0, removed: 0, changed: 0, entries: Vec::new(), complete: true, marks: Vec::new() };
    let mut comparison = Comparison { before, after, masking, found, compared: 0, bytes: 0, at: String::new() };
    comparison.run();
    comparison.found.marks.sort_unstable_by_key(|(start, _)| *start);
    Some(comparison.found)
}

/// Something still to be done, last first.
enum Task {
    Pair(Step, Member, Member),
    Added(Step, Member),
    Removed(Step, Member),
    /// The container that was entered last is done.
    Leave,
}

/// What a member adds to the pointer.
enum Step {
    Top,
    Name(String),
    Position(u32),
}

struct Comparison<'a> {
    before: &'a Json,
    after: &'a Json,
    masking: &'a Masking,
    found: Diff,
    compared: usize,
    bytes: usize,
    at: String,
}

impl Comparison<'_> {
    fn run(&mut self) {
        let mut todo = vec![Task::Pair(Step::Top, self.before.root(), self.after.root())];
        while let Some(task) = todo.pop() {
            self.compared += 1;
            if self.compared > MOST_COMPARED || self.bytes > MOST_BYTES {
                self.found.complete = false;
                return;
            }
            match task {
                Task::Leave => pointer::pop(&mut self.at),
                Task::Added(step, member) => {
                    let words = self.words(self.after, member);
                    self.note(&step, DiffKind::Added, String::new(), words, false);
                    self.mark(member, RowChange::Added);
                }
                Task::Removed(step, member) => {
                    let words = self.words(self.before, member);
                    self.note(&step, DiffKind::Removed, words, String::new(), false);
                }
                Task::Pair(step, old, new) => self.pair(&step, old, new, &mut todo),
            }
        }
    }

    fn pair(&mut self, step: &Step, old: Member, new: Member, todo: &mut Vec<Task>) {
        let (older, newer) = (self.before.raw(old.value), self.after.raw(new.value));
        self.bytes = self.bytes.saturating_add(newer.len());
        if older == newer {
            return;
        }
        let inside = match (self.before.kind(old.value), self.after.kind(new.value)) {
            (ValueKind::Object, ValueKind::Object) => self.members(old, new),
            (ValueKind::Array, ValueKind::Array) => self.elements(old, new),
            _ => return self.changed(step, old, new),
        };
        if !matches!(step, Step::Top) {
            self.push(step);
            todo.push(Task::Leave);
        }
        todo.extend(inside.into_iter().rev());
    }

    fn changed(&mut self, step: &Step, old: Member, new: Member) {
        let likely = self.is_likely_token(old, new);
        let (before, after) = (self.words(self.before, old), self.words(self.after, new));
        self.note(step, DiffKind::Changed, before, after, likely);
        self.mark(new, RowChange::Changed);
    }

    /// The members of two objects side by side. Of a name that stands twice, the last counts, and the others are left out.
    fn members(&self, old: Member, new: Member) -> Vec<Task> {
        let mut left: HashMap<Cow<'_, str>, (usize, Member)> = HashMap::new();
        for (position, member) in children(self.before, old.value).enumerate() {
            left.insert(self.before.key(member).unwrap_or_default(), (position, member));
        }
        let mut tasks = Vec::new();
        for member in children(self.after, new.value) {
            let name = self.after.key(member).unwrap_or_default();
            tasks.push(match left.remove(&name) {
                Some((_, counterpart)) => Task::Pair(Step::Name(name.into_owned()), counterpart, member),
                None => Task::Added(Step::Name(name.into_owned()), member),
            });
        }
        let mut gone: Vec<_> = left.into_iter().collect();
        gone.sort_unstable_by_key(|(_, (position, _))| *position);
        tasks.extend(gone.into_iter().map(|(name, (_, member))| Task::Removed(Step::Name(name.into_owned()), member)));
        tasks
    }

    /// The elements of two arrays side by side, without what both have in common at the start and at the end.
    fn elements(&self, old: Member, new: Member) -> Vec<Task> {
        let (old, new): (Vec<_>, Vec<_>) =
            (children(self.before, old.value).collect(), children(self.after, new.value).collect());
        let same = |old: &Member, new: &Member| self.before.raw(old.value) == self.after.raw(new.value);
        let start = old.iter().zip(&new).take_while(|(old, new)| same(old, new)).count();
        let rest = old[start..].iter().rev().zip(new[start..].iter().rev());
        let end = if old.len() == new.len() { 0 } else { rest.take_while(|(old, new)| same(old, new)).count() };
        let (old, new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
        let paired = old.len().min(new.len());
        let at = |offset: usize| Step::Position(u32::try_from(start + offset).unwrap_or(u32::MAX));
        let pairs = old.iter().zip(new).enumerate().map(|(offset, (old, new))| Task::Pair(at(offset), *old, *new));
        let added = new[paired..].iter().enumerate().map(|(offset, new)| Task::Added(at(paired + offset), *new));
        let removed = old[paired..].iter().enumerate().map(|(offset, old)| Task::Removed(at(paired + offset), *old));
        pairs.chain(added).chain(removed).collect()
    }

    /// A secret that is another one at each login is what people look for.
    fn is_likely_token(&self, old: Member, new: Member) -> bool {
        let secret = |json: &Json, member: Member| {
            json.kind(member.value) == ValueKind::String && {
                let (key, value) = (json.key(member), json.string(member.value));
                looks_like_secret(key.as_deref(), &value) && !key.is_some_and(|key| is_for_another_use(&key))
            }
        };
        secret(self.before, old) && secret(self.after, new)
    }

    fn note(&mut self, step: &Step, kind: DiffKind, before: String, after: String, likely_token: bool) {
        let count = match kind {
            DiffKind::Added => &mut self.found.added,
            DiffKind::Removed => &mut self.found.removed,
            DiffKind::Changed => &mut self.found.changed,
        };
        *count = count.saturating_add(1);
        if self.found.entries.len() == MOST_ENTRIES {
            return;
        }
        let length = self.at.len();
        self.push(step);
        // The way to a value may be a secret, too: then it is not told.
        let pointer = if self.masking.knows(&self.at) { "…".to_owned() } else { self.at.clone() };
        self.at.truncate(length);
        self.found.entries.push(DiffEntry { pointer, kind, before, after, likely_token });
    }

    fn mark(&mut self, member: Member, change: RowChange) {
        if self.found.marks.len() < MOST_MARKS {
            self.found.marks.push((member.start, change));
        }
    }

    fn push(&mut self, step: &Step) {
        match step {
            Step::Top => {}
            Step::Name(name) => pointer::push(&mut self.at, name),
            Step::Position(position) => pointer::push(&mut self.at, &position.to_string()),
        }
    }

    /// A value in few words, masked like a row of the tree (T8).
    fn words(&self, json: &Json, member: Member) -> String {
        let kind = json.kind(member.value);
        match kind {
            ValueKind::Object => return format!("object({})", json.count(member.value)),
            ValueKind::Array => return format!("array({})", json.count(member.value)),
            _ => {}
        }
        let value = json.scalar(member.value);
        if !is_maskable(kind) {
            return preview(&value).0;
        }
        let shown = match self.masking.seen(json.key(member).as_deref(), prefix(&value, LOOKED_AT)) {
            Seen::Nothing if kind == ValueKind::Number => return format!("number({})", value.len()),
            Seen::Nothing => return format!("string({})", value.chars().count()),
            Seen::Rest(rest) => preview(&rest).0,
            Seen::All(value) => preview(value).0,
        };
        if kind == ValueKind::String { format!("“{shown}”") } else { shown }
    }
}

fn children(json: &Json, container: u32) -> impl Iterator<Item = Member> {
    let named = json.is_object(container);
    let mut next = json.first(container);
    std::iter::from_fn(move || {
        let member = next?;
        next = json.next(json.end(member.value), named);
        Some(member)
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use rstest::rstest;
    use secrecy::SecretString;
    use serde_json::{Value, json};

    use super::*;
    use crate::redact::Redactor;

    fn open(body: impl Into<String>) -> Document {
        Document::open(Bytes::from(body.into()), Some("application/json"))
    }

    fn compare(before: &str, after: &str) -> Diff {
        diff(&open(before), &open(after), &Masking::default()).unwrap()
    }

    fn told(diff: &Diff) -> Vec<String> {
        let one = |entry: &DiffEntry| format!("{:?} {} {} {}", entry.kind, entry.pointer, entry.before, entry.after);
        diff.entries.iter().map(|entry| one(entry).replace("  ", " ").trim_end().to_owned()).collect()
    }

    #[rstest]
    #[case(r#"{"a":1}"#, r#"{ "a" : 1 }"#, &[])]
    #[case(r#"{"a":1,"b":2}"#, r#"{"b":3,"a":1}"#, &["Changed /b 2 3"])]
    #[case(r#"{"a":1}"#, r#"{"a":1,"b":"x"}"#, &["Added /b “x”"])]
    #[case(r#"{"a":{"b":[1,{"c":null}]}}"#, r#"{"a":{"b":[1,{"c":true,"d":[]}]}}"#, &["Changed /a/b/1/c null true", "Added /a/b/1/d array(0)"])]
    #[case(r#"{"a":{"x":1}}"#, r#"{"a":[1]}"#, &["Changed /a object(1) array(1)"])]
    #[case("[1,2,3,4]", "[1,2,9,3,4]", &["Added /2 9"])]
    #[case("[1,2,3,4]", "[1,4]", &["Removed /1 2", "Removed /2 3"])]
    #[case("[1,2,3]", "[1,8,9]", &["Changed /1 2 8", "Changed /2 3 9"])]
    #[case(r#"{"a/b":{"~":1}}"#, r#"{"a/b":{"~":2}}"#, &["Changed /a~1b/~0 1 2"])]
    #[case("1", "2", &["Changed 1 2"])]
    fn what_differs_between_two_answers_is_told(#[case] before: &str, #[case] after: &str, #[case] expected: &[&str]) {
        let found = compare(before, after);
        assert_eq!(told(&found), expected);
        assert!(found.complete);
    }

    #[test]
    fn t8_a_secret_is_told_by_its_length_and_called_a_likely_token() {
        let body =
            |token: &str, name: &str| format!(r#"{{"access_token":"{token}","refresh_token":"{token}","user":"{name}"}}"#);
        let (old, new) = ("q7Zp3Vt9Lw2Xc5Rb8Nm1Kd4Hf6Gs0Jy", "B4nT8yR2eW6qU0iO9pL3kJ7hG5fD1sAzz");
        let masking = Masking { redactor: Some(Redactor::new(&[SecretString::from("plainword")])), keep_start: true };
        let found = diff(&open(body(old, "Ann")), &open(body(new, "has plainword")), &masking).unwrap();
        assert_eq!(
            told(&found),
            [
                "Changed /access_token string(31) string(33)",
                "Changed /refresh_token string(31) string(33)",
                "Changed /user “Ann” string(13)"
            ]
        );
        assert_eq!(found.entries.iter().map(|entry| entry.likely_token).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn differences_are_bounded_in_what_is_told_and_not_in_depth() {
        let many = |value: u32| format!("[{}]", vec![value.to_string(); 5000].join(","));
        let found = compare(&many(1), &many(2));
        assert_eq!((found.changed, found.entries.len(), found.marks.len()), (5000, MOST_ENTRIES, 5000));
        let deep = |value: u32| format!("{}{value}{}", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(compare(&deep(1), &deep(2)).changed, 1);
        let deepest = |value: u32| format!("{}{value}{}", "[".repeat(900_000), "]".repeat(900_000));
        assert!(!compare(&deepest(1), &deepest(2)).complete, "the text would be compared 900,000 times");
    }

    #[test]
    fn only_json_is_compared() {
        let text = Document::open(Bytes::from_static(b"hello"), Some("text/plain"));
        assert!(diff(&text, &open("{}"), &Masking::default()).is_none());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<u8>().prop_map(Value::from), "[ab]{0,2}".prop_map(Value::from), Just(Value::Null)];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[abc~/]{1,2}", inner, 0..4).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_differs_exactly_when_the_values_are_equal(before in any_json(), after in any_json()) {
            let found = compare(&before.to_string(), &after.to_string());
            prop_assert_eq!(found.entries.is_empty(), before == after);
            for entry in found.entries.iter().filter(|entry| entry.kind != DiffKind::Removed) {
                prop_assert!(after.pointer(&entry.pointer).is_some());
                let differs = after.pointer(&entry.pointer) != before.pointer(&entry.pointer);
                // Elements may have moved: then something else stood there before.
                prop_assert!(differs || entry.kind == DiffKind::Added);
            }
        }
    }
}
