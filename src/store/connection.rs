//! How one connection to the encrypted file is made, and how its transactions begin.

use std::path::PathBuf;
use std::slice;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use super::check::broken_seals;
use super::failure::StoreFailure;
use super::files::private_file;

/// Bytes of a page, which can only be chosen when a file is made: first what a new one gets, which is `SQLCipher`'s own
/// choice too; then what older ones have. A commit encrypts and seals each changed page whole, so a small page makes a
/// commit of one execution cheap.
pub(super) const PAGE_BYTES: [u32; 2] = [4096, 8192];

/// How long `SQLite` itself waits for another process.
pub(super) const BUSY_LIMIT: Duration = Duration::from_secs(10);

/// Beyond this the write-ahead log is cut back after a large transaction.
const WAL_BYTES_KEPT: u64 = 32 * 1024 * 1024;

/// Prepared statements that a connection keeps: more than all tables have together.
const STATEMENTS_KEPT: usize = 64;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Settings, tokens and values: a commit survives a loss of power (S6).
    Write,
    /// Executions: a commit survives the death of the process (S6).
    Record,
    /// Nothing is ever written.
    Read,
}

/// Makes connections to one database file.
pub(super) struct Opener {
    pub path: PathBuf,
    key_hex: Zeroizing<String>,
    page_bytes: OnceLock<u32>,
}

impl Opener {
    /// `key_hex` are the 64 hexadecimal digits of the raw key.
    pub fn new(path: PathBuf, key_hex: &str) -> Result<Self, StoreFailure> {
        // Checked because it becomes a part of a statement.
        if key_hex.len() != 64 || !key_hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(StoreFailure::WrongKey);
        }
        Ok(Self { path, key_hex: Zeroizing::new(key_hex.to_owned()), page_bytes: OnceLock::new() })
    }

    /// Makes the empty file, for its owner alone (`SQLite` gives its side files the same permissions). A file that
    /// exists is not opened: closing it would drop this process's other locks on it.
    pub fn make_file(&self) -> Result<(), StoreFailure> {
        match private_file().create_new(true).open(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(self.unusable(&error)),
            _ => self.file_bytes().map(drop),
        }
    }

    /// That there is a file with something in it; else [`StoreFailure::Missing`]. To be asked before the file is opened:
    /// `SQLite` removes the write-ahead log of an empty one.
    pub fn find_file(&self) -> Result<(), StoreFailure> {
        match self.file_bytes()? {
            0 => Err(StoreFailure::Missing),
            _ => Ok(()),
        }
    }

    fn file_bytes(&self) -> Result<u64, StoreFailure> {
        match std::fs::metadata(&self.path) {
            Ok(found) if found.is_file() => Ok(found.len()),
            Ok(_) => Err(StoreFailure::Damaged("something that is no file stands in its place".to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(self.unusable(&error)),
        }
    }

    /// A keyed connection. A new, empty file gets the first of the page sizes, which stays for ever.
    pub fn connect(&self, purpose: Purpose) -> Result<Connection, StoreFailure> {
        let connection = self.connect_leaving_the_log(purpose)?;
        clear_log_when_closed(&connection, true)?;
        Ok(connection)
    }

    /// The same, except that closing it leaves the file and its write-ahead log as they are: for a database that may be
    /// damaged, whose every byte is to be kept.
    pub fn connect_leaving_the_log(&self, purpose: Purpose) -> Result<Connection, StoreFailure> {
        let connection = self.connect_with(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let synchronous = if purpose == Purpose::Record { "NORMAL" } else { "FULL" };
        // FAST overwrites what is deleted wherever that costs no further page: a forgotten value should not linger.
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA secure_delete = FAST; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = {WAL_BYTES_KEPT};"
        ))?;
        Ok(connection)
    }

    /// A keyed connection with nothing else set; closing it leaves the write-ahead log as it is.
    pub fn connect_with(&self, flags: OpenFlags) -> Result<Connection, StoreFailure> {
        let sizes = self.page_bytes.get().map_or(&PAGE_BYTES[..], slice::from_ref);
        let mut unreadable = Vec::new();
        let mut words = String::new();
        for &bytes in sizes {
            let connection = self.keyed(flags, bytes)?;
            // A page of another size is not what its seal says.
            match patiently(|| connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))) {
                Ok(()) => {
                    let _ = self.page_bytes.set(bytes);
                    return Ok(connection);
                }
                Err(StoreFailure::Damaged(found)) => words = found,
                Err(other) => return Err(other),
            }
            unreadable.push((connection, bytes));
        }
        Err(self.what_it_is_instead(&unreadable, words))
    }

    /// Bytes of a page of the file, or of a new one while it was not opened.
    pub fn page_bytes(&self) -> u32 {
        self.page_bytes.get().copied().unwrap_or(PAGE_BYTES[0])
    }

    fn keyed(&self, flags: OpenFlags, page_bytes: u32) -> Result<Connection, StoreFailure> {
        let connection = Connection::open_with_flags(&self.path, flags)?;
        clear_log_when_closed(&connection, false)?;
        connection.busy_timeout(BUSY_LIMIT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // SQLCipher would write to standard error what is returned as an error anyway.
        connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
        // The key is exposed to SQLCipher; the text is wiped when this block ends.
        {
            let mut pragma = Zeroizing::new(String::with_capacity(128));
            pragma.push_str("PRAGMA key = \"x'");
            pragma.push_str(&self.key_hex);
            pragma.push_str("'\";");
            connection.execute_batch(&pragma)?;
        }
        connection.execute_batch(&format!("PRAGMA cipher_page_size = {page_bytes};"))?;
        Ok(connection)
    }

    /// The first page could not be decrypted. `SQLite` itself looks whether it is a plain database; reading the file's
    /// beginning ourselves would drop this process's other locks on it. If the key fits another page, the file is ours.
    fn what_it_is_instead(&self, unreadable: &[(Connection, u32)], words: String) -> StoreFailure {
        let plain = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let is_plain = plain.is_ok_and(|plain| plain.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).is_ok());
        if is_plain {
            return StoreFailure::NotEncrypted { path: self.path.display().to_string() };
        }
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        let fits_a_page = unreadable.iter().any(|(connection, page_bytes)| {
            let pages = usize::try_from(bytes / u64::from(*page_bytes)).unwrap_or(usize::MAX);
            broken_seals(connection).is_ok_and(|broken| broken < pages)
        });
        let is_whole = PAGE_BYTES.iter().any(|page_bytes| bytes.is_multiple_of(u64::from(*page_bytes)));
        if fits_a_page || !is_whole { StoreFailure::Damaged(words) } else { StoreFailure::WrongKey }
    }

    fn unusable(&self, error: &std::io::Error) -> StoreFailure {
        StoreFailure::unusable(&self.path, error)
    }
}

