//! How executions are found again in a log of any length: facets for filters, times for ranges, words for searches.
//!
//! The index comes behind the log: recording stays thin, and an indexer, in whatever process, brings what was recorded in.
//! It remembers how far it is in the database, so that several do no harm and one that was killed is gone on from. What is
//! not in yet, the tail, is looked at row by row, so that filters are always exact; only a search by words lags behind.

mod bits;
mod facets;
mod search;
#[cfg(test)]
mod tests;
mod times;
mod words;

use rusqlite::{Connection, params};

use super::executions::{self, ExecutionRow};
use super::failure::StoreFailure;
use super::log_buckets;
use bits::{Bits, chunk_of, place_of};
pub(super) use search::visit;

/// Rows that one step of indexing brings in: some milliseconds.
const STEP_ROWS: u32 = 1000;
/// Most records of which the words are brought in by one step.
const STEP_RECORDS: u32 = 64;
/// Most bytes of text that one step brings in, unless one execution alone has more.
const STEP_TEXT: usize = 192 * 1024;

pub(super) const FACETS: &str = facets::SCHEMA;
pub(super) const TIMES: &str = times::SCHEMA;
pub(super) const WORDS: &str = words::SCHEMA;
pub(super) const REACHED: &str = "
    CREATE TABLE execution_index (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        -- The facets and times of executions up to this `seq` are in.
        faceted INTEGER NOT NULL,
        -- The words of executions up to this `seq` are in; never further than the facets.
        worded INTEGER NOT NULL
    );
    INSERT INTO execution_index VALUES (1, 0, 0);";

/// How far the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    pub faceted: i64,
    pub worded: i64,
}

/// What is searched of a record, in plain text.
pub type TextOf = fn(&str) -> String;

pub(super) fn reached(connection: &Connection) -> Result<Reached, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT faceted, worded FROM execution_index")?;
    Ok(statement.query_row([], |row| Ok(Reached { faceted: row.get(0)?, worded: row.get(1)? }))?)
}

/// Whether there are executions whose facets are not in yet.
pub(super) fn has_no_facets(connection: &Connection) -> Result<bool, StoreFailure> {
    Ok(executions::last_seq(connection)? > reached(connection)?.faceted)
}

/// Brings the facets and times of the next executions in; says whether there may be more.
pub(super) fn add_facets(connection: &Connection) -> Result<bool, StoreFailure> {
    let rows = executions::after(connection, reached(connection)?.faceted, STEP_ROWS)?;
    let Some(last) = rows.last() else { return Ok(false) };
    facets::add(connection, &rows)?;
    times::add(connection, &rows)?;
    log_buckets::add(connection, &rows)?;
    connection.prepare_cached("UPDATE execution_index SET faceted = ?1")?.execute([last.seq])?;
    Ok(rows.len() == STEP_ROWS as usize)
}

/// The texts of the next executions whose words are to be brought in.
pub(super) struct Texts {
    after: i64,
    texts: Vec<(i64, String)>,
}

