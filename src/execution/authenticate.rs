//! The tokens of a run: their first values (E3), and what is renewed after a 401 (E4, E5).

use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::build::UsedToken;
use super::customer::{ForCustomer, removed_meanwhile, value_for, value_now};
use super::journal::{Entry, Journal, Started};
use super::outcome::Ending;
use super::record::{StepKind, StepOutcome, StepToken};
use super::run::{Means, Runnable};
use crate::refresh::login::login_secrets;
use crate::refresh::{Decision, Landing, Reason, Renewed, Stored, Ticket, WhyNothing, decide, due_in, generation};
use crate::response::jwt::duration;
use crate::store::token_values::{self, TokenValueRow};
use crate::token::{Token, TokenKind, TokenType, header_value};

/// What the renewal after a 401 came to.
pub enum Changes {
    /// No token changed, so nothing is sent again.
    None {
        /// Why, in a sentence.
        why: String,
        /// The user tokens among those that were refused, by name (E9).
        issued_elsewhere: Option<String>,
    },
    /// At least one changed, so the request is built again.
    Some {
        /// Their names.
        names: String,
    },
}

/// A token that is to be renewed, and why.
struct Renewal<'a> {
    token: &'a Token,
    /// The generation that was refused or is about to end, or that has no value.
    sent_generation: u32,
    since: Ticket,
    reason: Reason,
    /// In a sentence, for the log.
    why: String,
}

/// The newest stored value of each token; an HTTP request token without one is fetched first, and one that is set to be
/// refreshed before its value expires is refreshed when that is about to happen (E3, E4). Of a user token it is what the
/// customer holds (M3). The values were read a moment ago; once a login has taken its time, what is left is read again.
///
/// # Errors
/// When a value can't be had, or the run was cancelled.
pub async fn first_values(
    means: &Means,
    runnable: &Runnable,
    tokens: &[Token],
    cancel: &CancellationToken,
    journal: &mut Journal<'_>,
) -> Result<Vec<UsedToken>, Ending> {
    let mut used = Vec::with_capacity(tokens.len());
    let mut has_waited = false;
    let customer = runnable.customer.as_ref();
    for (token, own) in tokens.iter().zip(runnable.values.iter()) {
        keep_secrets(token, journal);
        let row = if has_waited { stored(means, customer, token).await? } else { value_for(customer, token, own) };
        let (stored_generation, since) = (generation(row.generation), Ticket::of(&row));
        let (value, generation, renewed) = match first_value(means, runnable, token, &row)? {
            First::Stored(value) => (value, stored_generation, false),
            First::Renewed(reason, why) => {
                let renewal = Renewal { token, sent_generation: stored_generation, since, reason, why };
                let renewed = renew(means, renewal, cancel, journal).await?;
                has_waited = true;
                (renewed.value, renewed.generation, true)
            }
        };
        keep_value(token, &value, journal);
        let stored_at_ms = row.changed_at_ms;
        used.push(UsedToken { token: token.clone(), value, generation, since, renewed, stored_at_ms });
    }
    Ok(used)
}

/// Where the value comes from that is sent first.
enum First {
    /// It is stored.
    Stored(SecretString),
    /// It has to be had from the login, for this reason, which the log tells in these words.
    Renewed(Reason, String),
}

/// # Errors
/// When there is no value, and none can be fetched.
fn first_value(means: &Means, runnable: &Runnable, token: &Token, row: &TokenValueRow) -> Result<First, Ending> {
    match (&row.value, &token.kind) {
        (None, TokenKind::Text) => Err(Ending::ConfigurationRefused {
            message: format!("The token {} has no value, so it can't be sent.", token.name),
            next_step: "Open the token and give it a value.".to_owned(),
        }),
        (None, TokenKind::User) => Err(removed_meanwhile(runnable.source, runnable.customer.as_ref(), token)),
        (None, TokenKind::HttpRequest { .. }) => {
            Ok(First::Renewed(Reason::Missing, format!("{} had no value yet, so it was fetched first.", token.name)))
        }
        (Some(value), TokenKind::HttpRequest { refresh_before_seconds: Some(margin), .. }) => {
            let due = row.expiry.as_ref().and_then(|expiry| due_in(expiry, *margin, means.clock.now()));
            Ok(due.map_or_else(
                || First::Stored(value.clone()),
                |left| First::Renewed(Reason::ExpiresSoon, why_soon(&token.name, generation(row.generation), left)),
            ))
        }
        (Some(value), _) => Ok(First::Stored(value.clone())),
    }
}

