//! The sandbox of a workspace: one demo API on a remembered loopback port. The engine meets it over real HTTP, as
//! it meets every other server.

use std::sync::{Mutex, PoisonError};

use super::Workspace;
use super::views::{Problem, ProblemCode, SandboxStatus, WorkspaceEvent};
use crate::sandbox::{Sandbox, Switches};

/// The port that is tried first when none is remembered.
const FIRST_PORT: u16 = 47800;

/// Where the running sandbox sits.
#[derive(Default)]
pub(super) struct SandboxSeat {
    running: Mutex<Option<Sandbox>>,
    starting: tokio::sync::Mutex<()>,
}

impl SandboxSeat {
    fn with<T>(&self, act: impl FnOnce(&mut Option<Sandbox>) -> T) -> T {
        act(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The sandbox of a workspace.
pub struct SandboxControl<'a> {
    pub(super) workspace: &'a Workspace,
}

impl SandboxControl<'_> {
    /// Whether it runs, where, and how it misbehaves.
    ///
    /// # Errors
    /// When the remembered port can't be read.
    pub async fn status(&self) -> Result<SandboxStatus, Problem> {
        let running = self.workspace.inner.sandbox.with(|running| running.as_ref().map(shown));
        if let Some(status) = running {
            return Ok(status);
        }
        let port = self.workspace.settings().sandbox_port().await?.unwrap_or(FIRST_PORT);
        Ok(SandboxStatus {
            running: false,
            port,
            base_url: format!("http://127.0.0.1:{port}"),
            switches: Switches::default(),
            requests: Vec::new(),
        })
    }

    /// Starts it on this port, or on the one it had last; the first time, on any free one near 47800. It starts with
    /// the window from now on.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(&self, port: Option<u16>) -> Result<SandboxStatus, Problem> {
        let seat = &self.workspace.inner.sandbox;
        let _starting = seat.starting.lock().await;
        if seat.with(|running| running.is_some()) {
            return self.status().await;
        }
        let remembered = self.workspace.settings().sandbox_port().await?;
        let started = match port.or(remembered) {
            Some(port) => Sandbox::start(port).await,
            None => match Sandbox::start(FIRST_PORT).await {
                Ok(sandbox) => Ok(sandbox),
                Err(_) => Sandbox::start(0).await,
            },
        };
        let sandbox = started.map_err(|failure| Problem::invalid("port", failure.to_string(), failure.next_step()))?;
        self.workspace.settings().set_sandbox_port(sandbox.port()).await?;
        self.workspace.settings().set_sandbox_starts_with_window(true).await?;
        let (events, mut changes) = (self.workspace.inner.events.clone(), sandbox.subscribe());
        tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                // Nobody may be listening, and that is fine.
                let _ = events.send(WorkspaceEvent::SandboxChanged);
            }
        });
        seat.with(|running| *running = Some(sandbox));
        self.workspace.tell(WorkspaceEvent::SandboxChanged);
        self.status().await
    }

    /// Stops it; it does not start with the window any more.
    ///
    /// # Errors
    /// When that can't be remembered.
    pub async fn stop(&self) -> Result<SandboxStatus, Problem> {
        let running = self.workspace.inner.sandbox.with(Option::take);
        if let Some(sandbox) = running {
            sandbox.stop().await;
        }
        self.workspace.settings().set_sandbox_starts_with_window(false).await?;
        self.workspace.tell(WorkspaceEvent::SandboxChanged);
        self.status().await
    }

    /// Ends it with the workspace; it starts with the window as before.
    pub(super) async fn end(&self) {
        if let Some(sandbox) = self.workspace.inner.sandbox.with(Option::take) {
            sandbox.stop().await;
        }
    }

    /// Makes it misbehave, or stop to.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn set_switches(&self, switches: Switches) -> Result<SandboxStatus, Problem> {
        self.on_running(|sandbox| sandbox.set_switches(switches))?;
        self.status().await
    }

    /// Expires every token that it has issued.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn expire_tokens(&self) -> Result<SandboxStatus, Problem> {
        self.on_running(Sandbox::expire_tokens_now)?;
        self.status().await
    }

    /// Starts it if the window should.
    ///
    /// # Errors
    /// When its port is taken.
    pub async fn start_if_wanted(&self) -> Result<(), Problem> {
        if self.workspace.settings().sandbox_starts_with_window().await? {
            self.start(None).await?;
        }
        Ok(())
    }

    fn on_running<T>(&self, act: impl FnOnce(&Sandbox) -> T) -> Result<T, Problem> {
        self.workspace.inner.sandbox.with(|running| match running {
            Some(sandbox) => Ok(act(sandbox)),
            None => Err(Problem::new(ProblemCode::Failed, "The sandbox does not run.", "Start it first.")),
        })
    }
}

fn shown(sandbox: &Sandbox) -> SandboxStatus {
    SandboxStatus {
        running: true,
        port: sandbox.port(),
        base_url: sandbox.base_url(),
        switches: sandbox.switches(),
        requests: sandbox.requests(),
    }
}
