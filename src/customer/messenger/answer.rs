//! What the Messenger answers: JSON; a refusal has a code for programs, a sentence for people, and one next step.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// Why a call was refused. The names are a public contract with the SDKs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// The body is no JSON object.
    InvalidJson,
    /// A member holds something that can't be taken.
    InvalidField,
    /// Some names are no user token's; what is known was stored (M2).
    UnknownTokens,
    /// It is meant for another workspace.
    WrongAppId,
    /// Pages of this origin may not call.
    OriginNotAllowed,
    /// It comes from no page, and nobody is asked to prove who they are.
    OriginMissing,
    /// It was addressed to another name than this machine's own.
    WrongHost,
    /// Identity verification is on, and there is no proof.
    IdentityMissing,
    /// The proof does not fit.
    IdentityRefused,
    /// The proof is too old.
    IdentityExpired,
    /// It names no session.
    SessionMissing,
    /// There is no such session, or no longer.
    SessionEnded,
    /// The body is too large.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// There were too many calls.
    RateLimited,
    /// There is nothing at this address.
    NotFound,
    /// The address takes another method.
    MethodNotAllowed,
    /// It could not be stored, or the Messenger is being stopped.
    Interrupted,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidField => "invalid_field",
            Self::UnknownTokens => "unknown_tokens",
            Self::WrongAppId => "wrong_app_id",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::OriginMissing => "origin_missing",
            Self::WrongHost => "wrong_host",
            Self::IdentityMissing => "identity_missing",
            Self::IdentityRefused => "identity_refused",
            Self::IdentityExpired => "identity_expired",
            Self::SessionMissing => "session_missing",
            Self::SessionEnded => "session_ended",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooSlow | Self::Interrupted => "interrupted",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidJson | Self::InvalidField => StatusCode::BAD_REQUEST,
            Self::UnknownTokens => StatusCode::UNPROCESSABLE_ENTITY,
            Self::WrongAppId | Self::OriginNotAllowed | Self::OriginMissing | Self::WrongHost => StatusCode::FORBIDDEN,
            Self::IdentityMissing
            | Self::IdentityRefused
            | Self::IdentityExpired
            | Self::SessionMissing
            | Self::SessionEnded => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why a call was not done, or not whole.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    pub(super) message: String,
    next_step: String,
    field: Option<String>,
    retry_after_seconds: Option<u64>,
    partly: Option<Box<Partly>>,
}

/// What there is to say when a part of a call was done (M2).
#[derive(Debug)]
struct Partly {
    /// Beside `error`: the session that a boot opened all the same.
    beside: Map<String, Value>,
    /// Within `error`.
    keys: Vec<String>,
    /// Within `error`.
    stored: Vec<String>,
}

impl Refusal {
    pub(super) fn new(code: Code, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            next_step: next_step.into(),
            field: None,
            retry_after_seconds: None,
            partly: None,
        }
    }

    /// A member that can't be taken.
    pub(super) fn field(field: impl Into<String>, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self::new(Code::InvalidField, message, next_step).at(field)
    }

    /// The member that it is about.
    #[must_use]
    pub(super) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// When it may be tried again.
    #[must_use]
    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The names that were refused and those that were stored, and what the call would have answered (M2).
    #[must_use]
    pub(super) fn partly(mut self, refused: &[String], stored: &[String], answer: Map<String, Value>) -> Self {
        self.partly = Some(Box::new(Partly { beside: answer, keys: refused.to_vec(), stored: stored.to_vec() }));
        self
    }

    pub(super) fn interrupted(message: &str) -> Self {
        Self::new(Code::Interrupted, message, "Try again.")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.code.name()));
        error.insert("message".to_owned(), json!(self.message));
        error.insert("next_step".to_owned(), json!(self.next_step));
        if let Some(field) = self.field {
            error.insert("field".to_owned(), json!(field));
        }
        let mut body = Map::new();
        if let Some(partly) = self.partly {
            error.insert("keys".to_owned(), json!(partly.keys));
            error.insert("stored".to_owned(), json!(partly.stored));
            body = partly.beside;
        }
        body.insert("error".to_owned(), Value::Object(error));
        let mut response = json_response(self.code.status(), body);
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// JSON that nobody keeps.
pub(super) fn json_response(status: StatusCode, body: Map<String, Value>) -> Response {
    let mut response = (status, Value::Object(body).to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