fn why_soon(name: &str, generation: u32, left_ms: i64) -> String {
    if left_ms > 0 {
        let left = duration(left_ms.saturating_add(999) / 1000);
        format!("Generation {generation} of {name} expires in {left}; refreshed before that, as its settings say.")
    } else {
        let ago = duration(left_ms.saturating_neg() / 1000);
        format!("Generation {generation} of {name} expired {ago} ago; refreshed before it was sent, as its settings say.")
    }
}

/// Decides for each token after a 401, and renews what can be renewed (E4).
///
/// # Errors
/// When a refresh failed (E7), or the run was cancelled.
pub async fn renew_after_refusal(
    means: &Means,
    runnable: &Runnable,
    tokens: &mut [UsedToken],
    cancel: &CancellationToken,
    journal: &mut Journal<'_>,
) -> Result<Changes, Ending> {
    let mut changed = Vec::new();
    let mut unchanged = Vec::new();
    let mut issued_elsewhere = Vec::new();
    let customer = runnable.customer.as_ref();
    for used in tokens {
        let row = stored(means, customer, &used.token).await?;
        let now = Stored {
            generation: generation(row.generation),
            has_value: row.value.is_some(),
            began_anew: used.token.token_type() == TokenType::User && began_anew(used, &row),
        };
        match (decide(used.token.token_type(), used.generation, now, used.renewed), row.value) {
            (Decision::TakeNewer, Some(value)) => {
                let started = journal.start();
                keep_value(&used.token, &value, journal);
                let (before, name) = (used.generation, used.token.name.clone());
                used.value = value;
                used.generation = now.generation;
                used.stored_at_ms = row.changed_at_ms;
                let detail = why_taken(&used.token, before, now.generation);
                enter(journal, started, &used.token, before, now.generation, true, StepOutcome::Passed, detail, None);
                changed.push(name);
            }
            (Decision::Refresh, _) => {
                let (token, sent_generation) = (&used.token, used.generation);
                let why = format!(
                    "401 with generation {sent_generation} of {}, which was still the newest, so it was refreshed.",
                    token.name
                );
                let renewal = Renewal { token, sent_generation, since: used.since, reason: Reason::Refused, why };
                let renewed = renew(means, renewal, cancel, journal).await?;
                used.value = renewed.value;
                used.generation = renewed.generation;
                used.renewed = true;
                changed.push(used.token.name.clone());
            }
            (Decision::Nothing(why), _) => {
                if why == WhyNothing::IssuedElsewhere {
                    issued_elsewhere.push(used.token.name.clone());
                }
                unchanged.push(leave(used, why_nothing(&used.token, customer, why), journal));
            }
            (Decision::TakeNewer, None) => {
                let why = format!("The token {} lost its value meanwhile.", used.token.name);
                unchanged.push(leave(used, why, journal));
            }
        }
    }
    if changed.is_empty() {
        let why =
            if unchanged.is_empty() { "No token was sent that could be renewed.".to_owned() } else { unchanged.join(" ") };
        let issued_elsewhere = (!issued_elsewhere.is_empty()).then(|| issued_elsewhere.join(" and "));
        return Ok(Changes::None { why, issued_elsewhere });
    }
    Ok(Changes::Some { names: changed.join(" and ") })
}

/// A customer that was deleted and is known again holds values whose generations begin anew.
fn began_anew(used: &UsedToken, row: &TokenValueRow) -> bool {
    let now = generation(row.generation);
    now < used.generation || (now == used.generation && row.changed_at_ms != used.stored_at_ms)
}

fn why_taken(token: &Token, before: u32, now: u32) -> String {
    let name = &token.name;
    if token.token_type() == TokenType::User {
        format!("401 with generation {before} of {name}; generation {now} was set for the customer meanwhile, so it is taken.")
    } else {
        format!(
            "401 with generation {before} of {name}; generation {now} was already stored by another run or by hand, so it is taken without a refresh."
        )
    }
}

/// Enters that nothing is done about a token, and why, which it gives back.
fn leave(used: &UsedToken, why: String, journal: &mut Journal<'_>) -> String {
    let detail = format!("401 with generation {} of {}; nothing is refreshed: {why}", used.generation, used.token.name);
    let (started, generation) = (journal.start(), used.generation);
    enter(journal, started, &used.token, generation, generation, false, StepOutcome::Skipped, detail, None);
    why
}

