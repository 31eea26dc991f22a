//! The timeline of a log beside a plain recount of its rows, whatever is indexed, filtered and asked for; the overview.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use latchkey::clock::{FixedClock, to_millis};
use latchkey::execution::{ErrorType, ExecutionFilter};
use latchkey::log::{Timeline, text_of};
use latchkey::store::Database;
use latchkey::store::executions::{ExecutionQuery, ExecutionRow};
use latchkey::workspace::{OverviewSpan, ProblemCode};
use proptest::prelude::*;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use support::drafts::connector;
use support::{Answer, Bench};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    to_millis(Timestamp::now())
}

fn row(number: usize, at_ms: i64, first: bool, ended: u8, millis: i64) -> ExecutionRow {
    let error = [None, Some("faraday_error"), Some("circuit_open"), Some("email_verification_required")][usize::from(ended)];
    ExecutionRow {
        seq: 0,
        customer: None,
        id: format!("e{number}"),
        connector_id: if first { "c1" } else { "c2" }.into(),
        created_at_ms: at_ms,
        source_type: "test".into(),
        success: error.is_none(),
        error_type: error.map(Into::into),
        http_status: None,
        execution_time_ms: millis,
        refreshes: 0,
        sentence: String::new(),
    }
}

/// Successes, failures and durations of one bucket, counted by hand.
type Plain = (u32, u32, Vec<i64>);

fn recount(rows: &[ExecutionRow], query: &ExecutionQuery, timeline: &Timeline) -> Vec<Plain> {
    let starts: Vec<_> = timeline.buckets.iter().map(|it| to_millis(it.start.parse().unwrap())).collect();
    let length = i64::from(timeline.bucket_seconds) * 1000;
    let mut plain = vec![Plain::default(); starts.len()];
    for row in rows {
        let at = row.created_at_ms;
        let fits = query.connector_id.as_ref().is_none_or(|id| *id == row.connector_id)
            && query.success.is_none_or(|success| success == row.success)
            && query.error_type.as_ref().is_none_or(|error| Some(error) == row.error_type.as_ref())
            && query.since_ms.is_none_or(|since| at >= since)
            && query.until_ms.is_none_or(|until| at < until);
        let bucket = starts.iter().position(|start| (*start..start + length).contains(&at));
        let Some((succeeded, failed, durations)) = bucket.filter(|_| fits).map(|bucket| &mut plain[bucket]) else { continue };
        match row.error_type.as_deref() {
            None => *succeeded += 1,
            Some("email_verification_required") => continue,
            Some(_) => *failed += 1,
        }
        if row.error_type.as_deref() != Some("circuit_open") {
            durations.push(row.execution_time_ms);
        }
    }
    plain
}

