//! The log as a whole: its outline, its timeline, what it takes, and its export.

use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::executions::{Executions, seq as executions_seq};
use super::log_filter::query_of;
use super::views::{Problem, ProblemCode};
use crate::execution::ExecutionFilter;
use crate::log::{LogOutline, Timeline};
use crate::store::executions;

/// Rows between two entries of an outline.
const OUTLINE_EVERY: u32 = 100;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// HTTP Archive 1.2, which browsers open.
    Har,
    /// One execution as JSON in each line.
    Jsonl,
}

/// What to export.
#[derive(Debug, Clone, Deserialize, specta::Type)]
pub struct ExportRequest {
    /// Which executions.
    pub filter: ExecutionFilter,
    /// As what.
    pub format: ExportFormat,
    /// To which file.
    pub path: PathBuf,
    /// Whether a file that is there may be replaced.
    pub replace: bool,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, specta::Type)]
pub struct ExportProgress {
    /// Executions written.
    pub written: u32,
    /// Executions to write, once they are counted.
    pub total: Option<u32>,
    /// Bytes written.
    pub bytes: f64,
}

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct ExportReport {
    /// The file.
    pub path: String,
    /// Executions in it.
    pub executions: u32,
    /// Its size in bytes.
    pub bytes: f64,
}

/// What the log takes, and what it may.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct LogStorage {
    /// Executions recorded.
    pub executions: u32,
    /// When the oldest of them began (RFC 3339).
    pub oldest_at: Option<String>,
    /// What the database holds, in bytes, free space left out.
    pub used_bytes: f64,
    /// The most it may hold before the oldest executions are deleted, in bytes.
    pub limit_bytes: f64,
    /// After so many days executions are deleted.
    pub days: u32,
    /// Executions that the search does not know yet.
    pub behind: u32,
}

impl Executions<'_> {
    /// How many executions fit, and where to enter their list.
    ///
    /// # Errors
    /// When the filter holds something that can't be taken, the database can't be read, or it was cancelled.
    pub async fn outline(&self, filter: ExecutionFilter, cancel: &CancellationToken) -> Result<LogOutline, Problem> {
        let query = query_of(filter)?;
        let cancelled = cancel.clone();
        let read = self.workspace.database().read_async(move |connection| {
            let (mut total, mut before) = (0_u32, Vec::new());
            executions::walk(connection, &query, |seqs| {
                for seq in seqs {
                    if total.is_multiple_of(OUTLINE_EVERY) {
                        before.push(executions_seq(seq + 1));
                    }
                    total = total.saturating_add(1);
                }
                if cancelled.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            Ok(LogOutline { total, every: OUTLINE_EVERY, before })
        });
        let outline = tokio::select! {
            outline = read => outline?,
            // The reading ends by itself within some hundredths of a second.
            () = cancel.cancelled() => return Err(cancelled_problem()),
        };
        if cancel.is_cancelled() { Err(cancelled_problem()) } else { Ok(outline) }
    }

    /// Successes, failures and durations over time, in at most so many buckets.
    ///
    /// # Errors
    /// When the filter holds something that can't be taken, the database can't be read, or it was cancelled.
    pub async fn timeline(
        &self,
        _filter: ExecutionFilter,
        _most_buckets: u32,
        _cancel: &CancellationToken,
    ) -> Result<Timeline, Problem> {
        Err(Problem::interrupted())
    }

    /// What the log takes.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn storage(&self) -> Result<LogStorage, Problem> {
        Err(Problem::interrupted())
    }
}

fn cancelled_problem() -> Problem {
    Problem::new(ProblemCode::Cancelled, "The look through the log was cancelled.", "Nothing was changed.")
}
