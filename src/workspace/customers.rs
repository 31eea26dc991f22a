//! Customers as clients see and change them.

use serde::{Deserialize, Serialize};

use super::Workspace;
use super::views::Problem;
use crate::customer::{CustomerKind, SetBy, TokensSet};
use crate::response::JwtView;

/// The customers of a workspace.
pub struct Customers<'a> {
    pub(super) workspace: &'a Workspace,
}

/// Which customers to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
pub struct CustomerFilter {
    /// How the user id, the email or the name begins, whatever the case; empty is all.
    #[serde(default)]
    pub search: Option<String>,
}

/// A page of customers: those seen last come first; a search is in the order of user ids.
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

impl Customers<'_> {
    /// A page of customers, at most 200.
    ///
    /// # Errors
    /// When the filter can't be taken, or the database can't be read.
    pub async fn list(&self, _filter: CustomerFilter, _after: Option<String>, _limit: u32) -> Result<CustomerPage, Problem> {
        Err(self.pending())
    }

    /// One customer.
    ///
    /// # Errors
    /// When there is no such customer.
    pub async fn get(&self, _user_id: &str) -> Result<CustomerDetail, Problem> {
        Err(self.pending())
    }

    /// Adds a customer, or with `replace` writes over what is known of it; its tokens stay.
    ///
    /// # Errors
    /// The first fault of the draft, with its field.
    pub async fn save(&self, _draft: CustomerDraft, _replace: bool) -> Result<CustomerDetail, Problem> {
        Err(self.pending())
    }

    /// Deletes a customer with the values that it holds.
    ///
    /// # Errors
    /// When there is no such customer.
    pub async fn delete(&self, _user_id: &str) -> Result<(), Problem> {
        Err(self.pending())
    }

    /// Sets values by the names of user tokens; the known ones are stored even when others are refused (M2).
    ///
    /// # Errors
    /// When there is no such customer, or a value can't be sent in a header.
    pub async fn set_tokens(
        &self,
        _user_id: &str,
        _tokens: Vec<(String, secrecy::SecretString)>,
        _by: SetBy,
    ) -> Result<TokensSet, Problem> {
        Err(self.pending())
    }

    /// Removes the value that a customer holds of a token (M5).
    ///
    /// # Errors
    /// When there is no such customer, or it holds none.
    pub async fn remove_token(&self, _user_id: &str, _token_id: &str, _by: SetBy) -> Result<CustomerDetail, Problem> {
        Err(self.pending())
    }

    fn pending(&self) -> Problem {
        let _ = self.workspace.database();
        Problem::interrupted()
    }
}
