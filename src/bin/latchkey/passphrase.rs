//! `latchkey passphrase …`. A passphrase is never an argument: other users of the machine can read those.

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::PathBuf;

use latchkey::workspace::{Problem, SlotKind, Workspace};
use secrecy::{ExposeSecret, SecretString};

use crate::arguments::PassphraseCommand;
use crate::backup;
use crate::failure::{Exit, Failure};
use crate::open::{from_environment, open};
use crate::output::Output;

/// The environment variable that holds the new passphrase.
const NEW_PASSPHRASE_VARIABLE: &str = "LATCHKEY_NEW_PASSPHRASE";
/// The longest line that is read as a passphrase, in bytes.
const LONGEST: u64 = 4096;

/// Sets, changes or removes the passphrase.
///
/// # Errors
/// When the workspace can't be opened, the passphrase is too short, or the keyring does not take the key.
pub async fn carry_out(command: PassphraseCommand, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    let workspace = open(folder).await?;
    match command {
        PassphraseCommand::Set => {
            workspace.set_passphrase(new_passphrase()?).await?;
            told(&workspace, output, |slots| {
                if slots.contains(&SlotKind::Keyring) {
                    "The passphrase is set. Where LATCHKEY_PASSPHRASE is set, it has to hold it; elsewhere the keyring opens this workspace."
                } else {
                    "The passphrase is set. LATCHKEY_PASSPHRASE has to hold it from now on."
                }
            })
            .await
        }
        PassphraseCommand::Remove => {
            // Something else has to open the workspace first, also where the passphrase was its only slot so far.
            workspace.enrol_keyring().await?;
            workspace.remove_passphrase().await?;
            told(&workspace, output, |_| "The passphrase is removed. The keyring opens this workspace.").await
        }
    }
}

async fn told(
    workspace: &Workspace,
    output: &Output,
    sentence: impl FnOnce(&[SlotKind]) -> &'static str,
) -> Result<Exit, Failure> {
    if output.is_json() {
        output.object(&workspace.vault_status().await?)?;
    } else {
        output.line(sentence(&workspace.storage().await?.slots))?;
    }
    backup::if_due(workspace, output).await;
    Ok(Exit::Succeeded)
}

fn new_passphrase() -> Result<SecretString, Failure> {
    if let Some(given) = from_environment(NEW_PASSPHRASE_VARIABLE)? {
        return Ok(given);
    }
    if io::stdin().is_terminal() { asked() } else { one_line() }
}

fn asked() -> Result<SecretString, Failure> {
    let ask = |prompt: &str| rpassword::prompt_password(prompt).map(SecretString::from);
    let (first, second) = (ask("New passphrase: ")?, ask("The same again: ")?);
    // Exposed to be compared; both were typed by the same person a moment ago.
    if first.expose_secret() == second.expose_secret() {
        Ok(first)
    } else {
        Err(Problem::invalid("passphrase", "The two are not the same, so nothing was changed.", "Try again.").into())
    }
}

fn one_line() -> Result<SecretString, Failure> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LONGEST + 1).read_until(b'\n', &mut bytes)?;
    let refused = |message: &str| {
        let next_step = format!("Write the passphrase as one line to standard input, or set {NEW_PASSPHRASE_VARIABLE}.");
        Failure::from(Problem::invalid("passphrase", message, next_step))
    };
    let text = String::from_utf8(bytes).map_err(|_| refused("Standard input is not UTF-8 text."))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(refused("Standard input holds no passphrase."));
    }
    if text.len() as u64 > LONGEST {
        return Err(refused("The line on standard input is longer than 4096 bytes."));
    }
    Ok(SecretString::from(line))
}
