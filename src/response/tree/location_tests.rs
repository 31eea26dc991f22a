//! What a row says of its place is true: its location yields its value, and nothing else leads there.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;
use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{OpenFailure, TreeView};
use crate::response::json::tests::values;
use crate::response::jwt::tests::sample;
use crate::response::{Document, Masking, Opens, PathForm, TreeRow, ValueKind, locate};
use crate::token::{LocationIn, LocationStep, TokenLocation};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn body(text: impl Into<String>, content_type: Option<&str>) -> Arc<Document> {
    Arc::new(Document::open(Bytes::from(text.into()), content_type))
}

fn tree(document: &Arc<Document>) -> TreeView {
    TreeView::new(Arc::clone(document), Masking::default())
}

fn all_rows(view: &TreeView) -> Vec<TreeRow> {
    let mut rows: Vec<TreeRow> = Vec::new();
    while rows.len() < view.total() as usize {
        rows.extend(view.rows(u32::try_from(rows.len()).unwrap(), 500, NOW).rows);
    }
    rows
}

/// Opens everything, also what single values hold, while there are few rows.
fn open_all(view: &mut TreeView) {
    view.set_all_expanded(true);
    let mut row = 0;
    while row < view.total() && view.total() < 3000 {
        let drawn = view.rows(row, 1, NOW).rows.remove(0);
        if drawn.expandable && !drawn.expanded {
            view.set_expanded(row, true).unwrap();
        }
        row += 1;
    }
}

/// Every row that can be chosen locates exactly itself, and is found again by its location in a fresh view.
fn rows_are_where_they_say(document: &Arc<Document>, headers: &[(String, String)], open: impl Fn() -> TreeView) {
    let mut view = open();
    open_all(&mut view);
    let rows = all_rows(&view);
    let mut seen = HashSet::new();
    let mut fresh = open();
    for row in &rows {
        let container =
            matches!(row.kind, ValueKind::Object | ValueKind::Array | ValueKind::Lines | ValueKind::Fields | ValueKind::Claims)
                || (row.kind == ValueKind::Element && row.expandable && row.opens.is_none());
        assert_eq!(view.location(row.row), row.location, "a row alone says what it says among others");
        let Some(location) = &row.location else {
            assert_eq!(row.refusal.is_none(), container, "a single value says why it can't be chosen: {row:?}");
            continue;
        };
        assert!(!container && row.refusal.is_none(), "{row:?}");
        assert!(seen.insert(location.clone()), "no two rows have one location: {location:?}");
        let located = locate(document, headers, location).unwrap_or_else(|failure| panic!("{failure} {location:?}"));
        assert_eq!(located.value.expose_secret(), view.value(row.row).unwrap().expose_secret(), "{location:?}");
        assert_eq!(&located.location, location, "a location is given as it is kept");
        assert_eq!(view.reveal(location), Some(row.row));
        let again = fresh.reveal(location).unwrap_or_else(|| panic!("{location:?}"));
        assert_eq!(fresh.location(again).as_ref(), Some(location));
    }
}

/// JSON whose texts may be JSON, JWTs or several lines themselves.
fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => "[a-c]{0,3}",
        1 => Just("first line\nsecond\r\n\nfourth".to_owned()),
        1 => Just("Bearer ".to_owned() + &sample(r#"{"sub":"bot","roles":["a",{"b":"c"}],"inner":"{\"x\":[1,\"y\"]}"}"#)),
        1 => Just(" {not json} ".to_owned()),
    ]
    .prop_map(Value::from);
    leaf.prop_recursive(6, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-c~/]{0,2}", inner.clone(), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.clone().prop_map(|value| Value::from(value.to_string())),
            inner.prop_map(|value| Value::from(sample(&serde_json::json!({"c": value}).to_string()))),
        ]
    })
}

