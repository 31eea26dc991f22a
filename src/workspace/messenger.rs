//! The Messenger of a workspace: where it listens, who may call, and the latest calls (M4).

use serde::{Deserialize, Serialize};

use super::Workspace;
use super::views::Problem;
use crate::customer::messenger::{IdentityVerification, MessengerCall};

/// The Messenger of a workspace.
pub struct MessengerControl<'a> {
    pub(super) workspace: &'a Workspace,
}

/// The Messenger as its page shows it.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct MessengerStatus {
    /// Whether it listens.
    pub running: bool,
    /// The loopback port it listens on, or will.
    pub port: u16,
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// The `app_id` of this workspace.
    pub app_id: String,
    /// The origins whose pages may call.
    pub allowed_origins: Vec<String>,
    /// How callers prove on whose behalf they speak.
    pub identity_verification: IdentityVerification,
    /// Whether there is a secret for that.
    pub has_secret: bool,
    /// Why it could not start with the window.
    pub problem: Option<Problem>,
    /// The newest calls, newest first.
    pub calls: Vec<MessengerCall>,
}

/// What can be set of the Messenger. It counts at once, also while it runs.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct MessengerDraft {
    /// The origins whose pages may call, such as `http://localhost:3000`.
    pub allowed_origins: Vec<String>,
    /// How callers prove on whose behalf they speak.
    pub identity_verification: IdentityVerification,
    /// A new secret; `None` keeps the stored one, empty removes it.
    #[serde(default)]
    pub identity_secret: Option<String>,
}

/// A language of ready-made snippets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum SnippetLanguage {
    /// A page in a browser.
    Javascript,
    /// An app of Apple's systems.
    Swift,
    /// An Android app, or any other program in Kotlin.
    Kotlin,
    /// A command line.
    Curl,
}

/// How another system sets a user token, ready to be pasted.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Snippet {
    /// The language.
    pub language: SnippetLanguage,
    /// What to do with it, in a sentence.
    pub about: String,
    /// The code.
    pub code: String,
}

impl MessengerControl<'_> {
    /// Whether it listens, where, and the latest calls.
    ///
    /// # Errors
    /// When the settings can't be read.
    pub async fn status(&self) -> Result<MessengerStatus, Problem> {
        Err(self.pending())
    }

    /// Starts it on this port, or on the one it had last; the first time, on any free one near 47900.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(&self, _port: Option<u16>) -> Result<MessengerStatus, Problem> {
        Err(self.pending())
    }

    /// Stops it; it does not start with the window any more.
    ///
    /// # Errors
    /// When that can't be remembered.
    pub async fn stop(&self) -> Result<MessengerStatus, Problem> {
        Err(self.pending())
    }

    /// Sets who may call and how they prove on whose behalf.
    ///
    /// # Errors
    /// The first fault of the draft, with its field.
    pub async fn set_up(&self, _draft: MessengerDraft) -> Result<MessengerStatus, Problem> {
        Err(self.pending())
    }

    /// How other systems set this user token.
    ///
    /// # Errors
    /// When there is no such token, or it is of another type.
    pub async fn snippets(&self, _token_id: &str) -> Result<Vec<Snippet>, Problem> {
        Err(self.pending())
    }

    fn pending(&self) -> Problem {
        let _ = self.workspace.database();
        Problem::interrupted()
    }
}
