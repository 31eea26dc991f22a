//! The Messenger over real HTTP: sessions and what they may do (M1, M5), what is stored of a call (M2, S6) and used by the
//! next run (M3), and who is let in (M4).
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may end it")]

#[path = "messenger/bodies.rs"]
mod bodies;
#[path = "messenger/desk.rs"]
mod desk;
#[path = "messenger/door.rs"]
mod door;
#[path = "messenger/identity.rs"]
mod identity;
#[path = "messenger/life.rs"]
mod life;
#[path = "messenger/rates.rs"]
mod rates;
#[path = "messenger/sessions.rs"]
mod sessions;
#[path = "messenger/set_up.rs"]
mod set_up;
#[path = "messenger/snippets.rs"]
mod snippets;
mod support;
#[path = "messenger/tokens.rs"]
mod tokens;
