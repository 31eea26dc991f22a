use super::*;
use crate::token::{Encoding, TokenLocation};

fn draft(kind: TokenDraftKind) -> TokenDraft {
    TokenDraft {
        id: None,
        name: "Orders login".into(),
        description: String::new(),
        request_header_key: "Authorization".into(),
        token_prefix: "Bearer ".into(),
        domain: None,
        kind,
    }
}

fn request(url: &str) -> RequestDraft {
    RequestDraft { method: "post".into(), url: url.into(), headers: vec![], parameters: vec![], encoding: Encoding::Json }
}

fn field(name: &str, value: Option<&str>) -> FieldDraft {
    FieldDraft { name: name.into(), value: value.map(str::to_owned), secret: true, stored: None }
}

fn fault(draft: &TokenDraft) -> Fault {
    check_token(draft, TokenId("t".into()), None).unwrap_err()
}

#[test]
fn t1_a_prefix_is_kept_without_its_spaces() {
    let checked = check_token(&draft(TokenDraftKind::Text { value: Some("v".into()) }), TokenId("t".into()), None).unwrap();
    assert_eq!(checked.token.token_prefix, "Bearer");
}

#[test]
fn t3_templates_are_refused_wherever_they_stand_in_an_authentication_request() {
    for (request, expected) in [
        (request("https://a.example/{{user}}"), "url"),
        (RequestDraft { headers: vec![field("X-{{a}}", Some("v"))], ..request("https://a.example") }, "headers[0].name"),
        (RequestDraft { headers: vec![field("X", Some("{{a}}"))], ..request("https://a.example") }, "headers[0].value"),
        (RequestDraft { parameters: vec![field("u", Some("{{ a }}"))], ..request("https://a.example") }, "parameters[0].value"),
    ] {
        let found = check_request(&request, None).unwrap_err();
        assert_eq!(found.field, expected);
        assert!(found.message.contains("same for every customer"), "the refusal must give its reason");
    }
}

#[test]
fn t3_a_token_without_a_location_names_the_missing_part() {
    let found = fault(&draft(TokenDraftKind::HttpRequest {
        request: request("https://a.example"),
        location: None,
        refresh_before_seconds: None,
    }));
    assert_eq!(found.field, "location");
}

#[test]
fn t5_a_user_token_has_a_name_that_can_be_a_key_in_code() {
    let named = |name: &str| TokenDraft { name: name.into(), ..draft(TokenDraftKind::User) };
    for name in ["security_token", "Orders session", " padded ", "Größe", "a=b", "0", "it's \"quoted\""] {
        let checked = check_token(&named(name), TokenId("t".into()), None).unwrap();
        assert_eq!((checked.token.name.as_str(), checked.value.is_none()), (name.trim(), true));
    }
    for name in ["__proto__", "no\u{a0}break", "zero\u{200b}width", "turned\u{202e}round", "soft\u{ad}hyphen", "a\tb"] {
        let found = fault(&named(name));
        assert_eq!(found.field, "name", "{name:?}");
    }
    let text = TokenDraft { name: "__proto__".into(), ..draft(TokenDraftKind::Text { value: Some("v".into()) }) };
    check_token(&text, TokenId("t".into()), None).expect("only the name of a user token is a key");
}

#[test]
fn e4_a_margin_is_between_a_second_and_30_days() {
    let with = |refresh_before_seconds| {
        draft(TokenDraftKind::HttpRequest {
            request: request("https://a.example"),
            location: Some(TokenLocation::json("/t")),
            refresh_before_seconds,
        })
    };
    for seconds in [Some(0), Some(LONGEST_MARGIN_SECONDS + 1), Some(u32::MAX)] {
        assert_eq!(fault(&with(seconds)).field, "refresh_before_seconds");
    }
    for seconds in [None, Some(1), Some(LONGEST_MARGIN_SECONDS)] {
        assert!(check_token(&with(seconds), TokenId("t".into()), None).is_ok());
    }
}

#[test]
fn line_breaks_and_nul_are_refused_with_the_field_named() {
    for (header, value) in [("X\r\nY", "v"), ("X", "a\r\nB: c"), ("X", "a\0")] {
        let request = RequestDraft { headers: vec![field(header, Some(value))], ..request("https://a.example") };
        assert!(check_request(&request, None).unwrap_err().field.starts_with("headers[0]."));
    }
    let mut token = draft(TokenDraftKind::Text { value: Some("a\nb".into()) });
    assert_eq!(fault(&token).field, "value");
    token.kind = TokenDraftKind::Text { value: Some("ab".into()) };
    token.token_prefix = "Bear\ner".into();
    assert_eq!(fault(&token).field, "token_prefix");
    token.token_prefix = String::new();
    token.request_header_key = "X Key".into();
    assert_eq!(fault(&token).field, "request_header_key");
}

#[test]
fn t6_a_domain_is_a_host_alone() {
    let mut token = draft(TokenDraftKind::Text { value: Some("v".into()) });
    for bad in ["https://a.example", "a.example/path", "a b", ".example.com"] {
        token.domain = Some(bad.into());
        assert_eq!(fault(&token).field, "domain", "{bad}");
    }
    token.domain = Some("API.Example.com".into());
    let checked = check_token(&token, TokenId("t".into()), None).unwrap();
    assert_eq!(checked.token.domain.as_deref(), Some("api.example.com"));
}

#[test]
fn t8_a_left_out_secret_is_filled_from_the_stored_token() {
    let with_secret = RequestDraft { parameters: vec![field("password", Some("hunter2"))], ..request("https://a.example") };
    let kind = TokenDraftKind::HttpRequest {
        request: with_secret,
        location: Some(TokenLocation::json("/t")),
        refresh_before_seconds: None,
    };
    let stored = check_token(&draft(kind), TokenId("t".into()), None).unwrap().token;
    let edited = RequestDraft {
        parameters: vec![FieldDraft { stored: Some(0), ..field("password", None) }],
        ..request("https://a.example/v2")
    };
    let request = check_request(&edited, Some(&stored)).unwrap();
    assert_eq!(request.parameters[0].value.expose_secret(), "hunter2");
    assert_eq!(check_request(&edited, None).unwrap_err().field, "parameters[0].value", "nothing is stored for a new token");
}

#[test]
fn a_url_with_a_password_in_it_is_refused() {
    assert_eq!(check_request(&request("https://u:p@a.example"), None).unwrap_err().field, "url");
    assert_eq!(check_request(&request("file:///etc/passwd"), None).unwrap_err().field, "url");
    assert_eq!(check_request(&request("not a url"), None).unwrap_err().field, "url");
}
