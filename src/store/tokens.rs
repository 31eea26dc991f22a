//! The tokens, without their values. Names are unique without regard to the case of ASCII letters.

use rusqlite::{Connection, OptionalExtension, Row, params};
use secrecy::{ExposeSecret, SecretString};

use super::failure::StoreFailure;
use super::token_values;

pub(super) const SCHEMA: &str = "
    CREATE TABLE tokens (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        token_type TEXT NOT NULL,
        config TEXT NOT NULL,
        config_revision INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;";

const COLUMNS: &str = "id, name, token_type, config, config_revision, created_at_ms, updated_at_ms";

/// A token without its value.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Never changes.
    pub id: String,
    /// Unique among tokens; `A` and `a` are the same, `Ä` and `ä` are not.
    pub name: String,
    /// The wire name of its type.
    pub token_type: String,
    /// Everything else about it, as JSON; secret because an authentication request's fields are.
    pub config: SecretString,
    /// Goes up with each change of the authentication request or the location.
    pub config_revision: i64,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// Milliseconds since 1970.
    pub updated_at_ms: i64,
}

/// Adds a token, and the row for its value (generation 0, no value). [`StoreFailure::Taken`] when the name is in use.
pub fn insert(connection: &Connection, token: &TokenRow) -> Result<(), StoreFailure> {
    connection.prepare_cached(&format!("INSERT INTO tokens ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"))?.execute(
        params![
            token.id,
            token.name,
            token.token_type,
            // Exposed to the encrypted database.
            token.config.expose_secret(),
            token.config_revision,
            token.created_at_ms,
            token.updated_at_ms
        ],
    )?;
    token_values::begin(connection, &token.id, token.created_at_ms)
}

/// Changes a token's name and configuration and gives its revision, which goes up if `new_revision`; `None` when it is
/// gone. [`StoreFailure::Taken`] when another token has the name.
pub fn update(
    connection: &Connection,
    id: &str,
    name: &str,
    config: &SecretString,
    new_revision: bool,
    at_ms: i64,
) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "UPDATE tokens SET name = ?2, config = ?3, config_revision = config_revision + ?4, updated_at_ms = ?5
         WHERE id = ?1 RETURNING config_revision",
    )?;
    // Exposed to the encrypted database.
    Ok(statement.query_row(params![id, name, config.expose_secret(), new_revision, at_ms], |row| row.get(0)).optional()?)
}

/// Deletes a token with its value and its test; `false` when it was gone. [`StoreFailure::Referred`] while a connector
/// uses it (T7).
pub fn delete(connection: &Connection, id: &str) -> Result<bool, StoreFailure> {
    Ok(connection.prepare_cached("DELETE FROM tokens WHERE id = ?1")?.execute([id])? > 0)
}

/// One token.
pub fn get(connection: &Connection, id: &str) -> Result<Option<TokenRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE id = ?1"))?;
    Ok(statement.query_row([id], from_row).optional()?)
}

/// The token of that name, whatever the case of its ASCII letters.
pub fn by_name(connection: &Connection, name: &str) -> Result<Option<TokenRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE name = ?1"))?;
    Ok(statement.query_row([name], from_row).optional()?)
}

/// All tokens by name.
pub fn list(connection: &Connection) -> Result<Vec<TokenRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens ORDER BY name"))?;
    Ok(statement.query_map([], from_row)?.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        id: row.get(0)?,
        name: row.get(1)?,
        token_type: row.get(2)?,
        config: SecretString::from(row.get::<_, String>(3)?),
        config_revision: row.get(4)?,
        created_at_ms: row.get(5)?,
        updated_at_ms: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Temporary, token};
    use super::super::{connector_tokens, connectors, tests};
    use super::*;

    #[test]
    fn a_token_is_kept_found_changed_and_deleted() {
        let store = Temporary::new();
        store.write(|t| insert(t, &token("t1", "Main API"))).unwrap();
        store.write(|t| insert(t, &token("t2", "billing"))).unwrap();
        let names = |store: &Temporary| -> Vec<String> { store.read(list).unwrap().into_iter().map(|row| row.name).collect() };
        assert_eq!(names(&store), ["billing", "Main API"]);
        let found = store.read(|c| by_name(c, "main api")).unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.config.expose_secret()), ("t1", "{\"secret\":\"hunter2\"}"));

        let config = SecretString::from("{}");
        assert_eq!(store.write(|t| update(t, "t1", "MAIN", &config, false, 9)).unwrap(), Some(1));
        assert_eq!(store.write(|t| update(t, "t1", "MAIN", &config, true, 10)).unwrap(), Some(2));
        assert_eq!(store.write(|t| update(t, "gone", "x", &config, true, 10)).unwrap(), None);
        let changed = store.read(|c| get(c, "t1")).unwrap().unwrap();
        assert_eq!((changed.name.as_str(), changed.created_at_ms, changed.updated_at_ms), ("MAIN", 1, 10));

        assert!(store.write(|t| delete(t, "t1")).unwrap());
        assert!(!store.write(|t| delete(t, "t1")).unwrap());
        assert!(store.read(|c| token_values::get(c, "t1")).unwrap().is_none(), "the value goes with its token");
        assert_eq!(names(&store), ["billing"]);
    }

    #[test]
    fn names_are_unique_whatever_the_case() {
        let store = Temporary::new();
        store.write(|t| insert(t, &token("t1", "Main"))).unwrap();
        assert_eq!(store.write(|t| insert(t, &token("t2", "mAIN"))).unwrap_err(), StoreFailure::Taken);
        store.write(|t| insert(t, &token("t2", "Other"))).unwrap();
        let taken = store.write(|t| update(t, "t2", "MAIN", &SecretString::from("{}"), false, 2));
        assert_eq!(taken.unwrap_err(), StoreFailure::Taken);
    }

    #[test]
    fn t7_a_token_in_use_is_not_deleted() {
        let store = Temporary::new();
        store.write(|t| insert(t, &token("t1", "Main"))).unwrap();
        store.write(|t| connectors::insert(t, &tests::connector("c1", "Orders"))).unwrap();
        store.write(|t| connector_tokens::replace(t, "c1", &["t1"])).unwrap();
        assert_eq!(store.write(|t| delete(t, "t1")).unwrap_err(), StoreFailure::Referred);
        store.write(|t| connectors::delete(t, "c1")).unwrap();
        assert!(store.write(|t| delete(t, "t1")).unwrap());
    }

    #[test]
    fn s2_a_row_shows_no_secret() {
        assert!(!format!("{:?}", token("t1", "Main")).contains("hunter2"));
    }
}
