//! Damaged, missing and foreign databases (S6), on real files and over the public face.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use latchkey::workspace::{OpenFailure, VaultStatus, WorkspaceEvent};
use rstest::rstest;
use serde_json::json;
use support::closed::{PAGE, closed_with_backup, damaged, database, flipped, names, seams, tries};
use support::drafts::text_token;
use support::key_file::copy_folder;
use support::{Answer, Bench, within};

type Damage = fn(&Path, Vec<u8>);

#[rstest]
#[case::a_byte_of_the_salt(|file: &Path, bytes: Vec<u8>| flipped(3, file, bytes))]
#[case::a_byte_of_the_first_page(|file: &Path, bytes: Vec<u8>| flipped(5000, file, bytes))]
#[case::the_first_page(|file: &Path, mut bytes: Vec<u8>| { bytes[..PAGE].fill(0); fs::write(file, bytes).unwrap() })]
#[case::a_byte_of_a_table(|file: &Path, bytes: Vec<u8>| flipped(3 * PAGE + 77, file, bytes))]
#[case::a_page_of_a_table(|file: &Path, mut bytes: Vec<u8>| { bytes[4 * PAGE..5 * PAGE].fill(7); fs::write(file, bytes).unwrap() })]
#[case::a_page_twice(|file: &Path, mut bytes: Vec<u8>| { bytes.copy_within(4 * PAGE..5 * PAGE, 5 * PAGE); fs::write(file, bytes).unwrap() })]
#[case::cut_between_pages(|file: &Path, bytes: Vec<u8>| fs::write(file, &bytes[..6 * PAGE]).unwrap())]
#[case::cut_in_a_page(|file: &Path, bytes: Vec<u8>| fs::write(file, &bytes[..6 * PAGE + 100]).unwrap())]
#[case::cut_in_the_first_page(|file: &Path, bytes: Vec<u8>| fs::write(file, &bytes[..100]).unwrap())]
#[case::emptied(|file: &Path, _| fs::write(file, b"").unwrap())]
#[case::missing(|file: &Path, _| fs::remove_file(file).unwrap())]
#[case::noise(|file: &Path, bytes: Vec<u8>| fs::write(file, vec![0x5a; bytes.len()]).unwrap())]
#[case::a_plain_database(|file: &Path, _| {
    fs::remove_file(file).unwrap();
    rusqlite::Connection::open(file).unwrap().execute_batch("CREATE TABLE plain (a)").unwrap();
})]
#[case::of_another_key(|file: &Path, _| {
    fs::remove_file(file).unwrap();
    drop(latchkey::store::Database::open(file, &"ab".repeat(32)).unwrap());
})]
#[case::a_folder(|file: &Path, _| { fs::remove_file(file).unwrap(); fs::create_dir(file).unwrap() })]
#[tokio::test]
async fn s6_a_damaged_database_is_set_aside_untouched_and_the_newest_intact_backup_offered(#[case] damage: Damage) {
    let (folder, backup) = closed_with_backup().await;
    let file = database(folder.path());
    damage(&file, fs::read(&file).unwrap());
    let before = fs::read(&file).ok();

    let found = damaged(folder.path()).await;
    assert_eq!(found.backups.iter().map(|one| &one.name).collect::<Vec<_>>(), [&backup], "{found}");
    assert!(!file.exists(), "{found}");
    match &found.set_aside {
        Some(aside) => {
            assert!(aside.starts_with(folder.path().join("workspace/set-aside")));
            assert!(fs::read(aside.join("workspace.db")).ok() == before, "not a byte may change");
        }
        None => assert_eq!(before, None, "only what is missing can't be set aside"),
    }
    assert!(matches!(OpenFailure::Damaged(Box::new(found.clone())).status(folder.path()), VaultStatus::Damaged { .. }));

    let again = damaged(folder.path()).await;
    assert_eq!((&again.reason, &again.set_aside), (&found.reason, &found.set_aside), "later starts say the same");

    let restored = found.unlocked.restore(&backup).await.unwrap();
    assert_eq!((restored.tokens, restored.connectors, restored.executions), (1, 1, 3));
    let workspace = tries(folder.path()).await.unwrap();
    assert_eq!(names(&workspace).await, ["Orders login"], "what the backup held, and nothing later");
}

#[tokio::test]
async fn s6_a_flip_on_any_page_is_found_or_harmless() {
    let (folder, _) = closed_with_backup().await;
    let whole = fs::read(database(folder.path())).unwrap();
    let mut found = 0;
    for page in 0..whole.len() / PAGE {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(folder.path(), copy.path());
        flipped(page * PAGE + 4000, &database(copy.path()), whole.clone());
        match tries(copy.path()).await {
            Err(OpenFailure::Damaged(damaged)) => {
                assert_eq!(damaged.backups.len(), 1);
                found += 1;
            }
            Err(other) => panic!("page {page}: {other:?}"),
            // A page that holds nothing.
            Ok(workspace) => assert_eq!(names(&workspace).await, ["After the backup", "Orders login"], "page {page}"),
        }
    }
    assert!(found * 10 >= whole.len() / PAGE * 8, "most pages hold something: {found}");
}

