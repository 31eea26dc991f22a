//! What a program that stays open does for its database in the background (S6): the whole check once a day, backups when
//! they are due, and the log kept within its limits.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::views::{Problem, WorkspaceEvent};
use super::{Inner, Workspace};
use crate::backup;
use crate::clock::Clock;
use crate::store::{Database, StoreFailure};

/// After opening, so that the first page or command is served first.
const FIRST: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_mins(10);

impl Workspace {
    /// Looks after the database from now on, until the workspace is closed. For programs that stay open.
    pub fn look_after(&self) {
        self.keep_log();
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            let mut pause = FIRST;
            loop {
                tokio::time::sleep(pause).await;
                pause = PAUSE;
                // Held only while there is something to do, so that the workspace can be closed meanwhile.
                let Some(workspace) = opened(&inner) else { return };
                if let Err(problem) = workspace.check_if_due().await {
                    tracing::warn!(%problem, "the database was not checked");
                }
                if workspace.damage().is_none()
                    && let Err(problem) = workspace.backups().make_if_due().await
                {
                    tracing::warn!(%problem, "no backup was made");
                }
            }
        });
    }

    /// Checks the whole database if that was not done for a day. Damage is told as an event, and [`Self::damage`] says it.
    ///
    /// # Errors
    /// When it could not be checked, or is damaged.
    pub async fn check_if_due(&self) -> Result<(), Problem> {
        let workspace = self.clone();
        let checking = tokio::task::spawn_blocking(move || {
            let (folder, now) = (workspace.folder(), workspace.inner.means.clock.now());
            if backup::whole_check_is_due(folder, now) {
                workspace.database().check()?;
                backup::note_whole_check(folder, now)?;
            }
            Ok::<_, Problem>(())
        });
        checking.await.map_err(|_| Problem::interrupted())?
    }

    /// What was found to be damaged since the workspace was opened, in a sentence. Opening it again sets the database
    /// aside.
    pub fn damage(&self) -> Option<String> {
        damage_of(self.database())
    }

    /// Closing will leave what was written last in the database's write-ahead log, if that is small, instead of waiting for
    /// the disk. Nothing is lost by it. For programs that do one thing and end.
    pub fn close_without_tidying(&self) {
        if let Err(failure) = self.database().leave_small_log() {
            tracing::debug!(%failure, "the database is tidied when it is closed");
        }
    }

    /// Lets go of the workspace. Runs under way go on, are recorded, and hold it until then.
    pub async fn close(self) {
        self.sandbox().end().await;
        self.messenger().end().await;
    }
}

fn damage_of(database: &Database) -> Option<String> {
    database.damage().map(|words| StoreFailure::Damaged(words.to_owned()).sentence())
}

/// Raised once, when something damaged is met while the database is open.
pub(super) struct Alarm {
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
}

impl Alarm {
    /// Sees to it that the next start checks everything, and gives the event that tells of the damage.
    pub async fn raise(self, database: &Database) -> WorkspaceEvent {
        let noted = tokio::task::spawn_blocking(move || backup::note_damage(&self.folder, self.clock.now())).await;
        if let Ok(Err(failure)) = noted {
            tracing::warn!(%failure, "the next start will not know of the damage");
        }
        WorkspaceEvent::DatabaseDamaged { reason: damage_of(database).unwrap_or_default() }
    }
}

pub(super) fn opened(inner: &Weak<Inner>) -> Option<Workspace> {
    inner.upgrade().map(|inner| Workspace { inner })
}
