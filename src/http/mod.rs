//! One HTTP client for every request that leaves: limits, redirects by our own rules (S3), timings, cancellation.
//!
//! What comes back is either a complete [`Answer`], whatever its status, or a [`SendFailure`] that says in plain words
//! why there is none (E11). Nothing here decides what a status means.

mod answer;
mod classify;
mod client;
mod coding;
mod failure;
mod limits;
mod marks;
mod record;
mod redirect;
mod request;
mod tls;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Timings, short_reason};
pub use client::Client;
pub use failure::{FailureKind, SendFailure, TlsProblem};
pub use limits::LiveLimits;
pub use record::{Exchange, ExchangeTimings, RecordedHeader};
pub use request::{AUTHENTICATION_BODY_LIMIT, HeaderFault, HeaderPart, Limits, OutgoingHeader, OutgoingRequest};
