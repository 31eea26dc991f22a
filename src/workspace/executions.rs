//! Runs and their records: every run is a task of its own, so that it is recorded even when whoever started it goes away.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::log_filter::query_of;
use super::views::{Problem, ProblemCode};
use crate::clock::to_millis;
use crate::execution::{
    ErrorType, Execution, ExecutionFilter, ExecutionPage, ExecutionRow, Runnable, SourceType, Step, StepKind, Verdict, run,
};
use crate::redact::Redactor;
use crate::response::{Document, Masking, TreeView};
use crate::store::Beside;
use crate::store::executions::{self, ExecutionQuery};

/// The most rows of one page of a log.
const PAGE_LIMIT: u32 = 200;
/// The most of one body that crosses to a page with an execution, in bytes; the whole is opened as a tree.
const SHOWN_BODY: usize = 32 * 1024;

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct ExecutionRequest {
    /// The connector.
    pub connector_id: String,
    /// The values of its inputs; text is read as the input's type.
    pub inputs: BTreeMap<String, Value>,
    /// What triggers it.
    pub source: SourceType,
    /// Play with the mock response, without the network (R2).
    pub mock: bool,
    /// The `user_id` of the customer for whom it runs.
    pub customer: Option<String>,
}

/// A run under way. Dropping it does not end the run.
pub struct RunHandle {
    cancel: CancellationToken,
    steps: mpsc::UnboundedReceiver<Step>,
    outcome: JoinHandle<Result<Execution, Problem>>,
}

impl RunHandle {
    /// The next step, as it happens; `None` after the last.
    pub async fn next_step(&mut self) -> Option<Step> {
        self.steps.recv().await
    }

    /// Cancels the run, which is recorded as `cancelled` (E13).
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Cancels the run from elsewhere.
    pub fn canceller(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// The recorded execution. It is acknowledged only when it is committed (S6).
    ///
    /// # Errors
    /// When it could not be recorded.
    pub async fn outcome(self) -> Result<Execution, Problem> {
        drop(self.steps);
        self.outcome.await.map_err(|_| Problem::interrupted())?
    }
}

impl Workspace {
    /// Runs a connector (E1). A refusal is an execution too; errors are only what keeps a run from being made at all.
    ///
    /// # Errors
    /// When there is no such connector, or its tokens can't be read.
    pub async fn execute(&self, request: ExecutionRequest) -> Result<RunHandle, Problem> {
        let runnable = self.inner.prepared.runnable(self.database(), request).await?;
        let cancel = CancellationToken::new();
        let (sender, steps) = mpsc::unbounded_channel();
        let outcome = tokio::spawn(run_and_record(self.clone(), runnable, cancel.clone(), sender));
        Ok(RunHandle { cancel, steps, outcome })
    }
}

async fn run_and_record(
    workspace: Workspace,
    runnable: Runnable,
    cancel: CancellationToken,
    steps: mpsc::UnboundedSender<Step>,
) -> Result<Execution, Problem> {
    let (connector_id, learns) = (runnable.connector_id.clone(), runnable.learns());
    let watch = move |step: &Step| {
        // A watcher that went away is no reason to stop, nor to copy every step for nobody.
        if !steps.is_closed() {
            let _ = steps.send(step.clone());
        }
    };
    let ran = run(&workspace.inner.means, runnable, &cancel, &watch).await;
    let execution = ran.execution;
    workspace.record(&execution, ran.verdict).await?;
    if learns
        && execution.success
        && let Err(problem) = workspace.connectors().learn_fields(&connector_id, ran.response_fields).await
    {
        // The run itself is done and recorded; a connector deleted meanwhile just learns nothing.
        tracing::debug!(%problem, "the response fields were not updated");
    }
    Ok(execution)
}

impl Workspace {
    /// Records an execution; what it is to the breaker is counted in the same commit, so that neither is without the other.
    async fn record(&self, execution: &Execution, verdict: Option<Verdict>) -> Result<(), Problem> {
        let record = serde_json::to_string(execution).map_err(|_| Problem::interrupted())?;
        let count = verdict.map(|verdict| -> Beside { Arc::new(move |transaction| verdict.count(transaction)) });
        self.database().record_with(row_of(execution), record, count).await.map_err(|failure| {
            let message = format!("The run ended, but could not be recorded: {} ({})", failure.sentence(), execution.sentence);
            Problem::new(ProblemCode::Failed, message, failure.next_step())
        })?;
        // Whoever listens is told by the watcher of commits, once, as of every other process's executions.
        Ok(())
    }
}

/// The executions that were recorded.
pub struct Executions<'a> {
    pub(super) workspace: &'a Workspace,
}

