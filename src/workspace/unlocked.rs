//! A workspace whose key was had and whose database is not open: what opens it, and what puts a backup or an empty
//! database in its place, also when it can't be opened (S6).

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Serialize;

use super::open::OpenFailure;
use super::settings::LiveSettings;
use super::views::{BackupView, Problem, SlotKind};
use super::{Seams, Workspace, start};
use crate::backup::{self, Replaced, Replacement};
use crate::http::LiveLimits;
use crate::store::Contents;
use crate::vault::{DatabaseKey, Opened, Presence, Vault, VaultFailure};

/// A workspace whose key was had and whose database is not open.
#[derive(Clone)]
pub struct Unlocked {
    pub(super) vault: Vault,
    pub(super) key: DatabaseKey,
    pub(super) workspace_id: String,
    pub(super) opened_with: SlotKind,
    pub(super) database_made: bool,
    pub(super) seams: Seams,
}

impl std::fmt::Debug for Unlocked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Unlocked").field("folder", &self.vault.folder()).finish_non_exhaustive()
    }
}

/// What a backup holds.
#[derive(Debug, Clone, Serialize)]
pub struct BackupContents {
    /// The backup.
    #[serde(flatten)]
    pub backup: BackupView,
    /// Tokens.
    pub tokens: u32,
    /// Data connectors.
    pub connectors: u32,
    /// Recorded executions.
    pub executions: u32,
}

/// What was put in the database's place.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The backup's name; `None` for an empty database.
    pub name: Option<String>,
    /// Tokens that are there now.
    pub tokens: u32,
    /// Data connectors.
    pub connectors: u32,
    /// Recorded executions.
    pub executions: u32,
    /// Where the former database was set aside; `None` when there was none.
    pub set_aside: Option<String>,
    /// The backup that was made of the former one; `None` when it could not be read.
    pub before: Option<BackupView>,
}

/// Why nothing was put in the database's place.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RestoreFailure {
    /// The workspace's key could not be had.
    #[error(transparent)]
    Open(#[from] OpenFailure),
    /// It was refused or failed; the database is as it was.
    #[error(transparent)]
    Refused(#[from] Problem),
}

/// Restores a backup of a workspace that is not open. A passphrase that is given and enrolled decides alone (S1).
///
/// # Errors
/// When no slot gives the key, there is no such backup or it is not intact, or others have the workspace open.
pub async fn restore(
    folder: impl Into<PathBuf>,
    passphrase: Option<SecretString>,
    seams: Seams,
    name: &str,
) -> Result<Restored, RestoreFailure> {
    Ok(Unlocked::unlock(folder, passphrase, seams).await?.restore(name).await?)
}

impl Unlocked {
    /// Has the key of a workspace that exists, and opens nothing.
    ///
    /// # Errors
    /// When there is none, or no slot gives the key.
    pub async fn unlock(
        folder: impl Into<PathBuf>,
        passphrase: Option<SecretString>,
        seams: Seams,
    ) -> Result<Self, OpenFailure> {
        let vault = Vault::new(folder, seams.keyring.clone());
        let asked = tokio::task::spawn_blocking(move || match vault.status()? {
            Presence::Absent => Err(VaultFailure::NoWorkspace),
            Presence::Present { .. } => vault.open(passphrase.as_ref()).map(|opened| (vault, opened)),
        });
        let (vault, opened) = asked.await.map_err(|_| interrupted())??;
        Ok(Self::new(vault, opened, seams))
    }

    pub(super) fn new(vault: Vault, opened: Opened, seams: Seams) -> Self {
        Self {
            vault,
            key: opened.key,
            workspace_id: opened.workspace_id,
            opened_with: opened.opened_with.into(),
            database_made: opened.database_made,
            seams,
        }
    }

    /// The workspace's folder.
    pub fn folder(&self) -> &Path {
        self.vault.folder()
    }

    /// Opens the workspace.
    ///
    /// # Errors
    /// When its database can't be opened.
    pub async fn open(self) -> Result<Workspace, OpenFailure> {
        let limits = LiveLimits::default();
        let opening = {
            let (unlocked, limits) = (self.clone(), limits.clone());
            tokio::task::spawn_blocking(move || {
                let database = start::start(&unlocked)?;
                let live = LiveSettings::open(&database, limits)?;
                Ok::<_, OpenFailure>((database, live))
            })
        };
        let (database, live) = opening.await.map_err(|_| interrupted())??;
        Ok(Workspace::with(self, database, live, limits).await)
    }

    /// What the backup of this name holds, after all of it was read.
    ///
    /// # Errors
    /// When there is none, or it is not intact.
    pub async fn contents(&self, name: &str) -> Result<BackupContents, Problem> {
        let name = name.to_owned();
        self.blocking(move |unlocked| {
            let (backup, contents) = backup::find(unlocked.folder(), &unlocked.key.hex(), &name)?;
            let Contents { tokens, connectors, executions } = contents;
            Ok(BackupContents { backup: BackupView::from(&backup), tokens, connectors, executions })
        })
        .await
    }

    /// Puts the backup of this name in the database's place. The present database is set aside, never deleted.
    ///
    /// # Errors
    /// When there is no such backup or it is not intact, others have the workspace open, or a file can't be written.
    /// The database is as it was then.
    pub async fn restore(&self, name: &str) -> Result<Restored, Problem> {
        let name = name.to_owned();
        self.blocking(move |unlocked| {
            let replaced = unlocked.replace(Replacement::Backup(&name))?;
            Ok(Restored::new(Some(name), replaced))
        })
        .await
    }

    /// Puts a new, empty database in the database's place. The present one is set aside, never deleted.
    ///
    /// # Errors
    /// When others have the workspace open, or a file can't be written. The database is as it was then.
    pub async fn start_empty(&self) -> Result<Restored, Problem> {
        self.blocking(|unlocked| Ok(Restored::new(None, unlocked.replace(Replacement::Empty)?))).await
    }

    fn replace(&self, with: Replacement<'_>) -> Result<Replaced, Problem> {
        Ok(backup::replace(self.folder(), &self.key.hex(), with, self.seams.clock.now())?)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let unlocked = self.clone();
        tokio::task::spawn_blocking(move || act(&unlocked)).await.map_err(|_| Problem::interrupted())?
    }
}

impl Restored {
    fn new(name: Option<String>, replaced: Replaced) -> Self {
        let Contents { tokens, connectors, executions } = replaced.contents;
        Self {
            name,
            tokens,
            connectors,
            executions,
            set_aside: replaced.set_aside.map(|folder| folder.display().to_string()),
            before: replaced.before.as_ref().map(BackupView::from),
        }
    }
}

pub(super) fn interrupted() -> OpenFailure {
    OpenFailure::System("the work was interrupted".to_owned())
}
