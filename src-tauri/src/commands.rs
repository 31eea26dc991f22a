//! The commands of the page: one line each over [`latchkey::workspace::Workspace`].

use std::collections::BTreeMap;

use latchkey::connector::ConnectorDraft;
use latchkey::execution::{Execution, ExecutionFilter, ExecutionPage, SourceType, Step};
use latchkey::response::{SearchReport, TreeRows};
use latchkey::sandbox::Switches;
use latchkey::token::{TokenDraft, TokenLocation};
use latchkey::workspace::{
    ConnectorDetail, ConnectorSummary, CurlImport, LocatedView, Problem, Progress, SandboxSamples, SandboxStatus, SecretRef,
    StorageView, TestReport, TokenDetail, TokenSummary, VaultStatus,
};
use tauri::State;
use tauri::ipc::Channel;

use crate::desktop::Desktop;
use crate::preferences::Preferences;

type Reply<T> = Result<T, Problem>;
type Window<'a> = State<'a, Desktop>;

macro_rules! commands {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {
        $( $(#[$meta])* #[tauri::command] #[specta::specta] pub async fn $name(desktop: Window<'_>, $($arg: $ty),*) -> Reply<$ret> { let _ = (&desktop, $(&$arg),*); unimplemented!() } )*
    }
}

commands! {
    /// Whether the workspace is open.
    fn vault_status() -> VaultStatus;
    /// Opens the workspace with a passphrase, or tries the keyring again without one.
    fn unlock(passphrase: Option<String>) -> VaultStatus;
    /// Makes a new workspace whose key is kept by a passphrase.
    fn create_with_passphrase(passphrase: String) -> VaultStatus;
    /// Adds or changes the passphrase slot.
    fn set_passphrase(passphrase: String) -> StorageView;
    /// Removes the passphrase slot.
    fn remove_passphrase() -> StorageView;
    /// The *Storage and security* page.
    fn storage() -> StorageView;

    /// The token list.
    fn list_tokens() -> Vec<TokenSummary>;
    /// One token, secrets left out.
    fn get_token(token_id: String) -> TokenDetail;
    /// Saves a token; a new or changed HTTP request token names the test that proves it (T3).
    fn save_token(draft: TokenDraft, test_id: Option<String>) -> TokenDetail;
    /// Deletes a token that no connector uses (T7).
    fn delete_token(token_id: String) -> ();
    /// Refresh now (T9).
    fn refresh_token(token_id: String) -> TokenDetail;
    /// Forget value (T9).
    fn forget_token_value(token_id: String) -> TokenDetail;
    /// One secret, to be shown for a moment (T8).
    fn reveal_secret(secret: SecretRef) -> String;
    /// One secret, from Rust to the clipboard (T8).
    fn copy_secret(secret: SecretRef) -> ();
    /// A form filled from a pasted cURL command.
    fn parse_curl(command: String) -> CurlImport;
    /// Sends an authentication request as it stands in the form.
    fn test_request(run_id: String, draft: TokenDraft, progress: Channel<Progress>) -> TestReport;
    /// What a location yields in a tested response.
    fn locate(test_id: String, location: TokenLocation, request_header_key: String, token_prefix: String) -> LocatedView;
    /// Cancels a test or a run that is under way.
    fn cancel(run_id: String) -> ();

    /// Visible rows of a response tree.
    fn response_rows(response_id: String, from: u32, count: u32) -> TreeRows;
    /// Opens or closes a row; the new number of visible rows.
    fn response_expand(response_id: String, row: u32, expanded: bool) -> u32;
    /// Opens or closes everything; the new number of visible rows.
    fn response_expand_all(response_id: String, expanded: bool) -> u32;
    /// The row of a row's parent.
    fn response_parent(response_id: String, row: u32) -> Option<u32>;
    /// The next visible row whose key starts with what was typed.
    fn response_find_key(response_id: String, after_row: u32, prefix: String) -> Option<u32>;
    /// Searches keys and values; an empty query ends the search.
    fn response_search(response_id: String, query: String) -> SearchReport;
    /// The next or previous match, opened so that it is visible.
    fn response_next_match(response_id: String, from_row: Option<u32>, backwards: bool) -> Option<u32>;
    /// The row of a pointer, opened so that it is visible.
    fn response_reveal(response_id: String, pointer: String) -> Option<u32>;
    /// One value in full, to be shown for a moment (T8); at most 64 KiB of it.
    fn response_value(response_id: String, row: u32) -> String;
    /// The value of a row to the clipboard; its length in characters.
    fn response_copy_value(response_id: String, row: u32) -> u32;
    /// The pointer of a row to the clipboard; what was copied.
    fn response_copy_path(response_id: String, row: u32) -> String;

    /// The connector list.
    fn list_connectors() -> Vec<ConnectorSummary>;
    /// One connector.
    fn get_connector(connector_id: String) -> ConnectorDetail;
    /// Saves a new connector or the draft copy of one (R1).
    fn save_connector(connector_id: Option<String>, draft: ConnectorDraft) -> ConnectorDetail;
    /// Sets a connector live (R1).
    fn set_connector_live(connector_id: String) -> ConnectorDetail;
    /// Sets a connector back to draft (R1).
    fn set_connector_draft(connector_id: String) -> ConnectorDetail;
    /// Throws the unpublished edits of a live connector away.
    fn discard_connector_edits(connector_id: String) -> ConnectorDetail;
    /// Deletes a draft connector and its log (R1).
    fn delete_connector(connector_id: String) -> ();
    /// Runs a connector; steps arrive while it runs. With `mock`, it is played without the network (R2).
    fn run_connector(run_id: String, connector_id: String, inputs: BTreeMap<String, String>, source: SourceType, mock: bool, steps: Channel<Step>) -> Execution;
    /// A page of a connector's log, newest first.
    fn list_executions(connector_id: String, filter: ExecutionFilter, before: Option<String>, limit: u32) -> ExecutionPage;
    /// One execution with its steps.
    fn get_execution(execution_id: String) -> Execution;
    /// Opens the recorded response of an execution as a tree; its response id, or none when there is no body.
    fn open_execution_response(execution_id: String) -> Option<String>;

    /// The sandbox.
    fn sandbox_status() -> SandboxStatus;
    /// Starts the sandbox on its port, or on another one.
    fn start_sandbox(port: Option<u16>) -> SandboxStatus;
    /// Stops the sandbox.
    fn stop_sandbox() -> SandboxStatus;
    /// Makes the sandbox misbehave, or stop to.
    fn set_sandbox_switches(switches: Switches) -> SandboxStatus;
    /// Expires every token that the sandbox has issued.
    fn expire_sandbox_tokens() -> SandboxStatus;
    /// Starts the sandbox and makes a sample token and two sample connectors.
    fn try_sandbox() -> SandboxSamples;

    /// The page's preferences.
    fn preferences() -> Preferences;
    /// Keeps the page's preferences.
    fn set_preferences(preferences: Preferences) -> ();
}
