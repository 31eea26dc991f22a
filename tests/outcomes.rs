//! Every outcome that a run can have (E11), each brought about for real: its `error_type`, a sentence, a next step, a
//! record, and that the next run works. Time limits (E13) are among them.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use latchkey::connector::{ConnectorDraft, DataTransformationType, ExecutionType, HttpMethod, InputType, Reliability};
use latchkey::execution::{ErrorType, Execution, SourceType};
use latchkey::token::TokenDraft;
use latchkey::workspace::ExecutionRequest;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use support::drafts::{connector, input, mapping, text_token};
use support::{Answer, Bench, Gate, within};

/// What every outcome that is no success has, and that nothing stays broken after it.
async fn is_a_whole_outcome(bench: &Bench, execution: &Execution, expected: ErrorType) {
    assert_eq!(execution.error_type, Some(expected), "{}", execution.sentence);
    assert!(!execution.success);
    for text in [&execution.sentence, &execution.next_step] {
        assert!(text.ends_with('.') && text.len() > 10, "“{text}” is no plain sentence");
    }
    let recorded = bench.workspace.executions().get(&execution.id).await.unwrap();
    assert_eq!(json!(recorded), json!(execution));
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let healthy = bench.connector(connector("Healthy", &bench.server.at("/healthy"), &[])).await;
    let next = bench.run(&healthy).await;
    assert!(next.success, "the next run must work: {}", next.sentence);
}

fn over_limit(announced: bool) -> Answer {
    let body = vec![b' '; 10 * 1024 * 1024 + 1];
    if announced {
        Answer::text(200, "text/plain", body)
    } else {
        Answer::Raw([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), body].concat())
    }
}

#[rstest]
#[case::reset(Answer::Reset, ErrorType::FaradayError)]
#[case::closed_early(Answer::Raw(Vec::new()), ErrorType::FaradayError)]
#[case::malformed(Answer::Raw(b"220 mail.example.com ESMTP\r\n\r\n".to_vec()), ErrorType::FaradayError)]
#[case::truncated(Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort".to_vec()), ErrorType::FaradayError)]
#[case::truncated_chunks(
    Answer::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n".to_vec()),
    ErrorType::FaradayError
)]
#[case::announced_over_the_limit(over_limit(true), ErrorType::FaradayError)]
#[case::over_the_limit(over_limit(false), ErrorType::FaradayError)]
#[case::bad_gzip(Answer::text(200, "text/plain", "not gzip").with("Content-Encoding", "gzip"), ErrorType::FaradayError)]
#[case::redirect_loop(Answer::redirect(302, "/case"), ErrorType::FaradayError)]
#[case::bad_request(Answer::json(400, &json!({"message": "no"})), ErrorType::ThirdPartyError)]
#[case::unauthorized(Answer::status(401), ErrorType::ThirdPartyError)]
#[case::forbidden(Answer::status(403), ErrorType::ThirdPartyError)]
#[case::not_found(Answer::status(404), ErrorType::ThirdPartyError)]
#[case::unprocessable(Answer::status(422), ErrorType::ThirdPartyError)]
#[case::too_many(Answer::status(429).with("Retry-After", "3"), ErrorType::ThirdPartyError)]
#[case::server_error(Answer::text(500, "text/html", "<h1>oops</h1>"), ErrorType::ThirdPartyError)]
#[case::bad_gateway(Answer::status(502), ErrorType::ThirdPartyError)]
#[case::redirect_without_location(Answer::status(302), ErrorType::ThirdPartyError)]
#[case::redirect_to_another_scheme(Answer::redirect(302, "ftp://127.0.0.1/x"), ErrorType::ThirdPartyError)]
#[case::multiple_choices(Answer::status(300), ErrorType::ThirdPartyError)]
#[case::not_modified(Answer::status(304), ErrorType::ThirdPartyError)]
#[case::unreadable_json(Answer::text(200, "application/json", "{\"a\": "), ErrorType::ResponseMappingError)]
#[case::a_page_as_json(Answer::text(200, "application/json", "<html></html>"), ErrorType::ResponseMappingError)]
#[case::empty_json(Answer::text(200, "application/json", ""), ErrorType::ResponseMappingError)]
#[case::unreadable_xml(Answer::text(200, "application/xml", "<a><b></a>"), ErrorType::ResponseMappingError)]
#[tokio::test]
async fn e11_an_answer_has_its_outcome(#[case] answer: Answer, #[case] expected: ErrorType) {
    let bench = Bench::new().await;
    bench.server.answers(move |_| answer.clone());
    let id = bench.connector(connector("Case", &bench.server.at("/case"), &[])).await;
    let execution = bench.run(&id).await;
    is_a_whole_outcome(&bench, &execution, expected).await;
}

