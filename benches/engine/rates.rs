//! Executions in a second, each with its token, redacted and committed before it counts, beside a bare client that asks
//! the same of the same server and reads the same body, from the same process.

use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::Failure;
use crate::figures::{Aim, Figure};
use crate::fixture::Fixture;
use crate::machine::Used;
use crate::nginx::TOKEN_VALUE;
use crate::options::Options;

/// One turn of either.
struct Turn {
    per_second: f64,
    /// Processor time of this process for each, in microseconds.
    processor_us: f64,
}

/// Both, one at a time and 64 at once.
pub async fn measure(options: &Options, fixture: &Fixture) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for (at_once, aim) in [(1, 0.5), (64, 0.3)] {
        let bare = Arc::new(Bare::new(fixture)?);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // The first turns make connections and fill caches; they are not counted.
        for round in 0..=options.rounds() {
            let turns = (turn_of_bare(options, &bare, at_once).await?, turn_of_ours(options, fixture, at_once).await?);
            if round > 0 {
                theirs.push(turns.0);
                ours.push(turns.1);
            }
        }
        let rates: Vec<_> = ours.iter().zip(&theirs).map(|(our, its)| (our.per_second, its.per_second)).collect();
        let what = format!("executions, {at_once} at once");
        figures.push(
            Figure::alone(&format!("executions_{at_once}"), &what, "/s", rates.iter().map(|pair| pair.0))
                .beside("bare requests", &rates)
                .aiming(Aim::AtLeast(aim)),
        );
        let costs: Vec<_> = ours.iter().zip(&theirs).map(|(our, its)| (our.processor_us, its.processor_us)).collect();
        figures.push(
            Figure::alone(
                &format!("executions_{at_once}_processor"),
                format!("processor time of each, {at_once} at once"),
                "µs",
                costs.iter().map(|pair| pair.0),
            )
            .beside("bare requests", &costs),
        );
    }
    Ok(figures)
}

async fn turn_of_ours(options: &Options, fixture: &Fixture, at_once: usize) -> Result<Turn, Failure> {
    let (workspace, request) = (fixture.workspace.clone(), fixture.request());
    turn(options, at_once, move || {
        let (workspace, request) = (workspace.clone(), request.clone());
        async move {
            let execution = workspace.execute(request).await?.outcome().await?;
            if execution.success { Ok(()) } else { Err(format!("A run failed: {}", execution.sentence).into()) }
        }
    })
    .await
}

async fn turn_of_bare(options: &Options, bare: &Arc<Bare>, at_once: usize) -> Result<Turn, Failure> {
    let bare = Arc::clone(bare);
    turn(options, at_once, move || {
        let bare = Arc::clone(&bare);
        async move { bare.ask().await }
    })
    .await
}

/// So many at once, each the next one as soon as one has ended, for as long as a turn lasts.
async fn turn<F>(options: &Options, at_once: usize, one: impl Fn() -> F + Clone + Send + 'static) -> Result<Turn, Failure>
where
    F: Future<Output = Result<(), Failure>> + Send,
{
    let (began, used) = (Instant::now(), Used::by_now()?);
    let end = began + options.turn();
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let one = one.clone();
        workers.spawn(async move {
            let mut done = 0_u32;
            while done == 0 || Instant::now() < end {
                one().await?;
                done += 1;
            }
            Ok::<_, Failure>(done)
        });
    }
    let mut done = 0.0;
    while let Some(worker) = workers.join_next().await {
        done += f64::from(worker??);
    }
    let processor_us = (Used::by_now()?.own - used.own) * 1e6 / done;
    Ok(Turn { per_second: done / began.elapsed().as_secs_f64(), processor_us })
}

/// A client that does nothing but ask.
struct Bare {
    client: reqwest::Client,
    url: String,
    authorization: String,
}

impl Bare {
    fn new(fixture: &Fixture) -> Result<Self, Failure> {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
        Ok(Self { client, url: fixture.order_url.clone(), authorization: format!("Bearer {TOKEN_VALUE}") })
    }

    async fn ask(&self) -> Result<(), Failure> {
        let answer = self.client.get(&self.url).header("Authorization", &self.authorization).send().await?;
        if answer.status() != 200 {
            return Err(format!("nginx answered {}.", answer.status()).into());
        }
        answer.bytes().await?;
        Ok(())
    }
}
