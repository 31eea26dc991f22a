//! What the rule tests share: a scriptable server over real HTTP, a workspace in a temporary folder, and the drafts
//! that most of them begin with. Nothing here sleeps to wait: whoever waits, waits for a condition with a bound.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test program uses its own part of it, and may fail as a test does"
)]

pub mod bench;
pub mod closed;
pub mod drafts;
pub mod key_file;
pub mod server;
pub mod shop;
pub mod sweep;
pub mod traces;
pub mod witness;

pub use bench::Bench;
pub use server::{Answer, Gate, Server};
pub use traces::spellings;

use std::future::Future;
use std::time::Duration;

/// Longer than anything here takes, so that only a deadlock reaches it.
pub const BOUND: Duration = Duration::from_secs(20);

/// Waits for what must come, and says what did not.
pub async fn within<T>(what: &str, awaited: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, awaited).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Looks again and again until it is so; only for what nothing can tell of, such as a file that goes away.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    within(what, async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// Fails when a secret stands in a text, plain or encoded.
pub fn assert_free_of(text: &str, secret: &str, whose: &str) {
    for spelling in spellings(secret) {
        if let Some(at) = text.find(&spelling) {
            let from = text.floor_char_boundary(at.saturating_sub(80));
            let to = text.ceil_char_boundary((at + spelling.len() + 20).min(text.len()));
            panic!("the {whose} stands in what was recorded as {spelling}: …{}…", &text[from..to]);
        }
    }
}
