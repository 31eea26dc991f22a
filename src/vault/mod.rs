//! The key of a workspace's database and the slots that keep it (S1): the operating system's keyring, a passphrase.
//! A key is made once, under a file lock, and never while a database exists: a second key would orphan it. The
//! enrolment (`vault.json`) is written last, so a creation that was broken off leaves no half workspace behind.

#[cfg(test)]
mod change_tests;
mod failure;
mod files;
mod key;
mod keyring;
mod memory;
mod passphrase;
mod slot;
#[cfg(test)]
mod tests;

pub use failure::{KeyringAnswer, SHORTEST_PASSPHRASE, VaultFailure};
pub use key::{DatabaseKey, KEY_BYTES};
pub use keyring::KeyringSlot;
pub use memory::MemorySlot;
pub use slot::{KeySlot, Slot, SlotFailure};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use files::{Enrolment, FolderLock};
use passphrase::Cost;

/// The file in the workspace's folder that the key encrypts. While it exists, no new key is ever made.
pub const DATABASE_FILE: &str = "workspace.db";

/// The vault of the workspace in one folder. Its calls block (files, keyring up to seconds, key derivation up to a
/// second): keep them off the async threads.
#[derive(Clone)]
pub struct Vault {
    folder: PathBuf,
    keyring: Arc<dyn KeySlot>,
    cost: Cost,
}

/// What opening gave.
#[derive(Debug)]
pub struct Opened {
    /// The database's key.
    pub key: DatabaseKey,
    /// The slot that gave it.
    pub opened_with: Slot,
    /// The slots that exist.
    pub slots: Vec<Slot>,
    /// Names the workspace for ever (a UUID).
    pub workspace_id: String,
    /// Whether the workspace was made by this call.
    pub created: bool,
    /// Whether its database was made before; see [`Vault::database_is_made`].
    pub database_made: bool,
}

/// What a folder holds, seen without opening anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// No workspace: opening would make one.
    Absent,
    /// A workspace with these slots.
    Present {
        /// The slots that exist.
        slots: Vec<Slot>,
    },
}

impl Vault {
    /// The vault of this folder; nothing is read or written yet.
    pub fn new(folder: impl Into<PathBuf>, keyring: Arc<dyn KeySlot>) -> Self {
        Self { folder: folder.into(), keyring, cost: Cost::USUAL }
    }

    /// The workspace's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the folder holds, without asking the keyring and without writing anything.
    pub fn status(&self) -> Result<Presence, VaultFailure> {
        match Enrolment::read(&self.folder)? {
            Some(enrolment) => Ok(Presence::Present { slots: enrolment.slots }),
            None if files::has_file(&self.folder, DATABASE_FILE)? => Err(VaultFailure::KeyLost),
            None => Ok(Presence::Absent),
        }
    }

    /// Opens the workspace, or makes one where none is. A passphrase that is given and enrolled decides alone;
    /// otherwise the keyring is asked. A new workspace enrols the passphrase if one is given, else the keyring.
    pub fn open(&self, passphrase: Option<&SecretString>) -> Result<Opened, VaultFailure> {
        if files::has_file(&self.folder, files::VAULT_FILE)? {
            let _lock = FolderLock::shared(&self.folder)?;
            if let Some(enrolment) = Enrolment::read(&self.folder)? {
                return self.unlock(enrolment, passphrase);
            }
        }
        files::make_folder(&self.folder)?;
        let _lock = FolderLock::exclusive(&self.folder)?;
        // Another process may have made it while this one waited for the lock.
        match Enrolment::read(&self.folder)? {
            Some(enrolment) => self.unlock(enrolment, passphrase),
            None => self.create(passphrase),
        }
    }

    /// Sets or changes the passphrase of an open workspace. `id` and `key` must be those that [`Vault::open`] gave; when
    /// the folder holds another workspace by now, nothing is changed.
    pub fn set_passphrase(&self, id: &str, key: &DatabaseKey, new: &SecretString) -> Result<(), VaultFailure> {
        passphrase::check_new(new)?;
        self.change(id, |enrolment| {
            passphrase::enrol(&self.folder, &enrolment.workspace_id, key, new, self.cost)?;
            self.add(enrolment, Slot::Passphrase)
        })
    }

    /// Removes the passphrase of an open workspace. Refused as [`VaultFailure::LastSlot`] unless the keyring really
    /// gives `key` back at this moment.
    pub fn remove_passphrase(&self, id: &str, key: &DatabaseKey) -> Result<(), VaultFailure> {
        self.change(id, |mut enrolment| {
            match self.ask_keyring(&enrolment) {
                Ok(kept) if kept.is_same_as(key) => {}
                Ok(_) => return Err(VaultFailure::LastSlot { keyring: KeyringAnswer::Empty }),
                Err(keyring) => return Err(VaultFailure::LastSlot { keyring }),
            }
            enrolment.slots.retain(|slot| *slot != Slot::Passphrase);
            enrolment.write(&self.folder)?;
            files::remove(&self.folder, passphrase::SLOT_FILE)
        })
    }

