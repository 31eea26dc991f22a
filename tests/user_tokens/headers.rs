//! Several tokens on one connector: each in a header of its own.

use latchkey::connector::ConnectorDraft;
use latchkey::customer::CustomerKind;
use latchkey::execution::{ErrorType, StepKind};
use latchkey::token::TokenDraft;
use latchkey::workspace::{ExecutionRequest, ProblemCode};
use serde_json::json;

use crate::desk::{Desk, HEADER, NAME, generations};
use crate::support::Answer;
use crate::support::drafts::{connector, field, text_token, user_token};

/// A text token, a login token and two user tokens on one connector, for zoe.
async fn four() -> (Desk, ExecutionRequest) {
    let desk = Desk::new().await;
    let key = TokenDraft {
        request_header_key: "X-Api-Key".into(),
        token_prefix: String::new(),
        ..text_token("Key", "a fixed value")
    };
    let key = desk.token(key).await.summary.id;
    let login = desk.tested_token(desk.login_draft("Login")).await.summary.id;
    let device = TokenDraft { token_prefix: "Device".into(), ..user_token("device_token", "X-Device") };
    let device = desk.token(device).await.summary.id;
    let draft = connector("All", &desk.server.at("/all"), &[&key, &login, &desk.token, &device]);
    let id = desk.connector(draft).await;
    desk.says("zoe", CustomerKind::Users, &[(NAME, "the session of zoe"), ("device_token", "the device of zoe")]).await;
    let request = ExecutionRequest { connector_id: id, ..desk.request(Some("zoe")) };
    (desk, request)
}

#[tokio::test]
async fn t1_tokens_of_every_type_are_sent_each_in_its_header() {
    let (desk, request) = four().await;
    desk.api_answers(|received, issuer| issuer.api(received));
    let execution = desk.execute(request).await;
    assert!(execution.success, "{}", execution.sentence);
    let sent = desk.server.last("/all");
    assert_eq!(sent.header("x-api-key"), Some("a fixed value"));
    assert_eq!(sent.header("authorization"), Some("Bearer value/1+of=the~issuer"));
    assert_eq!(sent.header(HEADER), Some("the session of zoe"));
    assert_eq!(sent.header("x-device"), Some("Device the device of zoe"));
    assert_eq!(generations(&execution), [("Key", 1), ("Login", 1), (NAME, 1), ("device_token", 1)]);
}

#[tokio::test]
async fn e4_a_401_refreshes_the_login_alone_and_sends_all_of_them_again() {
    let (desk, request) = four().await;
    desk.api_answers(|received, issuer| issuer.api(received));
    desk.issuer.expire();
    let logins = desk.logins();
    let execution = desk.execute(request).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(desk.logins(), logins + 1);
    let received = desk.server.received("/all");
    assert_eq!(received.len(), 2);
    for name in ["x-api-key", HEADER, "x-device"] {
        assert_eq!(received[0].header(name), received[1].header(name), "{name} is as it was");
    }
    assert_eq!(received[1].header("authorization"), Some("Bearer value/2+of=the~issuer"));
    let again = [("Key", 1), ("Login", 1), (NAME, 1), ("device_token", 1), ("Login", 2)];
    assert_eq!(generations(&execution), again);
    let refreshes: Vec<_> = execution.steps.iter().filter(|step| step.kind == StepKind::Refresh).collect();
    let of_whom: Vec<_> = refreshes.iter().filter_map(|step| Some(step.token.as_ref()?.name.as_str())).collect();
    assert_eq!(of_whom, ["Key", "Login", NAME, "device_token"], "each is decided about, and the log says what");
    assert_eq!(refreshes.iter().filter(|step| step.exchange.is_some()).count(), 1);
}

#[tokio::test]
async fn e9_a_second_401_after_a_refresh_points_at_the_user_token() {
    let (desk, request) = four().await;
    desk.api_answers(|_, _| Answer::status(401));
    let execution = desk.execute(request).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    let hint = execution.hint.unwrap_or_default();
    assert!(hint.contains("session_token") && hint.contains("setAuthTokens"), "{hint}");
    assert_eq!(desk.server.count("/all"), 2);
}

#[tokio::test]
async fn t1_two_tokens_on_one_header_are_refused_when_a_connector_is_saved() {
    let desk = Desk::new().await;
    let other = desk.token(user_token("device_token", "x-SESSION")).await.summary.id;
    let connectors = desk.workspace.connectors();
    let draft = connector("Both", &desk.server.at("/x"), &[&desk.token, &other]);
    let problem = connectors.save(None, draft).await.unwrap_err();
    assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some("token_ids[1]")));
    for part in [NAME, "device_token", "header x-SESSION"] {
        assert!(problem.message.contains(part), "{part} should be in {}", problem.message);
    }
    let own = ConnectorDraft {
        headers: vec![field("X-session", "of its own", false)],
        ..connector("Own", &desk.server.at("/x"), &[&desk.token])
    };
    let problem = connectors.save(None, own).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("headers[0].name"));
    assert!(problem.message.contains(NAME), "{}", problem.message);
}

#[tokio::test]
async fn t1_a_tokens_header_is_not_changed_to_one_that_is_taken() {
    let (desk, request) = four().await;
    let moved = |key: &str| TokenDraft { id: Some(desk.token.clone()), ..user_token(NAME, key) };
    for (key, other) in [("Authorization", "Login"), ("x-api-key", "Key"), ("X-DEVICE", "device_token")] {
        let problem = desk.workspace.tokens().save(moved(key), None).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("request_header_key"));
        for part in [NAME, other, key, "“All”"] {
            assert!(problem.message.contains(part), "{part} should be in {}", problem.message);
        }
    }
    desk.workspace.tokens().save(moved("X-Free"), None).await.unwrap();
    desk.server.answers(|_| Answer::json(200, &json!({})));
    assert!(desk.execute(request).await.success);
    let sent = desk.server.last("/all");
    assert_eq!((sent.header("x-free"), sent.header(HEADER)), (Some("the session of zoe"), None));
}
