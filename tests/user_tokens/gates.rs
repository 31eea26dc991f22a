//! What refuses a run before anything is sent: a value that is missing (M6), a customer of another kind (R4).

use std::sync::Arc;

use latchkey::clock::FixedClock;
use latchkey::connector::{Audience, ConnectorDraft, Reliability};
use latchkey::customer::CustomerKind;
use latchkey::execution::{ErrorType, Execution, SourceType, StepKind, StepOutcome};
use latchkey::workspace::{BreakerState, ExecutionRequest};
use rstest::rstest;
use serde_json::json;

use crate::desk::{Desk, HEADER, NAME};
use crate::support::bench::kinds;
use crate::support::drafts::{connector, user_token};
use crate::support::{Answer, Bench};

#[track_caller]
fn assert_refused(execution: &Execution, error_type: ErrorType, parts: &[&str]) {
    assert_eq!(execution.error_type, Some(error_type), "{}", execution.sentence);
    for part in parts {
        assert!(execution.sentence.contains(part), "{part} should be in {}", execution.sentence);
    }
    assert!(!execution.next_step.is_empty() && execution.http_status.is_none());
    let last = execution.steps.last().unwrap();
    assert_eq!((last.kind, last.outcome), (StepKind::Gate, StepOutcome::Refused));
    assert!(execution.sent_tokens.is_empty(), "nothing was sent");
}

const OTHERS: ErrorType = ErrorType::NonFinStandaloneActionIdentityVerificationError;

