//! Where a workspace is, and why it did not open.

use std::path::{Path, PathBuf};

use super::damaged::DamagedWorkspace;
use super::views::{Problem, ProblemCode, SlotKind, VaultStatus};
use crate::store::StoreFailure;
use crate::vault::{Slot, VaultFailure};

/// The environment variable that names the workspace's folder.
pub const FOLDER_VARIABLE: &str = "LATCHKEY_WORKSPACE";

/// The folder of the workspace: the one given, else `LATCHKEY_WORKSPACE`, else the platform's data directory.
/// `None` when the platform names none.
pub fn workspace_folder(given: Option<PathBuf>) -> Option<PathBuf> {
    given
        .or_else(|| std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from))
        .or_else(|| directories::ProjectDirs::from("dev", "latchkey", "latchkey").map(|dirs| dirs.data_dir().to_owned()))
        .map(|folder| std::path::absolute(&folder).unwrap_or(folder))
}

/// Why a workspace did not open.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenFailure {
    /// Its key could not be had.
    #[error(transparent)]
    Vault(#[from] VaultFailure),
    /// Its database could not be opened.
    #[error(transparent)]
    Store(#[from] StoreFailure),
    /// Its database is damaged or missing (S6).
    #[error("{0}")]
    Damaged(Box<DamagedWorkspace>),
    /// The operating system refused something else.
    #[error("The workspace could not be opened: {0}.")]
    System(String),
}

impl OpenFailure {
    /// What to do now.
    pub fn next_step(&self) -> String {
        match self {
            Self::Vault(failure) => failure.next_step(),
            Self::Store(failure) => failure.next_step().to_owned(),
            Self::Damaged(damaged) => damaged.next_step(),
            Self::System(_) => "Close other programs, then try again.".to_owned(),
        }
    }

    /// Whether another passphrase would help: a wrong, a missing or a too short one was given.
    pub fn is_of_the_passphrase(&self) -> bool {
        use VaultFailure::{PassphraseOnly, PassphraseTooShort, WrongPassphrase};
        matches!(self, Self::Vault(WrongPassphrase | PassphraseOnly | PassphraseTooShort))
    }

    /// What a window shows instead of the workspace: a new one that needs a passphrase, a locked one, or a broken one.
    pub fn status(&self, folder: &Path) -> VaultStatus {
        let folder = folder.display().to_string();
        let (reason, next_step) = (self.to_string(), self.next_step());
        match self {
            Self::Vault(VaultFailure::NoKeyring { .. }) => VaultStatus::New { reason, folder },
            Self::Vault(VaultFailure::Locked { slots, .. }) => {
                let slots = slots.iter().copied().map(SlotKind::from).collect();
                VaultStatus::Locked { slots, reason, next_step, folder, by_user: false }
            }
            Self::Damaged(damaged) => damaged.status(next_step, folder),
            _ => VaultStatus::Broken { reason, next_step, folder },
        }
    }
}

impl From<OpenFailure> for Problem {
    fn from(failure: OpenFailure) -> Self {
        match failure {
            OpenFailure::Vault(failure) => failure.into(),
            OpenFailure::Store(failure) => failure.into(),
            OpenFailure::Damaged(_) | OpenFailure::System(_) => {
                Problem::new(ProblemCode::Failed, failure.to_string(), failure.next_step())
            }
        }
    }
}

impl From<Slot> for SlotKind {
    fn from(slot: Slot) -> Self {
        match slot {
            Slot::Keyring => Self::Keyring,
            Slot::Passphrase => Self::Passphrase,
        }
    }
}
