use bytes::Bytes;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::*;
use crate::redact::Redactor;
use crate::response::PathForm;
use crate::response::ValueKind;
use crate::response::json::tests::{pointers, values};
use crate::response::jwt::tests::sample;
use crate::token::LocationIn;

fn view(body: impl Into<String>) -> TreeView {
    knowing(body, &[])
}

fn knowing(body: impl Into<String>, secrets: &[&str]) -> TreeView {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    let masking = Masking { redactor: Some(Redactor::new(&secrets)), keep_start: true };
    TreeView::new(Arc::new(Document::open(Bytes::from(body.into()), None)), masking)
}

fn now() -> Timestamp {
    Timestamp::from_second(1000).unwrap()
}

fn row(view: &TreeView, row: u32) -> TreeRow {
    view.rows(row, 1, now()).rows.remove(0)
}

fn all_rows(view: &TreeView) -> Vec<TreeRow> {
    let mut rows: Vec<TreeRow> = Vec::new();
    while rows.len() < view.total() as usize {
        rows.extend(view.rows(u32::try_from(rows.len()).unwrap(), 500, now()).rows);
    }
    rows
}

fn row_at(view: &TreeView, pointer: &str) -> TreeRow {
    all_rows(view).into_iter().find(|row| row.pointer == pointer).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn t4_rows_reached_by_pointer_are_what_serde_json_finds(value in values()) {
        let text = serde_json::to_string(&value).unwrap();
        let view_of = || TreeView::new(Arc::new(Document::open(Bytes::from(text.clone()), Some("application/json"))), Masking::default());
        let mut view = view_of();
        for at in pointers(&value) {
            let row = view.reveal(&TokenLocation::json(at.as_str())).unwrap();
            prop_assert_eq!(view.path(row, PathForm::Pointer), Some(at.clone()));
            let shown = view.value(row).unwrap();
            let expected = value.pointer(&at).unwrap();
            match expected {
                Value::String(string) => prop_assert_eq!(shown.expose_secret(), string),
                other => prop_assert_eq!(&serde_json::from_str::<Value>(shown.expose_secret()).unwrap(), other),
            }
        }
        // Opened one by one or all at once, the rows are the same, and each is found where it says.
        let mut at_once = view_of();
        prop_assert_eq!(at_once.set_all_expanded(true).total as usize, pointers(&value).len());
        let rows = all_rows(&at_once);
        let ways = |rows: &[TreeRow]| rows.iter().map(|row| row.pointer.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ways(&all_rows(&view)), ways(&rows));
        for (number, row) in rows.iter().enumerate() {
            prop_assert_eq!(row.row as usize, number);
            prop_assert_eq!(at_once.path(row.row, PathForm::Pointer), Some(row.pointer.clone()));
        }
    }

    #[test]
    fn hostile_bytes_neither_crash_nor_lie_about_their_rows(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\",:0-9tfn\\\\u<>/=&;a!? \n.-]{0,80}".prop_map(String::into_bytes),
        ],
        kind in prop::sample::select(vec![None, Some("application/json"), Some("text/xml"), Some("text/plain; charset=utf-16")]),
    ) {
        let document = Arc::new(Document::open(Bytes::from(body), kind));
        let mut view = TreeView::new(Arc::clone(&document), Masking::default());
        view.search(&"a".into()).unwrap();
        view.set_all_expanded(true);
        prop_assert_eq!(all_rows(&view).len(), view.total() as usize);
        crate::response::suggest(&document, &[]);
        crate::response::shape(&document, &crate::redact::Redactor::default());
        for row in 0..view.total() {
            prop_assert!(view.value(row).is_some());
            if let Some(location) = view.location(row) {
                let _ = crate::response::locate(&document, &[], &location);
            }
        }
    }

    #[test]
    fn opening_and_closing_in_any_order_keeps_the_count(value in values(), clicks in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..40)) {
        let mut view = view(serde_json::to_string(&value).unwrap());
        for (index, expanded) in clicks {
            let total = view.total();
            if total == 0 {
                break;
            }
            let clicked = u32::try_from(index.index(total as usize)).unwrap();
            let before = row(&view, clicked);
            let Ok(after) = view.set_expanded(clicked, expanded) else { continue };
            if before.expandable && before.expanded != expanded && expanded && before.opens.is_none() {
                prop_assert_eq!(after, total + before.size);
            }
            let rows = all_rows(&view);
            prop_assert_eq!(rows.len(), after as usize);
            for pair in rows.windows(2) {
                prop_assert!(pair[1].depth <= pair[0].depth + 1);
                prop_assert_eq!(pair[0].expanded, pair[1].depth == pair[0].depth + 1);
            }
            for row in rows.iter().filter(|row| row.depth > 0) {
                let parent = view.parent_row(row.row).unwrap();
                prop_assert_eq!(rows[parent as usize].depth + 1, row.depth);
                // In a text that was opened, no row has a pointer into the body.
                prop_assert!(row.pointer.is_empty() || row.pointer.starts_with(&rows[parent as usize].pointer));
            }
        }
    }
}

