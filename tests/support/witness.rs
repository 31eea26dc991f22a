//! What a bench saw: which secrets took part and what was told. When the bench goes, it makes sure that none of the
//! secrets is in any of it, so that every rule test proves S2 beside its own rule.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use latchkey::workspace::{Workspace, WorkspaceEvent};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;

use super::bench::{CLIENT_SECRET, Issuer};
use super::server::Server;
use super::sweep::{Sweep, keep_log};

pub struct Witness {
    workspace: Workspace,
    server: Server,
    issuer: Arc<Issuer>,
    keyring: PathBuf,
    events: Mutex<Receiver<WorkspaceEvent>>,
    sweep: Mutex<Sweep>,
}

impl Witness {
    pub fn new(workspace: &Workspace, server: &Server, issuer: &Arc<Issuer>, folder: &Path) -> Self {
        keep_log();
        let mut sweep = Sweep::default();
        sweep.secret(CLIENT_SECRET);
        Self {
            workspace: workspace.clone(),
            server: server.clone(),
            issuer: Arc::clone(issuer),
            keyring: folder.join("keyring"),
            events: Mutex::new(workspace.events()),
            sweep: Mutex::new(sweep),
        }
    }

    /// A draft was typed: its secret fields and its text value are secrets from now on, also when they are replaced.
    pub fn typed(&self, mut draft: Value) {
        let mut sweep = self.sweep.lock().unwrap();
        sweep.take_secret_fields(&mut draft);
        if let Some(value) = draft.get("value").and_then(Value::as_str) {
            sweep.secret(value);
        }
    }

    /// Something was told to a client.
    pub fn told(&self, place: &str, text: &Value) {
        self.sweep.lock().unwrap().text(place, text.to_string());
    }

    /// Everything that is known by now, the database included.
    fn gather(&self) -> Sweep {
        let mut sweep = std::mem::take(&mut *self.sweep.lock().unwrap());
        for value in self.issuer.issued() {
            sweep.secret(&value);
        }
        for received in self.server.all() {
            for (name, value) in &received.headers {
                if name.eq_ignore_ascii_case("authorization") {
                    sweep.secret(value.split_once(' ').map_or(value, |(_, credential)| credential));
                }
            }
        }
        let mut events = self.events.lock().unwrap();
        while let Ok(event) = events.try_recv() {
            sweep.text("an event", json!(event).to_string());
        }
        let keys = std::fs::read_dir(&self.keyring).into_iter().flatten().flatten();
        for key in keys.filter_map(|key| std::fs::read(key.path()).ok()) {
            let hex = key.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            sweep.database_in(self.workspace.folder(), &hex);
        }
        self.views(&mut sweep);
        sweep
    }

    /// Tokens and connectors as clients see them (T8).
    fn views(&self, sweep: &mut Sweep) {
        let workspace = self.workspace.clone();
        // On a thread of its own: the test's runtime is busy with dropping the bench.
        let reading = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut views = Vec::new();
                for token in workspace.tokens().list().await.unwrap() {
                    views.push(json!(workspace.tokens().get(&token.id).await.unwrap()));
                }
                for connector in workspace.connectors().list().await.unwrap() {
                    views.push(json!(workspace.connectors().get(&connector.id).await.unwrap()));
                }
                views
            })
        });
        // A test may leave the database in a state that can't be read; its files are looked through all the same.
        for view in reading.join().unwrap_or_default() {
            sweep.text("the view of a token or connector", view.to_string());
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // A failed test has said what is wrong already.
        if !std::thread::panicking() {
            self.gather().assert_clean(self.workspace.folder());
        }
    }
}
