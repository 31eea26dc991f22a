//! The log over real runs: what is recorded is found by every filter and by its words, also by other programs.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod support;

use std::time::Duration;

use latchkey::execution::{ErrorType, ExecutionFilter, SourceType};
use latchkey::workspace::Workspace;
use rstest::rstest;
use serde_json::json;
use support::drafts::connector;
use support::{Answer, Bench};
use tokio_util::sync::CancellationToken;

const A_MINUTE: Duration = Duration::from_mins(1);

async fn ids(workspace: &Workspace, filter: ExecutionFilter) -> Vec<String> {
    let page = workspace.executions().list(filter.clone(), None, 200).await.unwrap();
    let outline = workspace.executions().outline(filter, &CancellationToken::new()).await.unwrap();
    assert_eq!(outline.total as usize, page.rows.len(), "list and outline count the same");
    page.rows.into_iter().map(|row| row.id).collect()
}

fn searching(words: &str) -> ExecutionFilter {
    ExecutionFilter { search: Some(words.into()), ..ExecutionFilter::default() }
}

#[tokio::test]
async fn what_went_over_the_wire_is_found_by_its_words_in_every_program_and_no_secret_is() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    bench.api_answers(|received, issuer| {
        if !issuer.accepts(received) {
            return Answer::status(401);
        }
        Answer::json(200, &json!({"note": "Parcel left\nat the café", "state": "delivered"}))
    });
    let good = bench.run(&id).await.id;
    bench.api_answers(|_, _| Answer::text(503, "text/html", "<p>maintenance window</p>"));
    let bad = bench.run_from(&id, SourceType::Test).await.id;
    let other = bench.second().await;
    for workspace in [&bench.workspace, &other] {
        assert!(workspace.log_indexed(A_MINUTE).await);
        for words in ["parcel", "CAFE delivered", "\"left at the café\"", "deliv", "200"] {
            assert_eq!(ids(workspace, searching(words)).await, std::slice::from_ref(&good), "{words}");
        }
        assert_eq!(ids(workspace, searching("maintenance window")).await, std::slice::from_ref(&bad));
        assert_eq!(ids(workspace, searching("/orders")).await, [bad.clone(), good.clone()], "the address of both");
        assert!(ids(workspace, searching("\"delivered parcel\"")).await.is_empty());
        let value = bench.value(&token).await;
        assert!(ids(workspace, searching(&value)).await.is_empty(), "a token value is in no index (S2)");
        let failed = ExecutionFilter { success: Some(false), http_status: Some("5xx".into()), ..searching("maintenance") };
        assert_eq!(ids(workspace, failed.clone()).await, std::slice::from_ref(&bad));
        assert!(ids(workspace, ExecutionFilter { source_type: Some(SourceType::Fin), ..failed }).await.is_empty());
    }
}

#[tokio::test]
async fn every_filter_narrows_alone_and_with_others() {
    let bench = Bench::new().await;
    bench.api_answers(|received, _| match received.path.as_str() {
        "/gone" => Answer::status(404),
        _ => Answer::json(200, &json!({})),
    });
    let good = bench.connector(connector("Good", &bench.server.at("/good"), &[])).await;
    let gone = bench.connector(connector("Gone", &bench.server.at("/gone"), &[])).await;
    let (first, second) = (bench.run(&good).await, bench.run(&gone).await);
    let third = bench.run(&good).await;
    let all = ExecutionFilter::default;
    let cases = [
        (all(), vec![&third, &second, &first]),
        (ExecutionFilter::of_connector(&good), vec![&third, &first]),
        (ExecutionFilter { success: Some(false), ..all() }, vec![&second]),
        (ExecutionFilter { error_type: Some(ErrorType::ThirdPartyError), ..all() }, vec![&second]),
        (ExecutionFilter { http_status: Some("404".into()), ..all() }, vec![&second]),
        (ExecutionFilter { http_status: Some("2xx".into()), ..all() }, vec![&third, &first]),
        (ExecutionFilter { http_status: Some("none".into()), ..all() }, vec![]),
        (ExecutionFilter { execution_id: Some(first.id.clone()), ..all() }, vec![&first]),
        (ExecutionFilter { execution_id: Some("nobody".into()), ..all() }, vec![]),
        (ExecutionFilter { customer: Some("u1".into()), ..all() }, vec![]),
        (ExecutionFilter { since: Some(first.created_at.clone()), ..all() }, vec![&third, &second, &first]),
        (ExecutionFilter { until: Some(first.created_at.clone()), ..all() }, vec![]),
        (ExecutionFilter { since: Some("2100-01-01T00:00:00Z".into()), ..all() }, vec![]),
        (ExecutionFilter { search: Some("  ".into()), customer: Some(String::new()), ..all() }, vec![&third, &second, &first]),
    ];
    for indexed in [false, true] {
        if indexed {
            assert!(bench.workspace.log_indexed(A_MINUTE).await);
        }
        for (filter, expected) in &cases {
            let expected: Vec<_> = expected.iter().map(|execution| execution.id.clone()).collect();
            assert_eq!(ids(&bench.workspace, filter.clone()).await, expected, "{filter:?}");
        }
    }
}

#[rstest]
#[case("since", ExecutionFilter { since: Some("yesterday".into()), ..ExecutionFilter::default() })]
#[case("until", ExecutionFilter { until: Some("2026-13-01T00:00:00Z".into()), ..ExecutionFilter::default() })]
#[case("http_status", ExecutionFilter { http_status: Some("4x".into()), ..ExecutionFilter::default() })]
#[case("search", searching("?!"))]
#[tokio::test]
async fn what_can_not_be_asked_is_told_at_its_field(#[case] field: &str, #[case] filter: ExecutionFilter) {
    let bench = Bench::new().await;
    let problem = bench.workspace.executions().list(filter.clone(), None, 10).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some(field));
    assert!(!problem.next_step.is_empty());
    bench.workspace.executions().outline(filter, &CancellationToken::new()).await.unwrap_err();
}

#[tokio::test]
async fn an_outline_enters_the_list_anywhere_and_can_be_cancelled() {
    let bench = Bench::new().await;
    let id = bench.connector(connector("Many", &bench.server.at("/many"), &[])).await;
    for _ in 0..205 {
        bench.play(&id).await;
    }
    let log = bench.workspace.executions();
    let filter = ExecutionFilter::of_connector(&id);
    let outline = log.outline(filter.clone(), &CancellationToken::new()).await.unwrap();
    assert_eq!((outline.total, outline.every, outline.before.len()), (205, 100, 3));
    let whole = log.list(filter.clone(), None, 200).await.unwrap();
    let first = log.list(filter.clone(), Some(outline.before[0]), 1).await.unwrap();
    assert_eq!(first.rows[0].id, whole.rows[0].id);
    let middle = log.list(filter.clone(), Some(outline.before[1]), 1).await.unwrap();
    assert_eq!(middle.rows[0].id, whole.rows[100].id);
    assert_eq!(log.list(filter.clone(), Some(outline.before[2]), 200).await.unwrap().rows.len(), 5);
    let cancel = CancellationToken::new();
    cancel.cancel();
    log.outline(filter, &cancel).await.unwrap_err();
}
