//! Connectors with user tokens over real HTTP: whose value is sent and which (T5, M3), what happens without one (M6), after
//! a 401 (E4, E9), who may run them (R4), and what is recorded (S2).
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

#[path = "user_tokens/desk.rs"]
mod desk;
#[path = "user_tokens/gates.rs"]
mod gates;
#[path = "user_tokens/headers.rs"]
mod headers;
#[path = "user_tokens/refused.rs"]
mod refused;
#[path = "user_tokens/sent.rs"]
mod sent;
mod support;
