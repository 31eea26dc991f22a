//! An authentication endpoint that gives one answer to everything, on loopback, for as long as it is kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::failure::Failure;
use crate::wait::{self, Look};

/// What is answered.
pub struct Answer {
    /// Header lines such as `Content-Type: application/json`.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The header lines of each request, the first first.
type Heads = Arc<Mutex<Vec<Vec<String>>>>;

/// A running endpoint; it ends when it is dropped.
pub struct Served {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    heads: Heads,
    serving: Option<JoinHandle<()>>,
}

impl Served {
    /// Answers every request on a free port of loopback, one after the other.
    pub fn start(answer: Answer) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let ended = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ended);
        let heads = Heads::default();
        let told = Arc::clone(&heads);
        let serving = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if seen.load(Ordering::Relaxed) {
                    return;
                }
                // A client that goes away is no fault of the test.
                let _ = serve(&stream, &answer, &told);
            }
        });
        Ok(Self { address, ended, heads, serving: Some(serving) })
    }

    /// The URL of its login.
    pub fn url(&self) -> String {
        format!("http://{}/login", self.address)
    }

    /// What stood in a header of each request that has it, the first first.
    pub fn received(&self, header: &str) -> Vec<String> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |line: &String| {
            line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value.trim().to_owned())
        };
        heads.iter().filter_map(|head| head.iter().find_map(named)).collect()
    }
}

impl Served {
    /// Waits until so many requests came that have a header; what stood in it, the first first.
    pub async fn see_received(&self, header: &str, wanted: usize) -> Result<Vec<String>, Failure> {
        wait::until(&format!("{wanted} requests with `{header}`"), async || {
            let received = self.received(header);
            Ok(if received.len() == wanted { Look::Found(received) } else { Look::NotYet(received.len().to_string()) })
        })
        .await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the one who waits for the next client.
        drop(TcpStream::connect(self.address));
        if let Some(serving) = self.serving.take() {
            drop(serving.join());
        }
    }
}

fn serve(stream: &TcpStream, answer: &Answer, heads: &Heads) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        lines.push(line.trim_end().to_owned());
    }
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(lines);
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let mut head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n", answer.body.len());
    for header in &answer.headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&answer.body)
}
