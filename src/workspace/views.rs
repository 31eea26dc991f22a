//! What the vault, the storage, the sandbox and errors look like to clients.

use serde::{Deserialize, Serialize};

use crate::backup::BackupReason;

/// An error as it crosses a border: a plain sentence, what to do, and the field it stands at.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Problem {
    /// What a client may act on.
    pub code: ProblemCode,
    /// What is wrong, in a plain sentence.
    pub message: String,
    /// What to do now.
    pub next_step: String,
    /// Where it stands in what was given, such as `headers[0].name`.
    pub field: Option<String>,
}

/// The errors that a client treats in its own way; everything else is `failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// A field holds something that can't be taken.
    Invalid,
    /// It is not there, or no longer.
    NotFound,
    /// A part of T3 is missing: test the request, or choose a location.
    NeedsTest,
    /// It is used, so it can't be deleted (T7, R1).
    InUse,
    /// The workspace is locked: go to the unlock page.
    Locked,
    /// The passphrase does not fit.
    WrongPassphrase,
    /// The tested response is no longer in memory: test again.
    ResponseGone,
    /// It was cancelled.
    Cancelled,
    /// Anything else.
    Failed,
}

/// Where the workspace's key may be kept (S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum SlotKind {
    /// The operating system's keyring.
    Keyring,
    /// A passphrase.
    Passphrase,
}

/// Whether the workspace is open, and if not, what would open it (S1).
#[derive(Debug, Clone, Serialize, specta::Type)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum VaultStatus {
    /// It is open.
    Open {
        /// The slot that opened it.
        opened_with: SlotKind,
        /// The slots that exist.
        slots: Vec<SlotKind>,
        /// The workspace's folder.
        folder: String,
    },
    /// There is no workspace yet and no keyring to keep its key: a passphrase is needed to make one.
    New {
        /// Why the keyring can't be used, in a sentence.
        reason: String,
        /// The workspace's folder.
        folder: String,
    },
    /// There is a workspace and no slot opened it.
    Locked {
        /// The slots that exist.
        slots: Vec<SlotKind>,
        /// Why the keyring did not open it, in a sentence.
        reason: String,
        /// What to do now.
        next_step: String,
        /// The workspace's folder.
        folder: String,
        /// Whether it was locked on purpose in this window: if a passphrase is enrolled, only the passphrase opens it then;
        /// otherwise the keyring is asked again.
        by_user: bool,
    },
    /// Its database is damaged or missing (S6).
    Damaged {
        /// What is wrong with it, in a sentence.
        reason: String,
        /// What to do now.
        next_step: String,
        /// The workspace's folder.
        folder: String,
        /// Where the damaged database was set aside, untouched; `null` when there was none or it could not be.
        set_aside: Option<String>,
        /// The backups that are intact, the newest first; perhaps none.
        backups: Vec<BackupView>,
    },
    /// It can't be opened at all, whatever the key.
    Broken {
        /// Why, in a sentence.
        reason: String,
        /// What to do now.
        next_step: String,
        /// The workspace's folder.
        folder: String,
    },
}

/// The *Storage and security* page.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct StorageView {
    /// The workspace's folder.
    pub folder: String,
    /// The database with its write-ahead log, in bytes.
    pub database_bytes: f64,
    /// All backups, in bytes.
    pub backups_bytes: f64,
    /// The slot that opened it.
    pub opened_with: SlotKind,
    /// The slots that exist.
    pub slots: Vec<SlotKind>,
    /// Executions recorded.
    pub executions: u32,
}

/// A backup of the database.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct BackupView {
    /// The name of its file, by which it is restored.
    pub name: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Its size in bytes.
    pub bytes: f64,
    /// Why it was made.
    pub reason: BackupReason,
}

/// The backups of a workspace.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct BackupsView {
    /// The folder that they are in.
    pub folder: String,
    /// The newest first.
    pub backups: Vec<BackupView>,
    /// Why the last backup that this program made by itself failed.
    pub problem: Option<Problem>,
}

/// The sandbox as its page shows it.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct SandboxStatus {
    /// Whether it listens.
    pub running: bool,
    /// The loopback port it listens on, or will.
    pub port: u16,
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// How it misbehaves at present.
    pub switches: crate::sandbox::Switches,
    /// The newest requests it served, newest first; no secrets.
    pub requests: Vec<crate::sandbox::ServedRequest>,
}

/// What *Try it with the sandbox* made.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct SandboxSamples {
    /// The sample token.
    pub token_id: String,
    /// The connector to run first.
    pub connector_id: String,
}

/// Something that was committed, by this process or another on the same workspace.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum WorkspaceEvent {
    /// An execution was recorded.
    ExecutionRecorded {
        /// The connector that ran.
        connector_id: String,
        /// The execution.
        execution_id: String,
    },
    /// A token, its value or its use changed.
    TokensChanged,
    /// A connector changed.
    ConnectorsChanged,
    /// A breaker changed its state or counted a failure (C5).
    BreakerChanged {
        /// The connector that it guards.
        connector_id: String,
    },
    /// A setting changed.
    SettingsChanged,
    /// A customer, or what one holds, changed.
    CustomersChanged,
    /// The Messenger was started, stopped, set up or called.
    MessengerChanged,
    /// The sandbox was started, stopped, switched or asked.
    SandboxChanged,
    /// Something in the database is not what was written (S6): ask for the vault's status.
    DatabaseDamaged {
        /// What, in a sentence.
        reason: String,
    },
}
