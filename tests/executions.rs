//! The way of a run over real HTTP (E1–E5, E7–E9, E12): what is fetched, renewed, sent again, and what is not.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use latchkey::connector::{HttpMethod, InputType, ResponseFieldType};
use latchkey::execution::{ErrorType, SourceType, StepKind, StepOutcome};
use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::workspace::{ValueChange, WorkspaceEvent};
use rstest::rstest;
use serde_json::json;

use support::bench::{CLIENT_SECRET, kinds, step};
use support::drafts::{connector, input, login, login_token, posting, text_token};
use support::{Answer, Bench, Gate, assert_free_of, within};

#[tokio::test]
async fn e1_test_and_live_runs_send_the_same() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.workspace.connectors().set_live(&id).await.unwrap();
    let by_hand = bench.run(&id).await;
    for source in SourceType::ALL.into_iter().filter(|source| !matches!(source, SourceType::Test | SourceType::Fin)) {
        let execution = bench.run_from(&id, source).await;
        assert!(execution.success, "{source:?}: {}", execution.sentence);
        assert_eq!((execution.source_type, kinds(&execution)), (source, kinds(&by_hand)));
    }
    let sent = bench.server.received("/orders");
    assert!(sent.iter().all(|received| received.headers == sent[0].headers), "{sent:#?}");
}

#[tokio::test]
async fn e2_the_gates_come_before_the_login() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let mut draft = connector("Orders", &bench.server.at("/orders/{{id}}"), &[&token]);
    draft.data_inputs = vec![input("id", InputType::Integer)];
    bench.workspace.connectors().save(Some(&id), draft).await.unwrap();
    let execution = bench.run_with(&id, &[("id", json!("seven"))]).await;
    assert_eq!(kinds(&execution), [StepKind::Gate]);
    assert_eq!(execution.steps[0].outcome, StepOutcome::Refused);
    assert_eq!(bench.logins(), 1, "a run that is refused fetches nothing");
}

#[tokio::test]
async fn e3_the_stored_value_is_used_and_nothing_is_fetched() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Request, StepKind::Mapping]);
    assert_eq!((bench.logins(), execution.http_status), (1, Some(200)));
}

#[tokio::test]
async fn e3_the_value_stored_last_is_used_by_the_next_run() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let draft = text_token("Key", "older-value");
    let token = bench.token(draft.clone()).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[&token])).await;
    bench.run(&id).await;
    let newer = TokenDraft { id: Some(token), ..text_token("Key", "newer-value") };
    bench.token(newer).await;
    bench.run(&id).await;
    let sent: Vec<_> = bench.server.received("/x").iter().map(|it| it.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Bearer older-value", "Bearer newer-value"]);
}

#[tokio::test]
async fn e3_a_token_without_a_value_is_fetched_first() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let execution = bench.run(&id).await;
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Refresh, StepKind::Request, StepKind::Mapping]);
    assert!(step(&execution, StepKind::Refresh).detail.contains("no value yet"));
    assert_eq!((bench.logins(), bench.server.count("/orders")), (2, 1));
    assert_eq!(bench.workspace.tokens().get(&token).await.unwrap().summary.last_change, Some(ValueChange::Fetched));
}

#[tokio::test]
async fn e4_a_401_is_answered_by_one_refresh_and_one_retry() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let way = [StepKind::Gate, StepKind::Request, StepKind::Refresh, StepKind::Retry, StepKind::Mapping];
    assert_eq!(kinds(&execution), way);
    assert_eq!(step(&execution, StepKind::Request).http_status, Some(401));
    assert_eq!(step(&execution, StepKind::Retry).http_status, Some(200));
    let renewed = step(&execution, StepKind::Refresh).token.clone().unwrap();
    assert_eq!((renewed.generation_before, renewed.generation_after, renewed.shared), (1, 2, false));
    assert_eq!((bench.logins(), bench.server.count("/orders"), execution.refreshes()), (2, 2, 1));
    let sent = bench.server.received("/orders");
    assert_ne!(sent[0].header("authorization"), sent[1].header("authorization"), "the retry is built with the new value");
    assert_eq!(bench.workspace.tokens().get(&token).await.unwrap().summary.last_change, Some(ValueChange::Refreshed));
}

