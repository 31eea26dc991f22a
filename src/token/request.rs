//! The request that fetches a token value from its authentication endpoint (T3).

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What is sent to an authentication endpoint: the same for every customer, so without templates.
#[derive(Debug, Clone)]
pub struct AuthenticationRequest {
    /// An upper-case HTTP method.
    pub method: String,
    /// An absolute http or https URL.
    pub url: String,
    /// Sent in this order.
    pub headers: Vec<RequestField>,
    /// The key-value pairs, in this order.
    pub parameters: Vec<RequestField>,
    /// How the key-value pairs are sent.
    pub encoding: Encoding,
}

/// A header or a key-value pair of an authentication request.
#[derive(Debug, Clone)]
pub struct RequestField {
    /// The header's name or the pair's key.
    pub name: String,
    /// What is sent; kept as a secret whether or not it is marked as one.
    pub value: SecretString,
    /// Whether it is masked and redacted; on unless the user unmarks it.
    pub secret: bool,
}

/// How key-value pairs are sent (T3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// As one JSON object of strings.
    #[default]
    Json,
    /// As `application/x-www-form-urlencoded`.
    Form,
    /// As query parameters of the URL.
    Query,
}

impl AuthenticationRequest {
    /// Whether exactly the same would be sent (T3); the secret marks don't count, since they change nothing on the wire.
    pub fn sends_the_same_as(&self, other: &Self) -> bool {
        self.method == other.method
            && self.url == other.url
            && self.encoding == other.encoding
            && same_fields(&self.headers, &other.headers)
            && same_fields(&self.parameters, &other.parameters)
    }
}

fn same_fields(one: &[RequestField], other: &[RequestField]) -> bool {
    // Exposed for a comparison only.
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| a.name == b.name && a.value.expose_secret() == b.value.expose_secret())
}
