//! Data inputs as the API receives them (E10): escaped for where they stand, refused where they can't stand.

mod support;

use latchkey::connector::{ConnectorDraft, DataInput, InputType};
use latchkey::execution::ErrorType;
use rstest::rstest;
use serde_json::{Value, json};

use support::drafts::{connector, field, input, posting};
use support::{Answer, Bench};

/// What an attacker or an unlucky customer types.
const NASTY: &str = "a\"b\\c/d?e=f&g#h\u{1f600} é%2e{{n}}";

async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    bench
}

fn text(name: &str) -> DataInput {
    input(name, InputType::String)
}

#[tokio::test]
async fn e10_a_value_stays_in_its_place_of_the_url() {
    let bench = bench().await;
    let mut draft = connector("C", &bench.server.at("/orders/{{id}}/lines?q={{id}}&x=1"), &[]);
    draft.data_inputs = vec![text("id")];
    let id = bench.connector(draft).await;
    assert!(bench.run_with(&id, &[("id", json!(NASTY))]).await.success);
    let received = bench.server.all().pop().unwrap();
    let segments: Vec<_> = received.path.split('/').collect();
    assert_eq!((segments.len(), segments[1], segments[3]), (4, "orders", "lines"), "{}", received.path);
    let decoded = percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap().into_owned();
    assert_eq!(decoded, NASTY);
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(received.query.as_bytes()).into_owned().collect();
    assert_eq!(pairs, [("q".to_owned(), NASTY.to_owned()), ("x".to_owned(), "1".to_owned())]);
}

#[rstest]
#[case("a\r\nX-Injected: 1")]
#[case("a\nb")]
#[case("a\0b")]
#[tokio::test]
async fn e10_a_header_takes_no_line_break_and_no_nul(#[case] value: &str) {
    let bench = bench().await;
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    draft.data_inputs = vec![text("who")];
    draft.headers = vec![field("X-Who", "user {{who}}", false)];
    let id = bench.connector(draft).await;
    let execution = bench.run_with(&id, &[("who", json!(value))]).await;
    assert_eq!(execution.error_type, Some(ErrorType::RequestValidationError));
    assert!(execution.sentence.contains("“who”"), "{}", execution.sentence);
    assert!(bench.server.all().is_empty());
    assert!(bench.run_with(&id, &[("who", json!("Zoe \"Z\""))]).await.success);
    assert_eq!(bench.server.last("/x").header("x-who"), Some("user Zoe \"Z\""));
}

