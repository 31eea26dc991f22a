//! `latchkey logs`: the recorded executions of a connector, newest first.

use std::path::PathBuf;

use latchkey::execution::{ErrorType, Execution, ExecutionFilter, ExecutionRow};
use latchkey::workspace::{Problem, ProblemCode, Workspace};
use serde::Serialize;

use crate::arguments::LogsArguments;
use crate::connector::named;
use crate::execution_view::ExecutionObject;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// `data_connector_execution_result_list`, each result whole.
#[derive(Serialize)]
struct List<'a> {
    #[serde(rename = "type")]
    object_type: &'static str,
    data: Vec<ExecutionObject<'a>>,
}

/// Prints them as a table, or as Intercom's list of execution results.
///
/// # Errors
/// When there is no such connector, or its log can't be read.
pub async fn carry_out(arguments: LogsArguments, folder: Option<PathBuf>, output: &Output) -> Result<Exit, Failure> {
    let (workspace, connector_id) = named(folder, &arguments.connector).await?;
    let filter = ExecutionFilter {
        connector_id: Some(connector_id),
        success: arguments.success,
        error_type: arguments.error_type,
        ..ExecutionFilter::default()
    };
    let rows = rows(&workspace, &filter, arguments.limit).await?;
    if output.is_json() {
        let mut executions = Vec::with_capacity(rows.len());
        for row in &rows {
            executions.extend(whole(&workspace, &row.id).await?);
        }
        output.object(&List { object_type: "list", data: executions.iter().map(ExecutionObject::from).collect() })?;
    } else if rows.is_empty() {
        output.line("There are no such executions.")?;
    } else {
        let cells: Vec<_> = rows.iter().map(cells).collect();
        output.table(["TIME", "RESULT", "STATUS", "MS", "SOURCE", "REFRESHES", "WHAT HAPPENED"], &cells)?;
    }
    Ok(Exit::Succeeded)
}

async fn rows(workspace: &Workspace, filter: &ExecutionFilter, limit: u32) -> Result<Vec<ExecutionRow>, Problem> {
    let mut rows: Vec<ExecutionRow> = Vec::new();
    let mut before = None;
    loop {
        let missing = limit - u32::try_from(rows.len()).unwrap_or(limit);
        let page = workspace.executions().list(filter.clone(), before, missing).await?;
        rows.extend(page.rows);
        before = page.before;
        if before.is_none() || rows.len() >= limit as usize {
            return Ok(rows);
        }
    }
}

/// The whole execution; `None` when it was deleted since it was listed.
async fn whole(workspace: &Workspace, id: &str) -> Result<Option<Execution>, Problem> {
    match workspace.executions().get(id).await {
        Ok(execution) => Ok(Some(execution)),
        Err(problem) if problem.code == ProblemCode::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

fn cells(row: &ExecutionRow) -> [String; 7] {
    [
        row.created_at.clone(),
        row.error_type.map_or("success", ErrorType::name).to_owned(),
        row.http_status.map_or_else(|| "-".to_owned(), |status| status.to_string()),
        row.execution_time_ms.to_string(),
        row.source_type.name().to_owned(),
        row.refreshes.to_string(),
        row.sentence.clone(),
    ]
}