#[test]
fn what_is_opened_above_moves_what_is_open_below() {
    let inner = vec!["0"; 40].join(",");
    let mut view = view(format!("[[{inner}],[{inner}],[{inner}]]"));
    assert_eq!(view.total(), 4);
    assert_eq!(view.set_expanded(3, true), Ok(44));
    assert_eq!(view.set_expanded(1, true), Ok(84));
    assert_eq!(view.path(44, PathForm::Pointer).unwrap(), "/2/0", "the last array's first element has moved down by 40 rows");
    assert_eq!(view.parent_row(44), Some(43));
    assert_eq!(view.set_expanded(1, false), Ok(44));
    assert_eq!(view.path(4, PathForm::Pointer).unwrap(), "/2/0");
}

#[test]
fn the_first_levels_are_open_and_rows_tell_what_they_are() {
    let view = view(
        r#"{"a":{"s":"text","n":1.50,"t":true,"z":null},"list":[],"d":"2024-05-01T10:00:00Z","u":"https://example.com/x"}"#,
    );
    let rows = all_rows(&view);
    let keys: Vec<Option<&str>> = rows.iter().map(|row| row.key.as_deref()).collect();
    assert_eq!(keys, [None, Some("a"), Some("s"), Some("n"), Some("t"), Some("z"), Some("list"), Some("d"), Some("u")]);
    assert_eq!((rows[0].kind, rows[0].size, rows[0].expanded), (ValueKind::Object, 4, true));
    assert_eq!((rows[3].preview.as_str(), rows[3].location.is_some()), ("1.50", true));
    assert!(rows[4].location.is_none() && rows[5].location.is_none());
    assert!(!rows[6].expandable, "an empty array can't be opened");
    assert_eq!(rows[7].badge.as_deref(), Some("datetime"));
    assert_eq!(rows[8].badge.as_deref(), Some("URL"));
}

