//! Tokens as clients see them: masked, with what is known about their use (T8).

use serde::Serialize;

use crate::response::{BodySummary, JwtView, Lifetime, ShapeLine, Suggestion};
use crate::token::{Encoding, TokenLocation, TokenType};

/// A line of the token list.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TokenSummary {
    /// The token's id.
    pub id: String,
    /// Its unique name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its type.
    pub token_type: TokenType,
    /// The header line as it will be sent, with the value masked (T1).
    pub header_preview: String,
    /// Only this host and its subdomains get it (T6).
    pub domain: Option<String>,
    /// The connectors that use it.
    pub used_by: Vec<NamedRef>,
    /// Whether a value is stored.
    pub has_value: bool,
    /// The generation of the stored value; 0 when none ever was.
    pub generation: u32,
    /// When a value was last stored (RFC 3339).
    pub last_refreshed_at: Option<String>,
    /// How its value was last stored or lost.
    pub last_change: Option<ValueChange>,
    /// The last test or refresh against its endpoint.
    pub last_test: Option<LastTest>,
}

/// Something that is referred to by name.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct NamedRef {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// How a token value came or went (T9 asks that what is done by hand is recorded as such).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ValueChange {
    /// Stored when the token was saved.
    Saved,
    /// Fetched by an execution that had none.
    Fetched,
    /// Refreshed by an execution: after a 401, or before it expired.
    Refreshed,
    /// *Refresh now*.
    RefreshedByHand,
    /// *Forget value*.
    ForgottenByHand,
}

/// How the authentication endpoint last answered.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct LastTest {
    /// When (RFC 3339).
    pub at: String,
    /// The status, when an answer came.
    pub http_status: Option<u16>,
    /// Whether it gave a usable token value.
    pub ok: bool,
}

/// A saved token with everything its form shows; secret values are left out (T8).
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TokenDetail {
    /// What the list shows.
    pub summary: TokenSummary,
    /// The name of the header that carries it.
    pub request_header_key: String,
    /// The prefix.
    pub token_prefix: String,
    /// The authentication request, for an HTTP request token.
    pub request: Option<RequestView>,
    /// Where the value stands, for an HTTP request token.
    pub location: Option<TokenLocation>,
    /// So many seconds before its end the value is refreshed, if that is known; `None` waits for a 401 (E4).
    pub refresh_before_seconds: Option<u32>,
    /// When the stored value expires (RFC 3339), as the answer said that brought it.
    pub expires_at: Option<String>,
    /// Where that answer said so, such as `expires_in beside the value`.
    pub lifetime_from: Option<String>,
    /// The newest answer in which the value was not found, until one is stored again.
    pub moved: Option<Moved>,
}

/// An answer of the login in which nothing usable stood at the token's location.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Moved {
    /// When it came (RFC 3339).
    pub at: String,
    /// What was met at the location.
    pub sentence: String,
    /// The shape of the answer that the stored value came from; empty when it is not known.
    pub saved_shape: Vec<ShapeLine>,
    /// The shape of this one.
    pub new_shape: Vec<ShapeLine>,
    /// Where the value probably went, the likeliest first. A new test takes one (T3), nothing else does.
    pub proposals: Vec<Suggestion>,
}

/// An authentication request with its secrets left out.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct RequestView {
    /// HTTP method.
    pub method: String,
    /// URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<FieldView>,
    /// Key-value pairs.
    pub parameters: Vec<FieldView>,
    /// How the pairs are sent.
    pub encoding: Encoding,
}

/// A header or pair; a secret one comes without its value.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct FieldView {
    /// The header's name or the pair's key.
    pub name: String,
    /// The value, unless it is a secret.
    pub value: Option<String>,
    /// Whether it is a secret.
    pub secret: bool,
    /// Its position in the saved request, to be sent back as `stored`.
    pub stored: u32,
}

/// Names one secret of a configuration, to be revealed or copied on purpose (T8).
#[derive(Debug, Clone, serde::Deserialize, specta::Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SecretRef {
    /// The stored value of a token.
    TokenValue {
        /// The token.
        token_id: String,
    },
    /// A header of a token's authentication request.
    TokenHeader {
        /// The token.
        token_id: String,
        /// The header's position.
        index: u32,
    },
    /// A key-value pair of a token's authentication request.
    TokenParameter {
        /// The token.
        token_id: String,
        /// The pair's position.
        index: u32,
    },
    /// What a customer holds of a user token.
    CustomerToken {
        /// The customer.
        user_id: String,
        /// The token.
        token_id: String,
    },
    /// The secret of the Messenger's identity verification.
    MessengerSecret,
    /// A header of a connector's draft.
    ConnectorHeader {
        /// The connector.
        connector_id: String,
        /// The header's position.
        index: u32,
    },
}

/// A successful or failed exchange of *Test request*. The body stays behind `response_id`.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TestReport {
    /// Names this test when the token is saved (T3).
    pub test_id: String,
    /// Opens the body as a tree.
    pub response_id: String,
    /// Opens headers and cookies as a tree.
    pub headers_id: String,
    /// Opens the lines of a body that is shown as another tree.
    pub text_id: Option<String>,
    /// The status of the final answer.
    pub http_status: u16,
    /// Its reason in words, such as `OK`.
    pub status_text: String,
    /// Whether the status is 2xx, so that a location can be chosen.
    pub ok: bool,
    /// From the first byte sent to the last received, in milliseconds.
    pub duration_ms: u32,
    /// When it was made (RFC 3339).
    pub at: String,
    /// The response's headers, secrets masked.
    pub headers: Vec<HeaderRow>,
    /// What is known of the body.
    pub body: BodySummary,
    /// Likely tokens, the likeliest first.
    pub suggestions: Vec<Suggestion>,
    /// Where the value probably went, when the saved token's location yields nothing here.
    pub moved_to: Vec<Suggestion>,
    /// What is wrong with the answer and what to do, when it is not usable.
    pub advice: Option<String>,
    /// How often a redirect was followed.
    pub redirects: u32,
}

/// A header of a tested response.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct HeaderRow {
    /// Its name.
    pub name: String,
    /// Its value, masked when it holds or looks like a secret.
    pub value: String,
    /// Whether `value` is masked.
    pub masked: bool,
    /// The location that points at it.
    pub location: TokenLocation,
}

/// What a location yields in a tested response.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct LocatedView {
    /// The location, normalised: a `JSONPath` has become its pointer.
    pub location: TokenLocation,
    /// The header line that will be sent, masked.
    pub header_preview: String,
    /// The value's length in characters.
    pub characters: u32,
    /// The value opened, when it is a JWT.
    pub jwt: Option<JwtView>,
    /// Something worth saying about it, such as that a header came several times.
    pub note: Option<String>,
    /// How long it lives, if the answer says so.
    pub lifetime: Option<Lifetime>,
}

/// The progress of a test or a run.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Progress {
    /// What is happening, in words.
    pub doing: String,
    /// Bytes of the present response so far.
    pub received_bytes: u32,
}
