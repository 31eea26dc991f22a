//! Who may call the Messenger, as it is kept among the settings, and what may be set there (M4).

use rusqlite::{Connection, Transaction};
use secrecy::SecretString;

use super::messenger::MessengerDraft;
use super::views::Problem;
use crate::customer::messenger::{IdentityVerification, Rules};
use crate::settings::catalogue::{
    MESSENGER_ALLOWED_ORIGINS, MESSENGER_IDENTITY_SECRET, MESSENGER_IDENTITY_VERIFICATION as VERIFICATION,
};
use crate::settings::{MOST_ORIGINS, Value, Values, origin};
use crate::store::{StoreFailure, settings};

/// The rules as they are kept. A verification that can't be read, because another version wrote it, asks for a proof.
///
/// # Errors
/// When the database can't be read.
pub(super) fn read(connection: &Connection) -> Result<Rules, StoreFailure> {
    let values = Values::read(connection)?;
    let verification = match settings::get(connection, VERIFICATION.key)? {
        None => IdentityVerification::Off,
        Some(json) => serde_json::from_str(&json).unwrap_or(IdentityVerification::Jwt),
    };
    Ok(Rules {
        allowed_origins: values.text(&MESSENGER_ALLOWED_ORIGINS).split_whitespace().map(str::to_owned).collect(),
        verification,
        secret: values.secret(&MESSENGER_IDENTITY_SECRET),
    })
}

/// Keeps them.
///
/// # Errors
/// When the database can't be written.
pub(super) fn write(transaction: &Transaction<'_>, rules: &Rules) -> Result<(), StoreFailure> {
    let verification = match rules.verification {
        IdentityVerification::Off => "off",
        IdentityVerification::Jwt => "jwt",
        IdentityVerification::UserHash => "user_hash",
    };
    let origins = rules.allowed_origins.join(" ");
    MESSENGER_ALLOWED_ORIGINS.listed().put(transaction, &Value::Text(origins))?;
    VERIFICATION.listed().put(transaction, &Value::Text(verification.to_owned()))?;
    match &rules.secret {
        Some(secret) => MESSENGER_IDENTITY_SECRET.listed().put(transaction, &Value::Secret(secret.clone())),
        None => MESSENGER_IDENTITY_SECRET.listed().reset(transaction),
    }
}

/// What a draft does with the secret.
pub(super) enum SecretChange {
    Keep,
    Remove,
    Set(SecretString),
}

/// What a draft sets.
pub(super) struct Checked {
    pub allowed_origins: Vec<String>,
    pub verification: IdentityVerification,
    pub secret: SecretChange,
}

/// Checks a draft on its own.
///
/// # Errors
/// The first fault, with its field.
pub(super) fn check(draft: &MessengerDraft) -> Result<Checked, Problem> {
    let allowed_origins = checked_origins(&draft.allowed_origins)?;
    let secret = draft.identity_secret.as_deref().map_or(Ok(SecretChange::Keep), checked_secret)?;
    Ok(Checked { allowed_origins, verification: draft.identity_verification, secret })
}

/// That identity verification was turned on without a secret.
pub(super) fn secret_is_missing() -> Problem {
    let message = "Identity verification needs a secret that your server knows too.";
    Problem::invalid("identity_secret", message, "Paste it, or let Latchkey make one.")
}

/// The origins as browsers write them, each once.
fn checked_origins(typed: &[String]) -> Result<Vec<String>, Problem> {
    let mut origins = Vec::with_capacity(typed.len());
    for (index, typed) in typed.iter().enumerate() {
        let origin = origin(typed.trim()).filter(|origin| origin != "null").ok_or_else(|| {
            let message = "An origin is http:// or https:// with a host and perhaps a port, and nothing else.";
            Problem::invalid(format!("allowed_origins[{index}]"), message, "Write it as http://localhost:3000.")
        })?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    if origins.len() > MOST_ORIGINS {
        let message = format!("More than {MOST_ORIGINS} origins can't be allowed.");
        return Err(Problem::invalid(format!("allowed_origins[{MOST_ORIGINS}]"), message, "Remove those that are not needed."));
    }
    Ok(origins)
}

/// A new secret; an empty one removes it.
fn checked_secret(typed: &str) -> Result<SecretChange, Problem> {
    if typed.trim().is_empty() {
        return Ok(SecretChange::Remove);
    }
    match MESSENGER_IDENTITY_SECRET.listed().parse(typed) {
        Ok(Value::Secret(secret)) => Ok(SecretChange::Set(secret)),
        Ok(_) => Ok(SecretChange::Remove),
        Err(fault) => {
            let message = fault.to_string().replace(MESSENGER_IDENTITY_SECRET.key, "The secret");
            Err(Problem::invalid("identity_secret", message, fault.next_step()))
        }
    }
}
