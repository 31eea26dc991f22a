//! The part of an attempt that goes over the wire: the login is asked, and the value found in its answer. No
//! transaction is open meanwhile (E6).

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::attempt::Attempt;
use super::login::{LoginFailure, build_login, login_secrets, place, record_login, send_login};
use crate::http::{Answer, Exchange, short_reason};
use crate::redact::Redactor;
use crate::response::{Document, Located, locate};
use crate::token::{AuthenticationRequest, TokenLocation};

/// What asking the login brought.
pub(super) struct Asked {
    pub found: Result<Located, LoginFailure>,
    /// Redacted; `None` when nothing was sent, or nobody knows what came of it.
    pub exchange: Option<Exchange>,
    pub http_status: Option<u16>,
}

impl Asked {
    pub fn nothing_sent(failure: LoginFailure) -> Self {
        Self { found: Err(failure), exchange: None, http_status: None }
    }
}

/// What a login's texts are freed of: its own secrets and the value that is stored (S2).
pub(super) fn redactor(request: &AuthenticationRequest, stored: Option<&SecretString>) -> Redactor {
    Redactor::new(login_secrets(request).chain(stored))
}

/// Asks the login, and gives it up when the attempt has waited long enough.
pub(super) async fn ask(
    attempt: &Attempt,
    request: &AuthenticationRequest,
    location: &TokenLocation,
    redactor: &Redactor,
) -> Asked {
    let asking = ask_patiently(attempt, request, location, redactor);
    tokio::time::timeout(attempt.waits.login, asking).await.unwrap_or_else(|_| Asked::nothing_sent(LoginFailure::Lost))
}

async fn ask_patiently(
    attempt: &Attempt,
    request: &AuthenticationRequest,
    location: &TokenLocation,
    redactor: &Redactor,
) -> Asked {
    let outgoing = match build_login(request) {
        Ok(outgoing) => outgoing,
        Err(failure) => return Asked::nothing_sent(failure),
    };
    let (host, _) = place(&outgoing.url);
    // A flight belongs to all who joined it, so nothing cancels it.
    let answer = send_login(&attempt.client, &outgoing, &attempt.limits, &CancellationToken::new(), &|_| ()).await;
    match answer {
        Err(failure) => {
            let exchange = record_login(request, redactor, Err(&failure));
            Asked { found: Err(LoginFailure::NoAnswer(failure)), exchange: Some(exchange), http_status: None }
        }
        Ok(answer) => read(request.clone(), location.clone(), host, redactor.clone(), answer).await,
    }
}

/// Reads a login response off the async threads, since it may have 256 MiB (S4).
async fn read(
    request: AuthenticationRequest,
    location: TokenLocation,
    host: String,
    redactor: Redactor,
    mut answer: Answer,
) -> Asked {
    let http_status = Some(answer.status);
    let read = tokio::task::spawn_blocking(move || {
        // Given away, so that a large body is not there twice.
        let document = Document::of_answer(std::mem::take(&mut answer.body), &answer.headers);
        let found = if (200..300).contains(&answer.status) {
            locate(&document, &answer.headers, &location).map_err(|found| LoginFailure::NothingUsable { host, found })
        } else {
            // The reason phrase is the server's own text, and it may repeat what it was sent.
            Err(LoginFailure::Refused { host, status: answer.status, reason: short_reason(&redactor.redact(&answer.reason)) })
        };
        let redactor = match &found {
            Ok(located) => redactor.with(&located.value),
            Err(_) => redactor,
        };
        let exchange = record_login(&request, &redactor, Ok((&answer, &document)));
        (found, exchange)
    });
    match read.await {
        Ok((found, exchange)) => Asked { found, exchange: Some(exchange), http_status },
        Err(_) => Asked { found: Err(LoginFailure::Lost), exchange: None, http_status },
    }
}
