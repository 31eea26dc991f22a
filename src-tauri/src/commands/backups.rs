//! The commands of backups and of a damaged database.

use latchkey::workspace::{BackupView, BackupsView, VaultStatus};

use super::{Reply, Window};

/// The backups of the workspace, open or not, newest first.
#[tauri::command]
#[specta::specta]
pub async fn list_backups(desktop: Window<'_>) -> Reply<BackupsView> {
    desktop.backups().await
}

/// Makes a backup now.
#[tauri::command]
#[specta::specta]
pub async fn make_backup(desktop: Window<'_>) -> Reply<BackupView> {
    desktop.workspace().await?.backups().now().await
}

/// Sets the present database aside, restores a backup and opens the workspace.
#[tauri::command]
#[specta::specta]
pub async fn restore_backup(desktop: Window<'_>, name: String) -> Reply<VaultStatus> {
    desktop.restore(&name).await
}

/// Opens a new, empty database in place of a damaged one.
#[tauri::command]
#[specta::specta]
pub async fn start_empty(desktop: Window<'_>) -> Reply<VaultStatus> {
    desktop.start_empty().await
}
