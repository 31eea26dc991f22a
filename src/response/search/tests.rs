use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;
use rstest::rstest;
use secrecy::SecretString;

use super::*;
use crate::redact::Redactor;
use crate::response::document::Document;
use crate::response::json::tests::values;
use crate::response::json::{Event, Json, Walk};
use crate::response::masking::Seen;
use crate::response::tree::TreeView;

fn query(text: &str, regex: bool, case_sensitive: bool) -> SearchQuery {
    SearchQuery { text: text.to_owned(), regex, case_sensitive }
}

fn document(body: impl Into<String>) -> Arc<Document> {
    Arc::new(Document::open(Bytes::from(body.into()), None))
}

fn knowing(secrets: &[impl AsRef<str>]) -> Masking {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(secret.as_ref())).collect();
    Masking { redactor: Some(Redactor::new(&secrets)), keep_start: true }
}

/// Where a search finds something, in its order.
fn found(document: &Arc<Document>, masking: Masking, query: &SearchQuery) -> Vec<u32> {
    let search = Search::new(query).unwrap();
    let Some(run) = search.run(&Shown::Body(Arc::clone(document)), &Arc::new(masking)) else { return Vec::new() };
    run.run(|_, _| true);
    let mut places = Vec::new();
    let mut next = search.neighbour(None, false);
    while let Some(place) = next.filter(|place| places.last().is_none_or(|last| last < place)) {
        places.push(place);
        next = search.neighbour(Some(place), false);
    }
    assert_eq!(places.len(), search.count() as usize);
    places
}

/// The names and values in which a search finds something.
fn shown(body: &str, query: &SearchQuery) -> Vec<String> {
    let document = document(body);
    let json = document.json().unwrap();
    let places = found(&document, Masking::default(), query);
    places.into_iter().map(|place| body[place as usize..json.end(place) as usize].to_owned()).collect()
}

/// The same by asking every member.
fn expected(json: &Json, pattern: &Pattern, masking: &Masking) -> Vec<u32> {
    let (mut walk, mut places) = (Walk::new(json), Vec::new());
    while let Some(event) = walk.step() {
        let (member, value) = match event {
            Event::Enter(member) => (member, None),
            Event::Scalar(member) => (member, Some(json.scalar(member.value))),
            Event::Leave => continue,
        };
        let key = json.key(member);
        let shown = value.filter(|value| {
            let maskable = crate::response::tree::is_maskable(json.kind(member.value));
            let seen = masking.seen(key.as_deref(), value);
            pattern.matches(value)
                && (!maskable
                    || match seen {
                        Seen::All(_) => true,
                        Seen::Rest(rest) => pattern.matches(&rest),
                        Seen::Nothing => false,
                    })
        });
        if key.is_some_and(|key| pattern.matches(&key) && !masking.knows(&key)) || shown.is_some() {
            places.push(member.start);
        }
    }
    places
}

/// The text with characters written as escapes, as far as they stand in strings.
fn with_escapes(text: &str, which: impl Fn(usize) -> bool) -> String {
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for (number, character) in text.chars().enumerate() {
        let plain = quoted && !escaped && !matches!(character, '"' | '\\');
        if plain && which(number) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_found_is_what_asking_every_name_and_value_finds(
        value in values(),
        texts in prop::collection::vec("[a-cü\"\\\\/~0-9tn,:]{1,3}", 6),
        case_sensitive in any::<bool>(),
        every in 1_usize..6,
        pretty in any::<bool>(),
        secrets in prop::collection::vec("[a-cü~0-9]{1,3}", 0..3),
    ) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = document(with_escapes(&text, |number| number % 6 >= every));
        let Some(json) = document.json() else { return Ok(()) };
        let expressions = ["^[a-c]", "\\d{2}", "(?i)[ab]{2}|00", "\\.5$", "[^\\x00-\\x7f]", "a.b|c\\d", "^$", "true|null", "(?i)ab+|cü", "[ab]c\\d?"];
        let plain = texts.iter().map(|text| query(text, false, case_sensitive));
        let expressions = expressions.iter().map(|text| query(text, true, case_sensitive));
        for query in plain.chain(expressions) {
            let pattern = Pattern::new(&query).unwrap().unwrap();
            let expected = expected(json, &pattern, &knowing(&secrets));
            prop_assert_eq!(found(&document, knowing(&secrets), &query), expected, "{:?} in {}", query, document.text());
        }
    }

    #[test]
    fn lines_are_found_where_asking_every_line_finds_them(text in "([ab1]{0,3}\r?\n){0,20}[ab]{0,2}", wanted in "[ab1]{1,2}") {
        let document = document(format!("x\n{text}"));
        for query in [query(&wanted, false, false), query(&format!("^{wanted}$"), true, false), query("", false, false)] {
            let pattern = Pattern::new(&query).unwrap();
            let text = document.text();
            let matching = text.lines().filter(|line| pattern.as_ref().is_some_and(|it| it.matches(line)));
            // Where each begins in the text.
            let expected: Vec<u32> = matching.map(|line| u32::try_from(line.as_ptr().addr() - text.as_ptr().addr()).unwrap()).collect();
            prop_assert_eq!(found(&document, Masking::default(), &query), expected);
        }
    }
}

