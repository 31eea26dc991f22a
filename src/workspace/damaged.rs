//! A workspace whose database is damaged or missing (S6): what is wrong, where the database was set aside, and which
//! backups are intact.

use std::path::PathBuf;

use super::unlocked::Unlocked;
use super::views::{BackupView, VaultStatus};

/// A workspace whose database is damaged or missing.
#[derive(Debug, Clone)]
pub struct DamagedWorkspace {
    /// What is wrong with it, in a sentence.
    pub reason: String,
    /// Where it was set aside, untouched; `None` when there was none or it could not be.
    pub set_aside: Option<PathBuf>,
    /// Whether it stands in its place still, because others have the workspace open.
    pub open_elsewhere: bool,
    /// The newest backups that are intact, the newest first; perhaps none.
    pub backups: Vec<BackupView>,
    /// By which a backup is restored.
    pub unlocked: Unlocked,
}

impl DamagedWorkspace {
    /// What to do now.
    pub fn next_step(&self) -> String {
        if self.open_elsewhere {
            return "Close the other windows and programs that use this workspace, then open it again.".to_owned();
        }
        match self.backups.first() {
            Some(newest) => {
                format!(
                    "Restore the newest intact backup, of {}, or start with an empty database.",
                    to_the_minute(&newest.made_at)
                )
            }
            None => "There is no intact backup. Put the database back from a copy of your own, or start with an empty one."
                .to_owned(),
        }
    }

    pub(super) fn status(&self, next_step: String, folder: String) -> VaultStatus {
        VaultStatus::Damaged {
            reason: self.reason.clone(),
            next_step,
            folder,
            set_aside: self.set_aside.as_ref().map(|folder| folder.display().to_string()),
            backups: self.backups.clone(),
        }
    }
}

impl std::fmt::Display for DamagedWorkspace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.reason)?;
        match &self.set_aside {
            Some(folder) => write!(formatter, " It is set aside, untouched, in {}.", folder.display()),
            None if self.open_elsewhere => formatter.write_str(" It was left in its place, because others have it open."),
            None => Ok(()),
        }
    }
}

/// A time as people read it, such as `2026-11-23 16:10 UTC`; all of ours are written in UTC.
fn to_the_minute(rfc3339: &str) -> String {
    rfc3339.get(..16).map_or_else(|| rfc3339.to_owned(), |minute| format!("{} UTC", minute.replace('T', " ")))
}

#[cfg(test)]
mod tests {
    use super::to_the_minute;

    #[test]
    fn a_time_is_told_to_the_minute() {
        assert_eq!(to_the_minute("2026-11-23T16:10:22.626Z"), "2026-11-23 16:10 UTC");
        assert_eq!(to_the_minute("soon"), "soon");
    }
}
