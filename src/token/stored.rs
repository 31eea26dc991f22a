//! A token's settings as the encrypted database keeps them; the one place where secret fields become text.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{AuthenticationRequest, Encoding, RequestField, Token, TokenId, TokenKind, TokenLocation};

#[derive(Serialize, Deserialize)]
struct StoredToken {
    description: String,
    request_header_key: String,
    token_prefix: String,
    domain: Option<String>,
    #[serde(flatten)]
    kind: StoredKind,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "token_type", rename_all = "snake_case")]
enum StoredKind {
    Text,
    HttpRequest { request: StoredRequest, location: TokenLocation, refresh_before_seconds: Option<u32> },
    User,
}

#[derive(Serialize, Deserialize)]
struct StoredRequest {
    method: String,
    url: String,
    headers: Vec<StoredField>,
    parameters: Vec<StoredField>,
    encoding: Encoding,
}

#[derive(Serialize, Deserialize)]
struct StoredField {
    name: String,
    value: String,
    secret: bool,
}

impl From<&RequestField> for StoredField {
    fn from(field: &RequestField) -> Self {
        // Exposed into the row of the encrypted database, and nowhere else.
        Self { name: field.name.clone(), value: field.value.expose_secret().to_owned(), secret: field.secret }
    }
}

impl From<StoredField> for RequestField {
    fn from(field: StoredField) -> Self {
        Self { name: field.name, value: SecretString::from(field.value), secret: field.secret }
    }
}

/// The settings as JSON, secrets included: for the encrypted database only.
pub fn to_stored(token: &Token) -> SecretString {
    let kind = match &token.kind {
        TokenKind::Text => StoredKind::Text,
        TokenKind::User => StoredKind::User,
        TokenKind::HttpRequest { request, location, refresh_before_seconds } => StoredKind::HttpRequest {
            request: StoredRequest {
                method: request.method.clone(),
                url: request.url.clone(),
                headers: request.headers.iter().map(StoredField::from).collect(),
                parameters: request.parameters.iter().map(StoredField::from).collect(),
                encoding: request.encoding,
            },
            location: location.clone(),
            refresh_before_seconds: *refresh_before_seconds,
        },
    };
    let stored = StoredToken {
        description: token.description.clone(),
        request_header_key: token.request_header_key.clone(),
        token_prefix: token.token_prefix.clone(),
        domain: token.domain.clone(),
        kind,
    };
    SecretString::from(serde_json::json!(stored).to_string())
}

/// Reads settings that [`to_stored`] wrote.
///
/// # Errors
/// When the text is not such settings; the message holds no value of it.
pub fn from_stored(id: TokenId, name: String, config: &SecretString) -> Result<Token, UnreadableToken> {
    // Exposed to be taken apart; its secret fields become secrets again below.
    let stored: StoredToken =
        serde_json::from_str(config.expose_secret()).map_err(|_| UnreadableToken { name: name.clone() })?;
    let kind = match stored.kind {
        StoredKind::Text => TokenKind::Text,
        StoredKind::User => TokenKind::User,
        StoredKind::HttpRequest { request, location, refresh_before_seconds } => TokenKind::HttpRequest {
            request: AuthenticationRequest {
                method: request.method,
                url: request.url,
                headers: request.headers.into_iter().map(RequestField::from).collect(),
                parameters: request.parameters.into_iter().map(RequestField::from).collect(),
                encoding: request.encoding,
            },
            location,
            refresh_before_seconds,
        },
    };
    Ok(Token {
        id,
        name,
        description: stored.description,
        request_header_key: stored.request_header_key,
        token_prefix: stored.token_prefix,
        domain: stored.domain,
        kind,
    })
}

/// A token's row holds something that this version can't read.
#[derive(Debug, thiserror::Error)]
#[error("The settings of the token “{name}” can't be read. They were written by another version, or are damaged.")]
pub struct UnreadableToken {
    /// The token's name.
    pub name: String,
}
