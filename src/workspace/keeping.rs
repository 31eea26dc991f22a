//! The log kept within its limits while the workspace is open: in the background of programs that stay open, and for a
//! moment by those that end soon.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Workspace;
use super::care::opened;
use super::views::Problem;
use crate::log::{Keeper, Kept};

/// After opening, so that the first page or command is served first.
const FIRST: Duration = Duration::from_secs(5);
/// Between two looks when all was well. Runs that come as fast as they can write some hundred megabytes meanwhile.
const PAUSE: Duration = Duration::from_secs(30);
/// For so long it is kept before the workspace is let go of, so that it can be closed.
const WHILE: Duration = Duration::from_millis(500);
/// Between two whiles.
const BREATH: Duration = Duration::from_millis(100);

/// Who keeps the log, from one while to the next. One at a time in a process: a second one finds nothing to do.
#[derive(Clone, Default)]
pub(super) struct KeeperSeat(Arc<Mutex<Keeper>>);

impl Workspace {
    /// Keeps the log within its limits from now on, until the workspace is closed. For programs that go on for a while.
    pub fn keep_log(&self) {
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            let mut pause = FIRST;
            loop {
                tokio::time::sleep(pause).await;
                // Held only while there is something to do, so that the workspace can be closed meanwhile.
                let Some(workspace) = opened(&inner) else { return };
                pause = match workspace.keep_log_for(WHILE).await {
                    Ok(true) => BREATH,
                    Ok(false) => PAUSE,
                    Err(problem) => {
                        tracing::warn!(%problem, "the log was not kept within its limits this time");
                        PAUSE
                    }
                };
            }
        });
    }

    /// Keeps the log within its limits for about so long, and says whether there is more to do. It costs some reads when
    /// there is nothing.
    ///
    /// # Errors
    /// When the database can't be read or written; what was deleted stays deleted.
    pub async fn keep_log_for(&self, limit: Duration) -> Result<bool, Problem> {
        let workspace = self.clone();
        let keeping = tokio::task::spawn_blocking(move || {
            // Whatever another one is at when it panics, the next look finds what is left to do.
            let mut keeper = workspace.inner.keeper.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (database, limits) = (workspace.database(), workspace.settings().logs());
            let stops = || database.damage().is_some();
            keeper.keep(database, &*workspace.inner.means.clock, limits, limit, &stops)
        });
        let Kept { deleted, more } = keeping.await.map_err(|_| Problem::interrupted())??;
        if deleted > 0 {
            tracing::debug!(deleted, "executions were deleted to keep the log within its limits");
        }
        Ok(more)
    }
}
