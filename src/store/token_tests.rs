//! The last test of each token's authentication request: when it was and how it ended, nothing of its content.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE token_tests (
        token_id TEXT NOT NULL PRIMARY KEY REFERENCES tokens ON DELETE CASCADE,
        at_ms INTEGER NOT NULL,
        http_status INTEGER,
        ok INTEGER NOT NULL
    ) WITHOUT ROWID;";

/// The last test of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTestRow {
    /// The token that was tested.
    pub token_id: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The status that came back; `None` when no answer came.
    pub http_status: Option<i64>,
    /// Whether it succeeded.
    pub ok: bool,
}

/// Keeps this test as the token's last. [`StoreFailure::Referred`] when there is no such token.
pub fn put(connection: &Connection, test: &TokenTestRow) -> Result<(), StoreFailure> {
    connection
        .prepare_cached(
            "INSERT INTO token_tests (token_id, at_ms, http_status, ok) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (token_id) DO UPDATE SET at_ms = excluded.at_ms, http_status = excluded.http_status, ok = excluded.ok",
        )?
        .execute(params![test.token_id, test.at_ms, test.http_status, test.ok])?;
    Ok(())
}

/// The token's last test.
pub fn get(connection: &Connection, token_id: &str) -> Result<Option<TokenTestRow>, StoreFailure> {
    let mut statement =
        connection.prepare_cached("SELECT token_id, at_ms, http_status, ok FROM token_tests WHERE token_id = ?1")?;
    Ok(statement.query_row([token_id], from_row).optional()?)
}

/// The last tests of all tokens, in no order.
pub fn all(connection: &Connection) -> Result<Vec<TokenTestRow>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT token_id, at_ms, http_status, ok FROM token_tests")?;
    Ok(statement.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TokenTestRow> {
    Ok(TokenTestRow { token_id: row.get(0)?, at_ms: row.get(1)?, http_status: row.get(2)?, ok: row.get(3)? })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Temporary, token};
    use super::super::tokens;
    use super::*;

    #[test]
    fn t3_the_last_test_replaces_the_one_before_and_goes_with_its_token() {
        let store = Temporary::new();
        store.write(|t| tokens::insert(t, &token("t1", "Main"))).unwrap();
        assert_eq!(store.read(|c| get(c, "t1")).unwrap(), None);
        let failed = TokenTestRow { token_id: "t1".into(), at_ms: 1, http_status: None, ok: false };
        let passed = TokenTestRow { token_id: "t1".into(), at_ms: 2, http_status: Some(200), ok: true };
        store.write(|t| put(t, &failed)).unwrap();
        store.write(|t| put(t, &passed)).unwrap();
        assert_eq!(store.read(|c| get(c, "t1")).unwrap(), Some(passed.clone()));
        assert_eq!(store.read(all).unwrap(), [passed]);

        store.write(|t| tokens::delete(t, "t1")).unwrap();
        assert!(store.read(all).unwrap().is_empty());
        assert_eq!(store.write(|t| put(t, &failed)).unwrap_err(), StoreFailure::Referred);
    }
}
