//! How one connection to the encrypted file is made, and how its transactions begin.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use super::failure::StoreFailure;

/// Bytes of a page; can only be chosen when the file is made.
const PAGE_BYTES: u32 = 8192;

/// How long `SQLite` itself waits for another process.
const BUSY_LIMIT: Duration = Duration::from_secs(10);

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
}

impl Opener {
    /// `key_hex` are the 64 hexadecimal digits of the raw key.
    pub fn new(path: PathBuf, key_hex: &str) -> Result<Self, StoreFailure> {
        // Checked because it becomes a part of a statement.
        if key_hex.len() != 64 || !key_hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(StoreFailure::WrongKey);
        }
        Ok(Self { path, key_hex: Zeroizing::new(key_hex.to_owned()) })
    }

    /// Makes the empty file, for its owner alone (`SQLite` gives its side files the same permissions). A file that
    /// exists is not opened: closing it would drop this process's other locks on it.
    pub fn make_file(&self) -> Result<(), StoreFailure> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(self.unusable(&error)),
            _ => Ok(()),
        }
    }

    /// A keyed connection. A new, empty file gets its page size, which stays for ever.
    pub fn connect(&self, purpose: Purpose) -> Result<Connection, StoreFailure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
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
        connection.execute_batch(&format!("PRAGMA cipher_page_size = {PAGE_BYTES};"))?;
        self.check_key(&connection)?;

        let synchronous = if purpose == Purpose::Record { "NORMAL" } else { "FULL" };
        // FAST overwrites what is deleted wherever that costs no further page: a forgotten value should not linger.
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA secure_delete = FAST; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = {WAL_BYTES_KEPT};"
        ))?;
        Ok(connection)
    }

    fn check_key(&self, connection: &Connection) -> Result<(), StoreFailure> {
        let outcome = patiently(|| connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())));
        match outcome {
            Ok(()) => Ok(()),
            Err(StoreFailure::Damaged(words)) => Err(self.what_it_is_instead(words)),
            Err(other) => Err(other),
        }
    }

    /// The first page could not be decrypted. `SQLite` itself looks whether it is a plain database; reading the file's
    /// beginning ourselves would drop this process's other locks on it.
    fn what_it_is_instead(&self, words: String) -> StoreFailure {
        let plain = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let is_plain = plain.is_ok_and(|plain| plain.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).is_ok());
        if is_plain {
            return StoreFailure::NotEncrypted { path: self.path.display().to_string() };
        }
        let is_whole = std::fs::metadata(&self.path).is_ok_and(|file| file.len() % u64::from(PAGE_BYTES) == 0);
        if is_whole { StoreFailure::WrongKey } else { StoreFailure::Damaged(words) }
    }

    fn unusable(&self, error: &std::io::Error) -> StoreFailure {
        StoreFailure::File { path: self.path.display().to_string(), problem: error.to_string() }
    }
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
