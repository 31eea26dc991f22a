//! `latchkey run`: one run, its steps shown as they happen.

use std::path::PathBuf;
use std::time::Duration;

use latchkey::workspace::{ExecutionRequest, Problem, Workspace};
use serde_json::Value;

use crate::arguments::RunArguments;
use crate::connector::named;
use crate::execution_view::{ExecutionObject, show_ending, show_step};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::repeat;
use crate::stop::Stopping;

/// How long the index of the log may take at the end, and how much longer for each run.
const CATCHES_UP: Duration = Duration::from_secs(2);
const PER_RUN: Duration = Duration::from_millis(1);
/// For about so long the program deletes what is too old or too much before it ends, if anything is.
const KEEPING: Duration = Duration::from_millis(100);

/// Runs a connector once, or many times with `--repeat`.
///
/// # Errors
/// When no run could be made; a run that fails or is refused is an exit status only.
pub async fn carry_out(arguments: RunArguments, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    let mut request =
        ExecutionRequest { source: arguments.source, customer: arguments.customer, ..ExecutionRequest::default() };
    for (name, value) in arguments.inputs {
        if request.inputs.insert(name.clone(), Value::String(value)).is_some() {
            let message = format!("The input “{name}” is given twice.");
            return Err(Problem::invalid(format!("--input {name}"), message, "Give each input once.").into());
        }
    }
    let (workspace, connector_id) = named(folder, &arguments.connector).await?;
    request.connector_id = connector_id;
    let stopping = Stopping::listen()?;
    let done = match arguments.repeat {
        Some(runs) => repeat::carry_out(&workspace, &request, runs, arguments.concurrency, &stopping, output).await,
        None => once(&workspace, request, &stopping, output).await,
    };
    stopping.until_logins_landed(&workspace, output).await;
    // What was recorded is found at once by whoever searches next; what takes longer is brought in by the next program.
    let runs = arguments.repeat.unwrap_or(1);
    workspace.log_indexed(CATCHES_UP + PER_RUN * runs).await;
    if let Err(problem) = workspace.keep_log_for(KEEPING).await {
        tracing::warn!(%problem, "the log was not kept within its limits this time");
    }
    workspace.close_without_tidying();
    done
}

async fn once(workspace: &Workspace, request: ExecutionRequest, stopping: &Stopping, output: &Output) -> Result<Exit, Failure> {
    let mut handle = workspace.execute(request).await?;
    let (canceller, asked) = (handle.canceller(), stopping.asked().clone());
    // It ends with the program, asked or not.
    tokio::spawn(async move {
        asked.cancelled().await;
        canceller.cancel();
    });
    let mut shown = Ok(());
    while let Some(step) = handle.next_step().await {
        if !output.is_json() && shown.is_ok() {
            shown = show_step(&step, output);
        }
    }
    let execution = handle.outcome().await?;
    // Only now, so that a run is recorded even when it can't be printed.
    shown?;
    if output.is_json() {
        output.object(&ExecutionObject::from(&execution))?;
    } else {
        show_ending(&execution, output)?;
    }
    Ok(Exit::of(execution.success))
}
