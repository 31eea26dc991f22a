use bytes::Bytes;
use rstest::rstest;
use secrecy::ExposeSecret as _;

use super::*;
use crate::response::jwt::tests::sample;

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
#[case("/x/y", LocateFailure::NotThere { pointer: "/x/y".into(), deepest: "the top".into() })]
#[case("/data/list/00", LocateFailure::NotThere { pointer: "/data/list/00".into(), deepest: "/data/list".into() })]
#[case("data", LocateFailure::BadPointer("it must be empty or begin with /"))]
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
fn t4_a_jsonpath_is_refused_on_a_large_body_and_a_pointer_is_not() {
    let body = format!(r#"{{"pad":"{}","t":"x"}}"#, "p".repeat(LARGEST_FOR_JSONPATH));
    assert_eq!(found(&body, &[], &TokenLocation::json("$.t")), Err(LocateFailure::TooLargeForPath));
    assert_eq!(found(&body, &[], &TokenLocation::json("/t")).unwrap(), "x");
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
    assert_eq!(found("one", &[], &line(2)), Err(LocateFailure::NoSuchLine(2)));
    assert_eq!(found("one", &[], &line(0)), Err(LocateFailure::NoSuchLine(0)));
    let capture = then(at(LocationIn::Text, ""), LocationStep::Capture { pattern: "(.)".into() });
    assert_eq!(found("one", &[], &capture).unwrap_err().to_string(), "This kind of location can't be read yet.");
}

#[test]
fn t8_what_was_located_does_not_print_its_value() {
    let located = locate(&document(r#"{"t":"hunter2"}"#), &[], &TokenLocation::json("/t")).unwrap();
    assert!(!format!("{located:?}").contains("hunter2"));
}
