//! Why a backup was not made or not restored, in sentences for people.

use std::path::Path;

use crate::store::StoreFailure;

/// Why a backup was not made, or nothing was put in the database's place. The database is as it was then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupFailure {
    /// No backup has that name.
    #[error("There is no backup named “{name}”.")]
    NoSuch {
        /// What was asked for.
        name: String,
    },
    /// The backup is not what was written, or is not of this workspace.
    #[error("The backup {name} is not intact: {why}")]
    NotIntact {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: StoreFailure,
    },
    /// Another program is making one.
    #[error("Another program is making a backup at this moment.")]
    BeingMade,
    /// The disk is full.
    #[error("The disk is full.")]
    DiskFull,
    /// A file or folder can't be read or written.
    #[error("A file of the backups can't be used ({path}): {problem}.")]
    File {
        /// What could not be used.
        path: String,
        /// The operating system's words.
        problem: String,
    },
    /// The database itself failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
}

impl BackupFailure {
    /// What to do now, in one or two sentences.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NoSuch { .. } => "Choose one of the list.",
            Self::NotIntact { .. } => "Nothing was changed. Choose another backup.",
            Self::BeingMade => "Wait until it is done, then try again.",
            Self::DiskFull => "Free some room on the disk, then try again. Nothing was changed.",
            Self::File { .. } => "Check that the workspace's folder is yours and can be written, then try again.",
            Self::Store(failure) => failure.next_step(),
        }
    }

    pub(super) fn unusable(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::DiskFull;
        }
        Self::File { path: path.display().to_string(), problem: error.to_string() }
    }

    /// The same as a failure of the database, for an opening that needs a backup first.
    pub fn of_the_store(self) -> StoreFailure {
        match self {
            Self::Store(failure) => failure,
            Self::DiskFull => StoreFailure::DiskFull,
            Self::BeingMade => StoreFailure::Busy,
            Self::File { path, problem } => StoreFailure::File { path, problem },
            Self::NoSuch { .. } | Self::NotIntact { .. } => StoreFailure::Other(self.to_string()),
        }
    }
}
