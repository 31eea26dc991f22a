//! The executions, in two tables: a short row per execution for lists, and the whole record (up to megabytes) beside it,
//! read only when one is opened. `id` is a time-ordered UUID and orders the log by when a run began; `seq` orders by
//! commit, so that whoever polls "after `seq`" misses none. An execution outlives its connector only until the next sweep.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

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

/// The customer of a run.
pub(super) const WITH_CUSTOMER: &str = "ALTER TABLE executions ADD COLUMN customer TEXT;";

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

/// Which executions to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExecutionQuery<'a> {
    /// Only this connector's.
    pub connector_id: Option<&'a str>,
    /// Only successes or only failures.
    pub success: Option<bool>,
    /// Only this outcome.
    pub error_type: Option<&'a str>,
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

/// The executions that fit, newest first. With a connector each page costs the same, however long the log is; filters
/// without a connector search from the newest on.
pub fn list(connection: &Connection, query: &ExecutionQuery<'_>) -> Result<Vec<ExecutionRow>, StoreFailure> {
    let (text, values) = list_statement(query);
    let mut statement = connection.prepare_cached(&text)?;
    Ok(statement.query_map(params_from_iter(values), from_row)?.collect::<Result<_, _>>()?)
}

fn list_statement(query: &ExecutionQuery<'_>) -> (String, Vec<Value>) {
    let text = |value: &str| Value::Text(value.to_owned());
    let given = [
        ("connector_id", "=", query.connector_id.map(text)),
        ("error_type", "=", query.error_type.map(text)),
        ("seq", "<", query.before.map(Value::Integer)),
    ];
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    for (column, comparison, value) in given {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{column} {comparison} ?{}", values.len()));
        }
    }
    let rows = |success: Option<bool>| {
        let success = success.map(|success| format!("success = {}", i32::from(success)));
        let conditions: Vec<&str> = conditions.iter().chain(&success).map(String::as_str).collect();
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        format!("SELECT seq, {COLUMNS} FROM executions{filter}")
    };
    // The index orders a connector's log by success first; two orders merged are one.
    let merged = query.connector_id.is_some() && query.success.is_none() && query.error_type.is_none();
    let rows = if merged { format!("{} UNION ALL {}", rows(Some(false)), rows(Some(true))) } else { rows(query.success) };
    values.push(Value::Integer(query.limit.into()));
    (format!("{rows} ORDER BY seq DESC LIMIT ?{}", values.len()), values)
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

