//! The commands of the page: one line each over [`latchkey::workspace::Workspace`].

pub mod backups;
pub mod security;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use latchkey::connector::ConnectorDraft;
use latchkey::execution::{Execution, ExecutionFilter, ExecutionPage, SourceType, Step};
use latchkey::response::{SearchReport, TreeRows};
use latchkey::sandbox::Switches;
use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::transfer::CurlShell;
use latchkey::workspace::{
    ConnectorCurlImport, ConnectorDetail, ConnectorSummary, CurlCopy, CurlImport, CurlSource, ExecutionRequest, LocatedView,
    Problem, Progress, SandboxSamples, SandboxStatus, SecretRef, StorageView, TestHandle, TestReport, TokenDetail,
    TokenSummary, VaultStatus,
};
use secrecy::{ExposeSecret, SecretString};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tokio_util::sync::CancellationToken;

use crate::desktop::Desktop;
use crate::preferences::{self, Preferences};

type Reply<T> = Result<T, Problem>;
type Window<'a> = State<'a, Desktop>;

/// Whether the workspace is open.
#[tauri::command]
#[specta::specta]
pub async fn vault_status(desktop: Window<'_>) -> Reply<VaultStatus> {
    desktop.vault_status().await
}

/// Opens the workspace with a passphrase, or tries the keyring again without one.
#[tauri::command]
#[specta::specta]
pub async fn unlock(desktop: Window<'_>, passphrase: Option<String>) -> Reply<VaultStatus> {
    desktop.unlock(passphrase).await
}

/// Makes a new workspace whose key is kept by a passphrase.
#[tauri::command]
#[specta::specta]
pub async fn create_with_passphrase(desktop: Window<'_>, passphrase: String) -> Reply<VaultStatus> {
    desktop.unlock(Some(passphrase)).await
}

/// Adds or changes the passphrase slot.
#[tauri::command]
#[specta::specta]
pub async fn set_passphrase(desktop: Window<'_>, passphrase: String) -> Reply<StorageView> {
    let workspace = desktop.workspace().await?;
    workspace.set_passphrase(SecretString::from(passphrase)).await?;
    workspace.storage().await
}

/// Removes the passphrase slot.
#[tauri::command]
#[specta::specta]
pub async fn remove_passphrase(desktop: Window<'_>) -> Reply<StorageView> {
    let workspace = desktop.workspace().await?;
    workspace.remove_passphrase().await?;
    workspace.storage().await
}

/// The *Storage and security* page.
#[tauri::command]
#[specta::specta]
pub async fn storage(desktop: Window<'_>) -> Reply<StorageView> {
    desktop.workspace().await?.storage().await
}

/// The token list.
#[tauri::command]
#[specta::specta]
pub async fn list_tokens(desktop: Window<'_>) -> Reply<Vec<TokenSummary>> {
    desktop.workspace().await?.tokens().list().await
}

/// One token, secrets left out.
#[tauri::command]
#[specta::specta]
pub async fn get_token(desktop: Window<'_>, token_id: String) -> Reply<TokenDetail> {
    desktop.workspace().await?.tokens().get(&token_id).await
}

/// Saves a token; a new or changed HTTP request token names the test that proves it (T3).
#[tauri::command]
#[specta::specta]
pub async fn save_token(desktop: Window<'_>, draft: TokenDraft, test_id: Option<String>) -> Reply<TokenDetail> {
    desktop.workspace().await?.tokens().save(draft, test_id.as_deref()).await
}

/// Deletes a token that no connector uses (T7).
#[tauri::command]
#[specta::specta]
pub async fn delete_token(desktop: Window<'_>, token_id: String) -> Reply<()> {
    desktop.workspace().await?.tokens().delete(&token_id).await
}

/// Refresh now (T9). Cancelled, it lets a login that is under way go on (E6).
#[tauri::command]
#[specta::specta]
pub async fn refresh_token(desktop: Window<'_>, run_id: String, token_id: String) -> Reply<TokenDetail> {
    let cancel = CancellationToken::new();
    let _cancellable = desktop.cancellable(run_id, cancel.clone());
    desktop.workspace().await?.tokens().refresh_until(&token_id, &cancel).await
}

