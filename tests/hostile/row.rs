//! A misbehaviour and what must come of it: for a connector's run, for a test of the authentication request, and for a
//! refresh. After each, the same host behaves and must be reached again (no connection is poisoned).

use std::sync::Arc;
use std::time::Duration;

use latchkey::connector::{ConnectorDraft, Reliability, ResponseFieldType};
use latchkey::execution::{ErrorType, Execution};
use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::workspace::{Problem, TestHandle, TestReport};
use serde_json::json;
use tokio::sync::{Mutex, Semaphore};

use super::server::{Deed, Hostile, good};
use crate::support::drafts::{connector, field, login, login_token, mapping, marked};
use crate::support::{Answer, Bench, assert_free_of};

/// What the connector sends as a secret header.
pub const HEADER_SECRET: &str = "c0nnector/secret+of the=row";
/// What the authentication request sends.
pub const LOGIN_SECRET: &str = "l0gin/secret+of the=row";
/// More than twice the longest that a login may take.
const BOUND: Duration = Duration::from_secs(90);
/// The longest sentence: a server must not be able to write a page of them.
const LONGEST_SENTENCE: usize = 700;

/// What must come of a misbehaviour.
#[derive(Clone, Copy, Debug)]
pub enum Comes {
    /// It is understood all the same.
    Works,
    /// No answer could be had; the sentence says so in these words. A run ends as `faraday_error`.
    NoAnswer(&'static str),
    /// A complete answer that says no. A run ends as `3rd_party_error`.
    Refused(u16),
    /// A 2xx that can't be read as announced, or lacks what is looked for. A run ends as `response_mapping_error`.
    Unusable(&'static str),
    /// A redirect that is not allowed. A run ends as `request_configuration_error`.
    NotAllowed(&'static str),
}

/// A row of the table.
pub struct Row {
    name: &'static str,
    deed: Deed,
    run: Comes,
    login: Comes,
    location: TokenLocation,
    good: Vec<u8>,
    timeout_ms: u32,
}

impl Row {
    /// A run and a login come to the same.
    pub fn new(name: &'static str, deed: Deed, comes: Comes) -> Self {
        let location = TokenLocation::json("/data/access_token");
        Self { name, deed, run: comes, login: comes, location, good: good(), timeout_ms: 30_000 }
    }

    /// A login comes to something else than a run.
    #[must_use]
    pub fn but_a_login(self, login: Comes) -> Self {
        Self { login, ..self }
    }

    /// The token stands elsewhere, as in this good answer.
    #[must_use]
    pub fn located(self, location: TokenLocation, good: Vec<u8>) -> Self {
        Self { location, good, ..self }
    }

    /// The run's time is over soon.
    #[must_use]
    pub fn within_ms(self, timeout_ms: u32) -> Self {
        Self { timeout_ms, ..self }
    }
}

/// Plays every row, a few at a time, and names those that came to something else.
pub async fn play(rows: Vec<Row>) {
    play_on(Bench::new().await, rows, 4).await;
}

/// Plays every row side by side, with 5 s for each login.
pub async fn play_side_by_side(rows: Vec<Row>) {
    let bench = Bench::new().await;
    bench.workspace.settings().set("limits.authentication_timeout_ms", "5000").await.unwrap();
    let at_once = rows.len();
    play_on(bench, rows, at_once).await;
}

async fn play_on(bench: Bench, rows: Vec<Row>, at_once: usize) {
    let bench = Arc::new(bench);
    bench.server.answers(|_| Answer::json(200, &json!({"data": {"id": "A-1042"}})));
    let turns = Arc::new(Semaphore::new(at_once));
    let saving = Arc::new(Mutex::new(()));
    let mut played = Vec::new();
    for row in rows {
        let (bench, turns, saving) = (Arc::clone(&bench), Arc::clone(&turns), Arc::clone(&saving));
        let name = row.name;
        let task = tokio::spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            row.play(&bench, &saving).await;
        });
        played.push((name, task));
    }
    let mut failed = Vec::new();
    for (name, task) in played {
        if task.await.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "these came to something else (see above): {failed:#?}");
}

impl Row {
    async fn play(self, bench: &Bench, saving: &Mutex<()>) {
        let hostile = Hostile::start(self.deed.clone(), self.good.clone()).await;
        let (draft, token_id) = self.token(bench, &hostile, saving).await;
        self.play_run(bench, &hostile).await;
        self.play_login(bench, &hostile, draft, &token_id).await;
    }

