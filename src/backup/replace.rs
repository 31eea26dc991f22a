//! Putting a backup, or an empty database, in the database's place. The former one is set aside, never deleted.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::failure::BackupFailure;
use super::make::{Patience, clear, make};
use super::name::BackupReason;
use super::set_aside::{REPLACEMENT, put_replacement, settle};
use super::shelf::{Backup, find, folder_of};
use crate::store::{Contents, Database, InUse, copy_closed, inspect_copy, private_file};

/// How long to wait for the others to close the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// What takes the database's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement<'a> {
    /// The backup of this name.
    Backup(&'a str),
    /// A new, empty database.
    Empty,
}

/// What was put in the database's place, and where the former one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// What is there now.
    pub contents: Contents,
    /// Where the former database was set aside; `None` when there was none.
    pub set_aside: Option<PathBuf>,
    /// The backup that was made of the former one; `None` when it could not be read.
    pub before: Option<Backup>,
}

/// Puts `with` in the database's place. Nobody else may have the workspace open. A kill at any moment leaves the former
/// state or one that the next start carries to its end.
///
/// # Errors
/// When others have it open, the backup is not intact, or a file can't be written. The database is as it was then.
pub fn replace(folder: &Path, key_hex: &str, with: Replacement<'_>, now: Timestamp) -> Result<Replaced, BackupFailure> {
    let alone = InUse::alone(folder, PATIENCE)?;
    settle(folder, &alone)?;
    let replacement = folder.join(REPLACEMENT);
    clear(&replacement)?;
    let prepared = prepare(folder, key_hex, with, &replacement)
        .and_then(|contents| Ok((contents, back_up_present(folder, key_hex, now)?)));
    let (contents, before) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => {
            // What can't be removed now is removed before the next one is prepared.
            let _ = clear(&replacement);
            return Err(failure);
        }
    };
    let set_aside = put_replacement(folder, &alone, now)?;
    Ok(Replaced { contents, set_aside, before })
}

/// Writes the replacement, brings it to the disk and reads it whole.
fn prepare(folder: &Path, key_hex: &str, with: Replacement<'_>, replacement: &Path) -> Result<Contents, BackupFailure> {
    match with {
        Replacement::Backup(name) => {
            let (backup, _) = find(folder, key_hex, name)?;
            copy_file(&folder_of(folder).join(backup.name), replacement)?;
        }
        Replacement::Empty => write_empty(folder, key_hex, replacement)?,
    }
    File::open(replacement).and_then(|file| file.sync_all()).map_err(|error| BackupFailure::unusable(replacement, &error))?;
    Ok(inspect_copy(replacement, key_hex)?)
}

/// A copy, as every replacement is: the one file is all of it.
fn write_empty(folder: &Path, key_hex: &str, replacement: &Path) -> Result<(), BackupFailure> {
    let made = folder.join(".empty.db");
    clear(&made)?;
    let copied = Database::open(&made, key_hex).and_then(|database| database.copy_into(replacement));
    clear(&made)?;
    Ok(copied?)
}

fn copy_file(from: &Path, to: &Path) -> Result<(), BackupFailure> {
    let mut source = File::open(from).map_err(|error| BackupFailure::unusable(from, &error))?;
    let copied = private_file().create_new(true).open(to).and_then(|mut target| io::copy(&mut source, &mut target));
    copied.map(drop).map_err(|error| BackupFailure::unusable(to, &error))
}

/// A backup of what is about to be set aside; `None` when there is nothing, or nothing that can be read. No other is
/// removed for it: how many are kept is a setting of the database that may be damaged.
fn back_up_present(folder: &Path, key_hex: &str, now: Timestamp) -> Result<Option<Backup>, BackupFailure> {
    let database = folder.join("workspace.db");
    if !fs::exists(&database).map_err(|error| BackupFailure::unusable(&database, &error))? {
        return Ok(None);
    }
    let copy = |target: &Path| copy_closed(&database, key_hex, target);
    match make(folder, key_hex, (BackupReason::BeforeRestore, now, None), Patience::Some, copy) {
        Ok(backup) => Ok(Some(backup)),
        Err(BackupFailure::Store(failure)) if failure.is_damage() => Ok(None),
        Err(failure) => Err(failure),
    }
}
