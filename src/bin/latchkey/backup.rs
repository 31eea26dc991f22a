//! `latchkey backup …`, and the backups that are made by themselves after a change.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use latchkey::workspace::{BackupView, BackupsView, Problem, Restored, Seams, Unlocked, Workspace, closed_backups};
use serde::Serialize;

use crate::arguments::{BackupCommand, RestoreArguments};
use crate::failure::{Exit, Failure};
use crate::open::{folder, open, passphrase};
use crate::output::{Look, Output};

/// The name that stands for a new, empty database; no backup can have it.
const EMPTY: &str = "empty";

#[derive(Serialize)]
struct List<'a> {
    #[serde(rename = "type")]
    object_type: &'static str,
    folder: &'a str,
    data: &'a [BackupView],
}

/// Lists, makes or restores backups.
///
/// # Errors
/// When it could not be done; the database is as it was then.
pub async fn carry_out(command: BackupCommand, given: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    match command {
        BackupCommand::List => list(&closed_backups(&folder(given)?)?, output)?,
        BackupCommand::Now => now(&open(given).await?, output).await?,
        BackupCommand::Restore(arguments) => restore(&arguments, folder(given)?, output).await?,
    }
    Ok(Exit::Succeeded)
}

/// Makes a backup if one is due, after a change. That it fails is no failure of the change: it is said on standard error.
pub async fn if_due(workspace: &Workspace, output: &Output) {
    if let Err(problem) = workspace.backups().make_if_due().await {
        let message = format!("What was asked is done, but no backup was made. {}", problem.message);
        output.warning(&Problem { message, ..problem });
    }
}

fn list(view: &BackupsView, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(&List { object_type: "list", folder: &view.folder, data: &view.backups });
    }
    if view.backups.is_empty() {
        return output.line("There are no backups yet.");
    }
    let rows: Vec<_> = view.backups.iter().map(cells).collect();
    output.table(["TIME", "WHY", "SIZE", "NAME"], &rows)
}

fn cells(backup: &BackupView) -> [String; 4] {
    [backup.made_at.clone(), backup.reason.words().to_owned(), size(backup.bytes), backup.name.clone()]
}

fn size(bytes: f64) -> String {
    const KIB: f64 = 1024.0;
    if bytes < KIB * KIB { format!("{:.0} KiB", (bytes / KIB).ceil()) } else { format!("{:.1} MiB", bytes / (KIB * KIB)) }
}

async fn now(workspace: &Workspace, output: &Output) -> Result<(), Failure> {
    let made = workspace.backups().now().await?;
    if output.is_json() {
        return output.object(&made);
    }
    output.pieces(&[(Look::Good, "Backed up:"), (Look::Plain, &format!(" {} ({})", made.name, size(made.bytes)))])
}

async fn restore(arguments: &RestoreArguments, folder: PathBuf, output: &Output) -> Result<(), Failure> {
    let asks = !arguments.yes;
    if asks && !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let message = "A restore puts another database in the present one's place, so it has to be confirmed.";
        return Err(Problem::invalid("--yes", message, "Add --yes, or run it on a terminal, where it asks.").into());
    }
    let unlocked = Unlocked::unlock(folder, passphrase()?, Seams::real()).await?;
    let restored = if arguments.name == EMPTY {
        if asks {
            confirm("Start with an empty database, without tokens, connectors and logs?")?;
        }
        unlocked.start_empty().await?
    } else {
        if asks {
            // Read whole first, so that nobody is asked about a backup that can't be restored.
            let held = unlocked.contents(&arguments.name).await?;
            confirm(&format!(
                "Restore the backup of {} ({} tokens, {} connectors, {} executions)?",
                held.backup.made_at, held.tokens, held.connectors, held.executions
            ))?;
        }
        unlocked.restore(&arguments.name).await?
    };
    told(&restored, output)
}

/// Asks on the terminal.
fn confirm(question: &str) -> Result<(), Failure> {
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question}\nThe present database is set aside, not deleted. [y/N] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::failed(Problem::new(
        latchkey::workspace::ProblemCode::Cancelled,
        "Nothing was restored.",
        "The database is as it was.",
    )))
}

fn told(restored: &Restored, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.object(restored);
    }
    let Restored { name, tokens, connectors, executions, .. } = restored;
    match name {
        Some(name) => output.pieces(&[
            (Look::Good, "Restored:"),
            (Look::Plain, &format!(" {name} ({tokens} tokens, {connectors} connectors, {executions} executions)")),
        ])?,
        None => output.pieces(&[(Look::Good, "Started"), (Look::Plain, " with an empty database.")])?,
    }
    if let Some(folder) = &restored.set_aside {
        output.line(&format!("The former database is set aside in {folder}."))?;
    }
    Ok(())
}
