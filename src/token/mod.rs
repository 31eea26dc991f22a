//! What a token is: a named credential that is sent as one header (T1).
//!
//! The variants carry their own settings, so a text token can't have a request and an HTTP request
//! token can't lack one. The token *value* is not here: it lives in the store with its generation.

pub(crate) mod capture;
mod check;
mod check_location;
mod draft;
mod header;
mod location;
mod path_error;
pub(crate) mod pointer;
mod request;
mod stored;

pub use check::{CheckedToken, Fault, LONGEST_MARGIN_SECONDS, NAME_LIMIT, OWN_HEADERS, check_request, check_token};
pub use check_location::check_location;
pub use draft::{FieldDraft, RequestDraft, TokenDraft, TokenDraftKind};
pub use header::{header_line, header_value, mask_value};
pub use location::{LocationIn, LocationStep, TokenLocation};
pub use path_error::PathError;
pub use request::{AuthenticationRequest, Encoding, RequestField};
pub use stored::{UnreadableToken, from_stored, to_stored};

use serde::{Deserialize, Serialize};

/// Identifies a token for ever; connectors refer to it (a time-ordered UUID as text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(transparent)]
pub struct TokenId(pub String);

impl std::fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A saved token without its value.
#[derive(Debug, Clone)]
pub struct Token {
    /// Never changes.
    pub id: TokenId,
    /// Unique among tokens.
    pub name: String,
    /// What it is for, who owns it; may be empty.
    pub description: String,
    /// The name of the header that carries the token (T1).
    pub request_header_key: String,
    /// Put before the value with one space; empty for none (T1).
    pub token_prefix: String,
    /// Only this host and its subdomains get the token (T6).
    pub domain: Option<String>,
    /// What is particular to the token's type.
    pub kind: TokenKind,
}

/// What is particular to each `token_type`.
#[derive(Debug, Clone)]
pub enum TokenKind {
    /// A fixed value (T2).
    Text,
    /// A value fetched from an authentication endpoint (T3).
    HttpRequest {
        /// What is sent to the endpoint.
        request: AuthenticationRequest,
        /// Where the value stands in the answer (T4).
        location: TokenLocation,
        /// Refresh this many seconds before the value expires, if its login said when (E4); `None` is off.
        refresh_before_seconds: Option<u32>,
    },
    /// No value of its own: each customer has one, set from outside (T5).
    User,
}

/// The wire name of a token's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// A fixed value (T2).
    Text,
    /// A value fetched from an authentication endpoint (T3).
    HttpRequest,
    /// A value per customer, set from outside (T5).
    User,
}

impl Token {
    /// The wire name of this token's type.
    pub fn token_type(&self) -> TokenType {
        match self.kind {
            TokenKind::Text => TokenType::Text,
            TokenKind::HttpRequest { .. } => TokenType::HttpRequest,
            TokenKind::User => TokenType::User,
        }
    }
}

impl Token {
    /// Whether the token may be sent to this host: any host without a domain, else the domain and its subdomains (T6).
    pub fn may_go_to(&self, host: &str) -> bool {
        let Some(domain) = &self.domain else { return true };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        host == *domain || (host.ends_with(domain) && host[..host.len() - domain.len()].ends_with('.') && !is_address(domain))
    }
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn for_domain(domain: Option<&str>) -> Token {
        Token {
            id: TokenId("t".into()),
            name: "t".into(),
            description: String::new(),
            request_header_key: "Authorization".into(),
            token_prefix: String::new(),
            domain: domain.map(str::to_owned),
            kind: TokenKind::Text,
        }
    }

    #[test]
    fn t6_a_domain_covers_its_subdomains_and_nothing_that_only_looks_alike() {
        let token = for_domain(Some("example.com"));
        for host in ["example.com", "api.example.com", "a.b.EXAMPLE.com", "example.com."] {
            assert!(token.may_go_to(host), "{host}");
        }
        for host in ["badexample.com", "example.com.evil.org", "com", "example.co"] {
            assert!(!token.may_go_to(host), "{host}");
        }
        assert!(for_domain(None).may_go_to("anything.example"));
        assert!(!for_domain(Some("0.0.1")).may_go_to("127.0.0.1x"));
    }
}