impl Executions<'_> {
    /// A page of what fits, newest first, at most 200 rows.
    ///
    /// # Errors
    /// When the filter holds something that can't be taken, or the database can't be read.
    pub async fn list(&self, filter: ExecutionFilter, before: Option<f64>, limit: u32) -> Result<ExecutionPage, Problem> {
        let limit = limit.clamp(1, PAGE_LIMIT);
        #[expect(clippy::cast_possible_truncation, reason = "it was a whole number when it was handed out")]
        let before = before.map(|seq| seq as i64);
        let query = ExecutionQuery { before, limit: limit + 1, ..query_of(filter)? };
        let searches = query.words.is_some();
        let read = self.workspace.database().read_async(move |connection| {
            let behind = if searches { executions::behind(connection)? } else { 0 };
            Ok((executions::list(connection, &query)?, behind))
        });
        let (mut rows, behind) = read.await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let before = if more { rows.last().map(|row| seq(row.seq)) } else { None };
        let behind = u32::try_from(behind).unwrap_or(u32::MAX);
        Ok(ExecutionPage { rows: rows.into_iter().map(shown_row).collect(), before, behind })
    }

    /// One execution with its steps.
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, execution_id: &str) -> Result<Execution, Problem> {
        let id = execution_id.to_owned();
        let record = self.workspace.database().read_async(move |connection| executions::record(connection, &id)).await?;
        let gone = || {
            let message = "There is no such execution any more.";
            Problem::new(ProblemCode::NotFound, message, "Go back to the log.")
        };
        serde_json::from_str(&record.ok_or_else(gone)?).map_err(|_| {
            Problem::new(
                ProblemCode::Failed,
                "This execution was recorded by another version and can't be shown.",
                "Update Latchkey.",
            )
        })
    }

    /// Opens the recorded response of an execution as a tree; `None` when there is no body.
    ///
    /// # Errors
    /// When there is no such execution.
    pub async fn open_response(&self, execution_id: &str) -> Result<Option<String>, Problem> {
        let execution = self.get(execution_id).await?;
        let content_type = execution.steps.iter().rev().find_map(|step| {
            let exchange = step.exchange.as_ref().filter(|_| step.kind != StepKind::Refresh)?;
            exchange.response_headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"))
        });
        let content_type = content_type.map(|header| header.value.clone());
        let last_body =
            execution.steps.iter().rev().filter(|step| step.kind != StepKind::Refresh).find_map(|step| step.exchange.as_ref());
        let body = execution.raw_response_body.clone().or_else(|| last_body?.response_body.clone());
        let Some(body) = body else { return Ok(None) };
        let mut secrets = self.workspace.token_values().await?;
        if let Some(user_id) = execution.customer.clone() {
            secrets.extend(self.workspace.held_values(user_id).await?);
        }
        let redactor = Redactor::new(&secrets);
        let workspace = self.workspace.clone();
        let opening = tokio::task::spawn_blocking(move || {
            let document = Arc::new(Document::open(Bytes::from(body), content_type.as_deref()));
            let view = TreeView::new(Arc::clone(&document), Masking { redactor: Some(redactor), keep_start: true });
            workspace.inner.memory.keep(document, view, None).response_id.clone()
        });
        Ok(Some(opening.await.map_err(|_| Problem::interrupted())?))
    }
}

impl Execution {
    /// The execution with every body cut to what a page shows; the whole response is opened as a tree instead.
    #[must_use]
    pub fn for_a_page(mut self) -> Self {
        let own = [&mut self.request_body, &mut self.response_body, &mut self.raw_response_body];
        let exchanged = self.steps.iter_mut().filter_map(|step| step.exchange.as_mut());
        let exchanged = exchanged.flat_map(|exchange| [&mut exchange.request_body, &mut exchange.response_body]);
        for body in own.into_iter().chain(exchanged).flatten() {
            shorten(body);
        }
        self
    }
}

fn shorten(body: &mut String) {
    if body.len() <= SHOWN_BODY {
        return;
    }
    let mut end = SHOWN_BODY;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let rest = body.len() - end;
    body.truncate(end);
    // Writing into a string can't fail.
    let _ = write!(body, "\n… and {rest} bytes more");
}

fn row_of(execution: &Execution) -> executions::ExecutionRow {
    let created = execution.created_at.parse::<jiff::Timestamp>().map_or(0, to_millis);
    executions::ExecutionRow {
        seq: 0,
        customer: execution.customer.clone(),
        id: execution.id.clone(),
        connector_id: execution.connector_id.clone(),
        created_at_ms: created,
        source_type: execution.source_type.name().to_owned(),
        success: execution.success,
        error_type: execution.error_type.map(|error_type| error_type.name().to_owned()),
        http_status: execution.http_status.map(i64::from),
        execution_time_ms: i64::from(execution.execution_time_ms),
        refreshes: i64::from(execution.refreshes()),
        sentence: execution.sentence.clone(),
    }
}

fn shown_row(row: executions::ExecutionRow) -> ExecutionRow {
    ExecutionRow {
        seq: seq(row.seq),
        customer: row.customer,
        id: row.id,
        connector_id: row.connector_id,
        source_type: SourceType::from_name(&row.source_type).unwrap_or_default(),
        success: row.success,
        error_type: row.error_type.as_deref().and_then(ErrorType::from_name),
        sentence: row.sentence,
        http_status: row.http_status.and_then(|status| u16::try_from(status).ok()),
        execution_time_ms: u32::try_from(row.execution_time_ms).unwrap_or(u32::MAX),
        created_at: crate::clock::millis_to_rfc3339(row.created_at_ms),
        refreshes: u32::try_from(row.refreshes).unwrap_or(u32::MAX),
    }
}

/// Exact up to 2^53, which is a thousand executions a second for 285,000 years.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub(super) fn seq(seq: i64) -> f64 {
    seq as f64
}