    async fn token(&self, bench: &Bench, hostile: &Hostile, saving: &Mutex<()>) -> (TokenDraft, String) {
        let request = login(&hostile.at("/login"), LOGIN_SECRET);
        let draft = login_token(self.name, request, self.location.clone());
        // Few responses are kept at a time, and a test counts only while its response is kept.
        let _alone = saving.lock().await;
        let report = bench.test(&draft).await;
        let saved = bench.workspace.tokens().save(draft.clone(), Some(&report.test_id)).await;
        (draft, saved.unwrap_or_else(|problem| panic!("{}: {problem}", self.name)).summary.id)
    }

    async fn play_run(&self, bench: &Bench, hostile: &Hostile) {
        let reliability = Reliability { timeout_ms: self.timeout_ms, ..Reliability::default() };
        let mut draft = ConnectorDraft { reliability, ..connector(self.name, &hostile.at("/api"), &[]) };
        draft.headers = vec![field("X-Custom", HEADER_SECRET, true)];
        draft.object_mappings = vec![mapping("data", "id", "order")];
        // The same answer serves both, and the connector must not keep what is a token to the login.
        draft.response_fields = vec![marked("data.access_token", ResponseFieldType::String)];
        let id = bench.connector(draft).await;
        hostile.misbehaves(true);
        let execution = run(bench, &id).await;
        assert!(hostile.misdeeds() > 0, "{}: the deed was not done", self.name);
        self.check_run(&execution);
        hostile.misbehaves(false);
        let next = run(bench, &id).await;
        assert!(next.success, "{}: the next run must work: {} {next:#?}", self.name, next.sentence);
    }

    fn check_run(&self, execution: &Execution) {
        let (name, said) = (self.name, &execution.sentence);
        assert_free_of(&json!(execution).to_string(), HEADER_SECRET, &format!("{name}: connector's secret"));
        let expected = match self.run {
            Comes::Works => None,
            Comes::NoAnswer(_) => Some(ErrorType::FaradayError),
            Comes::Refused(_) => Some(ErrorType::ThirdPartyError),
            Comes::Unusable(_) => Some(ErrorType::ResponseMappingError),
            Comes::NotAllowed(_) => Some(ErrorType::RequestConfigurationError),
        };
        assert_eq!(execution.error_type, expected, "{name}: {said}");
        match self.run {
            Comes::Works => {
                let mapped: Vec<_> = execution.mapped_fields.iter().map(|field| field.value.as_str()).collect();
                assert_eq!(mapped, ["\"A-1042\""], "{name}: the mapped value");
            }
            Comes::Refused(status) => {
                assert_eq!(execution.http_status, Some(status), "{name}: {said}");
                is_plain(name, said, &execution.next_step, &format!("answered {status}"));
            }
            Comes::NoAnswer(words) | Comes::Unusable(words) | Comes::NotAllowed(words) => {
                is_plain(name, said, &execution.next_step, words);
            }
        }
    }

    /// A test of the form's draft, and a run that has to fetch the saved token, side by side.
    async fn play_login(&self, bench: &Bench, hostile: &Hostile, draft: TokenDraft, token_id: &str) {
        let name = self.name;
        let id = bench.connector(connector(&format!("{name}: login"), &bench.server.at("/api"), &[token_id])).await;
        bench.workspace.tokens().forget(token_id).await.unwrap();
        hostile.misbehaves(true);
        let (tested, execution) = tokio::join!(self.test(bench, &draft), run(bench, &id));
        self.check_test(bench, tested).await;
        self.check_refresh(&execution);
        hostile.misbehaves(false);
        let next = run(bench, &id).await;
        assert!(next.success, "{name}: the next run must get a token: {}", next.sentence);
    }

