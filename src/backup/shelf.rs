//! The backups in a workspace's folder: which there are, which are intact, when the next is due, which may go.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

use super::failure::BackupFailure;
use super::name::{BackupReason, parse};
use crate::clock::millis_between;
use crate::store::{Contents, inspect_copy};

/// The folder of the backups, in the workspace's.
const FOLDER: &str = "backups";

/// The database, whose changes make a backup due.
const DATABASE_FILES: [&str; 2] = ["workspace.db", "workspace.db-wal"];

/// A backup, as its file shows from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file's name.
    pub name: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Why.
    pub reason: BackupReason,
    /// Its size.
    pub bytes: u64,
    changed: Option<SystemTime>,
}

pub(super) fn folder_of(folder: &Path) -> PathBuf {
    folder.join(FOLDER)
}

/// All backups, the newest first. A workspace without any has no folder for them.
///
/// # Errors
/// When the folder can't be read.
pub fn list(folder: &Path) -> Result<Vec<Backup>, BackupFailure> {
    let shelf = folder_of(folder);
    let unusable = |error| BackupFailure::unusable(&shelf, &error);
    let entries = match fs::read_dir(&shelf) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unusable)?,
    };
    let mut backups = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unusable)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // One that goes away while the list is made is not in it.
        let (Some((made_at, reason)), Ok(file)) = (parse(&name), entry.metadata()) else { continue };
        if file.is_file() {
            backups.push(Backup { name, made_at, reason, bytes: file.len(), changed: file.modified().ok() });
        }
    }
    backups.sort_by(|one, other| other.made_at.cmp(&one.made_at).then_with(|| one.name.cmp(&other.name)));
    Ok(backups)
}

/// What all backups take of the disk, in bytes.
///
/// # Errors
/// When the folder can't be read.
pub fn bytes(folder: &Path) -> Result<u64, BackupFailure> {
    Ok(list(folder)?.iter().map(|backup| backup.bytes).sum())
}

/// The backup of this name with what it holds, after all of it was read.
///
/// # Errors
/// When there is none, or it is not intact.
pub fn find(folder: &Path, key_hex: &str, name: &str) -> Result<(Backup, Contents), BackupFailure> {
    let no_such = || BackupFailure::NoSuch { name: name.to_owned() };
    // Only names of the list are looked for, so that none leads out of the folder.
    let backup = list(folder)?.into_iter().find(|backup| backup.name == name).ok_or_else(no_such)?;
    let contents = inspect_copy(&folder_of(folder).join(&backup.name), key_hex);
    let contents = contents.map_err(|why| BackupFailure::NotIntact { name: name.to_owned(), why })?;
    Ok((backup, contents))
}

/// The newest backups that are intact, at most so many, the newest first. Reads each of them whole.
///
/// # Errors
/// When the folder can't be read.
pub fn intact(folder: &Path, key_hex: &str, most: usize) -> Result<Vec<Backup>, BackupFailure> {
    let shelf = folder_of(folder);
    let all = list(folder)?.into_iter();
    Ok(all.filter(|backup| inspect_copy(&shelf.join(&backup.name), key_hex).is_ok()).take(most).collect())
}

/// Whether a backup should be made by itself now: the newest is older than so many hours, and something was written
/// since. 0 hours: never.
///
/// # Errors
/// When the folder can't be read.
pub fn is_due(folder: &Path, every_hours: u32, now: Timestamp) -> Result<bool, BackupFailure> {
    if every_hours == 0 {
        return Ok(false);
    }
    // One that seems to come from the future was made while the machine's clock was wrong: it says nothing.
    let newest = list(folder)?.into_iter().find(|backup| backup.made_at <= now);
    let Some(newest) = newest else { return Ok(true) };
    let age_hours = millis_between(newest.made_at, now) / 3_600_000;
    Ok(age_hours >= i64::from(every_hours) && written_since(folder, newest.changed))
}

fn written_since(folder: &Path, backup: Option<SystemTime>) -> bool {
    let written = DATABASE_FILES.iter().filter_map(|name| fs::metadata(folder.join(name)).ok()?.modified().ok()).max();
    // Where the file system does not say, it may have been.
    written.zip(backup).is_none_or(|(written, backup)| written >= backup)
}

/// Removes the oldest of each reason beyond those that are kept; never `made`, which is known to be intact.
pub(super) fn prune(folder: &Path, keep: u32, made: &str) -> Result<(), BackupFailure> {
    let all = list(folder)?;
    let keep = usize::try_from(keep).unwrap_or(usize::MAX).max(1);
    for reason in BackupReason::ALL {
        let of_reason = all.iter().filter(|backup| backup.reason == reason);
        for backup in of_reason.skip(keep).filter(|backup| backup.name != made) {
            let path = folder_of(folder).join(&backup.name);
            fs::remove_file(&path).map_err(|error| BackupFailure::unusable(&path, &error))?;
        }
    }
    Ok(())
}