/// Forget value (T9).
#[tauri::command]
#[specta::specta]
pub async fn forget_token_value(desktop: Window<'_>, token_id: String) -> Reply<TokenDetail> {
    desktop.workspace().await?.tokens().forget(&token_id).await
}

/// One secret, to be shown for a moment (T8).
#[tauri::command]
#[specta::specta]
pub async fn reveal_secret(desktop: Window<'_>, secret: SecretRef) -> Reply<String> {
    desktop.workspace().await?.reveal(secret).await
}

/// One secret, from Rust to the clipboard (T8).
#[tauri::command]
#[specta::specta]
pub async fn copy_secret(desktop: Window<'_>, secret: SecretRef) -> Reply<()> {
    desktop.copy(&desktop.workspace().await?.secret(secret).await?, true)
}

/// A form filled from a pasted cURL command.
#[tauri::command]
#[specta::specta]
pub async fn parse_curl(command: String) -> Reply<CurlImport> {
    CurlImport::parse(&command)
}

/// A connector's *Setup* filled from a pasted cURL command.
#[tauri::command]
#[specta::specta]
pub async fn parse_connector_curl(command: String) -> Reply<ConnectorCurlImport> {
    ConnectorCurlImport::parse(&command)
}

/// What was copied as a cURL command; the command itself went from here to the clipboard.
#[derive(Debug, Clone, serde::Serialize, specta::Type)]
pub struct CopiedCurl {
    /// What is to be filled in before it can be run, such as `<client_secret>` and `{{order_id}}`.
    pub placeholders: Vec<String>,
    /// What it can't do, in words.
    pub notes: Vec<String>,
}

/// A request as a cURL command, to the clipboard; secrets are placeholders.
#[tauri::command]
#[specta::specta]
pub async fn copy_curl(desktop: Window<'_>, source: CurlSource, shell: CurlShell) -> Reply<CopiedCurl> {
    let CurlCopy { command, placeholders, notes } = desktop.workspace().await?.curl(source, shell).await?;
    desktop.copy(&SecretString::from(command), false)?;
    Ok(CopiedCurl { placeholders, notes })
}

/// What a location yields in a tested response.
#[tauri::command]
#[specta::specta]
pub async fn locate(
    desktop: Window<'_>,
    test_id: String,
    location: TokenLocation,
    request_header_key: String,
    token_prefix: String,
) -> Reply<LocatedView> {
    desktop.workspace().await?.locate(&test_id, location, &request_header_key, &token_prefix).await
}

/// Cancels a test or a run that is under way.
#[tauri::command]
#[specta::specta]
pub async fn cancel(desktop: Window<'_>, run_id: String) -> Reply<()> {
    desktop.cancel(&run_id);
    Ok(())
}

/// Visible rows of a response tree.
#[tauri::command]
#[specta::specta]
pub async fn response_rows(desktop: Window<'_>, response_id: String, from: u32, count: u32) -> Reply<TreeRows> {
    desktop.workspace().await?.responses().rows(&response_id, from, count).await
}

/// Opens or closes a row; the new number of visible rows.
#[tauri::command]
#[specta::specta]
pub async fn response_expand(desktop: Window<'_>, response_id: String, row: u32, expanded: bool) -> Reply<u32> {
    desktop.workspace().await?.responses().expand(&response_id, row, expanded).await
}

/// Opens or closes everything; the new number of visible rows.
#[tauri::command]
#[specta::specta]
pub async fn response_expand_all(desktop: Window<'_>, response_id: String, expanded: bool) -> Reply<u32> {
    desktop.workspace().await?.responses().expand_all(&response_id, expanded).await
}

/// The row of a row's parent.
#[tauri::command]
#[specta::specta]
pub async fn response_parent(desktop: Window<'_>, response_id: String, row: u32) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().parent(&response_id, row).await
}

/// The next visible row whose key starts with what was typed.
#[tauri::command]
#[specta::specta]
pub async fn response_find_key(desktop: Window<'_>, response_id: String, after_row: u32, prefix: String) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().find_key(&response_id, after_row, prefix).await
}

/// Searches keys and values; an empty query ends the search.
#[tauri::command]
#[specta::specta]
pub async fn response_search(desktop: Window<'_>, response_id: String, query: String) -> Reply<SearchReport> {
    desktop.workspace().await?.responses().search(&response_id, query).await
}

