//! The database on real encrypted files, and what the tables' tests share.

mod recorded;
mod refused;

use std::path::PathBuf;
use std::sync::{Arc, Barrier};

use rusqlite::Connection;
use secrecy::SecretString;
use tempfile::TempDir;

use super::connectors::ConnectorRow;
use super::executions::ExecutionRow;
use super::tokens::TokenRow;
use super::*;

pub(super) const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const OTHER_KEY: &str = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A database in a folder that goes with it.
pub(super) struct Temporary {
    pub database: Arc<Database>,
    folder: TempDir,
}

impl std::ops::Deref for Temporary {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Temporary {
    /// With the token `t1`.
    pub fn with_token() -> Self {
        let store = Self::new();
        store.write(|t| tokens::insert(t, &token("t1", "Main"))).unwrap();
        store
    }

    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Arc::new(Database::open(folder.path().join("workspace.db"), KEY).unwrap());
        Self { database, folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("workspace.db")
    }

    fn log_bytes(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("workspace.db-wal")).unwrap()
    }

    /// Closes the database and gives the folder.
    fn close(self) -> TempDir {
        drop(self.database);
        self.folder
    }
}

pub(super) fn token(id: &str, name: &str) -> TokenRow {
    TokenRow {
        id: id.into(),
        name: name.into(),
        token_type: "http_request".into(),
        config: SecretString::from("{\"secret\":\"hunter2\"}"),
        config_revision: 1,
        created_at_ms: 1,
        updated_at_ms: 1,
    }
}

pub(super) fn connector(id: &str, name: &str) -> ConnectorRow {
    ConnectorRow {
        id: id.into(),
        name: name.into(),
        live: None,
        draft: Some("{\"url\":\"https://api.example.com\"}".into()),
        created_at_ms: 1,
        updated_at_ms: 1,
    }
}

