//! Many executions in flight that meet one expired token: one login for all, and nobody fails (E6).

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::Failure;
use crate::figures::{Aim, Figure, percentile};
use crate::fixture::Fixture;
use crate::options::Options;
use crate::serve;

/// Executions in flight at once.
const IN_FLIGHT: usize = 1000;

/// Logins, failures and how long an execution takes, retry and refresh included.
pub async fn measure(options: &Options, folder: &Path) -> Result<Vec<Figure>, Failure> {
    let (_server, url) = serve::start()?;
    let fixture = Arc::new(Fixture::make(folder, &url).await?);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let in_flight = options.times(IN_FLIGHT);
    let (mut logins, mut failures, mut middle, mut slow) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        client.post(format!("{url}/expire")).send().await?.error_for_status()?;
        let before = asked(&client, &url).await?;
        let mut runs = JoinSet::new();
        for _ in 0..in_flight {
            let fixture = Arc::clone(&fixture);
            runs.spawn(async move {
                let began = Instant::now();
                let execution = fixture.workspace.execute(fixture.request()).await?.outcome().await?;
                Ok::<_, Failure>((execution.success, began.elapsed().as_secs_f64() * 1000.0))
            });
        }
        let (mut failed, mut took) = (0.0, Vec::with_capacity(in_flight));
        while let Some(run) = runs.join_next().await {
            let (succeeded, milliseconds) = run??;
            failed += f64::from(u8::from(!succeeded));
            took.push(milliseconds);
        }
        logins.push(asked(&client, &url).await? - before);
        failures.push(failed);
        middle.push(percentile(&mut took, 50));
        slow.push(percentile(&mut took, 99));
    }
    let of = |what: &str| format!("{in_flight} executions meet an expired token: {what}");
    // The worst round counts, not the middle one.
    let worst = |values: Vec<f64>| [values.into_iter().fold(0.0, f64::max)];
    Ok(vec![
        Figure::alone("expired_logins", of("logins"), "", worst(logins)).aiming(Aim::Exactly(1.0)),
        Figure::alone("expired_failures", of("failures"), "", worst(failures)).aiming(Aim::Exactly(0.0)),
        Figure::alone("expired_p50", of("half take at most"), "ms", middle),
        Figure::alone("expired_p99", of("99 of 100 take at most"), "ms", slow),
    ])
}

async fn asked(client: &reqwest::Client, url: &str) -> Result<f64, Failure> {
    Ok(client.get(format!("{url}/logins")).send().await?.error_for_status()?.text().await?.parse()?)
}