async fn renew(
    means: &Means,
    renewal: Renewal<'_>,
    cancel: &CancellationToken,
    journal: &mut Journal<'_>,
) -> Result<Renewed, Ending> {
    let started = journal.start();
    let Renewal { token, sent_generation, since, reason, why } = renewal;
    let flight = means.flights.renew(&token.id, sent_generation, since, reason);
    let (landing, anothers) = tokio::select! {
        landed = flight => landed,
        () = cancel.cancelled() => {
            let detail = format!("The run was cancelled while {} was renewed. A login that is under way goes on, and its value is stored.", token.name);
            enter(journal, started, token, sent_generation, sent_generation, false, StepOutcome::Cancelled, detail, None);
            return Err(Ending::Cancelled);
        }
    };
    if let Ok(renewed) = &landing.result {
        keep_value(token, &renewed.value, journal);
    }
    record_landing(journal, started, token, sent_generation, &why, &landing, anothers);
    match &landing.result {
        Ok(renewed) => Ok(renewed.clone()),
        Err(failure) => Err(Ending::LoginFailed { token: token.name.clone(), failure: failure.clone() }),
    }
}

fn record_landing(
    journal: &mut Journal<'_>,
    started: Started,
    token: &Token,
    before: u32,
    why: &str,
    landing: &Landing,
    anothers: bool,
) {
    let shared = if anothers { " Another run's refresh was already under way: its outcome is shared." } else { "" };
    let (outcome, after, came) = match &landing.result {
        Ok(renewed) => (StepOutcome::Passed, renewed.generation, format!(" Generation {} is stored.", renewed.generation)),
        Err(failure) => (StepOutcome::Failed, before, format!(" {}", failure.sentence())),
    };
    // What went wrong is shown to everyone it stopped (E7); what went well, to the run that sent it.
    let mut exchange = landing.exchange.clone().filter(|_| !anothers || landing.result.is_err());
    if let Some(exchange) = exchange.as_mut().filter(|_| anothers) {
        // That time was the other run's.
        exchange.timings = None;
    }
    enter(journal, started, token, before, after, anothers, outcome, format!("{why}{shared}{came}"), exchange);
}

#[expect(clippy::too_many_arguments, reason = "the fields of one step")]
fn enter(
    journal: &mut Journal<'_>,
    started: Started,
    token: &Token,
    generation_before: u32,
    generation_after: u32,
    shared: bool,
    outcome: StepOutcome,
    detail: String,
    exchange: Option<crate::http::Exchange>,
) {
    let token = StepToken { id: token.id.0.clone(), name: token.name.clone(), generation_before, generation_after, shared };
    journal.enter(started, Entry { kind: StepKind::Refresh, outcome, detail, token: Some(token), exchange });
}

/// The value is a secret alone and as the credential that it makes with its prefix: of `Basic` that is a password, too.
fn keep_value(token: &Token, value: &SecretString, journal: &mut Journal<'_>) {
    journal.keep_secret(value);
    if !token.token_prefix.is_empty() {
        // Exposed to be put behind its prefix, as it is sent.
        journal.keep_secret(&SecretString::from(header_value(&token.token_prefix, value.expose_secret())));
    }
}

/// What an authentication request holds is kept out of everything that follows too, should the API echo it (S2).
fn keep_secrets(token: &Token, journal: &mut Journal<'_>) {
    if let TokenKind::HttpRequest { request, .. } = &token.kind {
        for secret in login_secrets(request) {
            journal.keep_secret(secret);
        }
    }
}

/// What is stored of a token now: of a user token, what the customer of the run holds.
async fn stored(means: &Means, customer: Option<&ForCustomer>, token: &Token) -> Result<TokenValueRow, Ending> {
    let id = token.id.0.clone();
    let holder = customer.filter(|_| token.token_type() == TokenType::User).map(|customer| customer.user_id.clone());
    let row = means
        .database
        .read_async(move |connection| match holder {
            Some(user_id) => value_now(connection, &user_id, &id).map(Some),
            None => token_values::get(connection, &id),
        })
        .await;
    let gone = |message: String, next_step: String| Ending::ConfigurationRefused { message, next_step };
    match row {
        Ok(Some(row)) => Ok(row),
        Ok(None) => {
            Err(gone(format!("The token {} was deleted meanwhile.", token.name), "Attach another token in Setup.".to_owned()))
        }
        Err(failure) => Err(gone(failure.sentence(), failure.next_step().to_owned())),
    }
}

fn why_nothing(token: &Token, customer: Option<&ForCustomer>, why: WhyNothing) -> String {
    match (why, token.token_type()) {
        (WhyNothing::FixedValue, _) | (_, TokenType::Text) => {
            format!("{} is a text token with a fixed value, so there is nothing to refresh.", token.name)
        }
        (WhyNothing::IssuedElsewhere, _) | (_, TokenType::User) => {
            let whose = customer.map(|customer| format!(" of the customer “{}”", customer.user_id)).unwrap_or_default();
            format!(
                "{} is a user token, which is never renewed here: the system that issues that{whose} has to renew it.",
                token.name
            )
        }
        (WhyNothing::AlreadyRenewed, TokenType::HttpRequest) => {
            format!("{} had just been renewed by this run, so it is not renewed again.", token.name)
        }
    }
}
