//! When the executions of each chunk of the log began, so that a range of time is found in it. The log is in the order of
//! commits, which is nearly that of beginnings; but a clock may be set back.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::executions::ExecutionRow;
use super::super::failure::StoreFailure;
use super::bits::{Bits, chunk_of, first_of, place_of};

pub(super) const SCHEMA: &str = "
    CREATE TABLE execution_times (
        chunk INTEGER PRIMARY KEY,
        executions INTEGER NOT NULL,
        oldest_ms INTEGER NOT NULL,
        newest_ms INTEGER NOT NULL
    );";

/// From the first millisecond until before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub since: i64,
    pub until: i64,
}

/// Counts executions that were not there.
pub(super) fn add(connection: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    let mut chunks: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
    for row in rows {
        let at = row.created_at_ms;
        let entry = chunks.entry(chunk_of(row.seq)).or_insert((0, at, at));
        *entry = (entry.0 + 1, entry.1.min(at), entry.2.max(at));
    }
    for (chunk, (executions, oldest, newest)) in chunks {
        connection
            .prepare_cached(
                "INSERT INTO execution_times (chunk, executions, oldest_ms, newest_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET executions = executions + excluded.executions,
                     oldest_ms = min(oldest_ms, excluded.oldest_ms), newest_ms = max(newest_ms, excluded.newest_ms)",
            )?
            .execute(params![chunk, executions, oldest, newest])?;
    }
    Ok(())
}

/// Counts executions no more. A chunk's times stay as they were: they are bounds, and need not be met.
pub(super) fn remove(connection: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    let mut chunks: BTreeMap<i64, i64> = BTreeMap::new();
    for row in rows {
        *chunks.entry(chunk_of(row.seq)).or_default() += 1;
    }
    for (chunk, executions) in chunks {
        connection
            .prepare_cached("UPDATE execution_times SET executions = executions - ?2 WHERE chunk = ?1")?
            .execute(params![chunk, executions])?;
        connection.prepare_cached("DELETE FROM execution_times WHERE chunk = ?1 AND executions <= 0")?.execute([chunk])?;
    }
    Ok(())
}

/// How many executions are counted in chunks after this one.
pub(super) fn count_after(connection: &Connection, chunk: i64) -> Result<i64, StoreFailure> {
    let mut statement =
        connection.prepare_cached("SELECT coalesce(sum(executions), 0) FROM execution_times WHERE chunk > ?1")?;
    Ok(statement.query_row([chunk], |row| row.get(0))?)
}

/// The last chunk, not after `chunk`, that may have executions of this span.
pub(super) fn newest_chunk(connection: &Connection, span: Span, chunk: i64) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT chunk FROM execution_times WHERE chunk <= ?1 AND newest_ms >= ?2 AND oldest_ms < ?3
         ORDER BY chunk DESC LIMIT 1",
    )?;
    Ok(statement.query_row(params![chunk, span.since, span.until], |row| row.get(0)).optional()?)
}

/// The executions of a chunk that began within the span; `None` when all did.
pub(super) fn within(connection: &Connection, span: Span, chunk: i64) -> Result<Option<Bits>, StoreFailure> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM execution_times WHERE chunk = ?1 AND oldest_ms >= ?2 AND newest_ms < ?3")?;
    if statement.exists(params![chunk, span.since, span.until])? {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT seq FROM executions WHERE seq >= ?1 AND seq < ?2 AND created_at_ms >= ?3 AND created_at_ms < ?4",
    )?;
    let mut bits = Bits::NONE;
    let mut rows = statement.query(params![first_of(chunk), first_of(chunk + 1), span.since, span.until])?;
    while let Some(row) = rows.next()? {
        bits.insert(place_of(row.get(0)?));
    }
    Ok(Some(bits))
}
