//! What is not opened: other keys, other files, damage (S1, S6).

use super::*;

#[test]
fn s1_another_key_is_refused_and_changes_nothing() {
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", "1")).unwrap();
    let folder = store.close();
    let path = folder.path().join("workspace.db");
    let before = std::fs::read(&path).unwrap();
    assert_eq!(failure_of(Database::open(&path, OTHER_KEY)), StoreFailure::WrongKey);
    for no_key in ["", "00", &"g".repeat(64), &format!("{}'; --", &KEY[..60])] {
        assert_eq!(failure_of(Database::open(&path, no_key)), StoreFailure::WrongKey);
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(setting(&Database::open(&path, KEY).unwrap(), "a").as_deref(), Some("1"));
}

#[test]
fn s1_a_plain_database_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workspace.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE plain (a)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(failure_of(Database::open(&path, KEY)), StoreFailure::NotEncrypted { .. }));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn s6_a_cut_file_and_a_changed_page_are_damage() {
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", &"x".repeat(100_000))).unwrap();
    store.check().unwrap();
    let folder = store.close();
    let path = folder.path().join("workspace.db");
    let whole = std::fs::read(&path).unwrap();

    std::fs::write(&path, &whole[..1000]).unwrap();
    assert!(matches!(failure_of(Database::open(&path, KEY)), StoreFailure::Damaged(_)));

    let mut changed = whole.clone();
    let middle = changed.len() - 3 * 4096 + 100;
    changed[middle] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    assert!(matches!(failure_of(Database::open(&path, KEY)), StoreFailure::Damaged(_)), "a small table is checked at once");
    assert!(std::fs::read(&path).unwrap() == changed, "what is damaged is left as it is");
}

#[test]
fn s6_a_changed_page_of_the_log_is_found_by_a_whole_check_and_by_reading_it() {
    let store = Temporary::new();
    runtime().block_on(store.record(execution("e1", "c1"), "x".repeat(100_000))).unwrap();
    store.check().unwrap();
    let folder = store.close();
    let path = folder.path().join("workspace.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() - 3 * 4096 + 100;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let whole = Opening { made: true, check: Extent::Whole, before_update: &|_| Ok(()), in_use: None };
    assert!(matches!(failure_of(Database::open_with(&path, KEY, whole)), StoreFailure::Damaged(_)));

    let database = Database::open(&path, KEY).unwrap();
    assert_eq!(database.damage(), None);
    let read = database.read(|c| executions::record(c, "e1")).unwrap_err();
    assert!(matches!(read, StoreFailure::Damaged(_)), "{read:?}");
    assert!(database.damage().is_some(), "what was met is remembered");
    let found = database.check().unwrap_err();
    assert!(matches!(found, StoreFailure::Damaged(_)), "{found:?}");
}

#[test]
fn s6_a_damaged_file_keeps_its_log_byte_for_byte() {
    let store = Temporary::new();
    store.write(|t| settings::put(t, "a", &"x".repeat(100_000))).unwrap();
    let left = tempfile::tempdir().unwrap();
    for name in ["workspace.db", "workspace.db-wal"] {
        std::fs::copy(store.folder.path().join(name), left.path().join(name)).unwrap();
    }
    let (path, log) = (left.path().join("workspace.db"), left.path().join("workspace.db-wal"));
    let mut changed = std::fs::read(&path).unwrap();
    changed[3] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    let logged = std::fs::read(&log).unwrap();
    assert_eq!(failure_of(Database::open(&path, KEY)), StoreFailure::WrongKey);
    assert!(std::fs::read(&path).unwrap() == changed && std::fs::read(&log).unwrap() == logged);

    std::fs::write(&path, b"").unwrap();
    let made = Opening { made: true, check: Extent::Whole, before_update: &|_| Ok(()), in_use: None };
    assert_eq!(failure_of(Database::open_with(&path, KEY, made)), StoreFailure::Missing);
    assert!(std::fs::read(&log).unwrap() == logged, "SQLite itself would remove the log of an empty file");
}

#[test]
fn a_newer_format_is_refused_with_a_clear_sentence() {
    let store = Temporary::new();
    store.write(|t| Ok(t.pragma_update(None, "user_version", 99)?)).unwrap();
    let folder = store.close();
    let refused = failure_of(Database::open(folder.path().join("workspace.db"), KEY));
    assert_eq!(refused, StoreFailure::Newer { found: 99, known: 6 });
    assert!(refused.sentence().contains("newer version"), "{}", refused.sentence());
    assert!(refused.next_step().contains("Update"));
}

#[test]
fn s6_a_broken_first_page_is_told_from_a_wrong_key_whatever_the_size_of_pages() {
    for store in [Temporary::new(), with_pages_of_8192()] {
        store.write(|t| settings::put(t, "a", "1")).unwrap();
        let folder = store.close();
        let path = folder.path().join("workspace.db");
        let mut changed = std::fs::read(&path).unwrap();
        changed[100] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        assert!(matches!(failure_of(Database::open(&path, KEY)), StoreFailure::Damaged(_)));
        assert_eq!(failure_of(Database::open(&path, OTHER_KEY)), StoreFailure::WrongKey);
        assert!(std::fs::read(&path).unwrap() == changed, "what is damaged is left as it is");
    }
}

#[test]
fn a_folder_that_is_not_there_is_a_clear_failure() {
    let folder = tempfile::tempdir().unwrap();
    let refused = failure_of(Database::open(folder.path().join("missing/workspace.db"), KEY));
    assert!(matches!(refused, StoreFailure::File { .. }), "{refused:?}");
}
