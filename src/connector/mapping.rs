//! The fields of a response, which of them are redacted, and which go to an attribute (R2, R3).

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::response_path::{Found, ResponseNode, ResponsePath};
use super::{ObjectMapping, ResponseField, ResponseFieldType};

/// The most fields that are listed of one response.
const MOST_FIELDS: usize = 500;
/// How deep a response is looked into.
const DEEPEST: usize = 32;
/// How many elements of an array are looked at: later ones may have keys that the first lacks.
const ELEMENTS_LOOKED_AT: usize = 20;
/// The longest example, in characters.
const LONGEST_EXAMPLE: usize = 120;

/// A value of the response and the attribute that it goes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped<N> {
    /// `conversation` or `user`.
    pub object_type: String,
    /// The attribute.
    pub attribute: String,
    /// Where the value stands in the response.
    pub path: String,
    /// What stands there.
    pub value: Found<N>,
}

/// A mapped field is not in the response: a `response_mapping_error` (R3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The response has nothing at “{path}”, which is mapped to “{attribute}”.")]
pub struct MappingFault {
    /// The whole path, from the top of the response.
    pub path: String,
    /// The attribute that it was for.
    pub attribute: String,
}

impl MappingFault {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        "Compare the path with the response in the log, then correct the mapping or look at what the API answered."
    }
}

/// The fields of a response (R2): every leaf with its path, type and a short example, at most 500.
///
/// `[]` stands for the elements of an array, of which the first 20 are looked at. An ISO 8601 string
/// is a `datetime` (E12). A response that is a single value has no fields.
pub fn response_fields_from(value: &Value) -> Vec<ResponseField> {
    let mut listed = Listed { fields: Vec::new(), positions: HashMap::new() };
    if let (Value::Object(_) | Value::Array(_), Ok(top)) = (value, ResponsePath::parse("")) {
        listed.add(value, &top, 0);
    }
    listed.fields
}

/// Keeps the redaction marks of an earlier list, by path (R2). A marked path that the new response
/// lacks stays in the list, so that it is still redacted when it comes back; a redacted field has
/// no example.
pub fn keep_redaction_marks(fields: &mut Vec<ResponseField>, earlier: &[ResponseField]) {
    let mut marked: BTreeMap<_, _> =
        earlier.iter().filter(|field| field.redacted).map(|field| (field.path.as_str(), field)).collect();
    for field in fields.iter_mut() {
        if marked.remove(field.path.as_str()).is_some() {
            field.redacted = true;
            field.example_value = None;
        }
    }
    fields.extend(marked.into_values().map(|field| ResponseField { example_value: None, ..field.clone() }));
}

/// What stands at every field that is marked `redacted` (R2), doubled keys included. `None` when a mark's path can't be
/// read, or lists stand in lists too deep: then nobody can say where it points, and the whole response is meant.
pub fn marked_nodes<N: ResponseNode>(top: &N, fields: &[ResponseField]) -> Option<Vec<N>> {
    let mut nodes = Vec::new();
    for field in fields.iter().filter(|field| field.redacted) {
        nodes.extend(ResponsePath::parse(&field.path).ok()?.reached(top)?);
    }
    Some(nodes)
}

/// The mapped values of a response, in the order of the mappings (R3). A value of `null` is there.
pub fn map_objects<N: ResponseNode>(top: &N, mappings: &[ObjectMapping]) -> Result<Vec<Mapped<N>>, MappingFault> {
    let mut mapped = Vec::new();
    for object in mappings {
        for attribute in &object.attribute_mappings {
            let missing = |path: String| MappingFault { path, attribute: attribute.intercom_attribute_identifier.clone() };
            let read = |text: &str| ResponsePath::parse(text).map_err(|_| missing(text.to_owned()));
            let path = read(&object.response_object_path)?.join(&read(&attribute.response_attribute_path)?);
            let value = path.find(top).ok_or_else(|| missing(path.to_string()))?;
            mapped.push(Mapped {
                object_type: object.intercom_object_type.clone(),
                attribute: attribute.intercom_attribute_identifier.clone(),
                path: path.to_string(),
                value,
            });
        }
    }
    Ok(mapped)
}

struct Listed {
    fields: Vec<ResponseField>,
    positions: HashMap<String, usize>,
}

