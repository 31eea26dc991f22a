//! The commands of runs and their log.

use std::collections::BTreeMap;

use latchkey::execution::{Execution, ExecutionFilter, ExecutionPage, SourceType, Step};
use latchkey::workspace::ExecutionRequest;
use secrecy::SecretString;
use tauri::ipc::Channel;

use super::{Reply, Window};

/// A page of the log, newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_executions(
    desktop: Window<'_>,
    filter: ExecutionFilter,
    before: Option<f64>,
    limit: u32,
) -> Reply<ExecutionPage> {
    desktop.workspace().await?.executions().list(filter, before, limit).await
}

/// One execution with its steps.
#[tauri::command]
#[specta::specta]
pub async fn get_execution(desktop: Window<'_>, execution_id: String) -> Reply<Execution> {
    Ok(desktop.workspace().await?.executions().get(&execution_id).await?.for_a_page())
}

/// What of an execution goes to the clipboard.
#[derive(Debug, Clone, Copy, serde::Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionCopy {
    /// Its id.
    Id,
    /// The command line that shows it in a terminal.
    Command,
}

/// An execution's id, or the command that shows it, to the clipboard; what was copied.
#[tauri::command]
#[specta::specta]
pub async fn copy_execution(desktop: Window<'_>, execution_id: String, form: ExecutionCopy) -> Reply<String> {
    // Read from the log, so that nothing but an id can get into the command.
    let id = desktop.workspace().await?.executions().get(&execution_id).await?.id;
    let text = match form {
        ExecutionCopy::Id => id,
        ExecutionCopy::Command => format!("latchkey logs --id {id}"),
    };
    desktop.copy(&SecretString::from(text.clone()), false)?;
    Ok(text)
}

/// Opens the recorded response of an execution as a tree; its response id, or none when there is no body.
#[tauri::command]
#[specta::specta]
pub async fn open_execution_response(desktop: Window<'_>, execution_id: String) -> Reply<Option<String>> {
    desktop.workspace().await?.executions().open_response(&execution_id).await
}

/// Runs a connector; steps arrive while it runs. With `mock`, it is played without the network (R2).
#[tauri::command]
#[specta::specta]
#[expect(clippy::too_many_arguments, reason = "each is an argument of the command by its own name")]
pub async fn run_connector(
    desktop: Window<'_>,
    run_id: String,
    connector_id: String,
    inputs: BTreeMap<String, String>,
    source: SourceType,
    mock: bool,
    customer: Option<String>,
    steps: Channel<Step>,
) -> Reply<Execution> {
    let inputs = inputs.into_iter().map(|(name, value)| (name, value.into())).collect();
    let request = ExecutionRequest { connector_id, inputs, source, mock, customer };
    let mut run = desktop.workspace().await?.execute(request).await?;
    let _cancellable = desktop.cancellable(run_id, run.canceller());
    while let Some(step) = run.next_step().await {
        // A page that went away misses the steps; the run goes on and is recorded.
        let _ = steps.send(step);
    }
    Ok(run.outcome().await?.for_a_page())
}
