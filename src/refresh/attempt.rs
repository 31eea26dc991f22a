//! One attempt to renew a token value (E6):
//! - look whether what is stored answers already: another process may have renewed the value, or failed to
//! - take the token's lock, which the other processes' attempts take too
//! - look once more, and begin: from here on this attempt alone may store
//! - ask the login
//! - commit its outcome, value or failure, by compare-and-set on attempt, generation and configuration; free the lock
//!
//! No transaction is open while another process or the login is waited for.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::ask::{Asked, ask, redactor};
use super::flight::{Reason, Renewed};
use super::learned::Fetched;
use super::lock::{FlightLock, FlightLocks};
use super::login::LoginFailure;
use super::standing::{Answer, Standing, Ticket, generation};
use super::under_way::UnderWay;
use crate::clock::{Clock, to_millis};
use crate::http::{Client, Exchange, Limits};
use crate::redact::Redactor;
use crate::store::flights::{self, FailedFlight};
use crate::store::token_shapes::FailedShape;
use crate::store::{Database, StoreFailure, token_shapes, token_tests, token_values};
use crate::token::{TokenId, TokenKind, from_stored};

/// How often it is tried whether another process's attempt has ended.
const TRIED_EVERY: Duration = Duration::from_millis(5);
/// How often it is looked, beside that, whether what is stored answers already.
const LOOKED_EVERY: Duration = Duration::from_millis(200);

/// What an attempt needs to know.
pub(super) struct Attempt {
    /// Names it.
    pub id: String,
    pub database: Arc<Database>,
    pub client: Client,
    pub limits: Limits,
    pub locks: FlightLocks,
    pub under_way: UnderWay,
    pub waits: Waits,
    pub clock: Arc<dyn Clock>,
    pub token_id: TokenId,
    /// The generation that was refused, or that has no value.
    pub sent_generation: u32,
    /// What the run that began this attempt knew of earlier failures.
    pub since: Ticket,
    pub reason: Reason,
}

/// How long an attempt waits, by the monotonic clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// For the login's answer, until the value is found in it.
    pub login: Duration,
    /// For another process's attempt. One that lasts longer is not under way but frozen, and is passed.
    pub other: Duration,
}

impl Waits {
    /// The request's own limit and a margin to read a large answer; for another process, a margin more in which it stores.
    pub fn of(limits: &Limits) -> Self {
        let login = limits.total_timeout + Duration::from_secs(10);
        Self { login, other: login + Duration::from_secs(15) }
    }
}

/// What an attempt brought.
pub(super) struct Flown {
    /// The attempt whose outcome this is: another process's, when that one answered.
    pub attempt_id: String,
    pub generation_before: u32,
    pub result: Result<Renewed, LoginFailure>,
    pub exchange: Option<Exchange>,
    /// The number of the failure, if it is one that is stored.
    pub failure: Option<i64>,
    /// Whether another attempt's outcome was taken, and nothing sent.
    pub anothers: bool,
}

impl Reason {
    /// How the value came, as it is stored beside it (T9).
    fn stored_as(self) -> &'static str {
        match self {
            Self::Missing => "fetched",
            Self::Refused | Self::ExpiresSoon => "refreshed",
            Self::ByHand => "refreshed_by_hand",
        }
    }
}

/// Why an attempt ends before it asks the login.
pub(super) enum Instead {
    Answered(Answer),
    Failed(LoginFailure),
}

impl From<LoginFailure> for Instead {
    fn from(failure: LoginFailure) -> Self {
        Self::Failed(failure)
    }
}

/// Carries an attempt out.
pub(super) async fn fly(attempt: &Attempt) -> Flown {
    let begun = begin(attempt).await;
    let (before, _lock) = match begun {
        Ok(begun) => begun,
        Err(Instead::Answered(answer)) => return taken(attempt, answer),
        Err(Instead::Failed(failure)) => return failed(attempt, failure),
    };
    // Counted until the outcome is committed, so that a program that ends can wait for it.
    let _under_way = attempt.under_way.enter();
    let (asked, redactor) = ask_login(attempt, &before).await;
    commit(attempt, &before, asked, &redactor).await
}

async fn begin(attempt: &Attempt) -> Result<(Standing, Option<FlightLock>), Instead> {
    unanswered(attempt).await?;
    let lock = turn(attempt).await?;
    let (id, attempt_id) = (attempt.token_id.0.clone(), attempt.id.clone());
    let (sent_generation, since) = (attempt.sent_generation, attempt.since);
    let claim = attempt.database.write_async(move |transaction| {
        let Some(standing) = Standing::read(transaction, &id)? else { return Ok(None) };
        if let Some(answer) = standing.answer(sent_generation, since) {
            return Ok(Some(Err(answer)));
        }
        flights::begin(transaction, &id, &attempt_id)?;
        Ok(Some(Ok(standing)))
    });
    match claim.await.map_err(|failure| not_stored(&failure))? {
        Some(Ok(standing)) => Ok((standing, lock)),
        Some(Err(answer)) => Err(Instead::Answered(answer)),
        None => Err(gone(attempt).await.into()),
    }
}

