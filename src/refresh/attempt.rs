//! One attempt to renew a token value: read what is stored, ask the login, find the value, and store it by
//! compare-and-set on generation and configuration. No transaction is open while HTTP is under way (E6).

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::flight::{Reason, Renewed};
use super::login::{LoginFailure, build_login, login_secrets, place, record_login, send_login};
use crate::clock::to_millis;
use crate::http::{Answer, Client, Exchange, Limits};
use crate::redact::Redactor;
use crate::response::{Document, Located, locate};
use crate::store::{Database, StoreFailure, token_tests, token_values, tokens};
use crate::token::{AuthenticationRequest, Token, TokenId, TokenKind, TokenLocation, from_stored};

/// What an attempt needs to know.
pub struct Attempt {
    /// Names it.
    pub id: String,
    pub database: Arc<Database>,
    pub client: Client,
    pub limits: Limits,
    pub now: Timestamp,
    pub token_id: TokenId,
    /// The generation that was refused, or that has no value.
    pub sent_generation: u32,
    pub reason: Reason,
}

/// What an attempt brought.
pub struct Flown {
    pub generation_before: u32,
    pub result: Result<Renewed, LoginFailure>,
    pub exchange: Option<Exchange>,
}

impl Reason {
    /// How the value came, as it is stored beside it (T9).
    pub fn stored_as(self) -> &'static str {
        match self {
            Self::Missing => "fetched",
            Self::Refused => "refreshed",
            Self::ByHand => "refreshed_by_hand",
        }
    }
}

struct Current {
    token: Token,
    revision: i64,
    generation: i64,
    value: Option<SecretString>,
}

/// Carries an attempt out.
pub async fn fly(attempt: Attempt) -> Flown {
    let without_exchange = |result| Flown { generation_before: attempt.sent_generation, result, exchange: None };
    let current = match current(&attempt).await {
        Ok(current) => current,
        Err(failure) => return without_exchange(Err(failure)),
    };
    let generation = generation(current.generation);
    if generation > attempt.sent_generation
        && let Some(value) = &current.value
    {
        return without_exchange(Ok(Renewed { value: value.clone(), generation }));
    }
    let TokenKind::HttpRequest { request, location, .. } = &current.token.kind else {
        return without_exchange(Err(LoginFailure::ChangedMeanwhile));
    };
    tracing::debug!(attempt = attempt.id, token = %attempt.token_id, generation, "the login is asked");
    let asked = ask(&attempt, request, location, current.value.as_ref()).await;
    let result = match asked.found {
        Ok(located) => store(&attempt, &current, located).await,
        Err(failure) => Err(failure),
    };
    note_test(&attempt, asked.http_status, result.is_ok()).await;
    Flown { generation_before: generation, result, exchange: asked.exchange }
}

struct Asked {
    found: Result<Located, LoginFailure>,
    exchange: Option<Exchange>,
    http_status: Option<u16>,
}

async fn ask(
    attempt: &Attempt,
    request: &AuthenticationRequest,
    location: &TokenLocation,
    stored: Option<&SecretString>,
) -> Asked {
    let outgoing = match build_login(request) {
        Ok(outgoing) => outgoing,
        Err(failure) => return Asked { found: Err(failure), exchange: None, http_status: None },
    };
    let (host, _) = place(&outgoing.url);
    // The reason phrase is the server's own text, and it may repeat what it was sent.
    let redactor = Redactor::new(login_secrets(request).chain(stored));
    // A flight belongs to all who joined it, so nothing cancels it.
    let answer = send_login(&attempt.client, &outgoing, &attempt.limits, &CancellationToken::new(), &|_| ()).await;
    match answer {
        Err(failure) => {
            let exchange = record_login(request, &redactor, Err(&failure));
            Asked { found: Err(LoginFailure::NoAnswer(failure)), exchange: Some(exchange), http_status: None }
        }
        Ok(answer) => read(request.clone(), location.clone(), host, redactor, answer).await,
    }
}

/// Reads a login response off the async threads, since it may have 256 MiB (S4).
async fn read(
    request: AuthenticationRequest,
    location: TokenLocation,
    host: String,
    redactor: Redactor,
    answer: Answer,
) -> Asked {
    let http_status = Some(answer.status);
    let read = tokio::task::spawn_blocking(move || {
        let document = Document::open(answer.body.clone(), answer.header("content-type"));
        let found = if (200..300).contains(&answer.status) {
            locate(&document, &answer.headers, &location).map_err(|found| LoginFailure::NothingUsable { host, found })
        } else {
            Err(LoginFailure::Refused { host, status: answer.status, reason: redactor.redact(&answer.reason).into_owned() })
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

async fn current(attempt: &Attempt) -> Result<Current, LoginFailure> {
    let id = attempt.token_id.clone();
    let read = attempt
        .database
        .read_async(move |connection| Ok((tokens::get(connection, &id.0)?, token_values::get(connection, &id.0)?)));
    let (row, value) = read.await.map_err(|failure| not_stored(&failure))?;
    let (Some(row), Some(value)) = (row, value) else { return Err(LoginFailure::ChangedMeanwhile) };
    let token = from_stored(attempt.token_id.clone(), row.name, &row.config)
        .map_err(|unreadable| LoginFailure::CannotBuild { why: unreadable.to_string() })?;
    Ok(Current { token, revision: row.config_revision, generation: value.generation, value: value.value })
}

/// Stores the value if nothing changed since the attempt began. When something did, a newer value counts as the
/// outcome, and otherwise the answer is thrown away.
async fn store(attempt: &Attempt, read: &Current, located: Located) -> Result<Renewed, LoginFailure> {
    let (id, change, at_ms) = (attempt.token_id.0.clone(), attempt.reason.stored_as(), to_millis(attempt.now));
    let (expected_generation, expected_revision, value) = (read.generation, read.revision, located.value.clone());
    let stored = attempt.database.write_async(move |transaction| {
        token_values::store_refreshed(
            transaction,
            &token_values::RefreshedValue {
                token_id: &id,
                value: &value,
                expected_generation,
                expected_revision,
                change,
                at_ms,
            },
        )
    });
    match stored.await {
        Ok(Some(stored)) => Ok(Renewed { value: located.value, generation: generation(stored) }),
        Ok(None) => match current(attempt).await? {
            Current { generation: newer, value: Some(value), revision, .. }
                if newer > read.generation && revision == read.revision =>
            {
                Ok(Renewed { value, generation: generation(newer) })
            }
            _ => Err(LoginFailure::ChangedMeanwhile),
        },
        Err(failure) => Err(not_stored(&failure)),
    }
}

async fn note_test(attempt: &Attempt, http_status: Option<u16>, ok: bool) {
    let row = token_tests::TokenTestRow {
        token_id: attempt.token_id.0.clone(),
        at_ms: to_millis(attempt.now),
        http_status: http_status.map(i64::from),
        ok,
    };
    // Only the list's “last test” column; a token deleted meanwhile has no row to write to.
    if let Err(failure) = attempt.database.write_async(move |transaction| token_tests::put(transaction, &row)).await {
        tracing::warn!(%failure, "the outcome of a refresh could not be noted beside its token");
    }
}

fn not_stored(failure: &StoreFailure) -> LoginFailure {
    LoginFailure::NotStored { why: failure.sentence() }
}

/// A stored generation as it crosses borders.
pub fn generation(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}
