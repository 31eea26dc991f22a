//! Customers of a workspace by its public face: listed and searched, set by hand, told of, and swept when a token goes.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod support;

use latchkey::customer::{CustomerKind, Said, SetBy};
use latchkey::store::customer_lists::{self, Search};
use latchkey::store::{Database, customer_tokens};
use latchkey::token::{TokenDraft, TokenDraftKind};
use latchkey::vault::DATABASE_FILE;
use latchkey::workspace::{CustomerDraft, CustomerFilter, CustomerPage, ProblemCode, SecretRef, WorkspaceEvent};
use secrecy::SecretString;
use support::drafts::text_token;
use support::{Bench, assert_free_of, within};
use tokio::sync::broadcast;

/// `{"sub": "ann", "exp": 4102444800}`
const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiAiYW5uIiwgImV4cCI6IDQxMDI0NDQ4MDB9.c2lnbmF0dXJl";

/// A bench with two user tokens, `basket` and `session`.
async fn set_up() -> (Bench, [String; 2]) {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for name in ["basket", "session"] {
        let draft = TokenDraft { kind: TokenDraftKind::User, ..text_token(name, "") };
        ids.push(bench.token(draft).await.summary.id);
    }
    (bench, ids.try_into().unwrap())
}

fn value(name: &str, value: &str) -> (String, SecretString) {
    (name.to_owned(), SecretString::from(value))
}

fn said(user_id: &str, email: &str, name: &str, tokens: Vec<(String, SecretString)>) -> Said {
    Said { user_id: user_id.to_owned(), email: Some(email.to_owned()), name: Some(name.to_owned()), tokens, ..Said::default() }
}

fn draft(user_id: &str) -> CustomerDraft {
    CustomerDraft { user_id: user_id.to_owned(), email: None, name: None, kind: CustomerKind::Users }
}

async fn page(bench: &Bench, search: &str, after: Option<String>, limit: u32) -> CustomerPage {
    let filter = CustomerFilter { search: Some(search.to_owned()) };
    bench.workspace.customers().list(filter, after, limit).await.unwrap()
}

async fn found(bench: &Bench, search: &str) -> Vec<String> {
    page(bench, search, None, 100).await.rows.into_iter().map(|row| row.user_id).collect()
}

/// The database as another process has it.
fn database(bench: &Bench) -> Database {
    Database::open(bench.folder().join(DATABASE_FILE), &bench.key_hex()).unwrap()
}

/// How many customers hold, or held, this token.
fn values_of(bench: &Bench, token_id: &str) -> usize {
    let reading = database(bench).read(|connection| {
        let mut held = 0;
        for row in customer_lists::list(connection, &Search::default(), None, usize::MAX)? {
            held += usize::from(customer_tokens::get(connection, row.0.id, token_id)?.is_some());
        }
        Ok(held)
    });
    reading.unwrap()
}

async fn told(events: &mut broadcast::Receiver<WorkspaceEvent>) {
    let telling = async { while !matches!(events.recv().await.unwrap(), WorkspaceEvent::CustomersChanged) {} };
    within("the word that customers changed", telling).await;
}

#[tokio::test]
async fn customers_are_found_by_the_start_of_anything_that_is_listed_each_once() {
    let (bench, _) = set_up().await;
    let customers = bench.workspace.customers();
    let all = [
        said("ann-1", "ann@example.com", "Ann Oak", vec![value("session", "v")]),
        said("u2", "ANN.b@example.com", "Bob", vec![]),
        said("u3", "c@example.com", "ännchen", vec![value("basket", "v")]),
        said("u4", "", "Annika", vec![]),
    ];
    for one in all {
        customers.take_in(one, SetBy::Window).await.unwrap();
    }
    assert_eq!(found(&bench, "ann").await, ["ann-1", "u2", "u4"], "user id, then email, then name; each once");
    assert_eq!(found(&bench, "ÄNN").await, ["u3"], "whatever the case");
    assert_eq!(found(&bench, "sess").await, ["ann-1"], "by a token that is held");
    assert_eq!(found(&bench, "oak").await, Vec::<String>::new(), "by the start only");
    assert_eq!(found(&bench, "%").await, Vec::<String>::new(), "nothing is a wildcard");
    assert_eq!(found(&bench, " ann-1 ").await, ["ann-1"]);
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    assert_eq!(found(&bench, &today).await, Vec::<String>::new(), "nobody was seen: they were added by hand");
    let seen = Said { user_id: "u2".to_owned(), seen: true, ..Said::default() };
    customers.take_in(seen, SetBy::Boot).await.unwrap();
    assert_eq!(found(&bench, &today[..7]).await, ["u2"]);
    assert_eq!(found(&bench, "").await[0], "u2", "who was seen last comes first");
}

