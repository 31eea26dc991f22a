//! The circuit breaker around a run: looked at before anything is sent, claimed just before the first byte of a probe, and
//! told how the run ended in the commit of its record (C2–C4). All processes share it through the database.

use std::sync::Arc;

use rusqlite::{Connection, Transaction};

use super::outcome::{Counts, Ending};
use super::record::Execution;
use super::run::{Means, Runnable};
use crate::breaker::{Breaker, Event, Failure, Look, Numbers, Outcome, Probe, State, Ticket, look, next};
use crate::clock::{Clock, to_millis};
use crate::connector::Reliability;
use crate::store::StoreFailure;
use crate::store::breakers::{self, BreakerRow, ProbeRow};
use crate::token::{Token, TokenType};

/// What a probe may take beside its requests and logins: to read large answers, and to be recorded.
const MARGIN_MS: u64 = 15_000;

/// What a run that has ended is to the breaker of its connector.
pub struct Verdict {
    connector_id: String,
    event: Event,
    numbers: Numbers,
    clock: Arc<dyn Clock>,
}

/// Looks at the breaker before a run: what it goes through by; `None` when it may claim to be the probe. While the breaker
/// is closed nothing is read: what was read with the configuration is as new, because a change of state is a change of that.
///
/// # Errors
/// When the breaker refuses the run (C4), or can't be read.
pub async fn look_at_breaker(means: &Means, runnable: &Runnable) -> Result<Option<Ticket>, Ending> {
    if runnable.breaker.is_closed() {
        return Ok(Some(Ticket::Closed { changes: runnable.breaker.changes }));
    }
    let (id, clock, numbers) = about(means, runnable);
    let read = means.database.read_async(move |connection| {
        let breaker = read_breaker(connection, &id)?;
        // Asked after the state was read, so that the state is not of a later moment.
        Ok(seen(&breaker, to_millis(clock.now()), numbers))
    });
    read.await.unwrap_or_else(|failure| Err(unusable(&failure)))
}

/// Claims to be the probe, in one committed step that only one run can make (C3). When the breaker was closed meanwhile,
/// this run is like any other.
///
/// # Errors
/// When another run was faster, or the claim can't be written.
pub async fn claim_probe(means: &Means, runnable: &Runnable, tokens: &[Token]) -> Result<Ticket, Ending> {
    let (id, clock, numbers) = about(means, runnable);
    let claim = uuid::Uuid::now_v7().to_string();
    let allowed_ms = allowed_ms(means, &runnable.config.reliability, tokens);
    let write = means.database.write_async(move |transaction| {
        let breaker = read_breaker(transaction, &id)?;
        let now_ms = to_millis(clock.now());
        Ok(match seen(&breaker, now_ms, numbers) {
            Ok(Some(ticket)) => Ok(ticket),
            Ok(None) => {
                let event = Event::Claimed { claim: claim.clone(), allowed_ms };
                // Of a connector that was deleted meanwhile nothing is kept, and then nothing counts.
                keep_breaker(transaction, &id, &next(breaker, event, now_ms, numbers))?;
                Ok(Ticket::Probe { claim })
            }
            Err(refusal) => Err(refusal),
        })
    });
    write.await.unwrap_or_else(|failure| Err(unusable(&failure)))
}

fn about(means: &Means, runnable: &Runnable) -> (String, Arc<dyn Clock>, Numbers) {
    (runnable.connector_id.clone(), Arc::clone(&means.clock), numbers(&runnable.config.reliability))
}

fn seen(breaker: &Breaker, now_ms: i64, numbers: Numbers) -> Result<Option<Ticket>, Ending> {
    match look(breaker, now_ms, numbers) {
        Look::Through => Ok(Some(Ticket::Closed { changes: breaker.changes })),
        Look::MayProbe => Ok(None),
        Look::Refused(refusal) => Err(Ending::CircuitOpen(refusal)),
    }
}

/// How long a probe may take: its request and its retry, and a login for each token that has one (E5).
fn allowed_ms(means: &Means, reliability: &Reliability, tokens: &[Token]) -> i64 {
    let logins = tokens.iter().filter(|token| token.token_type() == TokenType::HttpRequest).count();
    let login = means.limits.authentication().total_timeout.as_millis();
    let logins = u64::try_from(login).unwrap_or(u64::MAX).saturating_mul(u64::try_from(logins).unwrap_or(u64::MAX));
    let requests = 2 * u64::from(reliability.timeout_ms);
    i64::try_from(requests.saturating_add(logins).saturating_add(MARGIN_MS)).unwrap_or(i64::MAX)
}

fn unusable(failure: &StoreFailure) -> Ending {
    Ending::ConfigurationRefused { message: failure.sentence(), next_step: failure.next_step().to_owned() }
}

