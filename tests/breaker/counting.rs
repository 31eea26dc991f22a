//! What counts (C2), and when it opens (C3, C4).

use latchkey::connector::{InputType, Reliability, ResponseFieldType};
use latchkey::execution::ErrorType;
use latchkey::workspace::BreakerState;
use rstest::rstest;
use serde_json::json;

use crate::scene::Scene;
use crate::support::drafts::{connector, input, mapping, marked, text_token};
use crate::support::{Answer, Gate, within};

#[tokio::test]
async fn c3_five_failures_in_a_row_open_it_and_are_named() {
    let scene = Scene::new().await;
    let failed = scene.open().await;
    let view = scene.view().await;
    let named: Vec<_> = view.opened_by.iter().map(|failure| failure.execution_id.clone()).collect();
    assert_eq!(named, failed.iter().rev().map(|execution| execution.id.clone()).collect::<Vec<_>>(), "the newest first");
    let newest = &view.opened_by[0];
    assert_eq!((newest.error_type, newest.http_status), (ErrorType::ThirdPartyError, Some(503)));
    assert_eq!((view.failures, view.threshold, view.window_seconds, view.open_seconds), (5, 5, 600, 60));
    assert_eq!(
        (view.changed_at, view.next_probe_at, view.probing),
        (Some(scene.in_seconds(0)), Some(scene.in_seconds(60)), false)
    );
    let refused = scene.is_refused().await;
    assert_eq!(refused.next_probe_at, Some(scene.in_seconds(60)));
    assert_eq!(refused.sentence, "The circuit breaker is open: 5 runs in a row failed. Nothing was sent.");
    let listed = scene.workspace.connectors().list().await.unwrap();
    assert_eq!(listed[0].breaker.state, BreakerState::Open, "the list shows it too (C5)");
    assert_eq!(scene.workspace.connectors().get(&scene.id).await.unwrap().summary.breaker, scene.view().await);
}

#[tokio::test]
async fn c3_five_failures_that_are_not_within_the_window_do_not() {
    let scene = Scene::new().await;
    scene.breaks();
    for _ in 0..8 {
        scene.fails().await;
        scene.passes(151);
    }
    assert_eq!(
        scene.stands().await,
        (BreakerState::Closed, 3, false),
        "what is too old counts no more, also where it is shown"
    );
    scene.passes(600);
    assert_eq!(scene.stands().await, (BreakerState::Closed, 0, false));
}

#[tokio::test]
async fn c3_a_success_in_between_resets_the_count() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        scene.breaks();
        for _ in 0..4 {
            scene.fails().await;
        }
        assert_eq!(scene.stands().await, (BreakerState::Closed, 4, false));
        scene.mends();
        assert!(scene.runs().await.success);
        assert_eq!(scene.stands().await, (BreakerState::Closed, 0, false));
    }
}

/// How the end of a run counts.
#[derive(Debug, PartialEq)]
enum Counted {
    AsFailure,
    AsSuccess,
    Not,
}
use Counted::*;

#[rstest]
#[case::server_error(Answer::status(500), AsFailure)]
#[case::unavailable(Answer::status(503), AsFailure)]
#[case::broken_off(Answer::Reset, AsFailure)]
#[case::no_http(Answer::Raw(b"nonsense\r\n\r\n".to_vec()), AsFailure)]
#[case::truncated(Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}".to_vec()), AsFailure)]
#[case::no_answer_in_time(Answer::status(200).held(&Gate::closed()), AsFailure)]
#[case::refused_again_after_the_retry(Answer::status(401), AsFailure)]
#[case::not_found(Answer::status(404), AsSuccess)]
#[case::forbidden(Answer::status(403), AsSuccess)]
#[case::too_many(Answer::status(429), AsSuccess)]
#[case::not_modified(Answer::status(304), AsSuccess)]
#[case::unreadable(Answer::text(200, "application/json", "{"), AsSuccess)]
#[case::without_a_mapped_field(Answer::json(200, &json!({})), AsSuccess)]
#[case::a_redirect_that_would_resend_a_body(Answer::redirect(307, "http://127.0.0.1:9/elsewhere"), Not)]
#[tokio::test]
async fn c2_every_end_of_a_run_counts_as_the_rule_says(#[case] answer: Answer, #[case] expected: Counted) {
    let scene = Scene::new().await;
    scene
        .saves(|draft| {
            draft.http_method = latchkey::connector::HttpMethod::Post;
            draft.body = "{}".to_owned();
            draft.object_mappings = vec![mapping("order", "status", "order_status")];
            draft.response_fields = vec![marked("order.note", ResponseFieldType::String)];
            draft.reliability.timeout_ms = 500;
        })
        .await;
    scene.breaks();
    scene.fails().await;
    scene.api_answers(move |_, _| answer.clone());
    let execution = scene.runs().await;
    assert_eq!(counted(&scene).await, expected, "{execution:#?}");
}

