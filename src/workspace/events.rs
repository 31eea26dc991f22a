//! What was committed, by this process or another on the same workspace, told within a second.
//!
//! The database says that something was committed (`data_version`), not what; so a watcher reads what is new since it
//! last looked. It costs one pragma every quarter of a second while nothing happens.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::care::Alarm;
use super::settings::LiveSettings;
use super::views::WorkspaceEvent;
use crate::store::{
    Database, StoreFailure, breakers, configuration, connectors, customers, executions, settings, token_tests, token_values,
    tokens,
};

const PAUSE: Duration = Duration::from_millis(250);
/// The most executions that are told one by one after one look.
const MOST_TOLD: u32 = 200;

/// The watcher of one workspace; it ends when this is dropped.
pub struct Watch {
    _stop: DropGuard,
}

/// What the watcher saw last.
#[derive(Clone)]
struct Seen {
    seq: i64,
    /// Tokens, connectors and settings are as they were while this is.
    configuration: i32,
    tokens: u64,
    connectors: u64,
    settings: u64,
    customers: i64,
    /// Of each connector whose breaker ever counted anything; executions change it too.
    breakers: Arc<BTreeMap<String, u64>>,
}

impl Watch {
    /// Watches from now on: it has looked once when this returns, so that nothing that is committed afterwards is missed.
    pub(super) async fn start(
        database: Arc<Database>,
        live: Arc<LiveSettings>,
        events: broadcast::Sender<WorkspaceEvent>,
        alarm: Alarm,
    ) -> Self {
        let mut alarm = Some(alarm);
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let first = {
            let (database, live, events) = (Arc::clone(&database), Arc::clone(&live), events.clone());
            tokio::task::spawn_blocking(move || look(&database, &live, &events, None, None)).await
        };
        let (mut version, mut seen) = match first {
            Ok(Ok(looked)) => (Some(looked.version), looked.seen),
            // The next look tries again.
            _ => (None, None),
        };
        tokio::spawn(async move {
            loop {
                let looking = {
                    let (database, live, events) = (Arc::clone(&database), Arc::clone(&live), events.clone());
                    let seen = seen.clone();
                    tokio::task::spawn_blocking(move || look(&database, &live, &events, version, seen.as_ref()))
                };
                match looking.await {
                    Ok(Ok(looked)) => {
                        version = Some(looked.version);
                        seen = looked.seen.or(seen);
                        for event in looked.news {
                            let _ = events.send(event);
                        }
                    }
                    Ok(Err(failure)) => {
                        tracing::warn!(%failure, "the database could not be watched this time");
                        // What was seen before stays, so that the next look tells what this one missed.
                        version = None;
                    }
                    Err(_) => return,
                }
                if database.damage().is_some()
                    && let Some(alarm) = alarm.take()
                {
                    let _ = events.send(alarm.raise(&database).await);
                }
                tokio::select! {
                    () = stopped.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        });
        Self { _stop: stop.drop_guard() }
    }
}

struct Looked {
    version: i64,
    seen: Option<Seen>,
    news: Vec<WorkspaceEvent>,
}

fn look(
    database: &Database,
    live: &LiveSettings,
    events: &broadcast::Sender<WorkspaceEvent>,
    version: Option<i64>,
    before: Option<&Seen>,
) -> Result<Looked, StoreFailure> {
    let now = database.data_version()?;
    if version == Some(now) && before.is_some() {
        return Ok(Looked { version: now, seen: None, news: Vec::new() });
    }
    let looked = read(database, events, now, before)?;
    if before.map(|seen| seen.settings) != looked.seen.as_ref().map(|seen| seen.settings) {
        live.follow(database)?;
    }
    Ok(looked)
}

fn read(
    database: &Database,
    events: &broadcast::Sender<WorkspaceEvent>,
    now: i64,
    before: Option<&Seen>,
) -> Result<Looked, StoreFailure> {
    database.read(|connection| {
        let mut news = Vec::new();
        let last_seq = executions::last_seq(connection)?;
        let configuration = configuration::version(connection)?;
        let breakers = breakers_seen(connection)?;
        let customers = customers::commits(connection)?;
        let mut seen = match before {
            Some(before) if before.configuration == configuration => {
                Seen { seq: last_seq, customers, breakers, ..before.clone() }
            }
            _ => Seen {
                seq: last_seq,
                configuration,
                tokens: tokens_seen(connection)?,
                connectors: fingerprint(
                    connectors::list(connection)?.iter().map(|row| (&row.id, row.updated_at_ms, row.live.is_some())),
                ),
                settings: fingerprint(settings::list(connection)?.iter()),
                customers,
                breakers,
            },
        };
        // Whoever listens from later than this state on is told what is committed later.
        if let Some(before) = before.filter(|_| events.receiver_count() > 0) {
            let recorded = executions::newer_than(connection, before.seq, MOST_TOLD)?;
            if let Some(last) = recorded.last() {
                seen.seq = if recorded.len() < MOST_TOLD as usize { seen.seq.max(last.seq) } else { last.seq };
            }
            news.extend(recorded.into_iter().map(|recorded| WorkspaceEvent::ExecutionRecorded {
                connector_id: recorded.connector_id,
                execution_id: recorded.execution_id,
            }));
            if before.tokens != seen.tokens {
                news.push(WorkspaceEvent::TokensChanged);
            }
            if before.connectors != seen.connectors {
                news.push(WorkspaceEvent::ConnectorsChanged);
            }
            let changed = seen.breakers.iter().filter(|(id, now)| before.breakers.get(*id) != Some(now));
            news.extend(changed.map(|(id, _)| WorkspaceEvent::BreakerChanged { connector_id: id.clone() }));
            if before.settings != seen.settings {
                news.push(WorkspaceEvent::SettingsChanged);
            }
            if before.customers != seen.customers {
                news.push(WorkspaceEvent::CustomersChanged);
            }
        }
        // More than were told are waiting: the version is not taken as seen, so the next look goes on.
        let told_all = seen.seq == last_seq;
        Ok(Looked { version: if told_all { now } else { now.wrapping_sub(1) }, seen: Some(seen), news })
    })
}

fn tokens_seen(connection: &rusqlite::Connection) -> Result<u64, StoreFailure> {
    let rows = fingerprint(tokens::list(connection)?.iter().map(|row| (&row.id, row.config_revision, row.updated_at_ms)));
    let values = fingerprint(token_values::all(connection)?.iter().map(|row| (&row.token_id, row.generation)));
    let tests = fingerprint(token_tests::all(connection)?.iter().map(|row| (&row.token_id, row.at_ms)));
    Ok(fingerprint([rows, values, tests].into_iter()))
}

fn breakers_seen(connection: &rusqlite::Connection) -> Result<Arc<BTreeMap<String, u64>>, StoreFailure> {
    let rows = breakers::all(connection)?.into_iter();
    Ok(Arc::new(rows.map(|row| (row.connector_id.clone(), fingerprint(std::iter::once(row)))).collect()))
}

fn fingerprint<T: Hash>(rows: impl Iterator<Item = T>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for row in rows {
        row.hash(&mut hasher);
    }
    hasher.finish()
}
