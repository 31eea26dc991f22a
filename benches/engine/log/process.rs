//! One `latchkey run` from its start to its end on a log that is full beside one on a log that is empty: the start checks, what
//! finds the connector, the recording, and the wait until the index knows the run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use latchkey::connector::ConnectorDraft;

use super::fill::{self, Filled};
use crate::Failure;
use crate::figures::{Figure, Spread};
use crate::fixture::PASSPHRASE;
use crate::nginx::Nginx;
use crate::options::Options;

/// The connector that is run.
const CONNECTOR: &str = "Measured";
/// Starts of each within a round.
const STARTS: usize = 10;

/// In turns, start by start.
pub async fn measure(options: &Options, large: &Filled, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let nginx = Nginx::start(&folder.join("nginx"))?;
    let empty = folder.join("empty");
    for workspace in [&large.folder, &empty] {
        make_connector(workspace, nginx.url()).await?;
    }
    let mut pairs = Vec::new();
    for round in 0..=options.rounds() {
        let (mut on_full, mut on_empty) = (Vec::new(), Vec::new());
        for _ in 0..options.times(STARTS) {
            on_full.push(milliseconds(&large.folder)?);
            on_empty.push(milliseconds(&empty)?);
        }
        // The first starts read programs and libraries from the disk; they are not counted.
        if round > 0 {
            pairs.push((Spread::of(on_full).median, Spread::of(on_empty).median));
        }
    }
    let what = format!("a `latchkey run` process in a log of {}, key under a passphrase", large.plan.count);
    let added = pairs.iter().map(|(on_full, on_empty)| on_full - on_empty);
    Ok(vec![
        Figure::alone("log_process", what, "ms", pairs.iter().map(|pair| pair.0)).beside("in an empty log", &pairs),
        Figure::alone("log_process_added", "what the full log adds to a process", "ms", added),
    ])
}

/// Makes the connector, or leads the one of an earlier measurement to the server of this one.
async fn make_connector(workspace: &Path, server: &str) -> Result<(), Failure> {
    let workspace = fill::open(workspace).await?;
    let there = workspace.connectors().list().await?.into_iter().find(|connector| connector.name == CONNECTOR);
    // The one place that answers without a token.
    let url = format!("{server}/login");
    let draft = ConnectorDraft { name: CONNECTOR.to_owned(), url, ..ConnectorDraft::default() };
    workspace.connectors().save(there.as_ref().map(|connector| connector.id.as_str()), draft).await?;
    Ok(())
}

/// From the start of a process to its end.
fn milliseconds(workspace: &Path) -> Result<f64, Failure> {
    let mut run = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    run.arg("--workspace").arg(workspace).args(["run", CONNECTOR]).env("LATCHKEY_PASSPHRASE", PASSPHRASE);
    let began = Instant::now();
    let ended = run.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    if ended.success() { Ok(took) } else { Err(format!("latchkey ended with {ended}.").into()) }
}