/// How the run after the first failure counted.
async fn counted(scene: &Scene) -> Counted {
    match scene.stands().await {
        (BreakerState::Closed, 0, _) => AsSuccess,
        (BreakerState::Closed, 1, _) => Not,
        (BreakerState::Closed, 2, _) => AsFailure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn c2_a_login_that_fails_counts_so_a_broken_login_is_not_stormed() {
    let scene = Scene::new().await;
    scene.workspace.tokens().forget(&scene.token).await.unwrap();
    scene.login_answers(|_, _| Answer::status(503));
    let logins = scene.logins();
    for _ in 0..5 {
        assert_eq!(scene.fails().await.error_type, Some(ErrorType::TokenRefreshError));
    }
    scene.is_refused().await;
    assert_eq!(scene.logins(), logins + 5);
    assert_eq!(scene.server.count("/orders"), 0);
}

#[tokio::test]
async fn c2_a_401_that_nothing_could_be_done_about_is_an_answer() {
    let scene = Scene::new().await;
    let token = scene.token(text_token("Fixed", "a fixed value")).await.summary.id;
    scene.breaks();
    scene.saves(|draft| draft.token_ids = vec![token]).await;
    scene.fails().await;
    scene.api_answers(|_, _| Answer::status(401));
    scene.fails().await;
    assert_eq!(counted(&scene).await, AsSuccess);
}

#[tokio::test]
async fn c2_what_a_gate_ends_and_what_is_cancelled_does_not_count() {
    let scene = Scene::new().await;
    scene.breaks();
    scene.fails().await;
    scene.saves(|draft| draft.data_inputs = vec![input("order_id", InputType::Integer)]).await;
    assert_eq!(scene.runs().await.error_type, Some(ErrorType::RequestValidationError));
    assert_eq!(counted(&scene).await, Not);
    scene.saves(|draft| draft.customer_authentication = true).await;
    assert_eq!(scene.runs().await.error_type, Some(ErrorType::RequestConfigurationError));
    assert_eq!(counted(&scene).await, Not);
    scene.saves(|_| ()).await;
    let gate = Gate::closed();
    scene.api_answers(move |_, _| Answer::status(503).held(&gate));
    let arrived = scene.server.count("/orders");
    let handle = scene.start(&scene.id).await;
    scene.server.arrived("/orders", arrived + 1).await;
    handle.cancel();
    let cancelled = within("the cancelled run", handle.outcome()).await.unwrap();
    assert_eq!(cancelled.error_type, Some(ErrorType::Cancelled));
    assert_eq!(counted(&scene).await, Not);
}

#[tokio::test]
async fn c4_while_open_nothing_is_sent_to_the_login_either() {
    let scene = Scene::opened().await;
    scene.workspace.tokens().forget(&scene.token).await.unwrap();
    scene.is_refused().await;
    scene.passes(59);
    scene.is_refused().await;
}

#[tokio::test]
async fn c4_gates_that_come_before_the_breaker_refuse_before_it() {
    let scene = Scene::opened().await;
    scene.saves(|draft| draft.data_inputs = vec![input("order_id", InputType::Integer)]).await;
    assert_eq!(scene.runs().await.error_type, Some(ErrorType::RequestValidationError), "E2's order");
}

#[tokio::test]
async fn c3_the_numbers_are_the_connectors_and_those_that_run_decide() {
    let scene = Scene::new().await;
    let numbers = |failures, window_seconds, open_seconds| Reliability {
        failures,
        window_seconds,
        open_seconds,
        ..Reliability::default()
    };
    scene.saves(|draft| draft.reliability = numbers(2, 10, 2)).await;
    scene.breaks();
    scene.fails().await;
    scene.passes(11);
    scene.fails().await;
    assert_eq!(scene.stands().await, (BreakerState::Closed, 1, false));
    scene.fails().await;
    assert_eq!(scene.is_refused().await.next_probe_at, Some(scene.in_seconds(2)));
    scene.saves(|draft| draft.reliability = numbers(2, 10, 30)).await;
    assert_eq!(scene.is_refused().await.next_probe_at, Some(scene.in_seconds(30)), "saving does not reset it");
    assert_eq!(scene.view().await.next_probe_at, Some(scene.in_seconds(30)));
    scene.workspace.connectors().set_live(&scene.id).await.unwrap();
    scene.saves(|draft| draft.reliability = numbers(2, 10, 1)).await;
    assert_eq!(scene.view().await.next_probe_at, Some(scene.in_seconds(30)), "what is live decides what is shown");
    assert_eq!(scene.is_refused().await.next_probe_at, Some(scene.in_seconds(1)), "a test runs the draft copy (R1)");
}

#[rstest]
#[case::failures(|numbers: &mut Reliability| numbers.failures = 0, "reliability.failures")]
#[case::many_failures(|numbers: &mut Reliability| numbers.failures = 101, "reliability.failures")]
#[case::window(|numbers: &mut Reliability| numbers.window_seconds = 0, "reliability.window_seconds")]
#[case::long_window(|numbers: &mut Reliability| numbers.window_seconds = 86_401, "reliability.window_seconds")]
#[case::wait(|numbers: &mut Reliability| numbers.open_seconds = 0, "reliability.open_seconds")]
#[case::long_wait(|numbers: &mut Reliability| numbers.open_seconds = 86_401, "reliability.open_seconds")]
#[tokio::test]
async fn c3_numbers_out_of_range_are_refused_at_their_field(#[case] change: fn(&mut Reliability), #[case] field: &str) {
    let scene = Scene::new().await;
    let mut draft = connector("Orders", &scene.server.at("/orders"), &[]);
    change(&mut draft.reliability);
    let problem = scene.workspace.connectors().save(Some(&scene.id), draft).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some(field));
}
