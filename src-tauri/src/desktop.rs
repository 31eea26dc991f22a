//! What the window holds: the workspace once it is open, the work that can be cancelled, and the clipboard.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use latchkey::vault::VaultFailure;
use latchkey::workspace::{Idle, LockedWorkspace, OpenFailure, Problem, ProblemCode, Seams, VaultStatus, Workspace};
use secrecy::{ExposeSecret, SecretString};
use tauri::AppHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{events, lock};

/// Opens a workspace whose passphrase is enrolled, in scripts and tests.
const PASSPHRASE_VARIABLE: &str = "LATCHKEY_PASSPHRASE";

/// The state behind the page.
pub struct Desktop {
    pub(crate) app: AppHandle,
    pub(crate) folder: PathBuf,
    pub(crate) seams: Seams,
    pub(crate) idle: Mutex<Idle>,
    pub(crate) seat: tokio::sync::Mutex<Seat>,
    running: Mutex<HashMap<String, CancellationToken>>,
    clipboard: Mutex<Option<arboard::Clipboard>>,
}

/// Whether the workspace is open in this window.
pub(crate) enum Seat {
    NotTried,
    Open {
        workspace: Workspace,
        /// Ends what follows the open workspace: its events, and the watch over its user's absence.
        _followed: DropGuard,
    },
    Closed(OpenFailure),
    Locked(LockedWorkspace),
}

impl Desktop {
    /// Nothing is opened yet.
    pub fn new(app: AppHandle, folder: PathBuf) -> Self {
        let seams = Seams::real();
        Self {
            app,
            folder,
            idle: Mutex::new(Idle::since_now(&*seams.clock)),
            seams,
            seat: tokio::sync::Mutex::new(Seat::NotTried),
            running: Mutex::default(),
            clipboard: Mutex::default(),
        }
    }

    /// The open workspace.
    pub async fn workspace(&self) -> Result<Workspace, Problem> {
        match &*self.seat.lock().await {
            Seat::Open { workspace, .. } => Ok(workspace.clone()),
            Seat::NotTried => Err(Problem::new(ProblemCode::Locked, "The workspace is not open yet.", "Wait a moment.")),
            Seat::Closed(failure) => Err(Problem::new(ProblemCode::Locked, failure.to_string(), failure.next_step())),
            Seat::Locked(_) => Err(Problem::new(ProblemCode::Locked, "The workspace is locked.", "Unlock it first.")),
        }
    }

    /// Whether the workspace is open; the first call tries to open it.
    pub async fn vault_status(&self) -> Result<VaultStatus, Problem> {
        let mut seat = self.seat.lock().await;
        if matches!(*seat, Seat::NotTried) {
            let passphrase = std::env::var(PASSPHRASE_VARIABLE).ok().filter(|passphrase| !passphrase.is_empty());
            self.open(&mut seat, passphrase.map(SecretString::from)).await;
        }
        self.judge(&mut seat).await;
        self.status(&seat).await
    }

    /// Opens the workspace with a passphrase, or asks the keyring again. A wrong passphrase changes nothing.
    pub async fn unlock(&self, passphrase: Option<String>) -> Result<VaultStatus, Problem> {
        let mut seat = self.seat.lock().await;
        let passphrase = passphrase.map(SecretString::from);
        let opened = match &*seat {
            Seat::Open { .. } => return self.status(&seat).await,
            Seat::Locked(locked) => locked.unlock(passphrase).await,
            Seat::NotTried | Seat::Closed(_) => Workspace::open(&self.folder, passphrase, self.seams.clone()).await,
        };
        match opened {
            Ok(workspace) => *seat = self.seated(workspace),
            // The page stays where it is, with what was typed, and shows this there.
            Err(failure) if failure.is_of_the_passphrase() => return Err(failure.into()),
            Err(failure @ OpenFailure::Vault(VaultFailure::Locked { .. })) if matches!(*seat, Seat::Locked(_)) => {
                return Err(failure.into());
            }
            Err(failure) => *seat = Seat::Closed(failure),
        }
        self.status(&seat).await
    }

    async fn open(&self, seat: &mut Seat, passphrase: Option<SecretString>) {
        *seat = match Workspace::open(&self.folder, passphrase, self.seams.clone()).await {
            Ok(workspace) => self.seated(workspace),
            Err(failure) => Seat::Closed(failure),
        };
    }

    pub(crate) fn seated(&self, workspace: Workspace) -> Seat {
        let followed = CancellationToken::new();
        events::forward(&self.app, &workspace, followed.clone());
        self.note_activity();
        lock::watch(&self.app, followed.clone());
        workspace.look_after();
        Seat::Open { workspace, _followed: followed.drop_guard() }
    }

    pub(crate) async fn status(&self, seat: &Seat) -> Result<VaultStatus, Problem> {
        match seat {
            Seat::Open { workspace, .. } => workspace.vault_status().await,
            Seat::Locked(locked) => locked.status().await,
            Seat::Closed(failure) => Ok(failure.status(&self.folder)),
            Seat::NotTried => Err(Problem::new(ProblemCode::Locked, "The workspace is not open yet.", "Wait a moment.")),
        }
    }

    /// Work under this id can be cancelled until the guard is dropped.
    pub fn cancellable(&self, run_id: String, cancel: CancellationToken) -> Cancellable<'_> {
        self.on_running(|running| running.insert(run_id.clone(), cancel));
        Cancellable { desktop: self, run_id }
    }

    /// Cancels the work under this id, if it is still under way.
    pub fn cancel(&self, run_id: &str) {
        if let Some(cancel) = self.on_running(|running| running.get(run_id).cloned()) {
            cancel.cancel();
        }
    }

    fn on_running<T>(&self, act: impl FnOnce(&mut HashMap<String, CancellationToken>) -> T) -> T {
        act(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A text to the clipboard, from Rust (T8). A secret is kept out of clipboard histories that can be told so.
    pub fn copy(&self, text: &SecretString, secret: bool) -> Result<(), Problem> {
        let refused = |error: arboard::Error| {
            Problem::new(
                ProblemCode::Failed,
                format!("The clipboard could not be used: {error}."),
                if secret { "Reveal the value and copy it by hand." } else { "Select it and copy it by hand." },
            )
        };
        let mut seat = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner);
        if seat.is_none() {
            *seat = Some(arboard::Clipboard::new().map_err(refused)?);
        }
        let Some(clipboard) = seat.as_mut() else { return Ok(()) };
        let entry = clipboard.set();
        #[cfg(target_os = "linux")]
        let entry = if secret { arboard::SetExtLinux::exclude_from_history(entry) } else { entry };
        #[cfg(target_os = "macos")]
        let entry = if secret { arboard::SetExtApple::exclude_from_history(entry) } else { entry };
        #[cfg(windows)]
        let entry = if secret { arboard::SetExtWindows::exclude_from_history(entry) } else { entry };
        // Exposed to the clipboard because the user asked for it.
        entry.text(text.expose_secret()).map_err(refused)
    }
}

/// Ends the possibility to cancel when dropped.
pub struct Cancellable<'a> {
    desktop: &'a Desktop,
    run_id: String,
}

impl Drop for Cancellable<'_> {
    fn drop(&mut self) {
        self.desktop.on_running(|running| running.remove(&self.run_id));
    }
}
