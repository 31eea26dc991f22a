//! What the sandbox remembers while it runs: switches, issued tokens, and the newest requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::issued::IssuedTokens;
use super::switches::{ServedRequest, Switches};

/// How many served requests are remembered.
const REMEMBERED: usize = 100;
/// The longest path that is remembered, in characters.
const LONGEST_PATH: usize = 200;
/// How much longer a slow endpoint takes.
pub(super) const SLOW: Duration = Duration::from_secs(3);
/// What is noted of a request whose caller hung up before the answer; nginx uses the same number.
const CALLER_LEFT: u16 = 499;

/// The state that all requests share.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    changes: watch::Sender<u64>,
    pub(super) stopping: CancellationToken,
}

#[derive(Default)]
struct Inner {
    switches: Switches,
    tokens: IssuedTokens,
    served: VecDeque<ServedRequest>,
    logins: u64,
}

impl Shared {
    pub(super) fn new() -> Arc<Self> {
        let changes = watch::Sender::new(0);
        Arc::new(Self { inner: Mutex::default(), changes, stopping: CancellationToken::new() })
    }

    /// Nothing is left half done while this is held, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn switches(&self) -> Switches {
        self.lock().switches.clone()
    }

    pub(super) fn set_switches(&self, switches: Switches) {
        self.lock().switches = switches;
        self.changed();
    }

    pub(super) fn requests(&self) -> Vec<ServedRequest> {
        self.lock().served.iter().cloned().collect()
    }

    pub(super) fn logins(&self) -> u64 {
        self.lock().logins
    }

    pub(super) fn count_login(&self) {
        self.lock().logins += 1;
    }

    /// Works with the issued tokens; the present switches come along.
    pub(super) fn with_tokens<T>(&self, work: impl FnOnce(&mut IssuedTokens, &Switches) -> T) -> T {
        let inner = &mut *self.lock();
        work(&mut inner.tokens, &inner.switches)
    }

    pub(super) fn expire_tokens_now(&self) {
        self.with_tokens(|tokens, _| tokens.expire_all(Timestamp::now()));
        self.changed();
    }

    /// Waits as a slow endpoint does, but not past the sandbox's end.
    pub(super) async fn wait_if(&self, slow: bool) {
        if slow {
            tokio::select! {
                () = tokio::time::sleep(SLOW) => {}
                () = self.stopping.cancelled() => {}
            }
        }
    }
}

/// A request that is being served. It is remembered when it is answered, and also when it is dropped
/// without an answer, because its caller hung up.
pub(super) struct Serving {
    shared: Arc<Shared>,
    request: Option<ServedRequest>,
}

impl Serving {
    pub(super) fn begin(shared: Arc<Shared>, method: &http::Method, path: &str) -> Self {
        let request = ServedRequest {
            at: Timestamp::now().to_string(),
            method: method.to_string(),
            path: path.chars().take(LONGEST_PATH).collect(),
            http_status: CALLER_LEFT,
            note: "the caller hung up before the answer".to_owned(),
        };
        Self { shared, request: Some(request) }
    }

    pub(super) fn answered(mut self, http_status: u16, note: &str) {
        if let Some(request) = &mut self.request {
            request.http_status = http_status;
            note.clone_into(&mut request.note);
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            let mut inner = self.shared.lock();
            inner.served.truncate(REMEMBERED - 1);
            inner.served.push_front(request);
            drop(inner);
            self.shared.changed();
        }
    }
}
