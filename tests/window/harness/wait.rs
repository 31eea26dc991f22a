//! Waiting for a condition: ask, let others run for a moment, ask again, with an end.

use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How long a test waits for one thing before it fails. A cold first start alone can take 5 s.
pub const WAIT: Duration = Duration::from_secs(20);

const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// What one look found.
pub(crate) enum Look<T> {
    /// It is there.
    Found(T),
    /// Not yet; what was seen instead, for the message.
    NotYet(String),
}

/// Looks until something is found, at most [`WAIT`].
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Look<T>, Failure>) -> Result<T, Failure> {
    let started = Instant::now();
    loop {
        match look().await? {
            Look::Found(found) => return Ok(found),
            Look::NotYet(seen) if started.elapsed() >= WAIT => {
                let last = if seen.is_empty() { String::new() } else { format!("; last seen: {seen}") };
                return Err(Failure::Waited { what: what.to_owned(), seconds: WAIT.as_secs(), last });
            }
            Look::NotYet(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
}
