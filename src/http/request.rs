//! What is sent: a request whose headers are known to be sendable, and the limits that it runs under.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use url::Url;

/// The largest body of an authentication endpoint's answer, in bytes after decompression: 256 MiB (S4).
pub const AUTHENTICATION_BODY_LIMIT: u64 = 256 * 1024 * 1024;

/// A request to be sent. Its `Debug` shows neither header values, nor the URL's private parts, nor the body.
#[derive(Clone)]
pub struct OutgoingRequest {
    /// HTTP method.
    pub method: Method,
    /// An absolute http or https URL. Userinfo is sent as `Authorization: Basic` unless the headers have one.
    pub url: Url,
    /// Sent in this order. `Content-Length` and `Transfer-Encoding` are left out: the body decides them.
    pub headers: Vec<OutgoingHeader>,
    /// The body; an empty one counts as none.
    pub body: Option<Bytes>,
}

/// A header that can be sent as it is.
#[derive(Clone)]
pub struct OutgoingHeader {
    /// Its name.
    pub name: HeaderName,
    /// Its value.
    pub value: HeaderValue,
    /// Whether it carries a credential: never sent to another origin (S3).
    pub credential: bool,
}

/// How long and how much one [`super::Client::send`] may take, and on what connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For each connection, TLS included (E13).
    pub connect_timeout: Duration,
    /// For everything, redirects and body included (E13).
    pub total_timeout: Duration,
    /// Bytes of the body after decompression (S4).
    pub body_bytes: u64,
    /// Whether a connection of an earlier request may be used, and kept for a later one. Without, a server that closes
    /// a kept connection at the moment of the next request can't make that one fail.
    pub keeps_connections: bool,
}

impl Default for Limits {
    /// 10 s to connect, 30 s in all (E13), 10 MiB (S4), on kept connections.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            body_bytes: 10 * 1024 * 1024,
            keeps_connections: true,
        }
    }
}

/// Which half of a header can't be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderPart {
    /// Its name.
    Name,
    /// Its value.
    Value,
}

/// Why a header can't be sent. The value is never repeated (S2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// There is no name.
    #[error("A header has no name.")]
    EmptyName,
    /// A character that can't stand there (E10).
    #[error("The {} of a header holds {}, which can't be sent.", part_in_words(*.part), in_words(*.character))]
    Character {
        /// Where it stands.
        part: HeaderPart,
        /// The first such character.
        character: char,
    },
    /// Longer than can be sent.
    #[error("The name of a header is too long to be sent.")]
    TooLong,
}

impl HeaderFault {
    /// Which half is at fault.
    pub fn part(&self) -> HeaderPart {
        match self {
            Self::Character { part, .. } => *part,
            Self::EmptyName | Self::TooLong => HeaderPart::Name,
        }
    }

    /// What to do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::EmptyName => "Give the header a name or remove it.",
            Self::Character { part: HeaderPart::Name, .. } => {
                "Use letters, digits and hyphens in the name, such as `X-Api-Key`."
            }
            Self::Character { part: HeaderPart::Value, .. } => {
                "Remove line breaks and control characters; they often come along when a value is pasted."
            }
            Self::TooLong => "Shorten the name.",
        }
    }
}

impl OutgoingHeader {
    /// A header that can be sent: a name of RFC 9110's token characters, a value without CR, LF, NUL and other control
    /// characters (E10). Values outside ASCII are sent as UTF-8.
    pub fn new(name: &str, value: &str, credential: bool) -> Result<Self, HeaderFault> {
        if name.is_empty() {
            return Err(HeaderFault::EmptyName);
        }
        let refused = |part, character| HeaderFault::Character { part, character };
        if let Some(character) = name.chars().find(|character| !is_token_character(*character)) {
            return Err(refused(HeaderPart::Name, character));
        }
        if let Some(character) = value.chars().find(|character| character.is_ascii_control() && *character != '\t') {
            return Err(refused(HeaderPart::Value, character));
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderFault::TooLong)?;
        let mut value =
            HeaderValue::from_bytes(value.as_bytes()).map_err(|_| refused(HeaderPart::Value, char::REPLACEMENT_CHARACTER))?;
        // Keeps it out of `Debug` and out of HTTP/2's compression tables.
        value.set_sensitive(credential);
        Ok(Self { name, value, credential })
    }
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

fn part_in_words(part: HeaderPart) -> &'static str {
    match part {
        HeaderPart::Name => "name",
        HeaderPart::Value => "value",
    }
}

fn in_words(character: char) -> String {
    match character {
        '\r' | '\n' => "a line break".to_owned(),
        '\0' => "a NUL character".to_owned(),
        ' ' => "a space".to_owned(),
        control if control.is_control() => format!("the control character U+{:04X}", u32::from(control)),
        visible => format!("`{visible}`"),
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("url", &crate::redact::redact_url(self.url.as_str()))
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.as_ref().map(Bytes::len))
            .finish()
    }
}

impl fmt::Debug for OutgoingHeader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("OutgoingHeader").field(&self.name.as_str()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e10_a_header_with_a_line_break_or_nul_is_refused_without_repeating_its_value() {
        for (value, character) in [("topsecret\r\nX: y", '\r'), ("topsecret\n", '\n'), ("a\0b", '\0'), ("a\u{7f}", '\u{7f}')] {
            let fault = OutgoingHeader::new("X-Key", value, true).unwrap_err();
            assert_eq!(fault, HeaderFault::Character { part: HeaderPart::Value, character });
            assert!(!format!("{fault} {fault:?}").contains("topsecret"), "{fault}");
        }
        let fault = OutgoingHeader::new("X-Key", "a\nb", false).unwrap_err();
        assert_eq!(fault.to_string(), "The value of a header holds a line break, which can't be sent.");
    }

    #[test]
    fn e10_a_header_name_is_a_token() {
        assert_eq!(OutgoingHeader::new("", "x", false).unwrap_err(), HeaderFault::EmptyName);
        for (name, character) in [("X Key", ' '), ("X:Key", ':'), ("Schlüssel", 'ü'), ("X\n", '\n')] {
            let fault = OutgoingHeader::new(name, "x", false).unwrap_err();
            assert_eq!(fault, HeaderFault::Character { part: HeaderPart::Name, character }, "{name}");
        }
        assert_eq!(OutgoingHeader::new(&"x".repeat(1 << 17), "", false).unwrap_err(), HeaderFault::TooLong);
    }

    #[test]
    fn e10_empty_and_non_ascii_values_can_be_sent() {
        assert_eq!(OutgoingHeader::new("X-Empty", "", false).unwrap().value, "");
        assert_eq!(OutgoingHeader::new("X-Name", "Zoë\t1", false).unwrap().value.as_bytes(), "Zoë\t1".as_bytes());
    }

    #[test]
    fn s2_debug_of_a_request_shows_no_secret() {
        let request = OutgoingRequest {
            method: Method::POST,
            url: Url::parse("https://user:topsecret@example.com/a?key=topsecret").unwrap(),
            headers: vec![OutgoingHeader::new("Authorization", "Bearer topsecret", true).unwrap()],
            body: Some(Bytes::from_static(b"topsecret")),
        };
        let shown = format!("{request:?}");
        assert!(!shown.contains("topsecret"), "{shown}");
        assert!(shown.contains("authorization"), "{shown}");
    }
}