pub(super) fn execution(id: &str, connector_id: &str) -> ExecutionRow {
    ExecutionRow {
        seq: 0,
        customer: None,
        id: id.into(),
        connector_id: connector_id.into(),
        created_at_ms: 1,
        source_type: "test".into(),
        success: true,
        error_type: None,
        http_status: Some(200),
        execution_time_ms: 12,
        refreshes: 0,
        sentence: "The API answered 200.".into(),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn setting(database: &Database, key: &str) -> Option<String> {
    database.read(|c| settings::get(c, key)).unwrap()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn failure_of(outcome: Result<Database, StoreFailure>) -> StoreFailure {
    outcome.err().expect("the database must not open")
}

#[test]
fn s1_no_file_holds_plain_text() {
    let store = Temporary::new();
    let marker = "a marker that must not be readable";
    store.write(|t| tokens::insert(t, &token("t1", marker))).unwrap();
    let row = ExecutionRow { sentence: marker.into(), ..execution("e1", "c1") };
    runtime().block_on(store.record(row, format!("{{\"text\":\"{marker}\"}}"))).unwrap();
    let log = store.log_bytes();
    assert!(!log.is_empty() && !holds(&log, marker.as_bytes()));

    let folder = store.close();
    let file = std::fs::read(folder.path().join("workspace.db")).unwrap();
    assert!(file.len() >= 8 * 4096, "closing moves everything into the file");
    for plain in [marker.as_bytes(), b"SQLite format 3", b"CREATE TABLE", b"hunter2"] {
        assert!(!holds(&file, plain), "{}", String::from_utf8_lossy(plain));
    }
}

#[test]
fn what_stays_for_ever_is_set_when_the_file_is_made() {
    let store = Temporary::new();
    let pragma = |name: &str| -> String {
        store
            .write(|t| Ok(t.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))?))
            .map(|value| match value {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                other => format!("{other:?}"),
            })
            .unwrap()
    };
    assert_eq!(pragma("page_size"), "4096");
    assert_eq!(pragma("auto_vacuum"), "2", "incremental");
    assert_eq!(pragma("journal_mode"), "wal");
    assert_eq!(pragma("synchronous"), "2", "FULL: what write() acknowledges survives a loss of power");
    assert_eq!(pragma("foreign_keys"), "1");
    assert_eq!(pragma("secure_delete"), "2", "FAST");
}

#[test]
fn s6_databases_with_pages_of_both_sizes_are_copied_at_the_same_time() {
    let threads: Vec<_> = [Temporary::new(), with_pages_of_8192(), Temporary::new(), with_pages_of_8192()]
        .into_iter()
        .map(|store| {
            std::thread::spawn(move || {
                store.write(|t| tokens::insert(t, &token("t1", "A"))).unwrap();
                for number in 0..10 {
                    let copied = store.folder.path().join(format!("{number}.db"));
                    store.copy_into(&copied).unwrap();
                    assert_eq!(inspect_copy(&copied, KEY).unwrap().tokens, 1);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// A database as it was made before pages of 4096 bytes.
fn with_pages_of_8192() -> Temporary {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workspace.db");
    let made = Connection::open(&path).unwrap();
    made.execute_batch(&format!(
        "PRAGMA key = \"x'{KEY}'\"; PRAGMA cipher_page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE one (a);"
    ))
    .unwrap();
    drop(made);
    Temporary { database: Arc::new(Database::open(&path, KEY).unwrap()), folder }
}

#[test]
fn s6_a_database_with_larger_pages_is_used_and_copied_as_it_is() {
    let store = with_pages_of_8192();
    let page_bytes = |c: &Connection| Ok(c.query_row("PRAGMA page_size", [], |row| row.get::<_, String>(0))?);
    assert_eq!(store.read(page_bytes).unwrap(), "8192");
    runtime().block_on(store.record(execution("e1", "c1"), "x".repeat(100_000))).unwrap();
    let copied = store.folder.path().join("copy.db");
    store.copy_into(&copied).unwrap();
    assert_eq!(inspect_copy(&copied, KEY).unwrap().executions, 1);
    let copy = Database::open(&copied, KEY).unwrap();
    assert_eq!(copy.read(page_bytes).unwrap(), "8192");
    assert_eq!(copy.read(|c| executions::record(c, "e1")).unwrap().map(|record| record.len()), Some(100_000));
    drop(copy);

    // Files as a killed process leaves them: the commit is in the log only.
    let left = tempfile::tempdir().unwrap();
    for name in ["workspace.db", "workspace.db-wal"] {
        std::fs::copy(store.folder.path().join(name), left.path().join(name)).unwrap();
    }
    let path = left.path().join("workspace.db");
    assert_eq!(failure_of(Database::open(&path, OTHER_KEY)), StoreFailure::WrongKey);
    assert_eq!(Database::open(&path, KEY).unwrap().read(executions::count).unwrap(), 1);
}

#[test]
fn many_open_a_new_file_at_once_and_write_without_being_busy() {
    let folder = tempfile::tempdir().unwrap();
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let (path, start) = (folder.path().join("workspace.db"), start.clone());
            std::thread::spawn(move || {
                start.wait();
                let database = Database::open(path, KEY).unwrap();
                for turn in 0..25 {
                    database.write(|t| settings::put(t, &format!("{number}.{turn}"), "1")).unwrap();
                    let row = execution(&format!("{number}.{turn}"), "c1");
                    runtime().block_on(database.record(row, "{}".into())).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let database = Database::open(folder.path().join("workspace.db"), KEY).unwrap();
    assert_eq!(database.read(settings::list).unwrap().len(), 100);
    assert_eq!(database.read(executions::count).unwrap(), 100);
}

#[test]
fn several_processes_open_a_new_file_at_once_and_write_without_being_busy() {
    const PATH: &str = "LATCHKEY_STORE_TEST_PATH";
    if let Some(path) = std::env::var_os(PATH) {
        let database = Database::open(path, KEY).unwrap();
        let me = std::process::id();
        for turn in 0..25 {
            database.write(|t| settings::put(t, &format!("{me}.{turn}"), "1")).unwrap();
            runtime().block_on(database.record(execution(&format!("{me}.{turn}"), "c1"), "{}".into())).unwrap();
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workspace.db");
    // Each process is this test alone, run once more.
    let name = "store::tests::several_processes_open_a_new_file_at_once_and_write_without_being_busy";
    let start = || {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again
            .args(["--exact", name])
            .env(PATH, &path)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        again.spawn().unwrap()
    };
    for process in [start(), start(), start()] {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let database = Database::open(&path, KEY).unwrap();
    assert_eq!(database.read(settings::list).unwrap().len(), 75);
    assert_eq!(database.read(executions::count).unwrap(), 75);
}

#[test]
fn a_failed_write_changes_nothing() {
    let store = Temporary::new();
    let outcome: Result<(), StoreFailure> = store.write(|t| {
        settings::put(t, "a", "1")?;
        Err(StoreFailure::Closed)
    });
    assert_eq!(outcome, Err(StoreFailure::Closed));
    assert_eq!(setting(&store, "a"), None);
}

#[test]
fn a_panic_while_writing_rolls_back_and_leaves_the_database_usable() {
    let store = Temporary::new();
    let database = store.database.clone();
    let panicked = std::thread::spawn(move || {
        let _: Result<(), StoreFailure> = database.write(|t| {
            settings::put(t, "a", "1")?;
            panic!("on purpose");
        });
    });
    assert!(panicked.join().is_err());
    assert_eq!(setting(&store, "a"), None);
    store.write(|t| settings::put(t, "b", "2")).unwrap();
    assert_eq!(setting(&store, "b").as_deref(), Some("2"));
}

#[test]
fn a_read_sees_one_state_throughout_and_can_not_write() {
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", "1")).unwrap();
    let seen = store
        .read(|c| {
            let before = settings::get(c, "a")?;
            store.write(|t| settings::put(t, "a", "2"))?;
            Ok((before, settings::get(c, "a")?))
        })
        .unwrap();
    assert_eq!(seen, (Some("1".into()), Some("1".into())));
    assert_eq!(setting(&store, "a").as_deref(), Some("2"));
    assert!(store.read(|c| settings::put(c, "a", "3")).is_err());
    assert_eq!(setting(&store, "a").as_deref(), Some("2"));
}

#[test]
fn more_readers_than_connections_all_get_their_turn() {
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", "1")).unwrap();
    let threads: Vec<_> = (0..12)
        .map(|_| {
            let database = store.database.clone();
            std::thread::spawn(move || setting(&database, "a"))
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap().as_deref() == Some("1")));
}

#[test]
fn the_data_version_changes_with_every_commit_by_whomever() {
    let store = Temporary::new();
    let other = Database::open(store.path(), KEY).unwrap();
    let first = store.data_version().unwrap();
    drop(Database::open(store.path(), KEY).unwrap());
    assert_eq!(store.data_version().unwrap(), first, "nothing was committed: opening alone writes nothing");
    other.write(|t| settings::put(t, "a", "1")).unwrap();
    let second = store.data_version().unwrap();
    assert_ne!(second, first, "another process's commit");
    runtime().block_on(store.record(execution("e1", "c1"), "{}".into())).unwrap();
    assert_ne!(store.data_version().unwrap(), second, "our own");
}

#[test]
fn the_async_forms_do_the_same() {
    let store = Temporary::new();
    runtime().block_on(async {
        store.database.write_async(|t| settings::put(t, "a", "1")).await.unwrap();
        let read = store.database.read_async(|c| settings::get(c, "a")).await.unwrap();
        assert_eq!(read.as_deref(), Some("1"));
    });
}

#[test]
fn the_size_counts_file_and_log() {
    let store = Temporary::new();
    let before = store.size_bytes();
    store.write(|t| settings::put(t, "a", &"x".repeat(500_000))).unwrap();
    assert!(store.size_bytes() >= before + 500_000, "what is still in the log counts too");
}

#[cfg(unix)]
#[test]
fn s1_the_files_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", "1")).unwrap();
    for entry in std::fs::read_dir(store.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}
