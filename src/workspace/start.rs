//! The start-up check (S6), and what becomes of a database that does not pass it. Everybody holds a place at the database
//! while it is open; whoever sets it aside has to be alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::damaged::DamagedWorkspace;
use super::open::OpenFailure;
use super::unlocked::Unlocked;
use super::views::BackupView;
use crate::backup::{self, BackupReason, Patience, Standing};
use crate::settings::{Values, catalogue};
use crate::store::{Database, Extent, InUse, Opening, StoreFailure, copy_into};
use crate::vault::DATABASE_FILE;

/// A database up to this size is checked whole at every start, which takes some 5 ms. A larger one has its small tables
/// checked; all of it, in the background of programs that stay open and whenever a backup is made.
const WHOLE_BELOW: u64 = 2 * 1024 * 1024;
/// How long to wait for another program that restores a backup.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait to be alone with a damaged database: as long as others need to find it damaged too.
const ALONE_PATIENCE: Duration = Duration::from_secs(2);
/// The most intact backups that are looked for; each is read whole.
const MOST_OFFERED: usize = 5;
/// More often than others can repair the database between two looks of ours.
const TRIES: usize = 3;

/// Checks and opens the database; blocks, usually for some milliseconds.
///
/// # Errors
/// [`OpenFailure::Damaged`] when it is not what was written; it is set aside then, if nobody else has it open.
pub(super) fn start(unlocked: &Unlocked) -> Result<Arc<Database>, OpenFailure> {
    let folder = unlocked.folder();
    for _ in 0..TRIES {
        let in_use = InUse::shared(folder, PATIENCE)?;
        let standing = backup::standing(folder).map_err(stored)?;
        if standing == Standing::Unfinished {
            drop(in_use);
            backup::settle(folder, &InUse::alone(folder, PATIENCE)?).map_err(stored)?;
            continue;
        }
        match open(unlocked, Some(in_use)) {
            Ok(database) => return opened(unlocked, database, &standing),
            Err(failure) if failure.is_damage() => {
                if let Some(damaged) = judge(unlocked, &failure)? {
                    return Err(OpenFailure::Damaged(Box::new(damaged)));
                }
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StoreFailure::Busy.into())
}

fn open(unlocked: &Unlocked, in_use: Option<InUse>) -> Result<Database, StoreFailure> {
    let folder = unlocked.folder();
    let key_hex = unlocked.key.hex();
    let urgent = backup::whole_check_is_urgent(folder);
    let before_update = |connection: &rusqlite::Connection| {
        let how = (
            BackupReason::BeforeUpdate,
            unlocked.seams.clock.now(),
            Some(Values::read(connection)?.number(&catalogue::BACKUPS_KEEP)),
        );
        let copy = |target: &Path| copy_into(connection, target);
        backup::make(folder, &key_hex, how, Patience::Some, copy).map(drop).map_err(backup::BackupFailure::of_the_store)
    };
    let opening = Opening {
        made: unlocked.database_made,
        check: if urgent { Extent::Whole } else { Extent::SmallUnlessWithin(WHOLE_BELOW) },
        before_update: &before_update,
        in_use,
    };
    Database::open_with(folder.join(DATABASE_FILE), &key_hex, opening)
}

fn opened(unlocked: &Unlocked, database: Database, standing: &Standing) -> Result<Arc<Database>, OpenFailure> {
    let folder = unlocked.folder();
    if *standing != Standing::Nothing {
        // Somebody put a database back by hand.
        backup::forget(folder).map_err(stored)?;
    }
    if backup::whole_check_is_urgent(folder) {
        backup::note_whole_check(folder, unlocked.seams.clock.now()).map_err(stored)?;
    }
    if !unlocked.database_made {
        unlocked.vault.database_is_made(&unlocked.workspace_id)?;
    }
    Ok(Arc::new(database))
}

/// Looks again, alone, at a database that was found damaged, and sets it aside. `None` when it is whole now: another
/// program may have restored it meanwhile.
fn judge(unlocked: &Unlocked, found: &StoreFailure) -> Result<Option<DamagedWorkspace>, OpenFailure> {
    let folder = unlocked.folder();
    let alone = match InUse::alone(folder, ALONE_PATIENCE) {
        Ok(alone) => alone,
        Err(StoreFailure::OpenElsewhere) => {
            let damaged = damaged(unlocked, found.sentence(), None)?;
            return Ok(Some(DamagedWorkspace { open_elsewhere: true, ..damaged }));
        }
        Err(failure) => return Err(failure.into()),
    };
    let failure = match open(unlocked, None) {
        Ok(_) => return Ok(None),
        Err(failure) if failure.is_damage() => failure,
        Err(failure) => return Err(failure.into()),
    };
    if failure == StoreFailure::Missing
        && let Standing::SetAside { reason, folder } = backup::standing(folder).map_err(stored)?
    {
        return damaged(unlocked, reason, Some(folder)).map(Some);
    }
    let reason = failure.sentence();
    // A key that fits no page is perhaps of another workspace, unless a backup proves that it is of this one.
    let is_ours = failure != StoreFailure::WrongKey || !offered(unlocked, 1)?.is_empty();
    let set_aside =
        if is_ours { backup::set_aside(folder, &alone, &reason, unlocked.seams.clock.now()).map_err(stored)? } else { None };
    drop(alone);
    damaged(unlocked, reason, set_aside).map(Some)
}

fn damaged(unlocked: &Unlocked, reason: String, set_aside: Option<PathBuf>) -> Result<DamagedWorkspace, OpenFailure> {
    let backups = offered(unlocked, MOST_OFFERED)?;
    Ok(DamagedWorkspace { reason, set_aside, open_elsewhere: false, backups, unlocked: unlocked.clone() })
}

fn offered(unlocked: &Unlocked, most: usize) -> Result<Vec<BackupView>, OpenFailure> {
    let intact = backup::intact(unlocked.folder(), &unlocked.key.hex(), most).map_err(stored)?;
    Ok(intact.iter().map(BackupView::from).collect())
}

fn stored(failure: backup::BackupFailure) -> OpenFailure {
    failure.of_the_store().into()
}
