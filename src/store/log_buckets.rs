//! The log counted by time: for each minute and each hour, and for all connectors and each one, how many executions began
//! then, how they ended and how long they took. Whoever indexes executions adds them here in the same transaction, and
//! whoever deletes indexed ones subtracts them, so the counts are exact at any moment.
//!
//! Hours are kept as long as there are executions in them; minutes for some days only ([`minutes_from`]).

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::durations::{Durations, read_number, unreadable, write_number};
use super::executions::ExecutionRow;
use super::failure::StoreFailure;

// Ordered so that a timeline of all connectors, or of one, reads rows that stand together.
pub(super) const SCHEMA: &str = "
    CREATE TABLE log_buckets (
        seconds INTEGER NOT NULL,
        connector_id TEXT NOT NULL,
        start INTEGER NOT NULL,
        succeeded INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        pending INTEGER NOT NULL,
        packed BLOB NOT NULL,
        PRIMARY KEY (seconds, connector_id, start)
    ) WITHOUT ROWID;
    CREATE TABLE log_minutes_from (start INTEGER NOT NULL);
    INSERT INTO log_minutes_from VALUES (CAST(strftime('%s', 'now') AS INTEGER) / 60 * 60 - 259200);";

/// The `connector_id` of the rows that count all connectors together.
const ALL: &str = "";
/// The `error_type` of an execution that waits for a passcode, which is neither a success nor a failure.
const PENDING: &str = "email_verification_required";
/// The `error_type` of an execution that a breaker refused: it sent nothing, so its duration says nothing.
const NOT_SENT: &str = "circuit_open";

/// How long the time of one row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
}

impl Resolution {
    /// How many seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }
}

/// Executions counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many succeeded.
    pub succeeded: u32,
    /// How many failed.
    pub failed: u32,
    /// How many wait for a passcode.
    pub pending: u32,
    /// The failures by their `error_type`.
    pub by_error: BTreeMap<String, u32>,
    /// How long the successes took.
    pub success_durations: Durations,
    /// How long the failures took; those that a breaker refused are left out.
    pub failure_durations: Durations,
}

impl Counts {
    /// Counts one execution.
    pub fn add(&mut self, success: bool, error_type: Option<&str>, execution_time_ms: i64) {
        let millis = u32::try_from(execution_time_ms.max(0)).unwrap_or(u32::MAX);
        if success {
            self.succeeded = self.succeeded.saturating_add(1);
            self.success_durations.add(millis);
        } else if error_type == Some(PENDING) {
            self.pending = self.pending.saturating_add(1);
        } else {
            self.failed = self.failed.saturating_add(1);
            if let Some(error_type) = error_type {
                *self.by_error.entry(error_type.to_owned()).or_default() += 1;
            }
            if error_type != Some(NOT_SENT) {
                self.failure_durations.add(millis);
            }
        }
    }

    /// Adds all that others count.
    pub fn merge(&mut self, other: &Self) {
        self.succeeded = self.succeeded.saturating_add(other.succeeded);
        self.failed = self.failed.saturating_add(other.failed);
        self.pending = self.pending.saturating_add(other.pending);
        for (error_type, count) in &other.by_error {
            let counted = self.by_error.entry(error_type.clone()).or_default();
            *counted = counted.saturating_add(*count);
        }
        self.success_durations.merge(&other.success_durations);
        self.failure_durations.merge(&other.failure_durations);
    }

    /// How long the successes and the failures took.
    pub fn durations(&self) -> Durations {
        let mut durations = self.success_durations.clone();
        durations.merge(&self.failure_durations);
        durations
    }

    /// How many executions there are.
    pub fn total(&self) -> u64 {
        u64::from(self.succeeded) + u64::from(self.failed) + u64::from(self.pending)
    }

    /// The successes alone, or the failures.
    #[must_use]
    pub fn only(&self, success: bool) -> Self {
        let counts = self.clone();
        if success {
            Self { succeeded: counts.succeeded, success_durations: counts.success_durations, ..Self::default() }
        } else {
            Self { succeeded: 0, success_durations: Durations::default(), ..counts }
        }
    }

