//! What a run says beside what happened, so that the admin knows why in seconds; and the words of its decisions.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;
use latchkey::clock::FixedClock;
use latchkey::execution::{Execution, StepKind, StepOutcome};
use serde_json::{Value, json};

use support::bench::step;
use support::drafts::{connector, text_token};
use support::{Answer, Bench, Gate, within};

fn hint(execution: &Execution) -> &str {
    execution.hint.as_deref().unwrap_or_default()
}

/// A JWT of these times, relative to now.
fn jwt(now: Timestamp, issued: i64, expires: i64) -> String {
    let encode = |value: Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iat": now.as_second() + issued, "exp": now.as_second() + expires, "jti": "7f3a9c"});
    format!("{}.{}.c2lnbmF0dXJlLW9mLXRoZS1pc3N1ZXI", encode(json!({"alg": "HS256"})), encode(claims))
}

/// A `Date` header so many seconds from now.
fn date(now: Timestamp, seconds: i64) -> String {
    let at = Timestamp::from_second(now.as_second() + seconds).unwrap();
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn a_403_with_a_token_that_was_stored_just_now_points_at_its_scopes_until_it_is_old() {
    let clock = Arc::new(FixedClock::new(noon()));
    let bench = Bench::at(&clock).await;
    let (_, id) = bench.orders().await;
    bench.api_answers(|_, _| {
        let challenge =
            r#"Bearer realm="orders", error="insufficient_scope", error_description="More is needed", scope="read:orders""#;
        Answer::status(403).with("WWW-Authenticate", challenge)
    });
    let execution = bench.run(&id).await;
    assert_eq!(
        hint(&execution),
        "Orders login was stored only 0 s ago, so the token is valid but not allowed: look at its scopes. \
         The API says why: insufficient_scope (More is needed); it asks for the scope read:orders."
    );
    assert!(step(&execution, StepKind::Request).detail.ends_with("only a 401 asks for that."), "{execution:#?}");
    clock.advance(Duration::from_hours(1));
    assert!(hint(&bench.run(&id).await).starts_with("The API says why: insufficient_scope"), "nobody knows its age by then");
}

#[tokio::test]
async fn a_403_after_a_refresh_or_with_a_jwt_that_lives_points_at_the_scopes() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    bench.api_answers(|received, issuer| if issuer.accepts(received) { Answer::status(403) } else { Answer::status(401) });
    assert_eq!(
        hint(&bench.run(&id).await),
        "Orders login was renewed by this run, so the token is valid but not allowed: look at its scopes."
    );
    bench.server.answers(|_| Answer::status(403));
    for (expires, fresh) in [(900, true), (-900, false)] {
        let name = format!("Key {expires}");
        let token = bench.token(text_token(&name, &jwt(Timestamp::now(), -1000, expires))).await.summary.id;
        let id = bench.connector(connector(&name, &bench.server.at("/x"), &[&token])).await;
        assert_eq!(hint(&bench.run(&id).await).contains("look at its scopes"), fresh);
    }
    let opaque = bench.token(text_token("Opaque", "a-fixed-value")).await.summary.id;
    let id = bench.connector(connector("Opaque", &bench.server.at("/x"), &[&opaque])).await;
    assert_eq!(bench.run(&id).await.hint, None, "nobody knows whether that is valid");
}

#[tokio::test]
async fn s2_a_reason_that_repeats_the_token_or_controls_a_terminal_is_told_without_it() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    bench.login_answers(|_, issuer| {
        let answer = issuer.logged_in();
        issuer.expire();
        answer
    });
    bench.api_answers(|received, _| {
        let sent = received.header("authorization").unwrap_or_default();
        Answer::status(401).with("WWW-Authenticate", &format!("Bearer error=\"{sent} is\tno good\u{202e}\""))
    });
    let execution = bench.run(&id).await;
    assert_eq!(hint(&execution), "The API says why: **** is no good.");
}

