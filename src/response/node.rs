//! A value of a document where it stands: reading it copies nothing, however large or deep the rest of the document is.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use super::json::{Event, Json, Walk};
use super::row::ValueKind;

/// The longest text in an outline, in characters.
const LONGEST_TEXT: usize = 1000;

/// A value of JSON, or of XML converted (E12).
#[derive(Clone, Copy)]
pub struct DocumentNode<'a> {
    json: &'a Json,
    value: u32,
}

/// How much of a value its outline shows.
#[derive(Debug, Clone, Copy)]
pub struct OutlineLimits {
    /// Containers below this depth are shown empty.
    pub depth: usize,
    /// How many elements of a list are shown.
    pub elements: usize,
    /// How many values are shown in all.
    pub values: usize,
}

impl<'a> DocumentNode<'a> {
    pub(super) fn root(json: &'a Json) -> Self {
        Self { json, value: json.root().value }
    }

    /// The members of this name, in order; none when it is no object.
    pub fn members(&self, key: &str) -> Vec<Self> {
        if !self.json.is_object(self.value) {
            return Vec::new();
        }
        let of_name = self.children().filter(|(name, _)| name.as_deref() == Some(key));
        of_name.map(|(_, value)| value).collect()
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        self.json.kind(self.value) == ValueKind::Array
    }

    /// The elements, read one after the other; none when it is no list.
    pub fn elements(&self) -> impl Iterator<Item = Self> + use<'a> {
        self.is_list().then(|| self.children().map(|(_, value)| value)).into_iter().flatten()
    }

    /// The value as it is written, to the digit.
    pub fn raw(&self) -> &'a str {
        self.json.raw(self.value)
    }

    /// Where it stands in the document's JSON text.
    pub fn range(&self) -> Range<usize> {
        self.value as usize..self.json.end(self.value) as usize
    }

    /// Every text in it, unescaped, and where it stands; names are left out.
    pub fn texts(&self) -> Vec<(Range<usize>, Cow<'a, str>)> {
        let mut texts = Vec::new();
        let mut walk = Walk::from(self.json, self.value);
        while let Some(event) = walk.step() {
            if let Event::Scalar(member) = event
                && self.json.kind(member.value) == ValueKind::String
            {
                texts.push((Self { json: self.json, value: member.value }.range(), self.json.string(member.value)));
            }
        }
        texts
    }

    /// The value as far as the limits reach, for reading what kind of answer it is. Long texts are cut, and a number that
    /// `f64` can't hold is `null`.
    pub fn outline(&self, limits: OutlineLimits) -> Value {
        let mut left = limits.values;
        self.outline_within(limits, limits.depth, &mut left)
    }

    fn outline_within(&self, limits: OutlineLimits, depth: usize, left: &mut usize) -> Value {
        *left = left.saturating_sub(1);
        match self.json.kind(self.value) {
            ValueKind::Object => {
                let mut members = Map::new();
                for (name, value) in self.children().take(if depth == 0 { 0 } else { usize::MAX }) {
                    if *left == 0 {
                        break;
                    }
                    members.insert(name.unwrap_or_default().into_owned(), value.outline_within(limits, depth - 1, left));
                }
                Value::Object(members)
            }
            ValueKind::Array => {
                let mut elements = Vec::new();
                for (_, value) in self.children().take(if depth == 0 { 0 } else { limits.elements }) {
                    if *left == 0 {
                        break;
                    }
                    elements.push(value.outline_within(limits, depth - 1, left));
                }
                Value::Array(elements)
            }
            ValueKind::String => Value::from(self.json.string(self.value).chars().take(LONGEST_TEXT).collect::<String>()),
            _ => serde_json::from_str(self.raw()).unwrap_or_default(),
        }
    }

    fn children(&self) -> impl Iterator<Item = (Option<Cow<'a, str>>, Self)> + use<'a> {
        let json = self.json;
        let named = json.is_object(self.value);
        let mut next = if json.is_container(self.value) { json.first(self.value) } else { None };
        std::iter::from_fn(move || {
            let member = next?;
            next = json.next(json.end(member.value), named);
            Some((json.key(member), Self { json, value: member.value }))
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::super::Document;
    use super::*;

    fn open(body: String) -> Document {
        Document::open(Bytes::from(body), Some("application/json"))
    }

    #[test]
    fn e12_values_are_found_to_the_digit_however_deep_their_neighbours_are() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let document = open(format!(r#"{{"deep":{deep},"n":12345678901234567890.10,"n":1e999,"t":["\ud800","é"]}}"#));
        let root = document.root().unwrap();
        let numbers: Vec<_> = root.members("n").iter().map(DocumentNode::raw).collect();
        assert_eq!(numbers, ["12345678901234567890.10", "1e999"]);
        assert_eq!(root.members("t")[0].elements().count(), 2);
        assert!(!root.members("n")[0].is_list() && root.members("n")[0].elements().next().is_none());
        assert!(root.members("t")[0].members("n").is_empty());
        let texts: Vec<_> = root.texts().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["\u{fffd}", "é"]);
    }

    #[test]
    fn e12_an_outline_is_bounded() {
        let document = open(format!(r#"{{"a":[1,2,3],"b":{{"c":{{"d":1}}}},"n":1e999,"t":"{}"}}"#, "é".repeat(5000)));
        let limits = OutlineLimits { depth: 2, elements: 2, values: 100 };
        let text = "é".repeat(LONGEST_TEXT);
        assert_eq!(document.root().unwrap().outline(limits), json!({"a": [1, 2], "b": {"c": {}}, "n": null, "t": text}));
        let few = document.root().unwrap().outline(OutlineLimits { values: 3, ..limits });
        assert_eq!(few, json!({"a": [1]}));
    }
}
