//! The circuit breaker over real HTTP (C1–C5): what counts, when it opens, what it lets through, and what is done by hand.
//! The clock goes only where the tests send it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as a test does")]

#[path = "breaker/by_hand.rs"]
mod by_hand;
#[path = "breaker/counting.rs"]
mod counting;
#[path = "breaker/probes.rs"]
mod probes;
#[path = "breaker/scene.rs"]
mod scene;
mod support;
