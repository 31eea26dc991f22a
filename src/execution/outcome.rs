//! E11's table, in one place: what can happen to a run, what it is called, what people read, and what they do next.

use serde::{Deserialize, Serialize};

use crate::breaker::Refusal;
use crate::http::{FailureKind, SendFailure};
use crate::refresh::LoginFailure;

/// Intercom's `error_type`s and our own three (E11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// Bad URL, header or domain; a redirect that can't be allowed; a run that R1, R4 or R5 refuses.
    RequestConfigurationError,
    /// No usable answer from the network.
    FaradayError,
    /// A complete answer that says no.
    #[serde(rename = "3rd_party_error")]
    ThirdPartyError,
    /// A 2xx that can't be read as announced, or lacks a mapped field.
    ResponseMappingError,
    /// The login failed (E7).
    TokenRefreshError,
    /// Never produced by us.
    FinActionResponseFormattingError,
    /// No user token for the customer, run by Fin (M6).
    FinActionIdentityVerificationError,
    /// A passcode was wrong, late or refused (O5).
    EmailVerificationError,
    /// No user token for the customer (M6).
    NonFinStandaloneActionIdentityVerificationError,
    /// Bad or missing input.
    RequestValidationError,
    /// Never produced by us.
    ClientSideActionError,
    /// The circuit breaker is open (C4).
    CircuitOpen,
    /// Waits for a passcode; not a failure (O1).
    EmailVerificationRequired,
    /// Stopped by whoever ran it (E13).
    Cancelled,
}

impl ErrorType {
    /// Every error type, in the order of Intercom's enumeration and then ours.
    pub const ALL: [Self; 14] = [
        Self::RequestConfigurationError,
        Self::FaradayError,
        Self::ThirdPartyError,
        Self::ResponseMappingError,
        Self::TokenRefreshError,
        Self::FinActionResponseFormattingError,
        Self::FinActionIdentityVerificationError,
        Self::EmailVerificationError,
        Self::NonFinStandaloneActionIdentityVerificationError,
        Self::RequestValidationError,
        Self::ClientSideActionError,
        Self::CircuitOpen,
        Self::EmailVerificationRequired,
        Self::Cancelled,
    ];

    /// The wire name, such as `3rd_party_error`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestConfigurationError => "request_configuration_error",
            Self::FaradayError => "faraday_error",
            Self::ThirdPartyError => "3rd_party_error",
            Self::ResponseMappingError => "response_mapping_error",
            Self::TokenRefreshError => "token_refresh_error",
            Self::FinActionResponseFormattingError => "fin_action_response_formatting_error",
            Self::FinActionIdentityVerificationError => "fin_action_identity_verification_error",
            Self::EmailVerificationError => "email_verification_error",
            Self::NonFinStandaloneActionIdentityVerificationError => "non_fin_standalone_action_identity_verification_error",
            Self::RequestValidationError => "request_validation_error",
            Self::ClientSideActionError => "client_side_action_error",
            Self::CircuitOpen => "circuit_open",
            Self::EmailVerificationRequired => "email_verification_required",
            Self::Cancelled => "cancelled",
        }
    }

    /// The error type of a wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error_type| error_type.name() == name)
    }
}

/// How a run ended; every row of E11 that can occur so far.
#[derive(Debug, Clone)]
pub enum Ending {
    /// It did what it was asked.
    Succeeded {
        /// The API's host.
        host: String,
        /// The API's status.
        status: u16,
        /// The tokens that were renewed after a 401, by name.
        renewed: Option<String>,
    },
    /// It was played with the mock response, without the network (R2).
    Mocked,
    /// A bad or missing input.
    InputRefused {
        /// What is wrong.
        message: String,
        /// What to do.
        next_step: String,
    },
    /// The configuration does not let it run: URL, header, T6, R1, R4, R5.
    ConfigurationRefused {
        /// What is wrong.
        message: String,
        /// What to do.
        next_step: String,
    },
    /// There is no customer, or it holds no value of a user token (M6).
    NoUserToken {
        /// Whether Fin ran it.
        by_fin: bool,
        /// What is missing.
        message: String,
        /// What to do.
        next_step: String,
    },
    /// The API gave no usable answer.
    NoAnswer(SendFailure),
    /// The API answered 401 and nothing could be renewed.
    Unauthorized {
        /// The API's host.
        host: String,
        /// Why nothing was renewed, in a sentence.
        why: String,
        /// The user tokens that were refused, by name: another system has to renew them (E9).
        issued_elsewhere: Option<String>,
    },
    /// A redirect led to another origin, which got no token and answered 401 (S3).
    UnauthorizedElsewhere {
        /// The API's host.
        host: String,
        /// Where the redirect led.
        elsewhere: String,
    },
    /// The API answered 401 again after the renewal (E5).
    UnauthorizedAgain {
        /// The API's host.
        host: String,
        /// The tokens that had been renewed.
        tokens: String,
    },
    /// The API answered with any other status that is not 2xx.
    RefusedByApi {
        /// The API's host.
        host: String,
        /// Its status.
        status: u16,
        /// The reason beside it.
        reason: String,
    },
    /// A 2xx that can't be read as announced.
    Unreadable {
        /// Where and why.
        problem: String,
    },
    /// A 2xx that lacks a mapped field (R3).
    MissingField {
        /// The field's path.
        path: String,
    },
    /// A token could not be fetched or refreshed (E7).
    LoginFailed {
        /// The token's name.
        token: String,
        /// What went wrong.
        failure: LoginFailure,
    },
    /// The circuit breaker refused it (C4).
    CircuitOpen(Refusal),
    /// Stopped by whoever ran it (E13).
    Cancelled,
}

