use bytes::Bytes;
use rstest::rstest;
use secrecy::ExposeSecret as _;

use super::*;
use crate::response::json::Json;
use crate::response::jwt::tests::sample;
use crate::token::{LocationStep, PathError};

const BODY: &str = r#"{"data":{"token":"abc","n":12345678901234567890.10,"none":null,"empty":"","list":["x"],"inner":"{\"t\":\"deep\"}","br":"a\nb","nul":"a\u0000b"}}"#;

fn document(body: &str) -> Document {
    Document::open(Bytes::from(body.to_owned()), None)
}

fn at(part: LocationIn, at: &str) -> TokenLocation {
    TokenLocation { part, at: at.to_owned(), then: Vec::new() }
}

fn found(body: &str, headers: &[(&str, &str)], location: &TokenLocation) -> Result<String, LocateFailure> {
    let headers: Vec<(String, String)> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    // Exposed to be compared.
    locate(&document(body), &headers, location).map(|located| located.value.expose_secret().to_owned())
}

#[test]
fn t4_a_pointer_finds_a_text_or_a_number_to_the_digit() {
    assert_eq!(found(BODY, &[], &TokenLocation::json("/data/token")).unwrap(), "abc");
    assert_eq!(found(BODY, &[], &TokenLocation::json("/data/n")).unwrap(), "12345678901234567890.10");
    assert_eq!(found(BODY, &[], &TokenLocation::json("/data/list/0")).unwrap(), "x");
    assert_eq!(found("\"whole\"", &[], &TokenLocation::json("")).unwrap(), "whole");
}

#[rstest]
#[case("/data", LocateFailure::WrongType { what: "an object" })]
#[case("/data/list", LocateFailure::WrongType { what: "an array" })]
#[case("/data/none", LocateFailure::WrongType { what: "null" })]
#[case("/data/empty", LocateFailure::Empty)]
#[case("/data/br", LocateFailure::NotAHeaderValue)]
#[case("/data/nul", LocateFailure::NotAHeaderValue)]
#[case("/data/token/x", LocateFailure::NotThere { pointer: "/data/token/x".into(), deepest: "/data/token".into() })]
#[case("/x/y", LocateFailure::NotThere { pointer: "/x/y".into(), deepest: String::new() })]
#[case("/data/list/00", LocateFailure::NotThere { pointer: "/data/list/00".into(), deepest: "/data/list".into() })]
#[case("data", LocateFailure::BadPointer(PathError { from: 0, to: 1, message: "it must be empty or begin with /".into() }))]
#[case("$.data[*]", LocateFailure::Several(8))]
#[case("$.nothing", LocateFailure::Several(0))]
fn t4_only_a_non_empty_text_or_a_number_can_be_a_token(#[case] pointer: &str, #[case] failure: LocateFailure) {
    assert_eq!(found(BODY, &[], &TokenLocation::json(pointer)).unwrap_err(), failure);
    assert!(!failure.next_step().is_empty());
}

#[test]
fn t4_a_jsonpath_with_one_value_becomes_its_pointer() {
    let located = locate(&document(BODY), &[], &TokenLocation::json("$..n")).unwrap();
    assert_eq!(located.location, TokenLocation::json("/data/n"));
    assert_eq!(located.value.expose_secret(), "12345678901234567890.10", "the digits are those of the body");
    assert!(matches!(found(BODY, &[], &TokenLocation::json("$.[")), Err(LocateFailure::BadPath(_))));
}

#[test]
fn t4_a_header_is_found_in_any_case_and_several_are_told() {
    let headers = [("X-Auth-Token".to_owned(), " one ".to_owned()), ("x-auth-token".to_owned(), "two".to_owned())];
    let located = locate(&document(""), &headers, &TokenLocation::header("X-AUTH-TOKEN")).unwrap();
    assert_eq!(located.value.expose_secret(), "one");
    assert!(located.note.unwrap().contains("2 values"));
    let missing = locate(&document(""), &headers, &TokenLocation::header("Other")).unwrap_err();
    assert_eq!(missing.to_string(), "The response has no header named “Other”.");
}

