//! Which connectors use which tokens, in the draft or live. A token in use can't be deleted (T7).

use rusqlite::{Connection, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE connector_tokens (
        connector_id TEXT NOT NULL REFERENCES connectors ON DELETE CASCADE,
        token_id TEXT NOT NULL REFERENCES tokens ON DELETE RESTRICT,
        PRIMARY KEY (connector_id, token_id)
    ) WITHOUT ROWID;
    CREATE INDEX connector_tokens_by_token ON connector_tokens (token_id);";

/// A use of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// The token.
    pub token_id: String,
    /// The connector that uses it.
    pub connector_id: String,
    /// The connector's name.
    pub connector_name: String,
}

/// From now on the connector uses exactly these tokens (twice the same counts once). [`StoreFailure::Referred`] when
/// one of them, or the connector, is gone; the transaction is then to be given up.
pub fn replace(connection: &Connection, connector_id: &str, token_ids: &[&str]) -> Result<(), StoreFailure> {
    connection.prepare_cached("DELETE FROM connector_tokens WHERE connector_id = ?1")?.execute([connector_id])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO connector_tokens (connector_id, token_id) VALUES (?1, ?2) ON CONFLICT (connector_id, token_id) DO NOTHING",
    )?;
    for token_id in token_ids {
        insert.execute(params![connector_id, token_id])?;
    }
    Ok(())
}

/// The uses of one token, by the connectors' names.
pub fn used_by(connection: &Connection, token_id: &str) -> Result<Vec<TokenUse>, StoreFailure> {
    uses(connection, Some(token_id))
}

/// The uses of all tokens, by the connectors' names.
pub fn all(connection: &Connection) -> Result<Vec<TokenUse>, StoreFailure> {
    uses(connection, None)
}

fn uses(connection: &Connection, token_id: Option<&str>) -> Result<Vec<TokenUse>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT connector_tokens.token_id, connectors.id, connectors.name
         FROM connector_tokens JOIN connectors ON connectors.id = connector_tokens.connector_id
         WHERE ?1 IS NULL OR connector_tokens.token_id = ?1 ORDER BY connectors.name",
    )?;
    let rows = statement.query_map([token_id], |row| {
        Ok(TokenUse { token_id: row.get(0)?, connector_id: row.get(1)?, connector_name: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Temporary, connector, token};
    use super::super::{connectors, tokens};
    use super::*;

    #[test]
    fn t7_uses_are_known_by_name_and_follow_the_connector() {
        let store = Temporary::new();
        for (id, name) in [("t1", "Main"), ("t2", "Other")] {
            store.write(|t| tokens::insert(t, &token(id, name))).unwrap();
        }
        for (id, name) in [("c1", "orders"), ("c2", "Customers")] {
            store.write(|t| connectors::insert(t, &connector(id, name))).unwrap();
        }
        store.write(|t| replace(t, "c1", &["t1", "t2", "t1"])).unwrap();
        store.write(|t| replace(t, "c2", &["t1"])).unwrap();
        let names = |store: &Temporary, token: &str| -> Vec<String> {
            store.read(|c| used_by(c, token)).unwrap().into_iter().map(|one| one.connector_name).collect()
        };
        assert_eq!(names(&store, "t1"), ["Customers", "orders"]);
        assert_eq!(names(&store, "t2"), ["orders"]);
        assert_eq!(store.read(all).unwrap().len(), 3);

        assert_eq!(store.write(|t| replace(t, "c1", &["gone"])).unwrap_err(), StoreFailure::Referred);
        assert_eq!(names(&store, "t2"), ["orders"], "a refused change must leave the uses as they were");
        store.write(|t| replace(t, "c1", &[])).unwrap();
        store.write(|t| connectors::delete(t, "c2")).unwrap();
        assert!(store.read(all).unwrap().is_empty());
    }
}
