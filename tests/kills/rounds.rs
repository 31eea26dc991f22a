//! More than a hundred kills, each at a random moment of another kind of work.

use std::path::Path;
use std::sync::Arc;

use latchkey::connector::ConnectorDraft;
use tempfile::TempDir;

use crate::acknowledged::{Acknowledged, database, in_seconds, key_hex};
use crate::child::{Moments, Working};
use crate::support::bench::{CLIENT_SECRET, Issuer, open};
use crate::support::drafts::{connector, login_token, text_token};
use crate::support::key_file::copy_folder;
use crate::support::sweep::Sweep;
use crate::support::{Bench, Gate, Server};
use crate::work::EDITED;

/// Kills of one workspace, so that its log does not grow so long that looking through it takes all the time.
const KILLS_OF_ONE: usize = 10;
/// Microseconds in which several writes are made.
const A_MOMENT: u64 = 30_000;

/// A workspace that nobody has open, and the server that its tokens and connectors ask.
pub struct Stand {
    server: Server,
    issuer: Arc<Issuer>,
    folder: TempDir,
    login: String,
    acknowledged: Acknowledged,
}

impl Stand {
    pub async fn new() -> Self {
        let bench = Bench::new().await;
        let mut logins = Vec::new();
        for (name, header) in [("First", "Authorization"), ("Second", "X-Session")] {
            let mut draft =
                login_token(name, bench.login_request(), latchkey::token::TokenLocation::json("/data/access_token"));
            draft.request_header_key = header.to_owned();
            logins.push(bench.tested_token(draft).await.summary.id);
        }
        bench.token(text_token("Text", "text-value-0")).await;
        for number in 0..3 {
            let draft = ConnectorDraft {
                mock_response: format!(r#"{{"order":{{"id":"M-{number}","status":"played"}}}}"#),
                ..connector(&format!("Mock {number}"), &bench.server.at("/orders"), &[&logins[0]])
            };
            bench.connector(draft).await;
        }
        bench.connector(connector(EDITED, &bench.server.at("/edited"), &[])).await;
        let (server, issuer) = (bench.server.clone(), Arc::clone(&bench.issuer));
        let folder = bench.close().await;
        Self { server, issuer, folder, login: logins.remove(0), acknowledged: Acknowledged::default() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes down what a child said.
    pub fn hear(&mut self, said: &[String]) {
        self.acknowledged.hear(said);
    }

    /// Nothing is missing, and the next program can do what it likes at once.
    pub async fn look(&mut self) {
        let workspace = self.acknowledged.assert_kept(self.folder.path()).await;
        let refreshed = in_seconds("a refresh after a kill", workspace.tokens().refresh(&self.login)).await.unwrap();
        self.acknowledged.hear(&[format!("generation {} {}", self.login, refreshed.summary.generation)]);
    }

    /// A child does this work and is killed a moment after it has acknowledged up to `most` things.
    async fn round(&mut self, work: &str, moments: &mut Moments, most: u64) {
        let child = Working::start(work, self.path());
        let mut said = child.says("working");
        // Counted in what was done, so that a busy machine is killed in the middle of work too.
        said.extend((0..moments.below(most)).map(|_| child.next()));
        said.extend(child.killed_after(moments.micros(A_MOMENT)));
        self.acknowledged.hear(&said);
        self.look().await;
    }

    /// No secret is in any file that the killed children left behind, nor in any record.
    pub fn end(&self) {
        let mut sweep = Sweep::default();
        sweep.secret(CLIENT_SECRET);
        self.issuer.issued().iter().for_each(|value| sweep.secret(value));
        let workspace = self.path().join("workspace");
        sweep.database_in(&workspace, &key_hex(self.path()));
        sweep.assert_clean(&workspace);
    }
}

async fn rounds(name: &str, work: &str, kills: usize, most: u64) -> (usize, usize) {
    let mut moments = Moments::new(name);
    let (mut executions, mut writes) = (0, 0);
    for _ in 0..kills / KILLS_OF_ONE {
        let mut stand = Stand::new().await;
        for _ in 0..KILLS_OF_ONE {
            stand.round(work, &mut moments, most).await;
        }
        stand.end();
        let counts = stand.acknowledged.counts();
        (executions, writes) = (executions + counts.0, writes + counts.1);
    }
    println!("{name}: {kills} kills, {executions} executions and {writes} writes acknowledged");
    (executions, writes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_no_acknowledged_execution_is_lost_when_a_program_is_killed_while_it_records() {
    let (executions, _) = rounds("recording", "record", 40, 150).await;
    assert!(executions > 0, "the children were killed in the middle of work");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_no_acknowledged_generation_goes_back_when_a_program_is_killed_while_it_refreshes() {
    let (_, writes) = rounds("refreshing", "refresh", 40, 16).await;
    assert!(writes > 0, "the children were killed in the middle of work");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s6_no_acknowledged_edit_is_lost_when_a_program_is_killed_in_the_middle_of_everything() {
    rounds("editing", "edit", 10, 60).await;
    let (executions, writes) = rounds("everything", "everything", 20, 100).await;
    assert!(executions > 0 && writes > 0, "the children were killed in the middle of work");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e6_a_login_under_way_in_a_program_that_is_killed_holds_nobody_up() {
    let mut stand = Stand::new().await;
    for _ in 0..10 {
        let (gate, asked) = (Gate::closed(), stand.server.count("/login"));
        let (issuer, held) = (Arc::clone(&stand.issuer), gate.clone());
        stand.server.answers(move |received| issuer.answer(received).held(&held));
        let child = Working::start("refresh once", stand.path());
        stand.server.arrived("/login", asked + 1).await;
        let said = child.killed_after(std::time::Duration::ZERO);
        assert!(!said.iter().any(|line| line.starts_with("value")), "its login had no answer: {said:?}");
        let issuer = Arc::clone(&stand.issuer);
        stand.server.answers(move |received| issuer.answer(received));
        stand.look().await;
        assert_eq!(stand.server.count("/login"), asked + 2, "the next program asked by itself, once");
        gate.open();
    }
    stand.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s1_s6_a_workspace_whose_making_or_upgrade_is_killed_opens_afterwards() {
    let mut moments = Moments::new("opening");
    let format_1 = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    let contents: serde_json::Value = serde_json::from_slice(&std::fs::read(format_1.join("contents.json")).unwrap()).unwrap();
    let logs = contents["logs"].as_object().unwrap().values().map(|log| log.as_array().unwrap().len());
    let in_it = (u32::try_from(logs.sum::<usize>()).unwrap(), contents["tokens"].as_array().unwrap().len());
    let (mut opened, mut broken_off) = (0, 0);
    for round in 0..30 {
        let folder = tempfile::tempdir().unwrap();
        let is_upgrade = round % 2 == 0;
        if is_upgrade {
            copy_folder(&format_1, folder.path());
        } else {
            std::fs::create_dir(folder.path().join("keyring")).unwrap();
        }
        let child = Working::start("open", folder.path());
        child.says("opening");
        let said = child.killed_after(moments.micros(60_000));
        *(if said.is_empty() { &mut broken_off } else { &mut opened }) += 1;
        let workspace = in_seconds("opening after a kill", open(folder.path())).await;
        database(folder.path()).check().unwrap();
        if is_upgrade {
            let kept = (workspace.storage().await.unwrap().executions, workspace.tokens().list().await.unwrap().len());
            assert_eq!(kept, in_it, "everything of the older format is there");
        }
        let token = workspace.tokens().save(text_token("After the kill", "a value"), None).await.unwrap();
        assert_eq!(token.summary.generation, 1, "and it can be worked with");
    }
    println!("opening: 30 kills, {broken_off} of them in the middle, {opened} after it");
}
