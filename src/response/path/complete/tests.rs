use bytes::Bytes;
use rstest::rstest;

use super::*;
use crate::redact::Redactor;

const BODY: &str = r#"{"data":{"access_token":"abc","account":{"id":7},"Access":null,"last access":true,"a/b~c":1,"1st":"x","it's":2},
    "list":["x",{"name":"n"},[]]}"#;

fn texts(part: LocationIn, typed: &str) -> Vec<String> {
    let document = Document::open(Bytes::from_static(BODY.as_bytes()), None);
    let headers = [
        ("X-Auth-Token".to_owned(), "v".to_owned()),
        ("Set-Cookie".to_owned(), "sid=1; Path=/".to_owned()),
        ("set-cookie".to_owned(), "Session=2".to_owned()),
    ];
    // A bar stands for the cursor.
    let (before, after) = typed.split_once('|').unwrap_or((typed, ""));
    let cursor = u32::try_from(before.chars().count()).unwrap();
    let given = complete(&document, &headers, part, &format!("{before}{after}"), cursor, &Masking::default());
    given.into_iter().map(|completion| completion.text).collect()
}

#[rstest]
#[case("", &["/data", "/list"])]
#[case("/", &["/data", "/list"])]
#[case("/data/acc", &["/data/access_token", "/data/account", "/data/Access", "/data/last access"])]
#[case("/data/a~1", &["/data/a~1b~0c"])]
#[case("/data/a~1b~", &["/data/a~1b~0c"])]
#[case("/da|/acc", &["/data/acc"])]
#[case("/list/", &["/list/0", "/list/1", "/list/2"])]
#[case("/list/1/n", &["/list/1/name"])]
#[case("/nothing/", &[])]
#[case("/data/access_token/", &[])]
fn t4_a_pointer_is_completed_from_the_response(#[case] typed: &str, #[case] expected: &[&str]) {
    assert_eq!(texts(LocationIn::Json, typed), expected);
}

#[rstest]
#[case("$", &["$.data", "$.list"])]
#[case("$.", &["$.data", "$.list"])]
#[case("$.data.acco", &["$.data.account"])]
#[case("$.data.1", &["$.data['1st']"])]
#[case("$.data['it", &[r"$.data['it\'s']"])]
#[case("$.data[\"it", &[r#"$.data["it's"]"#])]
#[case("$['data']['acco", &["$['data']['account']"])]
#[case("$.list[", &["$.list[0]", "$.list[1]", "$.list[2]"])]
#[case("$.list[1].", &["$.list[1].name"])]
#[case("$.list[1]", &["$.list[1].name"])]
#[case("$..nam", &["$..name"])]
#[case("$.list[*].na", &["$.list[*].name"])]
#[case("$.da|.account", &["$.data.account"])]
#[case("$.data[?@.", &[])]
#[case("$.x y", &[])]
fn t4_a_jsonpath_is_completed_in_the_notation_that_is_typed(#[case] typed: &str, #[case] expected: &[&str]) {
    assert_eq!(texts(LocationIn::Json, typed), expected);
}

#[rstest]
#[case("", &["/s:Envelope"])]
#[case("/s:Envelope/", &["/s:Envelope/@xmlns:s", "/s:Envelope/s:Body"])]
#[case("/s:Envelope/s:Body/", &["/s:Envelope/s:Body/item[1]", "/s:Envelope/s:Body/item[2]", "/s:Envelope/s:Body/mixed"])]
#[case("/s:Envelope/s:Body/item[2]/@", &["/s:Envelope/s:Body/item[2]/@id"])]
#[case("/s:Envelope/s:Body/mixed/te", &["/s:Envelope/s:Body/mixed/text()"])]
#[case("/s:Envelope/body|/mixed", &["/s:Envelope/s:Body/mixed"])]
#[case("/s:Envelope/s:Body/item/", &[])]
fn t4_a_path_into_xml_is_completed_from_the_response(#[case] typed: &str, #[case] expected: &[&str]) {
    let body =
        "<s:Envelope xmlns:s='u'><s:Body><item id='1'>a</item><item id='2'>b</item><mixed>t<x/></mixed></s:Body></s:Envelope>";
    let document = Document::open(Bytes::from(body), Some("text/xml"));
    let (before, after) = typed.split_once('|').unwrap_or((typed, ""));
    let cursor = u32::try_from(before.chars().count()).unwrap();
    let given = complete(&document, &[], LocationIn::Xml, &format!("{before}{after}"), cursor, &Masking::default());
    let texts: Vec<&str> = given.iter().map(|completion| completion.text.as_str()).collect();
    assert_eq!(texts, expected);
}

