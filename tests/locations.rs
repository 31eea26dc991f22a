//! A token in any part of a response, over real HTTP: tested, saved, kept, told and refreshed at the same location (T4).

mod support;

use latchkey::token::{
    AuthenticationRequest, Encoding, LocationIn, LocationStep, Token, TokenId, TokenKind, TokenLocation, from_stored, to_stored,
};
use latchkey::workspace::ProblemCode;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use support::drafts::{connector, login_token};
use support::{Answer, Bench};

/// A JWT of these claims whose signature means nothing.
fn jwt(claims: &serde_json::Value) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims))
}

fn place(part: LocationIn, at: &str, then: Vec<LocationStep>) -> TokenLocation {
    TokenLocation { part, at: at.to_owned(), then }
}

fn to_json(at: &str) -> LocationStep {
    LocationStep::Json { at: at.to_owned() }
}

fn claim(claim: &str) -> LocationStep {
    LocationStep::JwtClaim { claim: claim.to_owned() }
}

fn capture(pattern: &str) -> LocationStep {
    LocationStep::Capture { pattern: pattern.to_owned() }
}

/// A login's answer that carries the value at the location.
fn answer(location: &TokenLocation, value: &str) -> Answer {
    match (location.part, location.then.as_slice()) {
        (LocationIn::Json, []) => Answer::json(200, &json!({"data": {"tokens": ["no", value]}})),
        (LocationIn::Json, [LocationStep::Json { .. }, ..]) => {
            let claims = json!({"ctx": {"session": {"key": value}}});
            Answer::json(200, &json!({"inner": json!({"jwt": jwt(&claims)}).to_string()}))
        }
        (LocationIn::Json, _) => Answer::json(200, &json!({"id_token": format!("Bearer {}", jwt(&json!({"sid": value})))})),
        (LocationIn::Xml, _) => {
            let body = format!(
                "<s:Envelope xmlns:s=\"urn:s\"><s:Body><login><t kind=\"a\">no</t><t id=\"{value}\">{value}</t></login></s:Body></s:Envelope>"
            );
            Answer::text(200, "text/xml", body)
        }
        (LocationIn::Form, _) => {
            let fields = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("scope", "all"), ("oauth_token", value)])
                .finish();
            Answer::text(200, "application/x-www-form-urlencoded", fields)
        }
        (LocationIn::Header, _) => Answer::status(204).with("X-Session", &format!("Session id={value}; secure")),
        (LocationIn::Cookie, _) => {
            let first = Answer::status(200).with("Set-Cookie", "sid=old; Path=/");
            first.with("Set-Cookie", &format!("sid={value}; Path=/; HttpOnly"))
        }
        (LocationIn::Text, [LocationStep::Line { .. }, LocationStep::Json { .. }]) => {
            Answer::text(200, "application/x-ndjson", format!("{{\"n\":1}}\n{}\n", json!({"token": value})))
        }
        (LocationIn::Text, _) => Answer::text(200, "text/plain", format!("Welcome\r\ntoken = {value}\r\nbye\r\n")),
    }
}

#[rstest]
#[case::json(place(LocationIn::Json, "/data/tokens/1", vec![]))]
#[case::nested(place(LocationIn::Json, "/inner", vec![to_json("/jwt"), claim("ctx"), to_json("/session/key")]))]
#[case::claim(place(LocationIn::Json, "/id_token", vec![claim("sid")]))]
#[case::element(place(LocationIn::Xml, "/s:Envelope/s:Body/login/t[2]/text()", vec![]))]
#[case::attribute(place(LocationIn::Xml, "/s:Envelope/s:Body/login/t[2]/@id", vec![]))]
#[case::form(place(LocationIn::Form, "oauth_token", vec![]))]
#[case::header(place(LocationIn::Header, "x-session", vec![capture("id=([^;]+)")]))]
#[case::cookie(place(LocationIn::Cookie, "sid", vec![]))]
#[case::line(place(LocationIn::Text, "", vec![LocationStep::Line { number: 2 }, capture("= (.*)$")]))]
#[case::captured(place(LocationIn::Text, "", vec![capture("^token = (.+)$")]))]
#[case::ndjson(place(LocationIn::Text, "", vec![LocationStep::Line { number: 2 }, to_json("/token")]))]
#[tokio::test]
async fn t4_a_token_anywhere_in_a_response_is_saved_and_refreshed_there(#[case] location: TokenLocation) {
    let bench = Bench::new().await;
    let answered = location.clone();
    bench.login_answers(move |_, issuer| answer(&answered, &issuer.issue()));
    let token = bench.tested_token(login_token("T", bench.login_request(), location.clone())).await;
    assert_eq!(token.location.as_ref(), Some(&location), "it is kept and told as it was chosen");
    let connector = bench.connector(connector("C", &bench.server.at("/orders"), &[&token.summary.id])).await;
    assert!(bench.run(&connector).await.success, "the value that the test found is sent");
    bench.issuer.expire();
    let run = bench.run(&connector).await;
    assert!(run.success, "{:?}", run.steps);
    assert_eq!(bench.logins(), 2);
    assert_eq!(bench.value(&token.summary.id).await, bench.issuer.issued()[1]);
    let told: TokenLocation =
        serde_json::from_value(json!(bench.workspace.tokens().get(&token.summary.id).await.unwrap().location)).unwrap();
    assert_eq!(told, location);
}

