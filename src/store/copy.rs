//! A copy of the database in a file of its own, and what such a file holds. A copy is one state of the database, without
//! free pages and without a write-ahead log; making it holds no writer up.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use super::check::{check_seals, check_small, check_whole};
use super::connection::{Opener, Purpose, patiently};
use super::failure::StoreFailure;
use super::files::private_file;
use super::migration::{format_of, newest_format};

/// Held while a copy is made.
static COPYING: Mutex<()> = Mutex::new(());

/// What a copy holds, as found by reading all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Tokens.
    pub tokens: u32,
    /// Data connectors.
    pub connectors: u32,
    /// Recorded executions.
    pub executions: u32,
}

/// Copies what `connection` sees into a new file, for its owner alone and encrypted with the same key.
pub fn copy_into(connection: &Connection, target: &Path) -> Result<(), StoreFailure> {
    private_file().create_new(true).open(target).map_err(|error| StoreFailure::unusable(target, &error))?;
    let name = target.to_str().ok_or_else(|| StoreFailure::File {
        path: target.display().to_string(),
        problem: "its name is not Unicode text".to_owned(),
    })?;
    // A copy has the pages of its original, or it could not be read. What SQLCipher makes a new file with is a setting of the
    // whole process: no other copy, perhaps of a workspace with other pages, may change it meanwhile.
    let _copying = COPYING.lock().unwrap_or_else(PoisonError::into_inner);
    let page_bytes: String = patiently(|| connection.query_row("PRAGMA cipher_page_size", [], |row| row.get(0)))?;
    connection.execute_batch(&format!("PRAGMA cipher_default_page_size = {page_bytes};"))?;
    patiently(|| connection.execute("VACUUM INTO ?1", [name]))?;
    Ok(())
}

/// Copies a database that nobody has open, without changing a byte of it.
pub fn copy_closed(path: &Path, key_hex: &str, target: &Path) -> Result<(), StoreFailure> {
    let opener = Opener::new(path.to_owned(), key_hex)?;
    opener.find_file()?;
    let connection = opener.connect_leaving_the_log(Purpose::Read)?;
    check_small(&connection)?;
    copy_into(&connection, target)
}

/// Reads all of a copy and says what is in it. Nothing is written, not even beside it.
///
/// # Errors
/// When a page or a table is not what was written, the key is another one, or the copy is of a newer version.
pub fn inspect_copy(path: &Path, key_hex: &str) -> Result<Contents, StoreFailure> {
    let opener = Opener::new(path.to_owned(), key_hex)?;
    opener.find_file()?;
    let connection = opener.connect_with(OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    check_seals(&connection)?;
    check_whole(&connection)?;
    let (found, known) = (patiently(|| format_of(&connection))?, newest_format());
    if found > known {
        return Err(StoreFailure::Newer { found, known });
    }
    if found < 1 {
        return Err(StoreFailure::Damaged("it has no tables".to_owned()));
    }
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        patiently(|| connection.query_row(&sql, [], |row| row.get::<_, u32>(0)))
    };
    Ok(Contents { tokens: count("tokens")?, connectors: count("connectors")?, executions: count("executions")? })
}
