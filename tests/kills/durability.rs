//! What is promised of writes while everything is well: values pass logs, and processes see and lose nothing of each other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey::connector::ConnectorDraft;
use latchkey::store::executions::{ExecutionRow, last_seq};
use latchkey::store::{Database, settings};
use latchkey::workspace::WorkspaceEvent;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use crate::acknowledged::Acknowledged;
use crate::child::Working;
use crate::support::drafts::connector;
use crate::support::{Bench, within};
use crate::work::FLOOD;

fn row(number: u16) -> ExecutionRow {
    ExecutionRow {
        seq: 0,
        customer: None,
        id: format!("execution-{number:06}"),
        connector_id: "none".to_owned(),
        created_at_ms: 1,
        source_type: "test".to_owned(),
        success: true,
        error_type: None,
        http_status: Some(200),
        execution_time_ms: 1,
        refreshes: 0,
        sentence: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_a_value_is_committed_with_full_and_passes_the_logs_that_wait() {
    let folder = tempfile::tempdir().unwrap();
    let database = Arc::new(Database::open(folder.path().join("workspace.db"), &"5e".repeat(32)).unwrap());
    let full: i64 = database.write(|t| Ok(t.query_row("PRAGMA synchronous", [], |row| row.get(0))?)).unwrap();
    assert_eq!(full, 2, "FULL: what is acknowledged survives loss of power");

    let all: u16 = 8000;
    let mut recording = JoinSet::new();
    for number in 0..all {
        let database = Arc::clone(&database);
        recording.spawn(async move { database.record(row(number), "x".repeat(4096)).await.unwrap() });
    }
    let mut passed_by = Vec::new();
    while passed_by.len() < 15 {
        let database = Arc::clone(&database);
        let write = tokio::task::spawn_blocking(move || {
            let asked = database.read(last_seq)?;
            let written = database.write(|t| settings::put(t, "a.setting", "1").and_then(|()| last_seq(t)))?;
            Ok::<_, latchkey::store::StoreFailure>((asked, written - asked))
        });
        let (recorded, passed) = write.await.unwrap().unwrap();
        assert!(recorded < i64::from(all), "the flood was over before there was anything to pass: {passed_by:?}");
        passed_by.push(passed);
    }
    passed_by.sort_unstable();
    // Thousands wait all the time. One group of 128 may be under way when a value comes, and one more may slip in while
    // the thread that asks is being woken.
    assert!(passed_by[7] <= 2 * 128, "values wait behind logs: so many went first {passed_by:?}");
    let mut recorded = BTreeSet::new();
    while let Some(seq) = recording.join_next().await {
        recorded.insert(seq.unwrap());
    }
    assert_eq!(recorded.len(), usize::from(all), "and none of the logs is lost");
}

async fn bench_with_mocks() -> Bench {
    let bench = Bench::new().await;
    bench.tested_token(bench.login_draft("Login")).await;
    let mock_response = r#"{"order":{"id":"M-1"}}"#.to_owned();
    bench.connector(ConnectorDraft { mock_response, ..connector("Mock", &bench.server.at("/orders"), &[]) }).await;
    bench
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_two_processes_that_record_at_once_lose_nothing_and_a_third_is_told_of_all() {
    let bench = bench_with_mocks().await;
    let mut events = bench.workspace.events();
    let telling = tokio::spawn(async move {
        let mut told = Vec::new();
        while told.len() < 2 * FLOOD {
            match events.recv().await {
                Ok(WorkspaceEvent::ExecutionRecorded { execution_id, .. }) => told.push(execution_id),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => panic!("{missed} events were missed"),
                Err(RecvError::Closed) => break,
            }
        }
        told
    });
    let folder = bench.folder().parent().unwrap().to_owned();
    let children = [Working::start("record some", &folder), Working::start("record some", &folder)];
    let mut acknowledged = Acknowledged::default();
    for child in children {
        acknowledged.hear(&child.ended());
    }
    assert_eq!(acknowledged.counts().0, 2 * FLOOD);
    acknowledged.assert_kept(&folder).await;
    let told = within("every execution to be told", telling).await.unwrap();
    let distinct: BTreeSet<_> = told.iter().collect();
    assert_eq!((told.len(), distinct.len()), (2 * FLOOD, 2 * FLOOD), "each is told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_what_another_process_committed_is_told_within_a_second() {
    let bench = bench_with_mocks().await;
    let folder = bench.folder().parent().unwrap().to_owned();
    let mut waits = Vec::new();
    for _ in 0..5 {
        let mut events = bench.workspace.events();
        let child = Working::start("refresh once", &folder);
        child.says("working");
        assert!(child.next().starts_with("value"), "it refreshed the token");
        let committed = Instant::now();
        within("a token to be told", async { while !matches!(events.recv().await.unwrap(), WorkspaceEvent::TokensChanged) {} })
            .await;
        waits.push(committed.elapsed());
        child.ended();
    }
    // The promise itself. The median, because a busy machine may hold up one of them.
    waits.sort_unstable();
    assert!(waits[2] < Duration::from_secs(1), "{waits:?}");
}
