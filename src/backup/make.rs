//! Making a backup: copied under a temporary name, brought to the disk, read whole, and only then given its name.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::failure::BackupFailure;
use super::name::{BackupReason, name_of};
use super::shelf::{Backup, folder_of, list, prune};
use crate::store::{StoreFailure, inspect_copy, private_file, sync_folder};

/// Locked by whoever makes a backup; it stays empty.
const LOCK_FILE: &str = "backups.lock";
/// A backup that is not finished. It has one name, so that a kill leaves at most one behind.
const UNFINISHED: &str = ".unfinished.db";

/// How long to wait for another program that makes a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Not at all.
    None,
    /// Half a minute.
    Some,
}

/// Makes a backup with the copy that `copy` writes to the path it is given, and lets the oldest of each kind go beyond
/// the number that is kept; `None` where that is not known. One is made at a time, by all programs together.
///
/// # Errors
/// When it could not be made or is not intact; nothing of it is left then.
pub fn make(
    folder: &Path,
    key_hex: &str,
    how: (BackupReason, Timestamp, Option<u32>),
    patience: Patience,
    copy: impl FnOnce(&Path) -> Result<(), StoreFailure>,
) -> Result<Backup, BackupFailure> {
    let (reason, now, keep) = how;
    let shelf = folder_of(folder);
    make_folder(&shelf)?;
    let _turn = turn(folder, patience)?;
    let unfinished = shelf.join(UNFINISHED);
    clear(&unfinished)?;
    let copied = copy(&unfinished).map_err(BackupFailure::from).and_then(|()| {
        File::open(&unfinished)
            .and_then(|file| file.sync_all())
            .map_err(|error| BackupFailure::unusable(&unfinished, &error))?;
        inspect_copy(&unfinished, key_hex)?;
        shelve(&shelf, &unfinished, reason, now)
    });
    let name = match copied {
        Ok(name) => name,
        Err(failure) => {
            // What can't be removed now is removed before the next one is made.
            let _ = clear(&unfinished);
            return Err(failure);
        }
    };
    if let Some(keep) = keep {
        prune(folder, keep, &name)?;
    }
    let gone = || BackupFailure::NoSuch { name: name.clone() };
    list(folder)?.into_iter().find(|backup| backup.name == name).ok_or_else(gone)
}

/// Gives the finished backup its name; another millisecond if that one is taken.
fn shelve(shelf: &Path, unfinished: &Path, reason: BackupReason, now: Timestamp) -> Result<String, BackupFailure> {
    let mut at = now;
    let (name, path) = loop {
        let name = name_of(at, reason);
        let path = shelf.join(&name);
        if !path.try_exists().map_err(|error| BackupFailure::unusable(&path, &error))? {
            break (name, path);
        }
        at = at.checked_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MIN);
    };
    let named = fs::rename(unfinished, &path).and_then(|()| sync_folder(shelf));
    named.map_err(|error| BackupFailure::unusable(&path, &error))?;
    Ok(name)
}

fn turn(folder: &Path, patience: Patience) -> Result<File, BackupFailure> {
    const PAUSE: Duration = Duration::from_millis(20);
    let limit = if patience == Patience::None { Duration::ZERO } else { Duration::from_secs(30) };
    let path = folder.join(LOCK_FILE);
    let unusable = |error| BackupFailure::unusable(&path, &error);
    let file = private_file().create(true).truncate(false).open(&path).map_err(unusable)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) if began.elapsed() >= limit => return Err(BackupFailure::BeingMade),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
}

/// Makes a folder for its owner alone; no error when it is there.
pub(super) fn make_folder(folder: &Path) -> Result<(), BackupFailure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| BackupFailure::unusable(folder, &error))
}

/// Removes a database file with what may stand beside it; no error when nothing is there.
pub(super) fn clear(path: &Path) -> Result<(), BackupFailure> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(BackupFailure::unusable(Path::new(&name), &error));
            }
            _ => {}
        }
    }
    Ok(())
}
