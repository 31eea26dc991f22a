//! The log kept small: the steps in which executions are deleted and the file gives its space back. Each is one short
//! transaction that lets everybody else go first, so it may be interrupted at any moment, and several processes may do the
//! same at once.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::database::Database;
use super::executions;
use super::failure::StoreFailure;
use super::log_buckets;
use super::log_trust::{self, TrustRow};

/// What the file takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes of a page.
    pub page_bytes: u64,
    /// Pages of the file.
    pub pages: u64,
    /// Of these, pages that hold nothing.
    pub free_pages: u64,
}

impl Space {
    /// What is in use, in bytes.
    pub fn used_bytes(&self) -> u64 {
        self.pages.saturating_sub(self.free_pages) * self.page_bytes
    }
}

/// What the file takes at present.
pub fn space(connection: &Connection) -> Result<Space, StoreFailure> {
    let pragma = |name: &str| -> rusqlite::Result<u64> {
        let value = connection.prepare_cached(&format!("PRAGMA {name}"))?.query_row([], |row| row.get(0))?;
        // SQLCipher answers for the size of a page by itself, in text.
        Ok(match value {
            Value::Integer(number) => u64::try_from(number).unwrap_or_default(),
            Value::Text(text) => text.parse().unwrap_or_default(),
            _ => 0,
        })
    };
    Ok(Space { page_bytes: pragma("page_size")?, pages: pragma("page_count")?, free_pages: pragma("freelist_count")? })
}

/// The first executions of the log, up to `limit`: their `seq` and the bytes of their records.
pub fn oldest_records(connection: &Connection, limit: usize) -> Result<Vec<(i64, u64)>, StoreFailure> {
    let mut statement = connection.prepare_cached(
        "SELECT executions.seq, coalesce(octet_length(record), 0) FROM executions
         LEFT JOIN execution_records ON execution_records.seq = executions.seq ORDER BY executions.seq LIMIT ?1",
    )?;
    let rows =
        statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    rows.map(|row| row.map(|(seq, bytes)| (seq, u64::try_from(bytes).unwrap_or_default())).map_err(Into::into)).collect()
}

/// The bytes of the records of these executions, as far as they are still there.
pub fn records_bytes(connection: &Connection, seqs: &[i64]) -> Result<Vec<(i64, u64)>, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT octet_length(record) FROM execution_records WHERE seq = ?1")?;
    let mut found = Vec::with_capacity(seqs.len());
    for seq in seqs {
        let mut rows = statement.query(params![seq])?;
        if let Some(row) = rows.next()? {
            found.push((*seq, u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default()));
        }
    }
    Ok(found)
}

impl Database {
    /// Deletes these executions, as far as they are still there, with everything that is kept of them, in one step.
    pub fn delete_executions(&self, seqs: &[i64]) -> Result<usize, StoreFailure> {
        self.write_log(|transaction| executions::delete(transaction, seqs))
    }

    /// Gives up to so many free pages back to the file system, and says how many it were.
    pub fn give_back(&self, pages: u64) -> Result<u64, StoreFailure> {
        self.write_log(|transaction| {
            let before = space(transaction)?.free_pages;
            transaction.execute_batch(&format!("PRAGMA incremental_vacuum({pages})"))?;
            Ok(before.saturating_sub(space(transaction)?.free_pages))
        })
    }

    /// [`log_buckets::forget_hour`] in one step.
    pub fn forget_hour(&self, start: i64) -> Result<(), StoreFailure> {
        self.write_log(|transaction| log_buckets::forget_hour(transaction, start))
    }

    /// [`log_buckets::forget_minutes_before`] in one step.
    pub fn forget_minutes_before(&self, start: i64, limit: u32) -> Result<usize, StoreFailure> {
        self.write_log(|transaction| log_buckets::forget_minutes_before(transaction, start, limit))
    }

    /// Writes down which time is trusted.
    pub fn trust(&self, row: TrustRow) -> Result<(), StoreFailure> {
        self.write_log(|transaction| log_trust::put(transaction, row))
    }
}
