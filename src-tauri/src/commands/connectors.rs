//! The commands of data connectors.

use latchkey::connector::ConnectorDraft;
use latchkey::workspace::{ConnectorDetail, ConnectorSummary};

use super::{Reply, Window};

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