#[test]
fn t4_a_cookie_is_found_by_name_and_the_last_counts() {
    let headers = [("Set-Cookie", "sid=first; Path=/"), ("set-cookie", "SID=other"), ("Set-Cookie", "sid=\"a=b\"; HttpOnly")];
    assert_eq!(found("", &headers, &at(LocationIn::Cookie, "sid")).unwrap(), "a=b");
    assert!(found("", &headers, &at(LocationIn::Cookie, "none")).is_err());
}

#[test]
fn t4_form_text_and_xml_bodies_are_read() {
    assert_eq!(found("a=1&token=x%2By+z\n", &[], &at(LocationIn::Form, "token")).unwrap(), "x+y z");
    assert_eq!(found("plain", &[], &at(LocationIn::Text, "")).unwrap(), "plain");
    assert_eq!(found("plain\n", &[], &at(LocationIn::Text, "")), Err(LocateFailure::NotAHeaderValue));
    assert_eq!(found("<r><t id='7'>v</t></r>", &[], &at(LocationIn::Xml, "/r/t/@id")).unwrap(), "7");
    assert_eq!(
        found("<r><t>v</t></r>", &[], &TokenLocation::json("/r/t")).unwrap_err().to_string(),
        "The response is not JSON."
    );
    assert_eq!(found(BODY, &[], &at(LocationIn::Xml, "/data/token")), Err(LocateFailure::NotXml));
}

