//! Why the database did not open, read or write, in sentences for people.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::{
    SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_TRIGGER, SQLITE_CONSTRAINT_UNIQUE,
};

/// Why the database did not open, read or write. A write that fails has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// The key does not decrypt the database's first page.
    #[error("The key does not fit the database of this workspace, or its beginning is damaged.")]
    WrongKey,
    /// The file is a database, and not an encrypted one.
    #[error("The file {path} is not an encrypted database of Latchkey.")]
    NotEncrypted {
        /// The file.
        path: String,
    },
    /// A part of the database can't be read as what was written.
    #[error("The database of this workspace is damaged: {0}.")]
    Damaged(String),
    /// There is no database, or an empty file, where one was made before.
    #[error("The database of this workspace is missing.")]
    Missing,
    /// The database is kept open by others, so no other file can be put in its place.
    #[error("The workspace is open in another window or program.")]
    OpenElsewhere,
    /// Another program is putting another file in the database's place.
    #[error("Another program is restoring the database of this workspace.")]
    BeingReplaced,
    /// The database was made by a newer Latchkey.
    #[error("The database was written by a newer version of Latchkey (format {found}; this one knows {known}).")]
    Newer {
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// Another process held the database for too long.
    #[error("The database is busy: another program has held it for many seconds.")]
    Busy,
    /// The disk is full.
    #[error("The disk is full.")]
    DiskFull,
    /// The file or its folder can't be read or written.
    #[error("The database file can't be used ({path}): {problem}.")]
    File {
        /// What could not be used.
        path: String,
        /// The operating system's words.
        problem: String,
    },
    /// Another row has that name or id already.
    #[error("That name is already in use.")]
    Taken,
    /// A row that others refer to can't be deleted, and a row that is gone can't be referred to (T7).
    #[error("What is in use can't be deleted, and what is gone can't be used.")]
    Referred,
    /// The database is being closed.
    #[error("The database is closed.")]
    Closed,
    /// Anything else, in the database's own words.
    #[error("The database failed: {0}.")]
    Other(String),
}

impl StoreFailure {
    /// Whether the file itself is not what was written, so that trying again, a freer disk or other permissions can't help.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::WrongKey | Self::NotEncrypted { .. } | Self::Damaged(_) | Self::Missing)
    }

    pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::DiskFull;
        }
        Self::File { path: path.display().to_string(), problem: error.to_string() }
    }

    /// What happened, in a plain sentence.
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    /// What to do now, in one or two sentences.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::WrongKey => "Nothing was changed. Check that vault.json and the database belong to the same workspace.",
            Self::NotEncrypted { .. } => "Nothing was changed. Move that file away, or choose another folder.",
            Self::Damaged(_) => "Nothing was changed. Copy the whole folder away before anything else, then restore a backup.",
            Self::Missing => "Put workspace.db back, or restore a backup.",
            Self::OpenElsewhere => {
                "Close the window and the other programs that use this workspace, let runs under way end, and try again."
            }
            Self::BeingReplaced => "Wait until it is done, then try again.",
            Self::Newer { .. } => "Update Latchkey, then open the workspace again.",
            Self::Busy => "Close other programs that use this workspace, then try again.",
            Self::DiskFull => "Free some room on the disk, then try again.",
            Self::File { .. } => "Check that the folder exists, is yours and can be written, then try again.",
            Self::Taken => "Choose another name.",
            Self::Referred => "See what uses it, and change that first.",
            Self::Closed => "Open the workspace again.",
            Self::Other(_) => "Try again; if it stays, restart Latchkey.",
        }
    }
}

impl From<rusqlite::Error> for StoreFailure {
    fn from(error: rusqlite::Error) -> Self {
        // Only codes and the database's own words are kept; neither holds the values of a row.
        let rusqlite::Error::SqliteFailure(code, words) = &error else {
            return Self::Other(error.to_string());
        };
        let words = words.clone().unwrap_or_else(|| code.to_string());
        match code.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => Self::Damaged(words),
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure => {
                Self::File { path: "workspace database".to_owned(), problem: words }
            }
            ErrorCode::ConstraintViolation => match code.extended_code {
                SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY => Self::Taken,
                // A refused deletion (ON DELETE RESTRICT) is reported as a trigger's refusal.
                SQLITE_CONSTRAINT_FOREIGNKEY | SQLITE_CONSTRAINT_TRIGGER => Self::Referred,
                _ => Self::Other(words),
            },
            _ => Self::Other(words),
        }
    }
}
