//! One flight for all (E6) across two workspaces on one folder, as two processes have it: over real HTTP, with what only
//! one process can time exactly. The processes themselves are in `processes.rs`.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use latchkey::clock::FixedClock;
use latchkey::execution::{ErrorType, Execution, StepKind};
use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::workspace::{ExecutionRequest, ProblemCode, RunHandle, Workspace};
use tokio_util::sync::CancellationToken;

use support::bench::{CLIENT_SECRET, step};
use support::drafts::{connector, login, login_token, text_token};
use support::{Answer, Bench, Gate, within};

/// As many runs at once in each of the two.
const CROWD: usize = 100;

async fn start(workspace: &Workspace, connector_id: &str) -> RunHandle {
    let request = ExecutionRequest { connector_id: connector_id.to_owned(), ..ExecutionRequest::default() };
    workspace.execute(request).await.unwrap()
}

async fn outcome(run: RunHandle) -> Execution {
    within("a run", run.outcome()).await.unwrap()
}

/// A crowd in both, whose 401s are held until all of them are there.
async fn crowds(bench: &Bench, other: &Workspace, connector_id: &str, all_there: &Gate) -> Vec<Execution> {
    let mut runs = Vec::with_capacity(2 * CROWD);
    for _ in 0..CROWD {
        runs.push(start(&bench.workspace, connector_id).await);
        runs.push(start(other, connector_id).await);
    }
    bench.server.arrived("/orders", 2 * CROWD).await;
    all_there.open();
    let mut executions = Vec::with_capacity(runs.len());
    for run in runs {
        executions.push(outcome(run).await);
    }
    executions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_two_crowds_share_one_login_that_revokes_what_came_before() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    bench.issuer.expire();
    let all_there = bench.hold_refusals();
    let executions = crowds(&bench, &other, &id, &all_there).await;
    let failed: Vec<_> = executions.iter().filter(|it| !it.success).map(|it| &it.sentence).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!((bench.logins() - 1, bench.generation(&token).await), (1, 2), "the login must be asked once for both");
    let own = executions.iter().filter(|it| step(it, StepKind::Refresh).exchange.is_some()).count();
    assert_eq!(own, 1, "the exchange is in the log of the run that made it");
}

#[tokio::test]
async fn e3_what_another_program_stored_last_is_used_by_the_next_run_here() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &serde_json::json!({})));
    let token = bench.token(text_token("Key", "older-value")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[&token])).await;
    let other = bench.second().await;
    let run = async |workspace: &Workspace| outcome(start(workspace, &id).await).await;
    // Each has what it needs from an earlier run, and the log has grown since.
    for workspace in [&bench.workspace, &other, &bench.workspace] {
        assert!(run(workspace).await.success);
    }
    let newer = TokenDraft { id: Some(token.clone()), ..text_token("Key", "newer-value") };
    other.tokens().save(newer, None).await.unwrap();
    assert!(run(&bench.workspace).await.success);
    other.connectors().save(Some(&id), connector("C", &bench.server.at("/y"), &[&token])).await.unwrap();
    assert!(run(&bench.workspace).await.success);
    let sent = |path: &str| {
        let received = bench.server.received(path);
        received.iter().map(|it| it.header("authorization").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sent("/x"), ["Bearer older-value", "Bearer older-value", "Bearer older-value", "Bearer newer-value"]);
    assert_eq!(sent("/y"), ["Bearer newer-value"]);
    other.connectors().delete(&id).await.unwrap();
    let gone = bench.workspace.execute(ExecutionRequest { connector_id: id, ..ExecutionRequest::default() }).await;
    assert_eq!(gone.err().unwrap().code, ProblemCode::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_two_crowds_share_one_failure_word_for_word() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    bench.issuer.expire();
    let all_there = bench.hold_refusals_with_login_down();
    let executions = crowds(&bench, &other, &id, &all_there).await;
    assert_eq!(bench.logins() - 1, 1, "a login that is down must not be asked by each of them");
    for execution in &executions {
        assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
        assert_eq!(execution.sentence, executions[0].sentence);
        assert_eq!(execution.next_step, executions[0].next_step);
        let refresh = step(execution, StepKind::Refresh);
        assert_eq!(refresh.exchange.as_ref().unwrap().http_status, Some(503), "its log shows the exchange (E7)");
    }
    let own = executions.iter().filter(|it| !step(it, StepKind::Refresh).token.as_ref().unwrap().shared).count();
    assert_eq!((own, bench.generation(&token).await), (1, 1));
}

#[tokio::test]
async fn e6_a_run_that_begins_after_anothers_failure_asks_afresh() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    bench.issuer.expire();
    bench.login_answers(|_, _| Answer::status(503));
    assert_eq!(bench.run(&id).await.error_type, Some(ErrorType::TokenRefreshError));
    assert_eq!(outcome(start(&other, &id).await).await.error_type, Some(ErrorType::TokenRefreshError));
    assert_eq!(bench.logins(), 3);
    other.tokens().refresh(&token).await.unwrap_err();
    assert_eq!(bench.logins(), 4, "nor is Refresh now answered by an old failure");
    bench.login_answers(|_, issuer| issuer.logged_in());
    assert!(outcome(start(&other, &id).await).await.success);
}

