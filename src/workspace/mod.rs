//! The public face of the engine: everything that a window, a headless program or a server needs.
//!
//! [`Workspace`] is cheap to clone and may be shared between threads; its calls are async and never block one.

mod backups;
mod breakers;
mod care;
mod changes;
mod connector_checks;
mod connector_secrets;
mod connector_views;
mod connectors;
mod curl;
mod customer_pages;
mod customer_views;
mod customers;
mod damaged;
mod events;
mod executions;
mod export;
mod exported;
mod idle;
mod keeping;
mod lock;
mod log_filter;
mod logs;
mod memory;
mod messenger;
mod messenger_rules;
mod open;
mod overview;
mod placeholders;
mod prepared;
mod problem;
mod responses;
mod samples;
mod sandbox;
mod secrets;
mod settings;
mod snippets;
mod start;
mod testing;
mod token_detail;
mod token_views;
mod tokens;
mod typed_locations;
mod unlocked;
mod vault;
mod views;

pub use backups::{Backups, closed_backups};
pub use breakers::{BreakerFailure, BreakerState, BreakerView};
pub use changes::DiffReport;
pub use connector_views::{ConnectorDetail, ConnectorSummary, LastExecution};
pub use connectors::Connectors;
pub use curl::{ConnectorCurlImport, CurlCopy, CurlImport, CurlSource};
pub use customer_views::{CustomerDetail, CustomerDraft, CustomerFilter, CustomerPage, CustomerSummary, HeldToken};
pub use customers::Customers;
pub use damaged::DamagedWorkspace;
pub use executions::{ExecutionRequest, Executions, RunHandle};
pub use idle::Idle;
pub use lock::LockedWorkspace;
pub use logs::{ExportFormat, ExportProgress, ExportReport, ExportRequest, LogStorage};
pub use messenger::{MessengerControl, MessengerDraft, MessengerStatus, Snippet, SnippetLanguage};
pub use open::{FOLDER_VARIABLE, OpenFailure, workspace_folder};
pub use overview::{ConnectorHealth, FailureCount, Overview, OverviewSpan, TokenHealth};
pub use responses::Responses;
pub use sandbox::SandboxControl;
pub use settings::{BackupSettings, SecuritySettings, SettingKind, SettingView, Settings};
pub use testing::TestHandle;
pub use token_views::{
    FieldView, HeaderRow, LastTest, LocatedView, Moved, NamedRef, Progress, RequestView, SecretRef, TestReport, TokenDetail,
    TokenSummary, ValueChange,
};
pub use tokens::Tokens;
pub use unlocked::{BackupContents, RestoreFailure, Restored, Unlocked, restore};
pub use views::{
    BackupView, BackupsView, Problem, ProblemCode, SandboxSamples, SandboxStatus, SlotKind, StorageView, VaultStatus,
    WorkspaceEvent,
};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::broadcast;

use crate::clock::{Clock, SystemClock};
use crate::execution::Means;
use crate::http::{Client, LiveLimits};
use crate::redact::Redactors;
use crate::refresh::Flights;
use crate::store::Database;
use crate::vault::{DatabaseKey, KeySlot, Vault};

/// What passes outside effects into a workspace: few, named, with real defaults.
#[derive(Clone)]
pub struct Seams {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The operating system's keyring.
    pub keyring: Arc<dyn KeySlot>,
}

impl Seams {
    /// The machine's own clock and keyring.
    pub fn real() -> Self {
        Self { clock: Arc::new(SystemClock::new()), keyring: Arc::new(crate::vault::KeyringSlot::new()) }
    }
}

/// An open workspace.
#[derive(Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

struct Inner {
    vault: Vault,
    key: DatabaseKey,
    workspace_id: String,
    keyring: Arc<dyn KeySlot>,
    opened_with: SlotKind,
    database: Arc<Database>,
    means: Means,
    prepared: prepared::Prepared,
    live: Arc<settings::LiveSettings>,
    memory: memory::Memory,
    sandbox: sandbox::SandboxSeat,
    messenger: messenger::MessengerSeat,
    backup_failure: backups::LastFailure,
    keeper: keeping::KeeperSeat,
    events: broadcast::Sender<WorkspaceEvent>,
    _watch: events::Watch,
}

impl Workspace {
    /// Opens the workspace of a folder, making it where there is none. A passphrase that is given and enrolled
    /// decides alone; otherwise the keyring is asked (S1).
    ///
    /// # Errors
    /// When no slot gives the key, or the database can't be opened. Nothing has been changed then, except that a database
    /// that turned out to be damaged is set aside (S6).
    pub async fn open(folder: impl Into<PathBuf>, passphrase: Option<SecretString>, seams: Seams) -> Result<Self, OpenFailure> {
        let vault = Vault::new(folder, seams.keyring.clone());
        tokio::task::spawn_blocking(crate::store::make_cipher_ready);
        let opening = tokio::task::spawn_blocking(move || vault.open(passphrase.as_ref()).map(|opened| (vault, opened)));
        let (vault, opened) = opening.await.map_err(|_| unlocked::interrupted())??;
        Unlocked::new(vault, opened, seams).open().await
    }

