//! The part of an attempt that goes over the wire: the login is asked, and the value found in its answer. No
//! transaction is open meanwhile (E6).

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::attempt::Attempt;
use super::learned::{Fetched, LoginAnswer, Missed};
use super::login::{LoginFailure, build_login, login_secrets, place, record_login, send_login};
use crate::http::{Answer, Exchange, short_reason};
use crate::redact::Redactor;
use crate::response::{Document, locate};
use crate::store::Database;
use crate::store::token_shapes::{self, FailedShape};
use crate::token::{AuthenticationRequest, TokenLocation};

/// What asking the login brought.
pub(super) struct Asked {
    pub found: Result<Fetched, LoginFailure>,
    /// Redacted; `None` when nothing was sent, or nobody knows what came of it.
    pub exchange: Option<Exchange>,
    pub http_status: Option<u16>,
    /// What a 2xx answer looked like in which the token was not found.
    pub missed: Option<FailedShape>,
}

impl Asked {
    pub fn nothing_sent(failure: LoginFailure) -> Self {
        Self { found: Err(failure), exchange: None, http_status: None, missed: None }
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
    let asked_at = attempt.clock.now();
    // A flight belongs to all who joined it, so nothing cancels it.
    let answer = send_login(&attempt.client, &outgoing, &attempt.limits, &CancellationToken::new(), &|_| ()).await;
    match answer {
        Err(failure) => {
            let exchange = record_login(request, redactor, Err(&failure));
            Asked { exchange: Some(exchange), ..Asked::nothing_sent(LoginFailure::NoAnswer(failure)) }
        }
        Ok(answer) => {
            let reading = Reading {
                request: request.clone(),
                location: location.clone(),
                host,
                redactor: redactor.clone(),
                asked_at,
                database: Arc::clone(&attempt.database),
                token_id: attempt.token_id.0.clone(),
            };
            reading.read(answer).await
        }
    }
}

/// Everything that is needed to read a login response.
struct Reading {
    request: AuthenticationRequest,
    location: TokenLocation,
    host: String,
    redactor: Redactor,
    asked_at: Timestamp,
    database: Arc<Database>,
    token_id: String,
}

impl Reading {
    /// Reads a login response off the async threads, since it may have 256 MiB (S4).
    async fn read(self, mut answer: Answer) -> Asked {
        let http_status = Some(answer.status);
        let read = tokio::task::spawn_blocking(move || {
            // Given away, so that a large body is not there twice.
            let document = Document::of_answer(std::mem::take(&mut answer.body), &answer.headers);
            let (found, missed) = self.find(&answer, &document);
            let redactor = match (&found, &missed) {
                (Ok(fetched), _) => self.redactor.with(&fetched.value),
                (_, Some(missed)) => missed.redactor.clone(),
                _ => self.redactor.clone(),
            };
            let mut exchange = record_login(&self.request, &redactor, Ok((&answer, &document)));
            if let Some(missed) = &missed {
                // Both shapes are of whole answers, so that they can be compared line by line.
                exchange.saved_shape = missed.good_shape.as_deref().map(|shape| redactor.redact(shape).into_owned());
                exchange.response_body = Some(missed.shape.shape.clone());
            }
            (found, missed, exchange)
        });
        match read.await {
            Ok((found, missed, exchange)) => {
                Asked { found, exchange: Some(exchange), http_status, missed: missed.map(|missed| missed.shape) }
            }
            Err(_) => Asked { http_status, ..Asked::nothing_sent(LoginFailure::Lost) },
        }
    }

    fn find(&self, answer: &Answer, document: &Document) -> (Result<Fetched, LoginFailure>, Option<Missed>) {
        let host = self.host.clone();
        if !(200..300).contains(&answer.status) {
            // The reason phrase is the server's own text, and it may repeat what it was sent.
            let reason = short_reason(&self.redactor.redact(&answer.reason));
            return (Err(LoginFailure::Refused { host, status: answer.status, reason }), None);
        }
        let answered = LoginAnswer { document, headers: &answer.headers, asked_at: self.asked_at };
        match locate(document, &answer.headers, &self.location) {
            Ok(located) => (Ok(answered.with(located, &self.redactor)), None),
            Err(found) => {
                let good = self.database.read(|connection| token_shapes::get(connection, &self.token_id));
                // Only a help to propose the likeliest place first.
                let good = good.ok().and_then(|shapes| shapes.good);
                let missed = answered.without(&self.location, &found, good.as_deref(), &self.redactor);
                let likely = missed.proposals.first().map(|proposal| proposal.label.clone());
                (Err(LoginFailure::NothingUsable { host, found, likely }), Some(missed))
            }
        }
    }
}
