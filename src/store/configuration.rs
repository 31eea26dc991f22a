//! The version of everything that is stored but the log: a number in the file's header that goes up with each commit of
//! tokens, values, flights, connectors or settings, by any process. Recorded executions leave it as it is, so what was
//! read of the configuration stays good while thousands of runs are recorded. The header field is `SQLite`'s
//! `application_id`, which belongs to the application.

use rusqlite::Connection;

/// The version now, within the state that this connection reads.
pub fn version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.prepare_cached("PRAGMA application_id")?.query_row([], |row| row.get(0))
}

/// Goes on to the next version, within the transaction that changes something.
pub(super) fn go_on(transaction: &Connection) -> rusqlite::Result<()> {
    let next = version(transaction)?.wrapping_add(1);
    transaction.execute_batch(&format!("PRAGMA application_id = {next}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Temporary, execution, token};
    use super::super::{executions, tokens};

    #[test]
    fn e3_each_commit_of_a_configuration_is_another_version_and_no_recorded_execution_is() {
        let store = Temporary::new();
        let version = || store.database.configuration_version().unwrap();
        let first = version();
        store.write(|t| tokens::insert(t, &token("t1", "Main"))).unwrap();
        let second = version();
        assert_ne!(first, second);
        assert_eq!(store.read(|c| Ok(super::version(c)?)).unwrap(), second, "as every reader sees it");
        store.write(|t| Ok(t.query_row("SELECT 1", [], |_| Ok(()))?)).unwrap();
        assert_eq!(version(), second, "nothing was changed");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(store.database.record(execution("e1", "c1"), "{}".to_owned())).unwrap();
        assert_eq!(store.read(executions::count).unwrap(), 1);
        assert_eq!(version(), second, "the log is not of the configuration");
        store.write(|t| tokens::delete(t, "t1")).unwrap();
        assert_ne!(version(), second);
    }

    #[test]
    fn e3_a_version_that_was_rolled_back_is_not_seen() {
        let store = Temporary::new();
        let before = store.database.configuration_version().unwrap();
        let refused = store.write(|t| {
            tokens::insert(t, &token("t1", "Main"))?;
            tokens::insert(t, &token("t1", "Main"))
        });
        refused.unwrap_err();
        assert_eq!(store.database.configuration_version(), Some(before));
    }
}
