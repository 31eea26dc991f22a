//! The data connectors of a workspace: saved as drafts, set live (R1), deleted.
//!
//! A row holds what is live and the draft copy that is edited; at least one of the two exists.

use std::collections::HashMap;

use secrecy::SecretString;
use url::Url;

use super::Workspace;
use super::breakers::{BreakerView, reliability, view};
use super::connector_secrets::{fill_secrets, without_secrets};
use super::connector_views::{ConnectorDetail, ConnectorSummary, LastExecution};
use super::token_detail::token_of;
use super::token_views::NamedRef;
use super::views::{Problem, ProblemCode, WorkspaceEvent};
use crate::clock::millis_to_rfc3339;
use crate::connector::{
    ConfigurationResponseType, ConnectorDraft, ConnectorState, ResponseField, check, keep_redaction_marks, ready,
    response_fields_from,
};
use crate::execution::{breaker_of, read_breaker};
use crate::store::connectors::ConnectorRow;
use crate::store::{StoreFailure, breakers, connector_tokens, connectors, executions, tokens};
use crate::token::Token;

/// The data connectors of a workspace.
pub struct Connectors<'a> {
    pub(super) workspace: &'a Workspace,
}

/// A row with its configurations read.
pub(super) struct Configured {
    pub row: ConnectorRow,
    pub live: Option<ConnectorDraft>,
    pub draft: Option<ConnectorDraft>,
}

impl Configured {
    pub fn read(row: ConnectorRow) -> Result<Self, Problem> {
        let read = |text: &Option<String>| match text {
            Some(text) => ConnectorDraft::from_json(text).map(Some).map_err(|_| {
                Problem::new(
                    ProblemCode::Failed,
                    format!("The settings of the connector “{}” can't be read.", row.name),
                    "They were written by another version: update Latchkey, or delete the connector and set it up again.",
                )
            }),
            None => Ok(None),
        };
        Ok(Self { live: read(&row.live)?, draft: read(&row.draft)?, row })
    }

    pub fn state(&self) -> ConnectorState {
        if self.live.is_some() { ConnectorState::Live } else { ConnectorState::Draft }
    }

    /// What is edited and tested: the draft copy, else what is live.
    pub fn edited(&self) -> Option<&ConnectorDraft> {
        self.draft.as_ref().or(self.live.as_ref())
    }
}

