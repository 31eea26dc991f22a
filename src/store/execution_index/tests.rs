//! The index against a plain reference, with chunks of 16 executions and shards of 64, and half indexed, edited and
//! interrupted in every way.

use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use rstest::rstest;
use rusqlite::params_from_iter;

use super::super::executions::{ExecutionQuery, StatusFilter, delete, insert, list, walk};
use super::super::tests::{Temporary, connector, execution};
use super::super::{Database, connectors};
use super::*;

/// Records of these tests are their text.
fn text_of(record: &str) -> String {
    record.to_owned()
}

const WORDS: [&str; 5] = ["order", "shipped", "Café", "orders", "timeout"];

#[derive(Debug, Clone)]
struct Entry {
    row: ExecutionRow,
    words: Vec<usize>,
}

impl Entry {
    fn text(&self) -> String {
        self.words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ")
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    let outcome = prop_oneof![
        Just((true, None, Some(200))),
        Just((true, None, Some(204))),
        Just((false, Some("3rd_party_error"), Some(404))),
        Just((false, Some("3rd_party_error"), Some(503))),
        Just((false, Some("faraday_error"), None)),
    ];
    let source = prop::sample::select(vec!["test", "workflow"]);
    let customer = prop::sample::select(vec![None, Some("u1"), Some("U1"), Some("someone with spaces")]);
    let words = prop::collection::vec(0..WORDS.len(), 0..4);
    (0..3_u8, outcome, source, customer, -3_i64..60, words).prop_map(|(of, outcome, source, customer, jitter, words)| Entry {
        row: ExecutionRow {
            success: outcome.0,
            error_type: outcome.1.map(str::to_owned),
            http_status: outcome.2,
            source_type: source.to_owned(),
            customer: customer.map(str::to_owned),
            created_at_ms: jitter,
            ..execution("", &format!("c{of}"))
        },
        words,
    })
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.3, prop::sample::select(values))
}

fn query() -> impl Strategy<Value = ExecutionQuery> {
    let texts = |values: &[&str]| maybe(values.iter().map(|value| (*value).to_owned()).collect());
    let status = vec![StatusFilter::Exactly(404), StatusFilter::Class(2), StatusFilter::Class(5), StatusFilter::NoAnswer];
    let first = (
        texts(&["c0", "c1", "c9"]),
        maybe(vec![true, false]),
        texts(&["3rd_party_error", "faraday_error", "cancelled"]),
        texts(&["test", "fin"]),
        texts(&["u1", "someone with spaces"]),
        maybe(status),
    );
    let second = (
        prop::option::weighted(0.3, 0..300_i64),
        prop::option::weighted(0.3, 0..300_i64),
        texts(&["\"order\"", "\"order\"*", "\"cafe\" \"order\"", "\"shipped order\"", "\"nowhere\""]),
        prop::option::weighted(0.3, 0..200_i64),
        prop::option::weighted(0.1, 0..150_u32),
    );
    (first, second).prop_map(|(first, second)| ExecutionQuery {
        connector_id: first.0,
        success: first.1,
        error_type: first.2,
        source_type: first.3,
        customer: first.4,
        http_status: first.5,
        since_ms: second.0,
        until_ms: second.1,
        words: second.2,
        before: second.3,
        execution_id: second.4.map(|number| format!("e{number}")),
        limit: 1000,
    })
}

/// Whether an execution fits, told in the plainest way.
fn fits(entry: &Entry, query: &ExecutionQuery, worded: i64) -> bool {
    let row = &entry.row;
    let is = |asked: &Option<String>, found: Option<&str>| asked.as_deref().is_none_or(|asked| found == Some(asked));
    let status = match query.http_status {
        None => true,
        Some(StatusFilter::NoAnswer) => row.http_status.is_none(),
        Some(StatusFilter::Exactly(status)) => row.http_status == Some(status),
        Some(StatusFilter::Class(hundreds)) => row.http_status.is_some_and(|status| status / 100 == hundreds),
    };
    let words: Vec<&str> = entry.words.iter().map(|word| WORDS[*word]).collect();
    let has = match query.words.as_deref() {
        None => true,
        Some(_) if row.seq > worded => false,
        Some("\"order\"") => words.contains(&"order"),
        Some("\"order\"*") => words.contains(&"order") || words.contains(&"orders"),
        Some("\"cafe\" \"order\"") => words.contains(&"Café") && words.contains(&"order"),
        Some("\"shipped order\"") => words.windows(2).any(|two| two == ["shipped", "order"]),
        Some(_) => false,
    };
    is(&query.connector_id, Some(&row.connector_id))
        && is(&query.error_type, row.error_type.as_deref())
        && is(&query.source_type, Some(&row.source_type))
        && is(&query.customer, row.customer.as_deref())
        && is(&query.execution_id, Some(&row.id))
        && query.success.is_none_or(|success| row.success == success)
        && query.since_ms.is_none_or(|since| row.created_at_ms >= since)
        && query.until_ms.is_none_or(|until| row.created_at_ms < until)
        && query.before.is_none_or(|before| row.seq < before)
        && status
        && has
}

