//! *Refresh before it expires* (E4's second exception) over real HTTP: what is learned of a value's life, when a run
//! refreshes it before its first try, and what it leaves alone.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use latchkey::clock::FixedClock;
use latchkey::execution::{ErrorType, Execution, StepKind, StepOutcome};
use latchkey::token::{FieldDraft, TokenDraft, TokenDraftKind, TokenLocation};
use latchkey::workspace::{ExecutionRequest, TokenDetail, Workspace};
use rstest::rstest;
use serde_json::json;

use support::bench::{kinds, step};
use support::drafts::{connector, login_token};
use support::{Answer, Bench, Gate, within};

/// The life of the bench's values, as its login says.
const LIFETIME: u64 = 900;
const MARGIN: u64 = 60;
/// As many runs at once.
const CROWD: usize = 64;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-01-31T09:00:00Z".parse().unwrap()))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A draft that is refreshed so many seconds before its value expires.
fn refreshed_before(draft: TokenDraft, seconds: Option<u32>) -> TokenDraft {
    let kind = match draft.kind {
        TokenDraftKind::HttpRequest { request, location, .. } => {
            TokenDraftKind::HttpRequest { request, location, refresh_before_seconds: seconds }
        }
        TokenDraftKind::Text { .. } | TokenDraftKind::User => draft.kind,
    };
    TokenDraft { kind, ..draft }
}

/// The bench's login says the value's life beside it.
fn says(bench: &Bench, expires_in: u32) {
    bench.login_answers(move |_, issuer| {
        Answer::json(200, &json!({"data": {"access_token": issuer.issue(), "expires_in": expires_in}}))
    });
}

/// A token of the bench's login with this margin, and a connector that sends it. One login has been made.
async fn orders(bench: &Bench, margin: Option<u64>) -> (TokenDetail, String) {
    let margin = margin.map(|margin| u32::try_from(margin).unwrap());
    let token = bench.tested_token(refreshed_before(bench.login_draft("Orders login"), margin)).await;
    let connector = bench.connector(connector("Orders", &bench.server.at("/orders"), &[&token.summary.id])).await;
    (token, connector)
}

async fn start(workspace: &Workspace, connector_id: &str) -> latchkey::workspace::RunHandle {
    let request = ExecutionRequest { connector_id: connector_id.to_owned(), ..ExecutionRequest::default() };
    workspace.execute(request).await.unwrap()
}

fn refreshes(execution: &Execution) -> usize {
    kinds(execution).iter().filter(|kind| **kind == StepKind::Refresh).count()
}

#[tokio::test]
async fn e4_it_is_off_by_default_and_a_run_waits_for_the_401() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, None).await;
    assert_eq!(token.refresh_before_seconds, None);
    assert_eq!(token.expires_at.as_deref(), Some("2026-01-31T09:15:00.000Z"), "it is known all the same");
    assert_eq!(token.lifetime_from.as_deref(), Some("expires_in at the top of the response"));
    clock.advance(seconds(LIFETIME));
    bench.issuer.expire();
    let execution = bench.run(&id).await;
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Request, StepKind::Refresh, StepKind::Retry, StepKind::Mapping]);
}

#[tokio::test]
async fn e3_the_first_try_carries_a_fresh_value_when_the_stored_one_is_about_to_expire() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, Some(MARGIN)).await;
    clock.advance(seconds(LIFETIME - MARGIN - 1));
    assert_eq!(refreshes(&bench.run(&id).await), 0, "there is a second left");
    clock.advance(seconds(21));
    let execution = bench.run(&id).await;
    assert!(execution.success);
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Refresh, StepKind::Request, StepKind::Mapping]);
    let refresh = step(&execution, StepKind::Refresh);
    assert!(refresh.detail.contains("expires in 40 s; refreshed before that, as its settings say."), "{}", refresh.detail);
    assert!(refresh.exchange.is_some(), "the exchange is in the log of the run that made it");
    let sent = bench.server.last("/orders").header("authorization").map(str::to_owned);
    assert_eq!(sent, Some(format!("Bearer {}", bench.value(&token.summary.id).await)));
    assert_eq!((bench.logins(), bench.generation(&token.summary.id).await), (2, 2));
    let token = bench.workspace.tokens().get(&token.summary.id).await.unwrap();
    assert_eq!(token.expires_at.as_deref(), Some("2026-01-31T09:29:20.000Z"), "the new value's end is known");
    assert_eq!(refreshes(&bench.run(&id).await), 0, "a fresh value is not refreshed again");
}

#[tokio::test]
async fn e3_a_value_that_has_expired_is_refreshed_before_it_is_sent() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (_, id) = orders(&bench, Some(MARGIN)).await;
    clock.advance(seconds(LIFETIME + 180));
    let execution = bench.run(&id).await;
    let detail = &step(&execution, StepKind::Refresh).detail;
    assert!(detail.contains("expired 3 min ago; refreshed before it was sent"), "{detail}");
}

