//! When the shape of a login's answer changes: what is kept of it (E7), what is proposed, and that nothing but a new test
//! takes a proposal (T3).
#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as a test does")]

mod support;

use latchkey::execution::{ErrorType, StepKind};
use latchkey::response::{ShapeChange, ShapeLine};
use latchkey::token::{FieldDraft, LocationIn, TokenDraft, TokenDraftKind, TokenLocation};
use latchkey::workspace::{Moved, TokenDetail};
use serde_json::json;

use support::bench::{CLIENT_SECRET, Issuer, step};
use support::drafts::{login, login_token};
use support::{Answer, Bench, assert_free_of};

/// The login answers with its token in another place from now on.
fn move_the_token(bench: &Bench) {
    bench.login_answers(|_, issuer| moved_answer(issuer));
}

fn moved_answer(issuer: &Issuer) -> Answer {
    Answer::json(200, &json!({"data": {"session": {"access_token": issuer.issue(), "kind": "bearer"}}, "expires_in": 900}))
}

async fn token(bench: &Bench, id: &str) -> TokenDetail {
    bench.workspace.tokens().get(id).await.unwrap()
}

fn names(lines: &[ShapeLine], change: ShapeChange) -> Vec<&str> {
    let of_change = lines.iter().filter(|line| line.change == change);
    of_change.map(|line| line.key.as_deref().unwrap_or(&line.text)).collect()
}

fn assert_tells(moved: &Moved) {
    assert!(moved.sentence.contains("/data/access_token"), "{}", moved.sentence);
    assert_eq!(names(&moved.saved_shape, ShapeChange::Gone), ["access_token", "note"]);
    assert_eq!(names(&moved.new_shape, ShapeChange::New), ["session", "access_token", "kind"]);
    let [only] = moved.proposals.as_slice() else { panic!("one place has the name: {:?}", moved.proposals) };
    assert_eq!(only.location, TokenLocation::json("/data/session/access_token"));
    assert_eq!((only.label.as_str(), only.reason.as_str()), ("data.session.access_token", "same name, now under data.session"));
}

#[tokio::test]
async fn e7_a_refresh_that_finds_nothing_tells_both_shapes_and_where_the_value_went() {
    let bench = Bench::new().await;
    let (id, connector) = bench.orders().await;
    let before = bench.value(&id).await;
    assert!(token(&bench, &id).await.moved.is_none());
    bench.issuer.expire();
    move_the_token(&bench);
    let execution = bench.run(&connector).await;
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError));
    let detail = &step(&execution, StepKind::Refresh).detail;
    assert!(detail.contains("It probably stands at data.session.access_token now."), "{detail}");
    assert!(execution.next_step.contains("choose the proposed place data.session.access_token"), "{}", execution.next_step);
    assert_tells(&token(&bench, &id).await.moved.unwrap());
    assert_eq!((bench.value(&id).await, bench.generation(&id).await), (before, 1), "a proposal never takes itself");
    let location = token(&bench, &id).await.location.unwrap();
    assert_eq!(location, TokenLocation::json("/data/access_token"));
}

#[tokio::test]
async fn t9_a_refresh_by_hand_and_a_fetch_tell_it_too() {
    let bench = Bench::new().await;
    let (id, connector) = bench.orders().await;
    move_the_token(&bench);
    let problem = bench.workspace.tokens().refresh(&id).await.unwrap_err();
    assert!(problem.message.contains("It probably stands at data.session.access_token now."), "{}", problem.message);
    assert_tells(&token(&bench, &id).await.moved.unwrap());
    bench.workspace.tokens().forget(&id).await.unwrap();
    assert!(token(&bench, &id).await.moved.is_some(), "it stays until a value is stored again");
    bench.login_answers(|_, issuer| issuer.logged_in());
    assert!(bench.run(&connector).await.success);
    assert!(token(&bench, &id).await.moved.is_none(), "the value is where it was");
    move_the_token(&bench);
    bench.workspace.tokens().forget(&id).await.unwrap();
    assert_eq!(bench.run(&connector).await.error_type, Some(ErrorType::TokenRefreshError));
    assert_tells(&token(&bench, &id).await.moved.unwrap());
}

/// The draft as a form sends it to edit a saved token: secrets left out and named by their place.
fn edited(draft: &TokenDraft, id: &str, place: TokenLocation) -> TokenDraft {
    let mut draft = TokenDraft { id: Some(id.to_owned()), ..draft.clone() };
    if let TokenDraftKind::HttpRequest { request, location, .. } = &mut draft.kind {
        *location = Some(place);
        for (position, field) in request.parameters.iter_mut().enumerate() {
            *field = FieldDraft { value: None, stored: u32::try_from(position).ok(), ..field.clone() };
        }
    }
    draft
}

