//! Being asked to end: Ctrl-C, or the signal that service managers and build servers send.

use std::io;

use latchkey::workspace::Workspace;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::output::Output;

/// Listens from its making on, so that nothing which comes early is missed.
pub struct StopSignal {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl StopSignal {
    /// Listens from now on; the signals do nothing else any more.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Listens from now on; the signals do nothing else any more.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    #[cfg(windows)]
    pub fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    /// Waits for the next signal.
    pub async fn asked(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        self.interrupt.recv().await;
    }
}

/// A command that can be asked to end: the first signal cancels its work, and a second one ends the wait for what can't
/// be cancelled.
pub struct Stopping {
    asked: CancellationToken,
    asked_again: CancellationToken,
    listening: JoinHandle<()>,
}

impl Stopping {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    pub fn listen() -> io::Result<Self> {
        let mut stop = StopSignal::listen()?;
        let (asked, asked_again) = (CancellationToken::new(), CancellationToken::new());
        let listening = tokio::spawn({
            let (asked, asked_again) = (asked.clone(), asked_again.clone());
            async move {
                stop.asked().await;
                asked.cancel();
                stop.asked().await;
                asked_again.cancel();
            }
        });
        Ok(Self { asked, asked_again, listening })
    }

    /// Cancelled once the command was asked to end.
    pub fn asked(&self) -> &CancellationToken {
        &self.asked
    }

    /// Waits until every login that this program asked has landed, since its answer would be lost with the program (E6).
    /// Being asked to end once more ends the wait.
    pub async fn until_logins_landed(&self, workspace: &Workspace, output: &Output) {
        if !workspace.login_under_way() {
            return;
        }
        output.remark("A login is still under way, and its answer is waited for. Ctrl-C again ends at once.");
        tokio::select! {
            () = workspace.logins_landed() => {}
            () = self.asked_again.cancelled() => {}
        }
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
