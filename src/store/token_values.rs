//! The token values with their generations. A token has its row from the start: without a value, at generation 0.
//! Every change raises the generation, even to an equal value and even to none, so that a run in flight notices it.

use rusqlite::{Connection, OptionalExtension, Row, params};
use secrecy::{ExposeSecret, SecretString};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE token_values (
        token_id TEXT NOT NULL PRIMARY KEY REFERENCES tokens ON DELETE CASCADE,
        value TEXT,
        generation INTEGER NOT NULL,
        change TEXT NOT NULL,
        changed_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;";

/// What a login said of its value's life, beside the value; nothing for those that were stored before.
pub(super) const WITH_EXPIRY: &str = "
    ALTER TABLE token_values ADD COLUMN expires_at_ms INTEGER;
    ALTER TABLE token_values ADD COLUMN lifetime_seconds INTEGER;
    ALTER TABLE token_values ADD COLUMN lifetime_from TEXT;";

/// The `change` of a row that never had a value.
pub const NEVER: &str = "never";

/// Until when a value lives, as the answer said that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// From the answer to then.
    pub lifetime_seconds: i64,
    /// Where the answer said so, in words.
    pub seen: String,
}

/// A token's value at present.
#[derive(Debug, Clone)]
pub struct TokenValueRow {
    /// Whose value it is.
    pub token_id: String,
    /// The secret itself; `None` when there is none.
    pub value: Option<SecretString>,
    /// 0 before the first change.
    pub generation: i64,
    /// How the value came or went; [`NEVER`] at generation 0.
    pub change: String,
    /// Milliseconds since 1970.
    pub changed_at_ms: i64,
    /// Until when the value lives; `None` when nobody said so, or there is no value.
    pub expiry: Option<Expiry>,
    /// How many flights of this token have failed so far (E6): read with the value, so that a run knows which failures
    /// are newer than what it sends.
    pub failures: i64,
}

/// A value that a flight brings: stored only if nothing changed since the flight began (E6).
pub struct RefreshedValue<'a> {
    /// Whose value it is.
    pub token_id: &'a str,
    /// The attempt that brings it.
    pub attempt_id: &'a str,
    /// The secret itself.
    pub value: &'a SecretString,
    /// Until when it lives.
    pub expiry: Option<&'a Expiry>,
    /// The generation that the flight set out to replace.
    pub expected_generation: i64,
    /// The revision of the configuration whose request was sent.
    pub expected_revision: i64,
    /// How the value came.
    pub change: &'a str,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// The row of a new token.
pub(super) fn begin(connection: &Connection, token_id: &str, at_ms: i64) -> Result<(), StoreFailure> {
    connection
        .prepare_cached(
            "INSERT INTO token_values (token_id, value, generation, change, changed_at_ms) VALUES (?1, NULL, 0, ?2, ?3)",
        )?
        .execute(params![token_id, NEVER, at_ms])?;
    Ok(())
}

const READ: &str = "
    SELECT v.token_id, v.value, v.generation, v.change, v.changed_at_ms, coalesce(f.failures, 0),
        v.expires_at_ms, v.lifetime_seconds, v.lifetime_from
    FROM token_values v LEFT JOIN flights f ON f.token_id = v.token_id";

/// The value at present; `None` when there is no such token.
pub fn get(connection: &Connection, token_id: &str) -> Result<Option<TokenValueRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("{READ} WHERE v.token_id = ?1"))?;
    Ok(statement.query_row([token_id], from_row).optional()?)
}

