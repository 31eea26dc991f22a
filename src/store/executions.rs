//! The executions, in two tables: a short row per execution for lists, and the whole record (up to megabytes) beside it,
//! read only when one is opened. `id` is a time-ordered UUID and orders the log by when a run began; `seq` orders by
//! commit, so that whoever polls "after `seq`" misses none. An execution outlives its connector only until the next sweep.
//! How executions are filtered and searched is in [`super::execution_index`].

use std::fmt::Write as _;
use std::ops::ControlFlow;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::execution_index;
use super::failure::StoreFailure;

// There is no foreign key to connectors: a run that ends after its connector was deleted is recorded all the same, and
// a million executions must not be deleted in one transaction.
pub(super) const SCHEMA: &str = "
    CREATE TABLE executions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        connector_id TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        source_type TEXT NOT NULL,
        success INTEGER NOT NULL,
        error_type TEXT,
        http_status INTEGER,
        execution_time_ms INTEGER NOT NULL,
        refreshes INTEGER NOT NULL,
        sentence TEXT NOT NULL
    );
    CREATE INDEX executions_by_connector ON executions (connector_id, id);
    CREATE INDEX executions_by_success ON executions (connector_id, success, id);
    CREATE INDEX executions_by_error ON executions (connector_id, error_type, id) WHERE error_type IS NOT NULL;
    CREATE TABLE execution_records (
        seq INTEGER PRIMARY KEY REFERENCES executions ON DELETE CASCADE,
        record TEXT NOT NULL
    );";

/// Two pages fewer that a commit has to encrypt. A connector's log is merged from its successes and its failures, so that
/// no third index is needed. And `executions_floor` remembers the greatest `seq` that was deleted, in place of
/// AUTOINCREMENT, which writes into a table of its own with every insertion: a `seq` is still never used twice.
/// To be applied with foreign keys off, or dropping the old table would take the whole records along.
pub(super) const FEWER_PAGES: &str = "
    CREATE TABLE executions_floor (seq INTEGER NOT NULL);
    INSERT INTO executions_floor SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'executions'), 0);
    CREATE TABLE executions_anew (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        connector_id TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        source_type TEXT NOT NULL,
        success INTEGER NOT NULL CHECK (success IN (0, 1)),
        error_type TEXT,
        http_status INTEGER,
        execution_time_ms INTEGER NOT NULL,
        refreshes INTEGER NOT NULL,
        sentence TEXT NOT NULL
    );
    INSERT INTO executions_anew SELECT seq, id, connector_id, created_at_ms, source_type, success, error_type, http_status,
        execution_time_ms, refreshes, sentence FROM executions ORDER BY seq;
    DROP TABLE executions;
    ALTER TABLE executions_anew RENAME TO executions;
    CREATE INDEX executions_by_success ON executions (connector_id, success, id);
    CREATE INDEX executions_by_error ON executions (connector_id, error_type, id) WHERE error_type IS NOT NULL;
    CREATE TRIGGER executions_floor_rises AFTER DELETE ON executions
        WHEN NOT EXISTS (SELECT 1 FROM executions WHERE seq > old.seq)
        BEGIN UPDATE executions_floor SET seq = max(seq, old.seq); END;";

/// The customer of a run. And four pages fewer for a commit: what the log is filtered by is kept beside it, by the index.
pub(super) const FILTERED_BESIDE: &str = "
    ALTER TABLE executions ADD COLUMN customer TEXT;
    DROP INDEX executions_by_success;
    DROP INDEX executions_by_error;";

const COLUMNS: &str = "customer, id, connector_id, created_at_ms, source_type, success, error_type, http_status, execution_time_ms, refreshes, sentence";

/// An execution in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionRow {
    /// Its place in the order of commits; not looked at when it is added.
    pub seq: i64,
    /// The `user_id` of the customer.
    pub customer: Option<String>,
    /// A time-ordered UUID: newer executions have greater ids.
    pub id: String,
    /// The connector that ran.
    pub connector_id: String,
    /// When it began, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// What triggered it: a wire name.
    pub source_type: String,
    /// Whether it did what it was asked.
    pub success: bool,
    /// How it failed: a wire name (E11).
    pub error_type: Option<String>,
    /// The status of the API's last answer.
    pub http_status: Option<i64>,
    /// From start to end, in milliseconds.
    pub execution_time_ms: i64,
    /// How many tokens it fetched or refreshed.
    pub refreshes: i64,
    /// What happened, redacted (S2).
    pub sentence: String,
}

