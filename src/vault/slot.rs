//! Where a key may be kept, and the seam behind which the operating system's keyring stands.

use serde::{Deserialize, Serialize};

use super::key::DatabaseKey;

/// A place that can give the database key (S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The operating system's keyring.
    Keyring,
    /// A file with the key wrapped under a passphrase.
    Passphrase,
}

/// A keyring: it keeps one key per workspace. Calls may block for seconds: keep them off the async threads.
pub trait KeySlot: Send + Sync {
    /// The workspace's key. `None` only when the keyring is open and really has no such key.
    fn read(&self, workspace_id: &str) -> Result<Option<DatabaseKey>, SlotFailure>;

    /// Keeps the key, in place of any other of this workspace.
    fn write(&self, workspace_id: &str, key: &DatabaseKey) -> Result<(), SlotFailure>;

    /// Removes the key; no error when there is none.
    fn remove(&self, workspace_id: &str) -> Result<(), SlotFailure>;
}

/// Why a keyring could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotFailure {
    /// It is locked, or refuses this program.
    #[error("The keyring is locked or refuses access.")]
    Locked,
    /// There is none in this session.
    #[error("No keyring answers in this session.")]
    NoService,
    /// It did not answer in time, perhaps because it asks for its password in another window.
    #[error("The keyring did not answer in time.")]
    TimedOut,
    /// Anything else, in the keyring's own words.
    #[error("The keyring failed: {0}.")]
    Other(String),
}

impl SlotFailure {
    /// What to do about it, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Locked => "Unlock the keyring, then try again.",
            Self::NoService => "Start this session's keyring, or work inside a desktop session that has one, then try again.",
            Self::TimedOut => "See whether the keyring asks for its password in another window, then try again.",
            Self::Other(_) => "Look at the keyring with the system's own password program, then try again.",
        }
    }
}
