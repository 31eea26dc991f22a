//! The words of executions, in full-text tables that do not keep the text (FTS5, contentless). Each shard of the log has a
//! table of its own, so that whatever a search, a merge or the end of a shard costs is bounded, however long the log is;
//! and a shard whose executions are all gone goes as a whole.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::failure::StoreFailure;

/// Executions of a shard, as a power of two.
pub(super) const SHARD_BITS: u32 = if cfg!(test) { 6 } else { 16 };
/// Pages that one step of merging writes: some milliseconds.
const MERGE_PAGES: i64 = 24;
/// Rows that one step of clearing a shard deletes.
const CLEAR_ROWS: i64 = 150;
/// A shard is written anew when one of so many of its executions was deleted.
const REWRITE_SHARE: i64 = 4;

/// Bytes of a page of the index: one fits a page of the database.
const PAGE_BYTES: u32 = 3900;

/// What was deleted from a shard since it was last written anew, and whether it is to be written anew (as one segment,
/// without the words of what was deleted) or to be cleared away.
pub(super) const SCHEMA: &str = "
    CREATE TABLE execution_words (
        shard INTEGER PRIMARY KEY,
        forgotten INTEGER NOT NULL DEFAULT 0,
        rewrite INTEGER NOT NULL DEFAULT 0,
        gone INTEGER NOT NULL DEFAULT 0
    );";

/// The shard that a `seq` is in.
pub(super) fn shard_of(seq: i64) -> i64 {
    seq >> SHARD_BITS
}

/// The first `seq` of a shard.
pub(super) fn first_of(shard: i64) -> i64 {
    shard << SHARD_BITS
}

/// Enters the texts of executions, all of one shard.
pub(super) fn add(connection: &Connection, shard: i64, texts: &[(i64, String)]) -> Result<(), StoreFailure> {
    if !is_there(connection, shard)? {
        make(connection, shard)?;
    }
    let mut statement =
        connection.prepare_cached(&format!("INSERT INTO execution_words_{shard} (rowid, words) VALUES (?1, ?2)"))?;
    for (seq, text) in texts {
        statement.execute(params![seq, text])?;
    }
    Ok(())
}

fn is_there(connection: &Connection, shard: i64) -> Result<bool, StoreFailure> {
    Ok(connection.prepare_cached("SELECT 1 FROM execution_words WHERE shard = ?1 AND gone = 0")?.exists([shard])?)
}

fn make(connection: &Connection, shard: i64) -> Result<(), StoreFailure> {
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE execution_words_{shard} USING fts5(
             words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
         INSERT INTO execution_words_{shard} (execution_words_{shard}, rank) VALUES
             ('pgsz', {PAGE_BYTES}), ('automerge', 0), ('crisismerge', 1999), ('usermerge', 8);
         INSERT INTO execution_words (shard) VALUES ({shard});
         -- Nothing is added to the others any more.
         UPDATE execution_words SET rewrite = 1 WHERE shard < {shard};"
    ))?;
    Ok(())
}

