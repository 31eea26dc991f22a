//! `latchkey run --repeat`: many runs, some at the same time, in one summary. Each is a run like any other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use latchkey::execution::{Execution, Step, StepKind};
use latchkey::workspace::{ExecutionRequest, Problem, Workspace};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::failure::{Exit, Failure};
use crate::output::{Look, Output};
use crate::stop::Stopping;

/// What many runs came to.
#[derive(Serialize)]
struct Summary {
    /// Runs that were recorded: all that were asked for, unless Ctrl-C came.
    runs: u32,
    succeeded: u32,
    failed: u32,
    /// Logins that these runs really sent; a flight that several runs joined is one.
    refreshes: u32,
    seconds: f64,
    runs_per_second: f64,
    latency_ms: Latency,
    by_error_type: BTreeMap<&'static str, u32>,
}

/// From asking for a run until it is recorded, in milliseconds.
#[derive(Serialize)]
struct Latency {
    p50: f64,
    p90: f64,
    p99: f64,
    max: f64,
}

/// Runs a connector so many times and prints the summary. Ctrl-C cancels the runs under way and begins no others.
///
/// # Errors
/// When a run could not be made or recorded; those under way are cancelled then.
pub async fn carry_out(
    workspace: &Workspace,
    request: &ExecutionRequest,
    runs: u32,
    concurrency: u16,
    stopping: &Stopping,
    output: &Output,
) -> Result<Exit, Failure> {
    workspace.keep_log();
    let cancel = stopping.asked().child_token();
    let began = Instant::now();
    let mut tally = Tally::default();
    let mut problem = None;
    let started = futures_util::stream::iter(0..runs).take_while(|_| std::future::ready(!cancel.is_cancelled()));
    let mut ended = started.map(|_| one(workspace, request.clone(), &cancel)).buffer_unordered(usize::from(concurrency));
    while let Some(run) = ended.next().await {
        match run {
            Ok((execution, took)) => tally.add(&execution, took),
            Err(found) => {
                cancel.cancel();
                problem.get_or_insert(found);
            }
        }
    }
    drop(ended);
    if let Some(problem) = problem {
        return Err(problem.into());
    }
    let summary = tally.summary(began.elapsed());
    if output.is_json() {
        output.object(&summary)?;
    } else {
        show(&summary, output)?;
    }
    Ok(Exit::of(summary.succeeded == runs))
}

async fn one(
    workspace: &Workspace,
    request: ExecutionRequest,
    cancel: &CancellationToken,
) -> Result<(Execution, Duration), Problem> {
    let began = Instant::now();
    let handle = workspace.execute(request).await?;
    let canceller = handle.canceller();
    let outcome = handle.outcome();
    tokio::pin!(outcome);
    let execution = tokio::select! {
        execution = &mut outcome => execution?,
        () = cancel.cancelled() => {
            canceller.cancel();
            outcome.await?
        }
    };
    Ok((execution, began.elapsed()))
}

#[derive(Default)]
struct Tally {
    succeeded: u32,
    refreshes: u32,
    by_error_type: BTreeMap<&'static str, u32>,
    /// Microseconds: four bytes each, as there may be a million.
    latencies: Vec<u32>,
}

impl Tally {
    fn add(&mut self, execution: &Execution, took: Duration) {
        self.succeeded += u32::from(execution.success);
        // Without an exchange another run's value was taken; a shared exchange is another run's, too.
        let shared = |step: &Step| step.token.as_ref().is_some_and(|token| token.shared);
        let sent = |step: &&Step| step.kind == StepKind::Refresh && step.exchange.is_some() && !shared(step);
        let logins = execution.steps.iter().filter(sent).count();
        self.refreshes += u32::try_from(logins).unwrap_or(u32::MAX);
        if let Some(error_type) = execution.error_type {
            *self.by_error_type.entry(error_type.name()).or_default() += 1;
        }
        self.latencies.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    fn summary(mut self, took: Duration) -> Summary {
        self.latencies.sort_unstable();
        let runs = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        let seconds = took.as_secs_f64();
        Summary {
            runs,
            succeeded: self.succeeded,
            failed: runs - self.succeeded,
            refreshes: self.refreshes,
            seconds: rounded(seconds),
            runs_per_second: rounded(f64::from(runs) / seconds.max(f64::MIN_POSITIVE)),
            latency_ms: Latency {
                p50: percentile(&self.latencies, 50),
                p90: percentile(&self.latencies, 90),
                p99: percentile(&self.latencies, 99),
                max: percentile(&self.latencies, 100),
            },
            by_error_type: self.by_error_type,
        }
    }
}

/// The smallest value that so many of a hundred are not above (nearest rank), from microseconds to milliseconds.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn show(summary: &Summary, output: &Output) -> Result<(), Failure> {
    let latency = &summary.latency_ms;
    output.pairs(&[
        ("runs", summary.runs.to_string()),
        ("succeeded", summary.succeeded.to_string()),
        ("failed", summary.failed.to_string()),
        ("refreshes", summary.refreshes.to_string()),
        ("seconds", format!("{:.3}", summary.seconds)),
        ("runs per second", format!("{:.1}", summary.runs_per_second)),
        (
            "latency in ms",
            format!("p50 {:.1}  p90 {:.1}  p99 {:.1}  max {:.1}", latency.p50, latency.p90, latency.p99, latency.max),
        ),
    ])?;
    for (error_type, count) in &summary.by_error_type {
        output.pieces(&[(Look::Bad, &format!("  {count} ")), (Look::Plain, error_type)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let micros: Vec<u32> = (1..=200).map(|number| number * 1000).collect();
        let found = [50, 90, 99, 100].map(|percent| percentile(&micros, percent).to_string());
        assert_eq!(found, ["100", "180", "198", "200"], "the nearest rank, not a value between two");
        assert_eq!(percentile(&[7000], 50).to_string(), "7", "one run is its own median");
        assert_eq!(percentile(&[], 99).to_string(), "0", "no run has no latency");
    }
}
