//! A workspace in a temporary folder beside a server with a login endpoint and an API that it protects.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use latchkey::clock::{Clock, FixedClock, SystemClock};
use latchkey::connector::ConnectorDraft;
use latchkey::execution::{Execution, SourceType, Step, StepKind};
use latchkey::token::{RequestDraft, TokenDraft, TokenLocation};
use latchkey::workspace::{ExecutionRequest, Seams, TestHandle, TestReport, TokenDetail, Workspace};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::drafts::{connector, login, login_token};
use super::key_file::KeyFile;
use super::server::{Answer, Gate, Received, Server};
use super::witness::Witness;
use super::{until, within};

/// The secret of the login that the bench's tokens send.
pub const CLIENT_SECRET: &str = "s3cret/of+the login";

/// Which value the API accepts, and how many the login has issued.
#[derive(Default)]
pub struct Issuer {
    accepted: Mutex<Option<String>>,
    issued: Mutex<Vec<String>>,
}

impl Issuer {
    /// A new value, which is the only one that the API accepts from now on.
    pub fn issue(&self) -> String {
        let mut issued = self.issued.lock().unwrap();
        let value = format!("value/{}+of=the~issuer", issued.len() + 1);
        issued.push(value.clone());
        *self.accepted.lock().unwrap() = Some(value.clone());
        value
    }

    /// The API accepts no value until the next one is issued.
    pub fn expire(&self) {
        *self.accepted.lock().unwrap() = None;
    }

    /// Every value that was ever issued.
    pub fn issued(&self) -> Vec<String> {
        self.issued.lock().unwrap().clone()
    }

    pub fn accepts(&self, received: &Received) -> bool {
        let accepted = self.accepted.lock().unwrap().clone();
        accepted.is_some_and(|value| received.header("authorization") == Some(&format!("Bearer {value}")))
    }

    /// `/login` issues, everything else is the API. Both repeat the secret that they were sent, as careless servers do, so
    /// that every test's record would hold it if it were not redacted.
    pub fn answer(&self, received: &Received) -> Answer {
        if received.path == "/login" {
            // In a header of a login that is recorded.
            self.logged_in().with("X-Request-Id", &received.body)
        } else {
            self.api(received)
        }
    }

    pub fn logged_in(&self) -> Answer {
        Answer::json(200, &json!({"data": {"access_token": self.issue()}, "expires_in": 900, "note": "of the login alone"}))
    }

    pub fn api(&self, received: &Received) -> Answer {
        let answer = if self.accepts(received) {
            Answer::json(200, &json!({"order": {"id": "A-1042", "status": "shipped"}}))
        } else {
            Answer::json(401, &json!({"error": "unauthorized"}))
        };
        answer.with("X-Echo", received.header("authorization").unwrap_or_default())
    }
}