fn near(read: Option<u32>, durations: &[i64], percent: usize) -> bool {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let exact = sorted.get((sorted.len() * percent).div_ceil(100).max(1) - 1).copied();
    match (read, exact) {
        (Some(read), Some(exact)) => (i64::from(read) - exact).abs() * 20 <= exact,
        (None, None) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_timeline_is_what_one_counts_by_hand(
        drawn in prop::collection::vec((0..2_000_i64, any::<bool>(), 0..4_u8, 0..100_000_i64), 1..80),
        hours in prop::sample::select(vec![1_i64, 30, 400]),
        indexed in 0.0..1.2_f64,
        since in prop::option::of(0..2_000_i64),
        length in prop::option::of(1..2_000_i64),
        most in prop::sample::select(vec![10_u32, 60, 500, 1000]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("workspace.db"), KEY).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let now = now();
        let moment = |part: i64| now - hours * HOUR + part * hours * HOUR / 2000;
        let mut rows: Vec<_> = drawn.iter().enumerate()
            .map(|(number, (part, first, ended, millis))| row(number, moment(*part), *first, *ended, *millis)).collect();
        rows.sort_by_key(|row| row.created_at_ms);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some of them")]
        let indexed = (rows.len() as f64 * indexed) as usize;
        for (number, row) in rows.iter().enumerate() {
            if number == indexed {
                database.index_log(text_of).unwrap();
            }
            runtime.block_on(database.record(row.clone(), "{}".into())).unwrap();
        }
        let since_ms = since.map(moment);
        let until_ms = length.map(|length| since_ms.unwrap_or(moment(0)) + length * hours * HOUR / 2000);
        for connector_id in [None, Some("c1".to_owned()), Some("gone".to_owned())] {
            for (success, error_type) in [(None, None), (Some(true), None), (Some(false), None), (None, Some("faraday_error"))] {
                let query = ExecutionQuery {
                    connector_id: connector_id.clone(), success, error_type: error_type.map(Into::into), since_ms, until_ms,
                    limit: u32::MAX, ..ExecutionQuery::default()
                };
                let timeline = database.read(|c| Timeline::read(c, &query, most, now, &|| false)).unwrap().unwrap();
                prop_assert!(timeline.buckets.len() <= most as usize && timeline.newest_only.is_none());
                let plain = recount(&rows, &query, &timeline);
                for (bucket, (succeeded, failed, durations)) in timeline.buckets.iter().zip(&plain) {
                    prop_assert_eq!((bucket.succeeded, bucket.failed), (*succeeded, *failed), "{:?} in {:?}", bucket, query);
                    prop_assert!(near(bucket.p50_ms, durations, 50) && near(bucket.p95_ms, durations, 95), "{bucket:?} of {durations:?}");
                }
                if since_ms.is_none() && until_ms.is_none() && connector_id.is_none() {
                    let all = plain.iter().map(|plain| plain.0 + plain.1).sum::<u32>() as usize;
                    let expected = recount(&rows, &query, &timeline).len();
                    prop_assert!(all <= rows.len() && expected == plain.len());
                    if success == Some(true) {
                        prop_assert_eq!(all, rows.iter().filter(|row| row.success).count(), "the oldest and the newest are in it");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_newest_run_shows_at_once_and_a_cancelled_look_says_so() {
    let bench = Bench::new().await;
    bench.server.answers(|_| Answer::json(200, &json!({})));
    let id = bench.connector(connector("Orders", &bench.server.at("/orders"), &[])).await;
    let cancel = CancellationToken::new();
    for runs in 1..=5 {
        bench.run(&id).await;
        let timeline = bench.workspace.executions().timeline(ExecutionFilter::of_connector(&id), 60, &cancel).await.unwrap();
        assert_eq!(timeline.buckets.iter().map(|bucket| bucket.succeeded).sum::<u32>(), runs);
    }
    cancel.cancel();
    let cancelled = bench.workspace.executions().timeline(ExecutionFilter::default(), 60, &cancel).await.unwrap_err();
    assert_eq!(cancelled.code, ProblemCode::Cancelled);
    let wrong = ExecutionFilter { since: Some("yesterday".into()), ..ExecutionFilter::default() };
    let refused = bench.workspace.executions().timeline(wrong, 60, &CancellationToken::new()).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("since"));
}

#[tokio::test]
async fn the_overview_names_first_what_needs_attention_and_the_tokens_that_end_soon() {
    let clock = Arc::new(FixedClock::new("2026-01-26T12:30:00Z".parse().unwrap()));
    let bench = Bench::at(&clock).await;
    // Its value lives 900 s.
    let (token, _) = bench.orders().await;
    bench.api_answers(|received, _| Answer::json(if received.path == "/bad" { 500 } else { 200 }, &json!({})));
    let ids: BTreeMap<_, _> = [("Good", "/good"), ("Alone", "/bad"), ("Worst", "/bad")].into();
    let mut made = BTreeMap::new();
    for (name, path) in ids {
        made.insert(name, bench.connector(connector(name, &bench.server.at(path), &[])).await);
    }
    bench.run(&made["Good"]).await;
    bench.run(&made["Alone"]).await;
    for _ in 0..5 {
        bench.run(&made["Worst"]).await;
    }
    for (span, buckets) in [(OverviewSpan::Hour, 60), (OverviewSpan::Day, 24), (OverviewSpan::Week, 28)] {
        let overview = bench.workspace.overview(span).await.unwrap();
        let names: Vec<_> = overview.connectors.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Worst", "Alone", "Good", "Orders"], "the open breaker, then the failures, then by name");
        let worst = &overview.connectors[0];
        assert_eq!((worst.succeeded, worst.failed, worst.buckets.len()), (0, 5, buckets));
        assert_eq!((worst.failures[0].error_type, worst.failures[0].count), (ErrorType::ThirdPartyError, 5));
        assert_eq!(worst.buckets.last().unwrap().failed, 5, "the last bucket is that of this moment");
        assert_eq!(overview.connectors[3].p50_ms, None, "it did not run");
        assert_eq!(overview.tokens.len(), 1);
        assert_eq!((&overview.tokens[0].id, overview.tokens[0].refreshed_before), (&token, false));
        assert_eq!(overview.tokens[0].expires_at, "2026-01-26T12:45:00.000Z");
        assert_eq!(overview.tokens[0].used_by[0].name, "Orders");
    }
    clock.advance(Duration::from_hours(30));
    let later = bench.workspace.overview(OverviewSpan::Day).await.unwrap();
    assert!(later.connectors.iter().all(|it| it.succeeded + it.failed == 0), "that was the day before");
    assert_eq!(later.tokens.len(), 1, "a value that has ended needs attention most");
    let week = bench.workspace.overview(OverviewSpan::Week).await.unwrap();
    assert_eq!(week.connectors.iter().map(|it| it.failed).sum::<u32>(), 6);
}
