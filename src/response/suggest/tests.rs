use bytes::Bytes;
use rstest::rstest;

use super::*;
use crate::response::jwt::tests::sample;

const RANDOM: &str = "kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA";

fn suggestions(body: &str, headers: &[(&str, &str)]) -> Vec<Suggestion> {
    let headers: Vec<(String, String)> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let document = Document::open(Bytes::from(body.to_owned()), None);
    let suggestions = suggest(&document, &headers);
    for suggestion in &suggestions {
        assert!(locate(&document, &headers, &suggestion.location).is_ok(), "{suggestion:?} must yield a value");
    }
    suggestions
}

#[test]
fn t4_the_access_token_comes_before_refresh_and_id_token_with_reasons() {
    let token = sample(r#"{"sub":"x"}"#);
    let body = format!(
        r#"{{"data":{{"session":{{"refresh_token":"{token}","id_token":"{token}","access_token":"{token}","expires_in":900}}}},"name":"Bob"}}"#
    );
    let found = suggestions(&body, &[("X-Session-Id", "abcdef123456"), ("Content-Type", "application/json")]);
    let labels: Vec<&str> = found.iter().map(|suggestion| suggestion.label.as_str()).collect();
    assert_eq!(
        labels,
        ["data.session.access_token", "header X-Session-Id", "data.session.id_token", "data.session.refresh_token"]
    );
    assert_eq!(found[0].reason, "JWT, named like an access token, beside expires_in");
    assert!(found[3].reason.contains("refresh token"));
    assert!(!format!("{found:?}").contains("eyJ"), "no suggestion holds a value");
}

#[test]
fn t4_arrays_escapes_xml_forms_cookies_and_bare_text_are_pointed_at() {
    assert_eq!(
        suggestions(r#"{"a":[{},{"x/y":{"token":"abcd1234"}}]}"#, &[])[0].location,
        TokenLocation::json("/a/1/x~1y/token")
    );
    assert_eq!(suggestions("<r><token>abcd1234</token></r>", &[])[0].location.at, "/r/token");
    assert_eq!(suggestions("ok=1&access_token=abcd1234", &[])[0].label, "form field access_token");
    assert_eq!(suggestions("", &[("Set-Cookie", "session=abcd1234; Path=/")])[0].label, "cookie session");
    assert_eq!(suggestions(&format!("{}\n", sample("{}")), &[])[0].label, "the whole response");
}

#[test]
fn t4_json_on_a_line_is_suggested_once() {
    let found =
        suggestions("{\"event\":\"start\"}\n{\"event\":\"login\",\"token\":\"kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA\"}\n", &[]);
    let labels: Vec<&str> = found.iter().map(|suggestion| suggestion.label.as_str()).collect();
    assert_eq!(labels, ["line 2 › token"]);
}

#[test]
fn t4_in_xml_text_and_attributes_are_named_by_their_element() {
    let xml =
        format!(r#"<a xmlns:p="urn:p"><p:Token n="1">{RANDOM}</p:Token><c><p:session key="{RANDOM}" expires="1"/></c></a>"#);
    let found = suggestions(&xml, &[]);
    let paths: Vec<&str> = found.iter().map(|suggestion| suggestion.location.at.as_str()).collect();
    assert_eq!(paths, ["/a/p:Token/text()", "/a/c/p:session/@key"]);
    assert_eq!(
        (found[0].label.as_str(), found[0].reason.as_str()),
        ("a.Token", "named like a token, random-looking text of 32 characters")
    );
    assert_eq!(found[1].reason, "named like a key, random-looking text of 32 characters, beside @expires");
}

#[test]
fn t4_what_opens_deeper_is_looked_into() {
    let inner = format!(r#"{{"b":"{{\"access_token\":\"{RANDOM}\",\"expires_in\":5}}"}}"#);
    let body = format!(r#"{{"a":{}}}"#, serde_json::to_string(&inner).unwrap());
    let found = suggestions(&body, &[]);
    assert_eq!(found[0].label, "a › b › access_token");
    assert_eq!(found[0].location.then.len(), 2);
    let claims = sample(&format!(r#"{{"sub":"me","x":{{"access_token":"{RANDOM}"}},"session_id":"{RANDOM}"}}"#));
    let found = suggestions(&format!(r#"{{"token":"{claims}"}}"#), &[]);
    let labels: Vec<&str> = found.iter().map(|suggestion| suggestion.label.as_str()).collect();
    assert_eq!(labels, ["token", "token › claim x.access_token"], "the token itself is likelier than its claims");
}

#[rstest]
#[case::nothing_likely(r#"{"name":"Bob","count":3,"token":"","token_type":"Bearer","csrf_token":"abcd1234"}"#, &[])]
#[case::words("hello world", &[("Date", "today")])]
#[case::an_address(r#"{"token":"https://issuer.example/token"}"#, &[])]
#[case::a_mask(r#"{"token":"abc***def"}"#, &[])]
#[case::a_sentence(r#"{"token":"is not valid"}"#, &[])]
#[case::a_refresh_token(r#"{"refresh_token":"abcd1234"}"#, &[("X-Request-Id", RANDOM)])]
#[case::a_repeated_key(r#"{"n":1,"a":[true,null],"s":"x"}"#, &[("Set-Cookie", "sid=gone; Max-Age=0")])]
fn t4_nothing_is_suggested_where_nothing_is_likely(#[case] body: &str, #[case] headers: &[(&str, &str)]) {
    assert_eq!(suggestions(body, headers), []);
}

#[test]
fn t4_of_several_headers_the_first_and_of_several_cookies_the_last_is_weighed() {
    let found = suggestions("", &[("X-Auth-Token", "none"), ("X-Auth-Token", "abcd1234")]);
    assert_eq!(found, [], "the first one is no token");
    let found = suggestions("", &[("Set-Cookie", "sid=deleted"), ("Set-Cookie", "sid=abcd1234; HttpOnly")]);
    assert_eq!(found[0].label, "cookie sid");
}

#[test]
fn t4_suggesting_is_bounded() {
    let many: Vec<String> = (0..10_000).map(|number| format!(r#"{{"token":"abcd{number}"}}"#)).collect();
    assert_eq!(suggestions(&format!("[{}]", many.join(",")), &[]).len(), MOST);
    let deep = format!(r#"{}{{"token":"abcd"}}{}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(suggestions(&deep, &[]).is_empty());
    let after_deep = format!(r#"{{"a":{}{},"token":"abcd"}}"#, "[".repeat(1000), "]".repeat(1000));
    assert_eq!(suggestions(&after_deep, &[])[0].location, TokenLocation::json("/token"));
    let listed = |count: u32, element: &str| {
        let elements: Vec<&str> = (0..count).map(|_| element).collect();
        suggestions(&format!(r#"{{"list":[{},{{"token":"abcd"}}],"session":"abcdef12"}}"#, elements.join(",")), &[])
    };
    for element in ["1", r#"{"a":[]}"#] {
        assert_eq!(listed(MOST_ELEMENTS - 1, element).len(), 2, "the last element that is looked at");
        let found = listed(MOST_ELEMENTS, element);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].location, TokenLocation::json("/session"), "what follows a long list is looked at");
    }
    let deep = format!("{}<token>abcd</token>{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(suggestions(&deep, &[]).is_empty());
    let after_deep = format!("<r>{}{}<token>abcd</token></r>", "<a>".repeat(1000), "</a>".repeat(1000));
    assert_eq!(suggestions(&after_deep, &[])[0].location.at, "/r/token");
    let mut nested = r#"{"token":"abcd1234"}"#.to_owned();
    for _ in 0..6 {
        nested = format!(r#"{{"n":{}}}"#, serde_json::to_string(&nested).unwrap());
    }
    assert!(suggestions(&nested, &[]).is_empty(), "texts in texts are opened three times");
}