/// A status, as a log is filtered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// This one.
    Exactly(i64),
    /// All of so many hundred.
    Class(i64),
    /// There was no answer.
    NoAnswer,
}

/// Which executions to list; each part narrows further.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionQuery {
    /// Only this connector's.
    pub connector_id: Option<String>,
    /// Only those that began then or later, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Only those that began before.
    pub until_ms: Option<i64>,
    /// Only successes or only failures.
    pub success: Option<bool>,
    /// Only this outcome.
    pub error_type: Option<String>,
    /// Only from this source.
    pub source_type: Option<String>,
    /// Only this execution.
    pub execution_id: Option<String>,
    /// Only for this customer.
    pub customer: Option<String>,
    /// Only with this status.
    pub http_status: Option<StatusFilter>,
    /// Only those whose words fit this expression of full-text search. What the index of words has not reached is left out.
    pub words: Option<String>,
    /// Only those with a smaller `seq`: the last one of the page before. It need not exist any more.
    pub before: Option<i64>,
    /// Most rows to give.
    pub limit: u32,
}

/// That an execution was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Greater for every later commit.
    pub seq: i64,
    /// The execution.
    pub execution_id: String,
    /// The connector that ran.
    pub connector_id: String,
}

/// Adds an execution with its whole record and gives its `seq`. [`StoreFailure::Taken`] when the id is there already.
pub(super) fn insert(connection: &Connection, row: &ExecutionRow, record: &str) -> Result<i64, StoreFailure> {
    connection
        .prepare_cached(&format!(
            "INSERT INTO executions (seq, {COLUMNS}) VALUES (
                 1 + max((SELECT coalesce(max(seq), 0) FROM executions), (SELECT seq FROM executions_floor)),
                 ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        ))?
        .execute(params![
            row.customer,
            row.id,
            row.connector_id,
            row.created_at_ms,
            row.source_type,
            row.success,
            row.error_type,
            row.http_status,
            row.execution_time_ms,
            row.refreshes,
            row.sentence
        ])?;
    let seq = connection.last_insert_rowid();
    connection.prepare_cached("INSERT INTO execution_records (seq, record) VALUES (?1, ?2)")?.execute(params![seq, record])?;
    Ok(seq)
}

