//! An answer read once: opened, and the places found in it that must not be recorded (S2, R2). Everything that is
//! recorded or mapped of it comes from here.

use std::ops::Range;

use secrecy::SecretString;

use super::text::{RECORDED_LIMIT, cut_note};
use crate::connector::{ConnectorDraft, Found, ResponseNode, marked_nodes};
use crate::redact::{REDACTED, Redactor, SHORTEST_SEARCHED};
use crate::response::{BodyFormat, Document, DocumentNode};

/// More texts in marked fields than this are not searched for elsewhere in the answer; nothing of it is recorded then.
const MOST_SECRETS: usize = 1000;

/// From this many bytes on, a body is too large to be read between two other runs' turns.
pub const LARGE_BODY: usize = 64 * 1024;

/// An answer that was read.
pub struct ReadAnswer {
    /// Its body.
    pub document: Document,
    /// The texts of marked fields, to be kept out of everything else that is recorded too. Short ones would blank out
    /// ordinary text, so those are only redacted where they stand.
    pub secrets: Vec<SecretString>,
    /// What of the document's JSON text is replaced: in order, apart from each other.
    hidden: Vec<Range<usize>>,
    /// Nobody can say what of it may be recorded.
    hides_all: bool,
}

/// A value of an answer: in its tree, or the whole of a text.
#[derive(Clone)]
pub enum AnswerNode<'a> {
    /// A value of JSON or of converted XML.
    Tree(DocumentNode<'a>),
    /// A body that is no tree.
    Text(&'a str),
}

impl ResponseNode for AnswerNode<'_> {
    fn members(&self, key: &str) -> Vec<Self> {
        match self {
            Self::Tree(node) => node.members(key).into_iter().map(Self::Tree).collect(),
            Self::Text(_) => Vec::new(),
        }
    }

    fn is_list(&self) -> bool {
        matches!(self, Self::Tree(node) if node.is_list())
    }

    fn elements(&self) -> impl Iterator<Item = Self> {
        let tree = match self {
            Self::Tree(node) => Some(*node),
            Self::Text(_) => None,
        };
        tree.into_iter().flat_map(|node| node.elements()).map(Self::Tree)
    }
}

impl ReadAnswer {
    /// Finds what must not be recorded: marked fields, and texts that are a secret by themselves, however short.
    pub fn new(document: Document, config: &ConnectorDraft, redactor: &Redactor) -> Self {
        let mut read = Self { document, secrets: Vec::new(), hidden: Vec::new(), hides_all: false };
        let any_marked = config.response_fields.iter().any(|field| field.redacted);
        let Some(root) = read.document.root() else {
            read.hides_all = any_marked || redactor.is_secret(read.document.text());
            return read;
        };
        let mut hidden = Vec::new();
        let mut texts = std::collections::BTreeSet::new();
        match marked_nodes(&AnswerNode::Tree(root), &config.response_fields) {
            Some(nodes) => {
                for node in nodes {
                    if let AnswerNode::Tree(node) = node {
                        hidden.push(node.range());
                        texts.extend(node.texts().into_iter().map(|(_, text)| text));
                    }
                }
            }
            None => read.hides_all = true,
        }
        texts.retain(|text| text.chars().count() >= SHORTEST_SEARCHED);
        read.hides_all |= texts.len() > MOST_SECRETS;
        let secrets =
            if read.hides_all { Vec::new() } else { texts.into_iter().map(|text| SecretString::from(&*text)).collect() };
        if redactor.knows_short_secrets() {
            hidden.extend(root.texts().into_iter().filter(|(_, text)| redactor.is_secret(text)).map(|(range, _)| range));
        }
        read.hidden = apart(hidden);
        read.secrets = secrets;
        read
    }