#[tokio::test]
async fn e4_the_retry_is_the_whole_request_again() {
    let bench = Bench::new().await;
    let token = bench.tested_token(bench.login_draft("T")).await.summary.id;
    let mut draft = posting("C", &bench.server.at("/orders?page={{n}}"), "application/json", r#"{"n": {{n}}}"#);
    draft.data_inputs = vec![input("n", InputType::Integer)];
    draft.token_ids = vec![token];
    let id = bench.connector(draft).await;
    bench.issuer.expire();
    assert!(bench.run_with(&id, &[("n", json!(7))]).await.success);
    let sent = bench.server.received("/orders");
    assert_eq!(sent.len(), 2);
    for received in sent {
        assert_eq!((received.method.as_str(), received.query.as_str()), ("POST", "page=7"));
        assert_eq!(received.body, r#"{"n": 7}"#);
    }
}

#[tokio::test]
async fn e4_a_newer_generation_is_taken_without_a_login() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    let gate = bench.hold_refusals();
    let run = bench.start(&id).await;
    bench.server.arrived("/orders", 1).await;
    bench.workspace.tokens().refresh(&token).await.unwrap();
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(bench.logins(), 2, "the one by hand is enough");
    let newer = step(&execution, StepKind::Refresh);
    assert!(newer.exchange.is_none() && newer.detail.contains("taken without a refresh"), "{}", newer.detail);
    let token = newer.token.clone().unwrap();
    assert_eq!((token.generation_before, token.generation_after, token.shared), (1, 2, true));
}

#[rstest]
#[case(403)]
#[case(500)]
#[case(200)]
#[case(400)]
#[case(407)]
#[case(302)]
#[tokio::test]
async fn e4_nothing_but_401_makes_a_refresh(#[case] status: u16) {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.api_answers(move |_, _| Answer::json(status, &json!({"error": "unauthorized"})));
    let execution = bench.run(&id).await;
    assert_eq!((bench.logins(), bench.server.count("/orders")), (1, 1), "{status} was taken for a 401");
    assert_eq!(execution.refreshes(), 0);
    assert_eq!(execution.http_status, Some(status));
}

#[tokio::test]
async fn e5_a_second_401_makes_no_third_request() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.api_answers(|_, _| Answer::status(401));
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    assert!(execution.sentence.contains("401 again"), "{}", execution.sentence);
    assert_eq!((bench.logins(), bench.server.count("/orders")), (2, 2));
    assert_eq!(bench.generation(&token).await, 2, "what was refreshed stays refreshed");
}

#[tokio::test]
async fn e5_a_token_that_this_run_fetched_is_not_refreshed_by_it() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    bench.api_answers(|_, _| Answer::status(401));
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    assert!(execution.sentence.contains("just been renewed by this run"), "{}", execution.sentence);
    assert_eq!((bench.logins(), bench.server.count("/orders")), (2, 1));
}

#[tokio::test]
async fn e4_a_refused_text_token_changes_nothing_and_says_so() {
    let bench = Bench::new().await;
    let token = bench.token(text_token("Key", "fixed-value")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&token])).await;
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    assert!(execution.sentence.contains("Key is a text token"), "{}", execution.sentence);
    assert_eq!((bench.server.count("/orders"), bench.logins()), (1, 0));
}

#[tokio::test]
async fn e4_a_text_token_edited_meanwhile_is_taken() {
    let bench = Bench::new().await;
    let gate = Gate::closed();
    let held = gate.clone();
    bench.server.answers(move |received| match received.header("authorization") {
        Some("Bearer newer-value") => Answer::json(200, &json!({})),
        _ => Answer::status(401).held(&held),
    });
    let token = bench.token(text_token("Key", "older-value")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[&token])).await;
    let run = bench.start(&id).await;
    bench.server.arrived("/x", 1).await;
    bench.token(TokenDraft { id: Some(token), ..text_token("Key", "newer-value") }).await;
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    assert!(execution.success, "{}", execution.sentence);
}

#[tokio::test]
async fn e4_each_token_is_decided_for_itself() {
    let bench = Bench::new().await;
    let key = bench.token(TokenDraft {
        request_header_key: "X-Key".into(),
        token_prefix: String::new(),
        ..text_token("Key", "fixed-value")
    });
    let key = key.await.summary.id;
    let session = bench.tested_token(bench.login_draft("Session")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&key, &session])).await;
    bench.issuer.expire();
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let decided = execution.steps.iter().filter(|step| step.kind == StepKind::Refresh);
    let decided: Vec<_> = decided.map(|step| (step.token.as_ref().unwrap().name.as_str(), step.outcome)).collect();
    assert_eq!(decided, [("Key", StepOutcome::Skipped), ("Session", StepOutcome::Passed)], "each has its step");
    assert_eq!((execution.refreshes(), bench.generation(&key).await), (1, 1));
    let sent = bench.server.received("/orders");
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|received| received.header("x-key") == Some("fixed-value")), "the retry carries both");
    assert_ne!(sent[0].header("authorization"), sent[1].header("authorization"));
}

