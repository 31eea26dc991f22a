//! Backups and restores (S6), on real files and over the public face.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use latchkey::backup::BackupReason;
use latchkey::clock::FixedClock;
use latchkey::workspace::{ExecutionRequest, OpenFailure, ProblemCode, Seams, Workspace, closed_backups};
use rstest::rstest;
use serde_json::json;
use support::closed::{PAGE, closed_with_backup, damaged, database, files, flipped, names, seams, tries, unlocked};
use support::drafts::text_token;
use support::key_file::copy_folder;
use support::{Answer, Bench, Gate, within};

#[tokio::test]
async fn s6_a_damaged_backup_is_neither_offered_nor_restored() {
    let (folder, good) = closed_with_backup().await;
    let workspace = tries(folder.path()).await.unwrap();
    let bad = workspace.backups().now().await.unwrap().name;
    workspace.close().await;
    let shelf = folder.path().join("workspace/backups");
    flipped(5 * PAGE + 9, &shelf.join(&bad), fs::read(shelf.join(&bad)).unwrap());
    // One of another workspace, under a name of ours.
    let (other, foreign) = closed_with_backup().await;
    let foreign = other.path().join("workspace/backups").join(foreign);
    fs::copy(foreign, shelf.join("workspace-20990101T000000.000Z.db")).unwrap();
    assert_eq!(closed_backups(&folder.path().join("workspace")).unwrap().backups.len(), 3, "the list opens none of them");

    let unlocked = unlocked(folder.path()).await;
    let before = fs::read(database(folder.path())).unwrap();
    for name in [bad.as_str(), "workspace-20990101T000000.000Z.db"] {
        let refused = unlocked.restore(name).await.unwrap_err();
        assert!(refused.message.contains("not intact"), "{refused}");
    }
    assert!(fs::read(database(folder.path())).unwrap() == before, "a refused restore changes nothing");
    flipped(9, &database(folder.path()), before);
    let offered: Vec<_> = damaged(folder.path()).await.backups.into_iter().map(|backup| backup.name).collect();
    assert_eq!(offered, [good]);
}

#[rstest]
#[case("../workspace.db")]
#[case("workspace.db")]
#[case("/etc/passwd")]
#[case("")]
#[case("workspace-20260131T090000.123Z.db")]
#[tokio::test]
async fn s6_only_a_name_of_the_list_is_restored(#[case] name: &str) {
    let (folder, _) = closed_with_backup().await;
    let refused = unlocked(folder.path()).await.restore(name).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (ProblemCode::NotFound, Some("name")));
}

#[tokio::test]
async fn s6_a_restore_sets_the_present_database_aside_and_can_be_undone() {
    let (folder, backup) = closed_with_backup().await;
    let unlocked = unlocked(folder.path()).await;
    let held = unlocked.contents(&backup).await.unwrap();
    assert_eq!((held.tokens, held.connectors, held.executions), (1, 1, 3));
    let before = fs::read(database(folder.path())).unwrap();
    let restored = unlocked.restore(&backup).await.unwrap();
    let aside = PathBuf::from(restored.set_aside.unwrap());
    assert!(fs::read(aside.join("workspace.db")).unwrap() == before, "the present database is never deleted");
    let undo = restored.before.unwrap();
    assert_eq!(undo.reason, BackupReason::BeforeRestore);
    let workspace = tries(folder.path()).await.unwrap();
    assert_eq!(names(&workspace).await, ["Orders login"]);
    workspace.close().await;
    unlocked.restore(&undo.name).await.unwrap();
    assert_eq!(names(&tries(folder.path()).await.unwrap()).await, ["After the backup", "Orders login"]);
}

#[tokio::test]
async fn s6_a_restore_is_refused_while_another_program_has_the_workspace_open() {
    let (folder, backup) = closed_with_backup().await;
    let open = tries(folder.path()).await.unwrap();
    let refused = unlocked(folder.path()).await.restore(&backup).await.unwrap_err();
    assert!(refused.message.contains("open in another"), "{refused}");
    assert_eq!(names(&open).await.len(), 2, "and goes on working");
    assert!(!folder.path().join("workspace/set-aside").exists());
    open.close().await;
    unlocked(folder.path()).await.restore(&backup).await.unwrap();
}

#[tokio::test]
async fn s6_a_backup_is_one_state_while_others_write_and_holds_nobody_up() {
    let bench = Bench::new().await;
    let (_, connector_id) = bench.orders().await;
    let writing = async {
        for number in 0..40 {
            bench.token(text_token(&format!("Token {number}"), "some-value")).await;
            for _ in 0..5 {
                bench.run(&connector_id).await;
            }
        }
    };
    let second = bench.second().await;
    let backing = async {
        let mut made = Vec::new();
        for _ in 0..4 {
            made.push(second.backups().now().await.unwrap().name);
        }
        made
    };
    let ((), made) = within("both", async { tokio::join!(writing, backing) }).await;
    let unlocked = bench.workspace.unlocked();
    let mut last = (0, 0);
    for name in made {
        let held = unlocked.contents(&name).await.unwrap();
        assert!((held.tokens, held.executions) >= last, "each later backup holds at least as much");
        // Five runs follow each token: one state holds them in step.
        assert!(held.executions <= 5 * (held.tokens - 1) && held.executions + 5 >= 5 * (held.tokens - 1), "{held:?}");
        last = (held.tokens, held.executions);
    }
}