#[tokio::test]
async fn s6_the_log_of_a_killed_program_is_set_aside_with_the_database() {
    let bench = Bench::new().await;
    bench.token(text_token("In the log only", "a-value")).await;
    let left = tempfile::tempdir().unwrap();
    copy_folder(bench.folder().parent().unwrap(), left.path());
    let log = left.path().join("workspace/workspace.db-wal");
    let (file, log) = (database(left.path()), fs::read(log).unwrap());
    assert!(!log.is_empty());
    // The first page stands in the log too, so it is the salt that makes the file unreadable.
    flipped(5, &file, fs::read(&file).unwrap());
    let damaged_file = fs::read(&file).unwrap();

    let found = damaged(left.path()).await;
    assert!(found.backups.is_empty());
    assert_eq!(found.set_aside, None, "a key that fits no page, and no backup that it fits: perhaps not ours");
    let started = found.unlocked.start_empty().await.unwrap();
    let aside = PathBuf::from(started.set_aside.unwrap());
    assert!(fs::read(aside.join("workspace.db")).unwrap() == damaged_file);
    assert!(fs::read(aside.join("workspace.db-wal")).unwrap() == log, "the log goes with its database");
    assert!(names(&tries(left.path()).await.unwrap()).await.is_empty());
}

#[tokio::test]
async fn s6_a_database_that_is_put_back_by_hand_is_opened() {
    let (folder, _) = closed_with_backup().await;
    let (file, away) = (database(folder.path()), folder.path().join("away.db"));
    fs::rename(&file, &away).unwrap();
    assert_eq!(damaged(folder.path()).await.set_aside, None);
    fs::rename(&away, &file).unwrap();
    assert_eq!(names(&tries(folder.path()).await.unwrap()).await.len(), 2);
}

#[tokio::test]
async fn s6_a_creation_that_was_killed_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("keyring")).unwrap();
    // Killed after the key was made, before the database was.
    let vault = latchkey::vault::Vault::new(folder.path().join("workspace"), seams(folder.path()).keyring);
    vault.open(None).unwrap();
    fs::write(database(folder.path()), b"").unwrap();
    assert!(names(&tries(folder.path()).await.unwrap()).await.is_empty());
    // From then on a missing one is lost.
    within("the database to be closed", async {
        while fs::remove_file(folder.path().join("workspace/workspace.db-wal")).is_ok() {}
    })
    .await;
    fs::remove_file(database(folder.path())).unwrap();
    assert!(damaged(folder.path()).await.reason.contains("missing"));
}

#[tokio::test]
async fn s6_a_transient_failure_is_no_damage() {
    let (folder, _) = closed_with_backup().await;
    // Nobody can lock a folder, whoever runs this test.
    fs::remove_file(folder.path().join("workspace/workspace.lock")).unwrap();
    fs::create_dir(folder.path().join("workspace/workspace.lock")).unwrap();
    let before = fs::read(database(folder.path())).unwrap();
    assert!(matches!(tries(folder.path()).await, Err(OpenFailure::Store(_))));
    assert!(fs::read(database(folder.path())).unwrap() == before);
}

#[tokio::test]
async fn s6_damage_in_a_big_log_is_told_while_the_window_is_open_and_set_aside_at_the_next_start() {
    let bench = Bench::new().await;
    let (_, connector_id) = bench.orders().await;
    let backup = bench.workspace.backups().now().await.unwrap().name;
    bench.api_answers(|_, _| Answer::json(200, &json!({"padding": "p".repeat(700_000)})));
    for _ in 0..4 {
        bench.run(&connector_id).await;
    }
    let folder = bench.close().await;
    let file = database(folder.path());
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() - 40 * PAGE;
    bytes[middle..middle + PAGE].fill(1);
    fs::write(&file, bytes).unwrap();

    let workspace = tries(folder.path()).await.unwrap();
    assert_eq!(workspace.damage(), None, "a start does not read a big log");
    let mut events = workspace.events();
    // The backup's copying was a whole check, so one is not due by itself.
    fs::remove_file(folder.path().join("workspace/checked.json")).unwrap();
    workspace.check_if_due().await.unwrap_err();
    let told = within("the event", async {
        loop {
            if let WorkspaceEvent::DatabaseDamaged { reason } = events.recv().await.unwrap() {
                return reason;
            }
        }
    })
    .await;
    assert_eq!(workspace.damage(), Some(told));
    let refused = workspace.backups().now().await.unwrap_err();
    assert!(refused.message.contains("damaged"), "{refused}");
    workspace.close().await;
    let found = damaged(folder.path()).await;
    assert!(found.set_aside.is_some() || found.open_elsewhere, "{found}");
    assert_eq!(found.backups.len(), 1, "what could not be copied whole is no backup");
    found.unlocked.restore(&backup).await.unwrap();
    tries(folder.path()).await.unwrap();
}
