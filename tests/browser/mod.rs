//! Pages in a real Chromium: each asks its server for the next piece of script, runs it, and says what came of it.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Html;
use axum::routing::{get, post};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A cold start of a browser on a busy machine takes seconds.
const BOUND: Duration = Duration::from_mins(2);

/// The classic queue, as pages have it above the script.
pub const STUB: &str = "<script>(function(){var w=window;w.Intercom=w.Intercom||function(){\
    (w.Intercom.q=w.Intercom.q||[]).push(arguments)}})()</script>";

const DRIVER: &str = "<script type=module>
const AsyncFunction = (async () => {}).constructor;
for (;;) {
  const script = await (await fetch('next')).text();
  let said;
  try { said = { value: (await new AsyncFunction(script)()) ?? null }; }
  catch (error) { said = { error: { ...error, name: error.name, message: error.message } }; }
  await fetch('said', { method: 'POST', body: JSON.stringify(said) });
}
</script>";

/// What is between a page and its test.
struct Line {
    html: String,
    scripts: Mutex<Receiver<String>>,
    said: Sender<Value>,
}

/// A page, driven by its test.
pub struct Page {
    scripts: Sender<String>,
    said: Receiver<Value>,
}

impl Page {
    /// What the body of a function, which may await, returns in the page.
    pub async fn run(&mut self, script: &str) -> Value {
        let said = self.say(script).await;
        assert!(said.get("error").is_none(), "{script} failed: {said}");
        said["value"].clone()
    }

    /// The error that it ends with.
    pub async fn fails(&mut self, script: &str) -> Value {
        let said = self.say(script).await;
        assert!(said.get("error").is_some(), "{script} did not fail: {said}");
        said["error"].clone()
    }

    async fn say(&mut self, script: &str) -> Value {
        self.scripts.send(script.to_owned()).await.unwrap();
        let said = tokio::time::timeout(BOUND, self.said.recv()).await;
        said.unwrap_or_else(|_| panic!("the page never answered to {script}")).unwrap()
    }
}

/// A Chromium with a profile of its own, ended with the test, and the server of its pages.
pub struct Browser {
    process: Child,
    /// `http://HOST:PORT`.
    pub origin: String,
    // Removed when the process has ended.
    _profile: TempDir,
}

impl Browser {
    /// Opens one page for each of these pieces of HTML, at `http://HOST:PORT`.
    pub async fn open<const N: usize>(host: &str, html: [String; N]) -> (Self, [Page; N]) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{host}:{}", listener.local_addr().unwrap().port());
        let (lines, pages): (Vec<_>, Vec<_>) = html
            .iter()
            .enumerate()
            .map(|(number, html)| {
                // A headless browser opens one address only; each page opens the next, in a tab of its own.
                let next = number + 1;
                let opens =
                    if next < N { format!("<script>open('/{next}/', '_blank', 'noopener')</script>") } else { String::new() };
                connected(&format!("{opens}{html}"))
            })
            .unzip();
        tokio::spawn(async move { axum::serve(listener, served(lines)).await });
        let profile = tempfile::tempdir().unwrap();
        let process = start(profile.path(), &format!("{origin}/0/"));
        let pages = pages.try_into().unwrap_or_else(|_| panic!("there is a page for each"));
        (Self { process, origin, _profile: profile }, pages)
    }

    /// Opens one page of `http://127.0.0.1`.
    pub async fn page(html: String) -> (Self, Page) {
        let (browser, [page]) = Self::open("127.0.0.1", [html]).await;
        (browser, page)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn connected(html: &str) -> (Line, Page) {
    let (scripts, next) = channel(1);
    let (said, heard) = channel(1);
    let html = format!("<!doctype html><meta charset=utf-8><title>A page</title>{html}{DRIVER}");
    (Line { html, scripts: Mutex::new(next), said }, Page { scripts, said: heard })
}

fn served(lines: Vec<Line>) -> Router {
    type Lines = State<Arc<Vec<Line>>>;
    let html = async |State(lines): Lines, Path(number): Path<usize>| Html(lines[number].html.clone());
    let next = async |State(lines): Lines, Path(number): Path<usize>| {
        // The test has ended when there is nothing more; so does the browser.
        lines[number].scripts.lock().await.recv().await.unwrap_or_default()
    };
    let said = async |State(lines): Lines, Path(number): Path<usize>, body: String| {
        let _ = lines[number].said.send(serde_json::from_str(&body).unwrap()).await;
    };
    Router::new()
        .route("/{number}/", get(html))
        .route("/{number}/next", get(next))
        .route("/{number}/said", post(said))
        .with_state(Arc::new(lines))
}

fn start(profile: &std::path::Path, address: &str) -> Child {
    for program in ["chromium", "chromium-browser", "google-chrome"] {
        let started = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("--disable-popup-blocking")
            .arg(address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Ok(process) = started {
            return process;
        }
    }
    panic!("Chromium is needed for these tests and is not there. Install it (Debian: `chromium`), then try again.");
}
