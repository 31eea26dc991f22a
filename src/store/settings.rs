//! The workspace's settings: a JSON value under each dotted key.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE settings (
        key TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;";

/// The JSON under a key.
pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Puts JSON under a key, in place of any other.
pub fn put(connection: &Connection, key: &str, value: &str) -> Result<(), StoreFailure> {
    connection
        .prepare_cached(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, value])?;
    Ok(())
}

/// Removes a key; `false` when it was not there.
pub fn delete(connection: &Connection, key: &str) -> Result<bool, StoreFailure> {
    Ok(connection.prepare_cached("DELETE FROM settings WHERE key = ?1")?.execute([key])? > 0)
}

/// All keys with their JSON, by key.
pub fn list(connection: &Connection) -> Result<Vec<(String, String)>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT key, value FROM settings ORDER BY key")?;
    Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Temporary;
    use super::*;

    #[test]
    fn a_setting_is_kept_replaced_and_removed() {
        let store = Temporary::new();
        assert_eq!(store.read(|c| get(c, "sandbox.port")).unwrap(), None);
        store.write(|t| put(t, "sandbox.port", "4870")).unwrap();
        store.write(|t| put(t, "sandbox.port", "4871")).unwrap();
        store.write(|t| put(t, "logs.retention_days", "30")).unwrap();
        assert_eq!(store.read(|c| get(c, "sandbox.port")).unwrap().as_deref(), Some("4871"));
        assert_eq!(store.read(list).unwrap().first().map(|(key, _)| key.as_str()), Some("logs.retention_days"));
        assert!(store.write(|t| delete(t, "sandbox.port")).unwrap());
        assert!(!store.write(|t| delete(t, "sandbox.port")).unwrap());
    }
}
