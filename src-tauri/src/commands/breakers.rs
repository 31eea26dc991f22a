//! The commands of circuit breakers.

use latchkey::workspace::BreakerView;

use super::{Reply, Window};

/// A connector's breaker.
#[tauri::command]
#[specta::specta]
pub async fn breaker(desktop: Window<'_>, connector_id: String) -> Reply<BreakerView> {
    desktop.workspace().await?.breaker(&connector_id).await
}

/// Closes a breaker by hand (C5).
#[tauri::command]
#[specta::specta]
pub async fn reset_breaker(desktop: Window<'_>, connector_id: String) -> Reply<BreakerView> {
    desktop.workspace().await?.reset_breaker(&connector_id).await
}

/// Opens a breaker by hand, until it is reset (C5).
#[tauri::command]
#[specta::specta]
pub async fn isolate_breaker(desktop: Window<'_>, connector_id: String) -> Reply<BreakerView> {
    desktop.workspace().await?.isolate_breaker(&connector_id).await
}
