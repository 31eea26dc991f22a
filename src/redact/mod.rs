//! Known secrets out of anything that is recorded or shown (S2), and what looks like a secret (T8).
//!
//! A [`Redactor`] is built once per execution from every secret that took part. It searches the text as it came and
//! as it reads once escapes are undone, so that it need not guess which characters an encoder chose to escape.

mod address;
mod kept;
mod names;
mod patterns;
mod redactor;
mod shape;
mod sieve;
mod views;
mod within;

#[cfg(test)]
mod tests;

pub use address::redact_url;
pub use kept::Redactors;
pub use names::{NameSays, is_credential_header};
pub use redactor::Redactor;
pub use shape::looks_like_secret;
pub use within::{hide_within, secret_name_at_end};

/// What stands where a secret stood.
pub const REDACTED: &str = "****";

/// Secrets with fewer characters are not searched for in free text, where they would be everywhere;
/// they are only replaced where a whole field is one (S2).
pub const SHORTEST_SEARCHED: usize = 6;
