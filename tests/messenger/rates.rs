//! How often may be called (M4), by a clock that goes only where the test sends it.

use std::sync::Arc;
use std::time::Duration;

use latchkey::clock::FixedClock;
use serde_json::json;

use crate::desk::{Desk, PAGE, TOKEN};

async fn desk() -> (Desk, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new("2026-01-31T09:00:00Z".parse().unwrap()));
    (Desk::at(&clock).await, clock)
}

#[tokio::test]
async fn m4_a_customer_may_be_called_for_sixty_times_a_minute() {
    let (desk, clock) = desk().await;
    let session = desk.boot("ann").await;
    for number in 0..59 {
        assert_eq!(desk.set(&session, &[(TOKEN, &format!("value number {number}"))]).send().await.status, 200);
    }
    let reply = desk.set(&session, &[(TOKEN, "one too many")]).send().await;
    assert_eq!((reply.refusal(), reply.header("retry-after")), ((429, "rate_limited"), Some("60")));
    assert_eq!(reply.header("access-control-expose-headers"), Some("Retry-After"));
    assert_eq!(desk.sends("ann").await.as_deref(), Some("value number 58"), "what was refused was not stored");
    let boot = desk.call("/v1/boot").from(PAGE).with("user_id", "ann").send().await;
    assert_eq!(boot.refusal(), (429, "rate_limited"), "another session is of the same customer");
    let bob = desk.boot("bob").await;
    assert_eq!(desk.set(&bob, &[(TOKEN, "value of bob")]).send().await.status, 200, "others are not held up");
    clock.advance(Duration::from_secs(59));
    assert_eq!(desk.set(&session, &[(TOKEN, "too early")]).send().await.header("retry-after"), Some("1"));
    clock.advance(Duration::from_secs(1));
    assert_eq!(desk.set(&session, &[(TOKEN, "a minute later")]).send().await.status, 200);
    assert_eq!(desk.sends("ann").await.as_deref(), Some("a minute later"));
}

#[tokio::test]
async fn m5_a_shutdown_is_never_one_call_too_many() {
    let (desk, _clock) = desk().await;
    let session = desk.boot("ann").await;
    while desk.call("/v1/update").from(PAGE).session(&session).send().await.status == 200 {}
    let reply = desk.call("/v1/shutdown").from(PAGE).session(&session).send().await;
    assert_eq!((reply.status, reply.body), (200, json!({"user_id": "ann"})));
}

#[tokio::test]
async fn m4_there_are_six_hundred_calls_in_a_second_for_all_and_no_more() {
    let (desk, clock) = desk().await;
    for _ in 0..600 {
        assert_eq!(desk.call("/v1/boot").from(PAGE).send().await.status, 400, "also those that are refused count");
    }
    let reply = desk.call("/v1/boot").from(PAGE).with("user_id", "42").send().await;
    assert_eq!((reply.refusal(), reply.header("retry-after")), ((429, "rate_limited"), Some("1")));
    assert_eq!(desk.call("/v1/boot").from("http://evil.example").send().await.refusal(), (403, "origin_not_allowed"));
    clock.advance(Duration::from_secs(1));
    for _ in 0..700 {
        desk.call("/v1/boot").from("http://evil.example").send().await;
    }
    desk.boot("42").await;
}
