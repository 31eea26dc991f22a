//! The two login endpoints: a user's `POST /login` as vendors invent it, and `POST /oauth/token` as
//! RFC 6749 (sections 4.4, 5.1, 5.2) has it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::issued::random_text;
use super::served::Shared;

/// The user name that `POST /login` takes.
pub const DEMO_USER: &str = "demo";
/// The password that `POST /login` takes.
pub const DEMO_PASSWORD: &str = "demo-password";
/// The client id that `POST /oauth/token` takes.
pub const DEMO_CLIENT_ID: &str = "demo-client";
/// The client secret that `POST /oauth/token` takes.
pub const DEMO_CLIENT_SECRET: &str = "demo-client-secret";
/// The object in which the token stands once it has moved.
const MOVED_TO: &str = "credentials";
/// The scopes that `POST /oauth/token` grants.
const SCOPES: [&str; 2] = ["orders:read", "refunds:write"];

pub(super) async fn login(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    shared.count_login();
    let switches = shared.switches();
    shared.wait_if(switches.login_slow).await;
    if switches.login_down {
        return Answer::down();
    }
    let Ok(body) = body else { return too_large() };
    let Some((username, password)) = credentials(&headers, &body) else {
        let message = "The body could not be read. Send {\"username\": …, \"password\": …} as JSON or as a form.";
        return Answer::refusal(StatusCode::BAD_REQUEST, "unreadable body", "invalid_request", message);
    };
    if username != DEMO_USER || password != DEMO_PASSWORD {
        let message = "The user name or the password is wrong.";
        return Answer::refusal(StatusCode::UNAUTHORIZED, "wrong password", "invalid_credentials", message)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"sandbox\""));
    }
    session(&shared).unwrap_or_else(|_| Answer::no_randomness())
}

/// The answer to a good login. The token stands deep inside, among fields of all types, so that
/// choosing its place in a tree is worth something.
fn session(shared: &Shared) -> Result<Answer, getrandom::Error> {
    let now = Timestamp::now();
    let (issued, switches) = shared
        .with_tokens(|tokens, switches| (tokens.issue(DEMO_USER, now, switches.token_lifetime_seconds), switches.clone()));
    let (lifetime, without_token) = (switches.token_lifetime_seconds, switches.login_without_token);
    let session_id = Uuid::new_v4().to_string();
    let mut session = json!({
        "access_token": issued?,
        "expires_in": lifetime,
        "refresh_token": random_text()?,
        "token_type": "Bearer",
    });
    if without_token {
        session = json!({ "expires_in": lifetime, "token_type": "Bearer" });
    }
    let place = if switches.login_moves_token { MOVED_TO } else { "session" };
    let mut body = json!({
        "data": {
            "user": {
                "id": 4711,
                "username": DEMO_USER,
                "display_name": "Dora Demo",
                "email": "dora@demo.example",
                "locale": "en-GB",
                "time_zone": "Europe/Dublin",
                "active": true,
                "roles": ["support", "orders"],
                "team": "Customer care",
                "avatar_url": null,
                "created_at": "2024-02-29T08:30:00Z",
                "last_login_at": now.to_string(),
            },
        },
        "meta": {
            "request_id": Uuid::new_v4().to_string(),
            "server_time": now.to_string(),
            "region": "eu-west-1",
        },
    });
    body["data"][place] = session;
    let note = match (without_token, switches.login_moves_token) {
        (true, _) => "logged in, token left out",
        (false, true) => "logged in, token in another place",
        (false, false) => "logged in",
    };
    let answer = Answer::new(StatusCode::OK, note, body);
    // A UUID is always a header value.
    Ok(match HeaderValue::from_str(&session_id) {
        Ok(value) => answer.header(HeaderName::from_static("x-session-id"), value),
        Err(_) => answer,
    })
}

