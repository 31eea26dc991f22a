//! Pages that call the Messenger: one connection, as little of its own as can be.

use std::io::{Read, Write};
use std::net::TcpStream;

use latchkey::customer::messenger::IdentityVerification;
use latchkey::workspace::{MessengerDraft, Workspace};
use serde_json::{Value, json};

use crate::Failure;

const ORIGIN: &str = "http://shop.example";

/// A connection to a Messenger, over which any page calls.
pub struct Pages {
    stream: TcpStream,
    host: String,
    app_id: String,
}

impl Pages {
    /// Starts the Messenger of a workspace and connects to it.
    pub async fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let draft = MessengerDraft {
            allowed_origins: vec![ORIGIN.to_owned()],
            identity_verification: IdentityVerification::Off,
            identity_secret: None,
        };
        workspace.messenger().set_up(draft).await?;
        let status = workspace.messenger().serve(Some(0)).await?;
        let host = status.base_url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host, app_id: status.app_id })
    }

    /// Opens a session for a customer.
    pub fn boot(&mut self, user_id: &str) -> Result<String, Failure> {
        let answer = self.call("/v1/boot", None, json!({ "user_id": user_id }))?;
        Ok(answer["session"].as_str().ok_or("The Messenger opened no session.")?.to_owned())
    }

    /// `setAuthTokens` in a session.
    pub fn set_auth_tokens(&mut self, session: &str, name: &str, value: &str) -> Result<(), Failure> {
        self.call("/v1/auth_tokens", Some(session), json!({ "auth_tokens": { name: value } })).map(drop)
    }

    fn call(&mut self, path: &str, session: Option<&str>, mut body: Value) -> Result<Value, Failure> {
        body["app_id"] = json!(self.app_id);
        let body = body.to_string();
        let session = session.map(|session| format!("Authorization: Bearer {session}\r\n")).unwrap_or_default();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {ORIGIN}\r\nContent-Type: application/json\r\n{session}Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.write_all(request.as_bytes())?;
        let answer = self.answer()?;
        if answer.get("error").is_some() {
            return Err(format!("The Messenger refused {path}: {answer}").into());
        }
        Ok(answer)
    }

    /// One answer: the Messenger's say how long they are, and are small.
    fn answer(&mut self) -> Result<Value, Failure> {
        let mut received = Vec::new();
        let mut some = [0; 4096];
        loop {
            let count = self.stream.read(&mut some)?;
            if count == 0 {
                return Err("The Messenger closed the connection.".into());
            }
            received.extend_from_slice(&some[..count]);
            if let Some(head) = received.windows(4).position(|four| four == b"\r\n\r\n")
                && let Ok(answer) = serde_json::from_slice(&received[head + 4..])
            {
                return Ok(answer);
            }
        }
    }
}
