//! Starts and stops the sandbox's server, and keeps strangers out of it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::answer::{Answer, Note};
use super::served::{Serving, Shared};
use super::switches::{ServedRequest, Switches};
use super::{api, login};

/// The largest request body, in bytes.
const LARGEST_BODY: usize = 64 * 1024;
/// How long requests under way may take to end when the sandbox is stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// The sandbox could not be started.
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
    #[error("The sandbox could not be started: {0}.")]
    Network(io::Error),
}

impl StartFailure {
    /// What to do now, in one sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => "Choose another port, or end the program that uses this one.",
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

/// The running sandbox. Dropping it stops it without waiting for requests under way.
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Listens on this port of 127.0.0.1, or on any free one for 0.
    pub async fn start(port: u16) -> Result<Self, StartFailure> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| StartFailure::from_io(port, error))?;
        let address = listener.local_addr().map_err(StartFailure::Network)?;
        let shared = Shared::new();
        let router = router(Arc::clone(&shared), address.port());
        let stopping = shared.stopping.clone();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopping.cancelled_owned()).await {
                tracing::warn!(%error, "the sandbox's server ended");
            }
        });
        Ok(Self { shared, address, server })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How it misbehaves at present.
    pub fn switches(&self) -> Switches {
        self.shared.switches()
    }

    /// Changes how it misbehaves, from the next request on; the lifetime counts for tokens issued later.
    pub fn set_switches(&self, switches: Switches) {
        self.shared.set_switches(switches);
    }

    /// Expires every token issued so far.
    pub fn expire_tokens_now(&self) {
        self.shared.expire_tokens_now();
    }

    /// The newest requests, newest first, at most 100.
    pub fn requests(&self) -> Vec<ServedRequest> {
        self.shared.requests()
    }

    /// How many requests the login endpoints have had, refused ones included.
    pub fn logins(&self) -> u64 {
        self.shared.logins()
    }

    /// Changes whenever a request was served or a switch was set; the number itself means nothing.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.subscribe()
    }

    /// Stops listening, lets requests under way end for at most 2 seconds, and frees the port.
    pub async fn stop(mut self) {
        self.shared.stopping.cancel();
        // A request that takes longer ends by itself: the port is free as soon as listening ends.
        let _ended = tokio::time::timeout(PATIENCE, &mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
        // Connections end by themselves; nothing else may keep the task.
        self.server.abort();
    }
}

fn router(shared: Arc<Shared>, port: u16) -> Router {
    let door = Door { shared: Arc::clone(&shared), hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")] };
    Router::new()
        .route("/", get(api::index))
        .route("/login", post(login::login))
        .route("/oauth/token", post(login::oauth_token))
        .route("/orders/{id}", get(api::order))
        .route("/refunds", post(api::refund))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(Arc::new(door), pass))
        .with_state(shared)
}

struct Door {
    shared: Arc<Shared>,
    hosts: [String; 2],
}

/// Remembers each request, and refuses those that a page of another site made by giving its own
/// name this address (DNS rebinding).
async fn pass(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let serving = Serving::begin(Arc::clone(&door.shared), request.method(), request.uri().path());
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let known = host.is_some_and(|host| door.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
    let response = if known { next.run(request).await } else { foreign_host().into_response() };
    let note = response.extensions().get::<Note>().map_or("", |note| note.0);
    serving.answered(response.status().as_u16(), note);
    response
}

fn foreign_host() -> Answer {
    let message = "Only requests to 127.0.0.1 or localhost, with the port, are answered.";
    Answer::refusal(StatusCode::MISDIRECTED_REQUEST, "foreign Host header", "foreign_host", message)
}

async fn not_found() -> Answer {
    let message = "There is nothing here. GET / lists what there is.";
    Answer::refusal(StatusCode::NOT_FOUND, "no such address", "not_found", message)
}

async fn wrong_method() -> Answer {
    let message = "This address takes another method. GET / lists what there is.";
    Answer::refusal(StatusCode::METHOD_NOT_ALLOWED, "wrong method", "method_not_allowed", message)
}