/// The user name and password of a JSON or form body; `None` when it can't be read as either.
fn credentials(headers: &HeaderMap, body: &[u8]) -> Option<(String, String)> {
    if is_form(headers) {
        let mut fields: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        return Some((fields.remove("username")?, fields.remove("password")?));
    }
    let json: Value = serde_json::from_slice(body).ok()?;
    Some((json["username"].as_str()?.to_owned(), json["password"].as_str()?.to_owned()))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

fn too_large() -> Answer {
    let message = "The body could not be read, or is larger than 64 KiB.";
    Answer::refusal(StatusCode::PAYLOAD_TOO_LARGE, "body too large", "payload_too_large", message)
}

pub(super) async fn oauth_token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    shared.count_login();
    let switches = shared.switches();
    shared.wait_if(switches.login_slow).await;
    if switches.login_down {
        return Answer::down();
    }
    let Ok(body) = body else { return too_large() };
    let scope = match granted_scope(&headers, &body) {
        Ok(scope) => scope,
        Err(refusal) => return refusal.into_answer(),
    };
    let now = Timestamp::now();
    let (issued, switches) = shared
        .with_tokens(|tokens, now_set| (tokens.issue(DEMO_CLIENT_ID, now, now_set.token_lifetime_seconds), now_set.clone()));
    let Ok(access_token) = issued else { return Answer::no_randomness() };
    let mut answer = json!({ "token_type": "Bearer", "expires_in": switches.token_lifetime_seconds, "scope": scope });
    let mut note = "token issued, but left out";
    if !switches.login_without_token {
        answer["access_token"] = Value::from(access_token);
        note = "token issued";
    }
    if switches.login_moves_token {
        answer = json!({ MOVED_TO: answer });
    }
    Answer::new(StatusCode::OK, note, answer).header(header::PRAGMA, HeaderValue::from_static("no-cache"))
}

/// An error of RFC 6749 section 5.2.
struct OAuthRefusal {
    error: &'static str,
    description: &'static str,
}

impl OAuthRefusal {
    const fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description }
    }

    fn into_answer(self) -> Answer {
        let body = json!({ "error": self.error, "error_description": self.description });
        if self.error == "invalid_client" {
            return Answer::new(StatusCode::UNAUTHORIZED, "wrong client secret", body)
                .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"sandbox\""));
        }
        Answer::new(StatusCode::BAD_REQUEST, self.error, body)
    }
}

/// Checks a token request, and says what it is granted.
fn granted_scope(headers: &HeaderMap, body: &[u8]) -> Result<String, OAuthRefusal> {
    if !is_form(headers) {
        return Err(OAuthRefusal::new("invalid_request", "Send the parameters as application/x-www-form-urlencoded."));
    }
    let mut parameters = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(body).into_owned() {
        // Section 3.2: an empty parameter counts as left out, and none may come twice.
        if !value.is_empty() && parameters.insert(name, value).is_some() {
            return Err(OAuthRefusal::new("invalid_request", "A parameter stands there twice."));
        }
    }
    match parameters.get("grant_type").map(String::as_str) {
        None => return Err(OAuthRefusal::new("invalid_request", "The parameter grant_type is missing.")),
        Some("client_credentials") => {}
        Some(_) => {
            return Err(OAuthRefusal::new("unsupported_grant_type", "Only client_credentials is supported."));
        }
    }
    let client = match (basic_credentials(headers), parameters.remove("client_id"), parameters.remove("client_secret")) {
        (Some(_), _, Some(_)) => {
            return Err(OAuthRefusal::new("invalid_request", "Authenticate the client in one way, not in two."));
        }
        (Some(basic), _, None) => basic,
        (None, id, secret) => id.zip(secret),
    };
    if client.is_none_or(|(id, secret)| id != DEMO_CLIENT_ID || secret != DEMO_CLIENT_SECRET) {
        return Err(OAuthRefusal::new("invalid_client", "The client is unknown, or its secret is wrong."));
    }
    let asked = parameters.remove("scope").unwrap_or_else(|| SCOPES.join(" "));
    if asked.split(' ').all(|scope| SCOPES.contains(&scope)) {
        Ok(asked)
    } else {
        Err(OAuthRefusal::new("invalid_scope", "The scopes are orders:read and refunds:write."))
    }
}

/// The client of an `Authorization` header (section 2.3.1: id and secret are form-encoded inside).
/// The inner `None` is a header that can't be read.
#[expect(clippy::option_option, reason = "no header, a bad header and a good one are three answers")]
fn basic_credentials(headers: &HeaderMap) -> Option<Option<(String, String)>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        let plain = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(String::from);
        Some((plain(id)?, plain(secret)?))
    };
    Some(read())
}