    fn subtract(&mut self, other: &Self) {
        self.succeeded = self.succeeded.saturating_sub(other.succeeded);
        self.failed = self.failed.saturating_sub(other.failed);
        self.pending = self.pending.saturating_sub(other.pending);
        for (error_type, count) in &other.by_error {
            if let Some(counted) = self.by_error.get_mut(error_type) {
                *counted = counted.saturating_sub(*count);
            }
        }
        self.by_error.retain(|_, count| *count > 0);
        self.success_durations.subtract(&other.success_durations);
        self.failure_durations.subtract(&other.failure_durations);
    }

    fn packed(&self) -> Vec<u8> {
        let mut packed = Vec::new();
        write_number(&mut packed, u32::try_from(self.by_error.len()).unwrap_or(u32::MAX));
        for (error_type, count) in &self.by_error {
            write_number(&mut packed, u32::try_from(error_type.len()).unwrap_or(u32::MAX));
            packed.extend_from_slice(error_type.as_bytes());
            write_number(&mut packed, *count);
        }
        self.success_durations.write_to(&mut packed);
        self.failure_durations.write_to(&mut packed);
        packed
    }

    fn unpack(&mut self, mut packed: &[u8]) -> Result<(), StoreFailure> {
        let packed = &mut packed;
        for _ in 0..read_number(packed)? {
            let length = usize::try_from(read_number(packed)?).map_err(|_| unreadable())?;
            let (name, rest) = packed.split_at_checked(length).ok_or_else(unreadable)?;
            *packed = rest;
            let error_type = std::str::from_utf8(name).map_err(|_| unreadable())?.to_owned();
            self.by_error.insert(error_type, read_number(packed)?);
        }
        self.success_durations = Durations::read_from(packed)?;
        self.failure_durations = Durations::read_from(packed)?;
        Ok(())
    }
}

/// Whose executions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Those of all connectors together.
    Everybodys,
    /// Those of one connector.
    Of(&'a str),
}

impl<'a> Whose<'a> {
    fn key(self) -> &'a str {
        match self {
            Self::Everybodys => ALL,
            Self::Of(connector_id) => connector_id,
        }
    }
}

type Key<'a> = (Resolution, &'a str, i64);

/// Counts these executions. Each must be added once: in the transaction that writes down that it was.
pub(super) fn add(transaction: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    for (key, mut counts) in gathered(transaction, rows)? {
        if let Some(before) = find(transaction, key)? {
            counts.merge(&before);
        }
        put(transaction, key, &counts)?;
    }
    Ok(())
}

/// Takes executions away that were added, in the transaction that deletes them.
pub(super) fn subtract(transaction: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    for (key, gone) in gathered(transaction, rows)? {
        let Some(mut left) = find(transaction, key)? else { continue };
        left.subtract(&gone);
        if left.total() == 0 {
            remove(transaction, key)?;
        } else {
            put(transaction, key, &left)?;
        }
    }
    Ok(())
}

fn gathered<'a>(transaction: &Connection, rows: &'a [ExecutionRow]) -> Result<BTreeMap<Key<'a>, Counts>, StoreFailure> {
    let minutes_from = minutes_from(transaction)?;
    let mut gathered = BTreeMap::<Key<'a>, Counts>::new();
    for row in rows {
        for resolution in [Resolution::Minute, Resolution::Hour] {
            let start = start_of(row.created_at_ms, resolution);
            if resolution == Resolution::Minute && start < minutes_from {
                continue;
            }
            for whose in [ALL, row.connector_id.as_str()] {
                let counts = gathered.entry((resolution, whose, start)).or_default();
                counts.add(row.success, row.error_type.as_deref(), row.execution_time_ms);
            }
        }
    }
    Ok(gathered)
}

fn start_of(created_at_ms: i64, resolution: Resolution) -> i64 {
    let second = created_at_ms.div_euclid(1000);
    second - second.rem_euclid(resolution.seconds())
}

fn find(connection: &Connection, (resolution, whose, start): Key<'_>) -> Result<Option<Counts>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT succeeded, failed, pending, packed FROM log_buckets WHERE seconds = ?1 AND connector_id = ?2 AND start = ?3",
    )?;
    let mut rows = statement.query(params![resolution.seconds(), whose, start])?;
    rows.next()?.map(counts_of).transpose()
}

