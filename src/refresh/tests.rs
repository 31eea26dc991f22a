//! Attempts against each other over real HTTP and real lock files, with waits as short as a test's.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::attempt::{Attempt, Flown, Instead, Waits, fly, turn};
use super::flight::Reason;
use super::lock::FlightLocks;
use super::login::LoginFailure;
use super::standing::{Answer, Ticket};
use super::under_way::UnderWay;
use crate::clock::FixedClock;
use crate::http::{Client, Limits};
use crate::store::flights::FlightRow;
use crate::store::token_values::TokenValueRow;
use crate::store::tokens::TokenRow;
use crate::store::{Database, flights, token_values, tokens};
use crate::token::{AuthenticationRequest, Encoding, RequestField, Token, TokenId, TokenKind, TokenLocation, to_stored};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const SECRET: &str = "the secret of the login";
/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(50);

/// A token whose login answers as it is told, one request after the other.
struct Desk {
    database: Arc<Database>,
    folder: TempDir,
    logins: Mutex<mpsc::UnboundedReceiver<oneshot::Sender<String>>>,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Arc::new(Database::open(folder.path().join("workspace.db"), KEY).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token = login_token(&format!("http://{}/login", listener.local_addr().unwrap()));
        let row = TokenRow {
            id: token.id.0.clone(),
            name: token.name.clone(),
            token_type: "http_request".into(),
            config: to_stored(&token),
            config_revision: 1,
            created_at_ms: 1,
            updated_at_ms: 1,
        };
        database.write(|transaction| tokens::insert(transaction, &row)).unwrap();
        let (asked, logins) = mpsc::unbounded_channel();
        tokio::spawn(serve(listener, asked));
        Self { database, folder, logins: Mutex::new(logins) }
    }

    /// An attempt like that of a process of its own.
    fn attempt(&self, id: &str, waits: Waits) -> Attempt {
        Attempt {
            id: id.to_owned(),
            database: Arc::clone(&self.database),
            client: Client::new(),
            limits: Limits::default(),
            locks: self.locks(),
            under_way: UnderWay::none(),
            waits,
            clock: Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH)),
            token_id: TokenId("t1".into()),
            sent_generation: 0,
            since: Ticket::of(&self.value()),
            reason: Reason::Refused,
        }
    }

    fn fly(&self, id: &str, waits: Waits) -> JoinHandle<Flown> {
        let attempt = self.attempt(id, waits);
        tokio::spawn(async move { fly(&attempt).await })
    }

    fn locks(&self) -> FlightLocks {
        FlightLocks::of(self.folder.path())
    }

    /// Waits until the login is asked; what is sent then is its answer.
    async fn asked(&self) -> oneshot::Sender<String> {
        let next = std::future::poll_fn(|context| self.logins.lock().unwrap().poll_recv(context));
        tokio::time::timeout(LONG, next).await.unwrap().unwrap()
    }

    fn logins_unseen(&self) -> usize {
        self.logins.lock().unwrap().len()
    }

    fn value(&self) -> TokenValueRow {
        self.database.read(|connection| token_values::get(connection, "t1")).unwrap().unwrap()
    }

    fn flights(&self) -> FlightRow {
        self.database.read(|connection| flights::get(connection, "t1")).unwrap().unwrap()
    }

    /// An attempt whose login has answered although a later one had passed it by then, and that later one with its login.
    async fn passed_and_revoked(&self) -> (JoinHandle<Flown>, JoinHandle<Flown>, oneshot::Sender<String>) {
        let passed = self.fly("passed", PATIENT);
        let early = self.asked().await;
        let passing = self.fly("passing", IMPATIENT);
        let later = self.asked().await;
        early.send(token_answer("revoked by the later login")).unwrap();
        (passed, passing, later)
    }

    /// The generation and the value that are stored.
    fn stored(&self) -> (i64, Option<String>) {
        let row = self.value();
        (row.generation, row.value.map(|value| value.expose_secret().to_owned()))
    }
}

fn login_token(url: &str) -> Token {
    let field = |name: &str, value: &str, secret| RequestField { name: name.into(), value: SecretString::from(value), secret };
    let request = AuthenticationRequest {
        method: "POST".into(),
        url: url.into(),
        headers: Vec::new(),
        parameters: vec![field("client_secret", SECRET, true)],
        encoding: Encoding::Json,
    };
    Token {
        id: TokenId("t1".into()),
        name: "Main".into(),
        description: String::new(),
        request_header_key: "Authorization".into(),
        token_prefix: "Bearer".into(),
        domain: None,
        kind: TokenKind::HttpRequest { request, location: TokenLocation::json("/t"), refresh_before_seconds: None },
    }
}