/// The workspace, its folder, the server and the issuer of its values. When it goes, it is looked through for secrets.
pub struct Bench {
    // First, so that it is dropped while the rest is still there.
    witness: Witness,
    pub workspace: Workspace,
    pub server: Server,
    pub issuer: Arc<Issuer>,
    folder: TempDir,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock::new())).await
    }

    /// With a clock that goes only where the test sends it.
    pub async fn at(clock: &Arc<FixedClock>) -> Self {
        Self::with_clock(Arc::<FixedClock>::clone(clock)).await
    }

    async fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let issuer = Arc::new(Issuer::default());
        let answering = Arc::clone(&issuer);
        let server = Server::start(move |received| answering.answer(received)).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keyring")).unwrap();
        let workspace = open_with(folder.path(), Seams { clock, ..seams(folder.path()) }).await;
        let witness = Witness::new(&workspace, &server, &issuer, folder.path());
        Self { witness, workspace, server, issuer, folder }
    }

    /// The same folder opened once more, as another process does.
    pub async fn second(&self) -> Workspace {
        open(self.folder.path()).await
    }

    /// The same with a clock of its own.
    pub async fn second_at(&self, clock: Arc<dyn Clock>) -> Workspace {
        open_at(self.folder.path(), clock).await
    }

    /// The workspace's own folder.
    pub fn folder(&self) -> &Path {
        self.workspace.folder()
    }

    /// This must be nowhere when the bench goes.
    pub fn keeps_secret(&self, secret: &str) {
        self.witness.typed(json!({ "value": secret }));
    }

    /// The key of the database.
    pub fn key_hex(&self) -> String {
        let keys = std::fs::read_dir(self.folder.path().join("keyring")).unwrap();
        let key = std::fs::read(keys.flatten().next().unwrap().path()).unwrap();
        key.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }

    /// Closes the workspace: the folder that holds its files and, beside them, its key.
    pub async fn close(self) -> TempDir {
        let Self { witness, workspace, folder, .. } = self;
        drop(witness);
        let log = workspace.folder().join("workspace.db-wal");
        drop(workspace);
        // The last connection to go writes the log into the database and removes it.
        until("the database to be closed", || !log.exists()).await;
        folder
    }

    /// The login is answered so from now on, the API as before.
    pub fn login_answers(&self, answer: impl Fn(&Received, &Issuer) -> Answer + Send + Sync + 'static) {
        let issuer = Arc::clone(&self.issuer);
        self.server.answers(
            move |received| {
                if received.path == "/login" { answer(received, &issuer) } else { issuer.api(received) }
            },
        );
    }

    /// The API is answered so from now on, the login as before.
    pub fn api_answers(&self, answer: impl Fn(&Received, &Issuer) -> Answer + Send + Sync + 'static) {
        let issuer = Arc::clone(&self.issuer);
        self.server.answers(
            move |received| {
                if received.path == "/login" { issuer.logged_in() } else { answer(received, &issuer) }
            },
        );
    }

    /// The values expire, and the next login's answer is held until the gate opens.
    pub fn expire_and_hold_login(&self) -> Gate {
        self.issuer.expire();
        let gate = Gate::closed();
        let held = gate.clone();
        self.login_answers(move |_, issuer| issuer.logged_in().held(&held));
        gate
    }

    /// The API's 401s are held until the gate opens. It accepts the newest value only.
    pub fn hold_refusals(&self) -> Gate {
        let gate = Gate::closed();
        let held = gate.clone();
        self.api_answers(
            move |received, issuer| {
                if issuer.accepts(received) { issuer.api(received) } else { Answer::status(401).held(&held) }
            },
        );
        gate
    }

    /// The login is down, and the API answers everybody with a 401, held until the gate opens.
    pub fn hold_refusals_with_login_down(&self) -> Gate {
        let gate = Gate::closed();
        let held = gate.clone();
        self.server.answers(move |received| match received.path.as_str() {
            "/login" => Answer::status(503),
            _ => Answer::status(401).held(&held),
        });
        gate
    }

    pub fn logins(&self) -> usize {
        self.server.count("/login")
    }

    pub fn login_request(&self) -> RequestDraft {
        login(&self.server.at("/login"), CLIENT_SECRET)
    }

    /// A token of the bench's login, not yet saved.
    pub fn login_draft(&self, name: &str) -> TokenDraft {
        login_token(name, self.login_request(), TokenLocation::json("/data/access_token"))
    }

    pub async fn test(&self, draft: &TokenDraft) -> TestReport {
        self.witness.typed(json!(draft));
        let report = self.workspace.test_draft(draft, &TestHandle::default(), |_| ()).await.unwrap();
        self.witness.told("the report of a test", &json!(report));
        report
    }

    /// Tests and saves a token.
    pub async fn tested_token(&self, draft: TokenDraft) -> TokenDetail {
        let report = self.test(&draft).await;
        self.workspace.tokens().save(draft, Some(&report.test_id)).await.unwrap()
    }

    /// Saves a token that needs no test.
    pub async fn token(&self, draft: TokenDraft) -> TokenDetail {
        self.witness.typed(json!(draft));
        self.workspace.tokens().save(draft, None).await.unwrap()
    }

    /// The id of a new connector.
    pub async fn connector(&self, draft: ConnectorDraft) -> String {
        self.witness.typed(json!(draft));
        self.workspace.connectors().save(None, draft).await.unwrap().summary.id
    }

    /// A tested login token and a connector of the API that sends it: their ids. One login has been made.
    pub async fn orders(&self) -> (String, String) {
        let token = self.tested_token(self.login_draft("Orders login")).await.summary.id;
        let connector = self.connector(connector("Orders", &self.server.at("/orders"), &[&token])).await;
        (token, connector)
    }

    /// Runs a connector by hand.
    pub async fn run(&self, connector_id: &str) -> Execution {
        self.run_with(connector_id, &[]).await
    }

    pub async fn run_with(&self, connector_id: &str, inputs: &[(&str, Value)]) -> Execution {
        let inputs: BTreeMap<_, _> = inputs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let request = ExecutionRequest { connector_id: connector_id.to_owned(), inputs, ..ExecutionRequest::default() };
        self.execute(request).await
    }

    pub async fn run_from(&self, connector_id: &str, source: SourceType) -> Execution {
        let request = ExecutionRequest { connector_id: connector_id.to_owned(), source, ..ExecutionRequest::default() };
        self.execute(request).await
    }

    pub async fn play(&self, connector_id: &str) -> Execution {
        let request = ExecutionRequest { connector_id: connector_id.to_owned(), mock: true, ..ExecutionRequest::default() };
        self.execute(request).await
    }

    pub async fn execute(&self, request: ExecutionRequest) -> Execution {
        let handle = self.workspace.execute(request).await.unwrap();
        let execution = within("the run's outcome", handle.outcome()).await.unwrap();
        let recorded = self.workspace.executions().get(&execution.id).await.unwrap();
        assert_eq!(json!(recorded), json!(execution), "what is returned must be what is recorded");
        execution
    }

    /// Starts a run without waiting for it.
    pub async fn start(&self, connector_id: &str) -> latchkey::workspace::RunHandle {
        let request = ExecutionRequest { connector_id: connector_id.to_owned(), ..ExecutionRequest::default() };
        self.workspace.execute(request).await.unwrap()
    }

    pub async fn generation(&self, token_id: &str) -> u32 {
        self.workspace.tokens().get(token_id).await.unwrap().summary.generation
    }

    /// The stored value, revealed.
    pub async fn value(&self, token_id: &str) -> String {
        let secret = latchkey::workspace::SecretRef::TokenValue { token_id: token_id.to_owned() };
        self.workspace.reveal(secret).await.unwrap()
    }
}

