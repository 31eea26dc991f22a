//! The workspace that a command works on, opened with the passphrase of the environment or with the keyring (S1).

use std::path::PathBuf;

use latchkey::workspace::{Problem, ProblemCode, Seams, Workspace, workspace_folder};
use secrecy::SecretString;

use crate::failure::{Exit, Failure};

/// The environment variable that holds the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "LATCHKEY_PASSPHRASE";

/// Opens the workspace, making it where there is none.
///
/// # Errors
/// When it can't be opened (exit status 3). Nothing was changed then, except that a damaged database is set aside.
pub async fn open(folder: Option<PathBuf>) -> Result<Workspace, Failure> {
    Ok(Workspace::open(self::folder(folder)?, passphrase()?, Seams::real()).await?)
}

/// The workspace's folder.
///
/// # Errors
/// When none is named anywhere.
pub fn folder(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    workspace_folder(given).ok_or_else(|| {
        let message = "This system names no folder for the data of programs.";
        cannot_open(Problem::new(ProblemCode::Failed, message, "Name the workspace's folder with --workspace DIR."))
    })
}

/// The passphrase of the environment.
///
/// # Errors
/// When it is not text.
pub fn passphrase() -> Result<Option<SecretString>, Failure> {
    from_environment(PASSPHRASE_VARIABLE).map_err(cannot_open)
}

/// The secret in an environment variable; an empty one counts as not set, as build servers leave missing secrets empty.
///
/// # Errors
/// When it is not text.
pub fn from_environment(variable: &str) -> Result<Option<SecretString>, Problem> {
    match std::env::var(variable) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Problem::invalid(variable, format!("{variable} is not UTF-8 text."), "Set it to UTF-8 text."))
        }
    }
}

fn cannot_open(problem: Problem) -> Failure {
    Failure { exit: Exit::CannotOpen, problem }
}