#[tokio::test]
async fn s6_two_backups_at_once_are_made_one_after_the_other() {
    let bench = Bench::new().await;
    bench.orders().await;
    let second = bench.second().await;
    let (one, other) = within("both", async {
        let (first, second) = (bench.workspace.backups(), second.backups());
        tokio::join!(first.now(), second.now())
    })
    .await;
    assert_ne!(one.unwrap().name, other.unwrap().name);
    let shelf: Vec<_> = files(&bench.folder().join("backups")).into_keys().collect();
    assert_eq!(shelf.len(), 2, "nothing unfinished is left: {shelf:?}");
    #[cfg(unix)]
    for backup in shelf {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(backup).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn s6_each_kind_of_backup_is_counted_by_itself() {
    let (folder, oldest) = closed_with_backup().await;
    let workspace = tries(folder.path()).await.unwrap();
    workspace.settings().set("backups.keep", "7").await.unwrap();
    for _ in 0..6 {
        workspace.backups().now().await.unwrap();
    }
    workspace.close().await;
    unlocked(folder.path()).await.restore(&oldest).await.unwrap();
    let of = |reason: BackupReason| {
        let all = closed_backups(&folder.path().join("workspace")).unwrap().backups;
        all.iter().filter(|backup| backup.reason == reason).count()
    };
    assert_eq!((of(BackupReason::ByHand), of(BackupReason::BeforeRestore)), (7, 1), "a restore takes none of another kind");
    tries(folder.path()).await.unwrap().backups().now().await.unwrap();
    assert_eq!(of(BackupReason::ByHand), 5, "what was restored keeps as many as by default");
}

#[tokio::test]
async fn s6_what_a_killed_backup_left_is_removed_by_the_next() {
    let bench = Bench::new().await;
    let shelf = bench.folder().join("backups");
    fs::create_dir(&shelf).unwrap();
    for left in [".unfinished.db", ".unfinished.db-journal"] {
        fs::write(shelf.join(left), b"half").unwrap();
    }
    let made = bench.workspace.backups().now().await.unwrap().name;
    assert_eq!(files(&shelf).into_keys().collect::<Vec<_>>(), [shelf.join(made)]);
}

async fn open_at(folder: &Path, clock: &Arc<FixedClock>) -> Workspace {
    let clock: Arc<dyn latchkey::clock::Clock> = clock.clone();
    Workspace::open(folder.join("workspace"), None, Seams { clock, ..seams(folder) }).await.unwrap()
}

#[tokio::test]
async fn s6_backups_are_made_by_themselves_when_due_and_only_so_many_are_kept() {
    const HOUR: Duration = Duration::from_hours(1);
    let (folder, by_hand) = closed_with_backup().await;
    // The one that was made by hand is long ago by this clock.
    let clock = Arc::new(FixedClock::new(Timestamp::now()));
    clock.advance(30 * HOUR);
    let workspace = open_at(folder.path(), &clock).await;
    assert!(workspace.log_indexed(Duration::from_mins(1)).await, "what is indexed later is written later");
    let backups = workspace.backups();
    let change = async |number: usize| {
        workspace.tokens().save(text_token(&format!("Change {number}"), "some-value"), None).await.unwrap();
    };
    assert!(backups.make_if_due().await.unwrap().is_some(), "a token was saved since the last one");
    clock.advance(30 * HOUR);
    assert!(backups.make_if_due().await.unwrap().is_none(), "nothing was written since");
    change(0).await;
    workspace.settings().set("backups.every_hours", "31").await.unwrap();
    assert!(backups.make_if_due().await.unwrap().is_none(), "not old enough");
    workspace.settings().set("backups.every_hours", "0").await.unwrap();
    clock.advance(1000 * HOUR);
    assert!(backups.make_if_due().await.unwrap().is_none(), "never");
    workspace.settings().set("backups.every_hours", "1").await.unwrap();
    workspace.settings().set("backups.keep", "2").await.unwrap();
    for number in 1..5 {
        change(number).await;
        clock.advance(2 * HOUR);
        let made = backups.make_if_due().await.unwrap().unwrap();
        assert_eq!(made.reason, BackupReason::Automatic);
        assert_eq!(backups.list().await.unwrap().backups[0], made, "the newest is first");
    }
    let list = backups.list().await.unwrap();
    let automatic = list.backups.iter().filter(|backup| backup.reason == BackupReason::Automatic).count();
    assert_eq!(automatic, 2);
    assert!(list.backups.iter().any(|backup| backup.name == by_hand), "those made by hand are counted apart");

    // The machine's clock was wrong by years for a while.
    clock.advance(50_000 * HOUR);
    change(5).await;
    backups.make_if_due().await.unwrap().unwrap();
    clock.set_wall(Timestamp::now().checked_add(60 * HOUR).unwrap());
    change(6).await;
    let made = backups.make_if_due().await.unwrap().expect("a backup of the future says nothing about the age of the last");
    assert!(backups.list().await.unwrap().backups.contains(&made), "and does not push a new one out");
}

#[tokio::test]
async fn s6_a_backup_that_fails_is_told_and_fails_nothing_else() {
    let bench = Bench::new().await;
    bench.orders().await;
    fs::write(bench.folder().join("backups"), b"a file where the folder should be").unwrap();
    bench.workspace.backups().make_if_due().await.unwrap_err();
    fs::remove_file(bench.folder().join("backups")).unwrap();
    fs::create_dir(bench.folder().join("backups")).unwrap();
    let problem = bench.workspace.backups().list().await.unwrap().problem.unwrap();
    assert!(problem.message.contains("backups"), "{problem}");
    bench.token(text_token("Still works", "a-value")).await;
    bench.workspace.backups().make_if_due().await.unwrap().unwrap();
    assert!(bench.workspace.backups().list().await.unwrap().problem.is_none());
}

#[tokio::test]
async fn s1_a_backup_holds_no_plain_text_and_opens_after_the_passphrase_was_changed() {
    let bench = Bench::new().await;
    let marker = "a marker that must not be readable";
    bench.token(text_token(marker, "secret-of-the-token")).await;
    let backup = bench.workspace.backups().now().await.unwrap();
    let bytes = fs::read(bench.folder().join("backups").join(&backup.name)).unwrap();
    for plain in [marker.as_bytes(), b"SQLite format 3", b"secret-of-the-token"] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain));
    }
    bench.workspace.set_passphrase("four words of test".into()).await.unwrap();
    assert_eq!(bench.workspace.unlocked().contents(&backup.name).await.unwrap().tokens, 1);
    #[expect(clippy::cast_precision_loss, reason = "small sizes")]
    let size = bytes.len() as f64;
    assert!((bench.workspace.storage().await.unwrap().backups_bytes - size).abs() < 1.0);
}

