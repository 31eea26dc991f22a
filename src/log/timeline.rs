//! What a log looks like over time.

use rusqlite::Connection;

use super::gather::{MOST_WALKED, gather};
use super::span::Span;
use crate::clock::millis_to_rfc3339;
use crate::store::StoreFailure;
use crate::store::executions::{self, ExecutionQuery};
use crate::store::log_buckets::{self, Counts, Resolution, Whose};

/// Successes, failures and durations over time.
#[derive(Debug, Clone, PartialEq, serde::Serialize, specta::Type)]
pub struct Timeline {
    /// Where the first bucket begins (RFC 3339).
    pub since: String,
    /// Where the last bucket ends (RFC 3339).
    pub until: String,
    /// How long a bucket is.
    pub bucket_seconds: u32,
    /// All buckets from first to last, empty ones too.
    pub buckets: Vec<TimelineBucket>,
    /// Set when so many executions fit that only the newest of them, so many, were looked at.
    pub newest_only: Option<u32>,
}

/// The executions that began within one bucket.
#[derive(Debug, Clone, PartialEq, serde::Serialize, specta::Type)]
pub struct TimelineBucket {
    /// Where it begins (RFC 3339).
    pub start: String,
    /// How many succeeded.
    pub succeeded: u32,
    /// How many did not; those that wait for a code are in neither.
    pub failed: u32,
    /// The median of their durations, those left out that a breaker refused; `None` when there were none.
    pub p50_ms: Option<u32>,
    /// The duration that 95 of 100 stayed within.
    pub p95_ms: Option<u32>,
}

/// How many executions fit a filter, and where to enter their list, so that it can be walked from anywhere.
#[derive(Debug, Clone, PartialEq, serde::Serialize, specta::Type)]
pub struct LogOutline {
    /// How many there are.
    pub total: u32,
    /// So many rows lie between two elements of `before`.
    pub every: u32,
    /// Element `n` is what a list is continued before so that it begins with row `n × every`, counted from the newest at 0;
    /// element 0 begins with the newest.
    pub before: Vec<f64>,
}

impl Timeline {
    /// The executions that fit over their time: from the query's `since_ms` to its `until_ms`, else from the oldest to
    /// `now_ms`, in at most so many buckets. `None` when `is_cancelled` said so.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(
        connection: &Connection,
        query: &ExecutionQuery,
        most_buckets: u32,
        now_ms: i64,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, StoreFailure> {
        let oldest_ms = match query.since_ms {
            Some(_) => now_ms,
            None => oldest_ms(connection, query)?.unwrap_or(now_ms),
        };
        let span = Span::new((query.since_ms, oldest_ms), (query.until_ms, now_ms), most_buckets);
        let Some(gathered) = gather(connection, query, &span, is_cancelled)? else { return Ok(None) };
        Ok(Some(Self {
            since: millis_to_rfc3339(span.starts().next().unwrap_or(span.since_ms)),
            until: millis_to_rfc3339(span.end_ms()),
            bucket_seconds: span.seconds,
            buckets: buckets(&span, &gathered.counts),
            newest_only: gathered.newest_only.then_some(MOST_WALKED),
        }))
    }
}

/// The counts of a span as they are shown.
pub(crate) fn buckets(span: &Span, counts: &[Counts]) -> Vec<TimelineBucket> {
    span.starts().zip(counts).map(|(start, counts)| TimelineBucket::new(start, counts)).collect()
}

impl TimelineBucket {
    fn new(start_ms: i64, counts: &Counts) -> Self {
        let durations = counts.durations();
        Self {
            start: millis_to_rfc3339(start_ms),
            succeeded: counts.succeeded,
            failed: counts.failed,
            p50_ms: durations.percentile(50),
            p95_ms: durations.percentile(95),
        }
    }
}

/// When the oldest execution began, of the query's connector if it names one: to the minute as long as minutes are
/// counted, else to the hour. Of a log that is not counted yet, the oldest that is looked at.
fn oldest_ms(connection: &Connection, query: &ExecutionQuery) -> Result<Option<i64>, StoreFailure> {
    let whose = query.connector_id.as_deref().map_or(Whose::Everybodys, Whose::Of);
    let Some(hour) = log_buckets::oldest(connection, Resolution::Hour, whose)? else {
        let tail =
            ExecutionQuery { connector_id: query.connector_id.clone(), limit: MOST_LOOKED_AT, ..ExecutionQuery::default() };
        return Ok(executions::list(connection, &tail)?.iter().map(|row| row.created_at_ms).min());
    };
    let minute = log_buckets::oldest(connection, Resolution::Minute, whose)?;
    Ok(Some(minute.filter(|minute| (hour..hour + Resolution::Hour.seconds()).contains(minute)).unwrap_or(hour) * 1000))
}

/// Executions of a log that is not counted at all, which is so for a moment after the first.
const MOST_LOOKED_AT: u32 = 200;