#[tokio::test]
async fn a_fresh_jwt_that_is_refused_makes_the_clocks_be_compared() {
    let bench = Bench::new().await;
    let now = Timestamp::now();
    for (skew, issued, expected) in [
        (-300, 0, "begins to be valid"),
        (3660, 0, "The API's clock is 1 h ahead of this machine's"),
        (0, 120, "the clock of its issuer is ahead"),
    ] {
        bench.server.answers(move |_| Answer::status(401).with("Date", &date(now, skew)));
        let name = format!("Key {skew}");
        let token = bench.token(text_token(&name, &jwt(now, issued, 900))).await.summary.id;
        let id = bench.connector(connector(&name, &bench.server.at("/x"), &[&token])).await;
        let execution = bench.run(&id).await;
        assert!(hint(&execution).contains(expected), "{skew}: {}", hint(&execution));
        bench.server.answers(move |_| Answer::status(403).with("Date", &date(now, skew)));
        assert!(!hint(&bench.run(&id).await).contains("clock"), "a 403 is no matter of time");
    }
    bench.server.answers(move |_| Answer::status(401).with("Date", &date(now, 0)));
    let agreed = bench.token(text_token("Agreed", &jwt(now, -10, 900))).await.summary.id;
    let id = bench.connector(connector("Agreed", &bench.server.at("/x"), &[&agreed])).await;
    assert_eq!(bench.run(&id).await.hint, None, "the clocks agree");
}

#[tokio::test]
async fn e7_a_location_that_stopped_yielding_shows_both_shapes_and_where_to_go() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    bench.login_answers(|_, issuer| {
        Answer::json(200, &json!({"result": {"access_token": issuer.issue()}, "note": "of the login alone"}))
    });
    let execution = bench.run(&id).await;
    assert!(
        hint(&execution).contains("has another shape") && hint(&execution).contains("press Test request"),
        "{execution:#?}"
    );
    let exchange = step(&execution, StepKind::Refresh).exchange.as_ref().unwrap();
    let (saved, now) = (exchange.saved_shape.as_deref().unwrap(), exchange.response_body.as_deref().unwrap());
    assert!(saved.contains("data") && !saved.contains("result"), "{saved}");
    assert!(now.contains("result") && !now.contains("data"), "{now}");
    assert!(!saved.contains("of the login alone") && !now.contains("of the login alone"), "only shapes");
}

#[tokio::test]
async fn a_login_that_refuses_tells_its_reason() {
    let bench = Bench::new().await;
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    bench.login_answers(|_, _| Answer::status(401).with("WWW-Authenticate", r#"Basic realm="login", error="invalid_client""#));
    assert_eq!(hint(&bench.run(&id).await), "The login endpoint says why: invalid_client.");
}

#[tokio::test]
async fn e4_every_decision_says_what_was_decided_about_which_generation_and_why() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let gate: Gate = bench.hold_refusals();
    bench.issuer.expire();
    let run = bench.start(&id).await;
    bench.server.arrived("/orders", 1).await;
    bench.workspace.tokens().refresh(&token).await.unwrap();
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    let decided = &step(&execution, StepKind::Refresh).detail;
    assert!(
        decided.contains("401 with generation 1 of Orders login; generation 2 was already stored by another run"),
        "{decided}"
    );

    bench.server.answers(|_| Answer::status(401));
    let key = bench.token(text_token("Key", "fixed-value")).await.summary.id;
    let id = bench.connector(connector("C", &bench.server.at("/x"), &[&key])).await;
    let execution = bench.run(&id).await;
    let left = step(&execution, StepKind::Refresh);
    assert_eq!(left.outcome, StepOutcome::Skipped);
    assert!(
        left.detail.starts_with("401 with generation 1 of Key; nothing is refreshed: Key is a text token"),
        "{}",
        left.detail
    );
    assert_eq!(execution.refreshes(), 0, "what is skipped is no refresh");
}
