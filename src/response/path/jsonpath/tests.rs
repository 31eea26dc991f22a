use proptest::prelude::*;

use super::*;
use crate::response::path::steps_to;

/// The public compliance suite; read with the tree under test, so that results are compared as they are written.
const SUITE: &str = include_str!("../../../../tests/fixtures/jsonpath/cts.json");

fn member(json: &Json, object: Member, name: &str) -> Option<Member> {
    let mut next = json.first(object.value);
    while let Some(member) = next {
        if json.key(member).as_deref() == Some(name) {
            return Some(member);
        }
        next = json.next(json.end(member.value), true);
    }
    None
}

fn elements(json: &Json, array: Member) -> Vec<Member> {
    let mut all = Vec::new();
    let mut next = json.first(array.value);
    while let Some(element) = next {
        all.push(element);
        next = json.next(json.end(element.value), false);
    }
    all
}

/// The values at these nodes, without white space or the order of names.
fn values(json: &Json, nodes: &[Member]) -> Vec<serde_json::Value> {
    nodes.iter().map(|node| serde_json::from_str(json.raw(node.value)).unwrap()).collect()
}

#[test]
fn t4_jsonpath_passes_the_whole_public_compliance_suite() {
    let suite = Json::parse(SUITE.to_owned()).map_err(|(_, error)| error).unwrap();
    let tests = elements(&suite, member(&suite, suite.root(), "tests").unwrap());
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    for test in tests {
        let name = suite.string(member(&suite, test, "name").unwrap().value).into_owned();
        let selector = suite.string(member(&suite, test, "selector").unwrap().value).into_owned();
        let query = parse(&selector);
        if member(&suite, test, "invalid_selector").is_some() {
            invalid += 1;
            if query.is_ok() {
                wrong.push(format!("{name}: {selector} must be refused"));
            }
            continue;
        }
        valid += 1;
        let Ok(query) = query else {
            wrong.push(format!("{name}: {selector} is refused: {}", query.unwrap_err()));
            continue;
        };
        let document = suite.raw(member(&suite, test, "document").unwrap().value);
        let json = Json::parse(document.to_owned()).map_err(|(_, error)| error).unwrap();
        let found = query.nodes(&json, usize::MAX);
        assert!(found.all && !found.too_much);
        let paths: Vec<String> = found.nodes.iter().map(|node| normalized(&steps_to(&json, *node))).collect();
        let found = values(&json, &found.nodes);
        let (results, result_paths) = match member(&suite, test, "result") {
            Some(result) => (vec![result], vec![member(&suite, test, "result_paths").unwrap()]),
            None => (
                elements(&suite, member(&suite, test, "results").unwrap()),
                elements(&suite, member(&suite, test, "results_paths").unwrap()),
            ),
        };
        let fits = results.iter().zip(&result_paths).any(|(result, expected)| {
            let expected: Vec<String> =
                elements(&suite, *expected).iter().map(|path| suite.string(path.value).into_owned()).collect();
            values(&suite, &elements(&suite, *result)) == found && expected == paths
        });
        if !fits {
            wrong.push(format!("{name}: {selector} yields {found:?} at {paths:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(valid > 400 && invalid > 200, "the suite has {valid} valid and {invalid} invalid selectors");
}

fn json(text: &str) -> Json {
    Json::parse(text.to_owned()).map_err(|(_, error)| error).unwrap()
}

fn found(text: &str, path: &str) -> Vec<String> {
    let json = json(text);
    let found = parse(path).unwrap_or_else(|error| panic!("{path}: {error}")).nodes(&json, 1000);
    assert!(found.all, "{path}");
    found.nodes.iter().map(|node| json.raw(node.value).to_owned()).collect()
}

/// Documents with few names, so that random queries hit.
fn documents() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (-3..4_i32).prop_map(serde_json::Value::from),
        (-8..8_i32).prop_map(|halves| serde_json::Value::from(f64::from(halves) / 2.0)),
        "[ab]{0,3}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 60, 40, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(serde_json::Value::from),
            prop::collection::hash_map("[a-d]", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

fn slices() -> impl Strategy<Value = String> {
    let bound = || prop_oneof![Just(String::new()), (-6..7_i32).prop_map(|bound| bound.to_string())];
    (bound(), bound(), bound()).prop_map(|(start, end, step)| format!("{start}:{end}:{step}"))
}

fn segments(filters: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let selector = prop_oneof![
        4 => "[a-d]".prop_map(|name| format!("'{name}'")),
        2 => Just("*".to_owned()),
        3 => (-4..5_i32).prop_map(|index| index.to_string()),
        2 => slices(),
        3 => filters.prop_map(|filter| format!("?{filter}")),
    ];
    let brackets = prop::collection::vec(selector, 1..3).prop_map(|selectors| format!("[{}]", selectors.join(", ")));
    let segment = prop_oneof![
        "[.][a-d]",
        Just(".*".to_owned()),
        "[.][.][a-d]",
        brackets.clone(),
        brackets.prop_map(|brackets| format!("..{brackets}")),
    ];
    prop::collection::vec(segment, 0..4).prop_map(|segments| segments.concat())
}

fn queries() -> impl Strategy<Value = String> {
    // Without @[-1], which the other implementation takes for nothing in an array of one element.
    let singular = || prop_oneof!["@([.][a-d]){0,2}", "[$]([.][a-d]|[\\[][0-3][\\]]){1,2}", Just("@[0]".to_owned())];
    let value = || {
        prop_oneof![
            4 => singular().boxed(),
            2 => (-3..4_i32).prop_map(|number| number.to_string()).boxed(),
            1 => Just("1.5".to_owned()).boxed(),
            2 => "'[ab]{0,2}'".boxed(),
            1 => prop_oneof![Just("true".to_owned()), Just("null".to_owned())].boxed(),
            1 => singular().prop_map(|query| format!("length({query})")).boxed(),
            1 => singular().prop_map(|query| format!("count({query}..*)")).boxed(),
            1 => singular().prop_map(|query| format!("value({query}[*])")).boxed(),
        ]
    };
    // Where both sides yield nothing the other implementation takes <= and >= as false, which RFC 9535's own table refutes.
    let ordered = (value(), "<=|>=", "-?[1-3]|'[ab]{0,2}'");
    let comparison = prop_oneof![(value(), "==|!=|<|>", value()), ordered]
        .prop_map(|(left, operator, right)| format!("{left} {operator} {right}"));
    let test = prop_oneof![
        3 => comparison.boxed(),
        2 => singular().boxed(),
        1 => singular().prop_map(|query| format!("match({query}, 'a.?b*')")).boxed(),
        1 => singular().prop_map(|query| format!("search({query}, '[^a]')")).boxed(),
        1 => singular().prop_map(|query| format!("{query}[?@.a]")).boxed(),
    ];
    let logical = test.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), "&&|[|][|]", inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            inner.prop_map(|inside| format!("!({inside})")),
        ]
    });
    prop_oneof![
        segments(logical.clone().boxed()).prop_map(|segments| format!("${segments}")),
        // Every child of a document is looked at, so that filters meet values of all kinds.
        logical.prop_map(|filter| format!("$..[?{filter}]")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn t4_jsonpath_yields_what_another_implementation_yields(value in documents(), path in queries()) {
        let other = serde_json_path::JsonPath::parse(&path).unwrap().query_located(&value).all();
        let expected: Vec<(String, serde_json::Value)> =
            other.iter().map(|node| (node.location().to_string(), node.node().clone())).collect();
        let json = json(&value.to_string());
        let found = parse(&path).unwrap().nodes(&json, usize::MAX);
        prop_assert!(found.all);
        let found: Vec<(String, serde_json::Value)> = found
            .nodes
            .iter()
            .map(|node| (normalized(&steps_to(&json, *node)), serde_json::from_str(json.raw(node.value)).unwrap()))
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn t4_no_text_makes_the_reader_of_paths_panic(text in "[$@.*?!'\"\\[\\](),:<>=&|\\\\ 0-9a-cmu{}-]{0,30}", tail in "\\PC{0,5}") {
        for text in [format!("${text}{tail}"), format!("$[?{text}]"), tail] {
            if let Err(error) = parse(&text) {
                let length = u32::try_from(text.chars().count()).unwrap();
                prop_assert!(error.from <= error.to && error.to <= length, "{} {:?}", text, error);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t4_every_path_of_a_value_leads_back_to_it_alone(value in crate::response::json::tests::values()) {
        let json = json(&value.to_string());
        let everything = parse("$..*").unwrap().nodes(&json, usize::MAX);
        for node in everything.nodes {
            let path = normalized(&steps_to(&json, node));
            prop_assert_eq!(parse(&path).unwrap().nodes(&json, 2).nodes, [node], "{}", path);
        }
    }
}

#[test]
fn t4_numbers_beyond_64_bits_are_compared_to_the_digit() {
    let body = r#"[{"id":9007199254740993},{"id":9007199254740992},{"id":123456789012345678901234567890}]"#;
    assert_eq!(found(body, "$[?@.id == 9007199254740993].id"), ["9007199254740993"]);
    assert_eq!(found(body, "$[?@.id > 123456789012345678901234567889].id"), ["123456789012345678901234567890"]);
    assert_eq!(found(body, "$[?@.id < 9007199254740993].id"), ["9007199254740992"]);
}

/// RFC 9535, section 2.3.5.3.
#[test]
fn t4_comparisons_hold_as_rfc_9535s_own_table_says() {
    let body = r#"{"obj": {"x": "y"}, "arr": [2, 3]}"#;
    for (comparison, expected) in [
        ("$.absent1 == $.absent2", true),
        ("$.absent1 <= $.absent2", true),
        ("$.absent == 'g'", false),
        ("$.absent1 != $.absent2", false),
        ("$.absent != 'g'", true),
        ("1 <= 2", true),
        ("1 > 2", false),
        ("13 == '13'", false),
        ("'a' <= 'b'", true),
        ("'a' > 'b'", false),
        ("$.obj == $.arr", false),
        ("$.obj != $.arr", true),
        ("$.obj == $.obj", true),
        ("$.obj != $.obj", false),
        ("$.arr == $.arr", true),
        ("$.arr != $.arr", false),
        ("$.obj == 17", false),
        ("$.obj != 17", true),
        ("$.obj <= $.arr", false),
        ("$.obj < $.arr", false),
        ("$.obj <= $.obj", true),
        ("$.arr <= $.arr", true),
        ("1 <= $.arr", false),
        ("1 >= $.arr", false),
        ("1 > $.arr", false),
        ("1 < $.arr", false),
        ("true <= true", true),
        ("true > true", false),
    ] {
        assert_eq!(found(body, &format!("$[?{comparison}]")).len(), if expected { 2 } else { 0 }, "{comparison}");
    }
}

#[test]
fn t4_a_position_from_the_end_counts_in_a_filter_too() {
    assert_eq!(found("[[null],[1,2],[]]", "$[?@[-1] == null]"), ["[null]"]);
    assert_eq!(found("[[null],[1,2],[]]", "$[?@[-2] == 1]"), ["[1,2]"]);
}

#[test]
fn t4_a_name_that_stands_twice_selects_the_last_and_objects_compare_by_it() {
    assert_eq!(found(r#"{"a":1,"a":2}"#, "$.a"), ["2"]);
    assert_eq!(found(r#"[{"x":{"a":1,"a":2},"y":{"a":2}}]"#, "$[?@.x == @.y].y.a"), ["2"]);
}

#[test]
fn t4_a_wrong_path_is_marked_at_its_characters() {
    for (path, from, to, words) in [
        ("data", 0, 1, "begins with $"),
        ("", 0, 0, "begins with $"),
        ("$.é.1a", 4, 6, "begin with a digit"),
        ("$.a b", 4, 5, "must begin with . or ["),
        ("$.a ", 3, 4, "white space"),
        ("$.", 2, 2, "it ends, and a name or *"),
        ("$['a", 2, 4, "has no end"),
        ("$['a'", 5, 5, "a comma or ]"),
        ("$[01]", 2, 4, "leading zeros"),
        ("$[9007199254740992]", 2, 18, "must lie between"),
        (r"$['\x']", 3, 5, "escape is unknown"),
        (r"$['\ud800']", 3, 9, "surrogate"),
        ("$[?@.a = 1]", 7, 8, "a comma or ]"),
        ("$[?@..a == 1]", 3, 7, "several values"),
        ("$[?1]", 3, 4, "compare it"),
        ("$[?length(@.a)]", 3, 14, "compare it"),
        ("$[?length(@.*) > 1]", 10, 13, "several values"),
        ("$[?count(1) > 1]", 9, 10, "a query"),
        ("$[?match(@.a)]", 3, 13, "takes two values, and 1 stand there"),
        ("$[?size(@.a) > 1]", 3, 7, "unknown"),
        ("$[?match(@.a, 'x') == true]", 3, 18, "have no value"),
        ("$[?yes]", 3, 6, "without quotes"),
    ] {
        let error = parse(path).unwrap_err();
        assert_eq!((error.from, error.to), (from, to), "{path}: {error}");
        assert!(error.message.contains(words), "{path}: {error}");
    }
}

#[test]
fn t4_a_path_nested_without_end_is_refused() {
    assert!(parse(&format!("${}", "[?@".repeat(100))).unwrap_err().message.contains("nested"));
    assert!(parse(&format!("$[?{}", "!(".repeat(5000))).unwrap_err().message.contains("nested"));
    assert!(parse(&format!("$[?{}", "length(".repeat(2000))).unwrap_err().message.contains("nested"));
    assert!(parse(&format!("${}", ".a".repeat(10_000))).unwrap_err().message.contains("longer"));
}

#[test]
fn t4_a_body_nested_100_000_deep_is_searched_and_its_values_are_named() {
    let depth = 100_000;
    let body = format!("{}{}\"x\"{}", "[".repeat(depth), r#"{"a":"#, "}".to_owned() + &"]".repeat(depth));
    let json = json(&body);
    let found = parse("$..a").unwrap().nodes(&json, 10);
    assert_eq!(found.nodes.len(), 1);
    assert_eq!(steps_to(&json, found.nodes[0]).len(), depth + 1);
    assert!(parse("$[?@ == $]").unwrap().nodes(&json, 10).all, "deep values are compared without recursion");
    assert_eq!(parse("$[?@ == @]").unwrap().nodes(&json, 10).nodes.len(), 1);
}

#[test]
fn t4_a_path_that_multiplies_ends_with_a_word() {
    let body = format!("[{}]", vec!["[1,2,3]"; 2000].join(","));
    let json = json(&body);
    let found = parse("$..*").unwrap().nodes(&json, 10);
    assert_eq!((found.nodes.len(), found.all, found.too_much), (10, false, false));
    for path in ["$[?count($..*) < 0]", "$[?@[?$[?$[?@ == 5]]]]"] {
        let found = parse(path).unwrap().nodes_within(&json, 10, body.len() * 64);
        assert!(found.too_much && !found.all, "{path}");
    }
}
