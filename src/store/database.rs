//! The opened database: one connection that writes, one that records executions, a few that read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use super::check::{Extent, check_small, check_whole};
use super::configuration;
use super::connection::{Opener, Purpose, begin_reading, begin_writing, clear_log_when_closed, patiently};
use super::copy::copy_into;
use super::execution_index::{self, TextOf};
use super::executions::{self, ExecutionRow};
use super::failure::StoreFailure;
use super::in_use::InUse;
use super::indexer::{self, Indexer};
use super::log_writer::LogWriter;
use super::migration::{format_of, migrate, newest_format};
use super::readers::Readers;
use super::recorder::{Beside, Recorder};
use super::turn::Turn;
use super::{customer_tokens, customers};

/// Rows that one step of a sweep deletes, so that nobody waits long for it.
const SWEEP_STEP: usize = 200;

/// The most of a write-ahead log that may be left to whoever opens the database next: it is read in about a millisecond.
const LOG_LEFT: u64 = 1024 * 1024;

/// What is told to [`Database::open_with`] beside path and key.
pub struct Opening<'a> {
    /// That the database was made before: a missing or empty file is then [`StoreFailure::Missing`], never made anew.
    pub made: bool,
    /// What of it is checked first.
    pub check: Extent,
    /// Called before a database of an older format is changed; its failure is the opening's.
    pub before_update: &'a dyn Fn(&Connection) -> Result<(), StoreFailure>,
    /// Kept for as long as the database is open.
    pub in_use: Option<InUse>,
}

/// An open, encrypted database. Several processes, and several of these, may have one file open at once.
///
/// `read`, `write` and the other plain calls block: use them off the async threads, or their `_async` forms. A `write`
/// inside a `write` waits for itself for ever; one inside a `read` does not.
pub struct Database {
    opener: Arc<Opener>,
    // First of the fields that hold connections, so that it is dropped first: what waits is recorded before all closes.
    recorder: Recorder,
    indexer: OnceLock<Indexer>,
    log: Arc<LogWriter>,
    turn: Arc<Turn>,
    writer: Mutex<Connection>,
    readers: Readers,
    // Last of them, so that it decides what becomes of the write-ahead log.
    watcher: Mutex<Connection>,
    damage: OnceLock<String>,
    // Last, so that it is given back when every connection is closed.
    _in_use: Option<InUse>,
}

impl Database {
    /// Opens the file, making it and its tables when absent, and brings an older one to the newest format.
    /// `key_hex` are the 64 hexadecimal digits of the raw key.
    pub fn open(path: impl Into<PathBuf>, key_hex: &str) -> Result<Self, StoreFailure> {
        let check = Extent::SmallUnlessWithin(0);
        Self::open_with(path, key_hex, Opening { made: false, check, before_update: &|_| Ok(()), in_use: None })
    }

    /// The same, with the checks of a start (S6). A file that turns out to be damaged is left as it was, byte for byte, and
    /// so is its write-ahead log.
    pub fn open_with(path: impl Into<PathBuf>, key_hex: &str, opening: Opening<'_>) -> Result<Self, StoreFailure> {
        let opener = Arc::new(Opener::new(path.into(), key_hex)?);
        let writer = prepare(&opener, &opening)?;
        let turn = Arc::new(Turn::default());
        let recorder = Recorder::start(opener.connect(Purpose::Record)?, turn.clone())?;
        let watcher = opener.connect(Purpose::Read)?;
        // It is asked on async threads: what has to be waited for is told at once.
        watcher.busy_timeout(Duration::ZERO)?;
        Ok(Self {
            recorder,
            indexer: OnceLock::new(),
            log: Arc::new(LogWriter::new(Arc::clone(&opener), Arc::clone(&turn))),
            turn,
            writer: Mutex::new(writer),
            readers: Readers::default(),
            watcher: Mutex::new(watcher),
            damage: OnceLock::new(),
            _in_use: opening.in_use,
            opener,
        })
    }

    /// Lets `act` read one state of the database throughout, whatever is written meanwhile.
    pub fn read<T>(&self, act: impl FnOnce(&Connection) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        self.noticing_damage(self.readers.lend(&self.opener, |connection| {
            let transaction = begin_reading(connection)?;
            act(&transaction)
        }))
    }

