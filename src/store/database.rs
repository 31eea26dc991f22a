//! The opened database: one connection that writes, one that records executions, a few that read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};

use super::connection::{Opener, Purpose, begin_reading, begin_writing, patiently};
use super::executions::{self, ExecutionRow};
use super::failure::StoreFailure;
use super::migration::migrate;
use super::readers::Readers;
use super::recorder::Recorder;
use super::turn::Turn;

/// Executions that one step of a sweep deletes, so that nobody waits long for it.
const SWEEP_STEP: u32 = 200;

/// An open, encrypted database. Several processes, and several of these, may have one file open at once.
///
/// `read`, `write` and the other plain calls block: use them off the async threads, or their `_async` forms. A `write`
/// inside a `write` waits for itself for ever; one inside a `read` does not.
pub struct Database {
    opener: Opener,
    // First of the fields that hold connections, so that it is dropped first: what waits is recorded before all closes.
    recorder: Recorder,
    turn: Arc<Turn>,
    writer: Mutex<Connection>,
    readers: Readers,
    watcher: Mutex<Connection>,
}

impl Database {
    /// Opens the file, making it and its tables when absent, and brings an older one to the newest format.
    /// `key_hex` are the 64 hexadecimal digits of the raw key.
    pub fn open(path: impl Into<PathBuf>, key_hex: &str) -> Result<Self, StoreFailure> {
        let opener = Opener::new(path.into(), key_hex)?;
        let writer = prepare(&opener)?;
        let turn = Arc::new(Turn::default());
        let recorder = Recorder::start(opener.connect(Purpose::Record)?, turn.clone())?;
        let watcher = Mutex::new(opener.connect(Purpose::Read)?);
        Ok(Self { recorder, turn, writer: Mutex::new(writer), readers: Readers::default(), watcher, opener })
    }

    /// Lets `act` read one state of the database throughout, whatever is written meanwhile.
    pub fn read<T>(&self, act: impl FnOnce(&Connection) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        self.readers.lend(&self.opener, |connection| {
            let transaction = begin_reading(connection)?;
            act(&transaction)
        })
    }

    /// Lets `act` write in one transaction: all of it is committed, and survives a loss of power (S6), or none of it
    /// when `act` fails. Passes all waiting log entries.
    pub fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        let _turn = self.turn.take_urgently();
        // A thread that panicked while it wrote has rolled its transaction back; the connection is as good as before.
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = begin_writing(&connection)?;
        let outcome = act(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// [`Database::read`] on a thread that may block.
    pub async fn read_async<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&Connection) -> Result<T, StoreFailure> + Send + 'static,
    ) -> Result<T, StoreFailure> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.read(act)).await.map_err(|_| StoreFailure::Closed)?
    }

    /// [`Database::write`] on a thread that may block. It is carried out even if the caller stops waiting.
    pub async fn write_async<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure> + Send + 'static,
    ) -> Result<T, StoreFailure> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.write(act)).await.map_err(|_| StoreFailure::Closed)?
    }

    /// Records an execution; ends when it is committed, so that it survives the death of the process (S6), and gives
    /// its `seq`. Entries of several callers share a commit. `record` is the whole execution as JSON, redacted (S2).
    pub async fn record(&self, row: ExecutionRow, record: String) -> Result<i64, StoreFailure> {
        self.recorder.record(row, record).await
    }

    /// Deletes the executions of connectors that are no longer there, in small steps, and says how many. To be called
    /// after a connector was deleted, and when the workspace is opened.
    pub fn sweep(&self) -> Result<usize, StoreFailure> {
        let mut swept = 0;
        loop {
            match self.write(|transaction| executions::delete_orphans(transaction, SWEEP_STEP))? {
                0 => return Ok(swept),
                some => swept += some,
            }
        }
    }

    /// A number that is another one after every commit, by this process or another. Two of them can only be compared
    /// within one `Database`.
    pub fn data_version(&self) -> Result<i64, StoreFailure> {
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        patiently(|| watcher.query_row("PRAGMA data_version", [], |row| row.get(0)))
    }

    /// Checks every page against its seal and the tables' structure. Reads the whole file: seconds per gigabyte.
    pub fn check(&self) -> Result<(), StoreFailure> {
        self.readers.lend(&self.opener, |connection| {
            let first_problem = |pragma: &str| -> rusqlite::Result<Option<String>> {
                connection.prepare(pragma)?.query_map([], |row| row.get(0))?.next().transpose()
            };
            // The first answers nothing when all is well, the second the word "ok".
            if let Some(problem) = first_problem("PRAGMA cipher_integrity_check")? {
                return Err(StoreFailure::Damaged(problem));
            }
            match first_problem("PRAGMA quick_check(1)")? {
                Some(answer) if answer != "ok" => Err(StoreFailure::Damaged(answer)),
                _ => Ok(()),
            }
        })
    }

    /// Bytes on the disk, the write-ahead log included.
    pub fn size_bytes(&self) -> u64 {
        let mut log = self.opener.path.clone().into_os_string();
        log.push("-wal");
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        size(&self.opener.path) + size(Path::new(&log))
    }
}

/// Makes the file when absent, sets what stays for ever and migrates. Several processes may do so at once: `SQLite`'s own
/// locks put them in order.
fn prepare(opener: &Opener) -> Result<Connection, StoreFailure> {
    opener.make_file()?;
    let connection = opener.connect(Purpose::Write)?;
    let pages: i64 = patiently(|| connection.query_row("PRAGMA page_count", [], |row| row.get(0)))?;
    if pages == 0 {
        // Asked of a new file only: asking it again would write each time.
        patiently(|| connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;"))?;
    }
    let mode: String = patiently(|| connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)))?;
    if mode != "wal" {
        return Err(StoreFailure::File {
            path: opener.path.display().to_string(),
            problem: "this file system does not allow a write-ahead log".to_owned(),
        });
    }
    migrate(&connection)?;
    Ok(connection)
}
