//! The values that customers hold of user tokens (T5). Every set raises the generation, even to an equal value, and so does
//! a removal, so that a run in flight notices it. What is held of a token that was deleted is swept away in small steps, since
//! a million customers may hold one.

use rusqlite::{Connection, OptionalExtension, Row, params};
use secrecy::{ExposeSecret, SecretString};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE customer_tokens (
        customer_id INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE,
        token_id TEXT NOT NULL,
        value TEXT,
        generation INTEGER NOT NULL,
        set_by TEXT NOT NULL,
        set_at_ms INTEGER NOT NULL,
        PRIMARY KEY (customer_id, token_id)
    ) WITHOUT ROWID;
    CREATE INDEX customer_tokens_by_token ON customer_tokens (token_id);";

/// What a customer holds of one user token.
#[derive(Debug, Clone)]
pub struct CustomerTokenRow {
    /// The token.
    pub token_id: String,
    /// The secret itself; `None` when it was removed.
    pub value: Option<SecretString>,
    /// 1 with the first value.
    pub generation: i64,
    /// By which call it was set or removed.
    pub set_by: String,
    /// Milliseconds since 1970.
    pub set_at_ms: i64,
}

const COLUMNS: &str = "token_id, value, generation, set_by, set_at_ms";

/// Everything that this customer holds or held, in the order of token ids.
pub fn of_customer(connection: &Connection, customer_id: i64) -> Result<Vec<CustomerTokenRow>, StoreFailure> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM customer_tokens WHERE customer_id = ?1 ORDER BY token_id"))?;
    Ok(statement.query_map([customer_id], from_row)?.collect::<Result<_, _>>()?)
}

/// What this customer holds of one token; `None` when it never held a value.
pub fn get(connection: &Connection, customer_id: i64, token_id: &str) -> Result<Option<CustomerTokenRow>, StoreFailure> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM customer_tokens WHERE customer_id = ?1 AND token_id = ?2"))?;
    Ok(statement.query_row(params![customer_id, token_id], from_row).optional()?)
}

/// Sets a value, or removes it with `None`, and gives the generation of that change.
pub fn put(
    connection: &Connection,
    customer_id: i64,
    token_id: &str,
    value: Option<&SecretString>,
    set_by: &str,
    at_ms: i64,
) -> Result<i64, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO customer_tokens (customer_id, token_id, value, generation, set_by, set_at_ms) VALUES (?1, ?2, ?3, 1, ?4, ?5)
         ON CONFLICT DO UPDATE SET value = excluded.value, generation = generation + 1, set_by = excluded.set_by,
             set_at_ms = excluded.set_at_ms
         RETURNING generation",
    )?;
    // Exposed to the encrypted database.
    let value = value.map(ExposeSecret::expose_secret);
    Ok(statement.query_row(params![customer_id, token_id, value, set_by, at_ms], |row| row.get(0))?)
}

/// The names of the tokens of which this customer holds a value, in their order.
pub fn names_held(connection: &Connection, customer_id: i64) -> Result<Vec<String>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT tokens.name FROM customer_tokens JOIN tokens ON tokens.id = customer_tokens.token_id
         WHERE customer_tokens.customer_id = ?1 AND customer_tokens.value IS NOT NULL ORDER BY tokens.name",
    )?;
    Ok(statement.query_map([customer_id], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Deletes what is held of one token that is no longer there, at most so many customers' values, and says how many.
pub(super) fn delete_orphans(connection: &Connection, limit: usize) -> Result<usize, StoreFailure> {
    // One step in the index for each token, however many hold it.
    let mut next = connection.prepare_cached("SELECT min(token_id) FROM customer_tokens WHERE token_id > ?1")?;
    let mut exists = connection.prepare_cached("SELECT 1 FROM tokens WHERE id = ?1")?;
    let mut token_id = String::new();
    while let Some(found) = next.query_row([&token_id], |row| row.get::<_, Option<String>>(0))? {
        if !exists.exists([&found])? {
            let mut delete = connection.prepare_cached(
                "DELETE FROM customer_tokens WHERE token_id = ?1 AND customer_id IN
                     (SELECT customer_id FROM customer_tokens WHERE token_id = ?1 LIMIT ?2)",
            )?;
            return Ok(delete.execute(params![found, i64::try_from(limit).unwrap_or(i64::MAX)])?);
        }
        token_id = found;
    }
    Ok(0)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<CustomerTokenRow> {
    Ok(CustomerTokenRow {
        token_id: row.get(0)?,
        value: row.get::<_, Option<String>>(1)?.map(SecretString::from),
        generation: row.get(2)?,
        set_by: row.get(3)?,
        set_at_ms: row.get(4)?,
    })
}
