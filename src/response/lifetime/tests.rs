use bytes::Bytes;
use proptest::prelude::*;
use rstest::rstest;

use super::super::jwt::tests::sample;
use super::*;
use crate::token::LocationStep;

/// 2026-01-31T09:00:00Z.
const NOW: i64 = 1_769_850_000;

fn at(pointer: &str) -> TokenLocation {
    TokenLocation::json(pointer)
}

fn seen(
    body: &str,
    content_type: &str,
    headers: &[(&str, &str)],
    location: &TokenLocation,
    value: &str,
) -> Option<(u32, String)> {
    let document = Document::open(Bytes::from(body.to_owned()), Some(content_type));
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let now = Timestamp::from_second(NOW).unwrap();
    lifetime(&document, &headers, location, value, now).map(|lifetime| (lifetime.seconds, lifetime.from))
}

fn json(body: &str, pointer: &str) -> Option<(u32, String)> {
    seen(body, "application/json", &[], &at(pointer), "v")
}

#[rstest]
#[case(r#"{"t":"v","expires_in":900}"#, Some(900))]
#[case(r#"{"t":"v","expiresIn":"3600"}"#, Some(3600))]
#[case(r#"{"t":"v","EXPIRES-IN":59.9}"#, Some(59))]
#[case(r#"{"t":"v","expires_at":"2026-01-31T09:15:00Z"}"#, Some(900))]
#[case(r#"{"t":"v","expires_at":"2026-01-31T10:15:00+01:00"}"#, Some(900))]
#[case(r#"{"t":"v","expiry":"Sat, 31 Jan 2026 09:15:00 GMT"}"#, Some(900))]
#[case(r#"{"t":"v","expires":1769850900}"#, Some(900))]
#[case(r#"{"t":"v","expires":"1769850900"}"#, Some(900))]
#[case(r#"{"t":"v","expiration":1769850900000}"#, Some(900))]
#[case(r#"{"t":"v","expires":900}"#, Some(900))]
#[case(r#"{"t":"v","expires_at":900}"#, None)]
#[case(r#"{"t":"v","access_token_expires_in":900}"#, Some(900))]
#[case(r#"{"t":"v","refresh_token_expires_in":900}"#, None)]
#[case(r#"{"t":"v","expires_in":0}"#, None)]
#[case(r#"{"t":"v","expires_in":-5}"#, None)]
#[case(r#"{"t":"v","expires_in":315360001}"#, None)]
#[case(r#"{"t":"v","expires_in":315360000}"#, Some(315_360_000))]
#[case(r#"{"t":"v","expires_in":99999999999999999999}"#, None)]
#[case(r#"{"t":"v","expires_in":true}"#, None)]
#[case(r#"{"t":"v","expires_in":"soon"}"#, None)]
#[case(r#"{"t":"v","expires_at":"2020-01-31T09:15:00Z"}"#, None)]
#[case(r#"{"t":"v","expires_at":"2026-01-31T09:15:00"}"#, None)]
#[case(r#"{"t":"v","expires_in":null,"expires_at":1769850900}"#, Some(900))]
fn e3_a_life_is_read_in_each_way_that_it_is_written(#[case] body: &str, #[case] expected: Option<u32>) {
    assert_eq!(json(body, "/t").map(|(seconds, _)| seconds), expected, "{body}");
}

