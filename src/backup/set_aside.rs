//! Setting the database aside, and putting another file in its place. Both take several renames; what is to be done is
//! written to `set-aside.json` first, so that after a kill or a loss of power the next start carries it to its end.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::failure::BackupFailure;
use super::make::make_folder;
use super::name::stamp;
use crate::store::{InUse, private_file, sync_folder};

const RECORD: &str = "set-aside.json";
/// The folder of the folders in which databases are set aside.
const FOLDER: &str = "set-aside";
/// The file that takes the database's place; whole before it is spoken of in the record.
pub(super) const REPLACEMENT: &str = ".replacement.db";
const DATABASE: &str = "workspace.db";
/// The database's file and what may stand beside it. Its log must never stand beside another database: the file goes
/// first, so that what is left behind in the meantime is never taken for a whole database.
const PARTS: [&str; 4] = [DATABASE, "workspace.db-wal", "workspace.db-journal", "workspace.db-shm"];
const FORMAT: u32 = 1;

/// What is under way, or was done last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    format: u32,
    /// The name of the folder that takes the parts.
    folder: String,
    /// Why it is set aside, in a sentence: it was found damaged. `None` when another file takes its place.
    reason: Option<String>,
    /// Whether everything is done.
    done: bool,
}

/// What earlier starts left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A replacement that was not carried to its end: see [`settle`].
    Unfinished,
    /// A damaged database was set aside, and nothing took its place yet.
    SetAside {
        /// What was wrong with it, in a sentence.
        reason: String,
        /// Where it is.
        folder: PathBuf,
    },
}

/// What earlier starts left.
///
/// # Errors
/// When the record can't be read.
pub fn standing(folder: &Path) -> Result<Standing, BackupFailure> {
    Ok(match read(folder)? {
        None => Standing::Nothing,
        Some(Record { done: true, reason: Some(reason), folder: name, .. }) => {
            Standing::SetAside { reason, folder: folder.join(FOLDER).join(name) }
        }
        Some(_) => Standing::Unfinished,
    })
}

/// Moves the database as it is, byte for byte, into a folder of its own, and says which; `None` when nothing was there.
/// Until something takes its place or stands there again, [`standing`] says `reason`.
///
/// # Errors
/// When it could not be moved; what was moved and what was not is finished by [`settle`].
pub fn set_aside(folder: &Path, _alone: &InUse, reason: &str, now: Timestamp) -> Result<Option<PathBuf>, BackupFailure> {
    if !anything_to_move(folder)? {
        return Ok(None);
    }
    let name = free_name(folder, now)?;
    let aside = folder.join(FOLDER).join(&name);
    write(folder, &Record { format: FORMAT, folder: name, reason: Some(reason.to_owned()), done: false })?;
    finish(folder)?;
    Ok(Some(aside))
}

/// Sets the database aside, if there is one, and puts the finished file at [`REPLACEMENT`] in its place. Says where the
/// former database is.
pub(super) fn put_replacement(folder: &Path, _alone: &InUse, now: Timestamp) -> Result<Option<PathBuf>, BackupFailure> {
    let name = free_name(folder, now)?;
    let aside = anything_to_move(folder)?.then(|| folder.join(FOLDER).join(&name));
    write(folder, &Record { format: FORMAT, folder: name, reason: None, done: false })?;
    finish(folder)?;
    Ok(aside)
}

/// Carries to its end what a kill or a loss of power cut short; nothing is lost by doing it again.
///
/// # Errors
/// When a file can't be moved; it can be tried again.
pub fn settle(folder: &Path, _alone: &InUse) -> Result<(), BackupFailure> {
    finish(folder)
}

/// A database stands in its place again: the record has nothing to say any more.
///
/// # Errors
/// When it can't be removed.
pub fn forget(folder: &Path) -> Result<(), BackupFailure> {
    let path = folder.join(RECORD);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupFailure::unusable(&path, &error)),
        _ => sync_folder(folder).map_err(|error| BackupFailure::unusable(folder, &error)),
    }
}

