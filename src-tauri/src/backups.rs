//! Backups and damaged databases in the window: what has to close and open the workspace on the way.

use latchkey::workspace::{BackupsView, OpenFailure, Problem, ProblemCode, Unlocked, VaultStatus, Workspace, closed_backups};

use crate::desktop::{Desktop, Seat};

impl Desktop {
    /// The backups of the workspace, open or not.
    pub async fn backups(&self) -> Result<BackupsView, Problem> {
        match &*self.seat.lock().await {
            Seat::Open { workspace, .. } => workspace.backups().list().await,
            _ => closed_backups(&self.folder),
        }
    }

    /// Closes the workspace, if it is open, puts a backup in its database's place and opens it. When that is refused,
    /// the workspace is opened again as it was.
    pub async fn restore(&self, name: &str) -> Result<VaultStatus, Problem> {
        let mut seat = self.seat.lock().await;
        let unlocked = match std::mem::replace(&mut *seat, Seat::NotTried) {
            Seat::Open { workspace, .. } => closed(workspace).await,
            Seat::Closed(OpenFailure::Damaged(damaged)) => damaged.unlocked,
            other => {
                *seat = other;
                let message = "The workspace is not open, so nothing was restored.";
                return Err(Problem::new(ProblemCode::Locked, message, "Unlock it first."));
            }
        };
        let restored = unlocked.restore(name).await;
        *seat = self.opened(unlocked).await;
        restored?;
        self.status(&seat).await
    }

    /// Opens a damaged workspace with a new, empty database.
    pub async fn start_empty(&self) -> Result<VaultStatus, Problem> {
        let mut seat = self.seat.lock().await;
        let Seat::Closed(OpenFailure::Damaged(damaged)) = &*seat else {
            let message = "The database of this workspace is not damaged, so it was left as it is.";
            return Err(Problem::new(ProblemCode::Failed, message, "Go back to the workspace."));
        };
        let unlocked = damaged.unlocked.clone();
        let started = unlocked.start_empty().await;
        *seat = self.opened(unlocked).await;
        started?;
        self.status(&seat).await
    }

    /// Opens a workspace again in whose database damage was met, so that it is checked whole, and set aside (S6).
    pub(crate) async fn judge(&self, seat: &mut Seat) {
        if !matches!(seat, Seat::Open { workspace, .. } if workspace.damage().is_some()) {
            return;
        }
        if let Seat::Open { workspace, .. } = std::mem::replace(seat, Seat::NotTried) {
            *seat = self.opened(closed(workspace).await).await;
        }
    }

    async fn opened(&self, unlocked: Unlocked) -> Seat {
        match unlocked.open().await {
            Ok(workspace) => self.seated(workspace),
            Err(failure) => Seat::Closed(failure),
        }
    }
}

async fn closed(workspace: Workspace) -> Unlocked {
    let unlocked = workspace.unlocked();
    workspace.close().await;
    unlocked
}