/// The executions that fit, newest first, at most `limit`. Costs the same however long the log is.
pub fn list(connection: &Connection, query: &ExecutionQuery) -> Result<Vec<ExecutionRow>, StoreFailure> {
    let mut found = Vec::new();
    let limit = query.limit as usize;
    execution_index::visit(connection, query, &mut |seqs| {
        found.extend_from_slice(&seqs[..seqs.len().min(limit - found.len())]);
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let mut rows = Vec::with_capacity(found.len());
    for seq in found {
        rows.extend(by_seq(connection, seq)?);
    }
    Ok(rows)
}

/// Hands the `seq` of every execution that fits to `visit`, newest first, some at a time and sometimes none, until it breaks
/// off; at least every few hundredths of a second. All of them, whatever `query.limit`.
pub fn walk(
    connection: &Connection,
    query: &ExecutionQuery,
    mut visit: impl FnMut(&[i64]) -> ControlFlow<()>,
) -> Result<(), StoreFailure> {
    execution_index::visit(connection, query, &mut visit)
}

/// What is told of the executions `range`, newest first: their `seq` and whether they fit.
pub(super) fn tail_statement(query: &ExecutionQuery, (from, below): (i64, i64), limit: usize) -> (String, Vec<Value>) {
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    let (status_from, status_to) = match query.http_status {
        Some(StatusFilter::Exactly(status)) => (Some(status), Some(status + 1)),
        Some(StatusFilter::Class(hundreds)) => (Some(hundreds * 100), Some(hundreds * 100 + 100)),
        _ => (None, None),
    };
    let given = [
        ("connector_id = ", text(&query.connector_id)),
        ("created_at_ms >= ", query.since_ms.map(Value::Integer)),
        ("created_at_ms < ", query.until_ms.map(Value::Integer)),
        ("success = ", query.success.map(|success| Value::Integer(success.into()))),
        ("error_type IS ", text(&query.error_type)),
        ("source_type = ", text(&query.source_type)),
        ("customer IS ", text(&query.customer)),
        ("http_status >= ", status_from.map(Value::Integer)),
        ("http_status < ", status_to.map(Value::Integer)),
    ];
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut values = vec![Value::Integer(from), Value::Integer(below), Value::Integer(limit)];
    let mut fits = if query.http_status == Some(StatusFilter::NoAnswer) { "http_status IS NULL" } else { "1" }.to_owned();
    for (comparison, value) in given.into_iter().filter_map(|(comparison, value)| Some((comparison, value?))) {
        values.push(value);
        // Writing into a string can't fail.
        let _ = write!(fits, " AND {comparison}?{}", values.len());
    }
    // A status that is not there is compared as NULL.
    let sql =
        format!("SELECT seq, coalesce({fits}, 0) FROM executions WHERE seq >= ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    (sql, values)
}

/// The whole record of an execution, as it was handed over.
pub fn record(connection: &Connection, id: &str) -> Result<Option<String>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT record FROM execution_records JOIN executions ON executions.seq = execution_records.seq
         WHERE executions.id = ?1",
    )?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// An execution in short.
pub fn get(connection: &Connection, id: &str) -> Result<Option<ExecutionRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT seq, {COLUMNS} FROM executions WHERE id = ?1"))?;
    Ok(statement.query_row([id], from_row).optional()?)
}

/// An execution in short, by its place in the order of commits.
pub fn by_seq(connection: &Connection, seq: i64) -> Result<Option<ExecutionRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT seq, {COLUMNS} FROM executions WHERE seq = ?1"))?;
    Ok(statement.query_row([seq], from_row).optional()?)
}

/// The next executions after this `seq`, in the order of commits.
pub(super) fn after(connection: &Connection, seq: i64, limit: u32) -> Result<Vec<ExecutionRow>, StoreFailure> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT seq, {COLUMNS} FROM executions WHERE seq > ?1 ORDER BY seq LIMIT ?2"))?;
    Ok(statement.query_map(params![seq, limit], from_row)?.collect::<Result<_, _>>()?)
}

/// The newest execution of each connector that has one and is still there.
pub fn latest_per_connector(connection: &Connection) -> Result<Vec<ExecutionRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "WITH tail (connector_id, seq) AS MATERIALIZED (
             SELECT connector_id, max(seq) FROM executions
             WHERE seq > (SELECT faceted FROM execution_index) GROUP BY connector_id
         ) SELECT connectors.id, tail.seq FROM connectors LEFT JOIN tail ON tail.connector_id = connectors.id",
    )?;
    let newest: Vec<(String, Option<i64>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for (connector_id, in_tail) in newest {
        let seq = if in_tail.is_some() { in_tail } else { execution_index::newest_of(connection, &connector_id)? };
        if let Some(seq) = seq {
            rows.extend(by_seq(connection, seq)?);
        }
    }
    Ok(rows)
}

/// How many executions are recorded. What is not in the index yet is counted one by one.
pub fn count(connection: &Connection) -> Result<i64, StoreFailure> {
    execution_index::count(connection)
}

/// Executions up to this `seq` are counted by time ([`super::log_buckets`]).
pub fn counted_through(connection: &Connection) -> Result<i64, StoreFailure> {
    Ok(execution_index::reached(connection)?.faceted)
}

/// How many executions are recorded whose words can't be searched yet.
pub fn behind(connection: &Connection) -> Result<i64, StoreFailure> {
    execution_index::behind(connection)
}