#[tokio::test]
async fn pages_join_without_a_gap_whatever_walk_they_end_in() {
    let (bench, _) = set_up().await;
    for number in 0..9 {
        // Three are found by each: user id, email, name.
        let (id, email, name) = match number % 3 {
            0 => (format!("x{number}"), "x@example.com", "X"),
            1 => (format!("a{number}"), "x@example.com", "X"),
            _ => (format!("a{number}"), "", "X"),
        };
        bench.workspace.customers().take_in(said(&id, email, name, vec![value("basket", "v")]), SetBy::Window).await.unwrap();
    }
    for search in ["", "x", "bask"] {
        let whole = found(&bench, search).await;
        assert_eq!(whole.len(), 9, "{search}");
        for limit in [1, 2, 4] {
            let (mut joined, mut after) = (Vec::new(), None);
            loop {
                let next = page(&bench, search, after, limit).await;
                assert_eq!(next.total, 9);
                joined.extend(next.rows.into_iter().map(|row| row.user_id));
                after = next.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(joined, whole, "{search} by {limit}");
        }
    }
    let filter = CustomerFilter::default();
    let lost = bench.workspace.customers().list(filter, Some("nowhere".to_owned()), 5).await.unwrap_err();
    assert_eq!(lost.field.as_deref(), Some("after"));
}

#[tokio::test]
async fn m7_what_is_held_is_masked_and_a_jwt_opened_without_its_signature() {
    let (bench, [basket, session]) = set_up().await;
    bench.keeps_secret(JWT);
    let customers = bench.workspace.customers();
    customers.save(draft("ann"), false).await.unwrap();
    let shown = customers.set_token("ann", "session".to_owned(), SecretString::from(JWT), SetBy::Window).await.unwrap();
    let [of_basket, of_session] = &shown.held[..] else { panic!("{shown:?}") };
    assert_eq!((of_basket.masked.as_deref(), of_basket.generation, of_basket.set_by), (None, 0, None));
    assert_eq!((of_session.masked.as_deref(), of_session.generation), (Some("eyJhbG••••••••"), 1));
    assert_eq!(of_session.set_by, Some(SetBy::Window));
    let jwt = of_session.jwt.as_ref().unwrap();
    assert!(jwt.expires_in_seconds.unwrap() > 0);
    let told = serde_json::to_string(&shown).unwrap();
    assert_free_of(&told, JWT, "the value");
    assert_free_of(&told, "c2lnbmF0dXJl", "the signature");
    let reveal = SecretRef::CustomerToken { user_id: "ann".to_owned(), token_id: session.clone() };
    assert_eq!(bench.workspace.reveal(reveal).await.unwrap(), JWT);
    // A removal is a change of its own, and goes by the hand that made it (M5).
    let removed = customers.remove_token("ann", &session, SetBy::CommandLine).await.unwrap();
    assert_eq!((removed.held[1].masked.as_deref(), removed.held[1].generation), (None, 2));
    assert_eq!(removed.summary.tokens, Vec::<String>::new());
    for token in [&session, &basket] {
        let refused = customers.remove_token("ann", token, SetBy::Window).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn what_can_not_be_kept_names_its_field_and_loses_nothing() {
    let (bench, _) = set_up().await;
    let customers = bench.workspace.customers();
    customers.save(draft("ann"), false).await.unwrap();
    for (user_id, words) in [("", "needs a user id"), ("ann", "already"), ("a\u{7}b", "control character")] {
        let problem = customers.save(draft(user_id), false).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("user_id"));
        assert!(problem.message.contains(words), "{problem:?}");
    }
    let long = CustomerDraft { email: Some("x".repeat(256)), ..draft("bob") };
    assert_eq!(customers.save(long, false).await.unwrap_err().field.as_deref(), Some("email"));
    assert_eq!(customers.save(draft("bob"), true).await.unwrap_err().code, ProblemCode::NotFound);
    for wrong in ["", " ", "a\r\nX-Evil: 1", &"x".repeat(16 * 1024 + 1)] {
        let problem = customers.set_tokens("ann", vec![value("session", wrong)], SetBy::Window).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("value"));
        assert!(!problem.message.contains("X-Evil"), "{problem:?}");
    }
    let unknown = customers.set_token("ann", "nobodys".to_owned(), SecretString::from("v"), SetBy::Window).await.unwrap_err();
    assert_eq!(unknown.field.as_deref(), Some("token_name"));
    // The known one is stored although the other is not known (M2).
    let tokens = vec![value("nobodys", "v"), value("session", "v")];
    let set = customers.set_tokens("ann", tokens, SetBy::Window).await.unwrap();
    assert_eq!((set.stored, set.refused), (vec!["session".to_owned()], vec!["nobodys".to_owned()]));
    assert_eq!(customers.set_tokens("bob", vec![], SetBy::Window).await.unwrap_err().code, ProblemCode::NotFound);
    assert_eq!(page(&bench, "", None, 10).await.total, 1);
}

#[tokio::test]
async fn m3_a_value_that_is_set_is_no_change_of_the_configuration_and_is_told_to_other_programs() {
    let (bench, _) = set_up().await;
    let other = bench.second().await;
    let mut events = other.events();
    let before = database(&bench).configuration_version();
    bench.workspace.customers().take_in(said("ann", "", "", vec![value("session", "v")]), SetBy::Window).await.unwrap();
    told(&mut events).await;
    assert_eq!(database(&bench).configuration_version(), before, "runs go on with what they have read");
    bench.workspace.customers().delete("ann").await.unwrap();
    told(&mut events).await;
    assert_eq!(other.customers().get("ann").await.unwrap_err().code, ProblemCode::NotFound);
}

#[tokio::test]
async fn t7_a_token_that_many_hold_is_deleted_with_every_value_of_it() {
    let (bench, [basket, _]) = set_up().await;
    let customers = bench.workspace.customers();
    for number in 0..450 {
        let tokens = vec![value("basket", "v"), value("session", "v")];
        customers.take_in(said(&format!("u{number}"), "", "", tokens), SetBy::Window).await.unwrap();
    }
    bench.workspace.tokens().delete(&basket).await.unwrap();
    let left = customers.get("u7").await.unwrap();
    assert_eq!(left.summary.tokens, ["session"]);
    assert_eq!(left.held.len(), 1);
    assert_eq!(values_of(&bench, &basket), 0, "none is left in the file");
    assert_eq!(page(&bench, "bask", None, 10).await.rows.len(), 0);
}