/// Takes executions out; of `seqs`, all of one shard, each must have been entered.
pub(super) fn remove(connection: &Connection, shard: i64, seqs: &[i64]) -> Result<(), StoreFailure> {
    if !is_there(connection, shard)? {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(&format!("DELETE FROM execution_words_{shard} WHERE rowid = ?1"))?;
    for seq in seqs {
        statement.execute([seq])?;
    }
    connection
        .prepare_cached(
            "UPDATE execution_words SET forgotten = forgotten + ?2,
                 rewrite = rewrite OR (forgotten + ?2) * ?3 >= ?4 WHERE shard = ?1",
        )?
        .execute(params![shard, i64::try_from(seqs.len()).unwrap_or(i64::MAX), REWRITE_SHARE, 1_i64 << SHARD_BITS])?;
    Ok(())
}

/// Sees to it that nothing is left of what was deleted up to now, once the shards concerned are written anew.
pub(super) fn forget_soon(connection: &Connection) -> Result<(), StoreFailure> {
    connection.prepare_cached("UPDATE execution_words SET rewrite = 1 WHERE forgotten > 0 AND rewrite = 0")?.execute([])?;
    Ok(())
}

/// Hands over the executions of a shard that fit, with `from <= seq < below`, newest first.
pub(super) fn find(
    connection: &Connection,
    shard: i64,
    expression: &str,
    (from, below): (i64, i64),
    mut visit: impl FnMut(i64) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StoreFailure> {
    if !is_there(connection, shard)? {
        return Ok(ControlFlow::Continue(()));
    }
    let mut statement = connection.prepare_cached(&find_statement(shard))?;
    let mut rows = statement.query(params![expression, from, below])?;
    while let Some(row) = rows.next()? {
        if visit(row.get(0)?).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

pub(super) fn find_statement(shard: i64) -> String {
    format!(
        "SELECT rowid FROM execution_words_{shard} WHERE execution_words_{shard} MATCH ?1 AND rowid >= ?2 AND rowid < ?3
         ORDER BY rowid DESC"
    )
}

/// Whether a shard is to be written anew or cleared away.
pub(super) fn wants_tidying(connection: &Connection) -> Result<bool, StoreFailure> {
    Ok(connection.prepare_cached("SELECT 1 FROM execution_words WHERE rewrite = 1 OR gone = 1")?.exists([])?)
}

/// One small step of what keeps the tables small and quick; says whether there may be more to do.
pub(super) fn tidy(connection: &Connection, worded: i64) -> Result<bool, StoreFailure> {
    if let Some(shard) = first(connection, "SELECT shard FROM execution_words WHERE gone = 1 LIMIT 1")? {
        return clear(connection, shard);
    }
    let newest = first(connection, "SELECT max(shard) FROM execution_words")?;
    let Some(newest) = newest else { return Ok(false) };
    if merge(connection, newest, MERGE_PAGES)? {
        return Ok(true);
    }
    if let Some(shard) = first(connection, "SELECT shard FROM execution_words WHERE rewrite = 1 ORDER BY shard LIMIT 1")? {
        if is_empty(connection, shard)? && first_of(shard + 1) <= worded + 1 {
            set_aside(connection, shard)?;
        } else if !merge(connection, shard, -MERGE_PAGES)? {
            connection
                .prepare_cached("UPDATE execution_words SET rewrite = 0, forgotten = 0 WHERE shard = ?1")?
                .execute([shard])?;
        }
        return Ok(true);
    }
    Ok(false)
}

fn first(connection: &Connection, sql: &str) -> Result<Option<i64>, StoreFailure> {
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?.flatten())
}

fn is_empty(connection: &Connection, shard: i64) -> Result<bool, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM executions WHERE seq >= ?1 AND seq < ?2")?;
    Ok(!statement.exists(params![first_of(shard), first_of(shard + 1)])?)
}

/// Merges segments, writing about so many pages: with a number below 0, all of them into one. Says whether anything was done.
fn merge(connection: &Connection, shard: i64, pages: i64) -> Result<bool, StoreFailure> {
    let before = connection.total_changes();
    connection
        .prepare_cached(&format!("INSERT INTO execution_words_{shard} (execution_words_{shard}, rank) VALUES ('merge', ?1)"))?
        .execute([pages])?;
    // The command itself counts as one.
    Ok(connection.total_changes() - before >= 2)
}

/// Takes a shard's table away and keeps what is in it under other names, to be deleted in steps: at once it would take long.
fn set_aside(connection: &Connection, shard: i64) -> Result<(), StoreFailure> {
    connection.execute_batch(&format!(
        "ALTER TABLE execution_words_{shard}_data RENAME TO execution_words_gone_{shard}_data;
         ALTER TABLE execution_words_{shard}_docsize RENAME TO execution_words_gone_{shard}_docsize;
         DROP TABLE execution_words_{shard};
         UPDATE execution_words SET gone = 1 WHERE shard = {shard};"
    ))?;
    Ok(())
}

fn clear(connection: &Connection, shard: i64) -> Result<bool, StoreFailure> {
    for part in ["data", "docsize"] {
        let table = format!("execution_words_gone_{shard}_{part}");
        let deleted = connection
            .prepare(&format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} ORDER BY id DESC LIMIT ?1)"))?
            .execute([CLEAR_ROWS])?;
        if deleted > 0 {
            return Ok(true);
        }
    }
    connection.execute_batch(&format!(
        "DROP TABLE execution_words_gone_{shard}_data; DROP TABLE execution_words_gone_{shard}_docsize;
         DELETE FROM execution_words WHERE shard = {shard};"
    ))?;
    Ok(true)
}
