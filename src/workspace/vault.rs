//! The slots of an open workspace, and what its folder holds (S1).

use secrecy::SecretString;

use super::Workspace;
use super::views::{Problem, SlotKind, StorageView, VaultStatus};
use crate::store::executions;
use crate::vault::{Presence, VaultFailure};

impl Workspace {
    /// That the workspace is open, with which slot, and which slots exist.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn vault_status(&self) -> Result<VaultStatus, Problem> {
        let folder = self.folder().display().to_string();
        Ok(VaultStatus::Open { opened_with: self.inner.opened_with, slots: self.slots().await?, folder })
    }

    /// The *Storage and security* page.
    ///
    /// # Errors
    /// When the folder or the database can't be read.
    pub async fn storage(&self) -> Result<StorageView, Problem> {
        let count = self.database().read_async(executions::count).await?;
        #[expect(clippy::cast_precision_loss, reason = "sizes below 9 petabytes are exact in an f64")]
        let database_bytes = self.database().size_bytes() as f64;
        Ok(StorageView {
            folder: self.folder().display().to_string(),
            database_bytes,
            backups_bytes: self.backups().bytes().await?,
            opened_with: self.inner.opened_with,
            slots: self.slots().await?,
            executions: u32::try_from(count).unwrap_or(u32::MAX),
        })
    }

    /// Adds or changes the passphrase slot.
    ///
    /// # Errors
    /// When it is too short, or the folder can't be written.
    pub async fn set_passphrase(&self, passphrase: SecretString) -> Result<(), Problem> {
        self.on_vault(move |workspace| workspace.inner.vault.set_passphrase(workspace.id(), &workspace.inner.key, &passphrase))
            .await
    }

    /// Removes the passphrase slot; refused when nothing else would open the workspace.
    ///
    /// # Errors
    /// When it is the only slot that works.
    pub async fn remove_passphrase(&self) -> Result<(), Problem> {
        self.on_vault(|workspace| workspace.inner.vault.remove_passphrase(workspace.id(), &workspace.inner.key)).await
    }

    /// Keeps the key in the operating system's keyring too.
    ///
    /// # Errors
    /// When the keyring can't keep it.
    pub async fn enrol_keyring(&self) -> Result<(), Problem> {
        self.on_vault(|workspace| workspace.inner.vault.enrol_keyring(workspace.id(), &workspace.inner.key)).await
    }

    fn id(&self) -> &str {
        &self.inner.workspace_id
    }

    async fn slots(&self) -> Result<Vec<SlotKind>, Problem> {
        let presence = self.on_vault(|workspace| workspace.inner.vault.status()).await?;
        match presence {
            Presence::Present { slots } => Ok(slots.into_iter().map(SlotKind::from).collect()),
            Presence::Absent => Err(VaultFailure::NoWorkspace.into()),
        }
    }

    /// The vault's calls block: files, keyring, key derivation.
    async fn on_vault<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Workspace) -> Result<T, VaultFailure> + Send + 'static,
    ) -> Result<T, Problem> {
        let workspace = self.clone();
        let acting = tokio::task::spawn_blocking(move || act(&workspace));
        Ok(acting.await.map_err(|_| Problem::interrupted())??)
    }
}
