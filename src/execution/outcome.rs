//! E11's table: what can happen to a run, what it is called, what people read and what they do next.

use serde::{Deserialize, Serialize};

/// Intercom's `error_type`s and our own three (E11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Intercom's names; the table of E11 says when each is used")]
pub enum ErrorType {
    RequestConfigurationError,
    FaradayError,
    #[serde(rename = "3rd_party_error")]
    ThirdPartyError,
    ResponseMappingError,
    TokenRefreshError,
    FinActionResponseFormattingError,
    FinActionIdentityVerificationError,
    EmailVerificationError,
    NonFinStandaloneActionIdentityVerificationError,
    RequestValidationError,
    ClientSideActionError,
    CircuitOpen,
    EmailVerificationRequired,
    Cancelled,
}
