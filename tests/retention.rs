//! How long executions are kept: by age, by size, in small steps, beside runs, by several programs at once, interrupted.
#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use latchkey::clock::{Clock, FixedClock, to_millis};
use latchkey::log::{Keeper, LogLimits, Timeline, text_of};
use latchkey::store::executions::{self, ExecutionQuery, ExecutionRow};
use latchkey::store::{Database, space};
use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use support::drafts::connector;
use support::{Answer, Bench};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const LONG: Duration = Duration::from_mins(10);

/// A database that holds nothing but a log, and a clock that stands at a Monday noon.
struct Log {
    database: Arc<Database>,
    clock: FixedClock,
    folder: TempDir,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = open(folder.path());
        Self { database, clock: FixedClock::new("2026-01-26T12:00:00Z".parse::<Timestamp>().unwrap()), folder }
    }

    fn now(&self) -> i64 {
        to_millis(self.clock.now())
    }

    /// Records executions that began at these moments, with records of so many bytes, and brings them into the index.
    fn record(&self, moments: impl IntoIterator<Item = i64>, bytes: usize) -> Vec<i64> {
        let seqs = record(&self.database, moments, bytes);
        self.database.index_log(text_of).unwrap();
        seqs
    }

    fn keep(&self, limits: LogLimits) -> usize {
        let kept = Keeper::default().keep(&self.database, &self.clock, limits, LONG, &|| false).unwrap();
        assert!(!kept.more, "nothing is left to do");
        kept.deleted
    }

    fn used(&self) -> u64 {
        self.database.read(space).unwrap().used_bytes()
    }
}

fn open(folder: &Path) -> Arc<Database> {
    Arc::new(Database::open(folder.join("workspace.db"), KEY).unwrap())
}

fn record(database: &Arc<Database>, moments: impl IntoIterator<Item = i64>, bytes: usize) -> Vec<i64> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let record = format!("{{\"text\":\"{}\"}}", "x".repeat(bytes));
    let entries = moments.into_iter().map(|created_at_ms| ExecutionRow {
        seq: 0,
        customer: None,
        id: format!("e{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        connector_id: "c1".into(),
        created_at_ms,
        source_type: "test".into(),
        success: created_at_ms % 2 == 0,
        error_type: (created_at_ms % 2 != 0).then(|| "faraday_error".into()),
        http_status: None,
        execution_time_ms: 10,
        refreshes: 0,
        sentence: "It ran.".into(),
    });
    // One after the other, so that the order of the log is that of the moments.
    entries.map(|row| runtime.block_on(database.record(row, record.clone())).unwrap()).collect()
}

/// The log, oldest first, by `seq`.
fn rows(database: &Database) -> Vec<ExecutionRow> {
    let mut rows = Vec::new();
    let mut before = None;
    loop {
        let query = ExecutionQuery { before, limit: 200, ..ExecutionQuery::default() };
        let page = database.read(|connection| executions::list(connection, &query)).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        rows.extend(page);
    }
    rows.reverse();
    rows
}

/// What is counted by time is what is there, in the records too.
fn assert_counted(log: &Log) {
    let rows = rows(&log.database);
    let (count, records): (i64, i64) = log
        .database
        .read(|connection| {
            let records = connection.query_row("SELECT count(*) FROM execution_records", [], |row| row.get(0))?;
            Ok((executions::count(connection)?, records))
        })
        .unwrap();
    assert_eq!((count, records), (i64::try_from(rows.len()).unwrap(), count));
    let query =
        ExecutionQuery { since_ms: Some(log.now() - 400 * DAY), until_ms: Some(log.now() + 400 * DAY), ..Default::default() };
    let timeline =
        log.database.read(|connection| Timeline::read(connection, &query, 900, log.now(), &|| false)).unwrap().unwrap();
    let counted = timeline.buckets.iter().map(|bucket| bucket.succeeded + bucket.failed).sum::<u32>();
    assert_eq!(counted as usize, rows.len(), "what was deleted is counted no more");
}

const WEEK: LogLimits = LogLimits { days: 7, mib: 1024 };
const SMALL: LogLimits = LogLimits { days: 3650, mib: 16 };