#[test]
fn e3_the_nearest_place_counts_and_is_named() {
    let beside = r#"{"expires_in":1,"data":{"expires_in":2,"session":{"t":"v","expires_in":3}}}"#;
    assert_eq!(json(beside, "/data/session/t"), Some((3, "expires_in beside the value".into())));
    let around = r#"{"expires_in":1,"data":{"expires_in":2,"session":{"t":"v"}}}"#;
    assert_eq!(json(around, "/data/session/t"), Some((2, "expires_in around the value".into())));
    let top = r#"{"expires_in":1,"data":[{"t":"v"}]}"#;
    assert_eq!(json(top, "/data/0/t"), Some((1, "expires_in at the top of the response".into())));
    assert_eq!(json(r#"{"t":"v","other":{"expires_in":9}}"#, "/t"), None, "another object's life is not this value's");
}

#[test]
fn e3_a_jwt_says_its_own_end_after_what_stands_beside_it_and_before_what_stands_further_out() {
    let value = sample(&format!(r#"{{"exp":{}}}"#, NOW + 600));
    let of = |body: &str, pointer: &str| seen(body, "application/json", &[], &at(pointer), &value);
    assert_eq!(of(&format!(r#"{{"t":"{value}"}}"#), "/t"), Some((600, "the JWT's exp".into())));
    assert_eq!(of(&format!(r#"{{"t":"{value}","expires_in":300}}"#), "/t"), Some((300, "expires_in beside the value".into())));
    assert_eq!(of(&format!(r#"{{"expires_in":300,"d":{{"t":"{value}"}}}}"#), "/d/t"), Some((600, "the JWT's exp".into())));
}

#[test]
fn e3_clocks_that_differ_do_no_harm() {
    // Our clock is an hour slow: by it alone the value would seem to live an hour longer.
    let value = sample(&format!(r#"{{"iat":{},"exp":{}}}"#, NOW + 3600, NOW + 3600 + 300));
    assert_eq!(seen("{}", "application/json", &[], &at("/t"), &value), Some((300, "the JWT's exp".into())));
    let body = r#"{"t":"v","expires_at":"2026-01-31T10:05:00Z"}"#;
    let date = [("Date", "Sat, 31 Jan 2026 10:00:00 GMT")];
    assert_eq!(seen(body, "application/json", &date, &at("/t"), "v").map(|(seconds, _)| seconds), Some(300));
}

#[test]
fn e3_a_chain_of_then_is_read_from_the_inside() {
    let inner = r#"{\"t\":\"v\",\"expires_in\":20}"#;
    let location = TokenLocation { then: vec![LocationStep::Json { at: "/t".into() }], ..at("/payload") };
    let body = format!(r#"{{"payload":"{inner}","expires_in":900}}"#);
    assert_eq!(seen(&body, "application/json", &[], &location, "v"), Some((20, "expires_in beside the value".into())));
    let body = r#"{"payload":"{\"t\":\"v\"}","expires_in":900}"#;
    assert_eq!(seen(body, "application/json", &[], &location, "v").map(|(seconds, _)| seconds), Some(900));

    let claim = TokenLocation { then: vec![LocationStep::JwtClaim { claim: "sid".into() }], ..at("/jwt") };
    let body = format!(r#"{{"jwt":"{}"}}"#, sample(&format!(r#"{{"sid":"v","exp":{}}}"#, NOW + 60)));
    assert_eq!(seen(&body, "application/json", &[], &claim, "v"), Some((60, "the JWT's exp".into())));

    let line = vec![LocationStep::Line { number: 2 }, LocationStep::Json { at: "/t".into() }];
    let line = TokenLocation { part: LocationIn::Text, at: String::new(), then: line };
    let body = "{\"t\":\"u\",\"expires_in\":1}\n{\"t\":\"v\",\"expires_in\":2}\n";
    assert_eq!(seen(body, "text/plain", &[], &line, "v").map(|(seconds, _)| seconds), Some(2));
}

#[test]
fn e3_form_fields_cookies_and_headers_say_it_too() {
    let part = |part, at: &str| TokenLocation { part, at: at.into(), then: Vec::new() };
    let form = seen("access_token=v&expires_in=28800", "text/plain", &[], &part(LocationIn::Form, "access_token"), "v");
    assert_eq!(form, Some((28800, "expires_in beside the value".into())));

    let cookie = |set: &[(&str, &str)]| seen("", "text/plain", set, &part(LocationIn::Cookie, "sid"), "v");
    let both = "sid=v; Expires=Sat, 31-Jan-2026 09:15:00 GMT; Max-Age=60; Path=/";
    assert_eq!(cookie(&[("Set-Cookie", both)]), Some((60, "the cookie's Max-Age".into())));
    let expires = "sid=v; Path=/; Expires=Sat, 31-Jan-2026 09:15:00 GMT";
    assert_eq!(cookie(&[("Set-Cookie", expires)]), Some((900, "the cookie's Expires".into())));
    assert_eq!(cookie(&[("Set-Cookie", both), ("Set-Cookie", "sid=v")]), None, "the last cookie of a name counts");
    assert_eq!(cookie(&[("Set-Cookie", "other=v; Max-Age=60"), ("Set-Cookie", "sid=v")]), None);

    let header = part(LocationIn::Header, "X-Subject-Token");
    let body = r#"{"token":{"expires_at":"2026-01-31T09:15:00.000000Z","user":{}}}"#;
    assert_eq!(seen(body, "application/json", &[], &header, "v"), Some((900, "expires_at in the body".into())));
    let named = [("Expires", "Sat, 31 Jan 2026 09:01:00 GMT"), ("X-Token-Expires-In", "90")];
    assert_eq!(seen("", "text/plain", &named, &header, "v"), Some((90, "the header Token-Expires-In".into())));
}

#[rstest]
#[case::sibling("<r><Token>v</Token><expiresIn>900</expiresIn></r>", "/r/Token", "expiresIn beside the value")]
#[case::attribute(r#"<r><Token expires="2026-01-31T09:15:00Z">v</Token></r>"#, "/r/Token", "expires beside the value")]
#[case::text(r#"<r><Token expires-in="900">v</Token></r>"#, "/r/Token/text()", "expires-in beside the value")]
#[case::beside_attribute(r#"<r><c token="v" expiresIn="900"/></r>"#, "/r/c/@token", "expiresIn beside the value")]
#[case::around("<e><expires_in>900</expires_in><b><r><t>v</t></r></b></e>", "/e/b/r/t", "expires_in around the value")]
#[case::trust(
    "<w:R xmlns:w='w' xmlns:u='u'><w:T>v</w:T><w:Lifetime><u:Created>2026-01-31T09:00:00Z</u:Created><u:Expires>2026-01-31T09:15:00Z</u:Expires></w:Lifetime></w:R>",
    "/w:R/w:T",
    "u:Expires beside the value"
)]
fn e3_xml_says_it_in_elements_and_attributes(#[case] body: &str, #[case] path: &str, #[case] from: &str) {
    let location = TokenLocation { part: LocationIn::Xml, at: path.into(), then: Vec::new() };
    assert_eq!(seen(body, "text/xml", &[], &location, "v"), Some((900, from.into())));
}

#[test]
fn e3_the_proposed_margin_is_a_minute_at_most_a_fifth_and_at_least_5_s() {
    for (seconds, margin) in [(86_400, 60), (300, 60), (299, 59), (100, 20), (25, 5), (3, 5)] {
        assert_eq!(Lifetime::new(seconds, String::new()).unwrap().suggested_margin_seconds, margin, "of {seconds} s");
    }
}

#[test]
fn e3_hostile_answers_are_read_in_bounds() {
    let deep = format!("{}\"v\"{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    assert_eq!(json(&deep, &"/a".repeat(20_000)), None);
    let many: Vec<String> = (0..100_000).map(|number| format!(r#""k{number}":1"#)).collect();
    assert_eq!(json(&format!(r#"{{{},"t":"v","expires_in":7}}"#, many.join(",")), "/t").map(|(seconds, _)| seconds), Some(7));
}

proptest! {
    #[test]
    fn e3_whatever_is_written_gives_a_life_within_ten_years_or_none(name in "expires(_in|_at)?", value in "[-0-9.eE:TZ ]{0,24}") {
        let body = serde_json::json!({"t": "v", name: value}).to_string();
        if let Some((seconds, _)) = json(&body, "/t") {
            prop_assert!(seconds >= 1 && i64::from(seconds) <= LONGEST);
        }
    }
}
