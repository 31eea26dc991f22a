//! One small HTTP server on loopback that remembers what it received and answers as it is told, badly too.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};

use super::within;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    /// The only header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        let value = named.next();
        assert!(named.next().is_none(), "{name} was sent twice: {:?}", self.headers);
        value
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub enum Answer {
    /// A whole answer.
    Http { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then the connection is closed in an orderly way.
    Raw(Vec<u8>),
    /// The connection is broken off.
    Reset,
    /// The answer waits until the gate opens, or for ever.
    Held(Gate, Box<Self>),
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self::Http { status, headers: Vec::new(), body: Vec::new() }
    }

    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::status(status).with("Content-Type", "application/json").body(body.to_string())
    }

    pub fn text(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::status(status).with("Content-Type", content_type).body(body)
    }

    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).with("Location", to)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match &mut self {
            Self::Http { headers, .. } => headers.push((name.to_owned(), value.to_owned())),
            Self::Held(gate, answer) => return Self::Held(gate.clone(), Box::new(answer.clone().with(name, value))),
            Self::Raw(_) | Self::Reset => {}
        }
        self
    }

    #[must_use]
    pub fn body(mut self, text: impl Into<Vec<u8>>) -> Self {
        if let Self::Http { body, .. } = &mut self {
            *body = text.into();
        }
        self
    }

    #[must_use]
    pub fn held(self, gate: &Gate) -> Self {
        Self::Held(gate.clone(), Box::new(self))
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Http { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.extend([name, ": ", value, "\r\n"]);
                }
                [head.as_bytes(), b"\r\n", body].concat()
            }
            Self::Raw(bytes) => bytes.clone(),
            Self::Reset => Vec::new(),
            Self::Held(_, answer) => answer.bytes(),
        }
    }
}

/// Holds answers back until it is opened; open for good after that.
#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub fn open(&self) {
        self.0.close();
    }

    async fn passed(&self) {
        // It ends when the semaphore is closed, which is when the gate is opened.
        let _ = self.0.acquire().await;
    }
}

type Script = Arc<dyn Fn(&Received) -> Answer + Send + Sync>;

struct State {
    received: Mutex<Vec<Received>>,
    arrived: Notify,
    script: Mutex<Script>,
}

/// The server; it answers until the test ends.
#[derive(Clone)]
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    state: Arc<State>,
}

impl Server {
    pub async fn start(script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state =
            State { received: Mutex::default(), arrived: Notify::new(), script: Mutex::new(Arc::new(script) as Script) };
        let server = Self { url, state: Arc::new(state) };
        let state = Arc::clone(&server.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        server
    }

    /// From now on it answers so.
    pub fn answers(&self, script: impl Fn(&Received) -> Answer + Send + Sync + 'static) {
        *self.state.script.lock().unwrap() = Arc::new(script);
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Everything that arrived at this path, in order.
    pub fn received(&self, path: &str) -> Vec<Received> {
        self.state.received.lock().unwrap().iter().filter(|received| received.path == path).cloned().collect()
    }

    pub fn all(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    pub fn count(&self, path: &str) -> usize {
        self.state.received.lock().unwrap().iter().filter(|received| received.path == path).count()
    }

    pub fn last(&self, path: &str) -> Received {
        self.received(path).pop().unwrap()
    }

    /// Waits until so many requests have arrived at this path.
    pub async fn arrived(&self, path: &str, number: usize) {
        within(&format!("{number} requests at {path}"), async {
            loop {
                let next = self.state.arrived.notified();
                tokio::pin!(next);
                next.as_mut().enable();
                if self.count(path) >= number {
                    return;
                }
                next.await;
            }
        })
        .await;
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let mut buffered = Vec::new();
    while let Some(received) = read_request(&mut stream, &mut buffered).await {
        let script = Arc::clone(&state.script.lock().unwrap());
        let answer = script(&received);
        state.received.lock().unwrap().push(received);
        state.arrived.notify_waiters();
        let mut answer = answer;
        while let Answer::Held(gate, inner) = answer {
            gate.passed().await;
            answer = *inner;
        }
        // The client may have seen enough and left.
        let written = stream.write_all(&answer.bytes()).await;
        match answer {
            Answer::Http { .. } if written.is_ok() => {}
            Answer::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
            _ => return,
        }
    }
}

async fn read_request(stream: &mut TcpStream, buffered: &mut Vec<u8>) -> Option<Received> {
    let head_end = loop {
        if let Some(at) = buffered.windows(4).position(|end| end == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffered).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffered.drain(..head_end + 4).collect()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim_ascii().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while buffered.len() < length {
        if stream.read_buf(buffered).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(buffered.drain(..length).collect()).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Received { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}
