//! Recorded executions and the write-ahead log (S6).

use super::*;

#[test]
fn s6_what_a_killed_process_left_in_the_log_is_there_again_whoever_tried_before() {
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", "1")).unwrap();
    runtime().block_on(store.record(execution("e1", "c1"), "{}".into())).unwrap();
    // Files as a killed process leaves them: the commits are in the log only.
    let left = tempfile::tempdir().unwrap();
    for name in ["workspace.db", "workspace.db-wal"] {
        std::fs::copy(store.folder.path().join(name), left.path().join(name)).unwrap();
    }
    let path = left.path().join("workspace.db");
    assert_eq!(failure_of(Database::open(&path, OTHER_KEY)), StoreFailure::WrongKey);
    let again = Database::open(&path, KEY).unwrap();
    assert_eq!(setting(&again, "a").as_deref(), Some("1"));
    assert_eq!(again.read(executions::count).unwrap(), 1);
}

#[test]
fn s6_an_execution_is_acknowledged_after_its_commit() {
    let store = Temporary::new();
    let other = Database::open(store.path(), KEY).unwrap();
    let seq = runtime().block_on(store.record(execution("e1", "c1"), "{\"whole\":true}".into())).unwrap();
    assert_eq!(other.read(executions::last_seq).unwrap(), seq);
    assert_eq!(other.read(|c| executions::record(c, "e1")).unwrap().as_deref(), Some("{\"whole\":true}"));
}

#[test]
fn s6_one_refused_execution_does_not_take_its_group_along() {
    let store = Temporary::new();
    let mut recordings = ["e1", "e2", "e1", "e3"].map(|id| Box::pin(store.record(execution(id, "c1"), "{}".into())));
    // While a write goes on, what is handed over waits and becomes one group.
    let hand_over = async {
        for recording in &mut recordings {
            assert_eq!(
                futures_util::future::poll_immediate(recording).await,
                None,
                "nothing is committed while another writes"
            );
        }
    };
    let handed_over = store.write(|_| {
        runtime().block_on(hand_over);
        Ok(())
    });
    handed_over.unwrap();
    let outcomes = runtime().block_on(futures_util::future::join_all(recordings));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    assert_eq!(outcomes[2], Err(StoreFailure::Taken));
    let news = store.read(|c| executions::newer_than(c, 0, 10)).unwrap();
    assert_eq!(news.iter().map(|one| one.execution_id.as_str()).collect::<Vec<_>>(), ["e1", "e2", "e3"]);
    let seqs: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
    assert_eq!(news.iter().map(|one| one.seq).collect::<Vec<_>>(), seqs, "each caller is told its own");
}

#[test]
fn s6_what_was_handed_over_is_recorded_before_the_database_closes() {
    let store = Temporary::new();
    let folder = {
        let database = store.database.clone();
        runtime().block_on(async {
            for number in 0..20 {
                let recording = database.record(execution(&format!("e{number}"), "c1"), "{}".into());
                // The caller goes away right after it handed the entry over.
                let _ = futures_util::future::poll_immediate(Box::pin(recording)).await;
            }
        });
        drop(database);
        store.close()
    };
    let again = Database::open(folder.path().join("workspace.db"), KEY).unwrap();
    assert_eq!(again.read(executions::count).unwrap(), 20);
}

#[test]
fn s6_a_log_that_closing_left_is_there_for_whoever_opens_next() {
    let store = Temporary::new();
    store.write(|t| tokens::insert(t, &token("t1", "Main"))).unwrap();
    store.database.leave_small_log().unwrap();
    let folder = store.close();
    let (path, log) = (folder.path().join("workspace.db"), folder.path().join("workspace.db-wal"));
    assert!(std::fs::metadata(&log).unwrap().len() > 0, "the log stays");
    let database = Database::open(&path, KEY).unwrap();
    assert!(database.read(|c| tokens::get(c, "t1")).unwrap().is_some());
    drop(database);
    assert!(!log.exists(), "whoever is not in a hurry moves it into the file");
    let database = Database::open(&path, KEY).unwrap();
    assert!(database.read(|c| tokens::get(c, "t1")).unwrap().is_some());
}

#[test]
fn s6_a_large_log_is_moved_into_the_file_all_the_same() {
    let store = Temporary::new();
    let big = SecretString::from("x".repeat(2 * 1024 * 1024));
    store.write(|t| tokens::insert(t, &TokenRow { config: big.clone(), ..token("t1", "Main") })).unwrap();
    store.database.leave_small_log().unwrap();
    let folder = store.close();
    assert!(!folder.path().join("workspace.db-wal").exists());
}