#[tokio::test]
async fn e4_one_token_is_taken_newer_while_the_other_is_refreshed() {
    let bench = Bench::new().await;
    let gate = Gate::closed();
    let held = gate.clone();
    bench.server.answers(move |received| match received.path.as_str() {
        "/login/a" => Answer::json(200, &json!({"t": "first-token-value"})),
        "/login/b" => Answer::json(200, &json!({"t": "second-token-value"})),
        _ => Answer::status(401).held(&held),
    });
    let token = |name: &str, header: &str, path: &str| TokenDraft {
        request_header_key: header.into(),
        ..login_token(name, login(&bench.server.at(path), CLIENT_SECRET), TokenLocation::json("/t"))
    };
    let a = bench.tested_token(token("A", "X-A", "/login/a")).await.summary.id;
    let b = bench.tested_token(token("B", "X-B", "/login/b")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&a, &b])).await;
    let run = bench.start(&id).await;
    bench.server.arrived("/orders", 1).await;
    bench.workspace.tokens().refresh(&a).await.unwrap();
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    let changes: Vec<_> =
        execution.steps.iter().filter_map(|step| step.token.as_ref()).map(|it| (it.name.as_str(), it.shared)).collect();
    assert_eq!(changes, [("A", true), ("B", false)]);
    assert_eq!((bench.server.count("/login/a"), bench.server.count("/login/b"), bench.server.count("/orders")), (2, 2, 2));
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
}

#[tokio::test]
async fn e4_a_login_that_returns_the_same_value_is_a_refresh_all_the_same() {
    let bench = Bench::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => Answer::json(200, &json!({"data": {"access_token": "always-the-same"}})),
        _ if counted.fetch_add(1, Ordering::SeqCst) == 0 => Answer::status(401),
        _ => Answer::json(200, &json!({})),
    });
    let (token, id) = bench.orders().await;
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!((bench.logins(), asked.load(Ordering::SeqCst), bench.generation(&token).await), (2, 2, 2));
}

#[rstest]
#[case::unavailable(Answer::json(503, &json!({"secret_note": "hush-hush-value"})), "503")]
#[case::refused(Answer::json(400, &json!({"error": "hush-hush-value"})), "400")]
#[case::without_the_token(Answer::json(200, &json!({"data": {"other": "hush-hush-value"}})), "without the token")]
#[case::an_object(Answer::json(200, &json!({"data": {"access_token": {"a": "hush-hush-value"}}})), "without the token")]
#[case::a_page(Answer::text(200, "text/html", "<html>hush-hush-value</html>"), "without the token")]
#[case::broken_off(Answer::Reset, "no usable answer")]
#[tokio::test]
async fn e7_a_failed_login_ends_the_run_and_the_stored_value_stays(#[case] answer: Answer, #[case] said: &str) {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let before = bench.value(&token).await;
    bench.issuer.expire();
    bench.login_answers(move |_, _| answer.clone());
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
    assert!(execution.sentence.contains(said), "{}", execution.sentence);
    assert!(!execution.next_step.is_empty());
    assert_eq!(
        kinds(&execution),
        [StepKind::Gate, StepKind::Request, StepKind::Refresh],
        "nothing is sent after a failed login"
    );
    let exchange = step(&execution, StepKind::Refresh).exchange.clone().expect("the log shows the exchange");
    assert!(exchange.response_is_shape);
    let recorded = json!(execution).to_string();
    for secret in ["hush-hush-value", CLIENT_SECRET, before.as_str()] {
        assert_free_of(&recorded, secret, "login's answer or secret");
    }
    assert_eq!((bench.generation(&token).await, bench.value(&token).await), (1, before), "the stored value stays");
    bench.login_answers(|_, issuer| issuer.logged_in());
    assert!(bench.run(&id).await.success, "the next run asks the login afresh");
}

