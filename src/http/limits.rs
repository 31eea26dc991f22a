//! The limits that can be changed while the program runs: one set, shared by all who send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::request::{AUTHENTICATION_BODY_LIMIT, Limits};

/// The limits of a workspace. Clones share them: a request that begins after a change runs under the new ones, and one
/// that is under way ends under those it began with.
#[derive(Debug, Clone)]
pub struct LiveLimits {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    response_bytes: AtomicU64,
    connect_timeout_ms: AtomicU32,
    timeout_ms: AtomicU32,
}

impl LiveLimits {
    /// The largest body of a connector's response, in bytes after decompression (S4).
    pub fn response_bytes(&self) -> u64 {
        self.shared.response_bytes.load(Ordering::Relaxed)
    }

    /// What an authentication request may take (E13); its body may always have 256 MiB (S4). It is rare, and many wait for
    /// its one outcome, so it gets a connection of its own.
    pub fn authentication(&self) -> Limits {
        let milliseconds = |number: &AtomicU32| Duration::from_millis(number.load(Ordering::Relaxed).into());
        Limits {
            connect_timeout: milliseconds(&self.shared.connect_timeout_ms),
            total_timeout: milliseconds(&self.shared.timeout_ms),
            body_bytes: AUTHENTICATION_BODY_LIMIT,
            keeps_connections: false,
        }
    }

    /// From now on, for all who share them.
    pub fn set(&self, response_bytes: u32, connect_timeout_ms: u32, timeout_ms: u32) {
        self.shared.response_bytes.store(response_bytes.into(), Ordering::Relaxed);
        self.shared.connect_timeout_ms.store(connect_timeout_ms, Ordering::Relaxed);
        self.shared.timeout_ms.store(timeout_ms, Ordering::Relaxed);
    }
}

impl Default for LiveLimits {
    /// 10 MiB; 10 s to connect, 30 s in all.
    fn default() -> Self {
        let shared = Shared {
            response_bytes: AtomicU64::new(10 * 1024 * 1024),
            connect_timeout_ms: AtomicU32::new(10_000),
            timeout_ms: AtomicU32::new(30_000),
        };
        Self { shared: Arc::new(shared) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s4_whatever_is_set_an_authentication_response_may_have_256_mib() {
        let limits = LiveLimits::default();
        limits.clone().set(1024, 100, 200);
        assert_eq!(limits.response_bytes(), 1024, "clones share the limits");
        let expected = Limits {
            connect_timeout: Duration::from_millis(100),
            total_timeout: Duration::from_millis(200),
            body_bytes: 256 * 1024 * 1024,
            keeps_connections: false,
        };
        assert_eq!(limits.authentication(), expected);
    }
}