/// How a run counts for the circuit breaker (C2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// The API answered.
    AsSuccess,
    /// The API or the login is broken.
    AsFailure,
    /// Neither of them had a say in it.
    Not,
}

impl Ending {
    /// The `error_type` of E11; `None` for a success.
    pub fn error_type(&self) -> Option<ErrorType> {
        match self {
            Self::Succeeded { .. } | Self::Mocked => None,
            Self::InputRefused { .. } => Some(ErrorType::RequestValidationError),
            Self::ConfigurationRefused { .. } => Some(ErrorType::RequestConfigurationError),
            Self::NoUserToken { by_fin: true, .. } => Some(ErrorType::FinActionIdentityVerificationError),
            Self::NoUserToken { by_fin: false, .. } => Some(ErrorType::NonFinStandaloneActionIdentityVerificationError),
            Self::NoAnswer(failure) => Some(match failure.kind() {
                FailureKind::Network => ErrorType::FaradayError,
                FailureKind::Configuration => ErrorType::RequestConfigurationError,
                FailureKind::Cancelled => ErrorType::Cancelled,
            }),
            Self::Unauthorized { .. }
            | Self::UnauthorizedElsewhere { .. }
            | Self::UnauthorizedAgain { .. }
            | Self::RefusedByApi { .. } => Some(ErrorType::ThirdPartyError),
            Self::Unreadable { .. } | Self::MissingField { .. } => Some(ErrorType::ResponseMappingError),
            Self::LoginFailed { .. } => Some(ErrorType::TokenRefreshError),
            Self::CircuitOpen(_) => Some(ErrorType::CircuitOpen),
            Self::Cancelled => Some(ErrorType::Cancelled),
        }
    }

    /// How it counts for the circuit breaker (C2).
    pub fn counts(&self) -> Counts {
        match self {
            Self::RefusedByApi { status: 500.., .. } | Self::UnauthorizedAgain { .. } | Self::LoginFailed { .. } => {
                Counts::AsFailure
            }
            // An answer that can't be used as configured, or says no to what was asked, is an answer: a 401 that nothing could
            // be done about, too.
            Self::Succeeded { .. }
            | Self::RefusedByApi { .. }
            | Self::Unauthorized { .. }
            | Self::UnauthorizedElsewhere { .. }
            | Self::Unreadable { .. }
            | Self::MissingField { .. } => Counts::AsSuccess,
            Self::NoAnswer(failure) => match failure.kind() {
                FailureKind::Network => Counts::AsFailure,
                FailureKind::Configuration | FailureKind::Cancelled => Counts::Not,
            },
            Self::Mocked
            | Self::InputRefused { .. }
            | Self::ConfigurationRefused { .. }
            | Self::NoUserToken { .. }
            | Self::CircuitOpen(_)
            | Self::Cancelled => Counts::Not,
        }
    }

    /// When the breaker lets a probe through, in milliseconds since 1970 (C4).
    pub fn next_probe_at_ms(&self) -> Option<i64> {
        match self {
            Self::CircuitOpen(Refusal::Open { until_ms, .. } | Refusal::Probing { until_ms }) => Some(*until_ms),
            _ => None,
        }
    }

