//! A page of another system, as the Messenger hears it: JSON over HTTP with an `Origin`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::Failure;

/// A page at an origin, which may hold a session.
pub struct Caller {
    address: String,
    app_id: String,
    origin: &'static str,
    session: Option<String>,
}

/// What the Messenger answered.
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// The JSON.
    pub body: Value,
}

impl Caller {
    /// A page of this origin that knows the Messenger's address, such as `http://127.0.0.1:47900`, and its `app_id`.
    pub fn new(base_url: &str, app_id: &str, origin: &'static str) -> Self {
        let address = base_url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { address, app_id: app_id.to_owned(), origin, session: None }
    }

    /// Opens a session for a customer, with tokens by their names.
    pub fn boot(&mut self, user_id: &str, email: &str, name: &str, auth_tokens: &Value) -> Result<Said, Failure> {
        let body =
            json!({ "app_id": self.app_id, "user_id": user_id, "email": email, "name": name, "auth_tokens": auth_tokens });
        let said = self.post("/v1/boot", &body)?;
        self.session = said.body["session"].as_str().map(ToOwned::to_owned);
        Ok(said)
    }

    /// Sets tokens in the session.
    pub fn set_auth_tokens(&self, auth_tokens: &Value) -> Result<Said, Failure> {
        self.post("/v1/auth_tokens", &json!({ "app_id": self.app_id, "auth_tokens": auth_tokens }))
    }

    fn post(&self, path: &str, body: &Value) -> Result<Said, Failure> {
        let body = body.to_string();
        let session = self.session.as_ref().map(|session| format!("Authorization: Bearer {session}\r\n")).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let (host, origin, length) = (&self.address, self.origin, body.len());
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{session}Connection: close\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let unclear = || Failure::Page(format!("the Messenger answered {answer:?}"));
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(unclear)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(unclear)?;
        let body = serde_json::from_str(body).map_err(|_| unclear())?;
        Ok(Said { status, body })
    }
}