fn finish(folder: &Path) -> Result<(), BackupFailure> {
    let Some(record) = read(folder)?.filter(|record| !record.done) else { return Ok(()) };
    let replacement = folder.join(REPLACEMENT);
    if record.reason.is_some() {
        move_parts(folder, &record.folder)?;
        return write(folder, &Record { done: true, ..record });
    }
    // Once the replacement stands in its place, the parts there are its own.
    if exists(&replacement)? {
        move_parts(folder, &record.folder)?;
        rename(&replacement, &folder.join(DATABASE))?;
        sync_folder(folder).map_err(|error| BackupFailure::unusable(folder, &error))?;
    }
    forget(folder)
}

fn move_parts(folder: &Path, name: &str) -> Result<(), BackupFailure> {
    if !anything_to_move(folder)? {
        return Ok(());
    }
    let all = folder.join(FOLDER);
    let aside = all.join(name);
    make_folder(&aside)?;
    for part in PARTS {
        let from = folder.join(part);
        if exists(&from)? {
            rename(&from, &aside.join(part))?;
        }
    }
    // The new places first: a loss of power may leave a file in both folders, never in none.
    for changed in [&aside, &all, folder] {
        sync_folder(changed).map_err(|error| BackupFailure::unusable(changed, &error))?;
    }
    Ok(())
}

fn anything_to_move(folder: &Path) -> Result<bool, BackupFailure> {
    PARTS.iter().try_fold(false, |any, part| Ok(any || exists(&folder.join(part))?))
}

/// Whether something of this name is there, be it a link that leads nowhere.
fn exists(path: &Path) -> Result<bool, BackupFailure> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(BackupFailure::unusable(path, &error)),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupFailure> {
    fs::rename(from, to).map_err(|error| BackupFailure::unusable(from, &error))
}

/// A folder's name that nothing was set aside under yet.
fn free_name(folder: &Path, now: Timestamp) -> Result<String, BackupFailure> {
    let mut at = now;
    loop {
        let name = stamp(at);
        if !exists(&folder.join(FOLDER).join(&name))? {
            return Ok(name);
        }
        at = at.checked_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MIN);
    }
}

/// The record. One that is not ours counts as none: it is written whole or not at all.
fn read(folder: &Path) -> Result<Option<Record>, BackupFailure> {
    let path = folder.join(RECORD);
    match fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok().filter(Record::is_ours)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(BackupFailure::unusable(&path, &error)),
    }
}

impl Record {
    /// The folder is one of ours: a name that was changed by hand must not lead elsewhere.
    fn is_ours(&self) -> bool {
        let at: Option<Timestamp> = self.folder.parse().ok();
        self.format == FORMAT && at.is_some_and(|at| stamp(at) == self.folder)
    }
}

fn write(folder: &Path, record: &Record) -> Result<(), BackupFailure> {
    write_whole(folder, RECORD, record)
}

