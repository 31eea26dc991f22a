//! A workspace that its user locked on purpose, in one client. It is closed there: the key is gone from memory as soon as
//! the last run that was under way has been recorded. What opens it again is asked of the user, not of the environment.

use std::path::PathBuf;

use secrecy::SecretString;

use super::views::{Problem, SlotKind, VaultStatus};
use super::{OpenFailure, Seams, Workspace};
use crate::vault::{Presence, Slot, Vault, VaultFailure};

/// A workspace that was locked by its user.
pub struct LockedWorkspace {
    folder: PathBuf,
    seams: Seams,
}

impl Workspace {
    /// Closes it in this client. What is only in memory, such as the responses of tests, is forgotten at once; runs
    /// under way end and are recorded, and the key is wiped with the last of them.
    pub fn lock(self, seams: Seams) -> LockedWorkspace {
        self.inner.memory.forget();
        // It listens for the open workspace alone, and must not wait for runs under way.
        self.inner.messenger.drop_running();
        LockedWorkspace { folder: self.folder().to_owned(), seams }
    }
}

impl LockedWorkspace {
    /// That it is locked, and what opens it.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn status(&self) -> Result<VaultStatus, Problem> {
        let slots = match self.slots().await {
            Ok(slots) => slots,
            Err(failure) => return Ok(failure.status(&self.folder)),
        };
        let next_step = if slots.contains(&Slot::Passphrase) {
            "Enter the passphrase."
        } else {
            "Unlock it with the keyring, which is asked again."
        };
        Ok(VaultStatus::Locked {
            slots: slots.into_iter().map(SlotKind::from).collect(),
            reason: "The workspace was locked in this window.".to_owned(),
            next_step: next_step.to_owned(),
            folder: self.folder.display().to_string(),
            by_user: true,
        })
    }

    /// Opens it again. If a passphrase is enrolled, only the passphrase does: whoever sits at the open session could ask
    /// the keyring too. Otherwise the keyring is asked.
    ///
    /// # Errors
    /// When the passphrase is missing or wrong, the keyring gives no key, or the folder has no workspace any more: one
    /// that is gone is not made anew.
    pub async fn unlock(&self, passphrase: Option<SecretString>) -> Result<Workspace, OpenFailure> {
        let slots = self.slots().await?;
        if passphrase.is_none() && slots.contains(&Slot::Passphrase) {
            return Err(VaultFailure::PassphraseOnly.into());
        }
        Workspace::open(&self.folder, passphrase, self.seams.clone()).await
    }

    async fn slots(&self) -> Result<Vec<Slot>, OpenFailure> {
        let vault = Vault::new(&self.folder, self.seams.keyring.clone());
        let looking = tokio::task::spawn_blocking(move || vault.status());
        match looking.await.map_err(|_| OpenFailure::System("the work was interrupted".to_owned()))?? {
            Presence::Present { slots } => Ok(slots),
            Presence::Absent => Err(VaultFailure::NoWorkspace.into()),
        }
    }
}
