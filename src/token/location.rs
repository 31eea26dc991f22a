//! Where a token value stands in an authentication endpoint's response (T4).

use serde::{Deserialize, Serialize};

/// A token location: a place in one part of the response, and what to open there (T4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct TokenLocation {
    /// The part of the response.
    #[serde(rename = "in")]
    pub part: LocationIn,
    /// An RFC 6901 pointer for JSON, a path for XML, a name for form, header and cookie.
    #[serde(default)]
    pub at: String,
    /// Opens what was found once more, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<LocationStep>,
}

/// The part of a response that a location points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum LocationIn {
    /// The body, read as JSON.
    Json,
    /// The body, read as XML.
    Xml,
    /// The body, read as `application/x-www-form-urlencoded`.
    Form,
    /// A response header, its name compared without case.
    Header,
    /// A cookie of `Set-Cookie`.
    Cookie,
    /// The body as plain text.
    Text,
}

/// One more opening of a value that was found (T4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(tag = "open", rename_all = "snake_case")]
pub enum LocationStep {
    /// The text is JSON itself; `at` is a pointer into it.
    Json {
        /// RFC 6901 pointer.
        at: String,
    },
    /// The text is a JWT; `claim` names one of its claims.
    JwtClaim {
        /// The claim's name.
        claim: String,
    },
    /// A line of the text, counted from 1.
    Line {
        /// The line's number.
        number: u32,
    },
    /// The first capture group of a regular expression.
    Capture {
        /// The expression.
        pattern: String,
    },
}

impl TokenLocation {
    /// A location in a JSON body, by RFC 6901 pointer.
    pub fn json(pointer: impl Into<String>) -> Self {
        Self { part: LocationIn::Json, at: pointer.into(), then: Vec::new() }
    }

    /// A location in a response header.
    pub fn header(name: impl Into<String>) -> Self {
        Self { part: LocationIn::Header, at: name.into(), then: Vec::new() }
    }
}
