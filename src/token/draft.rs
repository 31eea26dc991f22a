//! A token as someone types it, before it is checked: what forms and token files hold.

use serde::{Deserialize, Serialize};

use super::{Encoding, TokenLocation, TokenType};

/// A token to be saved; a new one has no `id`.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct TokenDraft {
    /// The saved token that is edited.
    #[serde(default)]
    pub id: Option<String>,
    /// See [`super::Token::name`].
    pub name: String,
    /// See [`super::Token::description`].
    #[serde(default)]
    pub description: String,
    /// See [`super::Token::request_header_key`].
    pub request_header_key: String,
    /// See [`super::Token::token_prefix`].
    #[serde(default)]
    pub token_prefix: String,
    /// See [`super::Token::domain`]; empty is none.
    #[serde(default)]
    pub domain: Option<String>,
    /// What is particular to the type.
    #[serde(flatten)]
    pub kind: TokenDraftKind,
}

/// What is particular to each type of token, as typed.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
#[serde(tag = "token_type", rename_all = "snake_case")]
pub enum TokenDraftKind {
    /// A fixed value.
    Text {
        /// The value; `None` keeps the stored one.
        #[serde(default)]
        value: Option<String>,
    },
    /// A value fetched from an authentication endpoint.
    HttpRequest {
        /// What is sent.
        request: RequestDraft,
        /// Where the value stands in the answer; `None` while none is chosen.
        #[serde(default)]
        location: Option<TokenLocation>,
        /// Refresh this many seconds before the value expires, 1 to 30 days; `None` waits for a 401.
        #[serde(default)]
        refresh_before_seconds: Option<u32>,
    },
    /// A value per customer, set from outside (T5).
    User,
}

impl TokenDraftKind {
    /// The wire name of the type.
    pub fn token_type(&self) -> TokenType {
        match self {
            Self::Text { .. } => TokenType::Text,
            Self::HttpRequest { .. } => TokenType::HttpRequest,
            Self::User => TokenType::User,
        }
    }
}

/// An authentication request as typed.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct RequestDraft {
    /// HTTP method, any case.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Headers, in order.
    #[serde(default)]
    pub headers: Vec<FieldDraft>,
    /// Key-value pairs, in order.
    #[serde(default)]
    pub parameters: Vec<FieldDraft>,
    /// How the pairs are sent.
    #[serde(default)]
    pub encoding: Encoding,
}

/// A header or key-value pair as typed. A page never gets a secret value back: it leaves `value`
/// out and names the stored field by its position instead (T8).
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct FieldDraft {
    /// The header's name or the pair's key (`key` in token files).
    pub name: String,
    /// What is sent; `None` keeps the value of the stored field `stored`.
    #[serde(default)]
    pub value: Option<String>,
    /// Whether the value is a secret; it is unless unmarked.
    #[serde(default = "secret_unless_unmarked")]
    pub secret: bool,
    /// The position of this field in the saved request, counted from 0.
    #[serde(default)]
    pub stored: Option<u32>,
}

fn secret_unless_unmarked() -> bool {
    true
}
