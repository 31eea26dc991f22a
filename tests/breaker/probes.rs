//! The one probe (C3): who gets it, what it decides, and what becomes of it when it comes to nothing.

use std::sync::Arc;

use latchkey::clock::{Clock as _, FixedClock};
use latchkey::execution::{ErrorType, Execution, StepKind, StepOutcome};
use latchkey::token::{TokenDraftKind, TokenLocation};
use latchkey::workspace::{BreakerState, ExecutionRequest, RunHandle};
use serde_json::json;

use crate::scene::{Scene, assert_refused};
use crate::support::bench::kinds;
use crate::support::drafts::{login_token, text_token};
use crate::support::{Answer, Gate, within};

/// As many runs at once.
const CROWD: usize = 50;
/// Longer than a probe with one login may take: two requests and a login of 30 s each, and the margin.
const TOO_LONG: u64 = 105;

const CLOSED: (BreakerState, u32, bool) = (BreakerState::Closed, 0, false);
const OPEN: (BreakerState, u32, bool) = (BreakerState::Open, 5, false);
const PROBING: (BreakerState, u32, bool) = (BreakerState::HalfOpen, 5, true);
const FREE: (BreakerState, u32, bool) = (BreakerState::HalfOpen, 5, false);

impl Scene {
    /// The breaker's wait is over, and the API is mended but holds its answers back.
    async fn due_and_held() -> (Self, Gate) {
        let scene = Self::opened().await;
        scene.passes(60);
        let gate = Gate::closed();
        let held = gate.clone();
        scene.api_answers(move |received, issuer| issuer.api(received).held(&held));
        (scene, gate)
    }

    /// A run that has asked the API.
    async fn asks(&self) -> RunHandle {
        let arrived = self.server.count("/orders");
        let handle = self.start(&self.id).await;
        self.server.arrived("/orders", arrived + 1).await;
        handle
    }
}

async fn ended(handle: RunHandle) -> Execution {
    within("the run's outcome", handle.outcome()).await.unwrap()
}

#[tokio::test]
async fn c3_a_probe_that_succeeds_closes_it() {
    let scene = Scene::opened().await;
    scene.mends();
    scene.passes(60);
    assert_eq!(scene.stands().await, FREE, "the wait is over: the next run is the probe");
    assert_eq!(scene.view().await.changed_at, Some(scene.in_seconds(0)));
    let probe = scene.runs().await;
    assert!(probe.success, "{}", probe.sentence);
    assert_eq!(kinds(&probe), [StepKind::Gate, StepKind::Gate, StepKind::Request, StepKind::Mapping]);
    assert!(probe.steps[1].detail.contains("its probe"), "the log says so: {}", probe.steps[1].detail);
    assert_eq!(scene.stands().await, CLOSED);
    let after = scene.runs().await;
    assert_eq!(kinds(&after), [StepKind::Gate, StepKind::Request, StepKind::Mapping]);
}

#[tokio::test]
async fn c3_a_probe_that_fails_opens_it_for_another_wait() {
    let scene = Scene::opened().await;
    for _ in 0..3 {
        scene.passes(60);
        let probe = scene.fails().await;
        assert_eq!(scene.stands().await, OPEN);
        assert_eq!(scene.view().await.opened_by[0].execution_id, probe.id);
        assert_eq!(scene.is_refused().await.next_probe_at, Some(scene.in_seconds(60)));
        scene.passes(59);
        scene.is_refused().await;
        scene.passes(1);
        scene.fails().await;
    }
}

#[tokio::test]
async fn c3_a_probe_that_meets_an_answer_that_is_no_failure_closes_it() {
    let scene = Scene::opened().await;
    scene.passes(60);
    scene.api_answers(|_, _| Answer::status(404));
    scene.fails().await;
    assert_eq!(scene.stands().await, CLOSED);
}