/// Replaces a file as one step that survives a loss of power.
pub(super) fn write_whole(folder: &Path, name: &str, content: &impl Serialize) -> Result<(), BackupFailure> {
    let (path, new) = (folder.join(name), folder.join(format!(".{name}.new")));
    let written = || -> io::Result<()> {
        let mut file = private_file().create(true).truncate(true).open(&new)?;
        file.write_all(&serde_json::to_vec_pretty(content)?)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        sync_folder(folder)
    };
    written().map_err(|error| BackupFailure::unusable(&path, &error))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tempfile::TempDir;

    use super::*;

    const ASIDE: &str = "20260131T090000.123Z";

    /// A folder with these files, each holding the text after its name.
    fn folder(files: &[(&str, &str)]) -> (TempDir, InUse) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let alone = InUse::alone(folder.path(), std::time::Duration::ZERO).unwrap();
        (folder, alone)
    }

    fn text(folder: &TempDir, name: &str) -> Option<String> {
        fs::read_to_string(folder.path().join(name)).ok()
    }

    fn record(reason: Option<&str>) -> Record {
        Record { format: FORMAT, folder: ASIDE.to_owned(), reason: reason.map(str::to_owned), done: false }
    }

    #[rstest]
    #[case::nothing_was_moved(&[("workspace.db", "old"), ("workspace.db-wal", "log"), (".replacement.db", "new")])]
    #[case::a_part_was_moved(&[
        ("set-aside/20260131T090000.123Z/workspace.db", "old"), ("workspace.db-wal", "log"), (".replacement.db", "new"),
    ])]
    #[case::all_was_moved(&[
        ("set-aside/20260131T090000.123Z/workspace.db", "old"),
        ("set-aside/20260131T090000.123Z/workspace.db-wal", "log"),
        (".replacement.db", "new"),
    ])]
    #[case::it_is_in_its_place(&[
        ("set-aside/20260131T090000.123Z/workspace.db", "old"),
        ("set-aside/20260131T090000.123Z/workspace.db-wal", "log"),
        ("workspace.db", "new"),
    ])]
    fn s6_a_replacement_is_carried_to_its_end_from_wherever_it_was_cut_short(#[case] files: &[(&str, &str)]) {
        let (folder, alone) = folder(files);
        write(folder.path(), &record(None)).unwrap();
        assert_eq!(standing(folder.path()), Ok(Standing::Unfinished));
        for _ in 0..2 {
            settle(folder.path(), &alone).unwrap();
            assert_eq!(standing(folder.path()), Ok(Standing::Nothing));
            assert_eq!(text(&folder, "workspace.db").as_deref(), Some("new"));
            assert_eq!(text(&folder, "workspace.db-wal"), None, "the former log must never stand beside the new database");
            assert_eq!(text(&folder, &format!("set-aside/{ASIDE}/workspace.db")).as_deref(), Some("old"));
            assert_eq!(text(&folder, &format!("set-aside/{ASIDE}/workspace.db-wal")).as_deref(), Some("log"));
            assert_eq!(text(&folder, ".replacement.db"), None);
        }
    }

    #[rstest]
    #[case::nothing_was_moved(&[("workspace.db", "old"), ("workspace.db-wal", "log")])]
    #[case::a_part_was_moved(&[("set-aside/20260131T090000.123Z/workspace.db", "old"), ("workspace.db-wal", "log")])]
    #[case::all_was_moved(&[
        ("set-aside/20260131T090000.123Z/workspace.db", "old"), ("set-aside/20260131T090000.123Z/workspace.db-wal", "log"),
    ])]
    fn s6_setting_aside_is_carried_to_its_end_and_remembered(#[case] files: &[(&str, &str)]) {
        let (folder, alone) = folder(files);
        write(folder.path(), &record(Some("It was damaged."))).unwrap();
        assert_eq!(standing(folder.path()), Ok(Standing::Unfinished));
        let aside = folder.path().join(FOLDER).join(ASIDE);
        for _ in 0..2 {
            settle(folder.path(), &alone).unwrap();
            let said = Standing::SetAside { reason: "It was damaged.".to_owned(), folder: aside.clone() };
            assert_eq!(standing(folder.path()), Ok(said));
            assert_eq!(text(&folder, "workspace.db"), None);
            assert_eq!(fs::read_to_string(aside.join("workspace.db-wal")).unwrap(), "log");
        }
    }

    #[test]
    fn s6_a_replacement_that_was_never_begun_changes_nothing() {
        let (folder, alone) = folder(&[("workspace.db", "old"), (".replacement.db", "half")]);
        settle(folder.path(), &alone).unwrap();
        assert_eq!(text(&folder, "workspace.db").as_deref(), Some("old"));
    }

    #[rstest]
    #[case("../..")]
    #[case("/tmp")]
    #[case("")]
    fn s6_a_record_that_was_changed_by_hand_leads_nowhere(#[case] name: &str) {
        let (folder, alone) = folder(&[("workspace.db", "old")]);
        write(folder.path(), &Record { folder: name.to_owned(), ..record(Some("x")) }).unwrap();
        assert_eq!(standing(folder.path()), Ok(Standing::Nothing));
        settle(folder.path(), &alone).unwrap();
        assert_eq!(text(&folder, "workspace.db").as_deref(), Some("old"));
    }

    #[test]
    fn s6_two_at_the_same_moment_get_a_folder_each() {
        let (folder, alone) = folder(&[("workspace.db", "one")]);
        let now: Timestamp = "2026-01-31T09:00:00.123Z".parse().unwrap();
        let one = set_aside(folder.path(), &alone, "x", now).unwrap().unwrap();
        assert_eq!(set_aside(folder.path(), &alone, "x", now), Ok(None), "nothing is there");
        fs::write(folder.path().join("workspace.db"), "two").unwrap();
        let two = set_aside(folder.path(), &alone, "x", now).unwrap().unwrap();
        assert_eq!(fs::read_to_string(one.join("workspace.db")).unwrap(), "one");
        assert_eq!(fs::read_to_string(two.join("workspace.db")).unwrap(), "two");
    }
}