/// Waits for this attempt's turn among all processes, and gives its lock; `None` when it goes on without: where there
/// can be no lock file, or the one who holds it is frozen.
pub(super) async fn turn(attempt: &Attempt) -> Result<Option<FlightLock>, Instead> {
    let began = Instant::now();
    let mut looked = began;
    let lock = match attempt.locks.open(&attempt.token_id).await {
        Ok(lock) => lock,
        Err(error) => {
            tracing::warn!(%error, "a login is asked without a lock: another program may ask it too");
            return Ok(None);
        }
    };
    loop {
        match lock.try_take() {
            Ok(true) => return Ok(Some(lock)),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "a login is asked without a lock: another program may ask it too");
                return Ok(None);
            }
        }
        if began.elapsed() >= attempt.waits.other {
            tracing::warn!(token = %attempt.token_id, "another program has held a login for too long, so it is passed");
            return Ok(None);
        }
        if looked.elapsed() >= LOOKED_EVERY {
            looked = Instant::now();
            unanswered(attempt).await?;
        }
        sleep(TRIED_EVERY).await;
    }
}

async fn unanswered(attempt: &Attempt) -> Result<(), Instead> {
    match look(attempt).await?.answer(attempt.sent_generation, attempt.since) {
        Some(answer) => Err(Instead::Answered(answer)),
        None => Ok(()),
    }
}

async fn look(attempt: &Attempt) -> Result<Standing, LoginFailure> {
    let id = attempt.token_id.0.clone();
    let read = attempt.database.read_async(move |connection| Standing::read(connection, &id)).await;
    match read.map_err(|failure| not_stored(&failure))? {
        Some(standing) => Ok(standing),
        None => Err(gone(attempt).await),
    }
}

/// The token was deleted, and its lock file with it, unless this attempt has just made it again.
async fn gone(attempt: &Attempt) -> LoginFailure {
    attempt.locks.remove(&attempt.token_id).await;
    LoginFailure::ChangedMeanwhile
}

async fn ask_login(attempt: &Attempt, before: &Standing) -> (Asked, Redactor) {
    let token = match from_stored(attempt.token_id.clone(), before.token.name.clone(), &before.token.config) {
        Ok(token) => token,
        Err(unreadable) => {
            let failure = LoginFailure::CannotBuild { why: unreadable.to_string() };
            return (Asked::nothing_sent(failure), Redactor::default());
        }
    };
    let TokenKind::HttpRequest { request, location, .. } = &token.kind else {
        return (Asked::nothing_sent(LoginFailure::ChangedMeanwhile), Redactor::default());
    };
    tracing::debug!(attempt = attempt.id, token = %attempt.token_id, generation = before.value.generation, "the login is asked");
    let redactor = redactor(request, before.value.value.as_ref());
    (ask(attempt, request, location, &redactor).await, redactor)
}

/// Commits what the login brought, if nothing changed since the attempt began. When something did, what is stored by
/// then counts as the outcome.
async fn commit(attempt: &Attempt, before: &Standing, asked: Asked, redactor: &Redactor) -> Flown {
    let mut flown = Flown {
        attempt_id: attempt.id.clone(),
        generation_before: generation(before.value.generation),
        result: Err(LoginFailure::ChangedMeanwhile),
        exchange: asked.exchange,
        failure: None,
        anothers: false,
    };
    let failure = match asked.found {
        Ok(fetched) => match store(attempt, before, &fetched, asked.http_status).await {
            Ok(Some(stored)) => {
                flown.result = Ok(Renewed { value: fetched.value, generation: generation(stored) });
                return flown;
            }
            Ok(None) => {
                flown.result = overtaken(attempt, before).await;
                return flown;
            }
            Err(failure) => not_stored(&failure),
        },
        Err(failure) => failure,
    };
    let failed = failed_flight(attempt, before, &failure, flown.exchange.as_ref(), redactor);
    match note_failure(attempt, failed, asked.missed, asked.http_status).await {
        Ok(Some(number)) => {
            flown.failure = Some(number);
            flown.result = Err(failure);
        }
        Ok(None) => flown.result = overtaken(attempt, before).await,
        Err(unwritten) => {
            tracing::warn!(failure = %unwritten, "a failed login could not be noted, so other programs may ask it again");
            flown.result = Err(failure);
        }
    }
    flown
}