#[tokio::test]
async fn e7_a_login_is_recorded_by_its_shape_also_when_it_succeeds() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    bench.login_answers(|_, issuer| {
        issuer.logged_in().with("X-Session", "header-of-the-login").with("Set-Cookie", "sid=cookie-value")
    });
    let execution = bench.run(&id).await;
    assert!(execution.success);
    let recorded = json!(execution).to_string();
    let value = bench.value(&token).await;
    for answered in ["of the login alone", "header-of-the-login", "cookie-value", value.as_str(), CLIENT_SECRET] {
        assert_free_of(&recorded, answered, "login's answer");
    }
    let exchange = step(&execution, StepKind::Refresh).exchange.clone().unwrap();
    let shape = exchange.response_body.unwrap();
    assert!(shape.contains("access_token: string(") && shape.contains("expires_in: number(3)"), "{shape}");
    assert!(exchange.request_body.unwrap().contains("shop-7"), "an unmarked parameter is shown");
}

#[tokio::test]
async fn e7_tokens_that_were_refreshed_before_a_failed_login_stay_refreshed() {
    let bench = Bench::new().await;
    let broken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&broken);
    bench.server.answers(move |received| match received.path.as_str() {
        "/login/a" => Answer::json(200, &json!({"t": "first-token-value"})),
        "/login/b" if counted.fetch_add(1, Ordering::SeqCst) > 0 => Answer::status(500),
        "/login/b" => Answer::json(200, &json!({"t": "second-token-value"})),
        _ => Answer::status(401),
    });
    let token = |name: &str, header: &str, path: &str| TokenDraft {
        request_header_key: header.into(),
        ..login_token(name, login(&bench.server.at(path), CLIENT_SECRET), TokenLocation::json("/t"))
    };
    let a = bench.tested_token(token("A", "X-A", "/login/a")).await.summary.id;
    let b = bench.tested_token(token("B", "X-B", "/login/b")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/orders"), &[&a, &b])).await;
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
    assert!(execution.sentence.starts_with("No new value of B could be had"), "{}", execution.sentence);
    assert_eq!((bench.generation(&a).await, bench.generation(&b).await), (2, 1));
    assert_eq!(bench.server.count("/orders"), 1);
}

#[rstest]
#[case(json!({"error": "unauthorized"}), true)]
#[case(json!({"status": 401, "message": "Access denied"}), true)]
#[case(json!({"order": {"id": 1, "status": "shipped"}}), false)]
#[tokio::test]
async fn e8_a_200_that_means_no_gets_a_hint_and_no_refresh(#[case] body: serde_json::Value, #[case] hinted: bool) {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.api_answers(move |_, _| Answer::json(200, &body));
    let execution = bench.run(&id).await;
    assert!(execution.success, "a hint is no failure");
    assert_eq!(execution.hint.is_some(), hinted, "{:?}", execution.hint);
    assert!(execution.hint.is_none_or(|hint| hint.contains("should answer 401")));
    assert_eq!(bench.logins(), 1);
}

#[tokio::test]
async fn e8_a_hint_never_repeats_a_long_answer() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let long = format!("access denied {}", "x".repeat(100_000));
    bench.api_answers(move |_, _| Answer::json(200, &json!(long)));
    let execution = bench.run(&id).await;
    assert!(execution.hint.is_none_or(|hint| hint.len() < 1000), "a long text is a document, not a refusal");
}

#[tokio::test]
async fn e12_xml_is_converted_to_json_and_mapped() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::text(200, "application/xml", "<order><id>A-1</id><at>2026-01-02T03:04:05Z</at></order>"));
    let mut draft = connector("C", &bench.server.at("/x"), &[]);
    draft.object_mappings = vec![support::drafts::mapping("order", "id", "order_id")];
    let id = bench.connector(draft).await;
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    let body: serde_json::Value = serde_json::from_str(&execution.response_body.unwrap()).unwrap();
    assert_eq!(body, json!({"order": {"id": "A-1", "at": "2026-01-02T03:04:05Z"}}));
    assert!(execution.raw_response_body.unwrap().starts_with("<order>"), "what came is kept as it came");
    assert_eq!(execution.mapped_fields[0].value, "\"A-1\"");
    let fields = bench.workspace.connectors().get(&id).await.unwrap().draft.response_fields;
    let types: Vec<_> = fields.iter().map(|field| (field.path.as_str(), field.field_type)).collect();
    assert!(types.contains(&("order.at", ResponseFieldType::Datetime)), "XML gives response fields too: {types:?}");
}