#[test]
fn t4_names_of_headers_and_cookies_are_completed() {
    assert_eq!(texts(LocationIn::Header, "auth"), ["X-Auth-Token"]);
    assert_eq!(texts(LocationIn::Cookie, "s"), ["sid", "Session"]);
    assert_eq!(texts(LocationIn::Text, "x"), [""; 0]);
    let form = Document::open(Bytes::from_static(b"oauth_token=a&oauth+secret=b&x=c"), None);
    let given = complete(&form, &[], LocationIn::Form, "oauth", 5, &Masking::default());
    assert_eq!(given[1].text, "oauth secret");
    assert_eq!(given[1].detail, "text · 1 character");
}

#[test]
fn t4_every_completion_of_a_jsonpath_can_be_read_and_leads_somewhere() {
    let names: Vec<String> = ["", "a b", "'", "\"", "\\", "\u{1}", "é", "9", "*", "a.b", "[0]", "$"].map(String::from).into();
    let body: serde_json::Map<String, serde_json::Value> = names.iter().map(|name| (name.clone(), 1.into())).collect();
    let document = Document::open(Bytes::from(serde_json::Value::Object(body).to_string()), None);
    for typed in ["$.", "$['", "$[\"", "$..", "$["] {
        let given = complete(&document, &[], LocationIn::Json, typed, 9, &Masking::default());
        assert_eq!(given.len(), names.len(), "{typed}");
        for completion in given {
            let query = jsonpath::parse(&completion.text).unwrap_or_else(|error| panic!("{}: {error}", completion.text));
            assert_eq!(query.nodes(document.json().unwrap(), 5).nodes.len(), 1, "{}", completion.text);
        }
    }
}

#[test]
fn t4_a_completion_says_what_stands_there_and_never_the_value() {
    let document = Document::open(Bytes::from_static(BODY.as_bytes()), None);
    let given = complete(&document, &[], LocationIn::Json, "/data/a", 7, &Masking::default());
    let said: Vec<(&str, &str)> = given.iter().map(|one| (one.label.as_str(), one.detail.as_str())).collect();
    assert_eq!(said[..3], [("access_token", "string · 3 characters"), ("account", "object · 1 member"), ("a/b~c", "number")]);
}

#[test]
fn t4_completion_is_bounded() {
    let members: Vec<String> = (0..30_000).map(|number| format!("\"k{number}\":{number}")).collect();
    let document = Document::open(Bytes::from(format!("{{{}}}", members.join(","))), None);
    let ask = |typed: &str| complete(&document, &[], LocationIn::Json, typed, 100, &Masking::default());
    assert_eq!(ask("/k").len(), 50);
    assert_eq!(ask("/k9999").len(), 1);
    assert_eq!(ask("/k29999").len(), 0, "only the first 10,000 children are looked at");
}

#[test]
fn t8_a_key_that_is_a_known_secret_is_not_offered() {
    let document = Document::open(Bytes::from_static(br#"{"known-secret":{"a":1},"knowledge":2}"#), None);
    let masking = Masking { redactor: Some(Redactor::new([&secrecy::SecretString::from("known-secret")])), keep_start: true };
    for typed in ["/k", "$.k"] {
        let given = complete(&document, &[], LocationIn::Json, typed, 9, &masking);
        assert_eq!(given.len(), 1, "{given:?}");
        assert_eq!(given[0].label, "knowledge");
    }
}
