//! The server of the measurement of an expired token, in a process of its own: a login that issues a new value each
//! time and counts, an API that accepts the newest one only, and a switch that makes it accept none.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::Failure;
use crate::child::Beside;

#[derive(Default)]
struct Issued {
    /// How many values were issued.
    logins: AtomicU64,
    /// The number of the value that is accepted; 0 is none.
    accepted: AtomicU64,
}

/// Serves until the process is ended; prints its address first.
pub async fn serve() -> Result<(), Failure> {
    let routes = Router::new()
        .route("/login", post(login))
        .route("/orders/{order}", get(order))
        .route("/expire", post(expire))
        .route("/logins", get(logins))
        .with_state(Arc::new(Issued::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

/// The server in a process of its own, and its address.
pub fn start() -> Result<(Beside, String), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut server = Beside(command.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?);
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().ok_or("The server has no output.")?).read_line(&mut line)?;
    Ok((server, line.trim().to_owned()))
}

async fn login(State(issued): State<Arc<Issued>>) -> Json<Value> {
    let number = issued.logins.fetch_add(1, Ordering::SeqCst) + 1;
    issued.accepted.store(number, Ordering::SeqCst);
    Json(json!({"data": {"access_token": value(number)}}))
}

async fn order(State(issued): State<Arc<Issued>>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let wanted = format!("Bearer {}", value(issued.accepted.load(Ordering::SeqCst)));
    let accepted = headers.get("authorization").is_some_and(|given| given.as_bytes() == wanted.as_bytes());
    if accepted && issued.accepted.load(Ordering::SeqCst) > 0 {
        (StatusCode::OK, Json(json!({"order": {"id": "A-1042", "status": "shipped"}})))
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({"error": "unauthorized"})))
    }
}

async fn expire(State(issued): State<Arc<Issued>>) {
    issued.accepted.store(0, Ordering::SeqCst);
}

async fn logins(State(issued): State<Arc<Issued>>) -> String {
    issued.logins.load(Ordering::SeqCst).to_string()
}

fn value(number: u64) -> String {
    format!("value-{number}-of-the-login-that-counts")
}