    /// Lets `act` write in one transaction: all of it is committed, and survives a loss of power (S6), or none of it
    /// when `act` fails. Passes all waiting log entries.
    pub fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        self.noticing_damage(self.write_in_turn(act, |transaction| Ok(configuration::go_on(transaction)?)))
    }

    /// The same for what is written about customers, which is no change of the configuration: runs go on with what they
    /// have read of it, and read their customer anew (M3).
    pub fn write_customers<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        self.noticing_damage(self.write_in_turn(act, |transaction| customers::changed(transaction)))
    }

    fn write_in_turn<T>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure>,
        changed: fn(&Transaction<'_>) -> Result<(), StoreFailure>,
    ) -> Result<T, StoreFailure> {
        let _turn = self.turn.take_urgently();
        // A thread that panicked while it wrote has rolled its transaction back; the connection is as good as before.
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = begin_writing(&connection)?;
        let rows_changed = transaction.total_changes();
        let outcome = act(&transaction)?;
        if transaction.total_changes() != rows_changed {
            changed(&transaction)?;
        }
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

    /// [`Database::write_customers`] on a thread that may block. It is carried out even if the caller stops waiting.
    pub async fn write_customers_async<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure> + Send + 'static,
    ) -> Result<T, StoreFailure> {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.write_customers(act)).await.map_err(|_| StoreFailure::Closed)?
    }

    /// Records an execution; ends when it is committed, so that it survives the death of the process (S6), and gives
    /// its `seq`. Entries of several callers share a commit. `record` is the whole execution as JSON, redacted (S2).
    pub async fn record(&self, row: ExecutionRow, record: String) -> Result<i64, StoreFailure> {
        self.record_with(row, record, None).await
    }

    /// The same, and `beside` writes in the same transaction.
    pub async fn record_with(&self, row: ExecutionRow, record: String, beside: Option<Beside>) -> Result<i64, StoreFailure> {
        let seq = self.noticing_damage(self.recorder.record(row, record, beside).await)?;
        if let Some(indexer) = self.indexer.get() {
            indexer.wake();
        }
        Ok(seq)
    }

    /// Brings what is recorded, by this process or another, into the index from now on, in the background and in small
    /// steps. What is searched of a record is what `text_of` gives.
    pub fn follow_log(&self, text_of: TextOf) -> Result<(), StoreFailure> {
        if self.indexer.get().is_none() {
            // Whoever lost the race has started one for nothing; it ends when it is dropped.
            let _ = self.indexer.set(Indexer::start(Arc::clone(&self.log), text_of)?);
        }
        Ok(())
    }

    /// Waits until everything that is recorded by now can be found by its words, but no longer than `limit`; says whether it
    /// can. At once when the log is not followed.
    pub fn indexed(&self, limit: Duration) -> bool {
        self.indexer.get().is_none_or(|indexer| indexer.caught_up(limit))
    }

    /// Brings everything that is recorded into the index and tidies it, on this thread: for whoever fills a database and
    /// does not want to wait for [`Self::follow_log`].
    pub fn index_log(&self, text_of: TextOf) -> Result<(), StoreFailure> {
        let mut turn = indexer::Turns::default();
        while turn.step(&self.log, text_of)? {}
        Ok(())
    }

    /// Lets `act` change the log in one transaction: all of it is committed, or none of it when `act` fails. It lets
    /// everybody else who waits write first, is not held to survive a loss of power (S6), and is not of the configuration.
    /// To be kept to some milliseconds.
    pub fn write_log<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        self.noticing_damage(self.log.write(act))
    }

    /// Moves the write-ahead log into the file, so that the file gets as small as its pages, and cuts the log if nobody is in
    /// the way.
    pub fn cut_log(&self) -> Result<(), StoreFailure> {
        self.noticing_damage(self.log.cut())
    }

    /// Deletes the executions of connectors that are no longer there, in small steps, and says how many. To be called
    /// after a connector was deleted, and when the workspace is opened.
    pub fn sweep(&self) -> Result<usize, StoreFailure> {
        // What runs recorded after their connector was deleted is found by the index, too.
        while self.write_log(|transaction| execution_index::add_facets(transaction))? {}
        let mut swept = 0;
        loop {
            match self.write_log(|transaction| executions::delete_orphans(transaction, SWEEP_STEP))? {
                0 => break,
                some => swept += some,
            }
        }
        if swept > 0 {
            self.write_log(|transaction| execution_index::forget_soon(transaction))?;
        }
        Ok(swept)
    }

    /// Deletes what customers hold of tokens that are no longer there, in small steps, and says how many values. To be
    /// called after a user token was deleted, and when the workspace is opened.
    pub fn sweep_customers(&self) -> Result<usize, StoreFailure> {
        let mut swept = 0;
        loop {
            match self.write_log(|transaction| customer_tokens::delete_orphans(transaction, SWEEP_STEP))? {
                0 => return Ok(swept),
                some => swept += some,
            }
        }
    }

    /// A number that is another one after every commit, by this process or another. Two of them can only be compared
    /// within one `Database`.
    pub fn data_version(&self) -> Result<i64, StoreFailure> {
        // Not held between two tries, so that `configuration_version` never waits.
        patiently(|| self.watcher().prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0)))
    }

    /// The [`configuration::version`] at this moment. It blocks no longer than it takes to read one page, so it may be
    /// asked on an async thread; `None` when it can't be had at once, and only reading tells why.
    pub fn configuration_version(&self) -> Option<i32> {
        configuration::version(&self.watcher()).ok()
    }

    /// Lets closing leave the write-ahead log to the next opening, as a killed process does, if it is small: moving it into
    /// the file waits for the disk several times. For a program that does one thing and ends.
    pub fn leave_small_log(&self) -> Result<(), StoreFailure> {
        // The watcher is the connection that closes last, and what closes last would move it.
        if file_bytes(&self.log()) <= LOG_LEFT { clear_log_when_closed(&self.watcher(), false) } else { Ok(()) }
    }

    fn watcher(&self) -> MutexGuard<'_, Connection> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks everything that is stored: the seal of every page in use and the structure of every table. Reads all of
    /// it: about 2.6 s per gigabyte.
    pub fn check(&self) -> Result<(), StoreFailure> {
        self.noticing_damage(self.readers.lend(&self.opener, check_whole))
    }

    /// Copies one state of the database into a new file, for its owner alone and encrypted with the same key. Holds no
    /// writer up.
    pub fn copy_into(&self, target: &Path) -> Result<(), StoreFailure> {
        // Of its own: readers may not write, not even elsewhere, and are few.
        let connection = self.opener.connect(Purpose::Read)?;
        self.noticing_damage(copy_into(&connection, target))
    }

    /// What was found to be damaged since the database was opened, in words.
    pub fn damage(&self) -> Option<&str> {
        self.damage.get().map(String::as_str)
    }

    fn noticing_damage<T>(&self, outcome: Result<T, StoreFailure>) -> Result<T, StoreFailure> {
        if let Err(StoreFailure::Damaged(words)) = &outcome {
            // The first words stay.
            let _ = self.damage.set(words.clone());
        }
        outcome
    }

    /// Bytes on the disk, the write-ahead log included.
    pub fn size_bytes(&self) -> u64 {
        file_bytes(&self.opener.path) + file_bytes(&self.log())
    }

    fn log(&self) -> PathBuf {
        let mut log = self.opener.path.clone().into_os_string();
        log.push("-wal");
        log.into()
    }
}

fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Checks the file, or makes it when absent, sets what stays for ever and migrates. Several processes may do so at once:
/// `SQLite`'s own locks put them in order.
fn prepare(opener: &Opener, opening: &Opening<'_>) -> Result<Connection, StoreFailure> {
    if opening.made {
        opener.find_file()?;
    } else {
        opener.make_file()?;
    }
    let connection = opener.connect_leaving_the_log(Purpose::Write)?;
    let pages: u32 = patiently(|| connection.query_row("PRAGMA page_count", [], |row| row.get(0)))?;
    match pages {
        0 if opening.made => return Err(StoreFailure::Missing),
        // Asked of a new file only: asking it again would write each time.
        0 => patiently(|| connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;"))?,
        pages => check(&connection, u64::from(pages) * u64::from(opener.page_bytes()), opening)?,
    }
    let mode: String = patiently(|| connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)))?;
    if mode != "wal" {
        return Err(StoreFailure::File {
            path: opener.path.display().to_string(),
            problem: "this file system does not allow a write-ahead log".to_owned(),
        });
    }
    migrate(&connection)?;
    clear_log_when_closed(&connection, true)?;
    Ok(connection)
}

fn check(connection: &Connection, file_bytes: u64, opening: &Opening<'_>) -> Result<(), StoreFailure> {
    match opening.check {
        Extent::SmallUnlessWithin(bytes) if file_bytes > bytes => check_small(connection)?,
        _ => check_whole(connection)?,
    }
    match patiently(|| format_of(connection))? {
        0 if opening.made => Err(StoreFailure::Damaged("its tables are gone".to_owned())),
        found if (1..newest_format()).contains(&found) => (opening.before_update)(connection),
        _ => Ok(()),
    }
}
