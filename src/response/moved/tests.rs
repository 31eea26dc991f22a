use bytes::Bytes;
use proptest::prelude::*;
use rstest::rstest;
use secrecy::ExposeSecret;

use super::*;
use crate::redact::Redactor;
use crate::response::answer_shape;

const OLD: &str = "kX9vQ2mZ7pL4tR8wY1nB6cD3fG5hJ0sA";
const NEW: &str = "zY8wX7vU6tS5rQ4pO3nM2lK1jI0hG9fE";

fn open(body: &str) -> Document {
    Document::open(Bytes::from(body.to_owned()), None)
}

fn set(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The proposals as `place: reason`, after an answer whose token stood at `old`.
fn after(before: &str, old: &TokenLocation, body: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let shape = answer_shape(&open(before), &[], &Redactor::default());
    let (document, headers) = (open(body), set(headers));
    let proposals = moved_to(&document, &headers, old, Some(&shape));
    for proposal in &proposals {
        let value = locate(&document, &headers, &proposal.location).unwrap().value;
        assert!(!value.expose_secret().is_empty());
    }
    proposals.into_iter().map(|proposal| format!("{}: {}", proposal.label, proposal.reason)).collect()
}

#[rstest]
#[case::under(r#"{"data":{"session":{"access_token":"NEW"}}}"#, &[], "data.session.access_token: same name, now under data.session")]
#[case::renamed(r#"{"data":{"accessToken":"NEW"}}"#, &[], "data.accessToken: named accessToken, now under data")]
#[case::case(r#"{"ACCESS-TOKEN":"NEW"}"#, &[], "ACCESS-TOKEN: named ACCESS-TOKEN, now at the top")]
#[case::header("{}", &[("X-Access-Token", "NEW")], "header X-Access-Token: named X-Access-Token, now a header")]
#[case::cookie("{}", &[("Set-Cookie", "access_token=NEW; Path=/")], "cookie access_token: same name, now a cookie")]
#[case::list(r#"{"access_token":["NEW","other"]}"#, &[], "access_token.0: now the first of the list access_token")]
#[case::object(r#"{"access_token":{"type":"Bearer","value":"NEW"}}"#, &[], "access_token.value: now inside access_token")]
#[case::string(r#"{"result":"{\"access_token\":\"NEW\"}"}"#, &[], "result, then access_token: same name, now inside the JSON text at result")]
#[case::only(r#"{"credential":"NEW","user":"x"}"#, &[], "credential: the only likely token in the response: random-looking text of 32 characters")]
#[case::form("access_token=NEW&token_type=bearer", &[], "form field access_token: same name, now a form field")]
fn e7_where_a_value_went_is_proposed_with_the_reason(
    #[case] body: &str,
    #[case] headers: &[(&str, &str)],
    #[case] expected: &str,
) {
    let before = format!(r#"{{"access_token":"{OLD}","expires_in":900}}"#);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.replace("NEW", NEW))).collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let found = after(&before, &TokenLocation::json("/access_token"), &body.replace("NEW", NEW), &headers);
    assert_eq!(found.first().map(String::as_str), Some(expected), "{found:?}");
}

#[test]
fn e7_of_several_with_the_name_the_one_of_the_same_kind_and_length_comes_first() {
    let before = format!(r#"{{"token":"{OLD}"}}"#);
    let body = format!(r#"{{"a":{{"token":17}},"b":{{"token":"short"}},"c":{{"token":"{NEW}"}},"d":{{"TOKEN":"{NEW}"}}}}"#);
    let found = after(&before, &TokenLocation::json("/token"), &body, &[]);
    assert_eq!(found.len(), MOST);
    assert!(found[0].starts_with("c.token") && found[1].starts_with("b.token"), "{found:?}");
}

#[test]
fn e7_a_chain_of_then_is_found_where_its_outer_text_went() {
    let old = TokenLocation { then: vec![LocationStep::Json { at: "/t".into() }], ..TokenLocation::json("/payload") };
    let found =
        after(r#"{"payload":"{\"t\":\"v\"}"}"#, &old, &format!(r#"{{"data":{{"payload":"{{\"t\":\"{NEW}\"}}"}}}}"#), &[]);
    assert_eq!(found[0], "data.payload: same name, now under data");
    let found =
        after(r#"{"payload":"{\"t\":\"v\"}"}"#, &old, &format!(r#"{{"payload":"{{\"s\":{{\"t\":\"{NEW}\"}}}}"}}"#), &[]);
    assert_eq!(found[0], "payload, then s.t: same name, now inside the JSON text at payload");
}

#[rstest]
#[case::under("<r><data><Token>NEW</Token></data></r>", "r/data/Token: same name, now under r/data")]
#[case::alike("<r><ns:token xmlns:ns='u'>NEW</ns:token></r>", "r/ns:token: named ns:token, now under r")]
#[case::attribute(r#"<r><s token="NEW"/></r>"#, "r/s/@token: named @token, now under r/s")]
#[case::second("<r><s><Token>NEW</Token></s><s><x/></s></r>", "r/s[1]/Token: same name, now under r/s")]
#[case::json(r#"{"Token":"NEW"}"#, "Token: same name, now in the body, at the top")]
fn e7_an_xml_value_is_proposed_by_its_path(#[case] body: &str, #[case] expected: &str) {
    let old = TokenLocation { part: LocationIn::Xml, at: "/r/Token".into(), then: Vec::new() };
    let found = after(&format!("<r><Token>{OLD}</Token></r>"), &old, &body.replace("NEW", NEW), &[]);
    assert_eq!(found.first().map(String::as_str), Some(expected), "{found:?}");
}

#[test]
fn e7_a_value_that_went_to_another_line_is_found() {
    let then = vec![LocationStep::Line { number: 1 }, LocationStep::Json { at: "/token".into() }];
    let old = TokenLocation { part: LocationIn::Text, at: String::new(), then };
    let body = format!("{{\"event\":\"begin\"}}\n{{\"session\":{{\"token\":\"{NEW}\"}}}}\n");
    let found = after("", &old, &body, &[]);
    assert_eq!(
        found.first().map(String::as_str),
        Some("line 2, then session.token: same name, now inside the JSON text at line 2")
    );
}

#[test]
fn e7_a_header_that_went_into_the_body_is_found() {
    let old = TokenLocation::header("X-Session-Token");
    let found = after("{}", &old, &format!(r#"{{"data":{{"session_token":"{NEW}"}}}}"#), &[]);
    assert_eq!(found[0], "data.session_token: named session_token, now in the body, under data");
}

#[test]
fn e7_nothing_is_proposed_where_nothing_is_likely() {
    let old = TokenLocation::json("/access_token");
    let before = format!(r#"{{"access_token":"{OLD}"}}"#);
    for body in [
        r#"{"error":"maintenance"}"#,
        "",
        "<html>down</html>",
        r#"{"access_token":null}"#,
        r#"{"data":{"access_token":""}}"#,
        &format!(r#"{{"refresh_token":"{NEW}"}}"#),
        &format!(r#"{{"jwt":"{NEW}","apikey":"{OLD}"}}"#),
    ] {
        assert!(after(&before, &old, body, &[]).is_empty(), "{body}");
    }
}

#[test]
fn e7_a_place_whose_names_are_secrets_is_not_proposed() {
    let body = format!(r#"{{"ghp_16C7e42F292c6912E7710c838347Ae178B4a":{{"access_token":"{NEW}"}}}}"#);
    assert!(moved_to(&open(&body), &[], &TokenLocation::json("/access_token"), None).is_empty());
}

#[test]
fn e7_hostile_answers_are_looked_through_in_bounds() {
    let many: Vec<String> = (0..100_000).map(|_| r#"{"token":"abcdefgh"}"#.to_owned()).collect();
    let found = moved_to(&open(&format!("[{}]", many.join(","))), &[], &TokenLocation::json("/token"), None);
    assert_eq!(found.len(), MOST);
    let deep = format!("{}\"v\"{}", "{\"token\":".repeat(50_000), "}".repeat(50_000));
    assert!(moved_to(&open(&deep), &[], &TokenLocation::json("/t"), None).is_empty());
}

proptest! {
    #[test]
    fn e7_whatever_is_proposed_yields_a_value_elsewhere(keys in prop::collection::vec("(token|Token|data|x|[~/]|0)", 1..5), value in ".{0,12}") {
        let mut body = serde_json::json!(value);
        for key in keys.iter().rev() {
            body = if key == "0" { serde_json::json!([body]) } else { serde_json::json!({ key: body }) };
        }
        let (document, old) = (open(&body.to_string()), TokenLocation::json("/token"));
        for proposal in moved_to(&document, &[], &old, None) {
            prop_assert!(locate(&document, &[], &proposal.location).is_ok());
            prop_assert_ne!(proposal.location, old.clone());
        }
    }
}
