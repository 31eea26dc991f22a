//! One flight for all (E6) over real HTTP: how often the login is asked, who gets its outcome, and what it leaves alone.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::collections::BTreeMap;

use latchkey::execution::{ErrorType, Execution, StepKind};
use latchkey::token::{TokenDraft, TokenDraftKind, TokenLocation};
use latchkey::workspace::{ExecutionRequest, RunHandle};
use serde_json::json;

use support::bench::{CLIENT_SECRET, step};
use support::drafts::{connector, login, login_token, text_token};
use support::{Answer, Bench, Gate, within};

/// As many runs at once as a busy connector has.
const CROWD: usize = 200;

async fn start_all(bench: &Bench, connector_id: &str, number: usize) -> Vec<RunHandle> {
    let mut runs = Vec::with_capacity(number);
    for _ in 0..number {
        runs.push(bench.start(connector_id).await);
    }
    runs
}

async fn outcomes(runs: Vec<RunHandle>) -> Vec<Execution> {
    let mut executions = Vec::with_capacity(runs.len());
    for run in runs {
        executions.push(within("a run of the crowd", run.outcome()).await.unwrap());
    }
    executions
}

fn by_error_type(executions: &[Execution]) -> BTreeMap<Option<ErrorType>, usize> {
    let mut counted = BTreeMap::new();
    for execution in executions {
        *counted.entry(execution.error_type).or_default() += 1;
    }
    counted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_a_crowd_that_meets_401_at_once_asks_the_login_once() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    let all_there = bench.hold_refusals();
    let runs = start_all(&bench, &id, CROWD).await;
    bench.server.arrived("/orders", CROWD).await;
    all_there.open();
    let executions = outcomes(runs).await;
    assert_eq!(by_error_type(&executions), BTreeMap::from([(None, CROWD)]));
    assert_eq!(bench.logins() - 1, 1, "the login must be asked once for all of them");
    assert_eq!(bench.server.count("/orders"), 2 * CROWD, "each sends twice");
    assert_eq!(bench.generation(&token).await, 2);
    let own = executions.iter().filter(|it| step(it, StepKind::Refresh).exchange.is_some()).count();
    assert_eq!(own, 1, "the exchange is in the log of the run that made it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_a_crowd_without_barriers_asks_the_login_once() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    let executions = outcomes(start_all(&bench, &id, CROWD).await).await;
    assert_eq!(by_error_type(&executions), BTreeMap::from([(None, CROWD)]));
    assert_eq!(bench.logins() - 1, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_a_failed_login_is_the_outcome_of_all_who_waited() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let before = bench.value(&token).await;
    bench.issuer.expire();
    let all_there = bench.hold_refusals_with_login_down();
    let runs = start_all(&bench, &id, CROWD).await;
    bench.server.arrived("/orders", CROWD).await;
    all_there.open();
    let executions = outcomes(runs).await;
    assert_eq!(by_error_type(&executions), BTreeMap::from([(Some(ErrorType::TokenRefreshError), CROWD)]));
    assert_eq!(bench.logins() - 1, 1, "a login that is down must not be asked by each of them");
    assert_eq!((bench.generation(&token).await, bench.value(&token).await), (1, before));
}

#[tokio::test]
async fn e6_a_run_under_way_when_the_login_failed_gets_that_failure() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    let later = Gate::closed();
    let held = later.clone();
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => Answer::status(503),
        "/slow" => Answer::status(401).held(&held),
        _ => Answer::status(401),
    });
    let token = bench.workspace.tokens().id_of("Orders login").await.unwrap();
    let slow = bench.connector(connector("Slow", &bench.server.at("/slow"), &[&token])).await;
    let waiting = start_all(&bench, &slow, 20).await;
    bench.server.arrived("/slow", 20).await;
    assert_eq!(bench.run(&id).await.error_type, Some(ErrorType::TokenRefreshError));
    assert_eq!(bench.logins(), 2);
    later.open();
    let executions = outcomes(waiting).await;
    assert_eq!(by_error_type(&executions), BTreeMap::from([(Some(ErrorType::TokenRefreshError), 20)]));
    assert_eq!(bench.logins(), 2, "they were under way when it failed: nobody asks again for them");
    bench.run(&id).await;
    assert_eq!(bench.logins(), 3, "a run that begins afterwards asks afresh");
}

