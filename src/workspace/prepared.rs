//! What runs need of the configuration, kept from one run to the next for as long as nothing of it is committed, by this
//! process or another: the next run always uses what was stored last (E3, M3). To read it anew after each recorded
//! execution costs some 100 µs, most of it to decrypt pages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::connectors::Configured;
use super::executions::ExecutionRequest;
use super::token_detail::token_of;
use super::views::Problem;
use crate::breaker::Breaker;
use crate::connector::{ConnectorDraft, ConnectorState};
use crate::execution::{ForCustomer, Runnable, SourceType, read_breaker};
use crate::store::token_values::TokenValueRow;
use crate::store::{Database, configuration, connectors, token_values, tokens};
use crate::token::Token;

/// Most connectors that are kept; when there are more, all are read anew.
const MOST: usize = 64;

/// The connectors that ran last. A token value stays in memory with them until something else is configured and run, or
/// the workspace is closed.
#[derive(Default)]
pub(super) struct Prepared {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    version: i32,
    connectors: HashMap<Key, Connector>,
}

/// A connector, and whether it is tested: then its draft copy runs (R1).
type Key = (String, bool);

/// What of a connector is the same for each of its runs.
#[derive(Clone)]
struct Connector {
    state: ConnectorState,
    config: Arc<ConnectorDraft>,
    tokens: Arc<[Token]>,
    values: Arc<[TokenValueRow]>,
    /// Each change of its state is another version; while it is closed, what it counts does not matter to a run that begins.
    breaker: Arc<Breaker>,
}

impl Prepared {
    /// Everything that a run needs, as one state of the database: the newest.
    ///
    /// # Errors
    /// When there is no such connector, or its tokens can't be read.
    pub(super) async fn runnable(&self, database: &Arc<Database>, request: ExecutionRequest) -> Result<Runnable, Problem> {
        let key = (request.connector_id, request.source == SourceType::Test);
        let kept = database.configuration_version().and_then(|version| self.find(version, &key));
        let (key, connector) = match kept {
            Some(connector) => (key, connector),
            None => self.read(database, key).await?,
        };
        let Connector { state, config, tokens, values, breaker } = connector;
        let ExecutionRequest { inputs, source, mock, customer, .. } = request;
        let customer = match customer {
            Some(user_id) => Some(for_customer(database, user_id, &tokens).await?),
            None => None,
        };
        Ok(Runnable { connector_id: key.0, state, config, tokens, values, breaker, inputs, source, mock, customer })
    }

    async fn read(&self, database: &Arc<Database>, key: Key) -> Result<(Key, Connector), Problem> {
        let read = database.read_async(move |connection| {
            let version = configuration::version(connection)?;
            Ok(connector(connection, &key).map(|connector| (version, key, connector)))
        });
        let (version, key, connector) = read.await??;
        self.keep(version, key.clone(), connector.clone());
        Ok((key, connector))
    }

    fn find(&self, version: i32, key: &Key) -> Option<Connector> {
        let kept = self.lock();
        kept.connectors.get(key).filter(|_| kept.version == version).cloned()
    }

    /// What was read at a version takes the place of everything that was read at others.
    fn keep(&self, version: i32, key: Key, connector: Connector) {
        let mut kept = self.lock();
        if kept.version != version || kept.connectors.len() >= MOST {
            *kept = Kept { version, connectors: HashMap::new() };
        }
        kept.connectors.insert(key, connector);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Read for each run: customers change without a change of the configuration (M3).
async fn for_customer(database: &Arc<Database>, user_id: String, tokens: &Arc<[Token]>) -> Result<ForCustomer, Problem> {
    let tokens = Arc::clone(tokens);
    Ok(database.read_async(move |connection| ForCustomer::read(connection, user_id, &tokens)).await?)
}

fn connector(connection: &Connection, (connector_id, is_test): &Key) -> Result<Connector, Problem> {
    let row = connectors::get(connection, connector_id)?.ok_or_else(Problem::connector_gone)?;
    let configured = Configured::read(row)?;
    let state = configured.state();
    let Configured { live, draft, .. } = configured;
    let config = if *is_test { draft.or(live) } else { live.or(draft) };
    let config = config.ok_or_else(Problem::connector_gone)?;
    let mut values = Vec::with_capacity(config.token_ids.len());
    let mut attached = Vec::with_capacity(config.token_ids.len());
    for id in &config.token_ids {
        let (Some(token), Some(value)) = (tokens::get(connection, id)?, token_values::get(connection, id)?) else {
            return Err(Problem::token_not_there(id));
        };
        attached.push(token_of(&token)?);
        values.push(value);
    }
    let breaker = Arc::new(read_breaker(connection, connector_id)?);
    Ok(Connector { state, config: Arc::new(config), tokens: attached.into(), values: values.into(), breaker })
}