/// Makes the cipher ready, which happens once in a process and takes some milliseconds: worth doing while the key is asked
/// for. Whatever fails is told when the database is opened.
pub fn make_cipher_ready() {
    let _ = Connection::open_in_memory();
}

/// Whether the last connection that closes moves the write-ahead log into the file, as it usually does.
pub(super) fn clear_log_when_closed(connection: &Connection, clear: bool) -> Result<(), StoreFailure> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !clear)?;
    Ok(())
}

/// Begins a transaction that will write, so that it never has to be upgraded (which could fail at once as busy).
pub(super) fn begin_writing(connection: &Connection) -> Result<Transaction<'_>, StoreFailure> {
    patiently(|| Transaction::new_unchecked(connection, TransactionBehavior::Immediate))
}

/// Begins a transaction that reads one state of the database throughout.
pub(super) fn begin_reading(connection: &Connection) -> Result<Transaction<'_>, StoreFailure> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    patiently(|| transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())))?;
    Ok(transaction)
}

/// Tries again while the database is busy, up to [`BUSY_LIMIT`] in all. `SQLite` waits by itself in nearly all cases, but
/// not while another process closes the file or recovers it.
pub(super) fn patiently<T>(mut act: impl FnMut() -> rusqlite::Result<T>) -> Result<T, StoreFailure> {
    let began = Instant::now();
    loop {
        match act() {
            Err(error) if is_busy(&error) && began.elapsed() < BUSY_LIMIT => std::thread::sleep(Duration::from_millis(5)),
            outcome => return outcome.map_err(StoreFailure::from),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