#[test]
fn what_is_older_than_the_days_goes_and_what_seems_to_be_from_the_future_stays() {
    let log = Log::new();
    let moments: Vec<_> = (-300..=30).map(|hours| log.now() + hours * HOUR + 1).collect();
    // One of them was recorded later than newer ones, as happens when a clock is set back.
    log.record(moments.iter().copied().chain([log.now() - 20 * DAY, log.now()]), 100);
    // The newest began 30 hours ahead of the clock.
    assert_eq!(log.keep(WEEK), 300 - 7 * 24 + 1);
    let left = rows(&log.database);
    assert!(left.iter().all(|row| row.created_at_ms >= log.now() - 7 * DAY), "{left:?}");
    assert_eq!(left.len(), 7 * 24 + 1 + 30 + 1);
    assert_counted(&log);
    assert_eq!(log.keep(WEEK), 0, "there is nothing left to do");
}

#[test]
fn a_seq_is_never_used_twice_even_when_the_whole_log_went() {
    let log = Log::new();
    let seqs = log.record((0..50).map(|n| log.now() - 30 * DAY + n), 10);
    // The newest is 30 days old, so the clock has leapt, and is believed a day later.
    assert_eq!(log.keep(WEEK), 0);
    log.clock.advance(Duration::from_hours(25));
    assert_eq!(log.keep(WEEK), 50);
    assert!(rows(&log.database).is_empty());
    assert!(log.record([log.now()], 10)[0] > *seqs.last().unwrap());
    assert_counted(&log);
}

#[test]
fn a_clock_that_leaps_ahead_and_back_costs_nothing() {
    let log = Log::new();
    log.record((0..20).map(|n| log.now() + n), 10);
    assert_eq!(log.keep(WEEK), 0);
    let right = log.clock.now();
    log.clock.set_wall("2031-06-01T00:00:00Z".parse().unwrap());
    log.record([log.now()], 10);
    assert_eq!(log.keep(WEEK), 0);
    log.clock.set_wall(right);
    log.clock.advance(Duration::from_hours(26));
    assert_eq!(log.keep(WEEK), 0);
    assert_eq!(rows(&log.database).len(), 21);
}

#[test]
fn above_the_size_the_oldest_go_and_the_file_shrinks() {
    let log = Log::new();
    log.record((0..2600).map(|n| log.now() + n), 9000);
    let (used, file) = (log.used(), log.database.size_bytes());
    assert!(used > 20 << 20, "{used}");
    let deleted = log.keep(SMALL);
    let left = rows(&log.database);
    assert_eq!(left.len(), 2600 - deleted);
    assert_eq!(
        left.last().unwrap().seq - left[0].seq + 1,
        i64::try_from(left.len()).unwrap(),
        "the oldest went, and no others"
    );
    assert_eq!(left.last().unwrap().created_at_ms, log.now() + 2599);
    assert!(log.used() <= SMALL.bytes() / 100 * 95, "{}", log.used());
    assert!(log.used() > SMALL.bytes() / 100 * 80, "no more than is necessary: {}", log.used());
    let shrunk = log.database.size_bytes();
    assert!(shrunk < SMALL.bytes() && shrunk < file / 100 * 80, "{file} became {shrunk}");
    assert_counted(&log);
    log.database.check().unwrap();
    let search = ExecutionQuery { words: Some("\"It\"".into()), limit: 10, ..ExecutionQuery::default() };
    log.database.read(|connection| executions::list(connection, &search)).unwrap();
    assert_eq!(log.keep(SMALL), 0);
}

#[test]
fn what_is_not_in_the_index_yet_is_deleted_too_and_never_counted() {
    let log = Log::new();
    record(&log.database, (0..2600).map(|n| log.now() + n), 9000);
    assert!(log.keep(SMALL) > 0);
    assert_counted(&log);
    log.database.index_log(text_of).unwrap();
    assert_counted(&log);
}

#[test]
fn stopped_after_any_step_and_opened_again_it_goes_on() {
    let mut log = Log::new();
    log.record((0..400).map(|n| log.now() - 400 * HOUR + n * HOUR), 2000);
    let mut runner = TestRunner::new(Config { cases: 1, failure_persistence: None, ..Config::default() });
    let stops = |after: usize| {
        let steps = AtomicUsize::new(0);
        move || steps.fetch_add(1, Ordering::Relaxed) >= after
    };
    let drawn = std::cell::RefCell::new(Vec::new());
    runner
        .run(&vec(0..4_usize, 20..40), |steps| {
            drop(drawn.replace(steps));
            Ok(())
        })
        .unwrap();
    let mut deleted = 0;
    for steps in drawn.into_inner() {
        let kept = Keeper::default().keep(&log.database, &log.clock, WEEK, LONG, &stops(steps)).unwrap();
        deleted += kept.deleted;
        assert_counted(&log);
        let folder = log.folder.path().to_owned();
        let Log { database, clock, folder: kept_folder } = log;
        drop(database);
        log = Log { database: open(&folder), clock, folder: kept_folder };
    }
    deleted += log.keep(WEEK);
    assert_eq!(deleted, 400 - 7 * 24);
    assert_counted(&log);
}