/// Reads the next texts, so that this costs no time of a transaction that writes; `None` when there are none.
pub(super) fn next_texts(connection: &Connection, text_of: TextOf) -> Result<Option<Texts>, StoreFailure> {
    let Reached { faceted, worded } = reached(connection)?;
    let mut statement = connection
        .prepare_cached("SELECT seq, record FROM execution_records WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3")?;
    let mut rows = statement.query(params![worded, faceted, STEP_RECORDS])?;
    let (mut texts, mut bytes) = (Vec::<(i64, String)>::new(), 0);
    while let Some(row) = rows.next()? {
        let seq = row.get(0)?;
        if texts.first().is_some_and(|(first, _)| words::shard_of(*first) != words::shard_of(seq)) {
            break;
        }
        let text = text_of(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
        bytes += text.len();
        texts.push((seq, text));
        if bytes >= STEP_TEXT {
            break;
        }
    }
    Ok((!texts.is_empty()).then_some(Texts { after: worded, texts }))
}

/// Brings the texts in, unless another indexer did so meanwhile.
pub(super) fn add_words(connection: &Connection, texts: Texts) -> Result<(), StoreFailure> {
    if reached(connection)?.worded != texts.after {
        return Ok(());
    }
    let Some(&(last, _)) = texts.texts.last() else { return Ok(()) };
    let mut still_there = connection.prepare_cached("SELECT 1 FROM executions WHERE seq = ?1")?;
    let mut present = Vec::with_capacity(texts.texts.len());
    for (seq, text) in texts.texts {
        if still_there.exists([seq])? {
            present.push((seq, text));
        }
    }
    if let Some((seq, _)) = present.first() {
        words::add(connection, words::shard_of(*seq), &present)?;
    }
    connection.prepare_cached("UPDATE execution_index SET worded = ?1")?.execute([last])?;
    Ok(())
}

/// Whether something that was deleted is to be written over.
pub(super) fn wants_tidying(connection: &Connection) -> Result<bool, StoreFailure> {
    words::wants_tidying(connection)
}

/// One small step of keeping the index small and quick; says whether there may be more to do.
pub(super) fn tidy(connection: &Connection) -> Result<bool, StoreFailure> {
    words::tidy(connection, reached(connection)?.worded)
}

/// Takes executions out that are about to be deleted.
pub(super) fn remove(connection: &Connection, rows: &[ExecutionRow]) -> Result<(), StoreFailure> {
    let Reached { faceted, worded } = reached(connection)?;
    let mut rows: Vec<_> = rows.iter().filter(|row| row.seq <= faceted).cloned().collect();
    rows.sort_by_key(|row| row.seq);
    facets::remove(connection, &rows)?;
    times::remove(connection, &rows)?;
    log_buckets::subtract(connection, &rows)?;
    let worded: Vec<_> = rows.iter().map(|row| row.seq).filter(|seq| *seq <= worded).collect();
    for of_shard in worded.chunk_by(|one, other| words::shard_of(*one) == words::shard_of(*other)) {
        words::remove(connection, words::shard_of(of_shard[0]), of_shard)?;
    }
    Ok(())
}

/// Sees to it that the words of what was deleted up to now are written over soon, not only when much was deleted.
pub(super) fn forget_soon(connection: &Connection) -> Result<(), StoreFailure> {
    words::forget_soon(connection)
}

/// How many executions are recorded.
pub(super) fn count(connection: &Connection) -> Result<i64, StoreFailure> {
    let faceted = reached(connection)?.faceted;
    Ok(times::count_after(connection, i64::MIN)? + count_tail(connection, faceted)?)
}

/// How many executions are recorded whose words are not in yet.
pub(super) fn behind(connection: &Connection) -> Result<i64, StoreFailure> {
    let Reached { faceted, worded } = reached(connection)?;
    let tail = count_tail(connection, faceted)?;
    if worded == faceted {
        return Ok(tail);
    }
    let chunk = chunk_of(worded);
    let mut first = facets::members(connection, facets::EVERY, chunk)?.unwrap_or(Bits::NONE);
    (0..=place_of(worded)).for_each(|place| first.remove(place));
    Ok(tail + times::count_after(connection, chunk)? + i64::try_from(first.len()).unwrap_or(i64::MAX))
}

fn count_tail(connection: &Connection, faceted: i64) -> Result<i64, StoreFailure> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM executions WHERE seq > ?1")?;
    Ok(statement.query_row([faceted], |row| row.get(0))?)
}

/// The `seq` of the newest execution of each connector that has one, as far as the index is, and how far that is.
pub(super) fn newest_of(connection: &Connection, connector_id: &str) -> Result<Option<i64>, StoreFailure> {
    let found = facets::newest(connection, &facets::of_connector(connector_id), i64::MAX)?;
    Ok(found.and_then(|(chunk, members)| Some(bits::first_of(chunk) + i64::from(members.descending().next()?))))
}

/// The connectors that have executions in the index.
pub(super) fn connectors(connection: &Connection) -> Result<Vec<String>, StoreFailure> {
    facets::connectors(connection)
}
