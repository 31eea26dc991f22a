//! An exchange as it is recorded: every text in it has been redacted already (S2).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::Timings;

/// A request and its answer, redacted.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Exchange {
    /// HTTP method.
    pub method: String,
    /// Whole URL, redacted.
    pub url: String,
    /// `host[:port]`: the lane of the picture.
    pub host: String,
    /// Path without the query: the arrow's label.
    pub path: String,
    /// Request headers in order.
    pub request_headers: Vec<RecordedHeader>,
    /// Request body.
    pub request_body: Option<String>,
    /// Status; `None` when no answer came.
    pub http_status: Option<u16>,
    /// Response headers in order.
    pub response_headers: Vec<RecordedHeader>,
    /// Response body, or the shape of a login response (E7).
    pub response_body: Option<String>,
    /// Whether `response_body` is a shape: keys, types, lengths.
    pub response_is_shape: bool,
    /// Bytes of the whole response body after decompression.
    pub response_bytes: u32,
    /// Beside the shape of a login response in which the token was not found: the shape of the one that its stored value
    /// came from.
    #[serde(default)]
    pub saved_shape: Option<String>,
    /// Why no answer came, in one sentence.
    pub failure: Option<String>,
    /// How many redirects were followed.
    pub redirects: u32,
    /// The version of HTTP that was spoken, such as `HTTP/1.1`.
    #[serde(default)]
    pub http_version: Option<String>,
    /// Where the time went; `None` when no answer came, or another run sent it.
    #[serde(default)]
    pub timings: Option<ExchangeTimings>,
}

/// Where the time of an exchange went, in microseconds, one after the other; redirects are in `redirects_us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct ExchangeTimings {
    /// Before the last hop: everything that the redirects before it took.
    pub redirects_us: u32,
    /// The name's address was looked up; `None` when there was nothing to look up.
    pub dns_us: Option<u32>,
    /// The connection was made; `None` when an open one was used again.
    pub connect_us: Option<u32>,
    /// TLS was agreed on; `None` without TLS, or when an open connection was used again.
    pub tls_us: Option<u32>,
    /// The request was sent and the answer's head awaited.
    pub first_byte_us: u32,
    /// The body was read.
    pub download_us: u32,
}

impl From<&Timings> for ExchangeTimings {
    /// Each part rounded down, so that their sum is never more than the whole.
    fn from(timings: &Timings) -> Self {
        let micros = |duration: Duration| u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
        Self {
            redirects_us: micros(timings.redirects),
            dns_us: timings.dns.map(micros),
            connect_us: timings.connect.map(micros),
            tls_us: timings.tls.map(micros),
            first_byte_us: micros(timings.first_byte),
            download_us: micros(timings.download),
        }
    }
}

/// A header as recorded.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RecordedHeader {
    /// Its name.
    pub name: String,
    /// Its value, redacted.
    pub value: String,
}