/// JSON text in which names repeat; every value is another number.
fn repeating() -> impl Strategy<Value = String> {
    let leaf = Just("#".to_owned());
    let texts = leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(("[ab]|\\\\u0061", inner), 0..5).prop_map(|all| {
                let members: Vec<String> = all.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    texts.prop_map(|text| {
        text.split('#')
            .enumerate()
            .fold(String::new(), |out, (n, part)| if n == 0 { part.to_owned() } else { format!("{out}{n}{part}") })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn t4_every_single_value_of_json_is_chosen_where_it_stands(value in values()) {
        let document = body(value.to_string(), Some("application/json"));
        rows_are_where_they_say(&document, &[], || tree(&document));
    }

    #[test]
    fn t4_what_values_hold_is_chosen_through_all_that_was_opened(value in nested()) {
        let document = body(value.to_string(), Some("application/json"));
        rows_are_where_they_say(&document, &[], || tree(&document));
    }

    #[test]
    fn t4_what_stands_below_a_repeated_name_is_refused_and_all_else_is_exact(text in repeating()) {
        let document = body(text, Some("application/json"));
        rows_are_where_they_say(&document, &[], || tree(&document));
    }

    #[test]
    fn t4_fields_lines_headers_and_cookies_are_chosen_by_what_counts(
        pairs in prop::collection::vec(("[ab]{0,1}", "[ab;= %+\"{}0-9]{0,6}"), 0..8),
    ) {
        let form: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let document = body(form.join("&"), Some("application/x-www-form-urlencoded"));
        rows_are_where_they_say(&document, &[], || tree(&document));
        rows_are_where_they_say(&document, &[], || TreeView::lines(Arc::clone(&document), Masking::default()));
        let document = body(form.join("\r\n"), Some("text/html"));
        rows_are_where_they_say(&document, &[], || tree(&document));
        let headers: Vec<(String, String)> = pairs
            .into_iter()
            .map(|(name, value)| match name.as_str() {
                "" => ("Set-Cookie".to_owned(), format!("c{value}; Path=/; Max-Age=900")),
                _ => (format!("X-{name}"), value),
            })
            .collect();
        rows_are_where_they_say(&document, &headers, || TreeView::headers(&headers, Masking::default()));
    }
}

#[rstest]
#[case::soap("<s:E xmlns:s=\"u\"><s:B><r id=\"7\"><t>abc</t><t> d &amp; e </t>mixed<u/></r></s:B></s:E>", Some("text/xml"))]
#[case::text("<a>{\"token\":\"x1\"}</a>", Some("application/xml"))]
#[case::ndjson("{\"a\":1}\n[\"b\",{\"c\":\"d\"}]\n", None)]
#[case::sequence("\u{1e}{\"a\":1}\n\u{1e}{\"b\":2}\n", Some("application/json-seq"))]
#[case::one_line("sesame", Some("text/plain"))]
#[case::string("\"{\\\"a\\\":[1]}\"", Some("application/json"))]
#[case::unreadable("{\"a\":\"\\ud800\",\"b\":\"c\"}", Some("application/json"))]
fn t4_every_format_is_chosen_the_same_way(#[case] text: &str, #[case] content_type: Option<&str>) {
    let document = body(text, content_type);
    rows_are_where_they_say(&document, &[], || tree(&document));
    rows_are_where_they_say(&document, &[], || TreeView::lines(Arc::clone(&document), Masking::default()));
}

#[test]
fn t4_a_claim_of_a_jwt_in_json_in_a_string_has_a_location_of_three_steps() {
    let token = sample(r#"{"access":{"key":"k-1"}}"#);
    let inner = serde_json::json!({"jwt": token}).to_string();
    let document = body(serde_json::json!({"payload": inner}).to_string(), None);
    let mut view = tree(&document);
    assert_eq!(view.rows(1, 1, NOW).rows[0].opens, Some(Opens::Json));
    view.set_expanded(1, true).unwrap();
    assert_eq!(view.rows(2, 1, NOW).rows[0].opens, Some(Opens::Jwt));
    view.set_expanded(2, true).unwrap();
    view.set_expanded(3, true).unwrap();
    let row = view.rows(4, 1, NOW).rows.remove(0);
    let location = TokenLocation {
        part: LocationIn::Json,
        at: "/payload".into(),
        then: vec![
            LocationStep::Json { at: "/jwt".into() },
            LocationStep::JwtClaim { claim: "access".into() },
            LocationStep::Json { at: "/key".into() },
        ],
    };
    assert_eq!((row.location, row.pointer.as_str()), (Some(location), ""));
    assert_eq!(view.path(4, PathForm::Dotted).unwrap(), "payload, then JSON jwt, then JWT access.key");
    assert_eq!(view.path(4, PathForm::Pointer).unwrap(), "/payload, then JSON /jwt, then JWT /access/key");
}

#[test]
fn t4_what_breaks_off_is_shown_and_searched_but_not_chosen() {
    let document = body("{\"a\":{\"token\":\"x1\"},\"b\":[1,2", Some("application/json"));
    let mut view = tree(&document);
    view.set_all_expanded(true);
    let rows = all_rows(&view);
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.location.is_none()));
    assert!(rows[2].refusal.as_ref().unwrap().contains("capture"));
    assert!(locate(&document, &[], &TokenLocation::json("/a/token")).is_err());
}

#[test]
fn t4_go_to_opens_the_list_around_a_row() {
    let elements: Vec<String> = (0..1000).map(|number| format!("{{\"id\":{number}}}")).collect();
    let document = body(format!("{{\"list\":[{}],\"z\":0}}", elements.join(",")), None);
    let mut view = tree(&document);
    let row = view.go_to(1, 700).unwrap();
    assert_eq!(view.path(row, PathForm::Pointer).unwrap(), "/list/700");
    view.set_expanded(row, true).unwrap();
    let again = view.go_to(row + 1, 3).unwrap();
    assert_eq!(view.path(again, PathForm::JsonPath).unwrap(), "$['list'][3]", "from inside an element to another one");
    assert!(view.go_to(again, 1000).unwrap_err().to_string().contains("0 to 999"));
    let last = view.total() - 1;
    let member = view.go_to(last, 1).unwrap();
    assert_eq!(view.path(member, PathForm::Dotted).unwrap(), "z", "where no list is, members are counted");
}

#[test]
fn hostile_a_text_that_only_began_like_json_says_where_it_stops() {
    let document = body(serde_json::json!({"a": format!("[{}x]", "1,".repeat(5000))}).to_string(), None);
    let mut view = tree(&document);
    let failure = view.set_expanded(1, true).unwrap_err();
    assert_eq!(failure, OpenFailure::NotJson { at: 10_002, what: "a value was expected" });
    assert_eq!(view.total(), 2, "nothing was opened");
}

#[test]
fn hostile_values_are_opened_only_so_deep_and_so_large() {
    let mut value = Value::from("core");
    for _ in 0..12 {
        value = serde_json::json!({ "in": value.to_string() });
    }
    let document = body(value.to_string(), None);
    let mut view = tree(&document);
    open_all(&mut view);
    assert_eq!(view.total(), 10, "the root, its member, and eight more inside one another");
    assert!(view.location(9).is_some() && !view.rows(9, 1, NOW).rows[0].expandable);
    let large = body(serde_json::json!({"a": format!("[\"{}\"]", "x".repeat(16 << 20))}).to_string(), None);
    let mut view = tree(&large);
    assert_eq!(view.set_expanded(1, true), Err(OpenFailure::TooLong));
}

#[test]
fn hostile_nested_texts_take_a_bounded_room_and_give_it_back() {
    let texts: Vec<String> = (0..5).map(|_| format!("[\"{}\"]", "x".repeat(15 << 20))).collect();
    let document = body(serde_json::json!(texts).to_string(), None);
    let mut view = tree(&document);
    for row in [5, 4, 3, 2] {
        view.set_expanded(row, true).unwrap();
    }
    assert_eq!(view.set_expanded(1, true), Err(OpenFailure::NoRoom));
    view.set_expanded(2, false).unwrap();
    view.set_expanded(1, true).unwrap();
}

#[test]
fn hostile_a_long_string_is_read_once_and_drawn_from_what_is_known() {
    let document = body(format!("{{\"a\":\"{}\\n{}\"}}", "x y\\\\".repeat(400_000), "z".repeat(100)), None);
    let view = tree(&document);
    let row = view.rows(1, 1, NOW).rows.remove(0);
    assert_eq!((row.size, row.opens, row.folded), (1_600_101, Some(Opens::Lines), true));
    assert!(row.preview.starts_with("x y\\x y"));
    assert!(row.location.is_none() && row.refusal.unwrap().contains("line break"));
    assert_eq!(view.rows(1, 1, NOW).rows[0].size, 1_600_101);
}
