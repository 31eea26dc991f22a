//! Customers as clients see them, every value masked (T8).

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::clock::millis_to_rfc3339;
use crate::customer::{CustomerKind, SetBy};
use crate::refresh::generation;
use crate::response::{JwtView, jwt};
use crate::store::customer_tokens::CustomerTokenRow;
use crate::store::customers::CustomerRow;
use crate::token::{Token, header_line, mask_value};

/// Which customers to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
pub struct CustomerFilter {
    /// How the user id, the email, the name, the name of a held token or the day when it was seen last (`2026-11`, in
    /// UTC) begins, whatever the case; empty is all.
    #[serde(default)]
    pub search: Option<String>,
}

/// A page of customers: those who were seen or added last come first; in a search those whose user id begins so, then those
/// whose email does, then names, held tokens, and the day when they were seen last.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct CustomerPage {
    /// The customers.
    pub rows: Vec<CustomerSummary>,
    /// What the next page begins after; `None` at the end.
    pub next: Option<String>,
    /// How many customers there are in all, whatever is searched.
    pub total: u32,
}

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct CustomerSummary {
    /// What other systems know it by.
    pub user_id: String,
    /// Where it reads mail.
    pub email: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Its kind (R4).
    pub kind: CustomerKind,
    /// The names of the user tokens of which it holds a value.
    pub tokens: Vec<String>,
    /// The last call of the Messenger for it, RFC 3339.
    pub last_seen_at: Option<String>,
    /// Since when it is known, RFC 3339.
    pub created_at: String,
}

/// A customer with what it holds.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct CustomerDetail {
    /// The customer.
    #[serde(flatten)]
    pub summary: CustomerSummary,
    /// One entry for each user token of the workspace, by name.
    pub held: Vec<HeldToken>,
}

/// What a customer holds of one user token.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct HeldToken {
    /// The token.
    pub token_id: String,
    /// Its name: the key by which it is set.
    pub name: String,
    /// The exact header line, its value masked (T1).
    pub header_preview: String,
    /// The value, masked; `None` when there is none.
    pub masked: Option<String>,
    /// 0 before the first value.
    pub generation: u32,
    /// When it was set or removed, RFC 3339.
    pub set_at: Option<String>,
    /// By which call.
    pub set_by: Option<SetBy>,
    /// The value opened, when it is a JWT (M7).
    pub jwt: Option<JwtView>,
}

/// A customer as typed.
#[derive(Clone, Serialize, Deserialize, specta::Type)]
pub struct CustomerDraft {
    /// What other systems know it by; it never changes.
    pub user_id: String,
    /// Its email; empty is none.
    #[serde(default)]
    pub email: Option<String>,
    /// Its name; empty is none.
    #[serde(default)]
    pub name: Option<String>,
    /// Its kind.
    #[serde(default)]
    pub kind: CustomerKind,
}

/// A customer as it is listed.
pub(super) fn summary(row: CustomerRow, tokens: Vec<String>) -> CustomerSummary {
    CustomerSummary {
        user_id: row.user_id,
        email: row.email,
        name: row.name,
        kind: CustomerKind::from_name(&row.kind).unwrap_or_default(),
        tokens,
        last_seen_at: row.last_seen_at_ms.map(millis_to_rfc3339),
        created_at: millis_to_rfc3339(row.created_at_ms),
    }
}

/// What is shown of one token of a customer (T8).
pub(super) fn entry(token: &Token, held: Option<&CustomerTokenRow>, now: Timestamp) -> HeldToken {
    // Exposed to be masked, and to be opened when it is a JWT (M7).
    let value = held.and_then(|held| held.value.as_ref()).map(ExposeSecret::expose_secret);
    HeldToken {
        token_id: token.id.0.clone(),
        name: token.name.clone(),
        header_preview: header_line(&token.request_header_key, &token.token_prefix, value),
        masked: value.map(mask_value),
        generation: held.map_or(0, |held| generation(held.generation)),
        set_at: held.map(|held| millis_to_rfc3339(held.set_at_ms)),
        set_by: held.and_then(|held| SetBy::from_name(&held.set_by)),
        jwt: value.and_then(|value| jwt::decode(value, now)),
    }
}
