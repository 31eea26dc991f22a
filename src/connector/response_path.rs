//! Dotted paths into a response: `order.id`, `lines[].sku`, `lines[0].sku`, `["a.b"].c`.
//!
//! A key stands bare unless it is empty or holds `.`, `[`, `]`, `"` or white space; such a key is
//! written as a JSON string in brackets, so that every key of every object has a path.

use serde_json::Value;

/// The most steps that a path may have.
const MOST_STEPS: usize = 64;

/// How many steps are taken through a response where keys look into lists: the steps of a path, and as many lists in lists.
const DEEPEST: usize = 2 * MOST_STEPS;

/// A path into a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponsePath {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A key of an object.
    Key(String),
    /// Every element of an array.
    Each,
    /// One element of an array, from 0.
    Index(usize),
}

/// A value of a response, as far as a path has to know it.
pub trait ResponseNode: Clone {
    /// The members of this name, in order; none when it is no object. The last one counts, as for most programs.
    fn members(&self, key: &str) -> Vec<Self>;

    /// Whether it is a list.
    fn is_list(&self) -> bool;

    /// The elements, one after the other: there may be millions. None when it is no list.
    fn elements(&self) -> impl Iterator<Item = Self>;
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<N> {
    /// One value.
    One(N),
    /// What was found in each element of a list.
    Each(Vec<Self>),
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {position}).")]
pub struct PathFault {
    /// Where, in characters counted from 1.
    pub position: usize,
    /// What is wrong there, without a full stop.
    pub message: &'static str,
}

impl ResponsePath {
    /// Reads a path. The empty text is the whole response.
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        let mut steps = Vec::new();
        if text.starts_with('$') {
            return Err(PathFault { position: 1, message: "Write it without “$.”, such as order.id" });
        }
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let fault = |message| PathFault { position: text[..at].chars().count() + 1, message };
            if steps.len() == MOST_STEPS {
                return Err(fault("The path has more than 64 steps"));
            }
            let (step, after) = if let Some(inside) = rest.strip_prefix('[') {
                bracketed(inside).ok_or_else(|| fault("“[” must begin “[]”, “[0]” or a key in quotes, such as “[\"a.b\"]”"))?
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let key = &rest[..end];
                if !stands_bare(key) {
                    return Err(fault("Here must be a key; write an unusual one in quotes, such as “[\"a.b\"]”"));
                }
                (Step::Key(key.to_owned()), &rest[end..])
            };
            steps.push(step);
            rest = match after.strip_prefix('.') {
                Some("") => {
                    return Err(PathFault { position: text.chars().count(), message: "The path ends with a dot" });
                }
                // After a dot comes a key, and a quoted one needs no dot before it.
                Some(next) if next.starts_with('[') => {
                    let at = text.len() - next.len();
                    let position = text[..at].chars().count() + 1;
                    return Err(PathFault { position, message: "“[” follows a key without a dot between" });
                }
                Some(next) => next,
                None if after.is_empty() || after.starts_with('[') => after,
                None => return Err(fault("After “]” comes a dot or the end")),
            };
        }
        Ok(Self { steps })
    }

    /// This path, continued by another one.
    #[must_use]
    pub fn join(&self, inner: &Self) -> Self {
        Self { steps: self.steps.iter().chain(&inner.steps).cloned().collect() }
    }

    /// What stands at this path; `None` when it is missing. With `[]` it is the list of what stands at
    /// the rest of the path in every element, missing as soon as one element lacks it.
    pub fn find<N: ResponseNode>(&self, top: &N) -> Option<Found<N>> {
        found_at(top, &self.steps)
    }

    /// Everything that this path can mean. It reaches rather too much than too little, because the
    /// same API may answer with one object or a list of them: an element's number counts as every
    /// element, keys look into lists, and `[]` at something that is no list is that thing itself. `None` where lists stand
    /// in lists so deep that not all of it could be looked at.
    pub(super) fn reached<N: ResponseNode>(&self, top: &N) -> Option<Vec<N>> {
        let mut reached = Vec::new();
        reach(top, &self.steps, DEEPEST, &mut reached).then_some(reached)
    }

    pub(super) fn with_key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    pub(super) fn with_each(&self) -> Self {
        self.with(Step::Each)
    }

    fn with(&self, step: Step) -> Self {
        Self { steps: self.steps.iter().cloned().chain([step]).collect() }
    }
}

impl std::fmt::Display for ResponsePath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if stands_bare(key) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(formatter, "{dot}{key}")?;
                }
                Step::Key(key) => write!(formatter, "[{}]", Value::from(key.as_str()))?,
                Step::Each => formatter.write_str("[]")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn stands_bare(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with('$')
        && !key
            .chars()
            .any(|character| matches!(character, '.' | '[' | ']' | '"') || character.is_whitespace() || character.is_control())
}

