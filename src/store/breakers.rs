//! The circuit breakers (C1): a row for each connector whose breaker ever counted a failure or was opened by hand. It is
//! shared by all processes, and goes with its connector.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::configuration;
use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE breakers (
        connector_id TEXT NOT NULL PRIMARY KEY REFERENCES connectors ON DELETE CASCADE,
        state TEXT NOT NULL,
        changes INTEGER NOT NULL,
        changed_at_ms INTEGER NOT NULL,
        failures TEXT NOT NULL,
        probe_id TEXT,
        probe_claimed_at_ms INTEGER,
        probe_deadline_ms INTEGER
    ) WITHOUT ROWID;";

const COLUMNS: &str = "connector_id, state, changes, changed_at_ms, failures, probe_id, probe_claimed_at_ms, probe_deadline_ms";

/// A connector's breaker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BreakerRow {
    /// The connector.
    pub connector_id: String,
    /// Its state: a wire name.
    pub state: String,
    /// How often it has changed its state.
    pub changes: i64,
    /// When it did so last, in milliseconds since 1970.
    pub changed_at_ms: i64,
    /// The failures that it counted, as JSON.
    pub failures: String,
    /// The probe under way.
    pub probe: Option<ProbeRow>,
}

/// The claim of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProbeRow {
    /// Names the claim.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub claimed_at_ms: i64,
    /// Until when it is good, in milliseconds since 1970.
    pub deadline_ms: i64,
}

/// The breaker of a connector; `None` when it never counted anything.
pub fn get(connection: &Connection, connector_id: &str) -> Result<Option<BreakerRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM breakers WHERE connector_id = ?1"))?;
    Ok(statement.query_row([connector_id], from_row).optional()?)
}

/// All that ever counted anything.
pub fn all(connection: &Connection) -> Result<Vec<BreakerRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM breakers ORDER BY connector_id"))?;
    Ok(statement.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

/// Writes a breaker in place of what is stored; `false`, and nothing written, when its connector is gone. What was
/// read of the configuration before is out of date then only if the breaker has changed its state since.
pub fn put(transaction: &Transaction<'_>, row: &BreakerRow) -> Result<bool, StoreFailure> {
    let before = changes(transaction, &row.connector_id)?;
    let mut statement = transaction.prepare_cached(&format!(
        "INSERT INTO breakers ({COLUMNS}) SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM connectors WHERE id = ?1
         ON CONFLICT (connector_id) DO UPDATE SET state = excluded.state, changes = excluded.changes,
             changed_at_ms = excluded.changed_at_ms, failures = excluded.failures, probe_id = excluded.probe_id,
             probe_claimed_at_ms = excluded.probe_claimed_at_ms, probe_deadline_ms = excluded.probe_deadline_ms"
    ))?;
    let written = statement.execute(params![
        row.connector_id,
        row.state,
        row.changes,
        row.changed_at_ms,
        row.failures,
        row.probe.as_ref().map(|probe| &probe.id),
        row.probe.as_ref().map(|probe| probe.claimed_at_ms),
        row.probe.as_ref().map(|probe| probe.deadline_ms),
    ])? > 0;
    if written && before != row.changes {
        configuration::go_on(transaction)?;
    }
    Ok(written)
}

fn changes(connection: &Connection, connector_id: &str) -> Result<i64, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT changes FROM breakers WHERE connector_id = ?1")?;
    Ok(statement.query_row([connector_id], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<BreakerRow> {
    let probe = match (row.get(5)?, row.get(6)?, row.get(7)?) {
        (Some(id), Some(claimed_at_ms), Some(deadline_ms)) => Some(ProbeRow { id, claimed_at_ms, deadline_ms }),
        _ => None,
    };
    Ok(BreakerRow {
        connector_id: row.get(0)?,
        state: row.get(1)?,
        changes: row.get(2)?,
        changed_at_ms: row.get(3)?,
        failures: row.get(4)?,
        probe,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{Temporary, connector, execution};
    use super::super::{connectors, executions};
    use super::*;

    fn with_connector() -> Temporary {
        let store = Temporary::new();
        store.write(|t| connectors::insert(t, &connector("c1", "Orders"))).unwrap();
        store
    }

    fn row() -> BreakerRow {
        BreakerRow {
            connector_id: "c1".into(),
            state: "half_open".into(),
            changes: 2,
            changed_at_ms: 5,
            failures: "[]".into(),
            probe: Some(ProbeRow { id: "p1".into(), claimed_at_ms: 6, deadline_ms: 7 }),
        }
    }

    fn recorded(store: &Temporary, id: &str, row: BreakerRow) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let beside = Arc::new(move |transaction: &Transaction<'_>| put(transaction, &row).map(drop));
        runtime.block_on(store.database.record_with(execution(id, "c1"), "{}".into(), Some(beside))).unwrap();
    }

    #[test]
    fn c1_a_breaker_is_kept_and_goes_with_its_connector() {
        let store = with_connector();
        assert_eq!(store.read(|c| get(c, "c1")).unwrap(), None);
        assert!(store.write(|t| put(t, &row())).unwrap());
        let later = BreakerRow { state: "closed".into(), changes: 3, probe: None, ..row() };
        assert_eq!(store.read(|c| get(c, "c1")).unwrap(), Some(row()));
        assert!(store.write(|t| put(t, &later)).unwrap());
        assert_eq!(store.read(all).unwrap(), std::slice::from_ref(&later));
        store.write(|t| connectors::delete(t, "c1")).unwrap();
        assert!(!store.write(|t| put(t, &later)).unwrap(), "of a connector that is gone nothing is kept");
        assert_eq!(store.read(all).unwrap(), []);
    }

    #[test]
    fn c3_only_a_change_of_state_is_another_version_of_the_configuration() {
        let store = with_connector();
        let counted = |failures: &str, changes| BreakerRow { failures: failures.into(), changes, ..row() };
        recorded(&store, "e0", counted("[0]", 0));
        let before = store.configuration_version().unwrap();
        recorded(&store, "e1", counted("[1]", 0));
        assert_eq!(store.configuration_version().unwrap(), before, "a failure that was counted opens nothing yet");
        recorded(&store, "e2", counted("[1]", 1));
        let opened = store.configuration_version().unwrap();
        assert_ne!(opened, before);
        recorded(&store, "e3", counted("[]", 1));
        assert_eq!(store.configuration_version().unwrap(), opened);
        assert_eq!(store.read(executions::count).unwrap(), 4);
    }

    #[test]
    fn c1_what_is_counted_is_committed_with_its_execution_or_neither_is() {
        let store = with_connector();
        recorded(&store, "e1", row());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let other = BreakerRow { changes: 9, ..row() };
        let beside = Arc::new(move |transaction: &Transaction<'_>| put(transaction, &other).map(drop));
        let refused = store.database.record_with(execution("e1", "c1"), "{}".into(), Some(beside));
        assert_eq!(runtime.block_on(refused).unwrap_err(), StoreFailure::Taken);
        assert_eq!(store.read(|c| get(c, "c1")).unwrap(), Some(row()));
        let beside = Arc::new(|transaction: &Transaction<'_>| {
            put(transaction, &BreakerRow { changes: 9, ..row() })?;
            Err(StoreFailure::Referred)
        });
        let refused = store.database.record_with(execution("e2", "c1"), "{}".into(), Some(beside));
        assert_eq!(runtime.block_on(refused).unwrap_err(), StoreFailure::Referred);
        assert_eq!(store.read(|c| get(c, "c1")).unwrap(), Some(row()));
        assert_eq!(store.read(executions::count).unwrap(), 1);
    }
}