impl Verdict {
    /// What the end of this run is to its breaker; `None` when it is nothing. A probe always has to say something: at the
    /// least it gives its claim back.
    pub fn new(
        means: &Means,
        reliability: &Reliability,
        ticket: Ticket,
        counts: Counts,
        execution: &Execution,
    ) -> Option<Self> {
        let outcome = match (counts, execution.error_type) {
            (Counts::AsFailure, Some(error_type)) => Outcome::Failure(Failure {
                execution_id: execution.id.clone(),
                // When it is counted, which is within its commit.
                at_ms: 0,
                error_type: error_type.name().to_owned(),
                http_status: execution.http_status,
            }),
            (Counts::AsSuccess, _) => Outcome::Success,
            _ if matches!(ticket, Ticket::Closed { .. }) => return None,
            _ => Outcome::Neutral,
        };
        let event = Event::Ended { ticket, outcome };
        let (connector_id, clock) = (execution.connector_id.clone(), Arc::clone(&means.clock));
        Some(Self { connector_id, event, numbers: numbers(reliability), clock })
    }

    /// Counts it; writes nothing when that changes nothing.
    ///
    /// # Errors
    /// When the breaker can't be read or written.
    pub fn count(&self, transaction: &Transaction<'_>) -> Result<(), StoreFailure> {
        let before = read_breaker(transaction, &self.connector_id)?;
        let after = next(before.clone(), self.event.clone(), to_millis(self.clock.now()), self.numbers);
        if after != before {
            keep_breaker(transaction, &self.connector_id, &after)?;
        }
        Ok(())
    }
}

/// The breaker's numbers of a connector (C3).
pub fn numbers(reliability: &Reliability) -> Numbers {
    Numbers {
        failures: usize::try_from(reliability.failures.max(1)).unwrap_or(usize::MAX),
        window_ms: i64::from(reliability.window_seconds) * 1000,
        open_ms: i64::from(reliability.open_seconds) * 1000,
    }
}

/// The breaker of a connector as it is stored; one that never counted anything is closed.
///
/// # Errors
/// When the database can't be read.
pub fn read_breaker(connection: &Connection, connector_id: &str) -> Result<Breaker, StoreFailure> {
    Ok(breakers::get(connection, connector_id)?.map_or_else(Breaker::default, |row| breaker_of(&row)))
}

/// Stores a breaker; `false` when its connector is gone.
///
/// # Errors
/// When the database can't be written.
pub fn keep_breaker(transaction: &Transaction<'_>, connector_id: &str, breaker: &Breaker) -> Result<bool, StoreFailure> {
    breakers::put(transaction, &row_of(connector_id, breaker))
}

/// What is stored as a breaker. A row that can't be understood is a closed one: nothing may depend on it for ever.
pub fn breaker_of(row: &BreakerRow) -> Breaker {
    let failures = || {
        serde_json::from_str(&row.failures).unwrap_or_else(|_| {
            tracing::warn!(connector = row.connector_id, "what a breaker counted can't be read");
            Vec::new()
        })
    };
    let probe = row.probe.as_ref().map(|probe| Probe {
        id: probe.id.clone(),
        claimed_at_ms: probe.claimed_at_ms,
        deadline_ms: probe.deadline_ms,
    });
    let state = match row.state.as_str() {
        "open" => State::Open { failures: failures() },
        "half_open" => State::HalfOpen { failures: failures(), probe },
        "isolated" => State::Isolated,
        _ => State::Closed { failures: failures() },
    };
    Breaker { changes: row.changes, changed_at_ms: row.changed_at_ms, state }
}

fn row_of(connector_id: &str, breaker: &Breaker) -> BreakerRow {
    let (state, probe) = match &breaker.state {
        State::Closed { .. } => ("closed", None),
        State::Open { .. } => ("open", None),
        State::HalfOpen { probe, .. } => ("half_open", probe.as_ref()),
        State::Isolated => ("isolated", None),
    };
    BreakerRow {
        connector_id: connector_id.to_owned(),
        state: state.to_owned(),
        changes: breaker.changes,
        changed_at_ms: breaker.changed_at_ms,
        failures: serde_json::json!(breaker.failures()).to_string(),
        probe: probe.map(|probe| ProbeRow {
            id: probe.id.clone(),
            claimed_at_ms: probe.claimed_at_ms,
            deadline_ms: probe.deadline_ms,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c1_every_state_is_stored_as_it_is() {
        let failures =
            vec![Failure { execution_id: "e1".into(), at_ms: 5, error_type: "3rd_party_error".into(), http_status: Some(503) }];
        let probe = Probe { id: "p1".into(), claimed_at_ms: 6, deadline_ms: 7 };
        let states = [
            State::default(),
            State::Closed { failures: failures.clone() },
            State::Open { failures: failures.clone() },
            State::HalfOpen { failures: failures.clone(), probe: None },
            State::HalfOpen { failures, probe: Some(probe) },
            State::Isolated,
        ];
        for state in states {
            let breaker = Breaker { changes: 3, changed_at_ms: 4, state };
            assert_eq!(breaker_of(&row_of("c1", &breaker)), breaker);
        }
    }
}