/// The `seq` of the last commit; 0 when there was none.
pub fn last_seq(connection: &Connection) -> Result<i64, StoreFailure> {
    Ok(connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM executions")?.query_row([], |row| row.get(0))?)
}

/// What was committed after `seq`, by any process, in the order of commits.
pub fn newer_than(connection: &Connection, seq: i64, limit: u32) -> Result<Vec<Recorded>, StoreFailure> {
    let mut statement =
        connection.prepare_cached("SELECT seq, id, connector_id FROM executions WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let rows = statement.query_map(params![seq, limit], |row| {
        Ok(Recorded { seq: row.get(0)?, execution_id: row.get(1)?, connector_id: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes executions, with their whole records and what the index knows of them, and says how many were still there. Two
/// hundred of them take some milliseconds. The one place that deletes any.
pub(super) fn delete(connection: &Connection, seqs: &[i64]) -> Result<usize, StoreFailure> {
    let mut rows = Vec::with_capacity(seqs.len());
    for seq in seqs {
        rows.extend(by_seq(connection, *seq)?);
    }
    execution_index::remove(connection, &rows)?;
    let mut statement = connection.prepare_cached("DELETE FROM executions WHERE seq = ?1")?;
    for row in &rows {
        statement.execute([row.seq])?;
    }
    Ok(rows.len())
}

/// Deletes up to `limit` executions of connectors that are no longer there, among those that the index has, and says how
/// many it were. It is quick when there is nothing to do.
pub(super) fn delete_orphans(connection: &Connection, limit: usize) -> Result<usize, StoreFailure> {
    for id in execution_index::connectors(connection)? {
        if connection.prepare_cached("SELECT 1 FROM connectors WHERE id = ?1")?.exists([&id])? {
            continue;
        }
        let mut seqs = Vec::new();
        let query = ExecutionQuery { connector_id: Some(id), ..ExecutionQuery::default() };
        walk(connection, &query, |some| {
            seqs.extend_from_slice(some);
            if seqs.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        seqs.truncate(limit);
        return delete(connection, &seqs);
    }
    Ok(0)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ExecutionRow> {
    Ok(ExecutionRow {
        seq: row.get(0)?,
        customer: row.get(1)?,
        id: row.get(2)?,
        connector_id: row.get(3)?,
        created_at_ms: row.get(4)?,
        source_type: row.get(5)?,
        success: row.get(6)?,
        error_type: row.get(7)?,
        http_status: row.get(8)?,
        execution_time_ms: row.get(9)?,
        refreshes: row.get(10)?,
        sentence: row.get(11)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::connectors;
    use super::super::tests::{Temporary, connector, execution};
    use super::*;

    fn ids(store: &Temporary, query: &ExecutionQuery) -> Vec<String> {
        store.read(|c| list(c, query)).unwrap().into_iter().map(|row| row.id).collect()
    }

    /// Two connectors, six executions in turns; every third failed.
    fn with_log() -> Temporary {
        let store = Temporary::new();
        store
            .write(|t| {
                connectors::insert(t, &connector("c1", "Orders"))?;
                connectors::insert(t, &connector("c2", "Customers"))?;
                for number in 0..6 {
                    let mut row = execution(&format!("e{number}"), if number % 2 == 0 { "c1" } else { "c2" });
                    if number % 3 == 0 {
                        (row.success, row.error_type, row.http_status) = (false, Some("faraday_error".into()), None);
                    }
                    insert(t, &row, &format!("{{\"number\":{number}}}"))?;
                }
                Ok(())
            })
            .unwrap();
        store
    }

    #[test]
    fn a_log_is_paged_newest_first_even_when_the_row_before_is_gone() {
        let store = with_log();
        let page = |before| ExecutionQuery { connector_id: Some("c1".into()), before, limit: 2, ..Default::default() };
        for _ in ["in the tail", "in the index"] {
            assert_eq!(ids(&store, &page(None)), ["e4", "e2"]);
            assert_eq!(ids(&store, &page(Some(3))), ["e0"]);
            assert_eq!(ids(&store, &page(Some(4))), ["e2", "e0"], "e3 is not of this log");
            assert!(ids(&store, &page(Some(1))).is_empty());
            let all = ExecutionQuery { limit: 10, ..Default::default() };
            assert_eq!(ids(&store, &all), ["e5", "e4", "e3", "e2", "e1", "e0"]);
            store.database.index_log(str::to_owned).unwrap();
        }
    }

    #[test]
    fn an_execution_is_found_in_short_and_whole() {
        let store = with_log();
        assert_eq!(store.read(|c| get(c, "e3")).unwrap().unwrap().error_type.as_deref(), Some("faraday_error"));
        assert_eq!(store.read(|c| record(c, "e3")).unwrap().as_deref(), Some("{\"number\":3}"));
        assert_eq!(store.read(|c| record(c, "gone")).unwrap(), None);
        assert_eq!(store.read(count).unwrap(), 6);
        let twice = store.write(|t| insert(t, &execution("e3", "c1"), "{}"));
        assert_eq!(twice.unwrap_err(), StoreFailure::Taken);
    }

    #[test]
    fn each_connector_has_its_newest_execution() {
        let store = with_log();
        store.write(|t| connectors::insert(t, &connector("c3", "Never run"))).unwrap();
        let latest = || {
            let mut ids: Vec<_> = store.read(latest_per_connector).unwrap().into_iter().map(|row| row.id).collect();
            ids.sort();
            ids
        };
        assert_eq!(latest(), ["e4", "e5"]);
        store.database.index_log(str::to_owned).unwrap();
        assert_eq!(latest(), ["e4", "e5"], "from the index");
        store.write(|t| insert(t, &execution("e6", "c1"), "{}")).unwrap();
        assert_eq!(latest(), ["e5", "e6"], "one from the tail");
        store.write(|t| connectors::delete(t, "c2")).unwrap();
        assert_eq!(latest(), ["e6"]);
    }

    #[test]
    fn polling_after_seq_misses_none_and_a_seq_is_never_used_twice() {
        let store = with_log();
        let last = store.read(last_seq).unwrap();
        assert!(store.read(|c| newer_than(c, last, 10)).unwrap().is_empty());
        store.write(|t| connectors::delete(t, "c2")).unwrap();
        store.database.sweep().unwrap();
        store.write(|t| insert(t, &execution("a-run-that-began-long-ago", "c1"), "{}")).unwrap();
        let news = store.read(|c| newer_than(c, last, 10)).unwrap();
        assert_eq!(news.len(), 1);
        assert!(news[0].seq > last);
        assert_eq!((news[0].execution_id.as_str(), news[0].connector_id.as_str()), ("a-run-that-began-long-ago", "c1"));
    }

    #[test]
    fn a_seq_is_not_used_twice_when_the_log_is_emptied_at_once_or_in_steps() {
        let store = with_log();
        let last = store.read(last_seq).unwrap();
        store.write(|t| Ok(t.execute("DELETE FROM executions WHERE id IN ('e5', 'e3')", [])?)).unwrap();
        store.write(|t| Ok(t.execute("DELETE FROM executions", [])?)).unwrap();
        assert_eq!(store.write(|t| insert(t, &execution("e9", "c1"), "{}")).unwrap(), last + 1);
        store.write(|t| Ok(t.execute("DELETE FROM executions", [])?)).unwrap();
        assert_eq!(store.write(|t| insert(t, &execution("e9", "c1"), "{}")).unwrap(), last + 2);
    }

    #[test]
    fn a_deleted_connector_takes_its_log_along_and_no_other() {
        let store = with_log();
        assert_eq!(store.database.sweep().unwrap(), 0);
        store.write(|t| connectors::delete(t, "c1")).unwrap();
        assert_eq!(store.write_log(|t| delete_orphans(t, 2)).unwrap(), 2, "in small steps");
        assert_eq!(store.database.sweep().unwrap(), 1);
        assert_eq!(ids(&store, &ExecutionQuery { limit: 10, ..Default::default() }), ["e5", "e3", "e1"]);
        assert_eq!(store.read(|c| record(c, "e0")).unwrap(), None);
        let records: i64 =
            store.read(|c| Ok(c.query_row("SELECT count(*) FROM execution_records", [], |row| row.get(0))?)).unwrap();
        assert_eq!(records, 3, "the whole records go too");
    }
}
