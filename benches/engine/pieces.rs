//! The pieces of an execution by themselves: a commit of a record as it is, alone and with 63 others, and redaction.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use latchkey::execution::Execution;
use latchkey::redact::Redactor;
use latchkey::store::Database;
use latchkey::store::executions::ExecutionRow;
use latchkey::vault::DatabaseKey;
use secrecy::SecretString;
use tokio::task::JoinSet;

use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::fixture::{CLIENT_SECRET, Fixture};
use crate::nginx::TOKEN_VALUE;
use crate::options::Options;

/// Entries of a measured group.
const GROUP: usize = 64;

/// All pieces.
pub async fn measure(options: &Options, fixture: &Fixture, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let execution = fixture.run().await?;
    let record = serde_json::to_string(&execution)?;
    let mut figures = commits(options, &execution, &record, folder).await?;
    figures.extend(redaction(options, &record));
    Ok(figures)
}

async fn commits(options: &Options, execution: &Execution, record: &str, folder: &Path) -> Result<Vec<Figure>, Failure> {
    std::fs::create_dir(folder)?;
    let key = DatabaseKey::generate().ok_or("There are no random bytes.")?;
    let database = Arc::new(Database::open(folder.join("pieces.db"), &key.hex())?);
    let mut pairs = Vec::new();
    for _ in 0..options.rounds() {
        let (began, alone) = (Instant::now(), options.times(200));
        for _ in 0..alone {
            database.record(row(execution), record.to_owned()).await?;
        }
        let alone = micros_each(began, alone);
        let (began, groups) = (Instant::now(), options.times(50));
        for _ in 0..groups {
            let mut group = JoinSet::new();
            for _ in 0..GROUP {
                let (database, row, record) = (Arc::clone(&database), row(execution), record.to_owned());
                group.spawn(async move { database.record(row, record).await });
            }
            while let Some(recorded) = group.join_next().await {
                recorded??;
            }
        }
        pairs.push((micros_each(began, groups * GROUP), alone));
    }
    let what = format!("commit of a record ({} bytes), {GROUP} at once, each", record.len());
    let together = Figure::alone("commit_64", what, "µs", pairs.iter().map(|pair| pair.0)).beside("alone", &pairs);
    Ok(vec![together.aiming(Aim::AtMost(0.5))])
}

fn redaction(options: &Options, record: &str) -> Vec<Figure> {
    let bearer = format!("Bearer {TOKEN_VALUE}");
    let secrets = [CLIENT_SECRET, TOKEN_VALUE, bearer.as_str()].map(SecretString::from);
    let (mut building, mut searching) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        let (began, times) = (Instant::now(), options.times(500));
        for _ in 0..times {
            black_box(Redactor::new(&secrets));
        }
        building.push(micros_each(began, times));
        let redactor = Redactor::new(&secrets);
        let (began, times) = (Instant::now(), options.times(2000));
        for _ in 0..times {
            black_box(redactor.redact(black_box(record)));
        }
        searching.push(micros_each(began, times));
    }
    vec![
        Figure::alone("redactor", "a redactor of three secrets, made", "µs", building),
        Figure::alone("redaction", format!("{} bytes redacted with it", record.len()), "µs", searching),
    ]
}

/// A new entry of the same kind: the log keeps no id twice.
fn row(execution: &Execution) -> ExecutionRow {
    ExecutionRow {
        seq: 0,
        customer: None,
        id: uuid::Uuid::now_v7().to_string(),
        connector_id: execution.connector_id.clone(),
        created_at_ms: 1_769_850_000_000,
        source_type: execution.source_type.name().to_owned(),
        success: execution.success,
        error_type: None,
        http_status: execution.http_status.map(i64::from),
        execution_time_ms: i64::from(execution.execution_time_ms),
        refreshes: 0,
        sentence: execution.sentence.clone(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than an f64 has whole numbers")]
fn micros_each(began: Instant, times: usize) -> f64 {
    began.elapsed().as_secs_f64() * 1e6 / times as f64
}
