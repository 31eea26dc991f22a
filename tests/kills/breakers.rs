//! The breaker of a program that is killed (C1, C3): what was acknowledged is counted, nothing is counted without its
//! execution, and a claim is free when its deadline is over.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use latchkey::clock::FixedClock;
use latchkey::connector::ConnectorDraft;
use latchkey::execution::{ErrorType, Execution, ExecutionFilter};
use latchkey::workspace::{BreakerState, BreakerView, ExecutionRequest, Workspace};
use tempfile::TempDir;

use crate::child::{Moments, Working};
use crate::support::bench::{open, open_at};
use crate::support::drafts::connector;
use crate::support::{Answer, Bench, Gate, Server};

/// Failures that open the breaker here: as many as a connector may set.
const FAILURES: u32 = 100;
const ROUNDS: usize = 15;

/// A workspace that nobody has open, with one connector without tokens.
struct Broken {
    server: Server,
    folder: TempDir,
    id: String,
}

impl Broken {
    async fn new(failures: u32) -> Self {
        let bench = Bench::new().await;
        let mut draft: ConnectorDraft = connector("Broken", &bench.server.at("/orders"), &[]);
        draft.reliability.failures = failures;
        draft.reliability.open_seconds = 3600;
        let id = bench.connector(draft).await;
        let server = bench.server.clone();
        server.answers(|_| Answer::status(503));
        Self { server, folder: bench.close().await, id }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program works and is killed after it has said so many things.
    fn killed_after(&self, work: &str, said: u64, moment: Duration) -> Vec<String> {
        let child = Working::start(work, self.path());
        let mut lines = child.says("working");
        lines.extend((0..said).map(|_| child.next()));
        lines.extend(child.killed_after(moment));
        lines.into_iter().filter(|line| line.starts_with("execution")).collect()
    }

    /// The next program, on a clock that is so many seconds ahead.
    async fn opened_in(&self, seconds: u64) -> Workspace {
        let at = Timestamp::now().checked_add(Duration::from_secs(seconds)).unwrap();
        open_at(self.path(), Arc::new(FixedClock::new(at))).await
    }

    async fn view(&self, workspace: &Workspace) -> BreakerView {
        workspace.breaker(&self.id).await.unwrap()
    }

    async fn run(&self, workspace: &Workspace) -> Execution {
        let request = ExecutionRequest { connector_id: self.id.clone(), ..ExecutionRequest::default() };
        workspace.execute(request).await.unwrap().outcome().await.unwrap()
    }

    /// How many runs were recorded as failures of the API.
    async fn failures(&self, workspace: &Workspace) -> usize {
        let filter =
            ExecutionFilter { error_type: Some(ErrorType::ThirdPartyError), ..ExecutionFilter::of_connector(&self.id) };
        workspace.executions().list(filter, None, 200).await.unwrap().rows.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_what_was_recorded_is_counted_once_whenever_a_program_is_killed() {
    let mut moments = Moments::new("counting");
    let (mut broken, mut opened) = (Broken::new(FAILURES).await, 0);
    for _ in 0..ROUNDS {
        let acknowledged = broken.killed_after("run", moments.below(12), moments.micros(8000));
        let workspace = open(broken.path()).await;
        let (view, recorded) = (broken.view(&workspace).await, broken.failures(&workspace).await);
        assert!(recorded >= acknowledged.len().min(FAILURES as usize));
        assert_eq!(view.failures as usize, recorded.min(FAILURES as usize), "with its execution, or neither: {view:?}");
        assert_eq!(view.state == BreakerState::Open, recorded >= FAILURES as usize, "{recorded} failures");
        for named in &view.opened_by {
            workspace.executions().get(&named.execution_id).await.unwrap();
        }
        if view.state == BreakerState::Open {
            assert_eq!(broken.run(&workspace).await.error_type, Some(ErrorType::CircuitOpen));
            drop(workspace);
            (broken, opened) = (Broken::new(FAILURES).await, opened + 1);
        }
    }
    println!("counting: {ROUNDS} kills, {opened} breakers opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c3_a_killed_programs_breaker_is_as_it_was_in_every_state() {
    let broken = Broken::new(3).await;
    let workspace = open(broken.path()).await;
    workspace.isolate_breaker(&broken.id).await.unwrap();
    drop(workspace);
    broken.killed_after("run", 3, Duration::ZERO);
    let workspace = open(broken.path()).await;
    assert_eq!(broken.view(&workspace).await.state, BreakerState::Isolated);
    assert_eq!(broken.server.count("/orders"), 0, "the killed program sent nothing (C4)");
    workspace.reset_breaker(&broken.id).await.unwrap();
    drop(workspace);
    let child = Working::start("run", broken.path());
    child.says("working");
    child.next();
    child.next();
    child.next();
    child.killed_after(Duration::ZERO);
    let workspace = open(broken.path()).await;
    let opened = broken.view(&workspace).await;
    assert_eq!((opened.state, opened.failures), (BreakerState::Open, 3));
    assert_eq!(broken.run(&workspace).await.error_type, Some(ErrorType::CircuitOpen));
    assert_eq!(broken.server.count("/orders"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c3_the_claim_of_a_killed_programs_probe_is_free_after_its_deadline() {
    let broken = Broken::new(1).await;
    let workspace = open(broken.path()).await;
    assert_eq!(broken.run(&workspace).await.error_type, Some(ErrorType::ThirdPartyError));
    drop(workspace);
    // The wait of an hour is over for the next programs, by the number that they run with.
    let workspace = open(broken.path()).await;
    let mut draft = workspace.connectors().get(&broken.id).await.unwrap().draft;
    (draft.reliability.open_seconds, draft.reliability.timeout_ms) = (1, 1000);
    workspace.connectors().save(Some(&broken.id), draft).await.unwrap();
    crate::support::within("the wait", async {
        while broken.view(&workspace).await.state == BreakerState::Open {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    drop(workspace);
    let never = Gate::closed();
    broken.server.answers(move |_| Answer::status(200).held(&never));
    let child = Working::start("run", broken.path());
    broken.server.arrived("/orders", 2).await;
    child.killed_after(Duration::ZERO);
    broken.server.answers(|_| Answer::status(200));

    let workspace = open(broken.path()).await;
    let left = broken.view(&workspace).await;
    assert_eq!((left.state, left.probing), (BreakerState::HalfOpen, true), "nobody has given the claim back");
    assert_eq!(broken.run(&workspace).await.error_type, Some(ErrorType::CircuitOpen));
    assert_eq!(broken.server.count("/orders"), 2);
    drop(workspace);
    // Two requests of a second each, and the margin.
    let workspace = broken.opened_in(18).await;
    let free = broken.view(&workspace).await;
    assert_eq!((free.state, free.probing), (BreakerState::HalfOpen, false));
    assert!(broken.run(&workspace).await.success);
    assert_eq!(broken.view(&workspace).await.state, BreakerState::Closed);
}