/// The newest execution of each connector that has one and is still there.
pub fn latest_per_connector(connection: &Connection) -> Result<Vec<ExecutionRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT seq, {COLUMNS} FROM executions WHERE id IN (
             SELECT nullif(max(
                 coalesce((SELECT max(id) FROM executions WHERE connector_id = connectors.id AND success = 0), ''),
                 coalesce((SELECT max(id) FROM executions WHERE connector_id = connectors.id AND success = 1), '')
             ), '') FROM connectors)"
    ))?;
    Ok(statement.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

/// How many executions are recorded. Reads a whole index: tens of milliseconds per million.
pub fn count(connection: &Connection) -> Result<i64, StoreFailure> {
    Ok(connection.prepare_cached("SELECT count(*) FROM executions")?.query_row([], |row| row.get(0))?)
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

/// Deletes up to `limit` executions of connectors that are no longer there and says how many it were. Looks only at
/// the connectors' ids in the index, so it is quick when there is nothing to do.
pub(super) fn delete_orphans(connection: &Connection, limit: u32) -> Result<usize, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE known (id) AS (
             SELECT min(connector_id) FROM executions
             UNION ALL
             SELECT (SELECT min(connector_id) FROM executions WHERE connector_id > known.id)
             FROM known WHERE known.id IS NOT NULL
         ), gone (id) AS (
             SELECT id FROM known
             WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM connectors WHERE connectors.id = known.id) LIMIT 1
         )
         DELETE FROM executions WHERE seq IN (
             SELECT seq FROM executions WHERE connector_id = (SELECT id FROM gone) ORDER BY success, id LIMIT ?1)",
    )?;
    Ok(statement.execute([limit])?)
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
    use rstest::rstest;

    use super::super::connectors;
    use super::super::tests::{Temporary, connector, execution};
    use super::*;

    fn ids(store: &Temporary, query: &ExecutionQuery<'_>) -> Vec<String> {
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
        let c1 = ExecutionQuery { connector_id: Some("c1"), limit: 2, ..Default::default() };
        assert_eq!(ids(&store, &c1), ["e4", "e2"]);
        assert_eq!(ids(&store, &ExecutionQuery { before: Some(3), ..c1 }), ["e0"]);
        assert_eq!(ids(&store, &ExecutionQuery { before: Some(4), ..c1 }), ["e2", "e0"], "e3 is not of this log");
        assert!(ids(&store, &ExecutionQuery { before: Some(1), ..c1 }).is_empty());
        let all = ExecutionQuery { limit: 10, ..Default::default() };
        assert_eq!(ids(&store, &all), ["e5", "e4", "e3", "e2", "e1", "e0"]);
    }

    #[test]
    fn a_log_is_filtered_by_success_and_outcome() {
        let store = with_log();
        let query = ExecutionQuery { limit: 10, ..Default::default() };
        assert_eq!(ids(&store, &ExecutionQuery { success: Some(false), ..query }), ["e3", "e0"]);
        assert_eq!(ids(&store, &ExecutionQuery { success: Some(true), connector_id: Some("c1"), ..query }), ["e4", "e2"]);
        assert_eq!(
            ids(&store, &ExecutionQuery { error_type: Some("faraday_error"), connector_id: Some("c2"), ..query }),
            ["e3"]
        );
        assert!(ids(&store, &ExecutionQuery { error_type: Some("cancelled"), ..query }).is_empty());
    }

    #[rstest]
    #[case::of_all(None, None, None, &["sqlite_autoindex_executions_1"])]
    #[case::of_one(Some("c1"), None, None, &["executions_by_success"; 2])]
    #[case::successes(Some("c1"), Some(true), None, &["executions_by_success"])]
    #[case::failures(Some("c1"), Some(false), None, &["executions_by_success"])]
    #[case::one_outcome(Some("c1"), None, Some("faraday_error"), &["executions_by_error"])]
    fn a_page_costs_the_same_however_long_the_log_is(
        #[case] connector_id: Option<&str>,
        #[case] success: Option<bool>,
        #[case] error_type: Option<&str>,
        #[case] indexes: &[&str],
    ) {
        let store = with_log();
        let query = ExecutionQuery { connector_id, success, error_type, before: Some(10), limit: 50 };
        let (text, values) = list_statement(&query);
        let plan: Vec<String> = store
            .read(|c| {
                let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
                Ok(statement.query_map(params_from_iter(values), |row| row.get(3))?.collect::<Result<_, _>>()?)
            })
            .unwrap();
        let steps: Vec<_> =
            plan.iter().filter(|step| !["MERGE (UNION ALL)", "LEFT", "RIGHT"].contains(&step.as_str())).collect();
        assert_eq!(steps.len(), indexes.len(), "an index gives filter and order together: {plan:?}");
        for (step, index) in steps.iter().zip(indexes) {
            assert!(step.contains(index) && step.starts_with("SEARCH"), "{plan:?}");
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
        let mut latest: Vec<String> = store.read(latest_per_connector).unwrap().into_iter().map(|row| row.id).collect();
        latest.sort();
        assert_eq!(latest, ["e4", "e5"]);
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
        assert_eq!(store.write(|t| delete_orphans(t, 2)).unwrap(), 2, "in small steps");
        assert_eq!(store.database.sweep().unwrap(), 1);
        assert_eq!(ids(&store, &ExecutionQuery { limit: 10, ..Default::default() }), ["e5", "e3", "e1"]);
        assert_eq!(store.read(|c| record(c, "e0")).unwrap(), None);
        let records: i64 =
            store.read(|c| Ok(c.query_row("SELECT count(*) FROM execution_records", [], |row| row.get(0))?)).unwrap();
        assert_eq!(records, 3, "the whole records go too");
    }
}
