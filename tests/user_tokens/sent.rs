//! Which value is sent, and what is recorded of it.

use latchkey::customer::CustomerKind;
use latchkey::execution::{StepKind, StepOutcome};
use latchkey::token::TokenDraft;
use latchkey::workspace::{ProblemCode, SecretRef, TestHandle};
use serde_json::json;

use crate::desk::{Desk, HEADER, NAME, generations};
use crate::support::bench::kinds;
use crate::support::drafts::{connector, text_token, user_token};
use crate::support::{Answer, assert_free_of};

#[tokio::test]
async fn t5_a_user_token_has_no_value_and_is_neither_refreshed_nor_forgotten_nor_tested() {
    let desk = Desk::new().await;
    let tokens = desk.workspace.tokens();
    let summary = tokens.get(&desk.token).await.unwrap().summary;
    assert_eq!((summary.has_value, summary.generation, summary.last_change), (false, 0, None));
    assert!(summary.header_preview.starts_with("X-Session: "), "{}", summary.header_preview);
    for problem in [tokens.refresh(&desk.token).await.unwrap_err(), tokens.forget(&desk.token).await.unwrap_err()] {
        assert_eq!(problem.code, ProblemCode::Failed);
        assert!(problem.message.contains("session_token is a user token"), "{}", problem.message);
        assert!(!problem.next_step.is_empty());
    }
    assert_eq!(desk.generation(&desk.token).await, 0, "nothing was forgotten");
    let draft = user_token(NAME, HEADER);
    let problem = desk.workspace.test_draft(&draft, &TestHandle::default(), |_| ()).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("token_type"));
    let value = SecretRef::TokenValue { token_id: desk.token.clone() };
    let problem = desk.workspace.reveal(value).await.unwrap_err();
    assert!(problem.message.contains("each customer has one"), "{}", problem.message);
    let other = TokenDraft { id: Some(desk.token.clone()), ..text_token(NAME, "a value of its own") };
    let problem = tokens.save(other, None).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("token_type"), "a saved token keeps its type");
}

#[tokio::test]
async fn t1_a_user_token_is_sent_as_its_header_with_its_prefix() {
    let desk = Desk::new().await;
    let draft = TokenDraft { token_prefix: "Session".into(), ..user_token(NAME, HEADER) };
    let draft = TokenDraft { id: Some(desk.token.clone()), ..draft };
    desk.workspace.tokens().save(draft, None).await.unwrap();
    desk.holds("zoe", "the value of zoe").await;
    assert!(desk.run_for("zoe").await.success);
    assert_eq!(desk.sent(), ["Session the value of zoe"]);
}

#[tokio::test]
async fn m3_the_very_next_run_sends_the_value_that_was_set_last() {
    let desk = Desk::new().await;
    desk.holds("zoe", "first value of zoe").await;
    let first = desk.run_for("zoe").await;
    assert!(first.success, "{}", first.sentence);
    desk.holds("zoe", "second value of zoe").await;
    let second = desk.run_for("zoe").await;
    desk.holds("zoe", "second value of zoe").await;
    let third = desk.run_for("zoe").await;
    assert_eq!(desk.sent(), ["first value of zoe", "second value of zoe", "second value of zoe"]);
    let recorded = [&first, &second, &third].map(|execution| generations(execution)[0]);
    assert_eq!(recorded, [(NAME, 1), (NAME, 2), (NAME, 3)], "an equal value is another generation, too");
    assert_eq!(third.sent_tokens[0].token_id, desk.token);
    assert_eq!(third.customer.as_deref(), Some("zoe"));
    assert_eq!(kinds(&third), [StepKind::Gate, StepKind::Gate, StepKind::Request, StepKind::Mapping]);
    assert_eq!(third.steps[1].outcome, StepOutcome::Passed);
    assert!(third.steps[1].detail.contains("“zoe” holds a value of session_token"), "{}", third.steps[1].detail);
}