/// All values at present, in no order.
pub fn all(connection: &Connection) -> Result<Vec<TokenValueRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(READ)?;
    Ok(statement.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

/// Stores a value, with what is known of its life, whatever was there, and gives its generation; `None` when there is no such token.
pub fn put(
    connection: &Connection,
    token_id: &str,
    value: &SecretString,
    expiry: Option<&Expiry>,
    change: &str,
    at_ms: i64,
) -> Result<Option<i64>, StoreFailure> {
    set(connection, token_id, Some((value, expiry)), change, at_ms)
}

/// Removes the value, and what was known of its life, and gives the generation of that change; `None` when there is no such token (T9).
pub fn forget(connection: &Connection, token_id: &str, change: &str, at_ms: i64) -> Result<Option<i64>, StoreFailure> {
    set(connection, token_id, None, change, at_ms)
}

/// Stores what a flight brought and gives its generation; `None`, and nothing stored, when a later attempt has begun, the
/// value or the configuration has changed since, or the token is gone (E6).
pub fn store_refreshed(connection: &Connection, refreshed: &RefreshedValue<'_>) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "UPDATE token_values SET value = ?2, generation = generation + 1, change = ?3, changed_at_ms = ?4,
             expires_at_ms = ?8, lifetime_seconds = ?9, lifetime_from = ?10
         WHERE token_id = ?1 AND generation = ?5 AND (SELECT config_revision FROM tokens WHERE id = ?1) = ?6
             AND (SELECT attempt_id FROM flights WHERE token_id = ?1) = ?7
         RETURNING generation",
    )?;
    let values = params![
        refreshed.token_id,
        // Exposed to the encrypted database.
        refreshed.value.expose_secret(),
        refreshed.change,
        refreshed.at_ms,
        refreshed.expected_generation,
        refreshed.expected_revision,
        refreshed.attempt_id,
        refreshed.expiry.map(|expiry| expiry.at_ms),
        refreshed.expiry.map(|expiry| expiry.lifetime_seconds),
        refreshed.expiry.map(|expiry| &expiry.seen)
    ];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

fn set(
    connection: &Connection,
    token_id: &str,
    value: Option<(&SecretString, Option<&Expiry>)>,
    change: &str,
    at_ms: i64,
) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "UPDATE token_values SET value = ?2, generation = generation + 1, change = ?3, changed_at_ms = ?4,
             expires_at_ms = ?5, lifetime_seconds = ?6, lifetime_from = ?7
         WHERE token_id = ?1 RETURNING generation",
    )?;
    let expiry = value.and_then(|(_, expiry)| expiry);
    let values = params![
        token_id,
        // Exposed to the encrypted database.
        value.map(|(value, _)| value.expose_secret()),
        change,
        at_ms,
        expiry.map(|expiry| expiry.at_ms),
        expiry.map(|expiry| expiry.lifetime_seconds),
        expiry.map(|expiry| &expiry.seen)
    ];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TokenValueRow> {
    let expiry = match (row.get::<_, Option<i64>>(6)?, row.get::<_, Option<i64>>(7)?, row.get::<_, Option<String>>(8)?) {
        (Some(at_ms), Some(lifetime_seconds), Some(seen)) => Some(Expiry { at_ms, lifetime_seconds, seen }),
        _ => None,
    };
    Ok(TokenValueRow {
        token_id: row.get(0)?,
        value: row.get::<_, Option<String>>(1)?.map(SecretString::from),
        generation: row.get(2)?,
        change: row.get(3)?,
        changed_at_ms: row.get(4)?,
        failures: row.get(5)?,
        expiry,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::Temporary;
    use super::super::{flights, tokens};
    use super::*;

    /// A token with a flight under way.
    fn with_token() -> Temporary {
        let store = Temporary::with_token();
        store.write(|t| flights::begin(t, "t1", "attempt")).unwrap();
        store
    }

    fn now(store: &Temporary) -> (Option<String>, i64, String) {
        let row = store.read(|c| get(c, "t1")).unwrap().unwrap();
        (row.value.map(|value| value.expose_secret().to_owned()), row.generation, row.change)
    }

    fn refreshed(value: &SecretString, generation: i64, revision: i64) -> RefreshedValue<'_> {
        RefreshedValue {
            token_id: "t1",
            attempt_id: "attempt",
            value,
            expiry: None,
            expected_generation: generation,
            expected_revision: revision,
            change: "refreshed",
            at_ms: 5,
        }
    }

    #[test]
    fn a_new_token_has_generation_0_and_no_value() {
        let store = with_token();
        assert_eq!(now(&store), (None, 0, "never".into()));
        assert_eq!(store.read(all).unwrap().len(), 1);
        assert!(store.read(|c| get(c, "gone")).unwrap().is_none());
    }

    #[test]
    fn every_change_raises_the_generation_even_to_an_equal_value_and_to_none() {
        let store = with_token();
        let value = SecretString::from("abc");
        assert_eq!(store.write(|t| put(t, "t1", &value, None, "set", 2)).unwrap(), Some(1));
        assert_eq!(store.write(|t| put(t, "t1", &value, None, "set", 3)).unwrap(), Some(2));
        assert_eq!(now(&store), (Some("abc".into()), 2, "set".into()));
        assert_eq!(store.write(|t| forget(t, "t1", "forgotten", 4)).unwrap(), Some(3));
        assert_eq!(now(&store), (None, 3, "forgotten".into()), "a run in flight must notice that the value was forgotten");
        assert_eq!(store.write(|t| put(t, "gone", &value, None, "set", 3)).unwrap(), None);
    }

    #[test]
    fn e6_a_refreshed_value_is_stored_once_per_generation() {
        let store = with_token();
        let (first, second) = (SecretString::from("first"), SecretString::from("second"));
        assert_eq!(store.write(|t| store_refreshed(t, &refreshed(&first, 0, 1))).unwrap(), Some(1));
        assert_eq!(
            store.write(|t| store_refreshed(t, &refreshed(&second, 0, 1))).unwrap(),
            None,
            "a late flight must not overwrite"
        );
        assert_eq!(now(&store), (Some("first".into()), 1, "refreshed".into()));
    }

    #[test]
    fn e6_a_value_of_an_older_configuration_is_not_stored() {
        let store = with_token();
        store.write(|t| tokens::update(t, "t1", "Main", &SecretString::from("{}"), true, 2)).unwrap();
        let value = SecretString::from("of the old request");
        assert_eq!(store.write(|t| store_refreshed(t, &refreshed(&value, 0, 1))).unwrap(), None);
        assert_eq!(now(&store).0, None);
        assert_eq!(store.write(|t| store_refreshed(t, &refreshed(&value, 0, 2))).unwrap(), Some(1));
    }

    #[test]
    fn e3_what_is_known_of_a_values_life_comes_and_goes_with_the_value() {
        let store = with_token();
        let expiry = |store: &Temporary| store.read(|c| get(c, "t1")).unwrap().unwrap().expiry;
        let (value, lives) = (SecretString::from("abc"), Expiry { at_ms: 900_005, lifetime_seconds: 900, seen: "it".into() });
        store.write(|t| put(t, "t1", &value, Some(&lives), "saved", 5)).unwrap();
        assert_eq!(expiry(&store), Some(lives.clone()));
        let again = RefreshedValue { expiry: Some(&lives), ..refreshed(&value, 1, 1) };
        store.write(|t| store_refreshed(t, &again)).unwrap();
        assert_eq!(expiry(&store), Some(lives.clone()));
        store.write(|t| store_refreshed(t, &refreshed(&value, 2, 1))).unwrap();
        assert_eq!(expiry(&store), None, "of the newer value nothing is known");
        store.write(|t| put(t, "t1", &value, Some(&lives), "saved", 5)).unwrap();
        store.write(|t| forget(t, "t1", "forgotten", 6)).unwrap();
        assert_eq!(expiry(&store), None, "it is forgotten with its value (T9)");
    }

    #[test]
    fn s2_a_row_shows_no_secret() {
        let store = with_token();
        store.write(|t| put(t, "t1", &SecretString::from("hunter2"), None, "set", 2)).unwrap();
        let row = store.read(|c| get(c, "t1")).unwrap().unwrap();
        assert!(!format!("{row:?}").contains("hunter2"));
    }
}