#[tokio::test]
async fn c3_half_open_lets_exactly_one_of_fifty_through() {
    let (scene, gate) = Scene::due_and_held().await;
    let arrived = scene.server.count("/orders");
    let mut outcomes = Vec::new();
    for _ in 0..CROWD {
        outcomes.push(tokio::spawn(ended(scene.start(&scene.id).await)));
    }
    scene.server.arrived("/orders", arrived + 1).await;
    let (mut refused, mut waiting) = (0, outcomes);
    while waiting.len() > 1 {
        let (outcome, _, rest) = within("a refusal", futures_util::future::select_all(waiting)).await;
        assert_refused(&outcome.unwrap());
        (refused, waiting) = (refused + 1, rest);
    }
    assert_eq!((refused, scene.server.count("/orders")), (CROWD - 1, arrived + 1));
    assert_eq!(scene.stands().await, PROBING);
    gate.open();
    assert!(waiting.remove(0).await.unwrap().success);
    assert_eq!(scene.stands().await, CLOSED);
}

#[tokio::test]
async fn c3_the_claim_comes_before_a_first_fetch() {
    let scene = Scene::opened().await;
    scene.workspace.tokens().forget(&scene.token).await.unwrap();
    scene.passes(60);
    let gate = scene.expire_and_hold_login();
    let logins = scene.logins();
    let probe = scene.start(&scene.id).await;
    scene.server.arrived("/login", logins + 1).await;
    assert_eq!(scene.stands().await, PROBING, "the login is a part of the probe");
    assert_eq!(scene.is_refused().await.next_probe_at, Some(scene.in_seconds(TOO_LONG)));
    gate.open();
    assert!(ended(probe).await.success);
    assert_eq!((scene.stands().await, scene.logins()), (CLOSED, logins + 1));
}

#[tokio::test]
async fn c3_the_claim_comes_before_a_refresh_before_expiry() {
    let scene = Scene::new().await;
    let mut draft = login_token("Due", scene.login_request(), TokenLocation::json("/data/access_token"));
    if let TokenDraftKind::HttpRequest { refresh_before_seconds, .. } = &mut draft.kind {
        *refresh_before_seconds = Some(60);
    }
    let token = scene.tested_token(draft).await.summary.id;
    scene.saves(|connector| connector.token_ids = vec![token]).await;
    scene.open().await;
    scene.passes(850);
    let gate = scene.expire_and_hold_login();
    let logins = scene.logins();
    let probe = scene.start(&scene.id).await;
    scene.server.arrived("/login", logins + 1).await;
    assert_eq!(scene.stands().await, PROBING);
    scene.is_refused().await;
    gate.open();
    assert!(ended(probe).await.success);
    assert_eq!(scene.stands().await, CLOSED);
}

#[tokio::test]
async fn c3_what_began_before_the_breaker_opened_does_not_count_when_it_ends() {
    let scene = Scene::new().await;
    let (bad, good) = (Gate::closed(), Gate::closed());
    let (bad_held, good_held) = (bad.clone(), good.clone());
    scene.api_answers(move |_, _| Answer::status(503).held(&bad_held));
    let fails_late = [scene.asks().await, scene.asks().await];
    scene.api_answers(move |received, issuer| issuer.api(received).held(&good_held));
    let succeeds_late = scene.asks().await;
    scene.open().await;
    good.open();
    assert!(ended(succeeds_late).await.success, "the run itself goes on");
    assert_eq!(scene.stands().await, OPEN, "its success does not close the breaker");
    scene.mends();
    scene.passes(60);
    assert!(scene.runs().await.success);
    bad.open();
    for handle in fails_late {
        assert!(!ended(handle).await.success);
    }
    assert_eq!(scene.stands().await, CLOSED, "nor do failures from before count in what is closed again");
}

#[tokio::test]
async fn c3_a_probe_that_is_cancelled_gives_its_claim_back() {
    let (scene, gate) = Scene::due_and_held().await;
    let probe = scene.asks().await;
    assert_eq!(scene.stands().await, PROBING);
    probe.cancel();
    assert_eq!(ended(probe).await.error_type, Some(ErrorType::Cancelled));
    assert_eq!(scene.stands().await, FREE);
    gate.open();
    assert!(scene.runs().await.success, "the next run is the probe at once");
    assert_eq!(scene.stands().await, CLOSED);
}