    /// The value that paths begin at.
    pub fn top(&self) -> AnswerNode<'_> {
        self.document.root().map_or_else(|| AnswerNode::Text(self.document.text()), AnswerNode::Tree)
    }

    /// The body as it came, as it is recorded; where something is left out of XML, its conversion. `None` when there is none.
    pub fn recorded(&self, redactor: &Redactor) -> Option<String> {
        if self.document.summary().format == BodyFormat::Empty {
            return None;
        }
        if self.hidden.is_empty() && !self.hides_all {
            return Some(start_of(self.document.text(), redactor));
        }
        self.recorded_as_json(redactor)
    }

    /// The response as used: JSON, or XML converted to JSON; anything else as text (E12). `None` when there is none.
    pub fn recorded_as_json(&self, redactor: &Redactor) -> Option<String> {
        if self.hides_all {
            return Some(REDACTED.to_owned());
        }
        match self.document.json_text() {
            Some(text) => Some(start_of(&self.without_hidden(text, 0..text.len()), redactor)),
            None => Some(self.document.text()).filter(|text| !text.is_empty()).map(|text| start_of(text, redactor)),
        }
    }

    /// What a path found, as JSON text, redacted (R3).
    pub fn mapped(&self, found: &Found<AnswerNode<'_>>, redactor: &Redactor) -> String {
        let mut json = String::new();
        self.write(found, &mut json);
        start_of(&json, redactor)
    }

    fn write(&self, found: &Found<AnswerNode<'_>>, json: &mut String) {
        match found {
            Found::One(_) if self.hides_all => json.push_str(&quoted(REDACTED)),
            Found::One(AnswerNode::Text(text)) => json.push_str(&quoted(text)),
            Found::One(AnswerNode::Tree(node)) => {
                let text = self.document.json_text().unwrap_or_default();
                json.push_str(&self.without_hidden(text, node.range()));
            }
            Found::Each(all) => {
                json.push('[');
                for (position, one) in all.iter().enumerate() {
                    if position > 0 {
                        json.push(',');
                    }
                    self.write(one, json);
                }
                json.push(']');
            }
        }
    }

    /// A part of the JSON text with every hidden value replaced.
    fn without_hidden(&self, text: &str, part: Range<usize>) -> String {
        let replacement = quoted(REDACTED);
        let mut shown = String::with_capacity(part.len());
        let mut from = part.start;
        for hidden in self.hidden.iter().filter(|hidden| hidden.start < part.end && hidden.end > part.start) {
            shown.push_str(&text[from..hidden.start.max(from)]);
            shown.push_str(&replacement);
            from = hidden.end.min(part.end);
        }
        shown.push_str(&text[from..part.end]);
        shown
    }
}

/// In order, those inside others left out. Places of values lie apart or inside each other.
fn apart(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        if apart.last().is_none_or(|last| place.start >= last.end) {
            apart.push(place);
        }
    }
    apart
}

