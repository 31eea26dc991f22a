//! A complete answer, whatever its status.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use url::Url;

/// A complete answer. Its `Debug` shows neither header values, nor the URL's private parts, nor the body.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The words beside the status, as the server sent them or as the standard has them; may be empty. One line without
    /// invisible characters, of any length; [`short_reason`] makes it fit for a sentence.
    pub reason: String,
    /// In order, those of one name together; names in lower case. Bytes that are not UTF-8 are read as Latin-1.
    /// `content-encoding` and `content-length` are left out of an answer that was decompressed.
    pub headers: Vec<(String, String)>,
    /// After decompression.
    pub body: Bytes,
    /// Where it came from, after redirects.
    pub final_url: Url,
    /// How many redirects were followed.
    pub redirects: u32,
    /// The version of HTTP that was spoken in the end, such as `HTTP/1.1`.
    pub version: &'static str,
    /// How long it took.
    pub timings: Timings,
    /// Whether a redirect led to another origin, so that credentials were left behind on the way (S3).
    pub crossed_origin: bool,
}

/// How long each part of getting an answer took, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Everything that the redirects before the last hop took.
    pub redirects: Duration,
    /// The name's address was looked up; `None` when there was nothing to look up, as in the next two.
    pub dns: Option<Duration>,
    /// The connection was made, a proxy's tunnel included; `None` when an open one was used.
    pub connect: Option<Duration>,
    /// TLS was agreed on.
    pub tls: Option<Duration>,
    /// Until the last answer's headers were there.
    pub first_byte: Duration,
    /// Until the end of its body.
    pub download: Duration,
}

impl Timings {
    /// From the start of the send to the body's end, redirects included.
    pub fn total(&self) -> Duration {
        let connecting = [self.dns, self.connect, self.tls].into_iter().flatten();
        connecting.sum::<Duration>() + self.redirects + self.first_byte + self.download
    }
}

impl Answer {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The longest reason phrase in a sentence, in characters.
const LONGEST_REASON: usize = 120;

/// A reason phrase as one line of visible text.
pub(super) fn readable_reason(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|character| !character.is_control() && !turns_text(*character)).collect()
}

/// A reason phrase cut to what a sentence can carry. It must be redacted already: the first half of a secret is one too.
pub fn short_reason(redacted: &str) -> String {
    match redacted.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &redacted[..end]),
        None => redacted.to_owned(),
    }
}

/// Invisible characters that change the direction of the text around them, and so what a sentence seems to say.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The headers as text.
pub(super) fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let value = |bytes: &[u8]| {
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
    };
    headers.iter().map(|(name, bytes)| (name.as_str().to_owned(), value(bytes.as_bytes()))).collect()
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .field("final_url", &crate::redact::redact_url(self.final_url.as_str()))
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}