#[derive(Debug, Clone)]
enum Deed {
    Record(Vec<Entry>),
    AddFacets,
    AddWords,
    Tidy,
    Delete(Vec<prop::sample::Index>),
    Forget,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => prop::collection::vec(entry(), 1..60).prop_map(Deed::Record),
        2 => Just(Deed::AddFacets),
        3 => Just(Deed::AddWords),
        3 => Just(Deed::Tidy),
        2 => prop::collection::vec(any::<prop::sample::Index>(), 1..40).prop_map(Deed::Delete),
        1 => Just(Deed::Forget),
    ]
}

/// A log and what ought to be in it.
struct Log {
    store: Temporary,
    entries: Vec<Entry>,
    recorded: usize,
}

impl Log {
    fn do_it(&mut self, deed: Deed) {
        match deed {
            Deed::Record(entries) => {
                for mut entry in entries {
                    entry.row.id = format!("e{}", self.recorded);
                    // Time goes on, but a run that began earlier may be recorded later.
                    entry.row.created_at_ms += i64::try_from(self.recorded).unwrap();
                    entry.row.seq = self.store.write_log(|t| insert(t, &entry.row, &entry.text())).unwrap();
                    self.recorded += 1;
                    self.entries.push(entry);
                }
            }
            Deed::AddFacets => drop(self.store.write_log(|t| add_facets(t)).unwrap()),
            Deed::AddWords => {
                if let Some(texts) = self.store.read(|c| next_texts(c, text_of)).unwrap() {
                    self.store.write_log(|t| add_words(t, texts)).unwrap();
                }
            }
            Deed::Tidy => {
                for _ in 0..20 {
                    self.store.write_log(|t| tidy(t)).unwrap();
                }
            }
            Deed::Delete(which) => {
                let mut seqs: Vec<_> =
                    which.iter().filter(|_| !self.entries.is_empty()).map(|one| one.get(&self.entries).row.seq).collect();
                seqs.sort_unstable();
                seqs.dedup();
                assert_eq!(self.store.write_log(|t| delete(t, &seqs)).unwrap(), seqs.len());
                self.entries.retain(|entry| !seqs.contains(&entry.row.seq));
            }
            Deed::Forget => self.store.write_log(|t| forget_soon(t)).unwrap(),
        }
    }

    fn assert_finds(&self, query: &ExecutionQuery) {
        let worded = self.store.read(reached).unwrap().worded;
        let expected: Vec<_> = self.entries.iter().rev().filter(|entry| fits(entry, query, worded)).collect();
        let found = self.store.read(|c| list(c, query)).unwrap();
        assert_eq!(found, expected.iter().map(|entry| entry.row.clone()).collect::<Vec<_>>(), "{query:?}");
        let mut walked = Vec::new();
        let visit = |seqs: &[i64]| {
            walked.extend_from_slice(seqs);
            ControlFlow::Continue(())
        };
        self.store.read(|c| walk(c, query, visit)).unwrap();
        assert_eq!(walked, expected.iter().map(|entry| entry.row.seq).collect::<Vec<_>>());
        let page = self.store.read(|c| list(c, &ExecutionQuery { limit: 2, ..query.clone() })).unwrap();
        assert_eq!(page, found[..found.len().min(2)], "a page is the beginning");
    }

    fn assert_counts(&self) {
        let worded = self.store.read(reached).unwrap().worded;
        assert_eq!(self.store.read(count).unwrap(), i64::try_from(self.entries.len()).unwrap());
        let behind = self.entries.iter().filter(|entry| entry.row.seq > worded).count();
        assert_eq!(self.store.read(behind_of).unwrap(), i64::try_from(behind).unwrap());
    }
}