/// The text redacted, up to the recorded limit.
fn start_of(text: &str, redactor: &Redactor) -> String {
    let start = redactor.redact_start(text, RECORDED_LIMIT);
    if text.len() > RECORDED_LIMIT { cut_note(&start, text.len()) } else { start }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rstest::rstest;

    use super::*;
    use crate::connector::{ResponseField, ResponseFieldType, ResponsePath};

    fn marked(paths: &[&str]) -> ConnectorDraft {
        let field = |path: &&str| ResponseField {
            path: (*path).to_owned(),
            field_type: ResponseFieldType::String,
            example_value: None,
            redacted: true,
        };
        ConnectorDraft { response_fields: paths.iter().map(field).collect(), ..ConnectorDraft::default() }
    }

    fn read(body: &str, paths: &[&str], redactor: &Redactor) -> ReadAnswer {
        let document = Document::open(Bytes::from(body.to_owned()), Some("application/json"));
        ReadAnswer::new(document, &marked(paths), redactor)
    }

    #[rstest]
    #[case("lines[].sku", r#"{"lines": [{"sku": "****"}, {"sku":"****"}], "id":1}"#)]
    #[case("lines[0].sku", r#"{"lines": [{"sku": "****"}, {"sku":"****"}], "id":1}"#)]
    #[case("lines.sku", r#"{"lines": [{"sku": "****"}, {"sku":"****"}], "id":1}"#)]
    #[case("lines", r#"{"lines": "****", "id":1}"#)]
    #[case("id[]", r#"{"lines": [{"sku": "a"}, {"sku":"b"}], "id":"****"}"#)]
    #[case("absent.key", r#"{"lines": [{"sku": "a"}, {"sku":"b"}], "id":1}"#)]
    #[case("not a path", "****")]
    fn r2_marked_fields_are_replaced_where_they_stand(#[case] path: &str, #[case] expected: &str) {
        let body = r#"{"lines": [{"sku": "a"}, {"sku":"b"}], "id":1}"#;
        let read = read(body, &[path], &Redactor::default());
        assert_eq!(read.recorded(&Redactor::default()).unwrap(), expected);
    }

    #[test]
    fn r2_marks_inside_marks_and_doubled_keys_are_replaced() {
        let body = r#"{"a":{"b":"x"},"a":{"b":"y"},"n":12345678901234567890.10}"#;
        let read = read(body, &["a.b", "a"], &Redactor::default());
        assert_eq!(read.recorded(&Redactor::default()).unwrap(), r#"{"a":"****","a":"****","n":12345678901234567890.10}"#);
    }

    #[test]
    fn r3_a_mapped_value_is_shown_to_the_digit_and_without_what_is_marked() {
        let body = r#"{"order":{"total":12345678901234567890.10,"card":"4111-1111"},"lines":[{"n":1e999},{"n":2}]}"#;
        let read = read(body, &["order.card"], &Redactor::default());
        let at = |path: &str| {
            let found = ResponsePath::parse(path).unwrap().find(&read.top()).unwrap();
            read.mapped(&found, &Redactor::default())
        };
        assert_eq!(at("order.total"), "12345678901234567890.10");
        assert_eq!(at("order"), r#"{"total":12345678901234567890.10,"card":"****"}"#);
        assert_eq!(at("order.card"), r#""****""#);
        assert_eq!(at("lines[].n"), "[1e999,2]");
    }

    #[test]
    fn s2_a_text_that_is_a_short_secret_goes_where_it_stands() {
        let redactor = Redactor::new([&SecretString::from("abc")]);
        let read = read(r#"{"k":"abc","t":"abcd"}"#, &[], &redactor);
        assert_eq!(read.recorded(&redactor).unwrap(), r#"{"k":"****","t":"abcd"}"#);
    }

    #[test]
    fn s2_nothing_is_recorded_of_what_cannot_be_searched() {
        let many: Vec<_> = (0..=MOST_SECRETS).map(|number| format!("\"secret-{number}\"")).collect();
        let read_many = read(&format!("{{\"s\":[{}],\"echo\":\"secret-7\"}}", many.join(",")), &["s"], &Redactor::default());
        assert_eq!(read_many.recorded(&Redactor::default()).unwrap(), "****");
        let broken = read("{\"s\":\"secret\"", &["s"], &Redactor::default());
        assert_eq!(broken.recorded(&Redactor::default()).unwrap(), "****", "nobody can say where the field stands");
        let deep = format!("{}{{\"s\":\"secret\"}}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&deep, &["s"], &Redactor::default()).recorded(&Redactor::default()).unwrap(), "****");
    }

    #[test]
    fn s2_what_is_recorded_is_bounded() {
        let body = format!("\"{}\"", "é".repeat(RECORDED_LIMIT));
        let recorded = read(&body, &[], &Redactor::default()).recorded(&Redactor::default()).unwrap();
        assert!(recorded.len() < RECORDED_LIMIT + 100, "{}", recorded.len());
        assert!(
            recorded.ends_with(&format!("… cut here: {} bytes in all", body.len())),
            "{}",
            &recorded[recorded.len() - 60..]
        );
    }
}