#[tokio::test]
async fn e6_a_failure_is_forgotten_when_the_token_is_set_up_anew() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    let later = Gate::closed();
    let held = later.clone();
    bench.server.answers({
        let issuer = std::sync::Arc::clone(&bench.issuer);
        move |received| match received.path.as_str() {
            "/login" => Answer::status(503),
            "/login/v2" => issuer.logged_in(),
            "/slow" if !issuer.accepts(received) => Answer::status(401).held(&held),
            _ => issuer.api(received),
        }
    });
    let slow = bench.connector(connector("Slow", &bench.server.at("/slow"), &[&token])).await;
    let waiting = bench.start(&slow).await;
    bench.server.arrived("/slow", 1).await;
    assert_eq!(bench.run(&id).await.error_type, Some(ErrorType::TokenRefreshError));
    let moved = login_token(
        "Orders login",
        login(&bench.server.at("/login/v2"), CLIENT_SECRET),
        TokenLocation::json("/data/access_token"),
    );
    bench.tested_token(TokenDraft { id: Some(token), ..moved }).await;
    later.open();
    let execution = within("the run", waiting.outcome()).await.unwrap();
    assert!(execution.success, "the value that was saved meanwhile is taken: {}", execution.sentence);
}

#[tokio::test]
async fn e6_first_fetches_are_flights_too() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    bench.login_answers(move |_, issuer| issuer.logged_in().held(&held));
    let runs = start_all(&bench, &id, 50).await;
    bench.server.arrived("/login", 2).await;
    gate.open();
    let executions = outcomes(runs).await;
    assert_eq!(by_error_type(&executions), BTreeMap::from([(None, 50)]));
    assert_eq!((bench.logins(), bench.server.count("/orders")), (2, 50));
}

// On one thread a run goes on from its gate to the wait for the value before anybody sees the gate's step.
#[tokio::test]
async fn e6_a_failed_first_fetch_is_the_outcome_of_all_who_waited() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let gate = Gate::closed();
    let held = gate.clone();
    bench.login_answers(move |_, _| Answer::status(500).held(&held));
    let mut runs = start_all(&bench, &id, 50).await;
    for run in &mut runs {
        assert_eq!(within("the gate", run.next_step()).await.unwrap().kind, StepKind::Gate);
    }
    bench.server.arrived("/login", 2).await;
    gate.open();
    let executions = outcomes(runs).await;
    assert_eq!(by_error_type(&executions), BTreeMap::from([(Some(ErrorType::TokenRefreshError), 50)]));
    assert_eq!((bench.logins(), bench.server.count("/orders")), (2, 0));
}

#[tokio::test]
async fn e6_a_waiter_that_is_cancelled_does_not_cancel_the_flight() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let began_it = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let joined_it = bench.start(&id).await;
    bench.server.arrived("/orders", 2).await;
    began_it.cancel();
    let cancelled = within("the cancelled run", began_it.outcome()).await.unwrap();
    assert_eq!(cancelled.error_type, Some(ErrorType::Cancelled), "{}", cancelled.sentence);
    gate.open();
    let other = within("the other run", joined_it.outcome()).await.unwrap();
    assert!(other.success, "{}", other.sentence);
    assert_eq!((bench.logins(), bench.generation(&token).await), (2, 2));
}

#[tokio::test]
async fn e6_a_flight_whose_only_waiter_went_away_still_stores_its_value() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let only = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    only.cancel();
    within("the cancelled run", only.outcome()).await.unwrap();
    gate.open();
    let next = bench.run(&id).await;
    assert!(next.success, "{}", next.sentence);
    assert_eq!((bench.logins(), bench.generation(&token).await), (2, 2), "the next run uses what the flight brought");
}

#[tokio::test]
async fn e6_no_transaction_is_open_while_the_login_hangs() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let run = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let other = bench.second().await;
    let writes = async {
        bench.token(text_token("Written here", "value-here")).await;
        other.tokens().save(text_token("Written there", "value-there"), None).await.unwrap();
    };
    // A writer waits 10 s for a transaction before it gives up.
    tokio::time::timeout(std::time::Duration::from_secs(5), writes).await.expect("writes must not wait for the login");
    gate.open();
    assert!(within("the run", run.outcome()).await.unwrap().success);
}