async fn store(
    attempt: &Attempt,
    before: &Standing,
    fetched: &Fetched,
    http_status: Option<u16>,
) -> Result<Option<i64>, StoreFailure> {
    let (id, attempt_id, change) = (attempt.token_id.0.clone(), attempt.id.clone(), attempt.reason.stored_as());
    let (expected_generation, expected_revision) = (before.value.generation, before.token.config_revision);
    let (at_ms, test) = (to_millis(attempt.clock.now()), test_row(attempt, http_status, true));
    let (value, expiry, shape) = (fetched.value.clone(), fetched.expiry.clone(), fetched.shape.clone());
    let write = attempt.database.write_async(move |transaction| {
        let refreshed = token_values::RefreshedValue {
            token_id: &id,
            attempt_id: &attempt_id,
            value: &value,
            expiry: expiry.as_ref(),
            expected_generation,
            expected_revision,
            change,
            at_ms,
        };
        let stored = token_values::store_refreshed(transaction, &refreshed)?;
        if stored.is_some() {
            token_tests::put(transaction, &test)?;
            token_shapes::put_good(transaction, &id, &shape, at_ms)?;
        }
        Ok(stored)
    });
    write.await
}

fn failed_flight(
    attempt: &Attempt,
    before: &Standing,
    failure: &LoginFailure,
    exchange: Option<&Exchange>,
    redactor: &Redactor,
) -> FailedFlight {
    FailedFlight {
        attempt_id: attempt.id.clone(),
        generation: before.value.generation,
        revision: before.token.config_revision,
        sentence: redactor.redact(&failure.sentence()).into_owned(),
        next_step: redactor.redact(&failure.next_step()).into_owned(),
        exchange: exchange.and_then(|exchange| serde_json::to_string(exchange).ok()),
    }
}

async fn note_failure(
    attempt: &Attempt,
    failed: FailedFlight,
    missed: Option<FailedShape>,
    http_status: Option<u16>,
) -> Result<Option<i64>, StoreFailure> {
    let (id, test) = (attempt.token_id.0.clone(), test_row(attempt, http_status, false));
    let write = attempt.database.write_async(move |transaction| {
        let number = flights::fail(transaction, &id, &failed)?;
        if number.is_some() {
            token_tests::put(transaction, &test)?;
            if let Some(missed) = &missed {
                token_shapes::put_failed(transaction, &id, failed.revision, missed)?;
            }
        }
        Ok(number)
    });
    write.await
}

/// The list's “last test” column.
fn test_row(attempt: &Attempt, http_status: Option<u16>, ok: bool) -> token_tests::TokenTestRow {
    token_tests::TokenTestRow {
        token_id: attempt.token_id.0.clone(),
        at_ms: to_millis(attempt.clock.now()),
        http_status: http_status.map(i64::from),
        ok,
    }
}

/// What counts when this attempt's outcome was not taken: a value that is newer, or else the outcome of the attempt that
/// passed this one while it seemed frozen, which is waited for. After an edit or *Forget value* nothing does.
async fn overtaken(attempt: &Attempt, before: &Standing) -> Result<Renewed, LoginFailure> {
    let began = Instant::now();
    while began.elapsed() < attempt.waits.other {
        let now = look(attempt).await?;
        if now.token.config_revision != before.token.config_revision {
            return Err(LoginFailure::ChangedMeanwhile);
        }
        if let Some(answer) = now.answer(generation(before.value.generation), attempt.since) {
            return outcome(answer);
        }
        if now.value.generation != before.value.generation {
            return Err(LoginFailure::ChangedMeanwhile);
        }
        sleep(LOOKED_EVERY).await;
    }
    Err(LoginFailure::Lost)
}

fn outcome(answer: Answer) -> Result<Renewed, LoginFailure> {
    match answer {
        Answer::Newer(renewed) => Ok(renewed),
        Answer::Failed { flight, .. } => Err(LoginFailure::told(&flight)),
    }
}

fn taken(attempt: &Attempt, answer: Answer) -> Flown {
    match answer {
        Answer::Newer(renewed) => Flown { anothers: true, result: Ok(renewed), ..failed(attempt, LoginFailure::Lost) },
        Answer::Failed { number, flight } => Flown {
            attempt_id: flight.attempt_id.clone(),
            generation_before: generation(flight.generation),
            result: Err(LoginFailure::told(&flight)),
            exchange: flight.exchange.and_then(|exchange| serde_json::from_str(&exchange).ok()),
            failure: Some(number),
            anothers: true,
        },
    }
}

fn failed(attempt: &Attempt, failure: LoginFailure) -> Flown {
    Flown {
        attempt_id: attempt.id.clone(),
        generation_before: attempt.sent_generation,
        result: Err(failure),
        exchange: None,
        failure: None,
        anothers: false,
    }
}

fn not_stored(failure: &StoreFailure) -> LoginFailure {
    LoginFailure::NotStored { why: failure.sentence() }
}
