//! After a 401: a newer value is taken (E4), nothing is refreshed (E9), and nothing happens twice (E5).

use latchkey::execution::{ErrorType, StepKind, StepOutcome};
use latchkey::store::customers;

use crate::desk::{Desk, NAME, ended, generations};
use crate::support::bench::{kinds, step};
use crate::support::{Answer, Gate};

#[tokio::test]
async fn e4_a_value_that_was_set_meanwhile_is_taken_and_sent_once_more() {
    let desk = Desk::new().await;
    desk.holds("zoe", "an old value of zoe").await;
    desk.holds("max", "the value of max").await;
    let gate = Gate::closed();
    desk.accepts("a new value of zoe", Some(&gate));
    let run = desk.asks_for("zoe").await;
    desk.holds("zoe", "a new value of zoe").await;
    gate.open();
    let execution = ended(run).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(desk.sent(), ["an old value of zoe", "a new value of zoe"]);
    assert_eq!(generations(&execution), [(NAME, 1), (NAME, 2)], "both took part");
    let taken = step(&execution, StepKind::Refresh);
    assert_eq!(taken.outcome, StepOutcome::Passed);
    assert!(taken.detail.contains("generation 2 was set for the customer meanwhile"), "{}", taken.detail);
    assert!(taken.exchange.is_none(), "nobody was asked for it");
}

#[tokio::test]
async fn e4_what_another_customer_gets_meanwhile_is_not_taken() {
    let desk = Desk::new().await;
    desk.holds("zoe", "an old value of zoe").await;
    let gate = Gate::closed();
    desk.accepts("a new value of max", Some(&gate));
    let run = desk.asks_for("zoe").await;
    desk.holds("max", "an old value of max").await;
    desk.holds("max", "a new value of max").await;
    gate.open();
    let execution = ended(run).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    assert_eq!(desk.sent(), ["an old value of zoe"]);
}

#[tokio::test]
async fn e4_a_customer_that_was_deleted_and_came_back_has_a_newer_value() {
    let desk = Desk::new().await;
    desk.holds("zoe", "an old value of zoe").await;
    desk.holds("zoe", "an older value of zoe").await;
    let gate = Gate::closed();
    desk.accepts("a value of zoe come back", Some(&gate));
    let run = desk.asks_for("zoe").await;
    assert!(desk.database().write(|transaction| customers::delete(transaction, "zoe")).unwrap());
    // Its key may be another customer's by now.
    desk.holds("max", "the value of max").await;
    desk.holds("zoe", "a value of zoe come back").await;
    gate.open();
    let execution = ended(run).await;
    assert!(execution.success, "{}", execution.sentence);
    assert_eq!(desk.sent(), ["an older value of zoe", "a value of zoe come back"]);
}

#[tokio::test]
async fn e4_a_customer_that_is_deleted_meanwhile_gets_no_other_customers_value() {
    let desk = Desk::new().await;
    desk.holds("zoe", "an old value of zoe").await;
    let gate = Gate::closed();
    desk.accepts("the value of max", Some(&gate));
    let run = desk.asks_for("zoe").await;
    assert!(desk.database().write(|transaction| customers::delete(transaction, "zoe")).unwrap());
    desk.holds("max", "an old value of max").await;
    desk.holds("max", "the value of max").await;
    gate.open();
    assert_eq!(ended(run).await.error_type, Some(ErrorType::ThirdPartyError));
    assert_eq!(desk.sent(), ["an old value of zoe"]);
}

#[tokio::test]
async fn e9_a_refused_value_that_is_still_the_newest_is_for_its_issuer_to_renew() {
    let desk = Desk::new().await;
    desk.holds("zoe", "the value of zoe").await;
    desk.accepts("another", None);
    let execution = desk.run_for("zoe").await;
    assert_eq!((execution.error_type, execution.http_status), (Some(ErrorType::ThirdPartyError), Some(401)));
    assert_eq!(desk.sent().len(), 1, "no retry");
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Gate, StepKind::Request, StepKind::Refresh]);
    let left = step(&execution, StepKind::Refresh);
    assert_eq!(left.outcome, StepOutcome::Skipped);
    for text in [&execution.sentence, &left.detail] {
        let says = "the system that issues that of the customer “zoe” has to renew it";
        assert!(text.contains("session_token is a user token") && text.contains(says), "{text}");
    }
    assert!(execution.next_step.contains("setAuthTokens"), "{}", execution.next_step);
    let hint = execution.hint.as_deref().unwrap_or_default();
    assert!(hint.contains("Generation 1 of session_token was set"), "{hint}");
    assert!(hint.contains("only the system that issues it can renew it"), "{hint}");
    assert_eq!(desk.generation(&desk.token).await, 0);
}

#[tokio::test]
async fn e9_a_jwt_that_has_expired_is_said_to_have() {
    let desk = Desk::new().await;
    // {"alg":"HS256"} and {"sub":"zoe","exp":1700000000}
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6b2UiLCJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJlLW9mLXpvZQ";
    desk.holds("zoe", jwt).await;
    desk.accepts("another", None);
    let execution = desk.run_for("zoe").await;
    let hint = execution.hint.as_deref().unwrap_or_default();
    assert!(hint.contains("session_token is a JWT that expired"), "{hint}");
}

#[tokio::test]
async fn e9_only_a_401_is_a_refusal_of_the_value() {
    let desk = Desk::new().await;
    desk.holds("zoe", "the value of zoe").await;
    desk.server.answers(|_| Answer::status(403));
    let execution = desk.run_for("zoe").await;
    assert_eq!(kinds(&execution), [StepKind::Gate, StepKind::Gate, StepKind::Request]);
    assert_eq!(execution.hint, None);
}

#[tokio::test]
async fn e5_a_second_401_ends_it_however_new_the_value() {
    let desk = Desk::new().await;
    desk.holds("zoe", "the first of zoe").await;
    let gate = Gate::closed();
    desk.accepts("none of them", Some(&gate));
    let run = desk.asks_for("zoe").await;
    desk.holds("zoe", "the second of zoe").await;
    gate.open();
    let execution = ended(run).await;
    assert_eq!(execution.error_type, Some(ErrorType::ThirdPartyError));
    assert!(execution.sentence.contains("401 again"), "{}", execution.sentence);
    assert!(execution.hint.unwrap_or_default().contains("Generation 2 of session_token"));
    assert_eq!(desk.sent(), ["the first of zoe", "the second of zoe"]);
}