#[tokio::test]
async fn e6_two_tokens_in_opposite_order_do_not_wait_for_each_other() {
    let bench = Bench::new().await;
    let expired = Gate::closed();
    let (held, renewed) = (expired.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let fresh = std::sync::Arc::clone(&renewed);
    bench.server.answers(move |received| {
        let which = if fresh.load(std::sync::atomic::Ordering::SeqCst) { "newer" } else { "older" };
        match received.path.as_str() {
            "/login/a" | "/login/b" if which == "newer" => Answer::json(200, &json!({"t": "newer-value"})).held(&held),
            "/login/a" | "/login/b" => Answer::json(200, &json!({"t": "older-value"})),
            _ if received.header("x-a") == Some("newer-value") && received.header("x-b") == Some("newer-value") => {
                Answer::json(200, &json!({}))
            }
            _ => Answer::status(401),
        }
    });
    let token = |name: &str, header: &str, path: &str| TokenDraft {
        request_header_key: header.into(),
        token_prefix: String::new(),
        ..login_token(name, login(&bench.server.at(path), CLIENT_SECRET), TokenLocation::json("/t"))
    };
    let a = bench.tested_token(token("A", "X-A", "/login/a")).await.summary.id;
    let b = bench.tested_token(token("B", "X-B", "/login/b")).await.summary.id;
    let one = bench.connector(connector("One", &bench.server.at("/one"), &[&a, &b])).await;
    let other = bench.connector(connector("Other", &bench.server.at("/other"), &[&b, &a])).await;
    renewed.store(true, std::sync::atomic::Ordering::SeqCst);
    let runs = vec![bench.start(&one).await, bench.start(&other).await];
    bench.server.arrived("/login/a", 2).await;
    bench.server.arrived("/login/b", 2).await;
    expired.open();
    assert_eq!(by_error_type(&outcomes(runs).await), BTreeMap::from([(None, 2)]));
    assert_eq!((bench.server.count("/login/a"), bench.server.count("/login/b")), (2, 2));
}

#[tokio::test]
async fn e6_an_answer_to_an_older_request_is_thrown_away() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.issuer.expire();
    let gate = Gate::closed();
    let held = gate.clone();
    let issuer = std::sync::Arc::clone(&bench.issuer);
    bench.server.answers(move |received| match received.path.as_str() {
        "/login" => issuer.logged_in().held(&held),
        "/login/v2" => issuer.logged_in(),
        _ => issuer.api(received),
    });
    let run = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let moved = login_token(
        "Orders login",
        login(&bench.server.at("/login/v2"), CLIENT_SECRET),
        TokenLocation::json("/data/access_token"),
    );
    bench.tested_token(TokenDraft { id: Some(token.clone()), ..moved }).await;
    let saved = bench.value(&token).await;
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
    assert!(execution.sentence.contains("changed while it was refreshed"), "{}", execution.sentence);
    assert_eq!((bench.value(&token).await, bench.generation(&token).await), (saved, 2), "the edit wins");
    assert!(bench.run(&id).await.success);
}

#[tokio::test]
async fn e6_a_late_flight_does_not_bring_back_a_forgotten_value() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let run = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
    assert!(!bench.workspace.tokens().get(&token).await.unwrap().summary.has_value);
}

#[tokio::test]
async fn e6_a_run_that_begins_after_a_value_was_forgotten_does_not_share_the_older_flights_end() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let older = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    bench.workspace.tokens().forget(&token).await.unwrap();
    let mut newer = bench.start(&id).await;
    assert_eq!(within("the gate", newer.next_step()).await.unwrap().kind, StepKind::Gate);
    // Time for it to join the flight that is under way; it must come out well whether it does or not.
    for _ in 0..5 {
        bench.generation(&token).await;
    }
    gate.open();
    assert!(!within("the older run", older.outcome()).await.unwrap().success);
    let newer = within("the newer run", newer.outcome()).await.unwrap();
    assert!(newer.success, "{}", newer.sentence);
    assert_eq!((bench.logins(), bench.generation(&token).await), (3, 3));
}

#[tokio::test]
async fn e6_a_token_that_is_only_renamed_keeps_its_flight() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let run = bench.start(&id).await;
    bench.server.arrived("/login", 2).await;
    let mut renamed = TokenDraft { id: Some(token.clone()), name: "Renamed".into(), ..bench.login_draft("") };
    let TokenDraftKind::HttpRequest { request, .. } = &mut renamed.kind else { panic!("it is a request token") };
    for (position, field) in (0..).zip(&mut request.parameters) {
        (field.value, field.stored) = (None, Some(position));
    }
    bench.token(renamed).await;
    gate.open();
    assert!(within("the run", run.outcome()).await.unwrap().success);
    assert_eq!(bench.generation(&token).await, 2);
}

#[tokio::test]
async fn e6_refresh_now_joins_a_flight_that_is_under_way() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate = bench.expire_and_hold_login();
    let run = bench.workspace.execute(ExecutionRequest { connector_id: id, ..ExecutionRequest::default() }).await.unwrap();
    bench.server.arrived("/login", 2).await;
    let tokens = bench.workspace.tokens();
    let by_hand = tokens.refresh(&token);
    tokio::pin!(by_hand);
    // Driven until it waits, so that it has joined before the login answers.
    for _ in 0..20 {
        tokio::select! {
            biased;
            _ = &mut by_hand => panic!("it must wait for the flight"),
            () = tokio::task::yield_now() => {}
        }
    }
    gate.open();
    assert_eq!(within("the refresh by hand", by_hand).await.unwrap().summary.generation, 2);
    assert!(within("the run", run.outcome()).await.unwrap().success);
    assert_eq!(bench.logins(), 2);
}
