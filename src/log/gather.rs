//! The executions of a span, counted by bucket: from hours and minutes that are counted already where the filter allows
//! it, else one by one.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::span::{Span, ceil};
use crate::store::StoreFailure;
use crate::store::executions::{self, ExecutionQuery, ExecutionRow};
use crate::store::log_buckets::{self, Counts, Resolution, Whose};

/// The most executions that are counted one by one: the newest.
pub const MOST_WALKED: u32 = 100_000;

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// By bucket of the span.
    pub counts: Vec<Counts>,
    /// Whether there were more than [`MOST_WALKED`] to count one by one.
    pub newest_only: bool,
}

/// Where the executions of some time are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Counted(Resolution),
    OneByOne,
}

/// From a moment on and before another, in milliseconds since 1970.
type Times = (i64, i64);

/// Counts the executions that fit the query and began within the span; `None` when `is_cancelled` said so.
///
/// # Errors
/// When the database can't be read.
pub fn gather(
    connection: &Connection,
    query: &ExecutionQuery,
    span: &Span,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Option<Gathered>, StoreFailure> {
    let mut gathering = Gathering {
        connection,
        query,
        span,
        gathered: Gathered { counts: vec![Counts::default(); span.len()], newest_only: false },
        walked: 0,
    };
    let whole = (span.since_ms, span.until_ms);
    let parts = if is_plain(query) {
        parts(whole, span.seconds, log_buckets::minutes_from(connection)?)
    } else {
        vec![(Source::OneByOne, whole)]
    };
    // The newest first, as those count when there are too many.
    for (source, times) in parts.iter().rev() {
        if is_cancelled() {
            return Ok(None);
        }
        match source {
            Source::Counted(resolution) => gathering.take_counted(*resolution, *times)?,
            Source::OneByOne => gathering.walk(*times, is_cancelled)?,
        }
    }
    let counted = parts.iter().filter(|(source, _)| *source != Source::OneByOne).map(|(_, times)| *times);
    gathering.take_tail(&counted.collect::<Vec<_>>(), is_cancelled)?;
    Ok((!is_cancelled()).then_some(gathering.gathered))
}

/// Whether what is counted already can tell it.
fn is_plain(query: &ExecutionQuery) -> bool {
    let ExecutionQuery { error_type, source_type, execution_id, customer, http_status, words, .. } = query;
    [error_type, source_type, execution_id, customer, words].into_iter().all(Option::is_none) && http_status.is_none()
}

/// The times, in order, with where each is counted from: from hours if buckets are made of them, at both ends from minutes,
/// and whatever is left, or has no minutes any more, one by one.
fn parts(times: Times, bucket_seconds: u32, minutes_from: i64) -> Vec<(Source, Times)> {
    let mut parts = Vec::new();
    let fits = |resolution: Resolution| i64::from(bucket_seconds) % resolution.seconds() == 0;
    let resolutions: Vec<_> = [Resolution::Hour, Resolution::Minute].into_iter().filter(|it| fits(*it)).collect();
    split(times, &resolutions, minutes_from, &mut parts);
    parts
}

fn split((since, until): Times, resolutions: &[Resolution], minutes_from: i64, parts: &mut Vec<(Source, Times)>) {
    if since >= until {
        return;
    }
    let Some((resolution, finer)) = resolutions.split_first() else {
        parts.push((Source::OneByOne, (since, until)));
        return;
    };
    let length = resolution.seconds() * 1000;
    let counted_from = if *resolution == Resolution::Minute { minutes_from * 1000 } else { i64::MIN };
    let first = ceil(since, length).max(counted_from);
    let end = until.div_euclid(length) * length;
    if first >= end {
        split((since, until), finer, minutes_from, parts);
        return;
    }
    split((since, first), finer, minutes_from, parts);
    parts.push((Source::Counted(*resolution), (first, end)));
    split((end, until), finer, minutes_from, parts);
}

struct Gathering<'a> {
    connection: &'a Connection,
    query: &'a ExecutionQuery,
    span: &'a Span,
    gathered: Gathered,
    walked: u32,
}