#[tokio::test]
async fn e10_json_strings_are_escaped_and_bare_values_are_json() {
    let bench = bench().await;
    let body = r#"{"note": "said: {{note}}", "bare": {{note}}, "n": {{n}}, "d": {{d}}, "b": {{b}}, "in": "{{n}}"}"#;
    let mut draft = posting("C", &bench.server.at("/x"), "application/json; charset=utf-8", body);
    draft.data_inputs =
        vec![text("note"), input("n", InputType::Integer), input("d", InputType::Decimal), input("b", InputType::Boolean)];
    let id = bench.connector(draft).await;
    let inputs = [("note", json!(NASTY)), ("n", json!("98765432109876543210")), ("d", json!("0.10")), ("b", json!(true))];
    let execution = bench.run_with(&id, &inputs).await;
    assert!(execution.success, "{}", execution.sentence);
    let sent = bench.server.last("/x");
    assert!(
        sent.body.contains("\"n\": 98765432109876543210,") && sent.body.contains("\"d\": 0.10,"),
        "to the digit: {}",
        sent.body
    );
    let value = sent.json();
    assert_eq!((value["note"].as_str().unwrap(), &value["bare"]), (format!("said: {NASTY}").as_str(), &json!(NASTY)));
    assert_eq!((&value["b"], &value["in"]), (&json!(true), &json!("98765432109876543210")));
    assert_eq!(value.as_object().unwrap().len(), 6, "no input adds a member");
    assert_eq!(sent.header("content-type"), Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn e10_form_xml_and_text_bodies() {
    let bench = bench().await;
    for (name, content_type, body) in [
        ("form", "application/x-www-form-urlencoded", "note={{note}}&x=1"),
        ("xml", "application/xml", "<n a=\"{{note}}\">{{note}}</n>"),
        ("text", "text/plain", "note: {{note}}"),
    ] {
        let mut draft = posting(name, &bench.server.at(&format!("/{name}")), content_type, body);
        draft.data_inputs = vec![text("note")];
        let id = bench.connector(draft).await;
        let note = "<b>&\"it's\" a+b=c é";
        assert!(bench.run_with(&id, &[("note", json!(note))]).await.success);
        let sent = bench.server.last(&format!("/{name}")).body;
        match name {
            "form" => {
                let pairs: Vec<(String, String)> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
                assert_eq!(pairs, [("note".to_owned(), note.to_owned()), ("x".to_owned(), "1".to_owned())]);
            }
            "xml" => {
                let escaped = "&lt;b&gt;&amp;&quot;it&apos;s&quot; a+b=c é";
                assert_eq!(sent, format!("<n a=\"{escaped}\">{escaped}</n>"));
            }
            _ => assert_eq!(sent, format!("note: {note}")),
        }
    }
}

#[rstest]
#[case("{\"a\": \"{{n}}\"}", "application/json")]
#[case("<a>{{n}}</a>", "application/xml")]
#[case("just {{n}}", "text/plain; charset=utf-8")]
#[case("{not json {{n}}", "text/plain; charset=utf-8")]
#[tokio::test]
async fn e10_a_body_without_a_content_type_is_announced_as_it_was_written(#[case] body: &str, #[case] announced: &str) {
    let bench = bench().await;
    let mut draft = posting("C", &bench.server.at("/x"), "text/plain", body);
    draft.headers.clear();
    draft.data_inputs = vec![text("n")];
    let id = bench.connector(draft).await;
    assert!(bench.run_with(&id, &[("n", json!("1"))]).await.success);
    assert_eq!(bench.server.last("/x").header("content-type"), Some(announced));
}

#[tokio::test]
async fn e10_without_validation_a_missing_input_is_sent_empty_and_bare_it_is_null() {
    let bench = bench().await;
    let mut draft = posting("C", &bench.server.at("/x?q={{n}}"), "application/json", r#"{"n": {{n}}, "s": "{{s}}"}"#);
    draft.data_inputs = vec![input("n", InputType::Integer), text("s")];
    let strict = bench.connector(draft.clone()).await;
    let execution = bench.run(&strict).await;
    assert_eq!(execution.error_type, Some(ErrorType::RequestValidationError));
    assert!(bench.server.all().is_empty());
    let lenient = ConnectorDraft { name: "Lenient".into(), validate_missing_attributes: false, ..draft };
    let id = bench.connector(lenient).await;
    assert!(bench.run(&id).await.success);
    let sent = bench.server.last("/x");
    assert_eq!((sent.query.as_str(), sent.json()), ("q=", json!({"n": null, "s": ""})));
}

#[tokio::test]
async fn e10_a_default_stands_in_for_what_is_not_given() {
    let bench = bench().await;
    let mut draft = connector("C", &bench.server.at("/x/{{n}}"), &[]);
    draft.data_inputs = vec![DataInput { default_value: "7".into(), ..input("n", InputType::Integer) }];
    let id = bench.connector(draft).await;
    assert!(bench.run(&id).await.success);
    assert_eq!(bench.server.count("/x/7"), 1);
}

#[rstest]
#[case::url(|draft: &mut ConnectorDraft| draft.url.push_str("/{{nobody}}"), "url")]
#[case::header(|draft: &mut ConnectorDraft| draft.headers.push(field("X-A", "{{nobody}}", false)), "headers[0].value")]
#[case::body(|draft: &mut ConnectorDraft| draft.body = "{{nobody}}".into(), "body")]
#[tokio::test]
async fn e10_an_unknown_name_is_refused_when_saving(#[case] change: fn(&mut ConnectorDraft), #[case] at: &str) {
    let bench = bench().await;
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    change(&mut draft);
    let problem = bench.workspace.connectors().save(None, draft).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some(at));
    assert!(problem.message.contains("“nobody”"), "{}", problem.message);
}

#[rstest]
#[case(InputType::Integer, json!("1.5"))]
#[case(InputType::Integer, json!(true))]
#[case(InputType::Decimal, json!("a lot"))]
#[case(InputType::Boolean, json!("yes"))]
#[case(InputType::String, json!({"a": 1}))]
#[tokio::test]
async fn e10_a_value_of_the_wrong_type_names_the_input_and_is_not_repeated(#[case] kind: InputType, #[case] given: Value) {
    let bench = bench().await;
    let mut draft = connector("C", &bench.server.at("/x/{{amount}}"), &[]);
    draft.data_inputs = vec![input("amount", kind)];
    let id = bench.connector(draft).await;
    let execution = bench.run_with(&id, &[("amount", given)]).await;
    assert_eq!(execution.error_type, Some(ErrorType::RequestValidationError));
    assert!(execution.sentence.contains("“amount”"), "{}", execution.sentence);
    assert!(bench.server.all().is_empty());
}

#[tokio::test]
async fn e10_no_input_chooses_the_host_that_gets_the_token() {
    let bench = bench().await;
    for url in ["http://{{host}}/x", "{{host}}", "http://127.0.0.1:{{host}}/x", "http://a{{host}}.example/"] {
        let mut draft = connector("C", url, &[]);
        draft.data_inputs = vec![text("host")];
        let problem = bench.workspace.connectors().save(None, draft).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("url"), "{url}");
    }
}
