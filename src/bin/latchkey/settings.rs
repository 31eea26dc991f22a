//! `latchkey settings …`. A value may come from a file or standard input, so that none has to be an argument that other
//! users of the machine can read.

use std::path::PathBuf;

use latchkey::settings::{Kind, find};
use latchkey::workspace::{Problem, SettingKind, SettingView, Workspace};
use serde_json::json;

use crate::arguments::{SetArguments, SettingsCommand};
use crate::backup;
use crate::failure::{Exit, Failure};
use crate::one_line::one_line;
use crate::open::open;
use crate::output::Output;

/// Lists, shows, changes or resets settings.
///
/// # Errors
/// When the workspace can't be opened, there is no such setting, or it does not take such a value.
pub async fn carry_out(command: SettingsCommand, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    match command {
        SettingsCommand::List => list(&open(folder).await?, output).await,
        SettingsCommand::Get { key } => {
            let setting = open(folder).await?.settings().get(&key).await?;
            if output.is_json() {
                output.object(&setting)?;
            } else {
                output.line(&shown(&setting))?;
            }
            Ok(Exit::Succeeded)
        }
        SettingsCommand::Set(arguments) => {
            let (workspace, setting) = set(arguments, folder).await?;
            if output.is_json() {
                output.object(&setting)?;
            } else {
                let of_itself = if setting.is_default && setting.value.is_some() { ", the default" } else { "" };
                output.line(&format!("{} is {}{of_itself}.", setting.key, value(&setting)))?;
            }
            backup::if_due(&workspace, output).await;
            Ok(Exit::Succeeded)
        }
    }
}

async fn list(workspace: &Workspace, output: &Output) -> Result<Exit, Failure> {
    let settings = workspace.settings().list().await?;
    if output.is_json() {
        output.object(&json!({ "type": "list", "data": settings }))?;
    } else {
        let rows: Vec<_> = settings
            .iter()
            .map(|setting| {
                let default = if setting.is_default { "default" } else { "" };
                [setting.key.clone(), value(setting), default.to_owned(), setting.title.clone()]
            })
            .collect();
        output.table(["KEY", "VALUE", "", "TITLE"], &rows)?;
    }
    Ok(Exit::Succeeded)
}

async fn set(arguments: SetArguments, folder: Option<PathBuf>) -> Result<(Workspace, SettingView), Failure> {
    let SetArguments { key, value, .. } = arguments;
    // Read first: what can't be read should not make a workspace.
    let text = value.map(|value| given(&key, value)).transpose()?;
    let workspace = open(folder).await?;
    let setting = match text {
        Some(text) => workspace.settings().set(&key, &text).await?,
        None => workspace.settings().reset(&key).await?,
    };
    Ok((workspace, setting))
}

/// The value itself, or what [`one_line`] reads; white space at its end is cut off.
fn given(key: &str, value: String) -> Result<String, Problem> {
    match one_line(key, &value)? {
        Some(line) => Ok(line),
        None if find(key).is_ok_and(|setting| matches!(setting.kind, Kind::Secret(_))) => Err(secret_as_argument(key)),
        None => Ok(value),
    }
}

/// Arguments stand in the shell's history, and other users of the machine can read them.
fn secret_as_argument(key: &str) -> Problem {
    let message = format!("{key} is a secret and can't be an argument: others could read it there. Nothing was changed.");
    Problem::invalid(key, message, "Give @FILE, or - for standard input; --default removes it.")
}

/// As `get` prints it, so that a script can use it: an empty line where nothing is set. Of a secret, whether it is set.
fn shown(setting: &SettingView) -> String {
    if matches!(setting.kind, SettingKind::Secret { .. }) {
        return value(setting);
    }
    setting.value.clone().unwrap_or_default()
}

/// As people read it.
fn value(setting: &SettingView) -> String {
    match (&setting.kind, &setting.value) {
        (SettingKind::Secret { .. }, _) if setting.is_set => "set".to_owned(),
        (_, Some(value)) if !value.is_empty() => value.clone(),
        _ => "not set".to_owned(),
    }
}