/// Opens `folder/workspace` with the key in `folder/keyring`.
pub async fn open(folder: &Path) -> Workspace {
    open_with(folder, seams(folder)).await
}

/// The same with a clock of its own.
pub async fn open_at(folder: &Path, clock: Arc<dyn Clock>) -> Workspace {
    open_with(folder, Seams { clock, ..seams(folder) }).await
}

/// The machine's clock, and the keys in `folder/keyring`.
pub fn seams(folder: &Path) -> Seams {
    Seams { clock: Arc::new(SystemClock::new()), keyring: Arc::new(KeyFile::new(folder.join("keyring"))) }
}

async fn open_with(folder: &Path, seams: Seams) -> Workspace {
    Workspace::open(folder.join("workspace"), None, seams).await.unwrap()
}

/// What the run did, in order.
pub fn kinds(execution: &Execution) -> Vec<StepKind> {
    execution.steps.iter().map(|step| step.kind).collect()
}

/// The only step of this kind.
pub fn step(execution: &Execution, kind: StepKind) -> &Step {
    let mut steps = execution.steps.iter().filter(|step| step.kind == kind);
    let only = steps.next().unwrap_or_else(|| panic!("no {kind:?} in {execution:#?}"));
    assert!(steps.next().is_none(), "more than one {kind:?} in {execution:#?}");
    only
}
