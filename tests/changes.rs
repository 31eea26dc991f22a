//! What differs between two tests of the same request.

mod support;

use latchkey::response::DiffKind;
use latchkey::workspace::DiffReport;
use serde_json::json;

use support::{Answer, Bench, assert_free_of};

async fn differences(bench: &Bench, response_id: &str) -> Option<DiffReport> {
    bench.workspace.responses().diff(response_id).await.unwrap_or_default()
}

#[tokio::test]
async fn t4_two_tests_of_one_request_show_what_is_new_with_each_login() {
    let bench = Bench::new().await;
    bench.login_answers(|_, issuer| {
        Answer::json(200, &json!({"token": issuer.issue(), "user": "bot", "again": issuer.issued().len() > 1}))
    });
    let draft = bench.login_draft("Orders login");
    let first = bench.test(&draft).await;
    assert!(differences(&bench, &first.response_id).await.is_none(), "there is nothing to compare the first test with");

    let second = bench.test(&draft).await;
    let found = differences(&bench, &second.response_id).await.unwrap();
    assert_eq!(found.against, first.at);
    assert_eq!((found.added, found.removed, found.changed), (0, 0, 2));
    assert!(found.complete);
    let told: Vec<_> = found.entries.iter().map(|entry| (entry.pointer.as_str(), entry.kind, entry.likely_token)).collect();
    assert_eq!(told, [("/again", DiffKind::Changed, false), ("/token", DiffKind::Changed, true)]);
    for token in bench.issuer.issued() {
        assert_free_of(&format!("{found:?}"), &token, "the differences (T8)");
    }
    let rows = bench.workspace.responses().rows(&second.response_id, 0, 10).await.unwrap().rows;
    let marked: Vec<_> = rows.iter().filter(|row| row.change.is_some()).filter_map(|row| row.key.as_deref()).collect();
    assert_eq!(marked, ["again", "token"], "the tree shows the same");

    let mut other = draft.clone();
    if let latchkey::token::TokenDraftKind::HttpRequest { request, .. } = &mut other.kind {
        request.url.push_str("?v=2");
    }
    let third = bench.test(&other).await;
    assert!(differences(&bench, &third.response_id).await.is_none(), "only tests of the same request are compared");
}