/// The next or previous match, opened so that it is visible.
#[tauri::command]
#[specta::specta]
pub async fn response_next_match(
    desktop: Window<'_>,
    response_id: String,
    from_row: Option<u32>,
    backwards: bool,
) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().next_match(&response_id, from_row, backwards).await
}

/// The row of a pointer, opened so that it is visible.
#[tauri::command]
#[specta::specta]
pub async fn response_reveal(desktop: Window<'_>, response_id: String, pointer: String) -> Reply<Option<u32>> {
    desktop.workspace().await?.responses().reveal(&response_id, pointer).await
}

/// One value in full, to be shown for a moment (T8); at most 64 KiB of it.
#[tauri::command]
#[specta::specta]
pub async fn response_value(desktop: Window<'_>, response_id: String, row: u32) -> Reply<String> {
    desktop.workspace().await?.responses().revealed_value(&response_id, row).await
}

/// The value of a row to the clipboard; its length in characters.
#[tauri::command]
#[specta::specta]
pub async fn response_copy_value(desktop: Window<'_>, response_id: String, row: u32) -> Reply<u32> {
    let value = desktop.workspace().await?.responses().value(&response_id, row).await?;
    desktop.copy(&value, true)?;
    // Exposed to be counted.
    Ok(u32::try_from(value.expose_secret().chars().count()).unwrap_or(u32::MAX))
}

/// The pointer of a row to the clipboard; what was copied.
#[tauri::command]
#[specta::specta]
pub async fn response_copy_path(desktop: Window<'_>, response_id: String, row: u32) -> Reply<String> {
    let pointer = desktop.workspace().await?.responses().pointer(&response_id, row).await?;
    desktop.copy(&SecretString::from(pointer.as_str()), false)?;
    Ok(pointer)
}

/// The connector list.
#[tauri::command]
#[specta::specta]
pub async fn list_connectors(desktop: Window<'_>) -> Reply<Vec<ConnectorSummary>> {
    desktop.workspace().await?.connectors().list().await
}

/// One connector.
#[tauri::command]
#[specta::specta]
pub async fn get_connector(desktop: Window<'_>, connector_id: String) -> Reply<ConnectorDetail> {
    desktop.workspace().await?.connectors().get(&connector_id).await
}

/// Saves a new connector or the draft copy of one (R1).
#[tauri::command]
#[specta::specta]
pub async fn save_connector(
    desktop: Window<'_>,
    connector_id: Option<String>,
    draft: ConnectorDraft,
) -> Reply<ConnectorDetail> {
    desktop.workspace().await?.connectors().save(connector_id.as_deref(), draft).await
}

/// Sets a connector live (R1).
#[tauri::command]
#[specta::specta]
pub async fn set_connector_live(desktop: Window<'_>, connector_id: String) -> Reply<ConnectorDetail> {
    desktop.workspace().await?.connectors().set_live(&connector_id).await
}

/// Sets a connector back to draft (R1).
#[tauri::command]
#[specta::specta]
pub async fn set_connector_draft(desktop: Window<'_>, connector_id: String) -> Reply<ConnectorDetail> {
    desktop.workspace().await?.connectors().set_draft(&connector_id).await
}

/// Throws the unpublished edits of a live connector away.
#[tauri::command]
#[specta::specta]
pub async fn discard_connector_edits(desktop: Window<'_>, connector_id: String) -> Reply<ConnectorDetail> {
    desktop.workspace().await?.connectors().discard_edits(&connector_id).await
}

/// Deletes a draft connector and its log (R1).
#[tauri::command]
#[specta::specta]
pub async fn delete_connector(desktop: Window<'_>, connector_id: String) -> Reply<()> {
    desktop.workspace().await?.connectors().delete(&connector_id).await
}

/// A page of a connector's log, newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_executions(
    desktop: Window<'_>,
    connector_id: String,
    filter: ExecutionFilter,
    before: Option<String>,
    limit: u32,
) -> Reply<ExecutionPage> {
    desktop.workspace().await?.executions().list(&connector_id, filter, before, limit).await
}

/// One execution with its steps.
#[tauri::command]
#[specta::specta]
pub async fn get_execution(desktop: Window<'_>, execution_id: String) -> Reply<Execution> {
    Ok(desktop.workspace().await?.executions().get(&execution_id).await?.for_a_page())
}

