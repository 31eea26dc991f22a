//! A log of a million executions beside one of ten thousand: everything that is asked of it, what recording costs, what it
//! takes on the disk, and how far the index lags behind.

mod asking;
mod entry;
pub mod fill;
mod process;
mod questions;
mod recording;
mod storage;
mod threads;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use latchkey::store::Database;

use crate::Failure;
use crate::figures::Figure;
use crate::options::Options;
use fill::Filled;

/// Executions of the large and of the small log.
const LARGE: u64 = 1_000_000;
const SMALL: u64 = 10_000;

/// The longest that bringing the index up may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// All of it.
pub async fn measure(options: &Options, folder: &Path) -> Result<Vec<Figure>, Failure> {
    std::fs::create_dir(folder)?;
    let small = Filled::make(&folder.join("small"), if options.quick { 200 } else { SMALL }).await?;
    let large = if options.quick {
        Filled::make(&folder.join("large"), 1_000).await?
    } else {
        Filled::keep(&kept().join("large"), LARGE, &small).await?
    };
    let mut figures = filling(&large);
    figures.extend(asking::measure(options, &large, &small).await?);
    figures.extend(recording::measure(options, &large, folder).await?);
    figures.extend(process::measure(options, &large, folder).await?);
    figures.extend(storage::measure(&large)?);
    Ok(figures)
}

/// Where the large log is kept: with everything else that was built.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("log")
}

/// What filling took, which is how fast executions are recorded in groups, and how fast an old log is brought up.
#[expect(clippy::cast_precision_loss, reason = "a million")]
fn filling(large: &Filled) -> Vec<Figure> {
    let each = |seconds: f64| seconds * 1e6 / large.plan.count as f64;
    let figure = |key: &str, what: &str, seconds| Figure::alone(key, what, "µs", [each(seconds)]);
    vec![
        figure("log_fill", "filling the large log: each execution recorded, in groups", large.seconds.0),
        figure("log_catch_up", "filling the large log: what the index still needed after that, each", large.seconds.1),
    ]
}

/// Waits until the index knows everything that is recorded.
async fn indexed(database: &Arc<Database>) -> Result<(), Failure> {
    let database = Arc::clone(database);
    let done = tokio::task::spawn_blocking(move || database.indexed(PATIENCE)).await?;
    if done { Ok(()) } else { Err("The index did not come up to the log in time.".into()) }
}
