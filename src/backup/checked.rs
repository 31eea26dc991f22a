//! When the whole database was checked last, and whether anything since gave reason to doubt it. Kept beside the
//! database, not in it: a damaged one could not be asked.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::failure::BackupFailure;
use super::set_aside::write_whole;
use crate::clock::millis_between;

const FILE: &str = "checked.json";
/// How long a whole check is good for.
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    at: Timestamp,
    intact: bool,
}

/// Whether the last whole check is more than a day old, or never was.
pub fn whole_check_is_due(folder: &Path, now: Timestamp) -> bool {
    // A time in the future was written while the machine's clock was wrong.
    read(folder).is_none_or(|last| !last.intact || !(0..DAY_MILLIS).contains(&millis_between(last.at, now)))
}

/// Whether something damaged was met, so that the next start checks everything before it opens.
pub fn whole_check_is_urgent(folder: &Path) -> bool {
    read(folder).is_some_and(|last| !last.intact)
}

/// All of the database was read, and it was what was written.
///
/// # Errors
/// When that can't be written down.
pub fn note_whole_check(folder: &Path, now: Timestamp) -> Result<(), BackupFailure> {
    write_whole(folder, FILE, &Checked { at: now, intact: true })
}

/// Something damaged was met.
///
/// # Errors
/// When that can't be written down.
pub fn note_damage(folder: &Path, now: Timestamp) -> Result<(), BackupFailure> {
    write_whole(folder, FILE, &Checked { at: now, intact: false })
}

/// What can't be read says nothing: the next check is due.
fn read(folder: &Path) -> Option<Checked> {
    serde_json::from_slice(&fs::read(folder.join(FILE)).ok()?).ok()
}
