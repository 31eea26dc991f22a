//! The schema's history: each step brings the database one format further, and a step is never changed once released.

use rusqlite::{Connection, Transaction};

use super::connection::{begin_writing, patiently};
use super::failure::StoreFailure;
use super::{
    breakers, connector_tokens, connectors, customer_tokens, customers, execution_index, executions, flights, log_buckets,
    log_trust, settings, token_shapes, token_tests, token_values, tokens,
};

/// Step `n` (from 0) leads to format `n + 1`, which is kept in the file's `user_version`.
const STEPS: &[&[&str]] = &[
    &[
        tokens::SCHEMA,
        token_values::SCHEMA,
        token_tests::SCHEMA,
        connectors::SCHEMA,
        connector_tokens::SCHEMA,
        executions::SCHEMA,
        settings::SCHEMA,
    ],
    &[flights::SCHEMA],
    &[executions::FEWER_PAGES],
    &[token_values::WITH_EXPIRY, token_shapes::SCHEMA],
    &[
        executions::FILTERED_BESIDE,
        breakers::SCHEMA,
        log_buckets::SCHEMA,
        execution_index::FACETS,
        execution_index::TIMES,
        execution_index::WORDS,
        execution_index::REACHED,
        log_trust::SCHEMA,
    ],
    &[customers::SCHEMA, customer_tokens::SCHEMA],
];

/// Brings the database to the newest format, all steps in one transaction; writes nothing when it is there already.
/// A format that this program does not know is refused and left as it is.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreFailure> {
    // Asked before the transaction too: opening a workspace should neither wait for another's write nor for the disk.
    if patiently(|| format_of(connection))? == known_format(STEPS) {
        return Ok(());
    }
    // Off, or a table that is made anew would take the rows that refer to it along. It can't be changed in a transaction.
    connection.pragma_update(None, "foreign_keys", false)?;
    let outcome = apply_missing(connection);
    connection.pragma_update(None, "foreign_keys", true)?;
    outcome
}

fn apply_missing(connection: &Connection) -> Result<(), StoreFailure> {
    let transaction = begin_writing(connection)?;
    apply(&transaction, STEPS)?;
    Ok(transaction.commit()?)
}

fn apply(transaction: &Transaction<'_>, steps: &[&[&str]]) -> Result<(), StoreFailure> {
    let (found, known) = (format_of(transaction)?, known_format(steps));
    if found > known {
        return Err(StoreFailure::Newer { found, known });
    }
    let done = usize::try_from(found).map_err(|_| StoreFailure::Damaged(format!("its format is {found}")))?;
    for statements in &steps[done..] {
        for statement in *statements {
            transaction.execute_batch(statement)?;
        }
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(())
}

pub(super) fn format_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// The format that this program writes.
pub(super) fn newest_format() -> i64 {
    known_format(STEPS)
}

fn known_format(steps: &[&[&str]]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::tests::execution;
    use super::*;

    #[test]
    fn an_empty_database_gets_every_step_and_a_second_time_none() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection).unwrap();
        migrate(&connection).unwrap();
        assert_eq!(format_of(&connection).unwrap(), known_format(STEPS));
    }

    #[test]
    fn a_database_of_every_older_format_becomes_the_newest() {
        for older in 1..STEPS.len() {
            let connection = Connection::open_in_memory().unwrap();
            let transaction = begin_writing(&connection).unwrap();
            apply(&transaction, &STEPS[..older]).unwrap();
            transaction.commit().unwrap();
            migrate(&connection).unwrap();
            assert_eq!(format_of(&connection).unwrap(), known_format(STEPS), "from format {older}");
        }
    }

    #[test]
    fn the_log_of_an_older_format_is_kept_whole_and_its_seq_goes_on() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        let transaction = begin_writing(&connection).unwrap();
        apply(&transaction, &STEPS[..2]).unwrap();
        transaction
            .execute_batch(
                "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20)
                 INSERT INTO executions (id, connector_id, created_at_ms, source_type, success, execution_time_ms, refreshes,
                     sentence) SELECT 'e' || n, 'c1', 1, 'test', n % 2, 1, 0, '' FROM numbers;
                 INSERT INTO execution_records SELECT seq, 'record of ' || id FROM executions;
                 DELETE FROM executions WHERE seq > 15;",
            )
            .unwrap();
        transaction.commit().unwrap();
        migrate(&connection).unwrap();
        for number in 1..=15 {
            let record = executions::record(&connection, &format!("e{number}")).unwrap();
            assert_eq!(record.unwrap(), format!("record of e{number}"));
        }
        let row = execution("later", "c1");
        assert_eq!(executions::insert(&connection, &row, "{}").unwrap(), 21, "also a seq whose execution is gone stays used");
        connection.execute("DELETE FROM executions WHERE id = 'e3'", []).unwrap();
        let records: i64 = connection.query_row("SELECT count(*) FROM execution_records", [], |row| row.get(0)).unwrap();
        assert_eq!(records, 15, "whole records still go with their executions");
    }

    #[test]
    fn only_missing_steps_are_applied_and_a_failing_one_undoes_all() {
        let connection = Connection::open_in_memory().unwrap();
        let run = |steps: &[&[&str]]| {
            let transaction = begin_writing(&connection).unwrap();
            let outcome = apply(&transaction, steps);
            if outcome.is_ok() {
                transaction.commit().unwrap();
            } else {
                transaction.rollback().unwrap();
            }
            outcome
        };
        run(&[&["CREATE TABLE one (a)"]]).unwrap();
        run(&[&["CREATE TABLE one (a)"], &["CREATE TABLE two (a)"], &["CREATE TABLE one (a)"]]).unwrap_err();
        assert_eq!(format_of(&connection).unwrap(), 1);
        run(&[&["CREATE TABLE one (a)"], &["CREATE TABLE two (a)"]]).expect("the undone step can be applied again");
        assert_eq!(format_of(&connection).unwrap(), 2);
    }

    #[test]
    fn a_newer_format_is_refused_and_kept() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert_eq!(migrate(&connection).unwrap_err(), StoreFailure::Newer { found: 99, known: known_format(STEPS) });
        assert_eq!(format_of(&connection).unwrap(), 99);
    }
}