#[rstest]
#[case::missing(json!({"order": {}}))]
#[case::not_an_object(json!({"order": 7}))]
#[case::a_list(json!([1]))]
#[tokio::test]
async fn e11_a_missing_mapped_field_is_named(#[case] body: serde_json::Value) {
    let bench = Bench::new().await;
    bench.server.answers(move |_| Answer::json(200, &body));
    let mut draft = connector("Case", &bench.server.at("/case"), &[]);
    draft.object_mappings = vec![mapping("order", "status", "order_status")];
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert!(execution.sentence.contains("order.status"), "{}", execution.sentence);
    assert_eq!(execution.http_status, Some(200));
    is_a_whole_outcome(&bench, &execution, ErrorType::ResponseMappingError).await;
}

#[tokio::test]
async fn e11_more_than_five_redirects_end_the_run_and_five_do_not() {
    let bench = Bench::new().await;
    bench.server.answers(|received| match received.path.strip_prefix("/hop/").and_then(|hop| hop.parse::<u32>().ok()) {
        Some(0) => Answer::json(200, &json!({})),
        Some(hop) => Answer::redirect(302, &format!("/hop/{}", hop - 1)),
        None => Answer::status(404),
    });
    let five = bench.connector(connector("Five", &bench.server.at("/hop/5"), &[])).await;
    assert!(bench.run(&five).await.success);
    let six = bench.connector(connector("Six", &bench.server.at("/hop/6"), &[])).await;
    let execution = bench.run(&six).await;
    assert_eq!(bench.server.count("/hop/0"), 1, "the sixth redirect is not followed");
    is_a_whole_outcome(&bench, &execution, ErrorType::FaradayError).await;
}

#[tokio::test]
async fn e11_a_redirect_that_would_resend_a_body_is_a_wrong_configuration() {
    let bench = Bench::new().await;
    let elsewhere = bench.server.at("/there").replace("127.0.0.1", "localhost");
    bench.server.answers(move |_| Answer::redirect(307, &elsewhere));
    let draft = support::drafts::posting("Case", &bench.server.at("/case"), "text/plain", "the body");
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert_eq!(bench.server.count("/there"), 0);
    is_a_whole_outcome(&bench, &execution, ErrorType::RequestConfigurationError).await;
}

/// The port of a listener that is gone.
async fn closed_port() -> u16 {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// A port that answers whatever comes in plain text.
async fn plain_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    port
}

#[tokio::test]
async fn e11_no_address_no_listener_and_no_tls_are_no_answer() {
    let bench = Bench::new().await;
    let urls = [
        ("dns", "http://nowhere.invalid/x".to_owned()),
        ("refused", format!("http://127.0.0.1:{}/x", closed_port().await)),
        ("tls", format!("https://127.0.0.1:{}/x", plain_port().await)),
    ];
    let mut executions = Vec::new();
    for (name, url) in urls {
        let id = bench.connector(connector(name, &url, &[])).await;
        let execution = bench.run(&id).await;
        assert_eq!((execution.error_type, execution.http_status), (Some(ErrorType::FaradayError), None), "{name}");
        executions.push(execution);
    }
    let sentences: std::collections::HashSet<_> = executions.iter().map(|execution| &execution.sentence).collect();
    assert_eq!(sentences.len(), 3, "each says what happened: {sentences:?}");
    is_a_whole_outcome(&bench, &executions[0], ErrorType::FaradayError).await;
}

