use rstest::rstest;

use super::*;

fn open(body: &'static str, content_type: Option<&str>) -> Document {
    Document::open(Bytes::from_static(body.as_bytes()), content_type)
}

#[rstest]
#[case(r#"{"a":1}"#, Some("application/json"), BodyFormat::Json)]
#[case(r#"{"a":1}"#, Some("text/html; charset=utf-8"), BodyFormat::Json)]
#[case(r#"{"a":1}"#, Some("application/vnd.api+json"), BodyFormat::Json)]
#[case(" [1]\n", None, BodyFormat::Json)]
#[case("1e999", Some("application/json"), BodyFormat::Json)]
#[case("12345", Some("text/plain"), BodyFormat::Text)]
#[case("{not json", Some("text/plain"), BodyFormat::Text)]
#[case("a=1&b=2", Some("application/x-www-form-urlencoded"), BodyFormat::Form)]
#[case("a=1", Some("application/x-www-form-urlencoded"), BodyFormat::Form)]
#[case("a=1&b=2\n", Some("text/plain"), BodyFormat::Form)]
#[case("a=1&b=2", Some("text/html"), BodyFormat::Text)]
#[case("a=1", Some("text/plain"), BodyFormat::Text)]
#[case("{\"a\":1}\n\n[2]\n", None, BodyFormat::Ndjson)]
#[case("{\"a\":1}\n{\"a\":", None, BodyFormat::Json)]
#[case("{\"a\":1}", Some("application/x-ndjson"), BodyFormat::Json)]
#[case("{\"a\":1}\nerror", Some("application/jsonl"), BodyFormat::Ndjson)]
#[case("\u{1e}{\"a\":1}\n", Some("application/json-seq"), BodyFormat::Ndjson)]
#[case("[1]", Some("text/xml"), BodyFormat::Json)]
#[case("[1", Some("text/xml"), BodyFormat::Text)]
#[case("<a>1</a>", Some("application/xml"), BodyFormat::Xml)]
#[case("<a>1</a>", None, BodyFormat::Xml)]
#[case("<html></html>", None, BodyFormat::Text)]
#[case("<p>x</p>", Some("text/html"), BodyFormat::Text)]
#[case("", None, BodyFormat::Empty)]
#[case(" \n\t ", Some("application/json"), BodyFormat::Empty)]
fn e12_the_format_is_what_is_announced_and_what_it_looks_like(
    #[case] body: &'static str,
    #[case] content_type: Option<&str>,
    #[case] format: BodyFormat,
) {
    assert_eq!(open(body, content_type).summary().format, format);
}

#[rstest]
#[case("{\n \"a\": 1,\n \"ü\" 2}", BodyFormat::Json, "line 3, column 6 (byte 18): a colon was expected")]
#[case("{\"a\":1}{\"b\":2}", BodyFormat::Json, "line 1, column 8 (byte 8): something follows")]
#[case("[1,2", BodyFormat::Json, "line 1, column 5 (byte 5): it ends before")]
#[case("[01]", BodyFormat::Text, "column 3 (byte 3): a number must not begin with 0")]
#[case("[\"a\nb\"]", BodyFormat::Text, "column 4 (byte 4): a control character")]
fn e12_what_is_announced_as_json_and_is_not_says_where(
    #[case] body: &'static str,
    #[case] format: BodyFormat,
    #[case] problem: &str,
) {
    let document = open(body, Some("application/json"));
    let summary = document.summary();
    assert_eq!(summary.format, format, "what stands before the error is shown, when a value does");
    assert_eq!(summary.usable.is_some(), format == BodyFormat::Json);
    assert!(document.root().is_none(), "it is no value to be mapped");
    let said = summary.problem.unwrap();
    assert!(said.contains(problem), "{said}");
}

#[test]
fn e12_xml_has_a_value_and_text_has_none() {
    assert_eq!(open("<a><b>1</b></a>", Some("text/xml")).to_value(), Some(serde_json::json!({"a": {"b": "1"}})));
    assert_eq!(open("hello", Some("text/plain")).to_value(), None);
    assert_eq!(open("[1e999]", Some("application/json")).to_value(), None, "it is beyond what serde_json takes");
}

#[test]
fn t8_a_document_does_not_print_its_body() {
    assert!(!format!("{:?}", open(r#"{"token":"hunter2"}"#, None)).contains("hunter2"));
}
