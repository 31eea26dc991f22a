//! The commands of the Messenger.

use latchkey::workspace::{MessengerDraft, MessengerStatus, Problem, ProblemCode, Snippet, SnippetLanguage};
use secrecy::SecretString;

use super::{Reply, Window};

/// The Messenger.
#[tauri::command]
#[specta::specta]
pub async fn messenger_status(desktop: Window<'_>) -> Reply<MessengerStatus> {
    desktop.workspace().await?.messenger().status().await
}

/// Starts the Messenger on its port, or on another one.
#[tauri::command]
#[specta::specta]
pub async fn start_messenger(desktop: Window<'_>, port: Option<u16>) -> Reply<MessengerStatus> {
    desktop.workspace().await?.messenger().start(port).await
}

/// Stops the Messenger.
#[tauri::command]
#[specta::specta]
pub async fn stop_messenger(desktop: Window<'_>) -> Reply<MessengerStatus> {
    desktop.workspace().await?.messenger().stop().await
}

/// Sets who may call the Messenger and how they prove on whose behalf.
#[tauri::command]
#[specta::specta]
pub async fn set_up_messenger(desktop: Window<'_>, draft: MessengerDraft) -> Reply<MessengerStatus> {
    desktop.workspace().await?.messenger().set_up(draft).await
}

/// How other systems set a user token.
#[tauri::command]
#[specta::specta]
pub async fn messenger_snippets(desktop: Window<'_>, token_id: String) -> Reply<Vec<Snippet>> {
    desktop.workspace().await?.messenger().snippets(&token_id).await
}

/// One of these snippets to the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn copy_messenger_snippet(desktop: Window<'_>, token_id: String, language: SnippetLanguage) -> Reply<()> {
    let snippets = desktop.workspace().await?.messenger().snippets(&token_id).await?;
    let found = snippets.into_iter().find(|snippet| snippet.language == language);
    let snippet = found.ok_or_else(|| {
        Problem::new(ProblemCode::NotFound, "There is no snippet in this language.", "Choose another language.")
    })?;
    desktop.copy(&SecretString::from(snippet.code), false)
}

/// Makes a new secret for identity verification.
#[tauri::command]
#[specta::specta]
pub async fn make_messenger_secret(desktop: Window<'_>) -> Reply<MessengerStatus> {
    desktop.workspace().await?.messenger().make_secret().await
}

/// What of the Messenger other systems are told.
#[derive(Debug, Clone, Copy, serde::Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum MessengerCopy {
    /// Where it listens, or will.
    Address,
    /// The `app_id` of this workspace.
    AppId,
}

/// The Messenger's address or `app_id` to the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn copy_messenger(desktop: Window<'_>, what: MessengerCopy) -> Reply<()> {
    let status = desktop.workspace().await?.messenger().status().await?;
    let text = match what {
        MessengerCopy::Address => status.base_url,
        MessengerCopy::AppId => status.app_id,
    };
    desktop.copy(&SecretString::from(text), false)
}