/// Opens the recorded response of an execution as a tree; its response id, or none when there is no body.
#[tauri::command]
#[specta::specta]
pub async fn open_execution_response(desktop: Window<'_>, execution_id: String) -> Reply<Option<String>> {
    desktop.workspace().await?.executions().open_response(&execution_id).await
}

/// The sandbox.
#[tauri::command]
#[specta::specta]
pub async fn sandbox_status(desktop: Window<'_>) -> Reply<SandboxStatus> {
    desktop.workspace().await?.sandbox().status().await
}

/// Starts the sandbox on its port, or on another one.
#[tauri::command]
#[specta::specta]
pub async fn start_sandbox(desktop: Window<'_>, port: Option<u16>) -> Reply<SandboxStatus> {
    desktop.workspace().await?.sandbox().start(port).await
}

/// Stops the sandbox.
#[tauri::command]
#[specta::specta]
pub async fn stop_sandbox(desktop: Window<'_>) -> Reply<SandboxStatus> {
    desktop.workspace().await?.sandbox().stop().await
}

/// Makes the sandbox misbehave, or stop to.
#[tauri::command]
#[specta::specta]
pub async fn set_sandbox_switches(desktop: Window<'_>, switches: Switches) -> Reply<SandboxStatus> {
    desktop.workspace().await?.sandbox().set_switches(switches).await
}

/// Expires every token that the sandbox has issued.
#[tauri::command]
#[specta::specta]
pub async fn expire_sandbox_tokens(desktop: Window<'_>) -> Reply<SandboxStatus> {
    desktop.workspace().await?.sandbox().expire_tokens().await
}

/// Starts the sandbox and makes a sample token and two sample connectors.
#[tauri::command]
#[specta::specta]
pub async fn try_sandbox(desktop: Window<'_>) -> Reply<SandboxSamples> {
    desktop.workspace().await?.sandbox().try_it().await
}

/// Sends an authentication request as it stands in the form.
#[tauri::command]
#[specta::specta]
pub async fn test_request(
    desktop: Window<'_>,
    run_id: String,
    draft: TokenDraft,
    progress: Channel<Progress>,
) -> Reply<TestReport> {
    let handle = TestHandle::default();
    let _cancellable = desktop.cancellable(run_id, handle.cancel.clone());
    desktop.workspace().await?.test_draft(&draft, &handle, told_now_and_then(progress)).await
}

/// Runs a connector; steps arrive while it runs. With `mock`, it is played without the network (R2).
#[tauri::command]
#[specta::specta]
pub async fn run_connector(
    desktop: Window<'_>,
    run_id: String,
    connector_id: String,
    inputs: BTreeMap<String, String>,
    source: SourceType,
    mock: bool,
    steps: Channel<Step>,
) -> Reply<Execution> {
    let inputs = inputs.into_iter().map(|(name, value)| (name, value.into())).collect();
    let request = ExecutionRequest { connector_id, inputs, source, mock };
    let mut run = desktop.workspace().await?.execute(request).await?;
    let _cancellable = desktop.cancellable(run_id, run.canceller());
    while let Some(step) = run.next_step().await {
        // A page that went away misses the steps; the run goes on and is recorded.
        let _ = steps.send(step);
    }
    Ok(run.outcome().await?.for_a_page())
}

/// The page's preferences.
#[tauri::command]
#[specta::specta]
pub async fn preferences(app: AppHandle) -> Reply<Preferences> {
    Ok(preferences::read(&app))
}

/// Keeps the page's preferences.
#[tauri::command]
#[specta::specta]
pub async fn set_preferences(app: AppHandle, preferences: Preferences) -> Reply<()> {
    preferences::write(&app, &preferences)
}

/// Progress at most ten times a second: a fast download must not flood the page.
fn told_now_and_then(progress: Channel<Progress>) -> impl Fn(u64) + Send + Sync {
    let told = std::sync::Mutex::new(None::<Instant>);
    move |received| {
        let mut told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() >= Duration::from_millis(100)) {
            *told = Some(Instant::now());
            let received_bytes = u32::try_from(received).unwrap_or(u32::MAX);
            let _ = progress.send(Progress { doing: "Receiving the response".to_owned(), received_bytes });
        }
    }
}
