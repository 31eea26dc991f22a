//! The client over real TCP on loopback: friendly servers by axum, hostile ones byte by byte.

mod answers;
mod failures;
mod redirects;
mod timings;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Answer, Client, Limits, OutgoingHeader, OutgoingRequest, SendFailure};

/// A request as a server saw it.
#[derive(Clone)]
struct Seen {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn header_names(&self) -> Vec<&str> {
        self.headers.keys().map(http::HeaderName::as_str).collect()
    }
}

/// A friendly server: an origin that remembers what it was asked.
struct Origin {
    url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Origin {
    async fn serve(answer: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&seen);
        let router = axum::Router::new().fallback(move |request: Request| {
            let (remembered, answer) = (Arc::clone(&remembered), answer.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let target = parts.uri.path_and_query().unwrap().to_string();
                let seen = Seen { method: parts.method, target, headers: parts.headers, body };
                let answered = answer(&seen);
                remembered.lock().unwrap().push(seen);
                answered
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// A hostile server: gets every connection after its request's head was read.
async fn raw<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    url
}

/// A hostile server that reads the request's head, sends these bytes and closes.
async fn answering(bytes: impl Into<Bytes>) -> Url {
    let bytes = bytes.into();
    raw(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            read_head(&mut stream).await;
            // The client may have seen enough and left.
            let _ = stream.write_all(&bytes).await;
        }
    })
    .await
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap() == 0 {
            return;
        }
    }
}

fn get(url: Url) -> OutgoingRequest {
    OutgoingRequest { method: Method::GET, url, headers: Vec::new(), body: None }
}

fn post(url: Url, body: &'static str) -> OutgoingRequest {
    OutgoingRequest { method: Method::POST, url, headers: Vec::new(), body: Some(Bytes::from_static(body.as_bytes())) }
}

fn header(name: &str, value: &str, credential: bool) -> OutgoingHeader {
    OutgoingHeader::new(name, value, credential).unwrap()
}

fn redirect(status: u16, location: &str) -> Response {
    Response::builder().status(status).header("location", location).body(Body::empty()).unwrap()
}

fn text(body: &'static str) -> Response {
    Response::new(Body::from(body))
}

/// Sends under ample limits.
async fn send(request: &OutgoingRequest) -> Result<Answer, SendFailure> {
    send_within(request, &Limits::default()).await
}

async fn send_within(request: &OutgoingRequest, limits: &Limits) -> Result<Answer, SendFailure> {
    Client::new().send(request, limits, &CancellationToken::new(), &|_| ()).await
}

fn within(total: Duration) -> Limits {
    Limits { total_timeout: total, ..Limits::default() }
}