#[tokio::test]
async fn m3_two_customers_do_not_mix_however_their_runs_are_mixed() {
    let desk = Desk::new().await;
    desk.holds("zoe", "the value of zoe").await;
    desk.holds("Zoe", "the value of Zoe the other").await;
    let mut runs = tokio::task::JoinSet::new();
    for turn in 0..20 {
        let user_id = if turn % 2 == 0 { "zoe" } else { "Zoe" };
        let (workspace, request) = (desk.workspace.clone(), desk.request(Some(user_id)));
        runs.spawn(async move { workspace.execute(request).await.unwrap().outcome().await.unwrap() });
    }
    while let Some(execution) = runs.join_next().await {
        assert!(execution.unwrap().success);
    }
    let sent = desk.sent();
    assert_eq!(sent.iter().filter(|value| *value == "the value of zoe").count(), 10, "{sent:?}");
    assert_eq!(sent.iter().filter(|value| *value == "the value of Zoe the other").count(), 10, "{sent:?}");
}

#[tokio::test]
async fn m3_what_another_process_sets_is_sent_by_the_next_run_here() {
    let desk = Desk::new().await;
    desk.holds("zoe", "set before").await;
    assert!(desk.run_for("zoe").await.success);
    let other = desk.second().await;
    let run = |user_id: &'static str| {
        let (other, request) = (other.clone(), desk.request(Some(user_id)));
        async move { other.execute(request).await.unwrap().outcome().await.unwrap() }
    };
    assert!(run("zoe").await.success);
    desk.holds("zoe", "set meanwhile").await;
    assert!(run("zoe").await.success);
    assert_eq!(desk.sent(), ["set before", "set before", "set meanwhile"]);
}

#[tokio::test]
async fn s2_a_customers_value_is_recorded_nowhere_with_its_prefix_neither() {
    let desk = Desk::new().await;
    let draft = TokenDraft { id: Some(desk.token.clone()), token_prefix: "Basic".into(), ..user_token(NAME, HEADER) };
    desk.workspace.tokens().save(draft, None).await.unwrap();
    let value = "em9lOnRoZSBwYXNzd29yZCBvZiB6b2U=";
    desk.keeps_secret("the password of zoe");
    desk.holds("zoe", value).await;
    desk.server.answers(|received| {
        let sent = received.header(HEADER).unwrap_or_default().to_owned();
        Answer::json(200, &json!({"whole": sent, "password": "the password of zoe"})).with("X-Echo", &sent)
    });
    let execution = desk.run_for("zoe").await;
    assert!(execution.success, "{}", execution.sentence);
    let recorded = json!(execution).to_string();
    assert_free_of(&recorded, value, "value");
    assert_free_of(&recorded, "the password of zoe", "password");
    // The response opened as a tree masks what this customer holds, too.
    let response = desk.workspace.executions().open_response(&execution.id).await.unwrap().unwrap();
    let rows = desk.workspace.responses().rows(&response, 0, 50).await.unwrap();
    assert_free_of(&json!(rows.rows).to_string(), value, "value");
}

#[tokio::test]
async fn e3_a_login_that_takes_its_time_does_not_make_an_older_value_be_sent() {
    let desk = Desk::new().await;
    desk.holds("zoe", "before the login").await;
    let login = desk.tested_token(desk.login_draft("Login")).await.summary.id;
    desk.workspace.tokens().forget(&login).await.unwrap();
    let draft = connector("Both", &desk.server.at("/orders"), &[&login, &desk.token]);
    let id = desk.connector(draft).await;
    let gate = desk.expire_and_hold_login();
    let request = latchkey::workspace::ExecutionRequest { connector_id: id, ..desk.request(Some("zoe")) };
    let logins = desk.logins();
    let handle = desk.workspace.execute(request).await.unwrap();
    desk.server.arrived("/login", logins + 1).await;
    desk.holds("zoe", "while the login took its time").await;
    gate.open();
    let execution = crate::desk::ended(handle).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(desk.sent(), ["while the login took its time"]);
    assert_eq!(generations(&execution), [("Login", 3), (NAME, 2)]);
}

#[tokio::test]
async fn e1_a_run_for_a_customer_without_user_tokens_needs_none() {
    let desk = Desk::with(|draft| latchkey::connector::ConnectorDraft { token_ids: Vec::new(), ..draft }).await;
    let execution = desk.run_for("whoever").await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Request, StepKind::Mapping]);
    assert!(execution.sent_tokens.is_empty());
    desk.says("a lead", CustomerKind::Leads, &[]).await;
    assert!(desk.run_for("a lead").await.success, "without audiences everybody is welcome");
}
