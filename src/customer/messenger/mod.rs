//! The Messenger: a loopback server through which other systems set user tokens, and the SDKs that call it (M1–M5).
//!
//! A request passes `routes` (the door), `body` and `members` (what was sent), `identity` and `session` (for whom), and
//! `call` (what is stored and answered). No value of a token leaves this room but into the encrypted database.

mod answer;
mod body;
mod call;
mod calls;
mod files;
mod identity;
mod members;
mod origin;
mod rate;
mod routes;
mod rules;
pub mod sdk;
mod server;
mod session;
mod shared;

pub use rules::{ReadRules, Rules};
pub use server::{Means, Messenger, StartFailure};

use serde::{Deserialize, Serialize};

/// How a caller proves on whose behalf it speaks (M4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum IdentityVerification {
    /// It need not; then only pages of allowed origins are heard.
    #[default]
    Off,
    /// A JWT, signed with HS256, that holds the `user_id`.
    Jwt,
    /// The HMAC-SHA256 of the `user_id`, in hexadecimal digits.
    UserHash,
}

/// A call that the Messenger answered; no value of a token is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct MessengerCall {
    /// When it came, RFC 3339.
    pub at: String,
    /// What was called: `boot`, `update`, `setAuthTokens`, `shutdown`, `login`, `logout`, or the path of what is not there.
    pub call: String,
    /// Where the page that called came from; `None` for a native app.
    pub origin: Option<String>,
    /// For whom, when that is known.
    pub user_id: Option<String>,
    /// The names of the tokens that were set, each with its value masked.
    pub tokens: Vec<MaskedToken>,
    /// The names that were refused.
    pub refused: Vec<String>,
    /// The HTTP status of the answer.
    pub http_status: u16,
    /// What happened, in a sentence.
    pub sentence: String,
}

/// A token of a call, its value masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct MaskedToken {
    /// The token's name.
    pub name: String,
    /// Its value, masked.
    pub masked: String,
}
