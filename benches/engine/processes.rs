//! One `latchkey run` from its start to its end beside one `curl` that asks the same, and what a passphrase adds.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::fixture::{CONNECTOR, Fixture, PASSPHRASE};
use crate::machine::Used;
use crate::nginx::TOKEN_VALUE;
use crate::options::Options;

/// Starts of each within a round.
const STARTS: usize = 10;

/// Processes with the key in the keyring, then with a passphrase.
pub async fn measure(options: &Options, fixture: Fixture, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let url = fixture.order_url.clone();
    let server = url.split("/orders").next().unwrap_or_default().to_owned();
    let with_passphrase = Fixture::make_with_passphrase(&folder.join("with-passphrase"), &server).await?;
    // Nobody else has the workspaces open, as on a build server.
    drop((fixture, with_passphrase));

    let curl = || {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--fail", "--header"]).arg(format!("Authorization: Bearer {TOKEN_VALUE}")).arg(&url);
        curl
    };
    let run = |workspace: &str| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        run.arg("--workspace").arg(folder.join(workspace));
        run.args(["run", CONNECTOR, "--input", "order_id=A-1042", "--source", "workflow"]);
        run
    };
    let (mut pairs, mut processor) = (Vec::new(), Vec::new());
    let (mut passphrase, mut starts) = (Vec::new(), Vec::new());
    for round in 0..=options.rounds() {
        let (mut ours, mut theirs, used) = (Vec::new(), Vec::new(), Used::by_now()?.children);
        for _ in 0..options.times(STARTS) {
            theirs.push(milliseconds(&mut curl())?);
        }
        let between = Used::by_now()?.children;
        for _ in 0..options.times(STARTS) {
            ours.push(milliseconds(&mut run("workspace"))?);
        }
        let costs = (Used::by_now()?.children - between, between - used);
        let derived = milliseconds(run("with-passphrase").env("LATCHKEY_PASSPHRASE", PASSPHRASE))?;
        // The first starts read programs and libraries from the disk; they are not counted.
        if round > 0 {
            let middle = |values: &[f64]| crate::figures::Spread::of(values.iter().copied()).median;
            pairs.push((middle(&ours), middle(&theirs)));
            #[expect(clippy::cast_precision_loss, reason = "a handful")]
            let each = 1000.0 / ours.len() as f64;
            processor.push((costs.0 * each, costs.1 * each));
            passphrase.push(derived);
            starts.push(derived - middle(&ours));
        }
    }
    Ok(vec![
        Figure::alone("process", "a `latchkey run` process, key in the keyring", "ms", pairs.iter().map(|pair| pair.0))
            .beside("a curl process", &pairs)
            .aiming(Aim::AtMost(3.0)),
        Figure::alone("process_processor", "processor time of each", "ms", processor.iter().map(|pair| pair.0))
            .beside("a curl process", &processor),
        Figure::alone("process_passphrase", "the same, key under a passphrase", "ms", passphrase),
        Figure::alone("passphrase", "what the passphrase adds (Argon2id)", "ms", starts),
    ])
}

/// From the start of a process to its end.
fn milliseconds(command: &mut Command) -> Result<f64, Failure> {
    let began = Instant::now();
    let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let ended = ended.map_err(|error| format!("{} could not be started: {error}.", command.get_program().display()))?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    if ended.success() { Ok(took) } else { Err(format!("{} ended with {ended}.", command.get_program().display()).into()) }
}