    async fn test(&self, bench: &Bench, draft: &TokenDraft) -> Result<TestReport, Problem> {
        let handle = TestHandle::default();
        let testing = bench.workspace.test_draft(draft, &handle, |_| ());
        tokio::time::timeout(BOUND, testing).await.expect("the test of a request must end")
    }

    async fn check_test(&self, bench: &Bench, tested: Result<TestReport, Problem>) {
        let name = self.name;
        match (&tested, self.login) {
            (Err(problem), Comes::NoAnswer(words) | Comes::NotAllowed(words)) => {
                is_plain(name, &problem.message, &problem.next_step, words);
                assert_free_of(&json!(problem).to_string(), LOGIN_SECRET, &format!("{name}: login's secret"));
            }
            (Ok(report), Comes::Refused(status)) => {
                assert_eq!((report.http_status, report.ok), (status, false), "{name}: the test's status");
                assert!(report.advice.is_some(), "{name}: the test says what to do");
            }
            (Ok(report), Comes::Unusable(words)) => {
                let located = bench.workspace.locate(&report.test_id, self.location.clone(), "X-Key", "").await;
                let problem = located.expect_err(name);
                is_plain(name, &problem.message, &problem.next_step, words);
            }
            (Ok(report), Comes::Works) => {
                let located = bench.workspace.locate(&report.test_id, self.location.clone(), "X-Key", "").await;
                assert!(located.is_ok(), "{name}: the test found no value: {:?}", located.err());
            }
            _ => panic!("{name}: the test of the request came to {tested:?} instead of {:?}", self.login),
        }
        if let Ok(report) = &tested {
            assert_free_of(&json!(report).to_string(), LOGIN_SECRET, &format!("{name}: login's secret"));
            let rows = bench.workspace.responses().rows(&report.response_id, 0, 200).await.unwrap();
            assert_free_of(&json!(rows).to_string(), LOGIN_SECRET, &format!("{name}: login's secret in the tree"));
        }
    }

    fn check_refresh(&self, execution: &Execution) {
        let (name, said) = (self.name, &execution.sentence);
        assert_free_of(&json!(execution).to_string(), LOGIN_SECRET, &format!("{name}: login's secret"));
        match self.login {
            Comes::Works => assert!(execution.success, "{name}: {said}"),
            Comes::NoAnswer(words) | Comes::Unusable(words) | Comes::NotAllowed(words) => {
                assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError), "{name}: {said}");
                is_plain(name, said, &execution.next_step, words);
            }
            Comes::Refused(status) => {
                assert_eq!(execution.error_type, Some(ErrorType::TokenRefreshError), "{name}: {said}");
                is_plain(name, said, &execution.next_step, &format!("answered {status}"));
            }
        }
    }
}

async fn run(bench: &Bench, connector_id: &str) -> Execution {
    let run = bench.start(connector_id).await;
    tokio::time::timeout(BOUND, run.outcome()).await.expect("the run must end").unwrap()
}

/// A sentence that says these words, and a next step; neither holds control characters or a page of text.
fn is_plain(name: &str, said: &str, next_step: &str, words: &str) {
    // Half a secret is one too; no search would find it any more.
    for secret in [HEADER_SECRET, LOGIN_SECRET] {
        assert!(!said.contains(&secret[..9]), "{name}: “{said}” holds half a secret");
    }
    assert!(said.contains(words), "{name}: “{said}” does not say “{words}”");
    for text in [said, next_step] {
        assert!(text.ends_with('.') && text.len() > 10, "{name}: “{text}” is no plain sentence");
        assert!(text.len() <= LONGEST_SENTENCE, "{name}: {} bytes are no plain sentence", text.len());
        assert!(!text.contains(char::is_control), "{name}: {text:?} holds control characters");
    }
}
