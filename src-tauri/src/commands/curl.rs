//! The commands of cURL in and out.

use latchkey::transfer::CurlShell;
use latchkey::workspace::{ConnectorCurlImport, CurlCopy, CurlImport, CurlSource};
use secrecy::SecretString;

use super::{Reply, Window};

/// A form filled from a pasted cURL command.
#[tauri::command]
#[specta::specta]
pub async fn parse_curl(command: String) -> Reply<CurlImport> {
    CurlImport::parse(&command)
}

/// A connector's *Setup* filled from a pasted cURL command.
#[tauri::command]
#[specta::specta]
pub async fn parse_connector_curl(command: String) -> Reply<ConnectorCurlImport> {
    ConnectorCurlImport::parse(&command)
}

/// What was copied as a cURL command; the command itself went from here to the clipboard.
#[derive(Debug, Clone, serde::Serialize, specta::Type)]
pub struct CopiedCurl {
    /// What is to be filled in before it can be run, such as `<client_secret>` and `{{order_id}}`.
    pub placeholders: Vec<String>,
    /// What it can't do, in words.
    pub notes: Vec<String>,
}

/// A request as a cURL command, to the clipboard; secrets are placeholders.
#[tauri::command]
#[specta::specta]
pub async fn copy_curl(desktop: Window<'_>, source: CurlSource, shell: CurlShell) -> Reply<CopiedCurl> {
    let CurlCopy { command, placeholders, notes } = desktop.workspace().await?.curl(source, shell).await?;
    desktop.copy(&SecretString::from(command), false)?;
    Ok(CopiedCurl { placeholders, notes })
}