    /// The workspace over its opened database.
    async fn with(unlocked: Unlocked, database: Arc<Database>, live: Arc<settings::LiveSettings>, limits: LiveLimits) -> Self {
        let Unlocked { vault, key, workspace_id, opened_with, seams, .. } = unlocked;
        let client = Client::new();
        let clock = Arc::clone(&seams.clock);
        let flights = Flights::new(Arc::clone(&database), client.clone(), limits.clone(), clock, vault.folder());
        let means = Means {
            database: Arc::clone(&database),
            client,
            flights,
            redactors: Redactors::default(),
            clock: seams.clock,
            limits,
        };
        {
            // What a deleted connector's log or a deleted token left behind when a program ended in the middle of it.
            let database = Arc::clone(&database);
            tokio::task::spawn_blocking(move || {
                if let Err(failure) = database.sweep() {
                    tracing::warn!(%failure, "the logs of deleted connectors were not swept");
                }
                if let Err(failure) = database.sweep_customers() {
                    tracing::warn!(%failure, "what customers held of deleted tokens was not swept");
                }
            });
        }
        if let Err(failure) = database.follow_log(crate::log::text_of) {
            tracing::warn!(%failure, "what is recorded can't be searched");
        }
        let (events, _) = broadcast::channel(1024);
        let alarm = care::Alarm { folder: vault.folder().to_owned(), clock: Arc::clone(&means.clock) };
        let watch = events::Watch::start(Arc::clone(&database), Arc::clone(&live), events.clone(), alarm).await;
        let inner = Inner {
            vault,
            key,
            workspace_id,
            keyring: seams.keyring,
            opened_with,
            database,
            means,
            prepared: prepared::Prepared::default(),
            live,
            memory: memory::Memory::default(),
            sandbox: sandbox::SandboxSeat::default(),
            messenger: messenger::MessengerSeat::default(),
            backup_failure: backups::LastFailure::default(),
            keeper: keeping::KeeperSeat::default(),
            events,
            _watch: watch,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What opens this workspace again, or puts a backup in its database's place, once it is closed.
    pub fn unlocked(&self) -> Unlocked {
        Unlocked {
            vault: self.inner.vault.clone(),
            key: self.inner.key.clone(),
            workspace_id: self.inner.workspace_id.clone(),
            opened_with: self.inner.opened_with,
            database_made: true,
            seams: Seams { clock: Arc::clone(&self.inner.means.clock), keyring: Arc::clone(&self.inner.keyring) },
        }
    }

    /// The workspace's folder.
    pub fn folder(&self) -> &Path {
        self.inner.vault.folder()
    }

    /// The tokens.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { workspace: self }
    }

    /// The data connectors.
    pub fn connectors(&self) -> Connectors<'_> {
        Connectors { workspace: self }
    }

    /// The customers.
    pub fn customers(&self) -> Customers<'_> {
        Customers { workspace: self }
    }

    /// The Messenger of this workspace.
    pub fn messenger(&self) -> MessengerControl<'_> {
        MessengerControl { workspace: self }
    }

    /// The executions that were recorded.
    pub fn executions(&self) -> Executions<'_> {
        Executions { workspace: self }
    }

    /// The responses that are kept in memory, as trees.
    pub fn responses(&self) -> Responses<'_> {
        Responses { workspace: self }
    }

    /// The settings.
    pub fn settings(&self) -> Settings<'_> {
        Settings { workspace: self }
    }

    /// The backups.
    pub fn backups(&self) -> Backups<'_> {
        Backups { workspace: self }
    }

    /// The sandbox of this workspace.
    pub fn sandbox(&self) -> SandboxControl<'_> {
        SandboxControl { workspace: self }
    }

    /// What is committed from now on, by this process or another, within a second. A receiver that falls far behind
    /// misses events and is told so by its `Lagged` error: it should read its lists again.
    pub fn events(&self) -> broadcast::Receiver<WorkspaceEvent> {
        self.inner.events.subscribe()
    }

    /// Whether a login is under way in this process, with or without anybody who waits for it (E6).
    pub fn login_under_way(&self) -> bool {
        self.inner.means.flights.login_under_way()
    }

    /// Waits until the logins that are under way have landed: what a program does before it ends, so that no answer is
    /// lost. It takes no longer than an attempt may.
    pub async fn logins_landed(&self) {
        self.inner.means.flights.landed().await;
    }

    /// Waits until everything that was recorded up to now can be searched, but no longer than `limit`; says whether it can.
    /// For programs that do one thing and end: what they recorded is found at once by whoever looks next.
    pub async fn log_indexed(&self, limit: std::time::Duration) -> bool {
        let database = Arc::clone(self.database());
        tokio::task::spawn_blocking(move || database.indexed(limit)).await.unwrap_or(false)
    }

    fn database(&self) -> &Arc<Database> {
        &self.inner.database
    }

    fn now_ms(&self) -> i64 {
        crate::clock::to_millis(self.inner.means.clock.now())
    }

    fn tell(&self, event: WorkspaceEvent) {
        // Nobody may be listening, and that is fine.
        let _ = self.inner.events.send(event);
    }
}
