//! Customers: the people on whose behalf connectors run, by the `user_id` that other systems know them by.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::StoreFailure;

pub(super) const SCHEMA: &str = "
    CREATE TABLE customers (
        id INTEGER PRIMARY KEY,
        user_id TEXT NOT NULL UNIQUE,
        email TEXT,
        name TEXT,
        kind TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        last_seen_at_ms INTEGER
    );";

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its key within this database.
    pub id: i64,
    /// What other systems know it by; unique, compared byte by byte.
    pub user_id: String,
    /// Where it reads mail.
    pub email: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// `users`, `leads` or `visitors`.
    pub kind: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// The last call of the Messenger for it, in milliseconds since 1970.
    pub last_seen_at_ms: Option<i64>,
}

const COLUMNS: &str = "id, user_id, email, name, kind, created_at_ms, last_seen_at_ms";

/// The customer of this `user_id`.
pub fn by_user_id(connection: &Connection, user_id: &str) -> Result<Option<CustomerRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM customers WHERE user_id = ?1"))?;
    Ok(statement.query_row([user_id], from_row).optional()?)
}

/// Puts a new customer in, whatever the row's `id`, and gives its key. [`StoreFailure::Taken`] when its `user_id` is there.
pub fn insert(connection: &Connection, row: &CustomerRow) -> Result<i64, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO customers (user_id, email, name, kind, created_at_ms, last_seen_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         RETURNING id",
    )?;
    let values = params![row.user_id, row.email, row.name, row.kind, row.created_at_ms, row.last_seen_at_ms];
    Ok(statement.query_row(values, |row| row.get(0))?)
}

/// Writes what may change of a customer: all but its key and its `user_id`.
pub fn update(connection: &Connection, row: &CustomerRow) -> Result<(), StoreFailure> {
    let mut statement = connection
        .prepare_cached("UPDATE customers SET email = ?2, name = ?3, kind = ?4, last_seen_at_ms = ?5 WHERE id = ?1")?;
    statement.execute(params![row.id, row.email, row.name, row.kind, row.last_seen_at_ms])?;
    Ok(())
}

/// Deletes a customer with its token values; whether it was there.
pub fn delete(connection: &Connection, user_id: &str) -> Result<bool, StoreFailure> {
    Ok(connection.prepare_cached("DELETE FROM customers WHERE user_id = ?1")?.execute([user_id])? > 0)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<CustomerRow> {
    Ok(CustomerRow {
        id: row.get(0)?,
        user_id: row.get(1)?,
        email: row.get(2)?,
        name: row.get(3)?,
        kind: row.get(4)?,
        created_at_ms: row.get(5)?,
        last_seen_at_ms: row.get(6)?,
    })
}
