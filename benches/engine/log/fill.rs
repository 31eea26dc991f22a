//! A workspace with a log of any length. The large one is kept between runs, because filling takes minutes: executions go in
//! as runs record them, in groups, and the indexing brings them up as it does every day.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use latchkey::connector::ConnectorDraft;
use latchkey::store::Database;
use latchkey::vault::{DATABASE_FILE, KeyringSlot, Vault};
use latchkey::workspace::{Seams, Workspace};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::entry::{Plan, VERSION, connector_name};
use crate::Failure;
use crate::fixture::PASSPHRASE;

/// Connectors that run.
const CONNECTORS: usize = 10;
/// How far back the log goes, in milliseconds.
const SPAN_MS: i64 = 30 * 86_400_000;
/// Executions that are handed over at once.
const GROUP: u64 = 512;
/// What measurements may add to a log that is kept, in hundredths of it.
const MAY_GROW: u64 = 5;

/// A filled workspace.
pub struct Filled {
    pub folder: PathBuf,
    pub plan: Plan,
    /// Seconds that recording took, and bringing the search and the timeline up after it; of a log that was kept, when it
    /// was filled.
    pub seconds: (f64, f64),
}

/// What is kept beside the log.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    schema: String,
    count: u64,
    first_ms: i64,
    connectors: Vec<String>,
    seconds: (f64, f64),
}

impl Filled {
    /// A new one.
    pub async fn make(folder: &Path, count: u64) -> Result<Self, Failure> {
        let workspace = open(folder).await?;
        // Nothing is to be deleted because of its age or size.
        workspace.settings().set("logs.retention_days", "3650").await?;
        workspace.settings().set("logs.retention_mib", "1048576").await?;
        let mut connectors = Vec::new();
        for number in 0..CONNECTORS {
            let url = format!("https://api-{number}.shop.example/v2/orders/{{{{order_id}}}}");
            let inputs = serde_json::from_value(serde_json::json!([{"name": "order_id", "type": "string"}]))?;
            let draft = ConnectorDraft { name: connector_name(number), url, data_inputs: inputs, ..ConnectorDraft::default() };
            connectors.push(workspace.connectors().save(None, draft).await?.summary.id);
        }
        drop(workspace);
        let first_ms = jiff::Timestamp::now().as_millisecond() - SPAN_MS;
        let plan = Plan { count, first_ms, span_ms: SPAN_MS, connectors };
        let seconds = fill(folder, &plan).await?;
        Ok(Self { folder: folder.to_owned(), plan, seconds })
    }

    /// The one that was kept in the folder, if it is like `fresh` in everything but its length; else a new one.
    pub async fn keep(folder: &Path, count: u64, fresh: &Self) -> Result<Self, Failure> {
        let (note, schema) = (folder.with_extension("json"), schema(&fresh.folder)?);
        if let Some(kept) = read(&note)
            && kept.version == VERSION
            && kept.schema == schema
            && kept.count == count
            && recorded(folder)? <= count + count * MAY_GROW / 100
        {
            let plan = Plan { count, first_ms: kept.first_ms, span_ms: SPAN_MS, connectors: kept.connectors };
            return Ok(Self { folder: folder.to_owned(), plan, seconds: kept.seconds });
        }
        remove(&note, folder)?;
        println!("Filling a log of {count} executions, which is kept in {}. It takes some minutes.", folder.display());
        let filled = Self::make(folder, count).await?;
        let Plan { first_ms, connectors, .. } = filled.plan.clone();
        let kept = Kept { version: VERSION, schema, count, first_ms, connectors, seconds: filled.seconds };
        std::fs::write(&note, serde_json::to_string(&kept)?)?;
        Ok(filled)
    }

    /// The workspace, opened.
    pub async fn open(&self) -> Result<Workspace, Failure> {
        open(&self.folder).await
    }

    /// Reads the whole database once, so that the system has it in memory.
    pub fn read_into_memory(&self) -> Result<(), Failure> {
        std::io::copy(&mut std::fs::File::open(self.folder.join(DATABASE_FILE))?, &mut std::io::sink())?;
        Ok(())
    }

    /// Its database by itself.
    pub fn database(&self) -> Result<Database, Failure> {
        database(&self.folder)
    }
}

/// A workspace of a measurement, opened or made.
pub async fn open(folder: &Path) -> Result<Workspace, Failure> {
    Ok(Workspace::open(folder, Some(PASSPHRASE.into()), Seams::real()).await?)
}

/// The database of a workspace by itself, without the watching and the care that a workspace takes.
pub fn database(folder: &Path) -> Result<Database, Failure> {
    let vault = Vault::new(folder, Arc::new(KeyringSlot::new()));
    let opened = vault.open(Some(&PASSPHRASE.into()))?;
    Ok(Database::open(folder.join(DATABASE_FILE), &opened.key.hex())?)
}

async fn fill(folder: &Path, plan: &Plan) -> Result<(f64, f64), Failure> {
    let database = Arc::new(database(folder)?);
    let began = Instant::now();
    for first in (0..plan.count).step_by(usize::try_from(GROUP)?) {
        let mut group = JoinSet::new();
        for number in first..(first + GROUP).min(plan.count) {
            let (row, record) = plan.entry(number);
            let database = Arc::clone(&database);
            group.spawn(async move { database.record(row, record).await });
        }
        while let Some(recorded) = group.join_next().await {
            recorded??;
        }
        if first % (100 * GROUP) == 0 && first > 0 {
            println!("{first} of {}: {:.0} s", plan.count, began.elapsed().as_secs_f64());
        }
    }
    let recorded = began.elapsed().as_secs_f64();
    let indexing = Arc::clone(&database);
    tokio::task::spawn_blocking(move || indexing.index_log(latchkey::log::text_of)).await??;
    Ok((recorded, began.elapsed().as_secs_f64() - recorded))
}

/// Everything that a log is kept in, as the database says it.
fn schema(folder: &Path) -> Result<String, Failure> {
    let schema = database(folder)?.read(|connection| {
        let mut statement = connection.prepare("SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY name")?;
        Ok(statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?.join("\n"))
    })?;
    Ok(schema)
}

fn recorded(folder: &Path) -> Result<u64, Failure> {
    let last = database(folder)?.read(latchkey::store::executions::last_seq)?;
    Ok(u64::try_from(last)?)
}

fn read(note: &Path) -> Option<Kept> {
    serde_json::from_str(&std::fs::read_to_string(note).ok()?).ok()
}

fn remove(note: &Path, folder: &Path) -> Result<(), Failure> {
    if note.exists() {
        std::fs::remove_file(note)?;
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}