#[tokio::test]
async fn s6_a_database_of_an_older_format_is_backed_up_before_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1"), folder.path());
    let before = fs::read(database(folder.path())).unwrap();
    // Without a backup nothing is changed.
    let shelf = folder.path().join("workspace/backups");
    fs::write(&shelf, b"a file where the folder should be").unwrap();
    assert!(matches!(tries(folder.path()).await, Err(OpenFailure::Store(_))));
    assert!(fs::read(database(folder.path())).unwrap() == before);
    fs::remove_file(&shelf).unwrap();

    let workspace = tries(folder.path()).await.unwrap();
    let backups = workspace.backups().list().await.unwrap().backups;
    assert_eq!(backups.iter().map(|backup| backup.reason).collect::<Vec<_>>(), [BackupReason::BeforeUpdate]);
    let all = names(&workspace).await;
    workspace.close().await;
    drop(tries(folder.path()).await.unwrap());
    assert_eq!(files(&shelf).len(), 1, "only when the format changes");
    // It is of the older format, and becomes one of the newest when it is opened.
    unlocked(folder.path()).await.restore(&backups[0].name).await.unwrap();
    assert_eq!(names(&tries(folder.path()).await.unwrap()).await, all);
}

#[tokio::test]
async fn s6_a_run_under_way_holds_the_workspace_until_it_is_recorded() {
    let bench = Bench::new().await;
    let (_, connector_id) = bench.orders().await;
    let backup = bench.workspace.backups().now().await.unwrap().name;
    let gate = Gate::closed();
    let waits = gate.clone();
    bench.api_answers(move |_, _| Answer::json(200, &json!({})).held(&waits));
    let server = bench.server.clone();
    let folder = bench.close().await;
    let workspace = tries(folder.path()).await.unwrap();
    let run = workspace.execute(ExecutionRequest { connector_id, ..ExecutionRequest::default() }).await.unwrap();
    let unlocked = workspace.unlocked();
    server.arrived("/orders", 1).await;
    workspace.close().await;
    let refused = unlocked.restore(&backup).await.unwrap_err();
    assert!(refused.next_step.contains("runs under way"), "{refused}");
    gate.open();
    within("the run", run.outcome()).await.unwrap();
    unlocked.restore(&backup).await.unwrap();
}
