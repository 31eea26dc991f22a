//! Servers that misbehave, in a table: each row says what a server does and what must come of it for a connector's run
//! (E11), for a test of an authentication request (T3) and for a refresh (E7). No secret is recorded (S2), sentences
//! stay short and plain, and the same host is reached again as soon as it behaves.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of a test may end it")]

mod support;

#[path = "hostile/row.rs"]
mod row;
#[path = "hostile/server.rs"]
mod server;

#[path = "hostile/connection.rs"]
mod connection;
#[path = "hostile/echo.rs"]
mod echo;
#[path = "hostile/encoding.rs"]
mod encoding;
#[path = "hostile/framing.rs"]
mod framing;
#[path = "hostile/head.rs"]
mod head;
#[path = "hostile/json.rs"]
mod json_bodies;
#[path = "hostile/redirects.rs"]
mod redirects;
#[path = "hostile/text.rs"]
mod text;
#[path = "hostile/tls.rs"]
mod tls;
#[path = "hostile/xml.rs"]
mod xml;