#[test]
fn a_large_body_is_searched_across_its_parts_and_between_its_landmarks() {
    let member = |number: usize| match number % 7 {
        0 => format!("{{\"id\":{number},\"töken\":[\"a{number}\",null,\"\\u0061\\n{number}\"]}}"),
        1 => format!("\"{}\"", "long and plain ".repeat(number % 90)),
        2 => format!("\"\\\"{}\\\\\"", "ü\\t".repeat(number % 50)),
        3 => "{\"a\":{\"b\":{\"c\":[]}}}".to_owned(),
        _ => number.to_string(),
    };
    let document = document(format!("[{}]", (0..20_000).map(member).collect::<Vec<_>>().join(",\n  ")));
    assert!(document.text().len() > 4 * PART);
    let json = document.json().unwrap();
    let cases = [
        ("a1", false),
        ("PLAIN long", false),
        ("\"", false),
        ("9999", false),
        // Few, far from each other, and of nothing that is in strings only: in a string, and outside.
        ("14000", false),
        ("ü\tü", false),
        ("^1?7+$", true),
        ("ö|b$", true),
    ];
    for (text, regex) in cases {
        let query = query(text, regex, false);
        let pattern = Pattern::new(&query).unwrap().unwrap();
        let expected = expected(json, &pattern, &Masking::default());
        assert!(expected.len() > 1, "{text}");
        assert!(found(&document, Masking::default(), &query) == expected, "{text}");
    }
}

#[rstest]
#[case(":", &["\"w\""])]
#[case("\":", &[])]
#[case(",", &["\"a,b\""])]
#[case("{", &[])]
#[case("1", &["12"])]
#[case("RU", &["true"])]
#[case("say \"hi\"", &["\"q\""])]
#[case("C:\\tmp", &["\"w\""])]
#[case("/x", &["\"u\""])]
#[case("line\nbreak", &["\"l\""])]
#[case("münchen", &["\"m\"", "\"M\""])]
#[case("😀", &["\"e\""])]
fn a_text_is_found_within_names_and_values_and_however_it_is_written(#[case] text: &str, #[case] names: &[&str]) {
    let body = r#"{"q":"say \"hi\"","w":"C:\\tmp","u":"\/x","l":"line\nbreak","m":"M\u00fcnchen","M":"MÜNCHEN","e":"\ud83d\ude00","k":["a,b",12,true]}"#;
    assert_eq!(shown(body, &query(text, false, false)), names);
}

#[test]
fn capitals_count_only_when_asked_for() {
    let body = r#"["Token","token","TOKEN","\u0054oken"]"#;
    assert_eq!(shown(body, &query("Token", false, false)).len(), 4);
    assert_eq!(shown(body, &query("Token", false, true)), ["\"Token\"", "\"\\u0054oken\""]);
    assert_eq!(shown(body, &query("^tok", true, true)), ["\"token\""]);
}

#[rstest]
#[case("a(b", 2, "unclosed group")]
#[case("ü[z-a]", 3, "invalid character class range, the start must be <= the end")]
#[case("(?=x)", 1, "look-around, including look-ahead and look-behind, is not supported")]
fn an_expression_that_cannot_be_read_says_where(#[case] text: &str, #[case] character: usize, #[case] what: &str) {
    let error = Search::new(&query(text, true, false)).err().unwrap();
    assert_eq!(error, QueryError::Syntax { character, what: what.to_owned() });
}

