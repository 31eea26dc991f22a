//! What executions are filtered by: for each facet, such as a connector or an outcome, which executions of each chunk of
//! the log have it. Any combination of filters is then a few sets of 512 bytes cut with each other, however long the
//! log is and however rare the combination.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::executions::{ExecutionRow, StatusFilter};
use super::super::failure::StoreFailure;
use super::bits::{Bits, chunk_of, place_of};

pub(super) const SCHEMA: &str = "
    CREATE TABLE execution_facets (
        facet TEXT NOT NULL,
        chunk INTEGER NOT NULL,
        members BLOB NOT NULL,
        PRIMARY KEY (facet, chunk)
    ) WITHOUT ROWID;";

/// The facet that every execution has.
pub(super) const EVERY: &str = "every";
/// What the facet of a connector begins with.
pub(super) const CONNECTOR: &str = "connector ";

pub(super) fn of_connector(id: &str) -> String {
    format!("{CONNECTOR}{id}")
}

pub(super) fn of_success(success: bool) -> String {
    format!("success {success}")
}

pub(super) fn of_error(error_type: &str) -> String {
    format!("error {error_type}")
}

pub(super) fn of_source(source_type: &str) -> String {
    format!("source {source_type}")
}

pub(super) fn of_customer(customer: &str) -> String {
    format!("customer {customer}")
}

pub(super) fn of_status(status: StatusFilter) -> String {
    match status {
        StatusFilter::Exactly(status) => format!("status {status}"),
        StatusFilter::Class(hundreds) => format!("status {hundreds}xx"),
        StatusFilter::NoAnswer => "status none".to_owned(),
    }
}

/// Every facet that an execution has.
fn of_row(row: &ExecutionRow) -> Vec<String> {
    let mut facets =
        vec![EVERY.to_owned(), of_connector(&row.connector_id), of_success(row.success), of_source(&row.source_type)];
    facets.extend(row.error_type.as_deref().map(of_error));
    facets.extend(row.customer.as_deref().map(of_customer));
    match row.http_status {
        None => facets.push(of_status(StatusFilter::NoAnswer)),
        Some(status) => {
            facets.extend([StatusFilter::Exactly(status), StatusFilter::Class(status / 100)].map(of_status));
        }
    }
    facets
}

/// Enters executions that were not there.
pub(super) fn add(connection: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    change(connection, rows, Bits::insert)
}

/// Takes executions out that were entered.
pub(super) fn remove(connection: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    change(connection, rows, Bits::remove)
}

fn change(connection: &Connection, rows: &[ExecutionRow], change: fn(&mut Bits, u16)) -> Result<(), StoreFailure> {
    // Each set is read and written once, in the order of the table.
    let mut places: BTreeMap<(String, i64), Vec<u16>> = BTreeMap::new();
    for row in rows {
        for facet in of_row(row) {
            places.entry((facet, chunk_of(row.seq))).or_default().push(place_of(row.seq));
        }
    }
    for ((facet, chunk), places) in places {
        let mut members = members(connection, &facet, chunk)?.unwrap_or(Bits::NONE);
        for place in places {
            change(&mut members, place);
        }
        if members.is_empty() {
            connection
                .prepare_cached("DELETE FROM execution_facets WHERE facet = ?1 AND chunk = ?2")?
                .execute(params![facet, chunk])?;
        } else {
            connection
                .prepare_cached("INSERT OR REPLACE INTO execution_facets (facet, chunk, members) VALUES (?1, ?2, ?3)")?
                .execute(params![facet, chunk, members.encode()])?;
        }
    }
    Ok(())
}

/// The executions of a chunk with this facet, if there are any.
pub(super) fn members(connection: &Connection, facet: &str, chunk: i64) -> Result<Option<Bits>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT members FROM execution_facets WHERE facet = ?1 AND chunk = ?2")?;
    let found = statement.query_row(params![facet, chunk], |row| Ok(Bits::decode(row.get_ref(0)?.as_blob()?)));
    found.optional()?.transpose()
}

/// The last chunk, not after `chunk`, that has executions with this facet, and those.
pub(super) fn newest(connection: &Connection, facet: &str, chunk: i64) -> Result<Option<(i64, Bits)>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT chunk, members FROM execution_facets WHERE facet = ?1 AND chunk <= ?2 ORDER BY chunk DESC LIMIT 1",
    )?;
    let found = statement
        .query_row(params![facet, chunk], |row| Ok((row.get(0)?, Bits::decode(row.get_ref(1)?.as_blob()?))))
        .optional()?;
    found.map(|(chunk, members)| Ok((chunk, members?))).transpose()
}

/// The connectors that have executions: as many look-ups as there are.
pub(super) fn connectors(connection: &Connection) -> Result<Vec<String>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE known (facet) AS (
             SELECT min(facet) FROM execution_facets WHERE facet >= ?1 AND facet < ?2
             UNION ALL
             SELECT (SELECT min(facet) FROM execution_facets WHERE facet > known.facet AND facet < ?2)
             FROM known WHERE known.facet IS NOT NULL
         ) SELECT substr(facet, length(?1) + 1) FROM known WHERE facet IS NOT NULL",
    )?;
    // All that begin with it stand before the same text with its last character one further.
    let end = format!("{}!", CONNECTOR.trim_end());
    Ok(statement.query_map([CONNECTOR, &end], |row| row.get(0))?.collect::<Result<_, _>>()?)
}
