//! A server that behaves until it is told to misbehave: then every connection, or every request, gets its row's deed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a well-behaved answer holds: a token for the login, a mapped field for the connector.
pub const GOOD_BODY: &str = r#"{"data":{"access_token":"fresh-value-0123456789","id":"A-1042"}}"#;

/// A connection on which a deed is done.
pub struct Peer {
    pub stream: TcpStream,
    /// The request's head; empty for deeds that begin before one is read.
    pub head: String,
    /// `http://127.0.0.1:PORT` of this server.
    pub origin: String,
}

/// The peer comes back when its connection is to be served on.
type Done = Pin<Box<dyn Future<Output = Option<Peer>> + Send>>;

/// What the server does.
#[derive(Clone)]
pub struct Deed {
    act: Arc<dyn Fn(Peer) -> Done + Send + Sync>,
    before_request: bool,
}

impl Deed {
    /// Does this once a request's head was read.
    pub fn new<F: Future<Output = ()> + Send + 'static>(act: impl Fn(Peer) -> F + Send + Sync + 'static) -> Self {
        let act = move |peer| {
            let acting = act(peer);
            Box::pin(async move {
                acting.await;
                None
            }) as Done
        };
        Self { act: Arc::new(act), before_request: false }
    }

    /// These bytes, and the connection is served on as if nothing had happened.
    pub fn says_and_serves(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        let act = move |mut peer: Peer| {
            let bytes = Arc::clone(&bytes);
            Box::pin(async move { peer.stream.write_all(&bytes).await.is_ok().then_some(peer) }) as Done
        };
        Self { act: Arc::new(act), before_request: false }
    }

    /// Does it as soon as the connection is made.
    #[must_use]
    pub fn at_once(self) -> Self {
        Self { before_request: true, ..self }
    }

    /// These bytes, then the connection is closed in an orderly way.
    pub fn says(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Self::new(move |mut peer| {
            let bytes = Arc::clone(&bytes);
            async move {
                // The client may have seen enough and left.
                let _ = peer.stream.write_all(&bytes).await;
                peer.close().await;
            }
        })
    }

    /// These bytes, then nothing more until the client leaves.
    pub fn says_and_waits(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Self::new(move |mut peer| {
            let bytes = Arc::clone(&bytes);
            async move {
                let _ = peer.stream.write_all(&bytes).await;
                peer.until_left().await;
            }
        })
    }

    /// These bytes, then the connection is broken off.
    pub fn says_and_resets(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Self::new(move |mut peer| {
            let bytes = Arc::clone(&bytes);
            async move {
                let _ = peer.stream.write_all(&bytes).await;
                let _ = peer.stream.flush().await;
                let _ = peer.stream.set_zero_linger();
            }
        })
    }

    /// `first`, then `piece` again and again until the client leaves.
    pub fn floods(first: impl Into<Vec<u8>>, piece: impl Into<Vec<u8>>) -> Self {
        let (first, piece): (Arc<[u8]>, Arc<[u8]>) = (first.into().into(), piece.into().into());
        Self::new(move |mut peer| {
            let (first, piece) = (Arc::clone(&first), Arc::clone(&piece));
            async move {
                let _ = peer.stream.write_all(&first).await;
                while peer.stream.write_all(&piece).await.is_ok() {}
            }
        })
    }

    /// `first`, then `piece` every 20 ms until the client leaves: slowness is what is tested.
    pub fn drips(first: impl Into<Vec<u8>>, piece: impl Into<Vec<u8>>) -> Self {
        let (first, piece): (Arc<[u8]>, Arc<[u8]>) = (first.into().into(), piece.into().into());
        Self::new(move |mut peer| {
            let (first, piece) = (Arc::clone(&first), Arc::clone(&piece));
            async move {
                let _ = peer.stream.write_all(&first).await;
                let mut pace = tokio::time::interval(Duration::from_millis(20));
                while peer.stream.write_all(&piece).await.is_ok() {
                    pace.tick().await;
                }
            }
        })
    }

    /// What `answer` makes of the request.
    pub fn answers(answer: impl Fn(&Peer) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::new(move |mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                let bytes = answer(&peer);
                let _ = peer.stream.write_all(&bytes).await;
                peer.close().await;
            }
        })
    }
}

impl Peer {
    /// Ends the sending half and waits until the client has left, so that the system sends no reset.
    pub async fn close(&mut self) {
        let _ = self.stream.shutdown().await;
        self.until_left().await;
    }

    pub async fn until_left(&mut self) {
        let mut rest = [0; 4096];
        while matches!(self.stream.read(&mut rest).await, Ok(read) if read > 0) {}
    }

    /// The request's target.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

/// The server; it serves until the test ends.
pub struct Hostile {
    pub origin: String,
    bad: Arc<AtomicBool>,
    misdeeds: Arc<AtomicUsize>,
}

impl Hostile {
    pub async fn start(deed: Deed, good: Vec<u8>) -> Self {
        let good: Arc<[u8]> = good.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (bad, misdeeds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let hostile = Self { origin: origin.clone(), bad: Arc::clone(&bad), misdeeds: Arc::clone(&misdeeds) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (bad, misdeeds) = (Arc::clone(&bad), Arc::clone(&misdeeds));
                let (deed, good) = (deed.clone(), Arc::clone(&good));
                let peer = Peer { stream, head: String::new(), origin: origin.clone() };
                tokio::spawn(async move { serve(peer, &bad, &misdeeds, &deed, &good).await });
            }
        });
        hostile
    }

    /// From now on it misbehaves, or behaves again.
    pub fn misbehaves(&self, bad: bool) {
        self.bad.store(bad, Ordering::SeqCst);
    }

    /// How often the deed was done.
    pub fn misdeeds(&self) -> usize {
        self.misdeeds.load(Ordering::SeqCst)
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

async fn serve(mut peer: Peer, bad: &AtomicBool, misdeeds: &AtomicUsize, deed: &Deed, good: &[u8]) {
    let mut buffered = Vec::new();
    loop {
        let at_once = deed.before_request && bad.load(Ordering::SeqCst);
        if !at_once && read_request(&mut peer, &mut buffered).await.is_none() {
            return;
        }
        if bad.load(Ordering::SeqCst) {
            misdeeds.fetch_add(1, Ordering::SeqCst);
            match (deed.act)(peer).await {
                Some(served_on) => peer = served_on,
                None => return,
            }
            continue;
        }
        if peer.stream.write_all(good).await.is_err() {
            return;
        }
    }
}

/// A well-behaved answer.
pub fn good() -> Vec<u8> {
    json("HTTP/1.1 200 OK", GOOD_BODY)
}

/// `head` with a JSON body and its length.
pub fn json(head: &str, body: &str) -> Vec<u8> {
    body_of(&format!("{head}\r\nContent-Type: application/json"), body.as_bytes())
}

/// `head` with a body and its length.
pub fn body_of(head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// Reads one request into the peer's head; `None` when the client has left.
async fn read_request(peer: &mut Peer, buffered: &mut Vec<u8>) -> Option<()> {
    let head_end = loop {
        if let Some(at) = buffered.windows(4).position(|end| end == b"\r\n\r\n") {
            break at;
        }
        if peer.stream.read_buf(buffered).await.ok()? == 0 {
            return None;
        }
    };
    peer.head = String::from_utf8_lossy(&buffered[..head_end]).into_owned();
    buffered.drain(..head_end + 4);
    let length = peer.head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    let length: usize = length.unwrap_or(0);
    while buffered.len() < length {
        if peer.stream.read_buf(buffered).await.ok()? == 0 {
            return None;
        }
    }
    buffered.drain(..length);
    Some(())
}
