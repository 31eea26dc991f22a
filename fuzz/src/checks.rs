//! What must hold for any input. Used by the fuzz targets and, over a bounded number of made inputs, by `tests/fuzz_bodies.rs`.
#![allow(dead_code, reason = "each target uses one of the three")]

use std::sync::Arc;

use jiff::Timestamp;
use latchkey::redact::Redactor;
use latchkey::response::{Document, Masking, TreeView, answer_shape, complete, locate, preview, shape, suggest};
use latchkey::token::{LocationIn, LocationStep, TokenLocation, check_location};

/// How a body may be announced.
const ANNOUNCED: [&str; 8] = [
    "application/json",
    "text/xml",
    "application/x-www-form-urlencoded",
    "text/plain; charset=utf-8",
    "application/x-ndjson",
    "text/html",
    "application/soap+xml; charset=utf-16le",
    "",
];

/// So many rows are looked at.
const ROWS: u32 = 300;

/// The first byte chooses how the body is announced; the rest is the body.
pub fn document(input: &[u8]) {
    let Some((announced, body)) = input.split_first() else { return };
    let mut headers = vec![("Set-Cookie".to_owned(), "sid=abc; Path=/".to_owned())];
    let announced = ANNOUNCED[usize::from(*announced) % ANNOUNCED.len()];
    if !announced.is_empty() {
        headers.push(("Content-Type".to_owned(), announced.to_owned()));
    }
    let document = Arc::new(Document::of_answer(body.to_vec().into(), &headers));
    let mut view = TreeView::new(Arc::clone(&document), Masking::default());
    for expanded in [false, true] {
        if expanded {
            view.set_all_expanded(true);
        }
        let total = view.total();
        for from in [0, total / 2, total.saturating_sub(ROWS)] {
            rows(&document, &headers, &mut view, from);
        }
    }
    view.set_all_expanded(false);
    for suggestion in suggest(&document, &headers) {
        let found = locate(&document, &headers, &suggestion.location);
        assert!(found.is_ok(), "a suggestion leads to a token: {:?} {:?}", suggestion.location, found.err());
    }
    let nothing_known = Redactor::default();
    let _shapes = (shape(&document, &nothing_known), answer_shape(&document, &headers, &nothing_known), document.summary());
}

/// Rows tell the truth about themselves, and a row that can be chosen leads to its value.
fn rows(document: &Document, headers: &[(String, String)], view: &mut TreeView, from: u32) {
    let shown = view.rows(from, ROWS, Timestamp::UNIX_EPOCH);
    assert!(shown.rows.len() <= ROWS as usize);
    for (row, number) in shown.rows.into_iter().zip(from..) {
        assert_eq!(row.row, number);
        let Some(location) = row.location else { continue };
        assert!(check_location(&location).is_ok(), "a row's location is well written: {location:?}");
        let located = locate(document, headers, &location);
        let located = located.unwrap_or_else(|failure| panic!("row {number} can be chosen, and {failure} {location:?}"));
        assert_eq!(located.location, location, "a row's location is normalised");
    }
}

/// A path, a line break, and the JSON body that it is looked up in.
pub fn jsonpath(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (path, body) = text.split_once('\n').unwrap_or((&text, r#"{"a":[1,{"b":"x"},"y"],"b":{"a":null}}"#));
    let document = Document::open(body.as_bytes().to_vec().into(), Some("application/json"));
    let location = TokenLocation::json(path);
    let shown = preview(&document, &[], &location, &Masking::default());
    assert!(shown.values.len() <= 5);
    let located = locate(&document, &[], &location);
    match (&shown.normalised, &shown.error) {
        (Some(normalised), None) => {
            let located = located.unwrap_or_else(|failure| panic!("{path}: {failure}"));
            assert_eq!(located.location, *normalised);
            // What is kept leads to the same place again.
            let again = locate(&document, &[], normalised).unwrap_or_else(|failure| panic!("{normalised:?}: {failure}"));
            assert_eq!(again.location, *normalised);
        }
        (None, Some(error)) => {
            assert!(located.is_err(), "{path}");
            let length = u32::try_from(path.chars().count()).unwrap_or(u32::MAX);
            assert!(error.from <= error.to && error.to <= length, "{path}: {error:?}");
        }
        both => panic!("{path}: a preview is good or says what is wrong: {both:?}"),
    }
    let length = u32::try_from(path.chars().count().min(40)).unwrap_or(0);
    for cursor in 0..=length {
        for completion in complete(&document, &[], LocationIn::Json, path, cursor, &Masking::default()) {
            assert!(completion.text.starts_with(['/', '$']), "{path} at {cursor}: {}", completion.text);
        }
    }
}

/// A location as a token file or the page gives it.
pub fn location(input: &[u8]) {
    let Ok(location) = serde_json::from_slice::<TokenLocation>(input) else { return };
    let written = serde_json::to_string(&location).expect("a location can be written");
    let read: TokenLocation = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(read, location);
    let well_written = check_location(&location).is_ok();
    for (announced, body) in [
        ("application/json", r#"{"a":{"b":"x"},"t":"{\"c\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln\"}","l":["1","2"]}"#),
        ("text/xml", "<a b='1'><c>x</c><c>y</c>t</a>"),
        ("application/x-www-form-urlencoded", "a=1&b=x%20y&a=2"),
        ("text/plain", "a=1\r\nt=xyz\n{\"a\":\"b\"}\n"),
    ] {
        let headers = [
            ("Content-Type".to_owned(), announced.to_owned()),
            ("Set-Cookie".to_owned(), "a=1; Path=/".to_owned()),
            ("a".to_owned(), "Bearer x".to_owned()),
        ];
        let document = Document::of_answer(body.as_bytes().to_vec().into(), &headers);
        let shown = preview(&document, &headers, &location, &Masking::default());
        match locate(&document, &headers, &location) {
            Ok(located) => {
                assert_eq!(shown.normalised.as_ref(), Some(&located.location));
                assert!(well_written, "what yields a value is well written: {location:?}");
                assert!(check_location(&located.location).is_ok(), "{:?}", located.location);
                let again = locate(&document, &headers, &located.location);
                assert_eq!(again.ok().map(|again| again.location), Some(located.location), "{location:?}");
            }
            Err(_) => assert!(shown.normalised.is_none() && shown.error.is_some()),
        }
        if let Some(LocationStep::Capture { pattern }) = location.then.first() {
            assert!(pattern.len() <= 1 << 20 || !well_written, "a long pattern is refused");
        }
    }
}