impl Listed {
    fn add(&mut self, value: &Value, path: &ResponsePath, depth: usize) {
        if self.fields.len() >= MOST_FIELDS {
            return;
        }
        match value {
            Value::Object(members) if !members.is_empty() && depth < DEEPEST => {
                for (key, member) in members {
                    self.add(member, &path.with_key(key), depth + 1);
                }
            }
            Value::Array(elements) if !elements.is_empty() && depth < DEEPEST => {
                let path = path.with_each();
                for element in elements.iter().take(ELEMENTS_LOOKED_AT) {
                    self.add(element, &path, depth + 1);
                }
            }
            leaf => self.add_leaf(leaf, path),
        }
    }

    fn add_leaf(&mut self, leaf: &Value, path: &ResponsePath) {
        let path = path.to_string();
        let field_type = type_of(leaf);
        if let Some(known) = self.positions.get(&path).and_then(|position| self.fields.get_mut(*position)) {
            let wider = matches!(
                (known.field_type, field_type),
                (ResponseFieldType::Integer, ResponseFieldType::Decimal)
                    | (ResponseFieldType::Datetime, ResponseFieldType::String)
            );
            if known.field_type == ResponseFieldType::Unknown {
                known.example_value = example_of(leaf);
            }
            if wider || known.field_type == ResponseFieldType::Unknown {
                known.field_type = field_type;
            }
            return;
        }
        self.positions.insert(path.clone(), self.fields.len());
        self.fields.push(ResponseField { path, field_type, example_value: example_of(leaf), redacted: false });
    }
}

fn type_of(leaf: &Value) -> ResponseFieldType {
    match leaf {
        Value::Bool(_) => ResponseFieldType::Boolean,
        Value::Number(number) if number.is_f64() => ResponseFieldType::Decimal,
        Value::Number(_) => ResponseFieldType::Integer,
        Value::String(text) if is_datetime(text) => ResponseFieldType::Datetime,
        Value::String(_) => ResponseFieldType::String,
        Value::Null | Value::Array(_) | Value::Object(_) => ResponseFieldType::Unknown,
    }
}

/// A date, or a date and time with or without an offset, in ISO 8601's extended format: without its
/// dashes, `20240131` is as likely an order number.
fn is_datetime(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_dashes = matches!((bytes.get(4), bytes.get(7)), (Some(b'-'), Some(b'-')));
    let rest_is_plain = bytes.iter().skip(10).all(|byte| byte.is_ascii_digit() || b"T:.,+-Zt z".contains(byte));
    has_dashes
        && rest_is_plain
        && (text.parse::<jiff::Timestamp>().is_ok()
            || text.parse::<jiff::civil::DateTime>().is_ok()
            || text.parse::<jiff::civil::Date>().is_ok())
}