#[tokio::test]
async fn e5_it_uses_up_the_executions_refresh_of_that_token() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (_, id) = orders(&bench, Some(MARGIN)).await;
    bench.server.answers({
        let issuer = Arc::clone(&bench.issuer);
        move |received| if received.path == "/login" { issuer.logged_in() } else { Answer::status(401) }
    });
    clock.advance(seconds(LIFETIME));
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Refresh, StepKind::Request, StepKind::Refresh]);
    assert_eq!(execution.steps[3].outcome, StepOutcome::Skipped);
    assert!(execution.sentence.contains("had just been renewed by this run"), "{}", execution.sentence);
    assert_eq!(bench.logins(), 2, "one for the test, one before the first try");
}

#[tokio::test]
async fn e4_after_a_401_a_newer_value_is_still_taken() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, Some(MARGIN)).await;
    clock.advance(seconds(LIFETIME));
    let refused = Gate::closed();
    let issuer = Arc::clone(&bench.issuer);
    let (login, held) = (AtomicUsize::new(0), refused.clone());
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => {
            let answer = issuer.logged_in();
            if login.fetch_add(1, Ordering::SeqCst) == 0 {
                // The run's own fresh value is refused; the one by hand is not.
                issuer.expire();
            }
            answer
        }
        _ if issuer.accepts(received) => issuer.api(received),
        _ => Answer::status(401).held(&held),
    });
    let run = start(&bench.workspace, &id).await;
    bench.server.arrived("/orders", 1).await;
    bench.workspace.tokens().refresh(&token.summary.id).await.unwrap();
    refused.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(refreshes(&execution), 2, "refreshed before the first try, then the newer one is taken");
    assert_eq!(bench.logins(), 3, "the test's, the run's and the one by hand");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_a_crowd_that_finds_an_expiring_value_asks_the_login_once() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, Some(MARGIN)).await;
    clock.advance(seconds(LIFETIME - MARGIN));
    let gate = bench.expire_and_hold_login();
    let mut runs = Vec::new();
    for _ in 0..CROWD {
        runs.push(start(&bench.workspace, &id).await);
    }
    bench.server.arrived("/login", 2).await;
    gate.open();
    for run in runs {
        let execution = within("a run of the crowd", run.outcome()).await.unwrap();
        assert!(execution.success, "{}", execution.sentence);
        assert_eq!(execution.steps.iter().filter(|step| step.kind == StepKind::Retry).count(), 0, "nobody meets a 401");
    }
    assert_eq!((bench.logins(), bench.generation(&token.summary.id).await), (2, 2), "one login for all of them");
    assert_eq!(bench.server.count("/orders"), CROWD, "each sends once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_two_workspaces_that_find_an_expiring_value_share_one_login() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (_, id) = orders(&bench, Some(MARGIN)).await;
    let other = bench.second_at(Arc::<FixedClock>::clone(&clock)).await;
    clock.advance(seconds(LIFETIME));
    let gate = bench.expire_and_hold_login();
    let mut runs = Vec::new();
    for _ in 0..CROWD / 2 {
        runs.push(start(&bench.workspace, &id).await);
        runs.push(start(&other, &id).await);
    }
    bench.server.arrived("/login", 2).await;
    gate.open();
    let mut own = 0;
    for run in runs {
        let execution = within("a run", run.outcome()).await.unwrap();
        assert!(execution.success, "{}", execution.sentence);
        own += execution.steps.iter().filter(|step| step.kind == StepKind::Refresh && step.exchange.is_some()).count();
    }
    assert_eq!((bench.logins(), own), (2, 1), "one login for both");
    assert_eq!(bench.server.count("/orders"), CROWD, "each sends once");
}

#[tokio::test]
async fn e7_a_failed_refresh_before_the_end_ends_the_run_and_keeps_the_value() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, Some(MARGIN)).await;
    let before = bench.value(&token.summary.id).await;
    bench.login_answers(|_, _| Answer::status(503));
    clock.advance(seconds(LIFETIME - 30));
    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
    let refresh = step(&execution, StepKind::Refresh);
    assert_eq!(refresh.outcome, StepOutcome::Failed);
    assert!(refresh.detail.contains("expires in 30 s") && refresh.detail.contains("503"), "{}", refresh.detail);
    assert_eq!(bench.server.count("/orders"), 0);
    assert_eq!(bench.value(&token.summary.id).await, before);
    let kept = bench.workspace.tokens().get(&token.summary.id).await.unwrap();
    assert_eq!(kept.expires_at, token.expires_at, "the stored value's end stays with it");
}

