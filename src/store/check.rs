//! Whether the database is what was written (S6). The checks go through `SQLite`'s own pages, write-ahead log included, and
//! each page that is read is checked against its seal. The seals of the bare file alone say less: a page that a killed
//! process left half written there may stand whole in the log.

use rusqlite::Connection;

use super::connection::patiently;
use super::failure::StoreFailure;

/// The tables that may be big, the log's, those of its index and its counts, and the customers': a whole check reads them, the
/// small one does not.
const BIG_TABLES: &str = "name IN ('log_buckets', 'customers', 'customer_tokens')
    OR (name GLOB 'execution*' AND name NOT IN ('executions_floor', 'execution_index'))";

/// How much of the file is checked when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything that is stored: about 2.6 ms for each MiB.
    Whole,
    /// The schema and every table but the log's and the customers': less than a millisecond. Everything, if the file has at most so many
    /// bytes.
    SmallUnlessWithin(u64),
}

/// Checks the schema and every table but the log's and the customers'.
pub(super) fn check_small(connection: &Connection) -> Result<(), StoreFailure> {
    quick_check(connection, "PRAGMA quick_check(sqlite_schema)")?;
    let tables = patiently(|| small_tables(connection))?;
    tables.iter().try_for_each(|table| {
        let quoted = table.replace('"', "\"\"");
        quick_check(connection, &format!("PRAGMA quick_check(\"{quoted}\")"))
    })
}

fn small_tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = format!("SELECT name FROM sqlite_schema WHERE type = 'table' AND NOT ({BIG_TABLES})");
    connection.prepare(&sql)?.query_map([], |row| row.get(0))?.collect()
}

/// Checks everything that is stored.
pub(super) fn check_whole(connection: &Connection) -> Result<(), StoreFailure> {
    quick_check(connection, "PRAGMA quick_check(1)")
}

/// Checks the seal of every page, used or not, of a file that nobody writes and that has no write-ahead log.
pub(super) fn check_seals(connection: &Connection) -> Result<(), StoreFailure> {
    match first_answer(connection, "PRAGMA cipher_integrity_check")? {
        Some(problem) => Err(StoreFailure::Damaged(problem)),
        // It answers nothing when all is well.
        None => Ok(()),
    }
}

/// How many of the bare file's pages the key does not fit.
pub(super) fn broken_seals(connection: &Connection) -> Result<usize, StoreFailure> {
    patiently(|| {
        let mut statement = connection.prepare("PRAGMA cipher_integrity_check")?;
        let mut answers = statement.query([])?;
        let mut count = 0;
        while answers.next()?.is_some() {
            count += 1;
        }
        Ok(count)
    })
}

fn quick_check(connection: &Connection, pragma: &str) -> Result<(), StoreFailure> {
    match first_answer(connection, pragma)? {
        Some(answer) if answer != "ok" => {
            // A heading such as "*** in database main ***" says nothing to anybody.
            let words = answer.lines().find(|line| !line.starts_with("***")).unwrap_or(&answer);
            Err(StoreFailure::Damaged(words.to_owned()))
        }
        _ => Ok(()),
    }
}

fn first_answer(connection: &Connection, pragma: &str) -> Result<Option<String>, StoreFailure> {
    patiently(|| connection.prepare(pragma)?.query_map([], |row| row.get(0))?.next().transpose())
}

#[cfg(test)]
mod tests {
    use super::super::migration::migrate;
    use super::*;

    #[test]
    fn the_small_check_reads_no_table_that_grows_with_the_log_or_the_customers() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection).unwrap();
        let tables = small_tables(&connection).unwrap();
        let has = |name: &str| tables.iter().any(|table| table == name);
        assert!(has("tokens") && has("execution_index") && has("customer_count"), "{tables:?}");
        for big in [
            "executions",
            "execution_records",
            "execution_facets",
            "execution_times",
            "log_buckets",
            "customers",
            "customer_tokens",
        ] {
            assert!(!has(big), "a start would read all of {big}");
        }
    }
}
