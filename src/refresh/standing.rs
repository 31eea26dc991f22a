//! What is stored of a token as its flights see it, and whether that answers a run already (E6).

use rusqlite::Connection;

use super::flight::Renewed;
use crate::store::StoreFailure;
use crate::store::flights::{self, FailedFlight, FlightRow};
use crate::store::token_values::{self, TokenValueRow};
use crate::store::tokens::{self, TokenRow};

/// How many flights of a token had failed when a run read its value. A failure that came later is the run's own: it was
/// under way by then. An older one is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(i64);

impl Ticket {
    /// The ticket of a run that uses this value, or the lack of one.
    pub fn of(value: &TokenValueRow) -> Self {
        Self(value.failures)
    }

    /// Whether the failure of this number came after the ticket was taken.
    pub(super) fn is_before(self, number: i64) -> bool {
        self.0 < number
    }
}

/// Everything stored that a flight goes by, read as one state.
pub(super) struct Standing {
    pub token: TokenRow,
    pub value: TokenValueRow,
    pub flights: Option<FlightRow>,
}

/// What the stored state says to a run that needs a newer value.
pub(super) enum Answer {
    /// There is one.
    Newer(Renewed),
    /// The login failed while the run was under way, and nothing changed since.
    Failed {
        /// The failure's number.
        number: i64,
        /// The failure.
        flight: FailedFlight,
    },
}

impl Standing {
    /// Reads it; `None` when there is no such token.
    pub fn read(connection: &Connection, token_id: &str) -> Result<Option<Self>, StoreFailure> {
        let (Some(token), Some(value)) = (tokens::get(connection, token_id)?, token_values::get(connection, token_id)?) else {
            return Ok(None);
        };
        Ok(Some(Self { token, value, flights: flights::get(connection, token_id)? }))
    }

    /// Whether a run that sent this generation, or had no value at it, is answered without a login: by a newer value, or
    /// by a failure that came after its ticket and is still about the stored value and configuration.
    pub fn answer(&self, sent_generation: u32, since: Ticket) -> Option<Answer> {
        if let Some(newer) = self.newer_than(sent_generation) {
            return Some(Answer::Newer(newer));
        }
        let flights = self.flights.as_ref()?;
        let failed = flights.last_failure.as_ref()?;
        let still = failed.generation == self.value.generation && failed.revision == self.token.config_revision;
        (still && since.is_before(flights.failures))
            .then(|| Answer::Failed { number: flights.failures, flight: failed.clone() })
    }

    fn newer_than(&self, sent_generation: u32) -> Option<Renewed> {
        let value = self.value.value.as_ref()?;
        let generation = generation(self.value.generation);
        (generation > sent_generation).then(|| Renewed { value: value.clone(), generation })
    }
}

/// A stored generation as it crosses borders.
pub fn generation(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn standing(generation: i64, value: Option<&str>, failures: i64, failed: Option<(i64, i64)>) -> Standing {
        let failed = failed.map(|(generation, revision)| FailedFlight {
            attempt_id: "a".into(),
            generation,
            revision,
            sentence: "It answered 503.".into(),
            next_step: "Wait.".into(),
            exchange: None,
        });
        Standing {
            token: TokenRow {
                id: "t1".into(),
                name: "Main".into(),
                token_type: "http_request".into(),
                config: SecretString::from("{}"),
                config_revision: 3,
                created_at_ms: 1,
                updated_at_ms: 1,
            },
            value: TokenValueRow {
                token_id: "t1".into(),
                value: value.map(SecretString::from),
                generation,
                change: "refreshed".into(),
                changed_at_ms: 1,
                expiry: None,
                failures,
            },
            flights: Some(FlightRow { attempt_id: "a".into(), failures, last_failure: failed }),
        }
    }

    fn answered(standing: &Standing, sent_generation: u32, since: i64) -> &'static str {
        match standing.answer(sent_generation, Ticket(since)) {
            Some(Answer::Newer(_)) => "newer",
            Some(Answer::Failed { .. }) => "failed",
            None => "nothing",
        }
    }

    #[test]
    fn e6_a_newer_value_answers_before_any_failure() {
        assert_eq!(answered(&standing(8, Some("v"), 1, Some((8, 3))), 7, 0), "newer");
        assert_eq!(answered(&standing(7, Some("v"), 0, None), 7, 0), "nothing");
        assert_eq!(answered(&standing(8, None, 0, None), 7, 0), "nothing", "a forgotten value answers nobody");
    }

    #[test]
    fn e6_a_failure_answers_only_those_who_were_under_way() {
        let failed = standing(7, Some("v"), 4, Some((7, 3)));
        assert_eq!(answered(&failed, 7, 3), "failed");
        assert_eq!(answered(&failed, 7, 4), "nothing", "a run that began afterwards asks afresh");
    }

    #[test]
    fn e6_a_failure_of_another_generation_or_configuration_answers_nobody() {
        assert_eq!(answered(&standing(8, None, 4, Some((7, 3))), 8, 0), "nothing", "the value was forgotten since");
        assert_eq!(answered(&standing(7, Some("v"), 4, Some((7, 2))), 7, 0), "nothing", "the token was set up anew since");
    }
}
