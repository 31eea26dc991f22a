//! The ways in which the sandbox misbehaves on purpose.

use serde::{Deserialize, Serialize};

/// How the sandbox misbehaves at present; everything off is a friendly server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Switches {
    /// How long an issued token lives, in seconds.
    pub token_lifetime_seconds: u32,
    /// The login endpoints answer 503.
    pub login_down: bool,
    /// The login endpoints take 3 seconds longer.
    pub login_slow: bool,
    /// The login endpoints answer 200 without a token.
    pub login_without_token: bool,
    /// The login endpoints answer the token in another place than they used to.
    pub login_moves_token: bool,
    /// The API answers 200 with "access denied" to a token that it does not know (E8).
    pub api_access_denied: bool,
    /// The API answers 503.
    pub api_down: bool,
    /// The API takes 3 seconds longer.
    pub api_slow: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            token_lifetime_seconds: 900,
            login_down: false,
            login_slow: false,
            login_without_token: false,
            login_moves_token: false,
            api_access_denied: false,
            api_down: false,
            api_slow: false,
        }
    }
}

/// A request that the sandbox served, for its page.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ServedRequest {
    /// When (RFC 3339).
    pub at: String,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// The status it answered.
    pub http_status: u16,
    /// Why, in a few words, such as `token expired`.
    pub note: String,
}
