use proptest::prelude::*;
use rstest::rstest;
use serde_json::Value;

use super::*;

fn parse(text: &str) -> Json {
    Json::parse(text.to_owned()).unwrap_or_else(|(_, error)| panic!("{error:?} in {text:.200}"))
}

/// Random JSON values, some with more members than a mark's stride.
pub(in crate::response) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Sixteenths, because serde_json's reading of other fractions is not exact to the last bit.
        any::<i32>().prop_map(|sixteenths| Value::from(f64::from(sixteenths) / 16.0)),
        "\\PC{0,12}|[\"\\\\/\n\u{1}ü😀~]{0,6}".prop_map(Value::from),
        "[a-z]{400}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 200, 100, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..100).prop_map(Value::from),
            prop::collection::hash_map("[a-c~/0-9\"\\\\ü]{0,4}", inner, 0..50)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// All pointers into a value.
pub(in crate::response) fn pointers(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let mut todo = vec![(String::new(), value)];
    while let Some((at, value)) = todo.pop() {
        let mut step = |name: &str, child| {
            let mut at = at.clone();
            crate::response::pointer::push(&mut at, name);
            todo.push((at, child));
        };
        match value {
            Value::Array(elements) => elements.iter().enumerate().for_each(|(n, child)| step(&n.to_string(), child)),
            Value::Object(members) => members.iter().for_each(|(name, child)| step(name, child)),
            _ => {}
        }
        all.push(at);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t4_a_pointer_finds_what_serde_json_finds(value in values(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let json = parse(&text);
        for at in pointers(&value) {
            let member = json.find(&crate::response::pointer::steps(&at).unwrap()).unwrap();
            let found: Value = serde_json::from_str(json.raw(member.value)).unwrap();
            let expected = value.pointer(&at).unwrap();
            prop_assert_eq!(&found, expected);
            match expected {
                Value::String(string) => prop_assert_eq!(&*json.string(member.value), string),
                Value::Array(elements) => prop_assert_eq!(json.count(member.value) as usize, elements.len()),
                Value::Object(members) => prop_assert_eq!(json.count(member.value) as usize, members.len()),
                _ => {}
            }
        }
    }

    #[test]
    fn what_is_json_is_what_serde_json_takes_for_json(text in "[\\[\\]{}\",:0-9.eE+\\-tfn\\\\ua \n]{0,12}") {
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(Json::parse(text.clone()).is_ok(), theirs, "{:?}", text);
    }

    #[test]
    fn broken_json_is_refused_at_the_same_line(value in values(), cut in any::<prop::sample::Index>()) {
        let text = serde_json::to_string(&value).unwrap();
        let end = (0..=cut.index(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap();
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text[..end]).is_ok();
        prop_assert_eq!(Json::parse(text[..end].to_owned()).is_ok(), theirs);
    }
}

#[rstest]
#[case(r#""\ud800""#, "\u{fffd}")]
#[case(r#""\ud800\ud800""#, "\u{fffd}\u{fffd}")]
#[case(r#""\udc00x""#, "\u{fffd}x")]
#[case(r#""\ud83d\ude00""#, "😀")]
#[case(r#""a\"\\\/\b\f\n\r\t\u0041""#, "a\"\\/\u{8}\u{c}\n\r\tA")]
fn hostile_escapes_are_read_without_error(#[case] text: &str, #[case] expected: &str) {
    let json = parse(text);
    assert_eq!(json.string(json.root().value), expected);
}

#[rstest]
#[case("")]
#[case(" ")]
#[case("{} {}")]
#[case("[1,]")]
#[case("{\"a\"}")]
#[case("{\"a\":1,}")]
#[case("[1}")]
#[case("tru")]
#[case("nan")]
#[case("\"\\x\"")]
#[case("\"\\u12")]
#[case("\"\\")]
#[case("-")]
#[case("1.")]
#[case("1e")]
#[case("]")]
fn what_is_no_json_is_refused(#[case] text: &str) {
    assert!(Json::parse(text.to_owned()).is_err());
}

#[test]
fn a_depth_of_100_000_is_read_and_one_beyond_a_million_refused() {
    let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let json = parse(&deep(100_000));
    let way = vec![Cow::Borrowed("0"); 100_000];
    assert_eq!(json.raw(json.find(&way).unwrap().value), "1");
    assert!(Json::parse("[".repeat(100_000)).is_err(), "unclosed brackets are no JSON");
    assert!(Json::parse(deep(1_000_001)).is_err());
}

#[test]
fn a_million_members_are_found_by_name_and_by_number() {
    let members: Vec<String> = (0..1_000_000).map(|number| format!("\"k{number}\":{number}")).collect();
    let json = parse(&format!("{{{}}}", members.join(",")));
    assert_eq!(json.count(json.root().value), 1_000_000);
    assert_eq!(json.raw(json.find(&["k987654".into()]).unwrap().value), "987654");
    let marks = json.marks(json.root().value);
    assert_eq!(marks.len(), 1_000_000 / 32 - 1);
    assert_eq!(json.key(json.child(json.root().value, &marks, 999_999).unwrap()).unwrap(), "k999999");
}

#[test]
fn marks_of_small_containers_do_not_stay_behind() {
    let small = format!("[{}]", vec!["0"; 100].join(","));
    let large = format!("[{}]", vec!["1234567890"; 200].join(","));
    let text = format!("[{},{large},{}]", vec![small.as_str(); 50].join(","), vec![small.as_str(); 50].join(","));
    let json = parse(&text);
    let expected: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json.marks(json.root().value).len(), 3, "one every 32 of 101");
    assert_eq!(json.index.marks.len(), 3 + 6, "only those of the two large containers take memory");
    for at in pointers(&expected) {
        let member = json.find(&crate::response::pointer::steps(&at).unwrap()).unwrap();
        assert_eq!(&serde_json::from_str::<Value>(json.raw(member.value)).unwrap(), expected.pointer(&at).unwrap());
    }
}

#[test]
fn t4_of_members_with_one_name_the_last_counts() {
    let json = parse(r#"{"a":1,"a":2}"#);
    assert_eq!(json.raw(json.find(&["a".into()]).unwrap().value), "2");
}

#[rstest]
#[case("01")]
#[case("+1")]
#[case("-")]
#[case("")]
#[case("3")]
#[case("99999999999")]
fn t4_an_array_position_is_written_plainly(#[case] step: &str) {
    assert_eq!(parse("[1,2,3]").find(&[step.into()]), Err(0));
}

/// A text, and where [`Json::parse_start`] is to end.
fn start(text: &str) -> Option<Json> {
    let (text, error) = Json::parse(text.to_owned()).err()?;
    let json = Json::parse_start(text, &error).ok()?;
    assert_eq!(json.broken(), Some(error));
    Some(json)
}

/// What a walk sees of a document, written as JSON.
fn seen(json: &Json) -> String {
    let (mut walk, mut out, mut open) = (Walk::new(json), String::new(), Vec::new());
    let mut comma = false;
    while let Some(event) = walk.step() {
        let (Event::Enter(member) | Event::Scalar(member)) = event else {
            out.push(if open.pop() == Some(true) { '}' } else { ']' });
            comma = true;
            continue;
        };
        if comma {
            out.push(',');
        }
        if member.named() {
            out.push_str(&json.text()[member.start as usize..json.end(member.start) as usize]);
            out.push(':');
        }
        comma = matches!(event, Event::Scalar(_));
        if comma {
            out.push_str(json.raw(member.value));
        } else {
            open.push(json.is_object(member.value));
            out.push(if json.is_object(member.value) { '{' } else { '[' });
        }
    }
    out
}

#[rstest]
#[case(r#"{"a":1,"b":[1,2,{"c":true,"d"#, r#"{"a":1,"b":[1,2,{"c":true}]}"#)]
#[case(r#"{"a":1,"b":[1,2,{"c":true},"#, r#"{"a":1,"b":[1,2,{"c":true}]}"#)]
#[case(r#"{"a":1,"b":{ "#, r#"{"a":1,"b":{}}"#)]
#[case(r#"{"a":1,"b":"cut sho"#, r#"{"a":1}"#)]
#[case(r#"{"a":1,"b""#, r#"{"a":1}"#)]
#[case(r#"{"a":1,"b":"#, r#"{"a":1}"#)]
#[case(r#"{"a":[],"b":]"#, r#"{"a":[]}"#)]
#[case(r#"{"a":1} and more"#, r#"{"a":1}"#)]
#[case(r#"{"a":1},{"b":2}"#, r#"{"a":1}"#)]
#[case(r#"  "text" x"#, r#""text""#)]
#[case("[1,2", "[1,2]")]
#[case("[[1],[", "[[1],[]]")]
#[case("[1 , 2 }", "[1,2]")]
#[case("{\"a\":{\"b\":[1\n\n ", "{\"a\":{\"b\":[1]}}")]
fn e12_what_stands_before_an_error_is_read(#[case] text: &str, #[case] expected: &str) {
    let json = start(text).unwrap();
    assert_eq!(json.text(), text);
    assert_eq!(seen(&json), expected);
}

#[rstest]
#[case("")]
#[case("[")]
#[case("{\"a\":[[{\"b\":")]
#[case("[ tru")]
#[case("\"cut")]
#[case("<html>")]
fn e12_without_a_complete_value_nothing_is_opened(#[case] text: &str) {
    assert!(start(text).is_none());
}

/// The containers that are still open at the end of a text, closed.
fn closed(text: &str) -> String {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => open.push('}'),
            b'[' if !quoted => open.push(']'),
            b'}' | b']' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    text.chars().chain(open.into_iter().rev()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn e12_a_body_cut_short_is_read_up_to_its_last_complete_value(value in values(), cut in any::<prop::sample::Index>()) {
        let text = serde_json::to_string(&value).unwrap();
        let end = (0..=cut.index(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap();
        if let Some(json) = start(&text[..end]) {
            let read = closed(&text[..json.limit as usize]);
            prop_assert_eq!(seen(&json), read.clone());
            let read: Value = serde_json::from_str(&read).unwrap();
            for at in pointers(&read) {
                let member = json.find(&crate::response::pointer::steps(&at).unwrap()).unwrap();
                match read.pointer(&at).unwrap() {
                    Value::Array(elements) => prop_assert_eq!(json.count(member.value) as usize, elements.len()),
                    Value::Object(members) => prop_assert_eq!(json.count(member.value) as usize, members.len()),
                    Value::String(string) => prop_assert_eq!(&*json.string(member.value), string),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_index_stays_small_however_a_body_is_made() {
    let size = |text: String| {
        let length = text.len();
        let index = parse(&text).index;
        (index.containers.len() * size_of::<index::Container>() + index.marks.len() * 4) * 1000 / length
    };
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(size(format!("[{}]", [deep.as_str(); 5].join(","))) < 80, "less than 8 %, nested deep");
    assert!(size(format!("[{}]", vec!["1"; 500_000].join(","))) < 80, "with the shortest elements");
    let record = format!("{{\"a\":[{}]}}", vec!["1"; 512].join(","));
    assert!(size(format!("[{}]", vec![record.as_str(); 500].join(","))) < 80, "just large enough to be indexed");
}
