//! How a command ends: its exit status, and the error that people or scripts read.

use std::io;
use std::process::ExitCode;

use latchkey::vault::VaultFailure;
use latchkey::workspace::{DamagedWorkspace, OpenFailure, Problem, ProblemCode};

/// The exit statuses; a public contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done and succeeded.
    Succeeded = 0,
    /// The execution failed or was refused.
    Failed = 1,
    /// Wrong use, or an invalid file.
    WrongUse = 2,
    /// The workspace can't be opened.
    CannotOpen = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// 0 for a success, else 1.
    pub fn of(success: bool) -> Self {
        if success { Self::Succeeded } else { Self::Failed }
    }
}

/// Why a command ended without doing what was asked.
#[derive(Debug)]
pub struct Failure {
    /// The exit status.
    pub exit: Exit,
    /// What is printed.
    pub problem: Problem,
}

impl Failure {
    /// Something was given that can't be taken.
    pub fn wrong_use(problem: Problem) -> Self {
        Self { exit: Exit::WrongUse, problem }
    }

    /// It was tried, and failed or was refused.
    pub fn failed(problem: Problem) -> Self {
        Self { exit: Exit::Failed, problem }
    }

    /// The same, standing at this field when it stands at none yet.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.problem.field.get_or_insert_with(|| field.to_owned());
        self
    }
}

/// The operating system refused something that has nothing to do with what was asked.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let next_step = "Close other programs, or look for room on the disk, then try again.";
        Self::failed(Problem::new(ProblemCode::Failed, format!("The operating system refused: {error}."), next_step))
    }
}

/// What names nothing or can't be taken is wrong use; everything else was tried and failed.
impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem.code {
            ProblemCode::Invalid | ProblemCode::NeedsTest | ProblemCode::NotFound => Self::wrong_use(problem),
            _ => Self::failed(problem),
        }
    }
}

/// The next step is said in this program's terms: there is no field to type a passphrase into.
impl From<OpenFailure> for Failure {
    fn from(failure: OpenFailure) -> Self {
        let next_step = match &failure {
            OpenFailure::Vault(VaultFailure::WrongPassphrase) => {
                "Nothing was changed. Correct LATCHKEY_PASSPHRASE, and try again."
            }
            OpenFailure::Vault(VaultFailure::PassphraseTooShort) => {
                "Set LATCHKEY_PASSPHRASE to a longer one; a few words make a good passphrase. No workspace was made."
            }
            OpenFailure::Vault(VaultFailure::NoKeyring { .. }) => {
                "Set LATCHKEY_PASSPHRASE to protect the new workspace with a passphrase, or run this where the keyring is open."
            }
            OpenFailure::Vault(VaultFailure::Locked { slots, .. }) if slots.contains(&latchkey::vault::Slot::Passphrase) => {
                "Set LATCHKEY_PASSPHRASE to the passphrase of this workspace. Nothing was changed."
            }
            _ => "",
        };
        let next_step = match &failure {
            OpenFailure::Damaged(damaged) if !damaged.open_elsewhere => after_damage(damaged),
            _ => next_step.to_owned(),
        };
        let mut problem = Problem::from(failure);
        if !next_step.is_empty() {
            problem.next_step = next_step;
        }
        Self { exit: Exit::CannotOpen, problem }
    }
}

fn after_damage(damaged: &DamagedWorkspace) -> String {
    let empty = "latchkey backup restore empty";
    match damaged.backups.first() {
        Some(newest) => {
            format!(
                "Restore the newest intact backup: latchkey backup restore {}. Or start with an empty database: {empty}.",
                newest.name
            )
        }
        None => format!(
            "There is no intact backup. Put the database back from a copy of your own, or start with an empty one: {empty}."
        ),
    }
}
