//! Which time the deletion of old executions goes by: one row, none before the first look.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE log_trust (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        trusted_ms INTEGER NOT NULL,
        leapt_to_ms INTEGER
    );";

/// A time that is trusted, and one that the clock has leapt to and that is not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustRow {
    /// Milliseconds since 1970.
    pub trusted_ms: i64,
    /// Milliseconds since 1970.
    pub leapt_to_ms: Option<i64>,
}

/// What was written down last.
pub fn get(connection: &Connection) -> Result<Option<TrustRow>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT trusted_ms, leapt_to_ms FROM log_trust")?;
    Ok(statement.query_row([], |row| Ok(TrustRow { trusted_ms: row.get(0)?, leapt_to_ms: row.get(1)? })).optional()?)
}

pub(super) fn put(transaction: &Connection, row: TrustRow) -> Result<(), StoreFailure> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO log_trust (one, trusted_ms, leapt_to_ms) VALUES (1, ?1, ?2)")?
        .execute(params![row.trusted_ms, row.leapt_to_ms])?;
    Ok(())
}