#[tokio::test]
async fn t3_a_moved_value_is_taken_after_a_new_test() {
    let bench = Bench::new().await;
    let (id, connector) = bench.orders().await;
    bench.issuer.expire();
    move_the_token(&bench);
    assert!(!bench.run(&connector).await.success);
    let moved = token(&bench, &id).await.moved.unwrap();
    let draft = edited(&bench.login_draft("Orders login"), &id, moved.proposals[0].location.clone());

    let refused = bench.workspace.tokens().save(draft.clone(), None).await.unwrap_err();
    assert_eq!(refused.code, latchkey::workspace::ProblemCode::NeedsTest, "a proposal alone proves nothing");
    let report = bench.test(&draft).await;
    assert_eq!(report.moved_to, moved.proposals, "the test proposes it too");
    let saved = bench.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap();
    assert_eq!((saved.location, saved.summary.generation), (Some(moved.proposals[0].location.clone()), 2));
    assert!(saved.moved.is_none());

    bench.issuer.expire();
    assert!(bench.run(&connector).await.success, "the next refresh finds it there");
}

#[tokio::test]
async fn t3_a_test_of_the_saved_request_keeps_what_it_met_and_one_that_finds_the_value_clears_it() {
    let bench = Bench::new().await;
    let (id, _) = bench.orders().await;
    let draft = edited(&bench.login_draft("Orders login"), &id, TokenLocation::json("/data/access_token"));
    move_the_token(&bench);
    let report = bench.test(&draft).await;
    assert_eq!(report.moved_to[0].label, "data.session.access_token");
    assert_tells(&token(&bench, &id).await.moved.unwrap());

    bench.login_answers(|_, _| Answer::status(503));
    assert!(bench.test(&draft).await.moved_to.is_empty());
    assert!(token(&bench, &id).await.moved.is_some(), "an answer that says no has no shape to compare");

    bench.login_answers(|_, issuer| issuer.logged_in());
    assert!(bench.test(&draft).await.moved_to.is_empty());
    assert!(token(&bench, &id).await.moved.is_none(), "the value is where it was");
}

#[tokio::test]
async fn t3_a_test_of_another_request_says_nothing_about_the_saved_one() {
    let bench = Bench::new().await;
    let (id, _) = bench.orders().await;
    move_the_token(&bench);
    let mut draft = login_token("Orders login", login(&bench.server.at("/login"), "another secret"), TokenLocation::json("/x"));
    draft.id = Some(id.clone());
    let report = bench.test(&draft).await;
    assert_eq!(report.moved_to[0].label, "data.session.access_token", "it helps the one who tests");
    assert!(token(&bench, &id).await.moved.is_none());
}

#[tokio::test]
async fn e7_a_token_that_went_into_a_header_or_cookie_is_proposed_there() {
    let bench = Bench::new().await;
    let (id, _) = bench.orders().await;
    bench.login_answers(|_, issuer| {
        let value = issuer.issue();
        let answer = Answer::json(200, &json!({"ok": true})).with("X-Access-Token", &value);
        answer.with("Set-Cookie", &format!("access_token={value}; HttpOnly"))
    });
    bench.workspace.tokens().refresh(&id).await.unwrap_err();
    let moved = token(&bench, &id).await.moved.unwrap();
    let parts: Vec<_> = moved.proposals.iter().map(|proposal| proposal.location.part).collect();
    assert_eq!(parts, [LocationIn::Cookie, LocationIn::Header]);
    assert_eq!(names(&moved.new_shape, ShapeChange::New)[..3], ["ok", "headers", "x-access-token"]);
}

#[tokio::test]
async fn s2_neither_shapes_nor_proposals_hold_a_secret() {
    let bench = Bench::new().await;
    let (id, connector) = bench.orders().await;
    bench.issuer.expire();
    // A careless server: the secret that it was sent and the newest value as names, and both in a message.
    bench.login_answers(|received, issuer| {
        let value = issuer.issue();
        let body = json!({
            CLIENT_SECRET: {"access_token": value, "sent": received.body},
            &value: {"access_token": value},
            "good": {"access_token": value},
        });
        Answer::json(200, &body).with(&format!("X-{}", "a".repeat(20)), CLIENT_SECRET)
    });
    bench.run(&connector).await;
    let moved = token(&bench, &id).await.moved.unwrap();
    let told = json!(moved).to_string();
    assert_free_of(&told, CLIENT_SECRET, "client secret");
    assert!(moved.proposals.iter().any(|proposal| proposal.label == "good.access_token"), "{:?}", moved.proposals);
    assert!(!moved.proposals.iter().any(|proposal| proposal.label.contains(CLIENT_SECRET)));
}
