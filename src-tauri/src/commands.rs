//! The commands of the page: one line each over [`latchkey::workspace::Workspace`].

pub mod backups;
pub mod breakers;
pub mod connectors;
pub mod curl;
pub mod customers;
pub mod executions;
pub mod logs;
pub mod messenger;
pub mod responses;
pub mod sandbox;
pub mod security;
pub mod tokens;

use latchkey::workspace::{Problem, VaultStatus};
use tauri::{AppHandle, State};

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

/// Cancels a test or a run that is under way.
#[tauri::command]
#[specta::specta]
pub async fn cancel(desktop: Window<'_>, run_id: String) -> Reply<()> {
    desktop.cancel(&run_id);
    Ok(())
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
