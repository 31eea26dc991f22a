//! The commands of the log as a whole.

use latchkey::execution::ExecutionFilter;
use latchkey::log::{LogOutline, Timeline};
use latchkey::workspace::{ExportFormat, ExportProgress, ExportReport, ExportRequest, LogStorage, Overview, OverviewSpan};
use tauri::ipc::Channel;
use tokio_util::sync::CancellationToken;

use super::{Reply, Window};

/// How many executions fit, and where to enter their list.
#[tauri::command]
#[specta::specta]
pub async fn log_outline(desktop: Window<'_>, task_id: String, filter: ExecutionFilter) -> Reply<LogOutline> {
    let cancel = CancellationToken::new();
    let _cancellable = desktop.cancellable(task_id, cancel.clone());
    desktop.workspace().await?.executions().outline(filter, &cancel).await
}

/// Successes, failures and durations over time.
#[tauri::command]
#[specta::specta]
pub async fn log_timeline(desktop: Window<'_>, task_id: String, filter: ExecutionFilter, most_buckets: u32) -> Reply<Timeline> {
    let cancel = CancellationToken::new();
    let _cancellable = desktop.cancellable(task_id, cancel.clone());
    desktop.workspace().await?.executions().timeline(filter, most_buckets, &cancel).await
}

/// What the log takes, and what it may.
#[tauri::command]
#[specta::specta]
pub async fn log_storage(desktop: Window<'_>) -> Reply<LogStorage> {
    desktop.workspace().await?.executions().storage().await
}

/// Where an export would be put.
#[tauri::command]
#[specta::specta]
pub async fn suggest_export_path(desktop: Window<'_>, filter: ExecutionFilter, format: ExportFormat) -> Reply<String> {
    desktop.workspace().await?.executions().suggest_export_path(filter, format).await
}

/// Writes every execution that fits into a file; progress arrives meanwhile.
#[tauri::command]
#[specta::specta]
pub async fn export_executions(
    desktop: Window<'_>,
    task_id: String,
    request: ExportRequest,
    progress: Channel<ExportProgress>,
) -> Reply<ExportReport> {
    let cancel = CancellationToken::new();
    let _cancellable = desktop.cancellable(task_id, cancel.clone());
    let tell = move |now: ExportProgress| {
        // A page that went away misses the progress; the export goes on.
        let _ = progress.send(now);
    };
    desktop.workspace().await?.executions().export(request, &cancel, &tell).await
}

/// How all connectors and tokens are.
#[tauri::command]
#[specta::specta]
pub async fn overview(desktop: Window<'_>, span: OverviewSpan) -> Reply<Overview> {
    desktop.workspace().await?.overview(span).await
}
