use proptest::prelude::*;

use super::super::tests::{Temporary, execution};
use super::*;

/// A Monday at noon, in seconds.
const NOON: i64 = 1_769_428_800;

fn row(seq: i64, connector_id: &str, second: i64, error_type: Option<&str>) -> ExecutionRow {
    ExecutionRow {
        seq,
        created_at_ms: second * 1000 + 999,
        success: error_type.is_none(),
        error_type: error_type.map(ToOwned::to_owned),
        execution_time_ms: 10 + seq,
        ..execution(&format!("e{seq}"), connector_id)
    }
}

/// Every row of a resolution, counted anew from the executions.
fn recounted(rows: &[ExecutionRow], resolution: Resolution, whose: &str) -> BTreeMap<i64, Counts> {
    let mut counted = BTreeMap::<i64, Counts>::new();
    for row in rows.iter().filter(|row| whose.is_empty() || row.connector_id == whose) {
        let seconds = resolution.seconds() * 1000;
        let start = (row.created_at_ms - row.created_at_ms.rem_euclid(seconds)) / 1000;
        counted.entry(start).or_default().add(row.success, row.error_type.as_deref(), row.execution_time_ms);
    }
    counted
}

fn stored(store: &Temporary, resolution: Resolution, whose: &str) -> BTreeMap<i64, Counts> {
    let mut found = BTreeMap::new();
    let whose = if whose.is_empty() { Whose::Everybodys } else { Whose::Of(whose) };
    store
        .read(|c| {
            between(c, resolution, whose, (i64::MIN, i64::MAX), |start, counts| drop(found.insert(start, counts.clone())))
        })
        .unwrap();
    found
}

fn with_minutes_from(start: i64) -> Temporary {
    let store = Temporary::new();
    store.write(|t| Ok(t.execute("UPDATE log_minutes_from SET start = ?1", [start])?)).unwrap();
    store
}

fn assert_recounted(store: &Temporary, rows: &[ExecutionRow]) {
    for resolution in [Resolution::Minute, Resolution::Hour] {
        for whose in ["", "c1", "c2"] {
            assert_eq!(stored(store, resolution, whose), recounted(rows, resolution, whose), "{resolution:?} of {whose:?}");
        }
    }
}

#[test]
fn a_run_that_waits_for_a_code_is_neither_success_nor_failure_and_a_refused_one_took_no_time() {
    let mut counts = Counts::default();
    counts.add(true, None, 20);
    counts.add(false, Some("email_verification_required"), 5);
    counts.add(false, Some("circuit_open"), 0);
    counts.add(false, Some("faraday_error"), 30);
    assert_eq!((counts.succeeded, counts.failed, counts.pending, counts.total()), (1, 2, 1, 4));
    assert_eq!(counts.by_error.keys().collect::<Vec<_>>(), ["circuit_open", "faraday_error"]);
    assert_eq!(counts.failure_durations.percentile(50), Some(30), "what was not sent does not make the API look quick");
}

#[test]
fn the_oldest_hour_is_known_for_all_and_for_each_and_goes_with_its_last_execution() {
    let store = with_minutes_from(NOON);
    let rows = [(3, "c1", 0), (4, "c2", 30), (5, "c1", 61), (12, "c1", -10)];
    let rows = rows.map(|(seq, connector, second)| row(seq, connector, NOON + second, None));
    store.write(|t| add(t, &rows)).unwrap();
    let oldest_of = |resolution, whose| store.read(|c| oldest(c, resolution, whose)).unwrap();
    assert_eq!(oldest_of(Resolution::Hour, Whose::Everybodys), Some(NOON - 3600));
    assert_eq!(oldest_of(Resolution::Hour, Whose::Of("c2")), Some(NOON));
    assert_eq!(oldest_of(Resolution::Minute, Whose::Everybodys), Some(NOON), "before that no minutes are counted");
    store.write(|t| subtract(t, &rows)).unwrap();
    assert_eq!(oldest_of(Resolution::Hour, Whose::Everybodys), None);
    assert_eq!(oldest_of(Resolution::Minute, Whose::Of("c2")), None);
}