async fn serve(listener: TcpListener, asked: mpsc::UnboundedSender<oneshot::Sender<String>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let asked = asked.clone();
        tokio::spawn(async move {
            let mut received = Vec::new();
            // The request's last bytes are its one parameter.
            while !received.ends_with(b"\"}") {
                if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            let (answer, answered) = oneshot::channel();
            if asked.send(answer).is_ok()
                && let Ok(answer) = answered.await
            {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
    }
}

fn token_answer(value: &str) -> String {
    let body = format!("{{\"t\":\"{value}\"}}");
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn refusal(reason: &str) -> String {
    format!("HTTP/1.1 503 {reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
}

const PATIENT: Waits = Waits { login: LONG, other: LONG };
const IMPATIENT: Waits = Waits { login: LONG, other: SHORT };

async fn landed(flight: JoinHandle<Flown>) -> Flown {
    tokio::time::timeout(LONG, flight).await.unwrap().unwrap()
}

fn renewed(flown: &Flown) -> (u32, String) {
    let renewed = flown.result.as_ref().unwrap();
    (renewed.generation, renewed.value.expose_secret().to_owned())
}

#[tokio::test]
async fn e6_an_attempt_waits_for_the_lock_and_takes_what_was_stored_meanwhile() {
    let desk = Desk::new().await;
    let first = desk.fly("first", PATIENT);
    let answer = desk.asked().await;
    let others: Vec<_> = (0..5).map(|number| desk.fly(&format!("other {number}"), PATIENT)).collect();
    answer.send(token_answer("one")).unwrap();
    assert_eq!(renewed(&landed(first).await), (1, "one".into()));
    for other in others {
        let flown = landed(other).await;
        assert_eq!((renewed(&flown), flown.anothers), ((1, "one".into()), true));
    }
    assert_eq!(desk.logins_unseen(), 0, "nobody else may ask");
}

#[tokio::test]
async fn e6_a_frozen_holder_is_passed_after_a_while() {
    let desk = Desk::new().await;
    let frozen = desk.locks().open(&TokenId("t1".into())).await.unwrap();
    assert!(frozen.try_take().unwrap());
    let flight = desk.fly("impatient", IMPATIENT);
    desk.asked().await.send(token_answer("one")).unwrap();
    assert_eq!(renewed(&landed(flight).await), (1, "one".into()));
    assert_eq!(desk.stored(), (1, Some("one".into())));
}

#[tokio::test]
async fn e6_what_is_stored_is_noticed_even_while_the_lock_is_held() {
    let desk = Desk::new().await;
    let held = desk.locks().open(&TokenId("t1".into())).await.unwrap();
    assert!(held.try_take().unwrap());
    let attempt = desk.attempt("waiting", PATIENT);
    desk.database.write(|t| token_values::put(t, "t1", &SecretString::from("by hand"), None, "saved", 2)).unwrap();
    let waited = tokio::time::timeout(LONG, turn(&attempt)).await.unwrap();
    assert!(matches!(waited, Err(Instead::Answered(Answer::Newer(newer))) if newer.generation == 1));
}

#[tokio::test]
async fn e6_an_attempt_that_was_passed_does_not_store_its_late_answer() {
    let desk = Desk::new().await;
    let passed = desk.fly("passed", PATIENT);
    let late = desk.asked().await;
    let passing = desk.fly("passing", IMPATIENT);
    desk.asked().await.send(token_answer("of the later login")).unwrap();
    assert_eq!(renewed(&landed(passing).await), (1, "of the later login".into()));
    late.send(token_answer("of the earlier login")).unwrap();
    let flown = landed(passed).await;
    assert_eq!(renewed(&flown), (1, "of the later login".into()), "what is stored is what is sent");
    assert_eq!(desk.stored(), (1, Some("of the later login".into())));
}

#[tokio::test]
async fn e6_an_attempt_that_was_passed_waits_for_the_later_one() {
    let desk = Desk::new().await;
    let (passed, passing, later) = desk.passed_and_revoked().await;
    later.send(token_answer("of the later login")).unwrap();
    assert_eq!(renewed(&landed(passed).await), (1, "of the later login".into()));
    assert_eq!(renewed(&landed(passing).await), (1, "of the later login".into()));
}

#[tokio::test]
async fn e6_an_attempt_that_was_passed_shares_the_later_ones_failure() {
    let desk = Desk::new().await;
    let (passed, passing, later) = desk.passed_and_revoked().await;
    later.send(refusal("Down")).unwrap();
    let (passed, passing) = (landed(passed).await.result.unwrap_err(), landed(passing).await.result.unwrap_err());
    assert_eq!((passed.sentence(), passed.next_step()), (passing.sentence(), passing.next_step()));
    assert_eq!(desk.stored(), (0, None));
}

#[tokio::test]
async fn e6_without_a_lock_file_the_login_is_asked_all_the_same() {
    let desk = Desk::new().await;
    std::fs::write(desk.folder.path().join("flights"), "a file where the folder should be").unwrap();
    let flight = desk.fly("first", PATIENT);
    desk.asked().await.send(token_answer("one")).unwrap();
    assert_eq!(renewed(&landed(flight).await), (1, "one".into()));
}

#[tokio::test]
async fn e6_a_login_beyond_the_deadline_is_given_up_and_its_lock_is_free() {
    let desk = Desk::new().await;
    let flight = desk.fly("slow", Waits { login: SHORT, other: LONG });
    let never = desk.asked().await;
    assert_eq!(landed(flight).await.result.unwrap_err(), LoginFailure::Lost);
    assert_eq!(desk.flights().failures, 1, "who waited for it must not ask again");
    let next = desk.fly("next", PATIENT);
    desk.asked().await.send(token_answer("one")).unwrap();
    assert_eq!(renewed(&landed(next).await), (1, "one".into()));
    drop(never);
}

#[tokio::test]
async fn e6_a_failure_is_told_to_who_waited_and_to_nobody_who_came_later() {
    let desk = Desk::new().await;
    let first = desk.fly("first", PATIENT);
    let answer = desk.asked().await;
    let waiting = desk.fly("waiting", PATIENT);
    answer.send(refusal("Down")).unwrap();
    let failure = landed(first).await;
    let told = landed(waiting).await;
    let (failed, shared) = (failure.result.unwrap_err(), told.result.unwrap_err());
    assert!(failed.sentence().contains("503 Down"), "{}", failed.sentence());
    assert_eq!((shared.sentence(), shared.next_step()), (failed.sentence(), failed.next_step()));
    assert_eq!((told.attempt_id.as_str(), told.anothers, told.failure), ("first", true, Some(1)));
    assert_eq!(told.exchange.unwrap().http_status, Some(503), "its log shows the exchange (E7)");
    assert_eq!(desk.logins_unseen(), 0);
    let later = desk.fly("later", PATIENT);
    desk.asked().await.send(token_answer("one")).unwrap();
    assert_eq!(renewed(&landed(later).await), (1, "one".into()), "it began after the failure, so it asks afresh");
}

#[tokio::test]
async fn s2_the_told_failure_holds_no_secret() {
    let desk = Desk::new().await;
    desk.database.write(|t| token_values::put(t, "t1", &SecretString::from("the stored value"), None, "saved", 2)).unwrap();
    let attempt = Attempt { sent_generation: 1, ..desk.attempt("first", PATIENT) };
    let flight = tokio::spawn(async move { fly(&attempt).await });
    desk.asked().await.send(refusal(&format!("No {SECRET} nor the stored value"))).unwrap();
    landed(flight).await.result.unwrap_err();
    let told = desk.flights().last_failure.unwrap();
    assert!(told.sentence.contains("503 No"), "{}", told.sentence);
    let all = format!("{told:?}");
    assert!(!all.contains(SECRET) && !all.contains("the stored value"), "{all}");
}

#[tokio::test]
async fn e6_the_outcome_of_an_edited_token_is_not_told() {
    let desk = Desk::new().await;
    let first = desk.fly("first", PATIENT);
    let answer = desk.asked().await;
    let config = login_token("http://127.0.0.1:9/elsewhere");
    desk.database.write(|t| tokens::update(t, "t1", "Main", &to_stored(&config), true, 2)).unwrap();
    answer.send(refusal("Down")).unwrap();
    assert_eq!(landed(first).await.result.unwrap_err(), LoginFailure::ChangedMeanwhile);
    assert_eq!(desk.flights().failures, 0);
}

#[tokio::test]
async fn a_deleted_token_leaves_no_lock_file_behind() {
    let desk = Desk::new().await;
    let first = desk.fly("first", PATIENT);
    let answer = desk.asked().await;
    assert_eq!(desk.locks().tokens().len(), 1);
    desk.database.write(|t| tokens::delete(t, "t1")).unwrap();
    answer.send(token_answer("too late")).unwrap();
    assert_eq!(landed(first).await.result.unwrap_err(), LoginFailure::ChangedMeanwhile);
    assert!(desk.locks().tokens().is_empty());
}