#[tokio::test]
async fn e12_text_is_kept_as_text_and_numbers_to_the_digit() {
    let bench = Bench::new().await;
    bench.server.answers(|received| match received.path.as_str() {
        "/text" => Answer::text(200, "text/plain; charset=utf-8", "queued: grüß"),
        _ => Answer::text(200, "application/json", r#"{"id":12345678901234567890123,"sum":0.10}"#),
    });
    let text = bench.connector(connector("Text", &bench.server.at("/text"), &[])).await;
    assert_eq!(bench.run(&text).await.response_body.as_deref(), Some("queued: grüß"));
    let json = bench.connector(connector("Json", &bench.server.at("/json"), &[])).await;
    let raw = bench.run(&json).await.raw_response_body.unwrap();
    assert_eq!(raw, r#"{"id":12345678901234567890123,"sum":0.10}"#, "nothing is rewritten");
}

#[tokio::test]
async fn e12_no_content_is_no_broken_json() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::text(204, "application/json", ""));
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[])).await;
    let execution = bench.run(&id).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!((execution.http_status, execution.response_body), (Some(204), None));
}

#[tokio::test]
async fn e13_a_cancelled_run_is_recorded_as_cancelled() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.api_answers(|_, _| Answer::status(200).held(&Gate::closed()));
    let run = bench.start(&id).await;
    bench.server.arrived("/orders", 1).await;
    run.cancel();
    let execution = within("the cancelled run", run.outcome()).await.unwrap();
    assert_eq!(execution.error_type, Some(ErrorType::Cancelled));
    assert!(!execution.sentence.is_empty() && !execution.next_step.is_empty());
    assert_eq!(execution.steps.last().unwrap().outcome, StepOutcome::Cancelled);
    let recorded = bench.workspace.executions().get(&execution.id).await.unwrap();
    assert_eq!(recorded.error_type, Some(ErrorType::Cancelled));
}

#[tokio::test]
async fn e13_a_run_whose_watcher_went_away_is_recorded_all_the_same() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let mut events = bench.workspace.events();
    drop(bench.start(&id).await);
    let recorded = async {
        loop {
            if let WorkspaceEvent::ExecutionRecorded { connector_id, execution_id } = events.recv().await.unwrap() {
                assert_eq!(connector_id, id);
                return execution_id;
            }
        }
    };
    let execution = within("the record", recorded).await;
    assert!(bench.workspace.executions().get(&execution).await.unwrap().success);
}

#[tokio::test]
async fn e2_steps_are_told_as_they_happen() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let mut run = bench.start(&id).await;
    assert_eq!(within("the gate", run.next_step()).await.unwrap().kind, StepKind::Gate);
    assert_eq!(within("the request", run.next_step()).await.unwrap().kind, StepKind::Request);
    bench.server.arrived("/login", 2).await;
    gate.open();
    let mut rest = Vec::new();
    while let Some(step) = within("the next step", run.next_step()).await {
        rest.push(step.kind);
    }
    assert_eq!(rest, [StepKind::Refresh, StepKind::Retry, StepKind::Mapping]);
    assert!(run.outcome().await.unwrap().success);
}

#[tokio::test]
async fn events_of_another_process_arrive_within_a_second_or_so() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let other = bench.second().await;
    let mut events = bench.workspace.events();
    let request = latchkey::workspace::ExecutionRequest { connector_id: id, ..Default::default() };
    let execution = other.execute(request).await.unwrap().outcome().await.unwrap();
    let arrives = async {
        loop {
            match events.recv().await.unwrap() {
                WorkspaceEvent::ExecutionRecorded { execution_id, .. } if execution_id == execution.id => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), arrives).await.expect("the event must arrive");
    assert!(bench.workspace.executions().get(&execution.id).await.unwrap().success);
}

#[tokio::test]
async fn e1_every_method_is_sent_as_it_is_set() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    for method in [HttpMethod::Get, HttpMethod::Post, HttpMethod::Put, HttpMethod::Patch, HttpMethod::Delete] {
        let draft = connector(method.name(), &bench.server.at("/x"), &[]);
        let id = bench.connector(latchkey::connector::ConnectorDraft { http_method: method, ..draft }).await;
        assert!(bench.run(&id).await.success);
        assert_eq!(bench.server.last("/x").method, method.name().to_uppercase());
    }
}