#[tokio::test]
async fn e4_a_life_shorter_than_the_margin_does_not_log_in_for_each_run() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    says(&bench, 40);
    let (token, id) = orders(&bench, Some(3600)).await;
    assert_eq!(token.lifetime_from.as_deref(), Some("expires_in beside the value"));
    clock.advance(seconds(19));
    assert_eq!(refreshes(&bench.run(&id).await), 0, "half of its life counts at most");
    clock.advance(seconds(1));
    assert_eq!(refreshes(&bench.run(&id).await), 1);
    assert_eq!(refreshes(&bench.run(&id).await), 0);
}

#[tokio::test]
async fn e4_without_a_known_life_nothing_is_refreshed_before_a_401() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    bench.login_answers(|_, issuer| Answer::json(200, &json!({"data": {"access_token": issuer.issue()}})));
    let (token, id) = orders(&bench, Some(MARGIN)).await;
    assert_eq!((token.expires_at, token.lifetime_from, token.refresh_before_seconds), (None, None, Some(60)));
    clock.advance(seconds(10 * 365 * 86_400));
    assert_eq!(refreshes(&bench.run(&id).await), 0);
}

#[tokio::test]
async fn t9_what_is_known_of_a_life_goes_with_the_forgotten_value_and_comes_with_the_fetched_one() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, Some(MARGIN)).await;
    let token = token.summary.id;
    let forgotten = bench.workspace.tokens().forget(&token).await.unwrap();
    assert_eq!((forgotten.expires_at, forgotten.lifetime_from), (None, None));
    clock.advance(seconds(100));
    assert!(bench.run(&id).await.success);
    let fetched = bench.workspace.tokens().get(&token).await.unwrap();
    assert_eq!(fetched.expires_at.as_deref(), Some("2026-01-31T09:16:40.000Z"));
}

#[tokio::test]
async fn t3_the_margin_may_change_without_a_new_test_and_the_value_stays() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let (token, id) = orders(&bench, None).await;
    let mut draft = TokenDraft { id: Some(token.summary.id.clone()), ..bench.login_draft("Orders login") };
    if let TokenDraftKind::HttpRequest { request, .. } = &mut draft.kind {
        let stored = |(position, field): (usize, &FieldDraft)| FieldDraft {
            value: None,
            stored: u32::try_from(position).ok(),
            ..field.clone()
        };
        request.parameters = request.parameters.iter().enumerate().map(stored).collect();
    }
    let saved = bench.workspace.tokens().save(refreshed_before(draft.clone(), Some(120)), None).await.unwrap();
    assert_eq!((saved.refresh_before_seconds, saved.summary.generation), (Some(120), 1));
    assert_eq!(saved.expires_at, token.expires_at);
    clock.advance(seconds(LIFETIME - 100));
    assert_eq!(refreshes(&bench.run(&id).await), 1, "it counts for the next run");
    let refused = bench.workspace.tokens().save(refreshed_before(draft, Some(0)), None).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("refresh_before_seconds"));
}

#[tokio::test]
async fn e3_a_life_is_counted_from_the_test_and_not_from_saving() {
    let clock = clock();
    let bench = Bench::at(&clock).await;
    let draft = refreshed_before(bench.login_draft("Orders login"), Some(60));
    let report = bench.test(&draft).await;
    clock.advance(seconds(600));
    let saved = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap();
    assert_eq!(saved.expires_at.as_deref(), Some("2026-01-31T09:15:00.000Z"));
}

#[rstest]
#[case::cookie(TokenLocation { part: latchkey::token::LocationIn::Cookie, at: "sid".into(), then: Vec::new() }, "the cookie's Max-Age", 120)]
#[case::header(TokenLocation::header("X-Token"), "expires_in in the body", 300)]
#[tokio::test]
async fn e3_a_cookie_or_a_header_has_a_life_too(#[case] location: TokenLocation, #[case] from: &str, #[case] expected: u32) {
    let bench = Bench::at(&clock()).await;
    bench.login_answers(|_, issuer| {
        let value = issuer.issue();
        let answer = Answer::json(200, &json!({"expires_in": 300})).with("X-Token", &value);
        answer.with("Set-Cookie", &format!("sid={value}; Max-Age=120; HttpOnly"))
    });
    let draft = login_token("T", bench.login_request(), location.clone());
    let report = bench.test(&draft).await;
    let located = bench.workspace.locate(&report.test_id, location, "Authorization", "Bearer").await.unwrap();
    let lifetime = located.lifetime.unwrap();
    assert_eq!((lifetime.from.as_str(), lifetime.seconds), (from, expected));
    assert!(lifetime.suggested_margin_seconds <= expected / 5);
    let saved = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap();
    assert_eq!(saved.lifetime_from.as_deref(), Some(from));
}