impl Gathering<'_> {
    fn take_counted(&mut self, resolution: Resolution, (since, until): Times) -> Result<(), StoreFailure> {
        let whose = self.query.connector_id.as_deref().map_or(Whose::Everybodys, Whose::Of);
        let (span, wanted, counts) = (self.span, self.query.success, &mut self.gathered.counts);
        log_buckets::between(self.connection, resolution, whose, (since / 1000, until / 1000), |start, counted| {
            if let Some(bucket) = span.bucket_of(start * 1000) {
                match wanted {
                    None => counts[bucket].merge(counted),
                    Some(success) => counts[bucket].merge(&counted.only(success)),
                }
            }
        })
    }

    /// Adds what was recorded so lately that it is not counted yet, where `times` were taken from what is counted.
    fn take_tail(&mut self, times: &[Times], is_cancelled: &dyn Fn() -> bool) -> Result<(), StoreFailure> {
        let (Some(first), Some(last)) = (times.first(), times.last()) else { return Ok(()) };
        let counted_through = executions::counted_through(self.connection)?;
        let is_of_the_tail = |seq| seq > counted_through;
        let in_times = |at_ms| times.iter().any(|(since, until)| (*since..*until).contains(&at_ms));
        self.walk_while((first.0, last.1), &is_of_the_tail, &in_times, is_cancelled)
    }

    fn walk(&mut self, times: Times, is_cancelled: &dyn Fn() -> bool) -> Result<(), StoreFailure> {
        self.walk_while(times, &|_| true, &|_| true, is_cancelled)
    }

    /// Counts one by one what began within these times and in a moment that `counts`, from the newest on for as long as
    /// `goes_on` says so.
    fn walk_while(
        &mut self,
        (since, until): Times,
        goes_on: &dyn Fn(i64) -> bool,
        counts: &dyn Fn(i64) -> bool,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), StoreFailure> {
        let query = ExecutionQuery { since_ms: Some(since), until_ms: Some(until), ..self.query.clone() };
        let mut failure = None;
        executions::walk(self.connection, &query, |seqs| {
            for seq in seqs {
                if !goes_on(*seq) {
                    return ControlFlow::Break(());
                }
                if self.walked == MOST_WALKED {
                    self.gathered.newest_only = true;
                    return ControlFlow::Break(());
                }
                self.walked += 1;
                match executions::by_seq(self.connection, *seq) {
                    Ok(row) => row.iter().filter(|row| counts(row.created_at_ms)).for_each(|row| self.count(row)),
                    Err(found) => failure = Some(found),
                }
            }
            if failure.is_some() || is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        failure.map_or(Ok(()), Err)
    }

    fn count(&mut self, row: &ExecutionRow) {
        if let Some(bucket) = self.span.bucket_of(row.created_at_ms) {
            self.gathered.counts[bucket].add(row.success, row.error_type.as_deref(), row.execution_time_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const MINUTE: i64 = 60_000;

    #[test]
    fn hours_are_taken_whole_and_their_ends_as_coarsely_as_they_can_be() {
        use Resolution::{Hour, Minute};
        let times = (HOUR - 90_000, 5 * HOUR + 30_000);
        let hours = (Source::Counted(Hour), (HOUR, 5 * HOUR));
        let first = (Source::Counted(Minute), (HOUR - MINUTE, HOUR));
        let (before, after) = ((Source::OneByOne, (times.0, HOUR - MINUTE)), (Source::OneByOne, (5 * HOUR, times.1)));
        assert_eq!(parts(times, 3600, 0), [before, first, hours, after]);
        assert_eq!(parts(times, 7200, 3 * 3600), [(Source::OneByOne, (times.0, HOUR)), hours, after], "its minutes are gone");
        let minutes = (Source::Counted(Minute), (HOUR - MINUTE, 5 * HOUR));
        assert_eq!(parts(times, 300, 0), [before, minutes, after]);
        let late = (Source::Counted(Minute), (3 * HOUR, 5 * HOUR));
        assert_eq!(parts(times, 60, 3 * 3600), [(Source::OneByOne, (times.0, 3 * HOUR)), late, after]);
        assert_eq!(parts(times, 30, 0), [(Source::OneByOne, times)], "buckets shorter than a minute");
        assert_eq!(parts((HOUR, 3 * HOUR), 3600, i64::MAX / 2000), [(Source::Counted(Hour), (HOUR, 3 * HOUR))]);
        assert_eq!(parts((10, 20), 3600, 0), [(Source::OneByOne, (10, 20))]);
        assert_eq!(parts((10, 10), 3600, 0), []);
    }
}