#[tokio::test]
async fn e6_a_run_under_way_when_anothers_login_failed_gets_that_failure() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    bench.issuer.expire();
    let later = Gate::closed();
    let held = later.clone();
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => Answer::status(503),
        "/slow" => Answer::status(401).held(&held),
        _ => Answer::status(401),
    });
    let slow = bench.connector(connector("Slow", &bench.server.at("/slow"), &[&token])).await;
    let waiting = start(&other, &slow).await;
    bench.server.arrived("/slow", 1).await;
    let first = bench.run(&id).await;
    later.open();
    let shared = outcome(waiting).await;
    assert_eq!((bench.logins(), &shared.sentence, &shared.next_step), (2, &first.sentence, &first.next_step));
}

#[tokio::test]
async fn e6_first_fetches_of_two_are_one_flight() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    bench.login_answers(move |_, issuer| issuer.logged_in().held(&held));
    let first = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let mut second = start(&other, &id).await;
    assert_eq!(within("the gate", second.next_step()).await.unwrap().kind, StepKind::Gate);
    gate.open();
    assert!(outcome(first).await.success && outcome(second).await.success);
    assert_eq!((bench.logins(), bench.server.count("/orders")), (2, 2));
}

#[tokio::test]
async fn e6_different_tokens_do_not_wait_for_each_other() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let other = bench.second().await;
    let second_login = login(&bench.server.at("/login/b"), CLIENT_SECRET);
    let issuer = Arc::clone(&bench.issuer);
    let gate = Gate::closed();
    let (held, closed) = (gate.clone(), Arc::clone(&issuer));
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => closed.logged_in().held(&held),
        "/login/b" => closed.logged_in(),
        _ => closed.api(received),
    });
    let b = bench.tested_token(login_token("B", second_login, TokenLocation::json("/data/access_token"))).await.summary.id;
    let of_b = bench.connector(connector("Of B", &bench.server.at("/b"), &[&b])).await;
    issuer.expire();
    let waiting = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    // The login of the first token is held all the while.
    let free = outcome(start(&other, &of_b).await).await;
    assert_eq!(step(&free, StepKind::Refresh).exchange.as_ref().unwrap().http_status, Some(200));
    gate.open();
    outcome(waiting).await;
}

#[tokio::test]
async fn e6_refresh_now_shares_the_flight_that_another_has_under_way() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    let gate = bench.expire_and_hold_login();
    let run = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let tokens = other.tokens();
    let by_hand = tokens.refresh(&token);
    tokio::pin!(by_hand);
    // It looks five times a second whether what is stored answers: long enough to see that it waits.
    tokio::time::timeout(Duration::from_millis(300), &mut by_hand).await.expect_err("it must wait for the flight");
    gate.open();
    assert_eq!(within("the refresh by hand", by_hand).await.unwrap().summary.generation, 2);
    assert!(outcome(run).await.success);
    assert_eq!(bench.logins(), 2);
}

#[tokio::test]
async fn e6_a_waiter_takes_what_an_edit_stores_and_waits_no_longer() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    bench.issuer.expire();
    let gate = Gate::closed();
    let held = gate.clone();
    let issuer = Arc::clone(&bench.issuer);
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => issuer.logged_in().held(&held),
        "/login/v2" => issuer.logged_in(),
        _ => issuer.api(received),
    });
    let holding = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let waiting = start(&other, &id).await;
    bench.server.arrived("/orders", 2).await;
    let v2 = login(&bench.server.at("/login/v2"), CLIENT_SECRET);
    let moved = login_token("Orders login", v2, TokenLocation::json("/data/access_token"));
    bench.tested_token(TokenDraft { id: Some(token.clone()), ..moved }).await;
    let saved = bench.value(&token).await;
    // The older login is held all the while.
    let edited = outcome(waiting).await;
    assert!(edited.success, "{}", edited.sentence);
    gate.open();
    let thrown_away = outcome(holding).await;
    assert!(thrown_away.sentence.contains("changed while it was refreshed"), "{}", thrown_away.sentence);
    assert_eq!((bench.value(&token).await, bench.generation(&token).await), (saved, 2), "the edit wins");
}

