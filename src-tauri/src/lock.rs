//! The window locks: by hand, or when its user has been away for long enough.

use std::sync::PoisonError;
use std::time::Duration;

use latchkey::workspace::{Idle, Problem, VaultStatus};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};
use tauri_specta::Event;
use tokio_util::sync::CancellationToken;

use crate::desktop::{Desktop, Seat};

/// How often it is asked whether the user is away. A machine that wakes up is locked within this time.
const PAUSE: Duration = Duration::from_secs(1);

/// The window was locked: the page forgets what it shows and asks for the vault's status.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct WorkspaceLocked {
    /// What locked it.
    pub reason: LockReason,
}

/// What locked the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum LockReason {
    /// The user did.
    ByHand,
    /// The user was away.
    Idle,
}

impl Desktop {
    /// Locks the window; what is not open stays as it is.
    pub async fn lock(&self) -> Result<VaultStatus, Problem> {
        let mut seat = self.seat.lock().await;
        self.lock_seat(&mut seat, LockReason::ByHand);
        self.status(&seat).await
    }

    /// The user is there.
    pub fn note_activity(&self) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Idle::since_now(&*self.seams.clock);
    }

    async fn lock_if_away(&self) {
        let mut seat = self.seat.lock().await;
        let Seat::Open { workspace, .. } = &*seat else { return };
        let minutes = workspace.settings().security().auto_lock_minutes;
        let idle = *self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.has_lasted(minutes, &*self.seams.clock) {
            self.lock_seat(&mut seat, LockReason::Idle);
        }
    }

    fn lock_seat(&self, seat: &mut Seat, reason: LockReason) {
        *seat = match std::mem::replace(seat, Seat::NotTried) {
            Seat::Open { workspace, .. } => Seat::Locked(workspace.lock(self.seams.clone())),
            closed => {
                *seat = closed;
                return;
            }
        };
        if let Err(error) = (WorkspaceLocked { reason }).emit(&self.app) {
            tracing::warn!(%error, "the page could not be told that the window is locked");
        }
    }
}

/// Locks the window when its user is away, until it is stopped.
pub fn watch(app: &AppHandle, stop: CancellationToken) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => app.state::<Desktop>().lock_if_away().await,
            }
        }
    });
}
