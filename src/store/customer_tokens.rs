//! The values that customers hold of user tokens (T5). Every set raises the generation, even to an equal value, and so does
//! a removal, so that a run in flight notices it. What is held of a token that was deleted is swept away in small steps, since
//! a million customers may hold one.

use rusqlite::{Connection, OptionalExtension, Row, params};
use secrecy::{ExposeSecret, SecretString};

use super::failure::StoreFailure;

/// How many numbers of tokens there are. A value's place is its customer's key times this, and the token's number: what one
/// customer holds stands together, in a tree whose inner pages hold nothing but places, so that the way to it is short.
pub(super) const NUMBERS: i64 = 65_536;

pub(super) const SCHEMA: &str = "
    CREATE TABLE user_token_numbers (
        number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 65535),
        token_id TEXT NOT NULL UNIQUE
    );
    CREATE TABLE customer_tokens (
        place INTEGER PRIMARY KEY,
        number INTEGER NOT NULL,
        value TEXT,
        generation INTEGER NOT NULL,
        set_by TEXT NOT NULL,
        set_at_ms INTEGER NOT NULL
    );
    CREATE INDEX customer_tokens_by_number ON customer_tokens (number);";

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
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM customer_tokens JOIN user_token_numbers USING (number)
         WHERE place >= ?1 AND place < ?1 + {NUMBERS} ORDER BY token_id"
    ))?;
    Ok(statement.query_map([first_place(customer_id)], from_row)?.collect::<Result<_, _>>()?)
}

/// What this customer holds of one token; `None` when it never held a value.
pub fn get(connection: &Connection, customer_id: i64, token_id: &str) -> Result<Option<CustomerTokenRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM user_token_numbers CROSS JOIN customer_tokens ON place = ?1 + user_token_numbers.number
         WHERE token_id = ?2"
    ))?;
    Ok(statement.query_row(params![first_place(customer_id), token_id], from_row).optional()?)
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
    let number = match number_of(connection, token_id)? {
        Some(number) => number,
        None => give_number(connection, token_id)?,
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO customer_tokens (place, number, value, generation, set_by, set_at_ms) VALUES (?1, ?2, ?3, 1, ?4, ?5)
         ON CONFLICT DO UPDATE SET value = excluded.value, generation = generation + 1, set_by = excluded.set_by,
             set_at_ms = excluded.set_at_ms
         RETURNING generation",
    )?;
    // Exposed to the encrypted database.
    let value = value.map(ExposeSecret::expose_secret);
    let place = first_place(customer_id) + number;
    Ok(statement.query_row(params![place, number, value, set_by, at_ms], |row| row.get(0))?)
}

/// The names of the tokens of which this customer holds a value, in their order.
pub fn names_held(connection: &Connection, customer_id: i64) -> Result<Vec<String>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT tokens.name FROM customer_tokens JOIN user_token_numbers USING (number) JOIN tokens ON tokens.id = token_id
         WHERE place >= ?1 AND place < ?1 + {NUMBERS} AND value IS NOT NULL ORDER BY tokens.name"
    ))?;
    Ok(statement.query_map([first_place(customer_id)], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Deletes everything that this customer holds or held.
pub(super) fn delete_of(connection: &Connection, customer_id: i64) -> Result<(), StoreFailure> {
    let sql = format!("DELETE FROM customer_tokens WHERE place >= ?1 AND place < ?1 + {NUMBERS}");
    connection.prepare_cached(&sql)?.execute([first_place(customer_id)])?;
    Ok(())
}

/// Deletes what is held of one token that is no longer there, at most so many customers' values, and says how many. Its
/// number is given to another token only when nobody holds a value of it any more.
pub(super) fn delete_orphans(connection: &Connection, limit: usize) -> Result<usize, StoreFailure> {
    let mut orphans = connection.prepare_cached(
        "SELECT number FROM user_token_numbers WHERE token_id NOT IN (SELECT id FROM tokens) ORDER BY number",
    )?;
    let mut delete = connection.prepare_cached(
        "DELETE FROM customer_tokens WHERE place IN (SELECT place FROM customer_tokens WHERE number = ?1 LIMIT ?2)",
    )?;
    for number in orphans.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()? {
        let deleted = delete.execute(params![number, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        if deleted > 0 {
            return Ok(deleted);
        }
        connection.prepare_cached("DELETE FROM user_token_numbers WHERE number = ?1")?.execute([number])?;
    }
    Ok(0)
}

/// The number of a token; `None` when no customer ever held a value of it.
pub(super) fn number_of(connection: &Connection, token_id: &str) -> Result<Option<i64>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT number FROM user_token_numbers WHERE token_id = ?1")?;
    Ok(statement.query_row([token_id], |row| row.get(0)).optional()?)
}

/// The first place of a customer's values; that of one token is its number further.
pub(super) fn first_place(customer_id: i64) -> i64 {
    customer_id * NUMBERS
}

/// Gives a token a number that no other has.
fn give_number(connection: &Connection, token_id: &str) -> Result<i64, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO user_token_numbers (number, token_id)
         VALUES (coalesce((SELECT min(number) + 1 FROM user_token_numbers AS given
             WHERE NOT EXISTS (SELECT 1 FROM user_token_numbers WHERE number = given.number + 1)), 0), ?1)
         RETURNING number",
    )?;
    Ok(statement.query_row([token_id], |row| row.get(0))?)
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
