//! What was committed, from the workspace to the page.

use latchkey::workspace::{Workspace, WorkspaceEvent};
use tauri::AppHandle;
use tauri_specta::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::bindings::WorkspaceChanged;

fn everything_changed() -> Vec<WorkspaceEvent> {
    vec![
        WorkspaceEvent::TokensChanged,
        WorkspaceEvent::ConnectorsChanged,
        WorkspaceEvent::SettingsChanged,
        WorkspaceEvent::CustomersChanged,
        WorkspaceEvent::MessengerChanged,
    ]
}

/// Tells the page every event of the workspace until it is stopped, and starts the sandbox and the Messenger if they
/// were on.
pub fn forward(app: &AppHandle, workspace: &Workspace, stop: CancellationToken) {
    let mut events = workspace.events();
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return,
                next = events.recv() => next,
            };
            let news = match next {
                Ok(event) => vec![event],
                // Some were missed: the page reads its lists again.
                Err(RecvError::Lagged(_)) => everything_changed(),
                Err(RecvError::Closed) => return,
            };
            for event in news {
                if let Err(error) = WorkspaceChanged(event).emit(&app) {
                    tracing::warn!(%error, "the page could not be told");
                }
            }
        }
    });
    let workspace = workspace.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(problem) = workspace.sandbox().start_if_wanted().await {
            tracing::warn!(%problem, "the sandbox was not started");
        }
        if let Err(problem) = workspace.messenger().start_if_wanted().await {
            tracing::warn!(%problem, "the Messenger was not started");
        }
    });
}
