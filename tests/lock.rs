//! A workspace that its user locked: what still runs ends and is recorded, then the key is gone; what opens it again (S1).
#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as a test does")]

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use latchkey::clock::SystemClock;
use latchkey::execution::ExecutionFilter;
use latchkey::vault::{MemorySlot, SlotFailure, VaultFailure};
use latchkey::workspace::{
    ExecutionRequest, LockedWorkspace, OpenFailure, ProblemCode, Seams, SlotKind, VaultStatus, Workspace,
};
use tempfile::TempDir;

use support::drafts::connector;
use support::{Answer, Bench, Gate, Server, within};

const PASSPHRASE: &str = "four words of test";

struct Place {
    folder: TempDir,
    keyring: Arc<MemorySlot>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keyring: Arc::new(MemorySlot::new()) }
    }

    fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("workspace")
    }

    fn seams(&self) -> Seams {
        Seams { clock: Arc::new(SystemClock::new()), keyring: Arc::<MemorySlot>::clone(&self.keyring) }
    }

    async fn open(&self) -> Workspace {
        Workspace::open(self.folder(), None, self.seams()).await.unwrap()
    }

    fn lock(&self, workspace: Workspace) -> LockedWorkspace {
        workspace.lock(self.seams())
    }
}

async fn locked_status(locked: &LockedWorkspace) -> (Vec<SlotKind>, String) {
    match locked.status().await.unwrap() {
        VaultStatus::Locked { slots, next_step, by_user: true, .. } => (slots, next_step),
        other => panic!("it is locked by its user, not {other:?}"),
    }
}

/// Whether this process still has the workspace's database open: its connections hold the key.
#[cfg(target_os = "linux")]
fn is_open(folder: &std::path::Path) -> bool {
    let database = folder.join("workspace.db");
    std::fs::read_dir("/proc/self/fd").unwrap().any(|handle| {
        // A handle may be closed while this looks.
        handle.is_ok_and(|handle| std::fs::read_link(handle.path()).is_ok_and(|file| file == database))
    })
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn s1_a_run_under_way_ends_and_is_recorded_and_then_the_database_is_closed() {
    let place = Place::new();
    let workspace = place.open().await;
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Server::start(move |_| Answer::text(200, "text/plain", "done").held(&held)).await;
    let id = workspace.connectors().save(None, connector("C", &server.at("/slow"), &[])).await.unwrap().summary.id;
    let request = ExecutionRequest { connector_id: id.clone(), ..ExecutionRequest::default() };
    let run = workspace.execute(request).await.unwrap();
    server.arrived("/slow", 1).await;

    let locked = place.lock(workspace);
    assert!(is_open(&place.folder()), "the run under way still needs it");
    gate.open();
    let execution = within("the run", run.outcome()).await.unwrap();
    assert!(execution.success, "{}", execution.sentence);
    within("the end of the last connection", async {
        while is_open(&place.folder()) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;

    let again = locked.unlock(None).await.unwrap();
    let log = again.executions().list(ExecutionFilter::of_connector(&id), None, 10).await.unwrap();
    assert_eq!(log.rows.len(), 1, "what ended behind the lock is in the log");
    assert_eq!(log.rows[0].id, execution.id);
}

#[tokio::test]
async fn t8_the_responses_of_tests_are_forgotten_at_once() {
    let bench = Bench::new().await;
    let report = bench.test(&bench.login_draft("T")).await;
    // What a run under way would still hold.
    let held = bench.workspace.clone();
    held.responses().rows(&report.response_id, 0, 10).await.unwrap();
    let seams = Seams { clock: Arc::new(SystemClock::new()), keyring: Arc::new(MemorySlot::new()) };
    let _locked = bench.workspace.lock(seams);
    let problem = held.responses().rows(&report.response_id, 0, 10).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::ResponseGone);
}

#[tokio::test]
async fn s1_without_a_passphrase_the_keyring_opens_what_was_locked() {
    let place = Place::new();
    let locked = place.lock(place.open().await);
    let (slots, next_step) = locked_status(&locked).await;
    assert_eq!(slots, [SlotKind::Keyring]);
    assert!(next_step.contains("keyring"), "{next_step}");

    place.keyring.set_failure(Some(SlotFailure::Locked));
    let refused = locked.unlock(None).await.err().unwrap();
    assert!(matches!(refused, OpenFailure::Vault(VaultFailure::Locked { .. })), "{refused:?}");
    locked_status(&locked).await;
    place.keyring.set_failure(None);
    locked.unlock(None).await.unwrap();
}

#[tokio::test]
async fn s1_with_a_passphrase_nothing_but_the_passphrase_opens_what_was_locked() {
    let place = Place::new();
    let workspace = place.open().await;
    workspace.set_passphrase(PASSPHRASE.into()).await.unwrap();
    let locked = place.lock(workspace);
    let (slots, next_step) = locked_status(&locked).await;
    assert_eq!(slots, [SlotKind::Keyring, SlotKind::Passphrase]);
    assert!(next_step.contains("passphrase"), "{next_step}");

    let refused = locked.unlock(None).await.err().unwrap();
    assert!(refused.is_of_the_passphrase(), "the keyring would open it, and is not asked: {refused:?}");
    let refused = locked.unlock(Some("quite another".into())).await.err().unwrap();
    assert!(refused.is_of_the_passphrase(), "{refused:?}");
    locked.unlock(Some(PASSPHRASE.into())).await.unwrap();
}

#[tokio::test]
async fn s1_the_slots_count_as_they_are_when_it_is_unlocked() {
    let place = Place::new();
    let elsewhere = place.open().await;
    let locked = place.lock(place.open().await);
    elsewhere.set_passphrase(PASSPHRASE.into()).await.unwrap();
    assert!(locked.unlock(None).await.is_err(), "another program has set a passphrase meanwhile");
    elsewhere.remove_passphrase().await.unwrap();
    locked.unlock(None).await.unwrap();
}

#[tokio::test]
async fn s1_a_workspace_that_is_gone_is_not_made_anew_by_unlocking() {
    let place = Place::new();
    let locked = place.lock(place.open().await);
    std::fs::rename(place.folder(), place.folder.path().join("away")).unwrap();
    assert!(locked.unlock(None).await.is_err());
    assert!(locked.unlock(Some(PASSPHRASE.into())).await.is_err());
    assert!(!place.folder().exists());
    assert!(matches!(locked.status().await.unwrap(), VaultStatus::Broken { .. }));
}