#[tokio::test]
async fn c3_a_probe_that_is_never_sent_gives_its_claim_back() {
    let scene = Scene::opened().await;
    let token = scene.token(text_token("Fixed", "a fixed value")).await.summary.id;
    scene.saves(|draft| draft.token_ids = vec![token.clone()]).await;
    scene.workspace.tokens().forget(&token).await.unwrap();
    scene.passes(60);
    let arrived = scene.server.all().len();
    let probe = scene.runs().await;
    assert_eq!(probe.error_type, Some(ErrorType::RequestConfigurationError), "{}", probe.sentence);
    assert_eq!((scene.server.all().len(), scene.stands().await), (arrived, FREE));
}

#[tokio::test]
async fn c3_a_lost_probe_is_passed_and_counts_for_nothing_when_it_comes_late() {
    let (scene, gate) = Scene::due_and_held().await;
    let lost = scene.asks().await;
    scene.passes(TOO_LONG - 1);
    assert_refused(&scene.runs().await);
    scene.passes(1);
    assert_eq!(scene.stands().await, FREE);
    scene.breaks();
    scene.fails().await;
    assert_eq!(scene.stands().await, OPEN, "another run was the probe, and failed");
    gate.open();
    assert!(ended(lost).await.success);
    assert_eq!(scene.stands().await, OPEN);
}

#[tokio::test]
async fn c3_a_probe_that_comes_late_counts_for_nothing_although_nobody_took_its_place() {
    let (scene, gate) = Scene::due_and_held().await;
    let late = scene.asks().await;
    scene.passes(TOO_LONG);
    gate.open();
    assert!(ended(late).await.success);
    assert_eq!(scene.stands().await, FREE);
}

#[tokio::test]
async fn c3_a_clock_that_is_set_back_costs_one_early_probe_and_no_longer_wait() {
    let scene = Scene::opened().await;
    let opened_at = scene.clock.now();
    scene.clock.set_wall("2026-01-31T08:00:00Z".parse().unwrap());
    scene.fails().await;
    assert_eq!(scene.stands().await, OPEN, "the early probe failed");
    assert_eq!(scene.is_refused().await.next_probe_at, Some(scene.in_seconds(60)), "from then on it waits as ever");
    scene.clock.set_wall(opened_at);
    scene.mends();
    assert!(scene.runs().await.success);
}

#[tokio::test]
async fn c1_two_workspaces_on_one_folder_share_the_breaker_and_its_one_probe() {
    let (scene, gate) = Scene::due_and_held().await;
    let other = scene.second_at(Arc::<FixedClock>::clone(&scene.clock)).await;
    let run = || async {
        let request = ExecutionRequest { connector_id: scene.id.clone(), ..ExecutionRequest::default() };
        ended(other.execute(request).await.unwrap()).await
    };
    let probe = scene.asks().await;
    let refused = run().await;
    assert_refused(&refused);
    assert_eq!(other.breaker(&scene.id).await.unwrap(), scene.view().await);
    gate.open();
    assert!(ended(probe).await.success);
    let after = run().await;
    assert!(after.success, "{}", after.sentence);
    scene.breaks();
    for _ in 0..2 {
        run().await;
        scene.fails().await;
    }
    run().await;
    assert_eq!(scene.stands().await, OPEN, "what either counts is counted once");
    assert_refused(&scene.runs().await);
}

#[tokio::test]
async fn c2_a_run_with_the_mock_response_neither_looks_nor_counts() {
    let scene = Scene::new().await;
    scene.saves(|draft| draft.mock_response = json!({"order": {"id": "M-1"}}).to_string()).await;
    scene.open().await;
    let played = scene.play(&scene.id).await;
    assert!(played.success && played.steps[0].outcome == StepOutcome::Passed, "{}", played.sentence);
    assert_eq!(scene.stands().await, OPEN);
    scene.passes(60);
    scene.play(&scene.id).await;
    assert_eq!(scene.stands().await, FREE, "nor is it the probe");
}