#[tokio::test]
async fn t4_a_typed_jsonpath_is_kept_as_the_pointer_that_it_led_to() {
    let bench = Bench::new().await;
    let token = bench.tested_token(login_token("T", bench.login_request(), TokenLocation::json("$..access_token"))).await;
    assert_eq!(token.location, Some(TokenLocation::json("/data/access_token")));
}

#[rstest]
#[case(TokenLocation::json("/a~2"), "location.at", "at character 3")]
#[case(TokenLocation::json("$.data["), "location.at", "at character 8")]
#[case(TokenLocation::json("$..*"), "location", "yields 4 values")]
#[case(TokenLocation::json("$.none"), "location", "yields no value")]
#[case(place(LocationIn::Xml, "a", vec![]), "location.at", "starts with /")]
#[case(place(LocationIn::Text, "", vec![capture("(")]), "location.then[0]", "at character 1")]
#[case(place(LocationIn::Text, "", vec![LocationStep::Line { number: 0 }]), "location.then[0]", "counted from 1")]
#[tokio::test]
async fn t4_a_location_that_is_badly_written_is_refused_when_saving(
    #[case] location: TokenLocation,
    #[case] field: &str,
    #[case] words: &str,
) {
    let bench = Bench::new().await;
    bench.login_answers(|_, issuer| Answer::json(200, &json!({"data": {"t": issuer.issue()}, "list": ["x"]})));
    let draft = login_token("T", bench.login_request(), location);
    let report = bench.test(&draft).await;
    let problem = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap_err();
    assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some(field)), "{}", problem.message);
    assert!(problem.message.contains(words), "{}", problem.message);
    assert!(!problem.next_step.is_empty());
}

#[tokio::test]
async fn t4_a_kept_response_previews_and_completes_what_is_typed() {
    let bench = Bench::new().await;
    bench.login_answers(|_, issuer| {
        Answer::json(200, &json!({"data": {"access_token": issuer.issue()}})).with("X-Session", "abc")
    });
    let report = bench.test(&bench.login_draft("T")).await;
    let responses = bench.workspace.responses();
    let shown = responses.preview(&report.response_id, TokenLocation::json("$..access_token")).await.unwrap();
    assert_eq!(shown.normalised, Some(TokenLocation::json("/data/access_token")));
    assert!(shown.values[0].masked && !json!(shown).to_string().contains(&bench.issuer.issued()[0]));
    let given = responses.complete(&report.response_id, LocationIn::Json, "/data/a".to_owned(), 7).await.unwrap();
    assert_eq!(given[0].text, "/data/access_token");
    let given = responses.complete(&report.headers_id, LocationIn::Header, "x-s".to_owned(), 3).await.unwrap();
    assert_eq!(given[0].text.to_lowercase(), "x-session");
    let gone = responses.preview("no such response", TokenLocation::json("")).await.unwrap_err();
    assert_eq!(gone.code, ProblemCode::ResponseGone);
}

fn steps() -> impl Strategy<Value = LocationStep> {
    prop_oneof![
        "\\PC{0,12}".prop_map(|at| to_json(&at)),
        "\\PC{1,12}".prop_map(|name| claim(&name)),
        any::<u32>().prop_map(|number| LocationStep::Line { number }),
        "\\PC{1,12}".prop_map(|pattern| capture(&pattern)),
    ]
}

fn places() -> impl Strategy<Value = TokenLocation> {
    let part = prop_oneof![
        Just(LocationIn::Json),
        Just(LocationIn::Xml),
        Just(LocationIn::Form),
        Just(LocationIn::Header),
        Just(LocationIn::Cookie),
        Just(LocationIn::Text)
    ];
    (part, "\\PC{0,20}|(/[a-z~\"\\\\ü😀\n]{0,6}){0,4}", prop::collection::vec(steps(), 0..4))
        .prop_map(|(part, at, then)| TokenLocation { part, at, then })
}

fn token(location: &TokenLocation) -> Token {
    let request = AuthenticationRequest {
        method: "POST".to_owned(),
        url: "https://a.example/login".to_owned(),
        headers: Vec::new(),
        parameters: Vec::new(),
        encoding: Encoding::Json,
    };
    Token {
        id: TokenId("t".to_owned()),
        name: "T".to_owned(),
        description: String::new(),
        request_header_key: "Authorization".to_owned(),
        token_prefix: String::new(),
        domain: None,
        kind: TokenKind::HttpRequest { request, location: location.clone(), refresh_before_seconds: None },
    }
}

proptest! {
    /// The page's JSON and the file's are the same text; the database keeps it in the token's row.
    #[test]
    fn t4_a_location_of_every_kind_goes_round_unchanged(location in places()) {
        let written = serde_json::to_string(&location).unwrap();
        prop_assert_eq!(&serde_json::from_str::<TokenLocation>(&written).unwrap(), &location);
        let value: serde_json::Value = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&serde_json::from_value::<TokenLocation>(value).unwrap(), &location);
        let kept = from_stored(TokenId("t".to_owned()), "T".to_owned(), &to_stored(&token(&location))).unwrap();
        match kept.kind {
            TokenKind::HttpRequest { location: kept, .. } => prop_assert_eq!(kept, location),
            TokenKind::Text | TokenKind::User => prop_assert!(false, "it is a request token"),
        }
    }
}
