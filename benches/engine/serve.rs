//! The server of measurements, in a process of its own: a login that issues a new value each time and counts, an API that
//! accepts the newest one only, a switch that makes it accept none, and large bodies.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::Failure;
use crate::child::Beside;
use crate::tree::Shape;

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
        .route("/large/{shape}/{megabytes}/{coding}", get(large))
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

/// A large body: with its length, without, compressed, or behind a byte order mark.
async fn large(UrlPath((shape, megabytes, coding)): UrlPath<(String, usize, String)>) -> Result<Response, StatusCode> {
    /// What is handed to the connection at a time.
    const PIECE: usize = 64 * 1024;
    let mut body = Shape::named(&shape).ok_or(StatusCode::NOT_FOUND)?.body(megabytes * 1_000_000).into_bytes();
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok(match coding.as_str() {
        "plain" => (json, body).into_response(),
        "unknown-length" => {
            let pieces = (0..body.len()).step_by(PIECE).map(|at| body[at..body.len().min(at + PIECE)].to_vec());
            let pieces: Vec<Result<Vec<u8>, Infallible>> = pieces.map(Ok).collect();
            (json, Body::from_stream(futures_util::stream::iter(pieces))).into_response()
        }
        "mark" => {
            body.splice(0..0, *b"\xef\xbb\xbf");
            (json, body).into_response()
        }
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
            let compressed = encoder.finish().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
            (json, [(header::CONTENT_ENCODING, "gzip")], compressed).into_response()
        }
        _ => return Err(StatusCode::NOT_FOUND),
    })
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