#[test]
fn an_expression_is_bounded_in_size_and_in_time() {
    let huge = Search::new(&query("((a{1000}){1000}){1000}", true, false)).err();
    assert!(matches!(huge, Some(QueryError::TooLarge)), "{huge:?}");
    assert_eq!(Search::new(&query(&"a".repeat(10_001), false, false)).err(), Some(QueryError::TooLong));
    // Exponential where expressions are tried one way after the other.
    let body = format!("[\"{}\"]", "a".repeat(20_000));
    assert_eq!(shown(&body, &query("^(a+)+$", true, false)).len(), 1);
    assert_eq!(shown(&body, &query("^(a+)+b$", true, false)).len(), 0);
}

#[test]
fn t8_a_masked_value_is_found_by_its_name_only_by_text_and_by_expression() {
    let document = document(r#"{"password":"open sesame","note":"sesame seed","of":"plainwordsecret","plainwordsecret":1}"#);
    let places = |text: &str, regex: bool| found(&document, knowing(&["plainwordsecret"]), &query(text, regex, false)).len();
    assert_eq!((places("sesame", false), places("ses[a]me", true)), (1, 1), "only the note may match");
    assert_eq!((places("password", false), places("^pass", true)), (1, 1));
    assert_eq!((places("plainword", false), places("plain.ord", true)), (0, 0), "neither as a value nor as a name");
}

#[test]
fn matches_can_be_visited_while_a_search_runs_and_a_stopped_one_keeps_them() {
    let body = format!("[{}]", vec!["\"needle in the hay\""; 100_000].join(","));
    let mut view = TreeView::new(document(body), Masking::default());
    let run = view.begin_search(&"needle".into()).unwrap().unwrap();
    let mut parts = 0;
    run.run(|matches, searched| {
        parts += 1;
        assert!(matches > 0 && searched < 1.0, "the first part holds some, and is not all");
        assert_eq!(view.next_match(Some(1), false), Some(2), "the first match is row 1");
        false
    });
    assert_eq!(parts, 1);
    let report = view.search_report();
    assert!(report.matches > 1000 && report.matches < 100_000, "{report:?}");
    assert_eq!(report.first_row, Some(1));
    assert!(view.rows(1, 1, Timestamp::UNIX_EPOCH).rows[0].matched);
}

#[test]
fn a_new_search_ends_the_one_before() {
    let body = format!("[{}]", vec!["\"needle in the hay\""; 100_000].join(","));
    let mut view = TreeView::new(document(body), Masking::default());
    let run = view.begin_search(&"needle".into()).unwrap().unwrap();
    let mut parts = 0;
    run.run(|_, _| {
        parts += 1;
        view.begin_search(&"other".into()).unwrap();
        true
    });
    assert_eq!(parts, 1, "it must not go on for nobody");
    assert_eq!(view.search_report().matches, 0);
    assert!(view.search(&query("(", true, false)).is_err());
}

#[test]
fn more_matches_than_can_be_visited_are_counted() {
    let body = format!("[{}]", vec!["1"; 1_000_100].join(","));
    let mut view = TreeView::new(document(body), Masking::default());
    let report = view.search(&"1".into()).unwrap();
    assert_eq!((report.matches, report.capped), (1_000_100, true));
    assert_eq!(view.next_match(None, true), Some(1_000_000), "the last one that is kept");
}

#[test]
fn a_body_that_breaks_off_is_searched_as_far_as_it_is_read() {
    let text = r#"{"a":["needle one","needle two"],"b":"needle cut sh"#.to_owned();
    let (text, error) = Json::parse(text).err().unwrap();
    let json = Json::parse_start(text, &error).unwrap();
    let pattern = Pattern::new(&"needle".into()).unwrap().unwrap();
    let found = Arc::new(Found::default());
    let mut sink = Telling { found: &found, waiting: Vec::new(), whole: 1.0, tell: |_, _| true };
    super::json::search(&json, &pattern, &Masking::default(), &mut sink);
    assert_eq!(found.count(), 2);
}
