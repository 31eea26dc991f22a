//! Starts and stops the Messenger, and bounds how much callers may hold of it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::MessengerCall;
use super::routes;
use super::rules::ReadRules;
use super::shared::Shared;
use crate::clock::Clock;
use crate::store::Database;

/// How long calls under way may take to end when the Messenger is stopped.
const PATIENCE: Duration = Duration::from_secs(2);
/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// The Messenger could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// Another program listens there.
    #[error("The port {port} is in use by another program.")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The operating system forbids this port.
    #[error("The port {port} can't be opened, because the operating system reserves it.")]
    PortReserved {
        /// The port.
        port: u16,
    },
    /// Anything else.
    #[error("The Messenger could not be started: {0}.")]
    Network(io::Error),
}

impl StartFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => {
                "Choose another port, or end the program that uses this one: another Messenger of this workspace, perhaps."
            }
            Self::PortReserved { .. } => "Choose a port from 1024 to 65535.",
            Self::Network(_) => "Choose another port, or try again.",
        }
    }

    fn from_io(port: u16, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken { port },
            io::ErrorKind::PermissionDenied => Self::PortReserved { port },
            _ => Self::Network(error),
        }
    }
}

/// What a Messenger works with.
pub struct Means {
    /// Of the workspace.
    pub database: Arc<Database>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// By which callers name the workspace.
    pub app_id: String,
    /// Who may call.
    pub rules: ReadRules,
}

/// How much callers may hold of the Messenger.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Connections at once; more wait until one ends.
    pub(super) connections: usize,
    /// How long the head of a request may take, the wait for it included.
    pub(super) head: Duration,
    /// How long a body may take.
    pub(super) body: Duration,
    /// How long a connection lives: one whose other end reads no answer does not stay.
    pub(super) connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head: Duration::from_secs(30),
            body: Duration::from_secs(10),
            connection: Duration::from_mins(10),
        }
    }
}

/// The running Messenger. Dropping it stops it without waiting for calls under way.
pub struct Messenger {
    shared: Arc<Shared>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Messenger {
    /// Listens on this port of 127.0.0.1, or on any free one for 0.
    ///
    /// # Errors
    /// When the port can't be opened.
    pub async fn start(means: Means, port: u16) -> Result<Self, StartFailure> {
        Self::start_within(means, port, Limits::default()).await
    }

    pub(super) async fn start_within(means: Means, port: u16, limits: Limits) -> Result<Self, StartFailure> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = bound.map_err(|error| StartFailure::from_io(port, error))?;
        let address = listener.local_addr().map_err(StartFailure::Network)?;
        let shared = Shared::new(means, address.port(), limits);
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { shared, address, server })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The newest calls, newest first, at most 100.
    pub fn calls(&self) -> Vec<MessengerCall> {
        self.shared.calls.newest()
    }

    /// Changes whenever a call was answered; the number itself means nothing.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.calls.subscribe()
    }

    /// Each call that is answered from now on. Who falls far behind misses some.
    pub fn follow(&self) -> broadcast::Receiver<MessengerCall> {
        self.shared.calls.follow()
    }

    /// Stops listening, lets calls under way end for at most 2 seconds, and ends every session.
    pub async fn stop(mut self) {
        self.shared.stopping.cancel();
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
            // Its connections end with it.
            let _ = (&mut self.server).await;
        }
    }
}

impl Drop for Messenger {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
        // Its connections end with it, and nobody keeps the database after that.
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new().fallback(routes::answer).with_state(Arc::clone(&shared));
    let places = Arc::new(Semaphore::new(shared.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = tokio::select! {
            () = shared.stopping.cancelled() => break,
            next = accept(&listener, &places) => next,
        };
        while connections.try_join_next().is_some() {}
        match next {
            Ok((stream, place)) => {
                connections.spawn(connection(stream, place, router.clone(), Arc::clone(&shared)));
            }
            Err(error) => {
                tracing::warn!(%error, "the Messenger could not take a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

async fn connection(stream: TcpStream, place: OwnedSemaphorePermit, router: Router, shared: Arc<Shared>) {
    // Answers are small and awaited; without it they are only later.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(shared.limits.head);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shared.stopping.cancelled() => finished(connection.as_mut()).await,
        () = tokio::time::sleep(shared.limits.connection) => finished(connection.as_mut()).await,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the Messenger broke off");
    }
    drop(place);
}

/// Lets the request under way end, and takes no more.
async fn finished(mut connection: std::pin::Pin<&mut Connection>) -> hyper::Result<()> {
    connection.as_mut().graceful_shutdown();
    tokio::time::timeout(PATIENCE, connection).await.unwrap_or(Ok(()))
}

type Connection = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>>;
