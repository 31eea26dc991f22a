//! The thread that records executions. It takes what waits and commits it as one group, so that a thousand runs a
//! second do not wait for a thousand commits; each caller is answered after the commit that holds its entry (S6).

use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::connection::begin_writing;
use super::executions::{self, ExecutionRow};
use super::failure::StoreFailure;
use super::turn::Turn;

/// Entries that may wait before a caller has to.
const WAITING: usize = 512;
/// Most entries of one commit: a token value never waits longer than for one such group.
const GROUP: usize = 128;
/// Most bytes of records in one commit, unless one record alone has more.
const GROUP_BYTES: usize = 4 * 1024 * 1024;

/// What is written in the transaction of an execution, with it or not at all. It may be called again when another entry of
/// the group was refused.
pub type Beside = Arc<dyn Fn(&Transaction<'_>) -> Result<(), StoreFailure> + Send + Sync>;

struct Entry {
    row: ExecutionRow,
    record: String,
    beside: Option<Beside>,
    recorded: oneshot::Sender<Result<i64, StoreFailure>>,
}

/// The recording thread; it ends, with everything recorded that was handed over, when this is dropped.
pub(super) struct Recorder {
    entries: Option<mpsc::Sender<Entry>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread on a connection of its own.
    pub fn start(connection: Connection, turn: Arc<Turn>) -> Result<Self, StoreFailure> {
        let (entries, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || record_all(&connection, waiting, &turn))
            .map_err(|error| StoreFailure::Other(error.to_string()))?;
        Ok(Self { entries: Some(entries), thread: Some(thread) })
    }

    /// Ends when the entry is committed, with its `seq`.
    pub async fn record(&self, row: ExecutionRow, record: String, beside: Option<Beside>) -> Result<i64, StoreFailure> {
        let (recorded, answer) = oneshot::channel();
        let entries = self.entries.as_ref().ok_or(StoreFailure::Closed)?;
        entries.send(Entry { row, record, beside, recorded }).await.map_err(|_| StoreFailure::Closed)?;
        answer.await.map_err(|_| StoreFailure::Closed)?
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.entries.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has answered nobody; its callers were told that the database is closed.
            let _ = thread.join();
        }
    }
}

fn record_all(connection: &Connection, mut waiting: mpsc::Receiver<Entry>, turn: &Turn) {
    while let Some(first) = waiting.blocking_recv() {
        // Before the group is gathered, so that whoever comes while another writes still gets into it.
        let _turn = turn.take_patiently();
        let mut bytes = first.record.len();
        let mut group = vec![first];
        while group.len() < GROUP
            && bytes < GROUP_BYTES
            && let Ok(next) = waiting.try_recv()
        {
            bytes += next.record.len();
            group.push(next);
        }
        let outcomes = commit(connection, &group);
        for (entry, outcome) in group.into_iter().zip(outcomes) {
            // A caller that went away does not undo what it did: the entry is recorded all the same.
            let _ = entry.recorded.send(outcome);
        }
    }
}

/// Commits the group. An entry that is refused does not take the others with it; a commit that fails fails for all.
fn commit(connection: &Connection, group: &[Entry]) -> Vec<Result<i64, StoreFailure>> {
    let committed = match commit_whole(connection, group) {
        Ok(Some(seqs)) => Ok(seqs.into_iter().map(Ok).collect()),
        Ok(None) => commit_the_accepted(connection, group),
        Err(failure) => Err(failure),
    };
    committed.unwrap_or_else(|failure| vec![Err(failure); group.len()])
}

/// Commits all entries or, when one of them is refused, none. A savepoint for each would cost more than the entries: with
/// one, `SQLite` keeps the old state of every page that an entry touches, and encrypts it each time.
fn commit_whole(connection: &Connection, group: &[Entry]) -> Result<Option<Vec<i64>>, StoreFailure> {
    let transaction = begin_writing(connection)?;
    let inserted: Result<Vec<_>, _> = group.iter().map(|entry| insert(&transaction, entry)).collect();
    // Dropped without a commit, a transaction is rolled back, unless `SQLite` has done so.
    let Ok(seqs) = inserted else { return Ok(None) };
    transaction.commit()?;
    Ok(Some(seqs))
}

/// Commits the entries that are not refused, each inserted under a savepoint.
fn commit_the_accepted(connection: &Connection, group: &[Entry]) -> Result<Vec<Result<i64, StoreFailure>>, StoreFailure> {
    let transaction = begin_writing(connection)?;
    let outcomes = group.iter().map(|entry| insert_alone(&transaction, entry)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(outcomes)
}

/// Inserts one entry so that, if it is refused (the inner failure), only it is undone. The outer failure is of the whole
/// transaction: a full disk, for one, makes `SQLite` roll back everything, and nothing may be inserted after that.
fn insert_alone(connection: &Transaction<'_>, entry: &Entry) -> Result<Result<i64, StoreFailure>, StoreFailure> {
    connection.execute_batch("SAVEPOINT entry")?;
    let outcome = insert(connection, entry);
    if connection.is_autocommit() {
        return Err(outcome.err().unwrap_or(StoreFailure::Closed));
    }
    connection.execute_batch(if outcome.is_ok() { "RELEASE entry" } else { "ROLLBACK TO entry; RELEASE entry" })?;
    Ok(outcome)
}

fn insert(transaction: &Transaction<'_>, entry: &Entry) -> Result<i64, StoreFailure> {
    let seq = executions::insert(transaction, &entry.row, &entry.record)?;
    if let Some(beside) = &entry.beside {
        beside(transaction)?;
    }
    Ok(seq)
}
