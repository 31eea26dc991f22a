//! What recording an execution costs in processor time on a log that is full and on one that is empty, in turns: of the
//! thread that records by itself, and of all threads until the index knows it; and how long that takes after a burst.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use latchkey::store::Database;
use latchkey::store::executions::ExecutionRow;
use latchkey::vault::DatabaseKey;
use tokio::task::JoinSet;

use super::entry::Plan;
use super::fill::Filled;
use super::{indexed, threads};
use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::options::Options;

/// Executions that are recorded at the same time, when they are.
const AT_ONCE: u64 = 64;
/// Executions of a turn.
const TURN: usize = 1_280;
/// So much more may recording cost on the full log.
const RATIO: f64 = 1.2;
/// The index may lag behind so long when nothing else goes on, in milliseconds.
const LAG_MS: f64 = 2_000.0;
/// The thread that records.
const RECORDER: &str = "recorder";

/// What an execution of a turn cost, in microseconds of processor time, and what came after the last.
struct Turn {
    recorder: f64,
    all: f64,
    /// From the last acknowledgement to its being known to the index, in milliseconds.
    lag_ms: f64,
}

/// One at a time and 64 at once.
pub async fn measure(options: &Options, large: &Filled, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let mut next = large.plan.count;
    for at_once in [1, AT_ONCE] {
        let (mut recorder, mut all, mut lags) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=options.rounds() {
            let empty = folder.join(format!("empty-{at_once}-{round}.db"));
            let key = DatabaseKey::generate().ok_or("There are no random bytes.")?;
            let on_empty = turn(options, Database::open(&empty, &key.hex())?, &large.plan, &mut next, at_once).await?;
            let on_full = turn(options, large.database()?, &large.plan, &mut next, at_once).await?;
            // The first turns fill caches; they are not counted.
            if round > 0 {
                recorder.push((on_full.recorder, on_empty.recorder));
                all.push((on_full.all, on_empty.all));
                lags.push(on_full.lag_ms);
            }
        }
        let figure = |key: &str, what: &str, pairs: &[(f64, f64)]| {
            let what = format!("processor time of recording an execution, {at_once} at once{what}");
            Figure::alone(&format!("log_record_{key}_{at_once}"), what, "µs", pairs.iter().map(|pair| pair.0))
                .beside("on an empty log", pairs)
                .aiming(Aim::AtMost(RATIO))
        };
        figures.push(figure("thread", ": the recorder", &recorder));
        figures.push(figure("all", ": all threads, indexing included", &all));
        let what = format!("the index lags behind after a burst of {}, {at_once} at once", options.times(TURN));
        let worst = lags.iter().copied().fold(0.0, f64::max);
        figures.push(Figure::alone(&format!("log_lag_{at_once}"), what, "ms", [worst]).aiming(Aim::AtMost(LAG_MS)));
    }
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "a thousand")]
async fn turn(options: &Options, database: Database, plan: &Plan, next: &mut u64, at_once: u64) -> Result<Turn, Failure> {
    let database = Arc::new(database);
    database.follow_log(latchkey::log::text_of)?;
    indexed(&database).await?;
    let groups = (options.times(TURN) as u64).div_ceil(at_once);
    // Made before, so that only recording is measured.
    let first = *next;
    *next += groups * at_once;
    let mut entries = (first..*next).map(|number| anew(plan, number));
    let entries: Vec<Vec<_>> =
        (0..groups).map(|_| entries.by_ref().take(usize::try_from(at_once).unwrap_or(1)).collect()).collect();
    let before = threads::used()?;
    for group in entries {
        let mut recording = JoinSet::new();
        for (row, record) in group {
            let database = Arc::clone(&database);
            recording.spawn(async move { database.record(row, record).await });
        }
        while let Some(recorded) = recording.join_next().await {
            recorded??;
        }
    }
    let acknowledged = Instant::now();
    indexed(&database).await?;
    let lag_ms = acknowledged.elapsed().as_secs_f64() * 1000.0;
    let after = threads::used()?;
    let spent = |name: &str| after.get(name).copied().unwrap_or_default() - before.get(name).copied().unwrap_or_default();
    let each = |seconds: f64| seconds * 1e6 / (groups * at_once) as f64;
    let all = after.keys().map(|name| spent(name)).sum();
    Ok(Turn { recorder: each(spent(RECORDER)), all: each(all), lag_ms })
}

/// An execution under an id that no measurement before this one has used: a log that is kept has theirs.
fn anew(plan: &Plan, number: u64) -> (ExecutionRow, String) {
    let (row, record) = plan.entry(number);
    let id = uuid::Uuid::now_v7().to_string();
    let record = record.replace(&row.id, &id);
    (ExecutionRow { id, ..row }, record)
}
