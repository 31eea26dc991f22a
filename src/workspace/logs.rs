//! The log as a whole: its outline, its timeline, what it takes, and its export.

use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::executions::{Executions, seq as executions_seq};
use super::log_filter::query_of;
use super::views::{Problem, ProblemCode};
use crate::clock::millis_to_rfc3339;
use crate::execution::ExecutionFilter;
use crate::log::{LogOutline, Timeline};
use crate::store::{executions, oldest_records, space};

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

    /// Successes, failures and durations over time, in at most so many buckets (10 to 1,000): from the filter's `since` to
    /// its `until`, else from the oldest execution to now.
    ///
    /// # Errors
    /// When the filter holds something that can't be taken, the database can't be read, or it was cancelled.
    pub async fn timeline(
        &self,
        filter: ExecutionFilter,
        most_buckets: u32,
        cancel: &CancellationToken,
    ) -> Result<Timeline, Problem> {
        let query = query_of(filter)?;
        let (now_ms, cancel) = (self.workspace.now_ms(), cancel.clone());
        let read = self
            .workspace
            .database()
            .read_async(move |connection| Timeline::read(connection, &query, most_buckets, now_ms, &|| cancel.is_cancelled()));
        read.await?.ok_or_else(cancelled_problem)
    }

    /// What the log takes.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn storage(&self) -> Result<LogStorage, Problem> {
        let read = self.workspace.database().read_async(|connection| {
            let oldest = oldest_records(connection, 1)?.first().map(|(seq, _)| executions::by_seq(connection, *seq));
            Ok((
                executions::count(connection)?,
                oldest.transpose()?.flatten(),
                space(connection)?,
                executions::behind(connection)?,
            ))
        });
        let (count, oldest, space, behind) = read.await?;
        let limits = self.workspace.settings().logs();
        Ok(LogStorage {
            executions: u32::try_from(count).unwrap_or(u32::MAX),
            oldest_at: oldest.map(|row| millis_to_rfc3339(row.created_at_ms)),
            used_bytes: bytes(space.used_bytes()),
            limit_bytes: bytes(limits.bytes()),
            days: limits.days,
            behind: u32::try_from(behind).unwrap_or(u32::MAX),
        })
    }
}

fn cancelled_problem() -> Problem {
    Problem::new(ProblemCode::Cancelled, "The look through the log was cancelled.", "Nothing was changed.")
}

#[expect(clippy::cast_precision_loss, reason = "sizes below 9 petabytes are exact in an f64")]
fn bytes(bytes: u64) -> f64 {
    bytes as f64
}
