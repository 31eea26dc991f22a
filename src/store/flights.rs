//! The flights of each token (E6), so that processes share them: which attempt may store, and how the last one failed.
//! A token that never needed a flight has no row.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE flights (
        token_id TEXT NOT NULL PRIMARY KEY REFERENCES tokens ON DELETE CASCADE,
        attempt_id TEXT NOT NULL,
        failures INTEGER NOT NULL,
        failed_attempt_id TEXT,
        failed_generation INTEGER,
        failed_revision INTEGER,
        sentence TEXT,
        next_step TEXT,
        exchange TEXT
    ) WITHOUT ROWID;";

/// The flights of one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlightRow {
    /// The attempt that began last: only this one may store.
    pub attempt_id: String,
    /// How many flights of this token have failed since it was made.
    pub failures: i64,
    /// How the last of them failed.
    pub last_failure: Option<FailedFlight>,
}

/// A flight that failed. Its texts are redacted before they come here (S2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFlight {
    /// The attempt that failed.
    pub attempt_id: String,
    /// The generation that it set out to replace.
    pub generation: i64,
    /// The revision of the configuration whose request was sent.
    pub revision: i64,
    /// What happened.
    pub sentence: String,
    /// What to do now.
    pub next_step: String,
    /// The exchange with the login as JSON; `None` when nothing could be sent.
    pub exchange: Option<String>,
}

/// The flights of a token; `None` when it never had one, or is gone.
pub fn get(connection: &Connection, token_id: &str) -> Result<Option<FlightRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT attempt_id, failures, failed_attempt_id, failed_generation, failed_revision, sentence, next_step, exchange
         FROM flights WHERE token_id = ?1",
    )?;
    Ok(statement.query_row([token_id], from_row).optional()?)
}

/// From now on this attempt alone may store for the token; `false` when there is no such token.
pub fn begin(connection: &Connection, token_id: &str, attempt_id: &str) -> Result<bool, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO flights (token_id, attempt_id, failures) SELECT id, ?2, 0 FROM tokens WHERE id = ?1
         ON CONFLICT (token_id) DO UPDATE SET attempt_id = excluded.attempt_id",
    )?;
    Ok(statement.execute(params![token_id, attempt_id])? > 0)
}

/// Notes a failure and gives its number; `None`, and nothing noted, when a later attempt has begun, the value or the
/// configuration has changed since, or the token is gone (E6).
pub fn fail(connection: &Connection, token_id: &str, failed: &FailedFlight) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "UPDATE flights SET failures = failures + 1, failed_attempt_id = ?2, failed_generation = ?3, failed_revision = ?4,
             sentence = ?5, next_step = ?6, exchange = ?7
         WHERE token_id = ?1 AND attempt_id = ?2
             AND (SELECT generation FROM token_values WHERE token_id = ?1) = ?3
             AND (SELECT config_revision FROM tokens WHERE id = ?1) = ?4
         RETURNING failures",
    )?;
    let values = params![
        token_id,
        failed.attempt_id,
        failed.generation,
        failed.revision,
        failed.sentence,
        failed.next_step,
        failed.exchange
    ];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<FlightRow> {
    let last_failure = match row.get::<_, Option<String>>(2)? {
        Some(attempt_id) => Some(FailedFlight {
            attempt_id,
            generation: row.get(3)?,
            revision: row.get(4)?,
            sentence: row.get(5)?,
            next_step: row.get(6)?,
            exchange: row.get(7)?,
        }),
        None => None,
    };
    Ok(FlightRow { attempt_id: row.get(0)?, failures: row.get(1)?, last_failure })
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::super::tests::Temporary;
    use super::super::{token_values, tokens};
    use super::*;

    fn failed(attempt_id: &str) -> FailedFlight {
        FailedFlight {
            attempt_id: attempt_id.into(),
            generation: 0,
            revision: 1,
            sentence: "The login answered 503.".into(),
            next_step: "Try again.".into(),
            exchange: None,
        }
    }

    fn failures(store: &Temporary) -> i64 {
        store.read(|c| token_values::get(c, "t1")).unwrap().unwrap().failures
    }

    #[test]
    fn e6_failures_are_counted_and_read_with_the_value() {
        let store = Temporary::with_token();
        assert_eq!((store.read(|c| get(c, "t1")).unwrap(), failures(&store)), (None, 0));
        assert!(store.write(|t| begin(t, "t1", "a")).unwrap());
        assert_eq!(store.write(|t| fail(t, "t1", &failed("a"))).unwrap(), Some(1));
        assert!(store.write(|t| begin(t, "t1", "b")).unwrap());
        let row = store.read(|c| get(c, "t1")).unwrap().unwrap();
        assert_eq!(row, FlightRow { attempt_id: "b".into(), failures: 1, last_failure: Some(failed("a")) });
        assert_eq!(store.write(|t| fail(t, "t1", &failed("b"))).unwrap(), Some(2));
        assert_eq!(failures(&store), 2);
        assert_eq!(store.read(token_values::all).unwrap()[0].failures, 2);
    }

    #[test]
    fn e6_only_the_attempt_that_began_last_may_fail_or_store() {
        let store = Temporary::with_token();
        store.write(|t| begin(t, "t1", "frozen")).unwrap();
        store.write(|t| begin(t, "t1", "later")).unwrap();
        assert_eq!(store.write(|t| fail(t, "t1", &failed("frozen"))).unwrap(), None);
        let value = SecretString::from("late");
        let refreshed = token_values::RefreshedValue {
            token_id: "t1",
            attempt_id: "frozen",
            value: &value,
            expiry: None,
            expected_generation: 0,
            expected_revision: 1,
            change: "refreshed",
            at_ms: 5,
        };
        assert_eq!(store.write(|t| token_values::store_refreshed(t, &refreshed)).unwrap(), None);
        let refreshed = token_values::RefreshedValue { attempt_id: "later", ..refreshed };
        assert_eq!(store.write(|t| token_values::store_refreshed(t, &refreshed)).unwrap(), Some(1));
    }

    #[test]
    fn e6_a_failure_of_an_older_value_or_configuration_is_not_noted() {
        let store = Temporary::with_token();
        store.write(|t| begin(t, "t1", "a")).unwrap();
        store.write(|t| tokens::update(t, "t1", "Main", &SecretString::from("{}"), true, 2)).unwrap();
        assert_eq!(store.write(|t| fail(t, "t1", &failed("a"))).unwrap(), None, "the token was set up anew");
        let of_the_new = FailedFlight { revision: 2, ..failed("a") };
        store.write(|t| token_values::forget(t, "t1", "forgotten_by_hand", 3)).unwrap();
        assert_eq!(store.write(|t| fail(t, "t1", &of_the_new)).unwrap(), None, "the value was forgotten");
        assert_eq!(failures(&store), 0);
    }

    #[test]
    fn a_tokens_flights_go_with_it_and_none_begins_afterwards() {
        let store = Temporary::with_token();
        store.write(|t| begin(t, "t1", "a")).unwrap();
        store.write(|t| tokens::delete(t, "t1")).unwrap();
        assert_eq!(store.read(|c| get(c, "t1")).unwrap(), None);
        assert!(!store.write(|t| begin(t, "t1", "b")).unwrap());
        assert_eq!(store.write(|t| fail(t, "t1", &failed("a"))).unwrap(), None);
    }
}
