use rstest::rstest;

use super::*;
use crate::connector::{InputType, Reliability};

fn header(name: &str, value: &str) -> FieldDraft {
    FieldDraft { name: name.to_owned(), value: Some(value.to_owned()), secret: false, stored: None }
}

fn input(name: &str, input_type: InputType, default_value: &str) -> DataInput {
    let default_value = default_value.to_owned();
    DataInput { name: name.to_owned(), input_type, description: String::new(), required: true, default_value }
}

fn good() -> ConnectorDraft {
    ConnectorDraft {
        name: "Orders".to_owned(),
        url: "https://api.example/orders/{{order_id}}?v={{version}}".to_owned(),
        headers: vec![header("Content-Type", "application/json"), header("X-Order", "n {{order_id}}")],
        body: r#"{"id": "{{order_id}}", "version": {{version}}}"#.to_owned(),
        data_inputs: vec![input("order_id", InputType::String, ""), input("version", InputType::Integer, "2")],
        mock_response: r#"{"status": "shipped"}"#.to_owned(),
        ..ConnectorDraft::default()
    }
}

fn fields(draft: &ConnectorDraft) -> Vec<String> {
    check(draft).into_iter().map(|fault| fault.field).collect()
}

#[test]
fn e10_a_sound_configuration_has_no_faults() {
    assert_eq!(ready(&good()), []);
}

#[test]
fn r1_a_draft_may_lack_its_url_until_it_is_set_live() {
    let draft = ConnectorDraft { url: String::new(), ..good() };
    assert_eq!(check(&draft), []);
    assert_eq!(ready(&draft)[0].field, "url");
}

#[rstest]
#[case("ftp://api.example/")]
#[case("https:api.example")]
#[case("api.example/orders")]
#[case("https://")]
#[case("https://me:secret@api.example/")]
#[case("https://{{order_id}}/")]
#[case("https://api.example{{order_id}}/")]
#[case("https://api.example/{{nobody}}")]
#[case("https://api.example/{{order_id")]
#[case(" https://api.example/")]
#[case("https://api.example/\n")]
fn e10_a_url_that_can_not_be_called_is_refused(#[case] url: &str) {
    assert_eq!(fields(&ConnectorDraft { url: url.to_owned(), ..good() }), ["url"]);
}

#[test]
fn e10_an_unknown_name_is_refused_with_its_position() {
    let faults = check(&ConnectorDraft { body: r#"{"a": "{{nobody}}"}"#.to_owned(), ..good() });
    assert_eq!(faults[0].message, "The connector has no input “nobody” (at character 8).");
}

#[rstest]
#[case(header("X Y", "1"), "headers[0].name")]
#[case(header("", "1"), "headers[0].name")]
#[case(header("Content-length", "1"), "headers[0].name")]
#[case(header("Referer", "1"), "headers[0].name")]
#[case(header("X-A", "1\r\nX-B: 2"), "headers[0].value")]
#[case(header("X-A", "{{nobody}}"), "headers[0].value")]
#[case(header("Content-Type", "{{order_id}}"), "headers[0].value")]
#[case(FieldDraft { value: None, ..header("X-A", "") }, "headers[0].value")]
fn e10_headers_are_checked(#[case] header: FieldDraft, #[case] field: &str) {
    assert_eq!(fields(&ConnectorDraft { headers: vec![header], ..good() }), [field]);
}

#[test]
fn e10_a_stored_header_value_needs_no_typing_again() {
    let stored = FieldDraft { value: None, stored: Some(0), ..header("X-Api-Key", "") };
    assert_eq!(check(&ConnectorDraft { headers: vec![stored], ..good() }), []);
}

#[test]
fn e10_two_content_types_are_refused() {
    let headers = vec![header("Content-Type", "application/json"), header("content-type", "text/plain")];
    assert_eq!(fields(&ConnectorDraft { headers, ..good() }), ["headers[1].name"]);
}

#[test]
fn e10_a_body_is_checked_as_json_only_when_it_is_announced_so() {
    let body = r#"{"id": {{order_id}},}"#.to_owned();
    let faults = check(&ConnectorDraft { body: body.clone(), ..good() });
    assert_eq!(faults[0].field, "body");
    assert_eq!(faults[0].message, "This is not valid JSON: key must be a string (at character 21).");
    assert_eq!(check(&ConnectorDraft { body, headers: vec![header("Content-Type", "text/plain")], ..good() }), []);
}

#[test]
fn e10_data_inputs_are_checked() {
    let data_inputs = vec![
        input("order_id", InputType::String, ""),
        input("order_id", InputType::String, ""),
        input("a b", InputType::String, ""),
        input("version", InputType::Integer, "two"),
    ];
    let expected = ["data_inputs[1].name", "data_inputs[2].name", "data_inputs[3].default_value"];
    assert_eq!(fields(&ConnectorDraft { data_inputs, ..good() }), expected);
}

#[test]
fn c3_numbers_out_of_range_are_refused() {
    let reliability =
        Reliability { failures: 0, window_seconds: 0, open_seconds: 90_000, connect_timeout_ms: 99, timeout_ms: 300_001 };
    let expected = ["failures", "window_seconds", "open_seconds", "connect_timeout_ms", "timeout_ms"];
    assert_eq!(fields(&ConnectorDraft { reliability, ..good() }), expected.map(|name| format!("reliability.{name}")));
}

#[test]
fn r3_paths_are_checked() {
    let response_fields = serde_json::from_value(serde_json::json!([{"path": "", "type": "string"}])).unwrap();
    let object_mappings = serde_json::from_value(serde_json::json!([
        {"response_object_path": "a..b", "intercom_object_type": "user", "attribute_mappings": [
            {"response_attribute_path": "", "intercom_attribute_identifier": ""}]},
    ]))
    .unwrap();
    let draft = ConnectorDraft { response_fields, object_mappings, ..good() };
    let at = "object_mappings[0].attribute_mappings[0]";
    let expected = [
        "response_fields[0].path".to_owned(),
        "object_mappings[0].response_object_path".to_owned(),
        format!("{at}.response_attribute_path"),
        format!("{at}.intercom_attribute_identifier"),
    ];
    assert_eq!(fields(&draft), expected);
}

#[rstest]
#[case(ConnectorDraft { name: " ".to_owned(), ..good() }, "name")]
#[case(ConnectorDraft { name: "a".repeat(256), ..good() }, "name")]
#[case(ConnectorDraft { mock_response: "{".to_owned(), ..good() }, "mock_response")]
#[case(ConnectorDraft { token_ids: vec!["a".to_owned(), "a".to_owned()], ..good() }, "token_ids[1]")]
#[case(ConnectorDraft { background: true, customer_authentication: true, ..good() }, "customer_authentication")]
fn o5_r2_what_can_not_be_saved_names_its_field(#[case] draft: ConnectorDraft, #[case] field: &str) {
    assert_eq!(fields(&draft), [field]);
}