#[test]
fn two_that_keep_one_log_at_once_delete_each_execution_once_while_others_are_recorded() {
    let log = Log::new();
    log.record((0..1200).map(|n| log.now() - 400 * HOUR + n * HOUR / 3), 3000);
    let other = open(log.folder.path());
    let recorded = AtomicBool::new(false);
    let (one, two, new) = std::thread::scope(|scope| {
        let (log, recorded) = (&log, &recorded);
        let keep = move |database: &Arc<Database>| {
            let mut deleted = 0;
            // Until the recording beside it is done, too.
            loop {
                let done = recorded.load(Ordering::Acquire);
                deleted += Keeper::default().keep(database, &log.clock, WEEK, LONG, &|| false).unwrap().deleted;
                if done {
                    return deleted;
                }
            }
        };
        let one = scope.spawn(move || keep(&log.database));
        let other = &other;
        let two = scope.spawn(move || keep(other));
        let new: Vec<_> = (0..40).flat_map(|n| record(&log.database, [log.now() + n], 100)).collect();
        recorded.store(true, Ordering::Release);
        (one.join().unwrap(), two.join().unwrap(), new)
    });
    assert_eq!(one + two, 1200 - 7 * 24 * 3, "{one} and {two}");
    let left = rows(&log.database);
    assert_eq!(left.len(), 7 * 24 * 3 + 40);
    assert!(new.iter().all(|seq| left.iter().any(|row| row.seq == *seq)), "what was acknowledged meanwhile is there");
    log.database.index_log(text_of).unwrap();
    assert_counted(&log);
    log.database.check().unwrap();
}

#[test]
fn an_hour_that_is_counted_although_nothing_is_left_of_it_keeps_nothing_up() {
    let log = Log::new();
    log.record((0..10).map(|n| log.now() - 9 * DAY + n), 10);
    log.database.write(|t| Ok(t.execute_batch("UPDATE log_buckets SET succeeded = succeeded + 3")?)).unwrap();
    log.record([log.now()], 10);
    assert_eq!(log.keep(WEEK), 10);
    let counted: i64 = log
        .database
        .read(|c| Ok(c.query_row("SELECT count(*) FROM log_buckets WHERE seconds = 3600", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(counted, 2, "that of the newest, for all and for its connector");
}

#[tokio::test]
async fn a_workspace_keeps_its_log_and_leaves_its_backups() {
    let clock = Arc::new(FixedClock::new("2026-01-26T12:00:00Z".parse().unwrap()));
    let bench = Bench::at(&clock).await;
    bench.server.answers(|_| Answer::json(200, &serde_json::json!({})));
    let id = bench.connector(connector("Orders", &bench.server.at("/orders"), &[])).await;
    for _ in 0..3 {
        bench.run(&id).await;
    }
    let backup = bench.workspace.backups().now().await.unwrap();
    let shelf = bench.workspace.backups().list().await.unwrap().backups;
    bench.workspace.settings().set("logs.retention_days", "2").await.unwrap();
    for _ in 0..4 {
        clock.advance(Duration::from_hours(23));
        bench.run(&id).await;
        assert!(bench.workspace.log_indexed(Duration::from_secs(20)).await);
        assert!(!bench.workspace.keep_log_for(LONG).await.unwrap());
    }
    let storage = bench.workspace.executions().storage().await.unwrap();
    assert_eq!((storage.executions, storage.days, storage.limit_bytes), (3, 2, 1_073_741_824.0));
    assert_eq!(storage.oldest_at.as_deref(), Some("2026-01-28T10:00:00.000Z"), "{storage:?}");
    assert!(storage.used_bytes > 0.0);
    let after = bench.workspace.backups().list().await.unwrap().backups;
    let names = |backups: &[latchkey::workspace::BackupView]| backups.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&after), names(&shelf));
    assert_eq!(bench.workspace.unlocked().contents(&backup.name).await.unwrap().executions, 3);
}