fn behind_of(connection: &Connection) -> Result<i64, StoreFailure> {
    behind(connection)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_filter_finds_what_a_plain_look_at_each_execution_finds(
        deeds in prop::collection::vec(deed(), 1..16),
        queries in prop::collection::vec(query(), 12),
    ) {
        let mut log = Log { store: Temporary::new(), entries: Vec::new(), recorded: 0 };
        for deed in deeds {
            log.do_it(deed);
            log.assert_counts();
        }
        for query in &queries {
            log.assert_finds(query);
        }
        log.store.index_log(text_of).unwrap();
        log.assert_counts();
        prop_assert_eq!(log.store.read(behind_of).unwrap(), 0);
        for query in &queries {
            log.assert_finds(query);
        }
        log.store.check().unwrap();
    }
}

fn filled(number: usize) -> Temporary {
    let store = Temporary::new();
    store
        .write_log(|t| {
            for index in 0..number {
                let mut row = execution(&format!("e{index}"), &format!("c{}", index % 3));
                row.created_at_ms = i64::try_from(index).unwrap();
                insert(t, &row, &format!("number{index} secretword"))?;
            }
            Ok(())
        })
        .unwrap();
    store
}

fn found(store: &Database, expression: &str) -> Vec<String> {
    let query = ExecutionQuery { words: Some(expression.into()), limit: 1000, ..Default::default() };
    store.read(|c| list(c, &query)).unwrap().into_iter().map(|row| row.id).collect()
}