impl Connectors<'_> {
    /// All connectors, by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn list(&self) -> Result<Vec<ConnectorSummary>, Problem> {
        let read = self.workspace.database().read_async(|connection| {
            let names = tokens::list(connection)?.into_iter().map(|row| (row.id, row.name)).collect::<HashMap<_, _>>();
            let (rows, breakers) = (connectors::list(connection)?, breakers::all(connection)?);
            Ok((rows, breakers, executions::latest_per_connector(connection)?, names))
        });
        let (rows, breakers, latest, names) = read.await?;
        let breakers: HashMap<_, _> = breakers.iter().map(|row| (row.connector_id.as_str(), breaker_of(row))).collect();
        let now_ms = self.workspace.now_ms();
        let latest: HashMap<_, _> = latest.into_iter().map(|row| (row.connector_id.clone(), row)).collect();
        rows.into_iter()
            .map(|row| {
                let last = latest.get(&row.id).map(last_execution);
                let breaker = breakers.get(row.id.as_str()).cloned().unwrap_or_default();
                let configured = Configured::read(row)?;
                let breaker = view(&breaker, &reliability(&configured), now_ms);
                Ok(summary(&configured, &names, breaker, last))
            })
            .collect()
    }

    /// One connector, its secret header values left out (T8).
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, connector_id: &str) -> Result<ConnectorDetail, Problem> {
        let id = connector_id.to_owned();
        let read = self.workspace.database().read_async(move |connection| {
            let names = tokens::list(connection)?.into_iter().map(|row| (row.id, row.name)).collect::<HashMap<_, _>>();
            let query = executions::ExecutionQuery { connector_id: Some(id.clone()), limit: 1, ..Default::default() };
            let (row, breaker) = (connectors::get(connection, &id)?, read_breaker(connection, &id)?);
            Ok((row, breaker, executions::list(connection, &query)?, names))
        });
        let (row, breaker, last, names) = read.await?;
        let configured = Configured::read(row.ok_or_else(Problem::connector_gone)?)?;
        let edited = configured.edited().ok_or_else(Problem::connector_gone)?;
        let breaker = view(&breaker, &reliability(&configured), self.workspace.now_ms());
        Ok(ConnectorDetail {
            summary: summary(&configured, &names, breaker, last.first().map(last_execution)),
            draft: without_secrets(edited),
            not_ready: ready(edited).into_iter().next().map(|fault| format!("{} {}", fault.message, fault.next_step)),
            created_at: millis_to_rfc3339(configured.row.created_at_ms),
            updated_at: millis_to_rfc3339(configured.row.updated_at_ms),
        })
    }

    /// The id of the connector of this name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn id_of(&self, name: &str) -> Result<String, Problem> {
        let wanted = name.to_owned();
        let row = self.workspace.database().read_async(move |connection| connectors::by_name(connection, &wanted)).await?;
        row.map(|row| row.id).ok_or_else(|| {
            let message = format!("There is no connector named “{name}”.");
            Problem::new(ProblemCode::NotFound, message, "List the connectors to see their names.")
        })
    }

    /// Saves a new connector as a draft, or the draft copy of one (R1).
    ///
    /// # Errors
    /// The first fault, with its field.
    pub async fn save(&self, connector_id: Option<&str>, draft: ConnectorDraft) -> Result<ConnectorDetail, Problem> {
        let before = match connector_id {
            Some(id) => Some(self.configured(id).await?),
            None => None,
        };
        let mut draft = fill_secrets(draft, before.as_ref().and_then(Configured::edited))?;
        draft.name = draft.name.trim().to_owned();
        draft.url = draft.url.trim().to_owned();
        if let Some(fault) = check(&draft).into_iter().next() {
            return Err(fault.into());
        }
        self.check_tokens(&draft).await?;
        take_fields_from_mock(&mut draft, before.as_ref().and_then(Configured::edited));
        let at_ms = self.workspace.now_ms();
        self.check_name(&draft.name, connector_id).await?;
        let row = match &before {
            Some(before) => ConnectorRow {
                // What is live keeps its name until the edits are live, too (R1).
                name: before.live.as_ref().map_or_else(|| draft.name.clone(), |live| live.name.clone()),
                draft: Some(draft.to_json()),
                updated_at_ms: at_ms,
                ..before.row.clone()
            },
            None => ConnectorRow {
                id: uuid::Uuid::now_v7().to_string(),
                name: draft.name.clone(),
                live: None,
                draft: Some(draft.to_json()),
                created_at_ms: at_ms,
                updated_at_ms: at_ms,
            },
        };
        let id = row.id.clone();
        self.write(row, before.map(|before| before.row)).await?;
        self.get(&id).await
    }

    /// Sets a connector live: its draft copy, if there is one, becomes what is live (R1).
    ///
    /// # Errors
    /// The first thing that it still lacks, with its field.
    pub async fn set_live(&self, connector_id: &str) -> Result<ConnectorDetail, Problem> {
        let configured = self.configured(connector_id).await?;
        let edited = configured.edited().ok_or_else(Problem::connector_gone)?;
        if let Some(fault) = ready(edited).into_iter().next() {
            return Err(fault.into());
        }
        let before = configured.row.clone();
        let row = ConnectorRow {
            name: edited.name.clone(),
            live: Some(edited.to_json()),
            draft: None,
            updated_at_ms: self.workspace.now_ms(),
            ..configured.row
        };
        self.write(row, Some(before)).await?;
        self.get(connector_id).await
    }

    /// Sets a connector back to draft: it runs from `test` only (R1).
    ///
    /// # Errors
    /// When it is gone.
    pub async fn set_draft(&self, connector_id: &str) -> Result<ConnectorDetail, Problem> {
        let configured = self.configured(connector_id).await?;
        let edited = configured.edited().ok_or_else(Problem::connector_gone)?;
        let before = configured.row.clone();
        let row = ConnectorRow {
            name: edited.name.clone(),
            draft: Some(edited.to_json()),
            live: None,
            updated_at_ms: self.workspace.now_ms(),
            ..configured.row
        };
        self.write(row, Some(before)).await?;
        self.get(connector_id).await
    }

    /// Throws the unpublished edits of a live connector away.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn discard_edits(&self, connector_id: &str) -> Result<ConnectorDetail, Problem> {
        let configured = self.configured(connector_id).await?;
        if let Some(live) = &configured.live {
            let before = configured.row.clone();
            let row = ConnectorRow {
                name: live.name.clone(),
                draft: None,
                updated_at_ms: self.workspace.now_ms(),
                ..configured.row.clone()
            };
            self.write(row, Some(before)).await?;
        }
        self.get(connector_id).await
    }

    /// Deletes a draft connector and its log (R1).
    ///
    /// # Errors
    /// When it is live, or gone.
    pub async fn delete(&self, connector_id: &str) -> Result<(), Problem> {
        let configured = self.configured(connector_id).await?;
        if configured.live.is_some() {
            return Err(Problem::new(
                ProblemCode::InUse,
                format!("“{}” is live, so it was not deleted.", configured.row.name),
                "Set it to draft first, then delete it.",
            ));
        }
        let id = connector_id.to_owned();
        self.workspace.database().write_async(move |transaction| connectors::delete(transaction, &id)).await?;
        let database = std::sync::Arc::clone(self.workspace.database());
        tokio::task::spawn_blocking(move || database.sweep()).await.map_err(|_| Problem::interrupted())??;
        self.changed();
        Ok(())
    }

    /// The value of a credential-like header, on purpose (T8).
    pub(super) async fn secret_header(&self, connector_id: &str, index: u32) -> Result<SecretString, Problem> {
        let configured = self.configured(connector_id).await?;
        let header = configured.edited().and_then(|edited| edited.headers.get(usize::try_from(index).ok()?));
        let value = header.and_then(|header| header.value.as_deref());
        value.map(SecretString::from).ok_or_else(|| {
            Problem::new(ProblemCode::NotFound, "This header is not stored any more.", "Open the connector again.")
        })
    }

    pub(super) async fn configured(&self, connector_id: &str) -> Result<Configured, Problem> {
        let id = connector_id.to_owned();
        let row = self.workspace.database().read_async(move |connection| connectors::get(connection, &id)).await?;
        Configured::read(row.ok_or_else(Problem::connector_gone)?)
    }

    /// The tokens of these ids, in that order; an id whose token is gone is an error that names it.
    pub(super) async fn attached(&self, token_ids: &[String]) -> Result<Vec<Token>, Problem> {
        let ids = token_ids.to_vec();
        let read = self.workspace.database().read_async(move |connection| {
            ids.into_iter().map(|id| Ok(tokens::get(connection, &id)?.ok_or(id))).collect::<Result<Vec<_>, StoreFailure>>()
        });
        let rows = read.await?;
        rows.into_iter()
            .map(|row| match row {
                Ok(row) => token_of(&row),
                Err(id) => Err(Problem::token_not_there(&id)),
            })
            .collect()
    }

    /// The response fields follow the last test while no mock response is their source (R2). Values in the log and
    /// what is sent don't change by it, so it is no edit of a live connector. What is stored is read again where it is
    /// written, so that an edit made meanwhile is not undone.
    pub(super) async fn learn_fields(&self, connector_id: &str, learned: Vec<ResponseField>) -> Result<(), Problem> {
        if learned.is_empty() || !learn(&mut self.configured(connector_id).await?, &learned) {
            return Ok(());
        }
        let (id, at_ms) = (connector_id.to_owned(), self.workspace.now_ms());
        let write = self.workspace.database().write_async(move |transaction| {
            let configured = connectors::get(transaction, &id)?.map(Configured::read);
            let Some(Ok(mut configured)) = configured else { return Ok(()) };
            if learn(&mut configured, &learned) {
                let Configured { mut row, live, draft } = configured;
                row.live = live.as_ref().map(ConnectorDraft::to_json);
                row.draft = draft.as_ref().map(ConnectorDraft::to_json);
                row.updated_at_ms = at_ms;
                connectors::update(transaction, &row)?;
            }
            Ok(())
        });
        write.await?;
        self.changed();
        Ok(())
    }

    /// Writes a row if what is stored is still what it was made from.
    async fn write(&self, row: ConnectorRow, before: Option<ConnectorRow>) -> Result<(), Problem> {
        let configured = Configured::read(row.clone())?;
        let mut token_ids: Vec<String> = Vec::new();
        for id in configured.draft.iter().chain(&configured.live).flat_map(|config| &config.token_ids) {
            if !token_ids.contains(id) {
                token_ids.push(id.clone());
            }
        }
        let write = self.workspace.database().write_async(move |transaction| {
            match before {
                None => connectors::insert(transaction, &row)?,
                Some(before) => {
                    // Another window or program may have saved it since it was read.
                    let now = connectors::get(transaction, &row.id)?;
                    if now.is_none_or(|now| now.live != before.live || now.draft != before.draft) {
                        return Ok(false);
                    }
                    connectors::update(transaction, &row)?;
                }
            }
            let token_ids: Vec<_> = token_ids.iter().map(String::as_str).collect();
            connector_tokens::replace(transaction, &row.id, &token_ids)?;
            Ok(true)
        });
        if !write.await? {
            return Err(Problem::changed_meanwhile("connector"));
        }
        self.changed();
        Ok(())
    }

    fn changed(&self) {
        self.workspace.tell(WorkspaceEvent::ConnectorsChanged);
        self.workspace.tell(WorkspaceEvent::TokensChanged);
    }
}