#[test]
fn t4_what_was_found_is_opened_once_more() {
    let then = |mut location: TokenLocation, step| {
        location.then.push(step);
        location
    };
    let inner = then(TokenLocation::json("/data/inner"), LocationStep::Json { at: "/t".into() });
    assert_eq!(found(BODY, &[], &inner).unwrap(), "deep");
    let claim = then(at(LocationIn::Text, ""), LocationStep::JwtClaim { claim: "sub".into() });
    assert_eq!(found(&sample(r#"{"sub":"me"}"#), &[], &claim).unwrap(), "me");
    assert_eq!(found("no jwt", &[], &claim), Err(LocateFailure::NotAJwt));
    assert!(matches!(found(&sample("{}"), &[], &claim), Err(LocateFailure::NoSuchName { what: "claim", .. })));
    let line = |number| then(at(LocationIn::Text, ""), LocationStep::Line { number });
    assert_eq!(found("one\r\ntwo\n", &[], &line(2)).unwrap(), "two");
    assert_eq!(found("one\ntwo\r", &[], &line(2)).unwrap(), "two", "as the tree shows it");
    assert_eq!(found("one", &[], &line(2)), Err(LocateFailure::NoSuchLine(2)));
    assert_eq!(found("one", &[], &line(0)), Err(LocateFailure::NoSuchLine(0)));
    let capture = |pattern: &str| then(at(LocationIn::Text, ""), LocationStep::Capture { pattern: pattern.into() });
    assert_eq!(found("a=1\r\nt=xyz\r\n", &[], &capture("^t=(.*)$")).unwrap(), "xyz");
    assert_eq!(found("one", &[], &capture("n")).unwrap(), "n");
    assert_eq!(found("one", &[], &capture("x")), Err(LocateFailure::NoMatch));
    assert_eq!(found("one", &[], &capture("o|(x)")), Err(LocateFailure::NoGroup));
    assert!(matches!(found("one", &[], &capture("(")), Err(LocateFailure::BadPattern(_))));
}

/// RFC 6901, section 5.
#[rstest]
#[case("/foo/0", "\"bar\"")]
#[case("/", "0")]
#[case("/a~1b", "1")]
#[case("/c%d", "2")]
#[case("/e^f", "3")]
#[case("/g|h", "4")]
#[case("/i\\j", "5")]
#[case("/k\"l", "6")]
#[case("/ ", "7")]
#[case("/m~0n", "8")]
#[case("/foo", r#"["bar", "baz"]"#)]
fn t4_a_pointer_reads_rfc_6901s_own_table(#[case] pointer: &str, #[case] value: &str) {
    let table =
        r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#;
    let json = Json::parse(table.to_owned()).map_err(|(_, error)| error).unwrap();
    assert_eq!(json.raw(follow(&json, pointer).unwrap().value), value);
    assert_eq!(json.raw(follow(&json, "").unwrap().value), table, "the empty pointer is the whole document");
}

#[test]
fn t4_the_place_after_the_last_element_is_refused_with_the_reason() {
    let failure = found(BODY, &[], &TokenLocation::json("/data/list/-")).unwrap_err();
    assert_eq!(failure, LocateFailure::AfterLast { pointer: "/data/list/-".into() });
    assert_eq!(found(r#"{"-":"x"}"#, &[], &TokenLocation::json("/-")).unwrap(), "x", "it is a name like any other");
}

#[test]
fn t4_a_key_that_stands_twice_on_the_way_is_ambiguous() {
    let body = r#"{"a":{"t":"1"},"a":{"t":"2"},"b":{"t":"3","t":"4","u":"5"}}"#;
    let ambiguous = |key: &str| Err(LocateFailure::Ambiguous { key: key.into(), times: 2 });
    for (at, expected) in
        [("/a/t", ambiguous("a")), ("/b/t", ambiguous("t")), ("$.b.t", ambiguous("t")), ("/b/u", Ok("5".into()))]
    {
        assert_eq!(found(body, &[], &TokenLocation::json(at)), expected, "{at}");
    }
    let mut nested = TokenLocation::json("/inner");
    nested.then.push(LocationStep::Json { at: "/t".into() });
    assert_eq!(found(r#"{"inner":"{\"t\":1,\"t\":2}"}"#, &[], &nested), ambiguous("t"));
    let claim = LocationStep::JwtClaim { claim: "sub".into() };
    let twice = TokenLocation { part: LocationIn::Text, at: String::new(), then: vec![claim] };
    assert_eq!(found(&sample(r#"{"sub":"a","sub":"b"}"#), &[], &twice), ambiguous("sub"));
}

#[test]
fn t4_a_value_that_could_not_be_read_is_no_token() {
    let lost = Document::open(Bytes::from_static(b"{\"t\":\"a\xffb\",\"u\":\"whole\"}"), Some("application/json"));
    let at = |pointer: &str| locate(&lost, &[], &TokenLocation::json(pointer)).map(|_| ());
    assert_eq!(at("/t"), Err(LocateFailure::Unreadable));
    assert_eq!(at("/u"), Ok(()));
    assert_eq!(found(r#"{"t":"\ud800x"}"#, &[], &TokenLocation::json("/t")), Err(LocateFailure::Unreadable));
    let field = TokenLocation { part: LocationIn::Form, at: "t".into(), then: Vec::new() };
    assert_eq!(found("t=%ff", &[], &field), Err(LocateFailure::Unreadable));
}

#[test]
fn t4_json_that_breaks_off_yields_nothing_but_a_capture_from_its_text() {
    let broken = Document::open(Bytes::from_static(br#"{"token":"abc","rest":[1,"#), Some("application/json"));
    let yields =
        |location: &TokenLocation| locate(&broken, &[], location).map(|located| located.value.expose_secret().to_owned());
    assert_eq!(yields(&TokenLocation::json("/token")), Err(LocateFailure::Broken));
    assert_eq!(yields(&TokenLocation::json("$.token")), Err(LocateFailure::Broken));
    let capture = LocationStep::Capture { pattern: r#""token":"([^"]+)""#.into() };
    assert_eq!(yields(&TokenLocation { then: vec![capture], ..at(LocationIn::Text, "") }).unwrap(), "abc");
}

#[test]
fn t4_what_a_step_yields_is_opened_by_the_next() {
    let token = sample(r#"{"ctx":{"session":{"id":"s-1"},"list":[1]},"raw":"k=v;t=xyz"}"#);
    let body = serde_json::json!({"inner": serde_json::json!({"jwt": format!("Bearer {token}")}).to_string()}).to_string();
    let json = |at: &str| LocationStep::Json { at: at.into() };
    let claim = |claim: &str| LocationStep::JwtClaim { claim: claim.into() };
    let chain = |then: Vec<LocationStep>| TokenLocation { then, ..TokenLocation::json("/inner") };
    assert_eq!(found(&body, &[], &chain(vec![json("/jwt"), claim("ctx"), json("/session/id")])).unwrap(), "s-1");
    let capture = LocationStep::Capture { pattern: "t=([a-z]+)".into() };
    assert_eq!(found(&body, &[], &chain(vec![json("/jwt"), claim("raw"), capture])).unwrap(), "xyz");
    let object = found(&body, &[], &chain(vec![json("/jwt"), claim("ctx")]));
    assert_eq!(object, Err(LocateFailure::WrongType { what: "an object" }));
    let no_text = found(&body, &[], &chain(vec![json("/jwt"), claim("ctx"), LocationStep::Line { number: 1 }]));
    assert_eq!(no_text, Err(LocateFailure::WrongType { what: "an object" }));
    assert!(matches!(found(&body, &[], &chain(vec![json("/jwt"), json("")])), Err(LocateFailure::NotJson { .. })));

    let lines = "{\"a\":1}\n{\"token\":\"third\"}\n";
    let at_line = TokenLocation {
        part: LocationIn::Text,
        at: String::new(),
        then: vec![LocationStep::Line { number: 2 }, json("$..token")],
    };
    let located = locate(&document(lines), &[], &at_line).unwrap();
    assert_eq!(located.value.expose_secret(), "third");
    assert_eq!(located.location.then[1], json("/token"), "a JSONPath in a step becomes its pointer");
}

#[test]
fn t4_of_several_form_fields_the_first_counts_and_the_note_says_so() {
    let field = at(LocationIn::Form, "a b");
    let located = locate(&document("x=1&a+b=one%3D1&a%20b=two&&c"), &[], &field).unwrap();
    assert_eq!(located.value.expose_secret(), "one=1");
    assert_eq!(located.note.unwrap(), "The response has 2 values for the form field “a b”; the first one is used.");
    assert_eq!(found("x=1&c", &[], &at(LocationIn::Form, "c")), Err(LocateFailure::Empty));
}

#[test]
fn t4_a_jsonpath_that_yields_none_or_several_says_how_many() {
    for (at, words) in [("$.nothing", "yields no value;"), ("$.data[*]", "yields 8 values;"), ("$.data.br", "line break")] {
        let failure = found(BODY, &[], &TokenLocation::json(at)).unwrap_err();
        assert!(failure.to_string().contains(words), "{failure}");
    }
    let many = format!("[{}0]", "0,".repeat(20_000));
    assert_eq!(found(&many, &[], &TokenLocation::json("$[*]")), Err(LocateFailure::MoreThan(MOST_COUNTED)));
}

#[test]
fn t4_a_jsonpath_is_looked_up_in_a_body_of_any_size_and_depth() {
    let body =
        format!(r#"{{"pad":"{}","deep":{}{},"big":1e999,"t":"x"}}"#, "p".repeat(9 << 20), "[".repeat(5000), "]".repeat(5000));
    assert_eq!(found(&body, &[], &TokenLocation::json("$..t")).unwrap(), "x");
    assert_eq!(found(&body, &[], &TokenLocation::json("$.big")).unwrap(), "1e999");
}

#[test]
fn t8_what_was_located_does_not_print_its_value() {
    let located = locate(&document(r#"{"t":"hunter2"}"#), &[], &TokenLocation::json("/t")).unwrap();
    assert!(!format!("{located:?}").contains("hunter2"));
}