#[tokio::test]
async fn e6_a_value_forgotten_in_the_middle_is_fetched_again_by_the_waiter() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let other = bench.second().await;
    let gate = bench.expire_and_hold_login();
    let holding = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let waiting = start(&other, &id).await;
    bench.server.arrived("/orders", 2).await;
    other.tokens().forget(&token).await.unwrap();
    gate.open();
    assert_eq!(outcome(holding).await.error_type, Some(ErrorType::TokenRefreshError), "a late value must not come back");
    let fetched = outcome(waiting).await;
    assert!(fetched.success, "{}", fetched.sentence);
    assert_eq!((bench.logins(), bench.generation(&token).await), (3, 3));
}

#[tokio::test]
async fn e6_a_wall_clock_that_jumps_changes_nothing() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let clock = Arc::new(FixedClock::new("2026-01-31T09:00:00Z".parse().unwrap()));
    let (first, second) = (bench.second_at(Arc::<FixedClock>::clone(&clock)).await, bench.second().await);
    bench.issuer.expire();
    for jump in ["1999-01-01T00:00:00Z", "2099-01-01T00:00:00Z"] {
        let (gate, logins) = (Gate::closed(), bench.logins());
        let held = gate.clone();
        bench.login_answers(move |_, issuer| issuer.logged_in().held(&held));
        let holding = start(&first, &id).await;
        bench.server.arrived("/login", logins + 1).await;
        clock.set_wall(jump.parse().unwrap());
        let orders = bench.server.count("/orders");
        let waiting = [start(&second, &id).await, start(&first, &id).await];
        bench.server.arrived("/orders", orders + 2).await;
        gate.open();
        assert!(outcome(holding).await.success);
        for run in waiting {
            assert!(outcome(run).await.success);
        }
        assert_eq!(bench.logins(), logins + 1, "after a jump to {jump}");
        bench.issuer.expire();
    }
    assert_eq!(bench.generation(&token).await, 3);
}

#[tokio::test]
async fn e6_refresh_now_can_be_cancelled_and_its_flight_lands_all_the_same() {
    let bench = Bench::new().await;
    let (token, _) = bench.orders().await;
    let gate = Gate::closed();
    let held = gate.clone();
    bench.login_answers(move |_, issuer| issuer.logged_in().held(&held));
    let cancel = CancellationToken::new();
    let by_hand = tokio::spawn({
        let (workspace, token, cancel) = (bench.workspace.clone(), token.clone(), cancel.clone());
        async move { workspace.tokens().refresh_until(&token, &cancel).await }
    });
    bench.server.arrived("/login", 2).await;
    cancel.cancel();
    let cancelled = within("the cancelled refresh", by_hand).await.unwrap().unwrap_err();
    assert_eq!(cancelled.code, ProblemCode::Cancelled);
    assert!(bench.workspace.login_under_way());
    gate.open();
    within("the flight", bench.workspace.logins_landed()).await;
    assert!(!bench.workspace.login_under_way());
    assert_eq!(bench.generation(&token).await, 2, "whoever waits for the logins loses none of their answers");
}

#[tokio::test]
async fn e6_runs_that_meet_no_401_touch_no_lock_file_and_deleted_tokens_leave_none() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let files = || std::fs::read_dir(bench.folder().join("flights")).map_or(0, Iterator::count);
    assert!(bench.run(&id).await.success);
    assert!(!bench.folder().join("flights").exists(), "the fast path has nothing to lock");
    bench.issuer.expire();
    assert!(bench.run(&id).await.success);
    assert_eq!(files(), 1);
    bench.workspace.connectors().delete(&id).await.unwrap();
    bench.workspace.tokens().delete(&token).await.unwrap();
    assert_eq!(files(), 0);
}

#[tokio::test]
async fn e6_where_no_lock_file_can_be_made_a_token_is_refreshed_all_the_same() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    std::fs::write(bench.folder().join("flights"), "a file where the folder should be").unwrap();
    bench.issuer.expire();
    assert!(bench.run(&id).await.success);
    assert_eq!(bench.generation(&token).await, 2);
}