/// Every word that stands in a full-text table, deleted or not.
fn words_kept(store: &Database) -> Vec<String> {
    store
        .write(|t| {
            let tables: Vec<String> = t
                .prepare("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE execution_words%'")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut words = Vec::new();
            for table in tables {
                let blobs: Vec<Vec<u8>> = t
                    .prepare(&format!("SELECT block FROM {table}_data"))?
                    .query_map([], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                words.extend(blobs.iter().map(|blob| String::from_utf8_lossy(blob).into_owned()));
            }
            Ok(words)
        })
        .unwrap()
}

#[test]
fn words_of_deleted_executions_are_gone_from_the_file_after_a_sweep() {
    let store = filled(100);
    store.write(|t| (0..3).try_for_each(|n| connectors::insert(t, &connector(&format!("c{n}"), &format!("{n}"))))).unwrap();
    store.index_log(text_of).unwrap();
    assert_eq!(found(&store, "\"number10\""), ["e10"]);
    assert!(words_kept(&store).concat().contains("number"));
    store.write(|t| connectors::delete(t, "c1")).unwrap();
    assert_eq!(store.sweep().unwrap(), 33);
    assert!(found(&store, "\"number10\"").is_empty(), "at once");
    store.index_log(text_of).unwrap();
    let deleted: i64 =
        store.read(|c| Ok(c.query_row("SELECT sum(forgotten) FROM execution_words", [], |r| r.get(0))?)).unwrap();
    assert_eq!(deleted, 0, "each shard was written anew");
    assert_eq!(found(&store, "\"secretword\"").len(), 67);
    for n in [0, 2] {
        store.write(|t| connectors::delete(t, &format!("c{n}"))).unwrap();
    }
    store.sweep().unwrap();
    store.index_log(text_of).unwrap();
    assert!(!words_kept(&store).concat().contains("secretword"), "also not as words of nothing");
    store.check().unwrap();
}

#[test]
fn a_shard_whose_executions_are_all_gone_goes_too() {
    let store = filled(200);
    store.index_log(text_of).unwrap();
    let shards = || -> Vec<i64> {
        store
            .read(|c| {
                let mut statement = c.prepare("SELECT shard FROM execution_words ORDER BY shard")?;
                Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
            })
            .unwrap()
    };
    assert_eq!(shards(), [0, 1, 2, 3]);
    let seqs: Vec<i64> = (1..150).collect();
    for some in seqs.chunks(20) {
        store.write_log(|t| delete(t, some)).unwrap();
    }
    store.index_log(text_of).unwrap();
    assert_eq!(shards(), [2, 3]);
    let left: i64 = store
        .read(|c| Ok(c.query_row("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%gone%'", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(left, 0, "and nothing of it is left");
    assert_eq!(found(&store, "\"secretword\"").len(), 51);
    store.check().unwrap();
}

#[rstest]
#[case("CREATE TABLE", 0)]
fn tables_of_words_are_made_with_the_first_execution(#[case] kind: &str, #[case] expected: i64) {
    let store = Temporary::new();
    store.index_log(text_of).unwrap();
    let sql =
        format!("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'execution_words\\_%' ESCAPE '\\' AND sql LIKE '{kind}%'");
    let made: i64 = store.read(|c| Ok(c.query_row(&sql, [], |row| row.get(0))?)).unwrap();
    assert_eq!(made, expected, "an empty log costs nothing");
}

#[test]
fn two_programs_index_one_log_without_harm() {
    let store = filled(300);
    let other = Arc::new(Database::open(store.path(), super::super::tests::KEY).unwrap());
    let threads = [Arc::clone(&store.database), Arc::clone(&other)]
        .map(|database| std::thread::spawn(move || database.index_log(text_of).unwrap()));
    for thread in threads {
        thread.join().unwrap();
    }
    for index in [0, 77, 299] {
        assert_eq!(found(&other, &format!("\"number{index}\"")), [format!("e{index}")], "once, not twice");
    }
    assert_eq!(found(&store, "\"secretword\"").len(), 300);
    assert_eq!(store.read(count).unwrap(), 300);
    store.check().unwrap();
}

#[test]
fn an_indexer_that_ended_in_the_middle_is_gone_on_from() {
    let store = filled(300);
    store.write_log(|t| add_facets(t)).unwrap();
    let texts = store.read(|c| next_texts(c, text_of)).unwrap().unwrap();
    store.write_log(|t| add_words(t, texts)).unwrap();
    // The next step is read, and never written.
    let lost = store.read(|c| next_texts(c, text_of)).unwrap().unwrap();
    assert!(store.read(behind_of).unwrap() > 200);
    store.follow_log(text_of).unwrap();
    assert!(store.indexed(std::time::Duration::from_mins(1)));
    assert_eq!(found(&store, "\"secretword\"").len(), 300);
    store.write_log(|t| add_words(t, lost)).unwrap();
    assert_eq!(found(&store, "\"secretword\"").len(), 300, "what comes late is left out");
    assert_eq!(store.read(behind_of).unwrap(), 0);
}

#[test]
fn an_execution_deleted_while_its_text_was_read_is_not_brought_in() {
    let store = filled(10);
    store.write_log(|t| add_facets(t)).unwrap();
    let texts = store.read(|c| next_texts(c, text_of)).unwrap().unwrap();
    store.write_log(|t| delete(t, &[3])).unwrap();
    store.write_log(|t| add_words(t, texts)).unwrap();
    assert!(!words_kept(&store).concat().contains("number2 "), "seq 3 is e2");
    let mut rows: Vec<_> = found(&store, "\"secretword\"");
    rows.sort();
    assert_eq!(rows.len(), 9);
    let kept: i64 =
        store.read(|c| Ok(c.query_row("SELECT count(*) FROM execution_words_0_docsize", [], |row| row.get(0))?)).unwrap();
    assert_eq!(kept, 9);
}

/// The plans of every statement that a page or a search is made of.
#[test]
fn a_page_is_found_without_passing_over_the_log() {
    let store = filled(100);
    store.index_log(text_of).unwrap();
    let plan = |sql: &str, values: Vec<rusqlite::types::Value>| -> String {
        let lines: Vec<String> = store
            .read(|c| {
                let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                Ok(statement.query_map(params_from_iter(values), |row| row.get(3))?.collect::<Result<_, _>>()?)
            })
            .unwrap();
        lines.join("; ")
    };
    let words = plan(&words::find_statement(0), vec!["\"order\"".to_owned().into(), 0.into(), 50.into()]);
    assert!(words.contains("VIRTUAL TABLE INDEX") && !words.contains("TEMP B-TREE"), "{words}");
    let newest = "SELECT chunk, members FROM execution_facets WHERE facet = ?1 AND chunk <= ?2 ORDER BY chunk DESC LIMIT 1";
    let newest = plan(newest, vec!["every".to_owned().into(), 3.into()]);
    assert!(newest.starts_with("SEARCH") && !newest.contains("TEMP B-TREE"), "{newest}");
    let query = ExecutionQuery { success: Some(true), ..Default::default() };
    let (sql, values) = executions::tail_statement(&query, (90, 100), 10);
    let tail = plan(&sql, values);
    assert!(tail.starts_with("SEARCH") && !tail.contains("TEMP B-TREE"), "{tail}");
}
