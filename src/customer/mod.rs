//! Customers and the user tokens that other systems have set for them (T5, M1–M5).

mod check;
pub mod messenger;

pub use check::{Fault, fault_of_text, fault_of_user_id, fault_of_value};
use rusqlite::Transaction;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::store::customers::{self, CustomerRow};
use crate::store::{StoreFailure, customer_tokens, tokens};

/// The longest `user_id`, email and name, in characters.
pub const LONGEST_TEXT: usize = 255;
/// The longest value of a user token, in bytes.
pub const LONGEST_VALUE: usize = 16 * 1024;

/// The kind of a customer (R4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    /// A user, unless said otherwise.
    #[default]
    Users,
    /// A lead.
    Leads,
    /// A visitor.
    Visitors,
}

impl CustomerKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Users, Self::Leads, Self::Visitors];

    /// Its wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Leads => "leads",
            Self::Visitors => "visitors",
        }
    }

    /// The kind of this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// By which call a value was set or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// `boot` of the JavaScript SDK.
    Boot,
    /// `update` of the JavaScript SDK.
    Update,
    /// `setAuthTokens` of any SDK.
    SetAuthTokens,
    /// In the window.
    Window,
    /// With the headless program.
    CommandLine,
}

impl SetBy {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Boot, Self::Update, Self::SetAuthTokens, Self::Window, Self::CommandLine];

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::Update => "update",
            Self::SetAuthTokens => "set_auth_tokens",
            Self::Window => "window",
            Self::CommandLine => "command_line",
        }
    }

    /// The call of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

/// What a call says about a customer. What it leaves out stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What other systems know the customer by.
    pub user_id: String,
    /// A new email; an empty one removes it.
    pub email: Option<String>,
    /// A new name; an empty one removes it.
    pub name: Option<String>,
    /// A new kind.
    pub kind: Option<CustomerKind>,
    /// Values by the names of user tokens.
    pub tokens: Vec<(String, SecretString)>,
    /// Whether the customer itself was here, as it is when the Messenger is called.
    pub seen: bool,
}

/// What became of the tokens of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokensSet {
    /// The names whose values are stored.
    pub stored: Vec<String>,
    /// The names that are no user token's (M2).
    pub refused: Vec<String>,
}

/// Writes what a call says about a customer, making the customer where there is none. Known names of tokens are stored even
/// when others are refused; tokens that are not named stay as they are (M1, M2).
///
/// # Errors
/// When the database can't be written.
pub fn take_in(transaction: &Transaction<'_>, said: &Said, by: SetBy, at_ms: i64) -> Result<TokensSet, StoreFailure> {
    let known = customers::by_user_id(transaction, &said.user_id)?;
    let is_new = known.is_none();
    let mut row = known.unwrap_or_else(|| CustomerRow {
        id: 0,
        user_id: said.user_id.clone(),
        email: None,
        name: None,
        kind: CustomerKind::default().name().to_owned(),
        created_at_ms: at_ms,
        last_seen_at_ms: None,
    });
    let before = row.clone();
    change(&mut row.email, said.email.as_deref());
    change(&mut row.name, said.name.as_deref());
    if let Some(kind) = said.kind {
        kind.name().clone_into(&mut row.kind);
    }
    if is_new {
        row.last_seen_at_ms = said.seen.then_some(at_ms);
        row.id = customers::insert(transaction, &row)?;
    } else {
        if row != before {
            customers::update(transaction, &row)?;
        }
        if said.seen {
            customers::seen(transaction, row.id, at_ms)?;
        }
    }
    let mut set = TokensSet::default();
    for (name, value) in &said.tokens {
        match tokens::by_name(transaction, name)?.filter(|token| token.token_type == "user") {
            Some(token) => {
                customer_tokens::put(transaction, row.id, &token.id, Some(value), by.name(), at_ms)?;
                set.stored.push(token.name);
            }
            None => set.refused.push(name.clone()),
        }
    }
    Ok(set)
}

fn change(kept: &mut Option<String>, said: Option<&str>) {
    if let Some(said) = said {
        *kept = Some(said.trim().to_owned()).filter(|said| !said.is_empty());
    }
}