fn summary(
    configured: &Configured,
    names: &HashMap<String, String>,
    breaker: BreakerView,
    last_execution: Option<LastExecution>,
) -> ConnectorSummary {
    let edited = configured.edited();
    let token = |id: &String| names.get(id).map(|name| NamedRef { id: id.clone(), name: name.clone() });
    ConnectorSummary {
        id: configured.row.id.clone(),
        name: configured.row.name.clone(),
        http_method: edited.map_or("get", |config| config.http_method.name()).to_owned(),
        host: edited.map(|config| host_of(&config.url)).unwrap_or_default(),
        state: configured.state(),
        has_unpublished_edits: configured.live.is_some() && configured.draft.is_some(),
        tokens: edited.map(|config| config.token_ids.iter().filter_map(token).collect()).unwrap_or_default(),
        breaker,
        last_execution,
    }
}

fn last_execution(row: &executions::ExecutionRow) -> LastExecution {
    LastExecution {
        at: millis_to_rfc3339(row.created_at_ms),
        success: row.success,
        http_status: row.http_status.and_then(|status| u16::try_from(status).ok()),
    }
}

/// The host of a URL template: templates stand behind it only.
fn host_of(url: &str) -> String {
    let plain = url.split("{{").next().unwrap_or_default();
    Url::parse(plain).map(|url| crate::refresh::login::place(&url).0).unwrap_or_default()
}