    /// What happened, in one plain sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Succeeded { host, status, renewed: None } => format!("{host} answered {status}."),
            Self::Succeeded { host, status, renewed: Some(tokens) } => {
                format!("{host} answered {status}, after a 401 with which {tokens} was renewed.")
            }
            Self::Mocked => "Played with the mock response; nothing was sent.".to_owned(),
            Self::InputRefused { message, .. }
            | Self::ConfigurationRefused { message, .. }
            | Self::NoUserToken { message, .. } => message.clone(),
            Self::NoAnswer(failure) => failure.sentence(),
            Self::Unauthorized { host, why, .. } => format!("{host} answered 401. {why}"),
            Self::UnauthorizedElsewhere { host, elsewhere } => {
                format!(
                    "{host} redirects to {elsewhere}, which got no token, because tokens go to no other origin, and answered 401."
                )
            }
            Self::UnauthorizedAgain { host, tokens } => {
                format!("{host} answered 401 again, with a fresh value of {tokens}. Nothing more was sent.")
            }
            Self::RefusedByApi { host, status, reason } => {
                format!("{host} answered {}.", format!("{status} {reason}").trim_end())
            }
            Self::Unreadable { problem } => format!("The answer can't be read as it is announced. {problem}"),
            Self::MissingField { path } => format!("The answer has no field {path}, which is mapped."),
            Self::LoginFailed { token, failure } => format!("No new value of {token} could be had. {}", failure.sentence()),
            Self::CircuitOpen(refusal) => refused_by_breaker(*refusal),
            Self::Cancelled => "The run was cancelled.".to_owned(),
        }
    }

    /// What to do now, in one sentence; empty after a success.
    pub fn next_step(&self) -> String {
        match self {
            Self::Succeeded { .. } | Self::Mocked => String::new(),
            Self::InputRefused { next_step, .. }
            | Self::ConfigurationRefused { next_step, .. }
            | Self::NoUserToken { next_step, .. } => next_step.clone(),
            Self::NoAnswer(failure) => failure.next_step(),
            Self::Unauthorized { issued_elsewhere: Some(tokens), .. } => {
                format!("Let the system that issues {tokens} hand over a new value with setAuthTokens, then run it again.")
            }
            Self::Unauthorized { .. } => "Look at the connector's tokens in Setup: the API wants another one, or a new value.".to_owned(),
            Self::UnauthorizedElsewhere { .. } => "If that address is right and can be trusted, put it into Setup.".to_owned(),
            Self::UnauthorizedAgain { .. } => {
                "Check that the token goes in the header that the API expects, with the right prefix, and that it is meant for this API."
                    .to_owned()
            }
            Self::RefusedByApi { status, .. } => status_advice(*status).to_owned(),
            Self::Unreadable { .. } => "Compare the response with its Content-Type header, and tell the API's owner what it announces and what it sends.".to_owned(),
            Self::MissingField { .. } => "Compare the response below with the object mappings in Setup.".to_owned(),
            Self::LoginFailed { failure, .. } => failure.next_step(),
            Self::CircuitOpen(Refusal::Isolated) => "Press Reset breaker when runs may go through again: nothing else ends it.".to_owned(),
            Self::CircuitOpen(Refusal::Probing { .. }) => "Run it again when the probe has ended: if it succeeds, the breaker closes.".to_owned(),
            Self::CircuitOpen(Refusal::Open { .. }) => {
                "Look at the runs that opened it. After the wait the next run is a probe; Reset breaker lets runs through at once.".to_owned()
            }
            Self::Cancelled => "Run it again when you like. What had been sent by then may still have its effect on the other side.".to_owned(),
        }
    }

    /// Whether it did what it was asked.
    pub fn success(&self) -> bool {
        self.error_type().is_none()
    }
}

fn refused_by_breaker(refusal: Refusal) -> String {
    match refusal {
        Refusal::Open { failures: 1, .. } => "The circuit breaker is open: a run failed. Nothing was sent.".to_owned(),
        Refusal::Open { failures, .. } => {
            format!("The circuit breaker is open: {failures} runs in a row failed. Nothing was sent.")
        }
        Refusal::Probing { .. } => "The circuit breaker is half-open, and its probe is under way. Nothing was sent.".to_owned(),
        Refusal::Isolated => "The circuit breaker was opened by hand. Nothing was sent.".to_owned(),
    }
}

fn status_advice(status: u16) -> &'static str {
    match status {
        304 => {
            "The API says that nothing changed since an earlier answer: remove conditional headers such as If-None-Match in Setup."
        }
        300..=399 => "The API sends you elsewhere without a place that can be followed: put the final URL into Setup.",
        403 => "The API does not allow this: look at the token's scopes and the account's permissions.",
        404 => "Check the URL in Setup and the inputs of this run: the API knows no such thing.",
        405 => "Check the method in Setup: this URL does not take it.",
        400 | 422 => "Look at the response below: the API says there what it dislikes about the request.",
        429 => "Wait before running it again: the API limits how often it may be asked.",
        500..=599 => "The API has a fault of its own: try again later, or ask its owner.",
        _ => "Look at the response below for the API's own words.",
    }
}
