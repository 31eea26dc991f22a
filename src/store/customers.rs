//! Customers: the people on whose behalf connectors run, by the `user_id` that other systems know them by.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::customer_tokens;
use super::failure::StoreFailure;

/// What is searched is kept folded beside what is shown. `active_at_ms` is when a customer was seen last, or else since
/// when it is known. The only row of `customer_count` says how many there are, and goes up with every commit about them.
pub(super) const SCHEMA: &str = "
    CREATE TABLE customers (
        id INTEGER PRIMARY KEY,
        user_id TEXT NOT NULL UNIQUE,
        email TEXT,
        name TEXT,
        kind TEXT NOT NULL,
        created_at_ms INTEGER NOT NULL,
        last_seen_at_ms INTEGER,
        active_at_ms INTEGER NOT NULL,
        user_id_folded TEXT NOT NULL,
        email_folded TEXT,
        name_folded TEXT
    );
    CREATE INDEX customers_by_activity ON customers (active_at_ms);
    CREATE INDEX customers_by_user_id ON customers (user_id_folded);
    CREATE INDEX customers_by_email ON customers (email_folded) WHERE email_folded IS NOT NULL;
    CREATE INDEX customers_by_name ON customers (name_folded) WHERE name_folded IS NOT NULL;
    CREATE TABLE customer_count (only INTEGER PRIMARY KEY CHECK (only = 1), customers INTEGER NOT NULL, commits INTEGER NOT NULL);
    INSERT INTO customer_count VALUES (1, 0, 0);";

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

pub(super) const COLUMNS: &str = "id, user_id, email, name, kind, created_at_ms, last_seen_at_ms";

/// The customer of this `user_id`.
pub fn by_user_id(connection: &Connection, user_id: &str) -> Result<Option<CustomerRow>, StoreFailure> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM customers WHERE user_id = ?1"))?;
    Ok(statement.query_row([user_id], from_row).optional()?)
}

/// Puts a new customer in, whatever the row's `id`, and gives its key. [`StoreFailure::Taken`] when its `user_id` is there.
pub fn insert(connection: &Connection, row: &CustomerRow) -> Result<i64, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO customers (user_id, email, name, kind, created_at_ms, last_seen_at_ms, active_at_ms, user_id_folded,
             email_folded, name_folded)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(?6, ?5), ?7, ?8, ?9)
         RETURNING id",
    )?;
    let values = params![
        row.user_id,
        row.email,
        row.name,
        row.kind,
        row.created_at_ms,
        row.last_seen_at_ms,
        folded(&row.user_id),
        row.email.as_deref().map(folded),
        row.name.as_deref().map(folded),
    ];
    let id = statement.query_row(values, |row| row.get(0))?;
    count(connection, 1)?;
    Ok(id)
}

/// Writes what a customer is: its email, name and kind.
pub fn update(connection: &Connection, row: &CustomerRow) -> Result<(), StoreFailure> {
    let mut statement = connection.prepare_cached(
        "UPDATE customers SET email = ?2, name = ?3, kind = ?4, email_folded = ?5, name_folded = ?6 WHERE id = ?1",
    )?;
    let (email, name) = (row.email.as_deref().map(folded), row.name.as_deref().map(folded));
    statement.execute(params![row.id, row.email, row.name, row.kind, email, name])?;
    Ok(())
}

/// Writes when a customer was seen last.
pub fn seen(connection: &Connection, id: i64, at_ms: i64) -> Result<(), StoreFailure> {
    let mut statement =
        connection.prepare_cached("UPDATE customers SET last_seen_at_ms = ?2, active_at_ms = ?2 WHERE id = ?1")?;
    statement.execute(params![id, at_ms])?;
    Ok(())
}

/// Deletes a customer with its token values; whether it was there.
pub fn delete(connection: &Connection, user_id: &str) -> Result<bool, StoreFailure> {
    let mut statement = connection.prepare_cached("DELETE FROM customers WHERE user_id = ?1 RETURNING id")?;
    let Some(id) = statement.query_row([user_id], |row| row.get(0)).optional()? else { return Ok(false) };
    customer_tokens::delete_of(connection, id)?;
    count(connection, -1)?;
    Ok(true)
}

/// How many customers there are.
pub fn total(connection: &Connection) -> Result<i64, StoreFailure> {
    Ok(connection.prepare_cached("SELECT customers FROM customer_count")?.query_row([], |row| row.get(0))?)
}

/// A number that is another one after every commit about customers.
pub fn commits(connection: &Connection) -> Result<i64, StoreFailure> {
    Ok(connection.prepare_cached("SELECT commits FROM customer_count")?.query_row([], |row| row.get(0))?)
}

/// Says within a transaction that it is about customers.
pub fn changed(connection: &Connection) -> Result<(), StoreFailure> {
    connection.prepare_cached("UPDATE customer_count SET commits = commits + 1")?.execute([])?;
    Ok(())
}

/// Text as it is searched: without regard to case.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

fn count(connection: &Connection, more: i64) -> Result<(), StoreFailure> {
    connection.prepare_cached("UPDATE customer_count SET customers = customers + ?1")?.execute([more])?;
    Ok(())
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<CustomerRow> {
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