fn quick(connect_timeout_ms: u32, timeout_ms: u32) -> Reliability {
    Reliability { connect_timeout_ms, timeout_ms, ..Reliability::default() }
}

#[tokio::test]
async fn e13_an_answer_that_does_not_come_in_the_connectors_time_is_a_time_out() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::status(200).held(&Gate::closed()));
    let draft = ConnectorDraft { reliability: quick(10_000, 150), ..connector("Case", &bench.server.at("/case"), &[]) };
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert!(execution.sentence.contains("150 ms"), "{}", execution.sentence);
    is_a_whole_outcome(&bench, &execution, ErrorType::FaradayError).await;
}

#[tokio::test]
async fn e13_a_connection_that_is_not_made_in_the_connectors_time_is_a_time_out() {
    let bench = Bench::new().await;
    // The server waits for a request, so the secure connection is never made.
    let url = bench.server.at("/case").replace("http:", "https:");
    let id = bench.connector(ConnectorDraft { reliability: quick(150, 30_000), ..connector("Case", &url, &[]) }).await;
    let execution = bench.run(&id).await;
    assert!(execution.sentence.contains("No connection was made within 150 ms"), "{}", execution.sentence);
    is_a_whole_outcome(&bench, &execution, ErrorType::FaradayError).await;
}

#[tokio::test]
async fn e13_the_retry_has_its_own_time() {
    let bench = Bench::new().await;
    let token = bench.tested_token(bench.login_draft("T")).await.summary.id;
    bench.issuer.expire();
    bench.api_answers(
        |received, issuer| {
            if issuer.accepts(received) { Answer::status(200).held(&Gate::closed()) } else { Answer::status(401) }
        },
    );
    let draft = ConnectorDraft { reliability: quick(10_000, 400), ..connector("Case", &bench.server.at("/case"), &[&token]) };
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert_eq!((bench.server.count("/case"), execution.refreshes()), (2, 1));
    is_a_whole_outcome(&bench, &execution, ErrorType::FaradayError).await;
}

#[tokio::test]
async fn e13_a_run_cancelled_while_it_waits_for_a_token_is_cancelled() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let run = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    run.cancel();
    let execution = within("the cancelled run", run.outcome()).await.unwrap();
    gate.open();
    is_a_whole_outcome(&bench, &execution, ErrorType::Cancelled).await;
}

#[tokio::test]
async fn e13_a_run_cancelled_before_it_sends_sends_nothing() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let run = bench.start(&id).await;
    run.cancel();
    let execution = within("the cancelled run", run.outcome()).await.unwrap();
    assert_eq!(bench.server.count("/orders"), 0);
    is_a_whole_outcome(&bench, &execution, ErrorType::Cancelled).await;
}

struct Refused {
    name: &'static str,
    change: fn(&mut ConnectorDraft),
    source: SourceType,
    inputs: &'static [(&'static str, &'static str)],
    expected: ErrorType,
    said: &'static str,
}

impl Default for Refused {
    fn default() -> Self {
        Self {
            name: "",
            change: |_| (),
            source: SourceType::Test,
            inputs: &[("n", "1")],
            expected: ErrorType::RequestConfigurationError,
            said: "",
        }
    }
}

