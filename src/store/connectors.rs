//! The data connectors: what is live and what is drafted, each a whole configuration (R1). Names are unique without
//! regard to the case of ASCII letters.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE connectors (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        live TEXT,
        draft TEXT,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL,
        CHECK (live IS NOT NULL OR draft IS NOT NULL)
    ) WITHOUT ROWID;";

const COLUMNS: &str = "id, name, live, draft, created_at_ms, updated_at_ms";

/// A data connector.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectorRow {
    /// Never changes.
    pub id: String,
    /// Unique among connectors; `A` and `a` are the same, `Ä` and `ä` are not.
    pub name: String,
    /// The configuration that live runs use, as JSON. At least one of `live` and `draft` is there.
    pub live: Option<String>,
    /// The configuration that is being edited, as JSON.
    pub draft: Option<String>,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// Milliseconds since 1970.
    pub updated_at_ms: i64,
}

/// Without the configurations: a header of theirs may hold a credential that was typed there.
impl std::fmt::Debug for ConnectorRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ConnectorRow")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("live", &self.live.is_some())
            .field("draft", &self.draft.is_some())
            .finish_non_exhaustive()
    }
}

/// Adds a connector. [`StoreFailure::Taken`] when the name is in use.
pub fn insert(connection: &Connection, connector: &ConnectorRow) -> Result<(), StoreFailure> {
    connection.prepare_cached(&format!("INSERT INTO connectors ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"))?.execute(
        params![
            connector.id,
            connector.name,
            connector.live,
            connector.draft,
            connector.created_at_ms,
            connector.updated_at_ms
        ],
    )?;
    Ok(())
}

/// Changes everything about a connector but its id and its birth; `false` when it is gone. [`StoreFailure::Taken`] when
/// another connector has the name.
pub fn update(connection: &Connection, connector: &ConnectorRow) -> Result<bool, StoreFailure> {
    let mut statement = connection
        .prepare_cached("UPDATE connectors SET name = ?2, live = ?3, draft = ?4, updated_at_ms = ?5 WHERE id = ?1")?;
    let values = params![connector.id, connector.name, connector.live, connector.draft, connector.updated_at_ms];
    Ok(statement.execute(values)? > 0)
}

/// Deletes a connector; `false` when it was gone. Its executions are of no use without it: they go with the next
/// [`super::Database::sweep`], in small steps, because there may be a million.
pub fn delete(connection: &Connection, id: &str) -> Result<bool, StoreFailure> {
    Ok(connection.prepare_cached("DELETE FROM connectors WHERE id = ?1")?.execute([id])? > 0)
}

/// One connector.
pub fn get(connection: &Connection, id: &str) -> Result<Option<ConnectorRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM connectors WHERE id = ?1"))?;
    Ok(statement.query_row([id], from_row).optional()?)
}

/// The connector of that name, whatever the case of its ASCII letters.
pub fn by_name(connection: &Connection, name: &str) -> Result<Option<ConnectorRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM connectors WHERE name = ?1"))?;
    Ok(statement.query_row([name], from_row).optional()?)
}

/// All connectors by name.
pub fn list(connection: &Connection) -> Result<Vec<ConnectorRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM connectors ORDER BY name"))?;
    Ok(statement.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ConnectorRow> {
    Ok(ConnectorRow {
        id: row.get(0)?,
        name: row.get(1)?,
        live: row.get(2)?,
        draft: row.get(3)?,
        created_at_ms: row.get(4)?,
        updated_at_ms: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Temporary, connector};
    use super::*;

    #[test]
    fn a_connector_is_kept_found_changed_and_deleted() {
        let store = Temporary::new();
        let orders = connector("c1", "Orders");
        store.write(|t| insert(t, &orders)).unwrap();
        store.write(|t| insert(t, &connector("c2", "customers"))).unwrap();
        assert_eq!(store.read(|c| by_name(c, "ORDERS")).unwrap(), Some(orders.clone()));
        assert_eq!(store.read(list).unwrap().iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["customers", "Orders"]);

        let live = ConnectorRow { live: orders.draft.clone(), draft: None, updated_at_ms: 7, ..orders };
        assert!(store.write(|t| update(t, &live)).unwrap());
        assert_eq!(store.read(|c| get(c, "c1")).unwrap(), Some(live.clone()));
        assert_eq!(
            store.write(|t| update(t, &ConnectorRow { name: "Customers".into(), ..live.clone() })).unwrap_err(),
            StoreFailure::Taken
        );
        assert!(store.write(|t| delete(t, "c1")).unwrap());
        assert!(!store.write(|t| update(t, &live)).unwrap());
    }

    #[test]
    fn r1_a_connector_has_a_draft_or_is_live() {
        let store = Temporary::new();
        let neither = ConnectorRow { draft: None, ..connector("c1", "Orders") };
        assert!(matches!(store.write(|t| insert(t, &neither)).unwrap_err(), StoreFailure::Other(_)));
    }

    #[test]
    fn s2_a_row_shows_no_configuration() {
        assert!(!format!("{:?}", connector("c1", "Orders")).contains("url"));
    }
}
