//! The commands of *Storage and security*: what is stored, settings, the lock, the slots and the folder.

use latchkey::workspace::{SettingView, StorageView, VaultStatus};
use secrecy::SecretString;

use super::{Reply, Window};

/// All settings.
#[tauri::command]
#[specta::specta]
pub async fn list_settings(desktop: Window<'_>) -> Reply<Vec<SettingView>> {
    desktop.workspace().await?.settings().list().await
}

/// Sets one to what the text means.
#[tauri::command]
#[specta::specta]
pub async fn set_setting(desktop: Window<'_>, key: String, value: String) -> Reply<SettingView> {
    desktop.workspace().await?.settings().set(&key, &value).await
}

/// Lets the default of one count again.
#[tauri::command]
#[specta::specta]
pub async fn reset_setting(desktop: Window<'_>, key: String) -> Reply<SettingView> {
    desktop.workspace().await?.settings().reset(&key).await
}

/// Closes the workspace in this window; its key leaves memory, and runs under way still end and are recorded.
#[tauri::command]
#[specta::specta]
pub async fn lock(desktop: Window<'_>) -> Reply<VaultStatus> {
    desktop.lock().await
}

/// The user is there; told at most once in 10 seconds.
#[tauri::command]
#[specta::specta]
pub async fn note_activity(desktop: Window<'_>) -> Reply<()> {
    desktop.note_activity();
    Ok(())
}

/// The workspace's folder to the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn copy_folder(desktop: Window<'_>) -> Reply<()> {
    let folder = desktop.workspace().await?.storage().await?.folder;
    desktop.copy(&SecretString::from(folder), false)
}

/// Keeps the key in the operating system's keyring too.
#[tauri::command]
#[specta::specta]
pub async fn enrol_keyring(desktop: Window<'_>) -> Reply<StorageView> {
    let workspace = desktop.workspace().await?;
    workspace.enrol_keyring().await?;
    workspace.storage().await
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