#[rstest]
#[case(SourceType::Fin, ErrorType::FinActionIdentityVerificationError)]
#[case(SourceType::Test, OTHERS)]
#[case(SourceType::Workflow, OTHERS)]
#[case(SourceType::Inbox, OTHERS)]
#[tokio::test]
async fn m6_without_a_value_nothing_is_sent_and_the_error_type_tells_who_ran_it(
    #[case] source: SourceType,
    #[case] error_type: ErrorType,
) {
    let desk = Desk::with(|draft| ConnectorDraft { direct_fin_usage: true, ..draft }).await;
    desk.workspace.connectors().set_live(&desk.id).await.unwrap();
    desk.says("zoe", CustomerKind::Users, &[]).await;
    let known = desk.run_from(source, Some("zoe")).await;
    assert_refused(&known, error_type, &["The customer “zoe” holds no value of the user token session_token"]);
    assert!(known.next_step.contains("setAuthTokens") && known.next_step.contains(NAME), "{}", known.next_step);
    let unknown = desk.run_from(source, Some("nobody")).await;
    assert_refused(&unknown, error_type, &["There is no customer “nobody”", NAME]);
    let for_nobody = desk.run_from(source, None).await;
    assert_refused(&for_nobody, error_type, &[NAME, "for no customer"]);
    assert!(desk.sent().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn m6_a_removed_value_is_none_and_every_missing_token_is_named() {
    let desk = Desk::new().await;
    let other = desk.token(user_token("device_token", "X-Device")).await.summary.id;
    let both = desk.connector(connector("Both", &desk.server.at("/orders"), &[&desk.token, &other])).await;
    desk.says("zoe", CustomerKind::Users, &[(NAME, "a value of zoe"), ("device_token", "a device of zoe")]).await;
    let request = || ExecutionRequest { connector_id: both.clone(), ..desk.request(Some("zoe")) };
    assert!(desk.execute(request()).await.success);
    desk.removes("zoe", &other);
    assert_refused(&desk.execute(request()).await, OTHERS, &["the user token device_token"]);
    desk.removes("zoe", &desk.token);
    assert_refused(&desk.execute(request()).await, OTHERS, &["the user tokens session_token and device_token"]);
    assert_eq!(desk.server.count("/orders"), 1);
}

#[tokio::test]
async fn m6_no_login_is_made_for_a_run_that_lacks_a_value() {
    let desk = Desk::new().await;
    let login = desk.tested_token(desk.login_draft("Login")).await.summary.id;
    desk.workspace.tokens().forget(&login).await.unwrap();
    let logins = desk.logins();
    let id = desk.connector(connector("Both", &desk.server.at("/orders"), &[&login, &desk.token])).await;
    let execution = desk.execute(ExecutionRequest { connector_id: id, ..desk.request(Some("zoe")) }).await;
    assert_refused(&execution, OTHERS, &[NAME]);
    assert_eq!((desk.logins(), desk.sent().len()), (logins, 0));
}

#[tokio::test]
async fn r4_bypass_sends_no_user_token_and_needs_none() {
    let desk = Desk::with(|draft| ConnectorDraft { bypass_authentication: true, ..draft }).await;
    desk.holds("zoe", "a value of zoe").await;
    for user_id in [Some("zoe"), Some("nobody"), None] {
        let execution = desk.execute(desk.request(user_id)).await;
        assert!(execution.success, "{}", execution.sentence);
        assert!(execution.sent_tokens.is_empty());
    }
    assert_eq!(desk.sent(), ["", "", ""]);
}

#[tokio::test]
async fn r2_a_mock_response_is_played_without_a_value() {
    let desk = Desk::with(|draft| ConnectorDraft { mock_response: "{\"a\":1}".to_owned(), ..draft }).await;
    let played = desk.execute(ExecutionRequest { mock: true, ..desk.request(Some("nobody")) }).await;
    assert!(played.success && played.mock, "{}", played.sentence);
    assert!(played.sent_tokens.is_empty() && desk.sent().is_empty());
}

#[rstest]
#[case(&[], [true, true, true])]
#[case(&[Audience::Users], [true, false, false])]
#[case(&[Audience::Leads], [false, true, false])]
#[case(&[Audience::Leads, Audience::Visitors], [false, true, true])]
#[case(&[Audience::Users, Audience::Leads, Audience::Visitors], [true, true, true])]
#[tokio::test]
async fn r4_audiences_limit_which_kind_of_customer_may_run_it(#[case] audiences: &[Audience], #[case] allowed: [bool; 3]) {
    let desk = Desk::with(|draft| ConnectorDraft { audiences: audiences.to_vec(), ..draft }).await;
    for (kind, allowed) in CustomerKind::ALL.into_iter().zip(allowed) {
        desk.says(kind.name(), kind, &[(NAME, "a value of theirs")]).await;
        let arrived = desk.server.count("/orders");
        let execution = desk.run_for(kind.name()).await;
        assert_eq!(execution.success, allowed, "{}", execution.sentence);
        assert_eq!(desk.server.count("/orders"), arrived + usize::from(allowed));
        if !allowed {
            let one_of_them = format!("is one of the {}", kind.name());
            assert_refused(&execution, ErrorType::RequestConfigurationError, &["This connector is for ", &one_of_them]);
        }
    }
}

#[tokio::test]
async fn r4_whom_a_connector_is_for_is_asked_before_what_they_hold_and_without_tokens_too() {
    let leads = |draft| ConnectorDraft { audiences: vec![Audience::Leads], mock_response: "{}".to_owned(), ..draft };
    let desk = Desk::with(leads).await;
    let unknown = desk.run_for("nobody").await;
    assert_refused(&unknown, ErrorType::RequestConfigurationError, &["is for leads", "“nobody” is one of the users"]);
    let for_nobody = desk.run_from(SourceType::Test, None).await;
    assert_refused(&for_nobody, OTHERS, &["for no customer"]);
    let played = desk.execute(ExecutionRequest { mock: true, ..desk.request(Some("nobody")) }).await;
    assert_refused(&played, ErrorType::RequestConfigurationError, &["is for leads"]);
    let plain = desk.connector(leads(connector("Plain", &desk.server.at("/orders"), &[]))).await;
    let refused = desk.execute(ExecutionRequest { connector_id: plain.clone(), ..desk.request(Some("nobody")) }).await;
    assert_refused(&refused, ErrorType::RequestConfigurationError, &["is for leads"]);
    assert!(desk.execute(ExecutionRequest { connector_id: plain, ..desk.request(None) }).await.success);
}

#[tokio::test]
async fn t6_a_user_token_goes_to_no_other_host() {
    let desk = Desk::new().await;
    let draft = latchkey::token::TokenDraft {
        id: Some(desk.token.clone()),
        domain: Some("api.example.com".into()),
        ..user_token(NAME, HEADER)
    };
    desk.workspace.tokens().save(draft, None).await.unwrap();
    desk.holds("zoe", "a value of zoe").await;
    let execution = desk.run_for("zoe").await;
    assert_refused(&execution, ErrorType::RequestConfigurationError, &["session_token may only be sent to api.example.com"]);
    assert!(desk.sent().is_empty());
}

#[tokio::test]
async fn c2_a_customer_without_a_value_is_nothing_to_the_breaker_and_takes_no_probe() {
    let clock = Arc::new(FixedClock::new("2026-01-31T09:00:00Z".parse().unwrap()));
    let bench = Bench::at(&clock).await;
    let token = bench.token(user_token(NAME, HEADER)).await.summary.id;
    let reliability = Reliability { failures: 1, ..Reliability::default() };
    let draft = ConnectorDraft { reliability, ..connector("Orders", &bench.server.at("/orders"), &[&token]) };
    let id = bench.connector(draft).await;
    let desk = Desk { bench, token, id };
    let state = || async { desk.workspace.breaker(&desk.id).await.unwrap().state };
    desk.holds("zoe", "a value of zoe").await;
    for _ in 0..2 {
        assert_refused(&desk.run_for("nobody").await, OTHERS, &["nobody"]);
    }
    assert_eq!(state().await, BreakerState::Closed, "a gate counts for nothing");
    desk.server.answers(|_| Answer::status(503));
    assert!(!desk.run_for("zoe").await.success);
    assert_eq!(state().await, BreakerState::Open);
    assert_refused(&desk.run_for("nobody").await, ErrorType::CircuitOpen, &["open"]);
    clock.advance(std::time::Duration::from_mins(1));
    assert_refused(&desk.run_for("nobody").await, OTHERS, &["nobody"]);
    assert_eq!(state().await, BreakerState::HalfOpen, "the probe is still free");
    desk.server.answers(|_| Answer::json(200, &json!({})));
    let probe = desk.run_for("zoe").await;
    assert!(probe.success, "{}", probe.sentence);
    let gates = [StepKind::Gate, StepKind::Gate, StepKind::Gate, StepKind::Request, StepKind::Mapping];
    assert_eq!(kinds(&probe), gates, "validated, a value is there, the probe is claimed");
    assert_eq!(state().await, BreakerState::Closed);
}

#[tokio::test]
async fn c2_a_value_that_is_removed_while_a_login_takes_its_time_is_no_failure() {
    let desk = Desk::new().await;
    let login = desk.tested_token(desk.login_draft("Login")).await.summary.id;
    desk.workspace.tokens().forget(&login).await.unwrap();
    let reliability = Reliability { failures: 1, ..Reliability::default() };
    let draft = connector("Both", &desk.server.at("/orders"), &[&login, &desk.token]);
    let id = desk.connector(ConnectorDraft { reliability, ..draft }).await;
    desk.holds("zoe", "a value of zoe").await;
    let (gate, logins) = (desk.expire_and_hold_login(), desk.logins());
    let request = ExecutionRequest { connector_id: id.clone(), ..desk.request(Some("zoe")) };
    let handle = desk.workspace.execute(request).await.unwrap();
    desk.server.arrived("/login", logins + 1).await;
    desk.removes("zoe", &desk.token);
    gate.open();
    let execution = crate::desk::ended(handle).await;
    assert_eq!(execution.error_type, Some(OTHERS), "{}", execution.sentence);
    assert!(execution.sentence.contains("“zoe” holds no value"), "{}", execution.sentence);
    assert!(desk.sent().is_empty() && execution.sent_tokens.is_empty());
    assert_eq!(desk.workspace.breaker(&id).await.unwrap().state, BreakerState::Closed, "nobody was broken");
}