#[test]
fn successes_and_failures_are_told_apart() {
    let mut counts = Counts::default();
    counts.add(true, None, 20);
    counts.add(false, Some("faraday_error"), 30);
    let (good, bad) = (counts.only(true), counts.only(false));
    assert_eq!((good.succeeded, good.failed, good.durations().percentile(95)), (1, 0, Some(20)));
    assert_eq!((bad.succeeded, bad.failed, bad.durations().percentile(50)), (0, 1, Some(30)));
    assert_eq!(counts.durations().count(), 2);
}

#[test]
fn minutes_are_forgotten_in_steps_and_stay_forgotten() {
    let store = with_minutes_from(NOON);
    let rows: Vec<_> = (0..10).map(|n| row(n, if n % 2 == 0 { "c1" } else { "c2" }, NOON + n * 60, None)).collect();
    store.write(|t| add(t, &rows)).unwrap();
    let forget = |limit| store.write(|t| forget_minutes_before(t, NOON + 5 * 60 + 59, limit)).unwrap();
    assert_eq!((forget(4), forget(4), forget(4), forget(4)), (4, 4, 2, 0), "five minutes, each twice");
    assert_eq!(store.read(minutes_from).unwrap(), NOON + 300);
    assert_eq!(
        stored(&store, Resolution::Minute, "").into_keys().collect::<Vec<_>>(),
        [300, 360, 420, 480, 540].map(|s| NOON + s)
    );
    store.write(|t| add(t, &[row(10, "c1", NOON, None)])).unwrap();
    assert_eq!(stored(&store, Resolution::Minute, "").len(), 5, "a late one is counted by its hour alone");
    store.write(|t| forget_minutes_before(t, NOON, 100)).unwrap();
    assert_eq!(store.read(minutes_from).unwrap(), NOON + 300, "what is gone does not come back");
    store.write(|t| subtract(t, &rows)).unwrap();
    assert_eq!(stored(&store, Resolution::Hour, "").len(), 1);
    assert!(stored(&store, Resolution::Minute, "").is_empty());
}

#[test]
fn a_damaged_row_is_an_error_and_no_panic() {
    let store = with_minutes_from(NOON);
    store.write(|t| add(t, &[row(1, "c1", NOON, Some("faraday_error"))])).unwrap();
    for packed in ["x''", "x'01'", "x'01ff'", "x'0102c3c3'", "x'0001'"] {
        store.write(|t| Ok(t.execute_batch(&format!("UPDATE log_buckets SET packed = {packed}"))?)).unwrap();
        let read = store.read(|c| between(c, Resolution::Hour, Whose::Everybodys, (0, i64::MAX), |_, _| ()));
        assert!(read.is_err(), "{packed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn added_and_deleted_in_any_order_it_is_as_if_counted_anew(
        drawn in prop::collection::vec(
            (any::<bool>(), -8000..8000_i64, 0..4_u8, any::<bool>()), 1..60
        ),
        steps in 1..7_usize,
    ) {
        let store = with_minutes_from(NOON - 100_000);
        let rows: Vec<_> = (1..).zip(drawn).map(|(seq, (first, second, ended, gone))| {
            let ended = [None, Some("faraday_error"), Some("email_verification_required"), Some("circuit_open")][usize::from(ended)];
            (row(seq, if first { "c1" } else { "c2" }, NOON + second, ended), gone)
        }).collect();
        // Each step adds some, then deletes what is to go of these.
        for chunk in rows.chunks(steps) {
            let all: Vec<_> = chunk.iter().map(|(row, _)| row.clone()).collect();
            let gone: Vec<_> = chunk.iter().filter(|(_, gone)| *gone).map(|(row, _)| row.clone()).collect();
            store.write(|t| add(t, &all)).unwrap();
            store.write(|t| subtract(t, &gone)).unwrap();
        }
        let left: Vec<_> = rows.into_iter().filter(|(_, gone)| !gone).map(|(row, _)| row).collect();
        assert_recounted(&store, &left);
    }
}
