//! `latchkey logs`: the recorded executions of one connector or of all, newest first.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, Zoned};
use latchkey::execution::{ErrorType, Execution, ExecutionFilter, ExecutionRow};
use latchkey::workspace::{Problem, ProblemCode, Workspace};
use serde::Serialize;

use crate::arguments::LogsArguments;
use crate::connector::named;
use crate::execution_view::ExecutionObject;
use crate::failure::{Exit, Failure};
use crate::log_export::{self, Export};
use crate::open::open;
use crate::output::Output;

/// How long a search waits for what was recorded last.
const CATCHES_UP: Duration = Duration::from_secs(5);

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
    // Before the workspace is opened: a wrong time is told whatever else is wrong.
    let filter = filter(&arguments)?;
    let (workspace, connector_id) = match &arguments.connector {
        Some(name) => named(folder, name).await.map(|(workspace, id)| (workspace, Some(id)))?,
        None => (open(folder).await?, None),
    };
    let filter = ExecutionFilter { connector_id, ..filter };
    if filter.search.is_some() && !workspace.log_indexed(CATCHES_UP).await {
        output.remark("The newest executions can't be searched yet: their words are still being gathered.");
    }
    if let Some(format) = arguments.export {
        return log_export::carry_out(&workspace, filter, Export { format, file: arguments.output }, output).await;
    }
    let rows = rows(&workspace, &filter, arguments.limit).await.map_err(at_its_option)?;
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

fn filter(arguments: &LogsArguments) -> Result<ExecutionFilter, Failure> {
    let now = Zoned::now();
    let moment = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => moment(text, &now).map(Some).ok_or_else(|| {
            let message = format!("“{text}” is no time.");
            Problem::invalid(
                option,
                message,
                "Write a date, a time such as 2026-05-12T08:00:00Z, or how long ago, such as 2h or 7d.",
            )
        }),
    };
    Ok(ExecutionFilter {
        connector_id: None,
        since: moment("--since", &arguments.since)?,
        until: moment("--until", &arguments.until)?,
        success: arguments.success,
        error_type: arguments.error_type,
        source_type: arguments.source,
        execution_id: arguments.id.clone(),
        customer: arguments.customer.clone(),
        http_status: arguments.status.clone(),
        search: arguments.search.clone(),
    })
}

/// A moment (RFC 3339) as it is typed: with its zone, as a date or a time of this machine's zone, or as how long ago it was.
fn moment(text: &str, now: &Zoned) -> Option<String> {
    let text = text.trim();
    let at = if let Ok(at) = text.parse::<Timestamp>() {
        at
    } else if let Some((number, unit)) = text.split_at_checked(text.len().saturating_sub(1))
        && let Ok(number) = number.parse::<i64>()
        && let Some(seconds) = seconds_of(unit).and_then(|seconds| seconds.checked_mul(number))
        && number >= 0
    {
        now.timestamp().checked_sub(SignedDuration::from_secs(seconds)).ok()?
    } else {
        text.parse::<DateTime>().ok()?.to_zoned(now.time_zone().clone()).ok()?.timestamp()
    };
    Some(at.to_string())
}

fn seconds_of(unit: &str) -> Option<i64> {
    match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(24 * 3600),
        "w" => Some(7 * 24 * 3600),
        _ => None,
    }
}

/// What the engine calls a field is an option here.
fn at_its_option(problem: Problem) -> Problem {
    let field = problem.field.as_deref().map(|field| match field {
        "http_status" => "--status".to_owned(),
        other => format!("--{other}"),
    });
    Problem { field, ..problem }
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-05-12T08:00:00Z", Some("2026-05-12T08:00:00Z"))]
    #[case("2026-05-12T08:00:00+02:00", Some("2026-05-12T06:00:00Z"))]
    #[case("2026-05-12", Some("2026-05-11T22:00:00Z"))]
    #[case("2026-05-12T08:00", Some("2026-05-12T06:00:00Z"))]
    #[case("30m", Some("2026-06-01T09:30:00Z"))]
    #[case("2h", Some("2026-06-01T08:00:00Z"))]
    #[case("7d", Some("2026-05-25T10:00:00Z"))]
    #[case("2w", Some("2026-05-18T10:00:00Z"))]
    #[case("-2h", None)]
    #[case("99999999999999999d", None)]
    #[case("2y", None)]
    #[case("", None)]
    #[case("é", None)]
    #[case("yesterday", None)]
    fn a_time_is_read_as_people_type_it(#[case] text: &str, #[case] expected: Option<&str>) {
        let now: Zoned = "2026-06-01T12:00:00+02:00[Europe/Berlin]".parse().unwrap();
        assert_eq!(moment(text, &now).as_deref(), expected);
    }
}