fn example_of(leaf: &Value) -> Option<String> {
    match leaf {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) if text.chars().count() > LONGEST_EXAMPLE => {
            let start: String = text.chars().take(LONGEST_EXAMPLE).collect();
            Some(Value::from(format!("{start}…")).to_string())
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::connector::AttributeMapping;

    fn listed(value: &Value) -> Vec<(String, ResponseFieldType)> {
        response_fields_from(value).into_iter().map(|field| (field.path, field.field_type)).collect()
    }

    fn marked(path: &str) -> ResponseField {
        let field_type = ResponseFieldType::String;
        ResponseField { path: path.to_owned(), field_type, example_value: None, redacted: true }
    }

    fn mapping(object: &str, attribute: &str) -> ObjectMapping {
        ObjectMapping {
            response_object_path: object.to_owned(),
            intercom_object_type: "conversation".to_owned(),
            attribute_mappings: vec![AttributeMapping {
                response_attribute_path: attribute.to_owned(),
                intercom_attribute_identifier: "order".to_owned(),
                mapping_type: crate::connector::MappingType::default(),
            }],
            reference_mappings: Vec::new(),
        }
    }

    #[test]
    fn r2_leaves_are_listed_with_their_types() {
        use ResponseFieldType::{Boolean, Datetime, Decimal, Integer, String, Unknown};
        let value = json!({
            "order": {"id": 7, "paid": true, "placed_at": "2026-03-19T11:27:36Z", "total": 1.5},
            "lines": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 1.5, "gift": "yes"}],
            "tags": ["x"], "none": null, "empty": [], "a.b": 1,
        });
        let expected = [
            (r#"["a.b"]"#, Integer),
            ("empty", Unknown),
            ("lines[].qty", Decimal),
            ("lines[].sku", String),
            ("lines[].gift", String),
            ("none", Unknown),
            ("order.id", Integer),
            ("order.paid", Boolean),
            ("order.placed_at", Datetime),
            ("order.total", Decimal),
            ("tags[]", String),
        ];
        assert_eq!(listed(&value), expected.map(|(path, kind)| (path.to_owned(), kind)));
        assert_eq!(listed(&json!([[1]])), [("[][]".to_owned(), Integer)]);
        assert_eq!(listed(&json!("alone")), []);
    }

    #[rstest]
    #[case("2026-03-19", true)]
    #[case("2026-03-19T11:27:36", true)]
    #[case("2026-03-19T11:27:36.123+01:00", true)]
    #[case("2026-03-19 11:27:36Z", true)]
    #[case("20260319", false)]
    #[case("2026-13-19", false)]
    #[case("2026-03-19T11:27:36+01:00[Europe/Paris]", false)]
    #[case("2026-03-19 and more", false)]
    #[case("555-0199", false)]
    fn e12_only_iso_8601_is_a_datetime(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_datetime(text), expected);
    }

    #[test]
    fn r2_the_list_is_bounded_and_examples_are_short() {
        let wide: serde_json::Map<_, _> = (0..2000).map(|number| (number.to_string(), json!("é".repeat(5000)))).collect();
        let fields = response_fields_from(&Value::Object(wide));
        assert_eq!(fields.len(), MOST_FIELDS);
        assert!(fields[0].example_value.as_ref().unwrap().chars().count() <= LONGEST_EXAMPLE + 3);
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(response_fields_from(&deep).len(), 1);
    }

    #[test]
    fn r2_redaction_marks_outlive_a_new_response() {
        let mut fields = response_fields_from(&json!({"email": "a@b.example", "id": 1}));
        keep_redaction_marks(&mut fields, &[marked("email"), marked("card.number")]);
        let kept: Vec<_> =
            fields.iter().map(|field| (field.path.as_str(), field.redacted, field.example_value.is_some())).collect();
        assert_eq!(kept, [("email", true, false), ("id", false, true), ("card.number", true, false)]);
    }

    #[rstest]
    #[case("lines[].sku", Some(vec![json!("a"), json!("b")]))]
    #[case("lines[0].sku", Some(vec![json!("a"), json!("b")]))]
    #[case("lines.sku", Some(vec![json!("a"), json!("b")]))]
    #[case("lines", Some(vec![json!([{"sku": "a"}, {"sku": "b"}])]))]
    #[case("id[]", Some(vec![json!(1)]))]
    #[case("absent.key", Some(Vec::new()))]
    #[case("not a path", None)]
    fn r2_a_mark_reaches_rather_too_much_than_too_little(#[case] path: &str, #[case] expected: Option<Vec<Value>>) {
        let value = json!({"lines": [{"sku": "a"}, {"sku": "b"}], "id": 1});
        let fields = [marked(path), ResponseField { redacted: false, ..marked("id") }];
        let reached = marked_nodes(&&value, &fields).map(|nodes| nodes.into_iter().cloned().collect());
        assert_eq!(reached, expected);
    }

    #[test]
    fn r3_values_go_to_their_attributes() {
        let value = json!({"order": {"id": 7, "note": null, "lines": [{"sku": "a"}, {"sku": "b"}]}});
        let mappings = [mapping("order", "id"), mapping("", "order.note"), mapping("order.lines", "[].sku")];
        let mapped = map_objects(&&value, &mappings).unwrap();
        let shown: Vec<_> = mapped.iter().map(|mapped| (mapped.path.as_str(), mapped.value.value())).collect();
        assert_eq!(shown, [("order.id", json!(7)), ("order.note", Value::Null), ("order.lines[].sku", json!(["a", "b"]))]);
    }

    #[rstest]
    #[case(mapping("order", "status"), "order.status")]
    #[case(mapping("", "order.lines[].sku"), "order.lines[].sku")]
    #[case(mapping("order.id", "x"), "order.id.x")]
    fn r3_a_missing_mapped_path_is_a_fault_that_names_it(#[case] mapping: ObjectMapping, #[case] path: &str) {
        let value = json!({"order": {"id": 7, "lines": [{"sku": "a"}, {}]}});
        assert_eq!(map_objects(&&value, &[mapping]).unwrap_err().path, path);
    }
}