#[test]
fn t8_values_that_look_like_or_hold_a_secret_are_masked() {
    let token = sample(r#"{"exp":1900}"#);
    let view = knowing(
        format!(r#"{{"jwt":"{token}","note":"it is opensesame today","password":"x1","plain":"hello"}}"#),
        &["opensesame"],
    );
    let jwt = row_at(&view, "/jwt");
    assert!(jwt.masked && jwt.location.is_some());
    assert_eq!(jwt.preview, "eyJhbG••••••••");
    assert_eq!(jwt.badge.as_deref(), Some("JWT · 15 min left"));
    assert_eq!(row_at(&view, "/note").preview, "••••••••");
    assert_eq!(row_at(&view, "/password").preview, "••••••••");
    assert_eq!(row_at(&view, "/plain").preview, "hello");
    assert_eq!(view.value(1).unwrap().expose_secret(), token, "a value is revealed only when asked for");
}

/// All that crosses to a page of a view with everything open, and whether it can be found.
fn leaks(mut view: TreeView, secret: &str) -> bool {
    view.set_all_expanded(true);
    let drawn = serde_json::to_string(&view.rows(0, 500, now())).unwrap();
    drawn.contains(secret) || view.search(&secret.into()).unwrap().matches > 0
}

#[test]
fn t8_what_is_masked_when_opened_is_masked_in_what_it_stands_in() {
    for body in [
        r#"{"payload":"{\"user\":\"ada\",\"token\":\"hunter2-plain\"}"}"#,
        "{\"user\":\"ada\",\"token\":\"hunter2-plain\"}\n{\"user\":\"bob\"}\n",
        "user: ada\ntoken: hunter2-plain\n",
        "{\n  \"token\":\n  \"hunter2-plain\"\n",
        "user=ada&access_token=hunter2-plain",
        "one line with {\"token\":\"hunter2-plain\"} in it",
        "<login><token>hunter2-plain</token></login>",
        "<login><password encoding='none'>hunter2-plain</password></login>",
        "<login><password>hunter2-plain<hint/>hunter2-plain</password></login>",
        "<login><data>{\"token\":\"hunter2-plain\"}</data><x>&lt;token>hunter2-plain&lt;/token></x></login>",
        "<login token='hunter2-plain'/>",
    ] {
        let document = Arc::new(Document::open(Bytes::from(body.to_owned()), None));
        assert!(!leaks(TreeView::new(Arc::clone(&document), Masking::default()), "hunter2-plain"), "{body}");
        assert!(!leaks(TreeView::lines(document, Masking::default()), "hunter2-plain"), "{body} as lines");
    }
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for headers in [
        header("X-Auth", "hunter2-plain"),
        header("Set-Cookie", "lang=hunter2-plain; Path=/"),
        header("Location", "https://example.com/cb?access_token=hunter2-plain"),
    ] {
        assert!(!leaks(TreeView::headers(&headers, Masking::default()), "hunter2-plain"), "{headers:?}");
    }
}

#[test]
fn t8_a_text_that_holds_a_secret_shows_and_finds_the_rest() {
    let mut view = view(r#"["{\"user\":\"ada\",\"token\":\"hunter2-plain\"}"]"#.to_owned());
    let row = view.rows(1, 1, now()).rows.remove(0);
    assert_eq!((row.preview.as_str(), row.masked), (r#"{"user":"ada","token":"••••••••"}"#, true));
    assert_eq!(view.search(&"ada".into()).unwrap().matches, 1);
    assert!(view.rows(1, 1, now()).rows[0].matched);
}

#[test]
fn t8_a_long_secret_stays_masked_when_it_is_opened_before_it_was_drawn() {
    let mut view = view(format!(r#"{{"password":"{}"}}"#, "hunter2 plain\\n".repeat(1000)));
    view.set_expanded(1, true).unwrap();
    assert!(view.rows(1, 1, now()).rows[0].masked);
}

#[test]
fn t8_a_name_that_is_a_known_secret_does_not_cross() {
    let view = knowing(r#"{"open/sesame":{"a":"b"}}"#, &["open/sesame"]);
    let json = serde_json::to_string(&view.rows(0, 10, now())).unwrap();
    assert!(!json.contains("sesame"), "{json}");
    assert!(view.rows(2, 1, now()).rows[0].location.is_none());
}

#[test]
fn t8_a_search_finds_a_masked_value_by_its_name_only() {
    let mut view = knowing(r#"{"access_token":"abcdefghij","greeting":"opensesame","plain":"abc"}"#, &["opensesame"]);
    assert_eq!(view.search(&"ABC".into()).unwrap().matches, 1, "only the plain value may match");
    assert_eq!(view.search(&"sesame".into()).unwrap().matches, 0);
    assert_eq!(view.search(&"greet".into()).unwrap().matches, 1);
    assert_eq!(view.search(&"".into()).unwrap().matches, 0);
    let lines = &mut knowing("one opensesame\ntwo", &["opensesame"]);
    assert_eq!((lines.search(&"sesame".into()).unwrap().matches, lines.search(&"TWO".into()).unwrap().matches), (0, 1));
}

#[test]
fn a_search_counts_closed_values_opens_the_way_and_wraps() {
    let elements: Vec<String> = (0..1000).map(|number| format!(r#"{{"id":{number},"who":"Ünit {number}"}}"#)).collect();
    let mut view = view(format!(r#"{{"list":[{}]}}"#, elements.join(",")));
    let report = view.search(&"ünit 99".into()).unwrap();
    assert_eq!(report.matches, 11, "99 and 990 to 999");
    let first = report.first_row.unwrap();
    assert_eq!(view.path(first, PathForm::Pointer).unwrap(), "/list/99/who");
    assert!(row(&view, first).matched);
    let second = view.next_match(Some(first), false).unwrap();
    assert_eq!(view.path(second, PathForm::Pointer).unwrap(), "/list/990/who");
    let last = view.next_match(Some(first), true).unwrap();
    assert_eq!(view.path(last, PathForm::Pointer).unwrap(), "/list/999/who", "before the first comes the last");
    let again = view.next_match(Some(last), false).unwrap();
    assert_eq!(view.path(again, PathForm::Pointer).unwrap(), "/list/99/who");
}

#[test]
fn a_name_is_found_by_its_beginning_and_from_the_top_again() {
    let view = view(r#"{"alpha":1,"beta":{"Alpine":2},"gamma":3}"#);
    assert_eq!(view.find_key(0, "al"), Some(1));
    assert_eq!(view.find_key(1, "al"), Some(3));
    assert_eq!(view.find_key(3, "al"), Some(1));
    assert_eq!(view.find_key(1, "alpha"), Some(1), "it may be the only one");
    assert_eq!(view.find_key(0, "x"), None);
}

#[test]
fn long_strings_are_folded_and_control_characters_shown() {
    let view = view(format!(r#"{{"long":"{}","odd":"a\u0000\u202eb"}}"#, "word ".repeat(100)));
    let long = row_at(&view, "/long");
    assert!(long.folded && long.preview.chars().count() == 121);
    assert_eq!(long.size, 500);
    assert_eq!(row_at(&view, "/odd").preview, "a\\u{0}\\u{202e}b");
}

#[test]
fn duplicate_names_are_shown_as_they_stand() {
    let view = view(r#"{"a":1,"a":2}"#);
    let shown: Vec<String> = all_rows(&view).into_iter().map(|row| row.preview).collect();
    assert_eq!(shown, ["", "1", "2"]);
}

#[test]
fn text_is_shown_as_lines_that_can_be_located() {
    let view = view("one\ntwo\r\n\nfour");
    let rows = all_rows(&view);
    assert_eq!(rows.len(), 5, "the whole text, and its lines below");
    assert_eq!((rows[0].kind, rows[0].size, &rows[0].location), (ValueKind::Lines, 4, &None));
    assert_eq!((rows[2].preview.as_str(), rows[2].kind, rows[3].location.is_some()), ("two", ValueKind::Text, false));
    let document = Document::open(Bytes::from("one\ntwo\r\n\nfour"), None);
    let located = crate::response::locate(&document, &[], &view.location(2).unwrap());
    assert_eq!(located.unwrap().value.expose_secret(), "two");
    assert_eq!(self::view("").total(), 0);
    assert!(self::view("").rows(0, 10, now()).rows.is_empty());
}

#[test]
fn t4_a_text_of_one_word_can_be_chosen_whole() {
    let row = row(&view("sesame-opens"), 0);
    assert_eq!(row.location, Some(TokenLocation { part: LocationIn::Text, at: String::new(), then: Vec::new() }));
    assert_eq!((row.kind, row.expandable), (ValueKind::Text, false));
}

#[test]
fn a_depth_of_100_000_is_opened_searched_and_closed() {
    let mut view = view(format!("{}\"needle\"{}", "[".repeat(100_000), "]".repeat(100_000)));
    let found = view.search(&"needle".into()).unwrap();
    assert_eq!(found.first_row, Some(100_000));
    assert_eq!(view.total(), 100_001);
    assert_eq!(view.path(100_000, PathForm::Pointer).unwrap().len(), 200_000);
    assert_eq!(view.parent_row(100_000), Some(99_999));
    let rows = view.rows(99_900, 500, now()).rows;
    assert!(!rows.is_empty() && rows.len() < 101, "an answer ends when its pointers get too long");
    assert_eq!(view.set_expanded(0, false), Ok(1));
    assert_eq!(view.set_all_expanded(true).total, 100_001);
    assert_eq!(view.set_all_expanded(false).total, 2);
}

#[test]
fn expand_all_stops_at_its_bound_and_says_so() {
    let elements: Vec<&str> = vec!["[1,2,3]"; 600_000];
    let mut view = view(format!("[{}]", elements.join(",")));
    let ExpandReport { total, note } = view.set_all_expanded(true);
    assert!((1_999_990..=2_000_001).contains(&total), "{total}");
    assert!(note.unwrap().contains("2,000,000"));
    assert_eq!(view.path(total - 1, PathForm::Pointer).unwrap(), "/599999");
    let last_open = view.rows(1_000_000, 500, now());
    assert_eq!(last_open.rows.len(), 500);
    let closed = view.set_all_expanded(false);
    assert_eq!((closed.total, closed.note), (600_001, None));
}

#[test]
fn a_million_elements_open_and_any_row_is_reached() {
    let elements: Vec<String> = (0..1_000_000).map(|number| number.to_string()).collect();
    let mut view = view(format!(r#"{{"list":[{}]}}"#, elements.join(",")));
    assert_eq!(view.total(), 2, "a large array stays closed at first");
    assert_eq!(view.set_expanded(1, true), Ok(1_000_002));
    let page = view.rows(777_777, 500, now()).rows;
    assert_eq!((page[0].preview.as_str(), page[499].preview.as_str()), ("777775", "778274"));
    assert_eq!(view.rows(1_000_002, 10, now()).rows.len(), 0);
    assert_eq!(view.set_expanded(1, false), Ok(2));
}

#[test]
fn a_view_and_its_document_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Document>();
    shared::<TreeView>();
}

#[test]
fn a_search_goes_through_what_stops_being_json() {
    for body in ["0:a", "0:é", "[1] a\"", "{\"a\": \"é", "[\"a", "\"a\\", "[\"b\", a \"a"] {
        for text in ["a", "é", "a\"", "b"] {
            let document = Arc::new(Document::open(Bytes::from(body), Some("application/json")));
            TreeView::new(document, Masking::default()).search(&text.into()).unwrap();
        }
    }
}