/// Takes the fields of a test where no mock response is their source, with the marks that stand there; whether that
/// changed anything.
fn learn(configured: &mut Configured, learned: &[ResponseField]) -> bool {
    let mut changed = false;
    for config in [&mut configured.draft, &mut configured.live].into_iter().flatten() {
        if config.configuration_response_type == Some(ConfigurationResponseType::MockResponseType) {
            continue;
        }
        let mut fields = learned.to_vec();
        fields.retain(has_a_path);
        keep_redaction_marks(&mut fields, &config.response_fields);
        let same = fields.len() == config.response_fields.len()
            && fields
                .iter()
                .zip(&config.response_fields)
                .all(|(new, old)| new.path == old.path && new.field_type == old.field_type);
        if !same {
            config.response_fields = fields;
            config.configuration_response_type = Some(ConfigurationResponseType::TestResponseType);
            changed = true;
        }
    }
    changed
}

/// An empty object or array has one field, which is itself and has no path that could be saved.
fn has_a_path(field: &ResponseField) -> bool {
    !field.path.is_empty()
}

/// A mock response that is new or changed gives the response fields (R2).
fn take_fields_from_mock(draft: &mut ConnectorDraft, before: Option<&ConnectorDraft>) {
    let earlier = before.map(|config| config.mock_response.as_str()).unwrap_or_default();
    if draft.mock_response.trim().is_empty() {
        if draft.configuration_response_type == Some(ConfigurationResponseType::MockResponseType) {
            draft.configuration_response_type = None;
        }
        return;
    }
    if draft.mock_response == earlier {
        return;
    }
    if let Ok(value) = serde_json::from_str(&draft.mock_response) {
        let mut fields = response_fields_from(&value);
        fields.retain(has_a_path);
        keep_redaction_marks(&mut fields, &draft.response_fields);
        draft.response_fields = fields;
        draft.configuration_response_type = Some(ConfigurationResponseType::MockResponseType);
    }
}