    /// Keeps the key of an open workspace in the keyring too, and makes sure that it is kept.
    pub fn enrol_keyring(&self, id: &str, key: &DatabaseKey) -> Result<(), VaultFailure> {
        self.change(id, |enrolment| {
            self.keep_in_keyring(&enrolment.workspace_id, key).map_err(|why| VaultFailure::NotKept { why })?;
            self.add(enrolment, Slot::Keyring)
        })
    }

    /// Remembers that the database of the workspace `id` was made, so that a missing one is known to be lost.
    pub fn database_is_made(&self, id: &str) -> Result<(), VaultFailure> {
        self.change(id, |mut enrolment| {
            if enrolment.database_made {
                return Ok(());
            }
            enrolment.database_made = true;
            enrolment.write(&self.folder)
        })
    }

    fn change(&self, id: &str, act: impl FnOnce(Enrolment) -> Result<(), VaultFailure>) -> Result<(), VaultFailure> {
        if self.status()? == Presence::Absent {
            return Err(VaultFailure::NoWorkspace);
        }
        let _lock = FolderLock::exclusive(&self.folder)?;
        let enrolment = Enrolment::read(&self.folder)?.ok_or(VaultFailure::NoWorkspace)?;
        // The key would be enrolled for a database that it does not open.
        if enrolment.workspace_id == id { act(enrolment) } else { Err(VaultFailure::OtherWorkspace) }
    }

    fn add(&self, mut enrolment: Enrolment, slot: Slot) -> Result<(), VaultFailure> {
        if enrolment.has(slot) {
            return Ok(());
        }
        enrolment.slots.push(slot);
        enrolment.write(&self.folder)
    }

    fn unlock(&self, enrolment: Enrolment, passphrase: Option<&SecretString>) -> Result<Opened, VaultFailure> {
        let (key, opened_with) = match passphrase.filter(|_| enrolment.has(Slot::Passphrase)) {
            Some(given) => (passphrase::open(&self.folder, &enrolment.workspace_id, given)?, Slot::Passphrase),
            None => match self.ask_keyring(&enrolment) {
                Ok(key) => (key, Slot::Keyring),
                Err(keyring) => return Err(VaultFailure::Locked { slots: enrolment.slots, keyring }),
            },
        };
        if !enrolment.has(Slot::Passphrase) {
            // What a change left behind that was broken off between the two files: it would open the workspace for
            // whoever knows a passphrase that counts as removed.
            if let Err(failure) = files::remove_if_there(&self.folder, passphrase::SLOT_FILE) {
                tracing::warn!(%failure, "a passphrase slot that is not enrolled could not be removed");
            }
        }
        Ok(Opened {
            key,
            opened_with,
            slots: enrolment.slots,
            workspace_id: enrolment.workspace_id,
            created: false,
            database_made: enrolment.database_made,
        })
    }

    /// Needs the exclusive lock and no enrolment. What an earlier attempt left behind is replaced (a slot file) or
    /// stands under an id of its own (a keyring entry); neither has ever encrypted anything.
    fn create(&self, passphrase: Option<&SecretString>) -> Result<Opened, VaultFailure> {
        if files::has_file(&self.folder, DATABASE_FILE)? {
            return Err(VaultFailure::KeyLost);
        }
        let workspace_id = uuid::Uuid::new_v4().to_string();
        let key = DatabaseKey::generate().ok_or_else(|| VaultFailure::System("no random bytes".to_owned()))?;
        let slot = if let Some(given) = passphrase {
            passphrase::enrol(&self.folder, &workspace_id, &key, given, self.cost)?;
            Slot::Passphrase
        } else {
            self.keep_in_keyring(&workspace_id, &key).map_err(|why| VaultFailure::NoKeyring { why })?;
            Slot::Keyring
        };
        Enrolment::new(workspace_id.clone(), slot).write(&self.folder)?;
        Ok(Opened { key, opened_with: slot, slots: vec![slot], workspace_id, created: true, database_made: false })
    }

    fn ask_keyring(&self, enrolment: &Enrolment) -> Result<DatabaseKey, KeyringAnswer> {
        if !enrolment.has(Slot::Keyring) {
            return Err(KeyringAnswer::NotEnrolled);
        }
        self.keyring.read(&enrolment.workspace_id).map_err(KeyringAnswer::Failed)?.ok_or(KeyringAnswer::Empty)
    }

    /// Reads the key back: a keyring that only says that it kept it would lose the database.
    fn keep_in_keyring(&self, workspace_id: &str, key: &DatabaseKey) -> Result<(), SlotFailure> {
        self.keyring.write(workspace_id, key)?;
        match self.keyring.read(workspace_id)? {
            Some(kept) if kept.is_same_as(key) => Ok(()),
            _ => Err(SlotFailure::Other("it did not keep what was stored".to_owned())),
        }
    }
}
