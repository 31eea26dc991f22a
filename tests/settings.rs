//! Settings over real HTTP and across processes: limits take effect at once where they are changed, and within a second
//! everywhere else (E13, S4).
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::process::Command;
use std::sync::Arc;

use latchkey::clock::SystemClock;
use latchkey::execution::{ErrorType, StepKind};
use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::vault::MemorySlot;
use latchkey::workspace::{ExecutionRequest, ProblemCode, Seams, TestHandle, Workspace, WorkspaceEvent};
use serde_json::json;

use support::bench::step;
use support::drafts::{connector, login, login_token};
use support::{Answer, Bench, Gate, Server, within};

const RESPONSE_BYTES: &str = "limits.response_bytes";
const TIMEOUT: &str = "limits.authentication_timeout_ms";
const CONNECT_TIMEOUT: &str = "limits.authentication_connect_timeout_ms";

async fn set(workspace: &Workspace, key: &str, value: &str) {
    let shown = workspace.settings().set(key, value).await.unwrap();
    assert_eq!((shown.value.as_deref(), shown.is_default), (Some(value), false), "what is set is what counts");
}

#[tokio::test]
async fn s4_a_response_over_the_limit_that_is_set_is_no_answer_and_one_at_it_is() {
    let bench = Bench::new().await;
    bench.server.answers(|received| {
        let bytes = if received.path == "/over" { 2049 } else { 2048 };
        Answer::text(200, "text/plain", vec![b'x'; bytes])
    });
    let over = bench.connector(connector("Over", &bench.server.at("/over"), &[])).await;
    let at = bench.connector(connector("At", &bench.server.at("/at"), &[])).await;
    assert!(bench.run(&over).await.success, "10 MiB unless something else is set");

    set(&bench.workspace, RESPONSE_BYTES, "2048").await;
    let execution = bench.run(&over).await;
    assert_eq!(execution.error_type, Some(ErrorType::FaradayError), "{}", execution.sentence);
    assert!(execution.sentence.contains("2048 bytes"), "the limit is named: {}", execution.sentence);
    assert!(bench.run(&at).await.success);

    let shown = bench.workspace.settings().reset(RESPONSE_BYTES).await.unwrap();
    assert_eq!((shown.value.as_deref(), shown.is_default), (Some("10485760"), true));
    assert!(bench.run(&over).await.success, "the default counts again");
}

#[tokio::test]
async fn s4_the_limit_of_responses_does_not_count_for_logins() {
    let bench = Bench::new().await;
    set(&bench.workspace, RESPONSE_BYTES, "1024").await;
    bench.login_answers(|_, issuer| {
        Answer::json(200, &json!({"data": {"access_token": issuer.issue()}, "padding": "x".repeat(100_000)}))
    });
    let (_, id) = bench.orders().await;
    bench.issuer.expire();
    let execution = bench.run(&id).await;
    assert!(execution.success, "neither the test nor the refresh is bound by it: {}", execution.sentence);
}

#[tokio::test]
async fn e13_a_login_is_given_up_after_the_time_that_is_set_and_the_sentence_names_it() {
    let bench = Bench::new().await;
    let (token, id) = bench.orders().await;
    let never = Gate::closed();
    let held = never.clone();
    bench.login_answers(move |_, issuer| issuer.logged_in().held(&held));
    bench.issuer.expire();
    set(&bench.workspace, TIMEOUT, "1000").await;

    let execution = bench.run(&id).await;
    assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError), "{}", execution.sentence);
    assert!(execution.sentence.contains("within 1 s"), "{}", execution.sentence);
    assert!(step(&execution, StepKind::Refresh).duration_ms >= 1000, "not before its time");

    let draft = TokenDraft { id: Some(token), ..bench.login_draft("Orders login") };
    let problem = bench.workspace.test_draft(&draft, &TestHandle::default(), |_| ()).await.unwrap_err();
    assert!(problem.message.contains("within 1 s"), "a test runs under the same limits: {}", problem.message);

    never.open();
    bench.workspace.settings().reset(TIMEOUT).await.unwrap();
    assert!(bench.run(&id).await.success, "the next login has its 30 seconds again");
}

