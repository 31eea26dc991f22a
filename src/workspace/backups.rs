//! The backups of a workspace, made while it is open (S6).

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::Workspace;
use super::views::{BackupView, BackupsView, Problem, ProblemCode};
use crate::backup::{self, Backup, BackupFailure, BackupReason, Patience};
use crate::clock::to_rfc3339;

/// Why the last backup that was made by itself failed.
#[derive(Default)]
pub(super) struct LastFailure(Mutex<Option<Problem>>);

impl LastFailure {
    fn get(&self) -> Option<Problem> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, problem: Option<Problem>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }
}

/// The backups of a workspace.
pub struct Backups<'a> {
    pub(super) workspace: &'a Workspace,
}

impl Backups<'_> {
    /// All of them, the newest first.
    ///
    /// # Errors
    /// When their folder can't be read.
    pub async fn list(&self) -> Result<BackupsView, Problem> {
        let problem = self.workspace.inner.backup_failure.get();
        let view = self.blocking(|workspace| closed_backups(workspace.folder())).await?;
        Ok(BackupsView { problem, ..view })
    }

    /// Makes one now; waits up to half a minute for another program that makes one.
    ///
    /// # Errors
    /// When it could not be made, or what was made is not intact.
    pub async fn now(&self) -> Result<BackupView, Problem> {
        let made = self.blocking(|workspace| Ok(workspace.back_up(BackupReason::ByHand, Patience::Some)?)).await?;
        Ok(BackupView::from(&made))
    }

    /// Makes one if the newest is too old by the settings and something was written since. `None` when none is due, or
    /// another program makes one.
    ///
    /// # Errors
    /// When it could not be made; [`BackupsView::problem`] says so until one is made.
    pub async fn make_if_due(&self) -> Result<Option<BackupView>, Problem> {
        let made = self.try_if_due().await;
        match &made {
            Ok(Some(_)) => self.workspace.inner.backup_failure.set(None),
            Ok(None) => {}
            Err(problem) => self.workspace.inner.backup_failure.set(Some(problem.clone())),
        }
        made
    }

    async fn try_if_due(&self) -> Result<Option<BackupView>, Problem> {
        self.blocking(|workspace| {
            let every_hours = workspace.settings().backups().every_hours;
            if !backup::is_due(workspace.folder(), every_hours, workspace.inner.means.clock.now())? {
                return Ok(None);
            }
            match workspace.back_up(BackupReason::Automatic, Patience::None) {
                Ok(made) => Ok(Some(BackupView::from(&made))),
                Err(BackupFailure::BeingMade) => Ok(None),
                Err(failure) => Err(failure.into()),
            }
        })
        .await
    }

    pub(super) async fn bytes(&self) -> Result<f64, Problem> {
        self.blocking(|workspace| Ok(size(backup::bytes(workspace.folder())?))).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Workspace) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let workspace = self.workspace.clone();
        tokio::task::spawn_blocking(move || act(&workspace)).await.map_err(|_| Problem::interrupted())?
    }
}

impl Workspace {
    fn back_up(&self, reason: BackupReason, patience: Patience) -> Result<Backup, BackupFailure> {
        let keep = self.settings().backups().keep;
        let now = self.inner.means.clock.now();
        let key_hex = self.inner.key.hex();
        let copy = |target: &Path| self.database().copy_into(target);
        let made = backup::make(self.folder(), &key_hex, (reason, now, Some(keep)), patience, copy)?;
        // Every page in use was read for it.
        if let Err(failure) = backup::note_whole_check(self.folder(), now) {
            tracing::debug!(%failure, "the whole check was not written down");
        }
        Ok(made)
    }
}

/// The backups of a folder, whether its workspace is open or not; none of them is opened.
///
/// # Errors
/// When the folder can't be read.
pub fn closed_backups(folder: &Path) -> Result<BackupsView, Problem> {
    let backups = backup::list(folder)?.iter().map(BackupView::from).collect();
    Ok(BackupsView { folder: folder.join("backups").display().to_string(), backups, problem: None })
}

impl From<&Backup> for BackupView {
    fn from(backup: &Backup) -> Self {
        Self {
            name: backup.name.clone(),
            made_at: to_rfc3339(backup.made_at),
            bytes: size(backup.bytes),
            reason: backup.reason,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes below 9 petabytes are exact in an f64")]
fn size(bytes: u64) -> f64 {
    bytes as f64
}

impl From<BackupFailure> for Problem {
    fn from(failure: BackupFailure) -> Self {
        match &failure {
            BackupFailure::NoSuch { .. } => {
                let problem = Self::new(ProblemCode::NotFound, failure.to_string(), failure.next_step());
                Self { field: Some("name".to_owned()), ..problem }
            }
            _ => Self::new(ProblemCode::Failed, failure.to_string(), failure.next_step()),
        }
    }
}