fn put(connection: &Connection, (resolution, whose, start): Key<'_>, counts: &Counts) -> Result<(), StoreFailure> {
    let Counts { succeeded, failed, pending, .. } = counts;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO log_buckets (seconds, connector_id, start, succeeded, failed, pending, packed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![resolution.seconds(), whose, start, succeeded, failed, pending, counts.packed()])?;
    Ok(())
}

fn remove(connection: &Connection, (resolution, whose, start): Key<'_>) -> Result<(), StoreFailure> {
    connection
        .prepare_cached("DELETE FROM log_buckets WHERE seconds = ?1 AND connector_id = ?2 AND start = ?3")?
        .execute(params![resolution.seconds(), whose, start])?;
    Ok(())
}

/// Gives each row whose time begins from `since` on and before `until` (seconds since 1970), oldest first: its start and
/// what it counts. Times without executions have none.
pub fn between(
    connection: &Connection,
    resolution: Resolution,
    whose: Whose<'_>,
    (since, until): (i64, i64),
    mut each: impl FnMut(i64, &Counts),
) -> Result<(), StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT succeeded, failed, pending, packed, start FROM log_buckets
         WHERE seconds = ?1 AND connector_id = ?2 AND start >= ?3 AND start < ?4 ORDER BY start",
    )?;
    let mut rows = statement.query(params![resolution.seconds(), whose.key(), since, until])?;
    while let Some(row) = rows.next()? {
        each(row.get(4)?, &counts_of(row)?);
    }
    Ok(())
}

/// Where the oldest hour or minute begins in which an indexed execution began (seconds since 1970).
pub fn oldest(connection: &Connection, resolution: Resolution, whose: Whose<'_>) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection
        .prepare_cached("SELECT start FROM log_buckets WHERE seconds = ?1 AND connector_id = ?2 ORDER BY start LIMIT 1")?;
    Ok(statement.query_row(params![resolution.seconds(), whose.key()], |row| row.get(0)).optional()?)
}

/// Minutes that begin here or later (seconds since 1970) are counted; of earlier ones only the hours are known.
pub fn minutes_from(connection: &Connection) -> Result<i64, StoreFailure> {
    Ok(connection.prepare_cached("SELECT start FROM log_minutes_from")?.query_row([], |row| row.get(0))?)
}

/// Counts nothing any more for this hour, of which no indexed execution is left.
pub(super) fn forget_hour(transaction: &Connection, start: i64) -> Result<(), StoreFailure> {
    transaction.prepare_cached("DELETE FROM log_buckets WHERE seconds = 3600 AND start = ?1")?.execute([start])?;
    Ok(())
}

/// Minutes that begin before this (seconds since 1970) are no longer counted. Deletes up to `limit` of their rows and says
/// how many it were.
pub(super) fn forget_minutes_before(transaction: &Connection, start: i64, limit: u32) -> Result<usize, StoreFailure> {
    let start = start - start.rem_euclid(Resolution::Minute.seconds());
    transaction.prepare_cached("UPDATE log_minutes_from SET start = ?1 WHERE start < ?1")?.execute([start])?;
    // From one connector to the next, so that it costs little when there is nothing to do.
    let mut statement = transaction.prepare_cached(
        "WITH RECURSIVE known (id) AS (
             SELECT min(connector_id) FROM log_buckets WHERE seconds = 60
             UNION ALL
             SELECT (SELECT min(connector_id) FROM log_buckets WHERE seconds = 60 AND connector_id > known.id)
             FROM known WHERE known.id IS NOT NULL
         ), old (id, start) AS (
             SELECT known.id, log_buckets.start FROM known CROSS JOIN log_buckets
             WHERE log_buckets.seconds = 60 AND log_buckets.connector_id = known.id
                 AND log_buckets.start < (SELECT start FROM log_minutes_from) LIMIT ?1
         )
         DELETE FROM log_buckets WHERE seconds = 60 AND (connector_id, start) IN (SELECT id, start FROM old)",
    )?;
    Ok(statement.execute([limit])?)
}

/// From the first four columns: `succeeded, failed, pending, packed`.
fn counts_of(row: &Row<'_>) -> Result<Counts, StoreFailure> {
    let mut counts = Counts { succeeded: row.get(0)?, failed: row.get(1)?, pending: row.get(2)?, ..Counts::default() };
    counts.unpack(row.get_ref(3)?.as_blob().map_err(|_| unreadable())?)?;
    Ok(counts)
}

#[cfg(test)]
mod tests;