#[tokio::test]
async fn e11_a_refusal_sends_nothing_and_is_recorded() {
    let refusals = [
        Refused { name: "R1 a draft from a workflow", source: SourceType::Workflow, said: "draft", ..Refused::default() },
        Refused {
            name: "R5 client side",
            change: |draft| draft.execution_type = ExecutionType::ClientSide,
            said: "client_side",
            ..Refused::default()
        },
        Refused {
            name: "R5 code block",
            change: |draft| draft.data_transformation_type = DataTransformationType::CodeBlockTransformation,
            said: "code_block_transformation",
            ..Refused::default()
        },
        Refused { name: "no URL", change: |draft| draft.url.clear(), said: "no URL", ..Refused::default() },
        Refused {
            name: "a bad input",
            inputs: &[("n", "one")],
            expected: ErrorType::RequestValidationError,
            said: "“n”",
            ..Refused::default()
        },
        Refused {
            name: "a missing input",
            inputs: &[],
            expected: ErrorType::RequestValidationError,
            said: "“n” is missing",
            ..Refused::default()
        },
        Refused {
            name: "an unknown input",
            inputs: &[("n", "1"), ("m", "1")],
            expected: ErrorType::RequestValidationError,
            said: "no input “m”",
            ..Refused::default()
        },
        Refused {
            name: "a step out of the path",
            change: |draft| draft.data_inputs[0].input_type = InputType::String,
            inputs: &[("n", "..")],
            expected: ErrorType::RequestValidationError,
            said: "“n”",
            ..Refused::default()
        },
        Refused {
            name: "email verification",
            change: |draft| draft.customer_authentication = true,
            said: "email verification",
            ..Refused::default()
        },
    ];
    let bench = Bench::new().await;
    let token = bench.tested_token(bench.login_draft("T")).await.summary.id;
    for refused in refusals {
        let mut draft = connector(refused.name, &bench.server.at("/orders/{{n}}/x"), &[&token]);
        draft.data_inputs = vec![input("n", InputType::Integer)];
        (refused.change)(&mut draft);
        let id = bench.connector(draft).await;
        let inputs = refused.inputs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let request = ExecutionRequest { connector_id: id, inputs, source: refused.source, ..ExecutionRequest::default() };
        let execution = bench.execute(request).await;
        assert_eq!(execution.error_type, Some(refused.expected), "{}: {}", refused.name, execution.sentence);
        assert!(execution.sentence.contains(refused.said), "{}: {}", refused.name, execution.sentence);
        assert!(execution.next_step.ends_with('.'), "{}: “{}”", refused.name, execution.next_step);
    }
    assert_eq!(bench.server.all().len(), 1, "only the token's own test was sent");
}

#[tokio::test]
async fn e11_direct_use_by_fin_and_a_mock_that_is_not_there_are_refused() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    let execution = bench.run_from(&id, SourceType::Fin).await;
    assert!(execution.sentence.contains("Fin"), "{}", execution.sentence);
    is_a_whole_outcome(&bench, &execution, ErrorType::RequestConfigurationError).await;
    let played = bench.play(&id).await;
    assert_eq!(played.error_type, Some(ErrorType::RequestConfigurationError));
    assert_eq!(bench.server.count("/orders"), 0);
}

#[tokio::test]
async fn e11_a_text_token_without_a_value_is_a_wrong_configuration() {
    let bench = Bench::new().await;
    let token = bench.token(text_token("Key", "fixed-value")).await.summary.id;
    let id = bench.connector(connector("Case", &bench.server.at("/case"), &[&token])).await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let execution = bench.run(&id).await;
    assert_eq!(bench.server.count("/case"), 0);
    is_a_whole_outcome(&bench, &execution, ErrorType::RequestConfigurationError).await;
}

#[tokio::test]
async fn e11_a_domain_that_does_not_fit_is_a_wrong_configuration() {
    let bench = Bench::new().await;
    let token = bench.token(TokenDraft { domain: Some("example.com".into()), ..text_token("Key", "fixed-value") }).await;
    let draft = ConnectorDraft {
        http_method: HttpMethod::Delete,
        ..connector("Case", &bench.server.at("/case"), &[&token.summary.id])
    };
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    is_a_whole_outcome(&bench, &execution, ErrorType::RequestConfigurationError).await;
}
