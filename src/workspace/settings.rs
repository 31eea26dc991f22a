//! The settings that exist so far, by their dotted keys.

use super::Workspace;
use super::views::Problem;
use crate::store::settings;

/// The limit of a connector's response body (S4), in bytes.
pub(super) const RESPONSE_LIMIT_DEFAULT: u64 = 10 * 1024 * 1024;

/// The settings of a workspace.
pub struct Settings<'a> {
    pub(super) workspace: &'a Workspace,
}

/// The port that the sandbox listens on.
const SANDBOX_PORT: &str = "sandbox.port";
/// Whether the window starts the sandbox when it opens.
const SANDBOX_STARTS: &str = "sandbox.starts_with_window";

impl Settings<'_> {
    /// The port that the sandbox had last, so that the URLs of its samples stay true; `None` before its first start.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn sandbox_port(&self) -> Result<Option<u16>, Problem> {
        self.get(SANDBOX_PORT).await
    }

    pub(super) async fn set_sandbox_port(&self, port: u16) -> Result<(), Problem> {
        self.put(SANDBOX_PORT, &port).await
    }

    /// Whether the window starts the sandbox when it opens: on once it was tried, off once it was stopped.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn sandbox_starts_with_window(&self) -> Result<bool, Problem> {
        Ok(self.get(SANDBOX_STARTS).await?.unwrap_or(false))
    }

    pub(super) async fn set_sandbox_starts_with_window(&self, starts: bool) -> Result<(), Problem> {
        self.put(SANDBOX_STARTS, &starts).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, key: &'static str) -> Result<Option<T>, Problem> {
        let text = self.workspace.database().read_async(move |connection| settings::get(connection, key)).await?;
        // A value that this version can't read counts as not set.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn put<T: serde::Serialize>(&self, key: &'static str, value: &T) -> Result<(), Problem> {
        let text = serde_json::json!(value).to_string();
        Ok(self.workspace.database().write_async(move |transaction| settings::put(transaction, key, &text)).await?)
    }
}
