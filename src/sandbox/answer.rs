//! An answer of the sandbox: always JSON, with a note for its page.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// Status, headers and JSON body, and why in a few words.
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    note: &'static str,
}

/// The note of an answer, on its way to the list of served requests.
#[derive(Clone, Copy)]
pub(super) struct Note(pub(super) &'static str);

impl Answer {
    pub(super) fn new(status: StatusCode, note: &'static str, body: Value) -> Self {
        Self { status, headers: HeaderMap::new(), body, note }
    }

    /// A refusal with a name for programs and a sentence for people.
    pub(super) fn refusal(status: StatusCode, note: &'static str, error: &str, message: &str) -> Self {
        Self::new(status, note, json!({ "error": error, "message": message }))
    }

    /// The 503 of an endpoint that is switched off.
    pub(super) fn down() -> Self {
        let message = "The service is down for maintenance. Try again later.";
        Self::refusal(StatusCode::SERVICE_UNAVAILABLE, "switched off", "service_unavailable", message)
    }

    pub(super) fn no_randomness() -> Self {
        let message = "No token could be made, because the operating system gave no random bytes.";
        Self::refusal(StatusCode::INTERNAL_SERVER_ERROR, "no random bytes", "internal_error", message)
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(mut self) -> Response {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let mut response = (self.status, self.headers, self.body.to_string()).into_response();
        response.extensions_mut().insert(Note(self.note));
        response
    }
}