/// Reads what follows `[`, and gives what comes after the `]`.
fn bracketed(inside: &str) -> Option<(Step, &str)> {
    if let Some(after) = inside.strip_prefix(']') {
        return Some((Step::Each, after));
    }
    if inside.starts_with('"') {
        let mut strings = serde_json::Deserializer::from_str(inside).into_iter::<String>();
        let key = strings.next()?.ok()?;
        let after = inside[strings.byte_offset()..].strip_prefix(']')?;
        return Some((Step::Key(key), after));
    }
    let (digits, after) = inside.split_once(']')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((Step::Index(digits.parse().ok()?), after))
}

fn found_at<N: ResponseNode>(node: &N, steps: &[Step]) -> Option<Found<N>> {
    let Some((step, rest)) = steps.split_first() else { return Some(Found::One(node.clone())) };
    match step {
        Step::Key(key) => found_at(node.members(key).last()?, rest),
        Step::Index(index) => found_at(&node.elements().nth(*index)?, rest),
        Step::Each if !node.is_list() => None,
        Step::Each => node.elements().map(|element| found_at(&element, rest)).collect::<Option<_>>().map(Found::Each),
    }
}

/// `false` when it is too deep to reach everything.
fn reach<N: ResponseNode>(node: &N, steps: &[Step], depth: usize, reached: &mut Vec<N>) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        reached.push(node.clone());
        return true;
    };
    let Some(depth) = depth.checked_sub(1) else { return false };
    match (step, node.is_list()) {
        (Step::Key(_), true) => node.elements().all(|element| reach(&element, steps, depth, reached)),
        (Step::Key(key), false) => node.members(key).iter().all(|member| reach(member, rest, depth, reached)),
        (Step::Each | Step::Index(_), true) => node.elements().all(|element| reach(&element, rest, depth, reached)),
        (Step::Each | Step::Index(_), false) => reach(node, rest, depth, reached),
    }
}

/// Values as tests write them.
#[cfg(test)]
impl ResponseNode for &Value {
    fn members(&self, key: &str) -> Vec<Self> {
        self.as_object().and_then(|members| members.get(key)).into_iter().collect()
    }

    fn is_list(&self) -> bool {
        self.is_array()
    }

    fn elements(&self) -> impl Iterator<Item = Self> {
        self.as_array().into_iter().flatten()
    }
}

#[cfg(test)]
impl Found<&Value> {
    /// As one value.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::One(value) => (*value).clone(),
            Self::Each(all) => all.iter().map(Self::value).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("order.id", json!(7))]
    #[case("lines[].sku", json!(["a", "b"]))]
    #[case("lines[1].sku", json!("b"))]
    #[case(r#"["a.b"].c"#, json!(1))]
    #[case(r#"order["x y"]"#, json!(2))]
    #[case("nothing", Value::Null)]
    #[case("none[].x", json!([]))]
    fn r3_a_path_finds_its_value(#[case] path: &str, #[case] expected: Value) {
        let response = json!({
            "order": {"id": 7, "x y": 2}, "lines": [{"sku": "a"}, {"sku": "b"}], "a.b": {"c": 1}, "nothing": null, "none": [],
        });
        assert_eq!(ResponsePath::parse(path).unwrap().find(&&response).map(|found| found.value()), Some(expected));
    }

    #[rstest]
    #[case("order.")]
    #[case(".order")]
    #[case("a..b")]
    #[case("a.[0]")]
    #[case("a[x]")]
    #[case("a[")]
    #[case("a[0]b")]
    #[case("a b")]
    #[case("$.order.id")]
    #[case(r#"["a]"#)]
    fn r3_what_is_no_path_is_refused(#[case] path: &str) {
        assert!(ResponsePath::parse(path).is_err(), "{:?}", ResponsePath::parse(path));
    }

    #[test]
    fn r3_a_fault_says_where() {
        assert_eq!(ResponsePath::parse("é.a b").unwrap_err().position, 3);
        assert_eq!(ResponsePath::parse("a.b.").unwrap_err().position, 4);
    }

    proptest! {
        #[test]
        fn r3_every_key_has_a_path_that_reads_back(keys in prop::collection::vec(any::<String>(), 1..5), each in any::<bool>()) {
            let mut path = ResponsePath { steps: Vec::new() };
            for key in &keys {
                path = path.with_key(key);
                if each { path = path.with_each() }
            }
            prop_assert_eq!(ResponsePath::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn r3_reading_a_path_never_panics(text in "[a-c.\\[\\]\"0-9 é]{0,12}") {
            if let Ok(path) = ResponsePath::parse(&text) {
                prop_assert_eq!(ResponsePath::parse(&path.to_string()), Ok(path));
            }
        }
    }
}
