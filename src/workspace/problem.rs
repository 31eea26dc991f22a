//! How the rooms' errors become the one error that crosses a border.

use super::views::{Problem, ProblemCode};
use crate::store::StoreFailure;
use crate::vault::VaultFailure;

impl Problem {
    /// A problem without a field.
    pub fn new(code: ProblemCode, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { code, message: message.into(), next_step: next_step.into(), field: None }
    }

    /// A field that holds something that can't be taken.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(ProblemCode::Invalid, message, next_step) }
    }

    pub(super) fn token_gone() -> Self {
        Self::new(ProblemCode::NotFound, "There is no such token any more.", "Go back to the list of tokens.")
    }

    /// A user token is asked for what only a token with a value of its own has (T5).
    pub(super) fn no_value_of_its_own(name: &str) -> Self {
        Self::new(
            ProblemCode::Failed,
            format!(
                "{name} is a user token: it has no value of its own, each customer has one, set by the system that issues it."
            ),
            "Look at a customer to see, set or remove its value.",
        )
    }

    pub(super) fn token_not_there(id: &str) -> Self {
        Self::invalid("token_ids", format!("There is no token {id}."), "Attach another token.")
    }

    pub(super) fn connector_gone() -> Self {
        Self::new(ProblemCode::NotFound, "There is no such connector any more.", "Go back to the list of connectors.")
    }

    pub(super) fn response_gone() -> Self {
        Self::new(
            ProblemCode::ResponseGone,
            "This response is no longer kept in memory.",
            "Press Test request again, or open the execution again.",
        )
    }

    pub(super) fn changed_meanwhile(what: &str) -> Self {
        let message = format!("The {what} was changed by another window or program meanwhile, so nothing was saved.");
        Self::new(ProblemCode::Failed, message, "Try again: it is saved over the newest state then.")
    }

    pub(super) fn other_version() -> Self {
        Self::new(ProblemCode::Failed, "This execution was recorded by another version and can't be shown.", "Update Latchkey.")
    }

    pub(super) fn interrupted() -> Self {
        Self::new(ProblemCode::Failed, "The work was interrupted.", "Try again.")
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.message, self.next_step)
    }
}

impl std::error::Error for Problem {}

impl From<StoreFailure> for Problem {
    fn from(failure: StoreFailure) -> Self {
        match failure {
            StoreFailure::Taken => Self::invalid("name", failure.sentence(), failure.next_step()),
            _ => Self::new(ProblemCode::Failed, failure.sentence(), failure.next_step()),
        }
    }
}

impl From<VaultFailure> for Problem {
    fn from(failure: VaultFailure) -> Self {
        let code = match failure {
            VaultFailure::WrongPassphrase => ProblemCode::WrongPassphrase,
            VaultFailure::Locked { .. } => ProblemCode::Locked,
            VaultFailure::PassphraseTooShort | VaultFailure::PassphraseOnly => {
                return Self::invalid("passphrase", failure.sentence(), failure.next_step());
            }
            _ => ProblemCode::Failed,
        };
        Self::new(code, failure.sentence(), failure.next_step())
    }
}

impl From<crate::token::Fault> for Problem {
    fn from(fault: crate::token::Fault) -> Self {
        Self::invalid(fault.field, fault.message, fault.next_step)
    }
}

impl From<crate::settings::Fault> for Problem {
    fn from(fault: crate::settings::Fault) -> Self {
        Self::invalid(fault.field(), fault.to_string(), fault.next_step())
    }
}

impl From<crate::token::UnreadableToken> for Problem {
    fn from(unreadable: crate::token::UnreadableToken) -> Self {
        Self::new(ProblemCode::Failed, unreadable.to_string(), "Update Latchkey, or delete the token and set it up again.")
    }
}

impl From<crate::refresh::LoginFailure> for Problem {
    fn from(failure: crate::refresh::LoginFailure) -> Self {
        use crate::http::SendFailure;
        use crate::refresh::LoginFailure;
        if failure == LoginFailure::NoAnswer(SendFailure::Cancelled) {
            return Self::new(ProblemCode::Cancelled, "The test was cancelled.", "Nothing was changed.");
        }
        Self::new(ProblemCode::Failed, failure.sentence(), failure.next_step())
    }
}
