//! The commands of the sandbox.

use latchkey::sandbox::Switches;
use latchkey::workspace::{SandboxSamples, SandboxStatus};

use super::{Reply, Window};

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