#[tokio::test]
async fn e13_a_login_that_does_not_connect_is_given_up_after_the_time_that_is_set() {
    let bench = Bench::new().await;
    // Takes connections, and never says a word: the TLS handshake is a part of connecting.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/login", silent.local_addr().unwrap());
    set(&bench.workspace, CONNECT_TIMEOUT, "2000").await;
    let draft = login_token("T", login(&url, "secret"), TokenLocation::json("/token"));
    let handle = TestHandle::default();
    let testing = bench.workspace.test_draft(&draft, &handle, |_| ());
    let problem = within("the test", testing).await.unwrap_err();
    assert!(problem.message.contains("No connection was made within 2 s"), "{}", problem.message);
}

#[tokio::test]
async fn what_another_program_sets_takes_effect_here_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("workspace");
    let passphrase = "four words of test";
    let seams = Seams { clock: Arc::new(SystemClock::new()), keyring: Arc::new(MemorySlot::new()) };
    let workspace = Workspace::open(&folder, Some(passphrase.into()), seams).await.unwrap();
    let server = Server::start(|_| Answer::text(200, "text/plain", vec![b'x'; 5000])).await;
    let id = workspace.connectors().save(None, connector("C", &server.at("/"), &[])).await.unwrap().summary.id;
    let run = async || {
        let request = ExecutionRequest { connector_id: id.clone(), ..ExecutionRequest::default() };
        let run = workspace.execute(request).await.unwrap();
        within("the run", run.outcome()).await.unwrap()
    };
    assert!(run().await.success);

    let mut events = workspace.events();
    for (arguments, succeeds, minutes) in [
        (&["set", RESPONSE_BYTES, "4999"][..], false, 0),
        (&["set", "security.auto_lock_minutes", "7"], false, 7),
        (&["set", RESPONSE_BYTES, "--default"], true, 7),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        program.arg("settings").args(arguments).env("LATCHKEY_WORKSPACE", &folder).env("LATCHKEY_PASSPHRASE", passphrase);
        let ran = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        within("the news of the other program's change", async {
            while !matches!(events.recv().await.unwrap(), WorkspaceEvent::SettingsChanged) {}
        })
        .await;
        assert_eq!(run().await.success, succeeds, "{arguments:?} counts here as soon as it is told");
        assert_eq!(workspace.settings().security().auto_lock_minutes, minutes);
    }
}

#[tokio::test]
async fn a_setting_that_is_refused_changes_nothing_and_says_where_it_stands() {
    let bench = Bench::new().await;
    let settings = bench.workspace.settings();
    let before = json!(settings.list().await.unwrap());
    for (key, value, field, says) in [
        ("backups.keep", "0", "backups.keep", "from 1 to 50"),
        ("backups.keep", "many", "backups.keep", "from 1 to 50"),
        ("sandbox.starts_with_window", "1", "sandbox.starts_with_window", "true or false"),
        ("backups.kept", "5", "key", "backups.kept"),
    ] {
        let problem = settings.set(key, value).await.unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some(field)));
        assert!(problem.message.contains(says), "{}", problem.message);
    }
    assert_eq!(json!(settings.list().await.unwrap()), before);
    assert_eq!(settings.get("backups.kept").await.unwrap_err().field.as_deref(), Some("key"));
    assert_eq!(settings.reset("backups.kept").await.unwrap_err().field.as_deref(), Some("key"));
}

#[tokio::test]
async fn s6_settings_are_there_when_the_workspace_is_opened_again() {
    let bench = Bench::new().await;
    assert_eq!((bench.workspace.settings().backups().every_hours, bench.workspace.settings().backups().keep), (24, 5));
    set(&bench.workspace, "backups.every_hours", "0").await;
    set(&bench.workspace, "backups.keep", "50").await;
    let again = bench.second().await;
    assert_eq!((again.settings().backups().every_hours, again.settings().backups().keep), (0, 50), "from its first moment");
}
