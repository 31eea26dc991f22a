use bytes::Bytes;

use super::*;
use crate::response::jwt::tests::sample;
use crate::response::locate;

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
    assert_eq!(found[0].reason, "JWT, named like an access token, beside expires_in or token_type");
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
fn t4_nothing_is_suggested_where_nothing_is_likely() {
    assert!(
        suggestions(r#"{"name":"Bob","count":3,"token":"","token_type":"Bearer","csrf_token":"abcd1234"}"#, &[]).is_empty()
    );
    assert!(suggestions("hello world", &[("Date", "today")]).is_empty());
}

#[test]
fn t4_suggesting_is_bounded() {
    let many: Vec<String> = (0..10_000).map(|number| format!(r#"{{"token":"abcd{number}"}}"#)).collect();
    assert_eq!(suggestions(&format!("[{}]", many.join(",")), &[]).len(), MOST);
    let deep = format!(r#"{}{{"token":"abcd"}}{}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(suggestions(&deep, &[]).is_empty());
    let after_deep = format!(r#"{{"a":{}{},"token":"abcd"}}"#, "[".repeat(1000), "]".repeat(1000));
    assert_eq!(suggestions(&after_deep, &[])[0].location, TokenLocation::json("/token"));
}
