//! Who may call the Messenger, as it is kept among the settings. It is read anew when the configuration changed, so what
//! is set by any process counts with the next call.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::IdentityVerification;
use super::origin::normalised_origin;
use crate::store::{Database, StoreFailure, configuration, settings};

/// The setting of the port that it listens on.
pub const PORT_KEY: &str = "messenger.port";
/// The setting that starts it with the window.
pub const STARTS_WITH_WINDOW_KEY: &str = "messenger.starts_with_window";
/// The setting of the allowed origins, with spaces between them.
pub const ALLOWED_ORIGINS_KEY: &str = "messenger.allowed_origins";
/// The setting of the identity verification.
pub const IDENTITY_VERIFICATION_KEY: &str = "messenger.identity_verification";
/// The setting of the secret of that.
pub const IDENTITY_SECRET_KEY: &str = "messenger.identity_secret";

/// Who may call, and how they prove on whose behalf (M4).
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The origins whose pages may call, as browsers write them.
    pub allowed_origins: Vec<String>,
    /// How callers prove on whose behalf they speak.
    pub verification: IdentityVerification,
    /// What they prove it with. While there is none and they have to, nobody is believed.
    pub secret: Option<SecretString>,
}

impl Rules {
    /// As they are kept. A verification that can't be read, because another version wrote it, asks for a proof.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(connection: &Connection) -> Result<Self, StoreFailure> {
        let origins: Option<String> = kept(connection, ALLOWED_ORIGINS_KEY)?.and_then(Result::ok);
        let verification = kept(connection, IDENTITY_VERIFICATION_KEY)?;
        let secret: Option<String> = kept(connection, IDENTITY_SECRET_KEY)?.and_then(Result::ok);
        Ok(Self {
            allowed_origins: origins
                .unwrap_or_default()
                .split_whitespace()
                .filter_map(|origin| normalised_origin(origin).ok())
                .collect(),
            verification: verification.map_or(IdentityVerification::Off, |kept| kept.unwrap_or(IdentityVerification::Jwt)),
            secret: secret.filter(|secret| !secret.is_empty()).map(SecretString::from),
        })
    }

    /// Keeps them.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn write(&self, transaction: &Transaction<'_>) -> Result<(), StoreFailure> {
        keep(transaction, ALLOWED_ORIGINS_KEY, &self.allowed_origins.join(" "))?;
        keep(transaction, IDENTITY_VERIFICATION_KEY, &self.verification)?;
        match &self.secret {
            // Exposed to the encrypted database.
            Some(secret) => keep(transaction, IDENTITY_SECRET_KEY, secret.expose_secret()),
            None => settings::delete(transaction, IDENTITY_SECRET_KEY).map(drop),
        }
    }

    pub(super) fn allow(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed == origin)
    }

    /// Another one whenever callers have to prove themselves in another way or with another secret: a session that was
    /// opened under the old one ends.
    pub(super) fn stamp(&self) -> [u8; 32] {
        let secret = self.secret.as_ref().map_or("", |secret| secret.expose_secret());
        let hasher = Sha256::new().chain_update([self.verification as u8]);
        // Exposed to a digest that never leaves memory. With verification off there is nothing to prove with a secret.
        if self.verification == IdentityVerification::Off { hasher } else { hasher.chain_update(secret) }.finalize().into()
    }
}

/// The value under a key, when there is one; an inner error when it is of another kind.
///
/// # Errors
/// When the database can't be read.
pub fn kept<T: DeserializeOwned>(
    connection: &Connection,
    key: &str,
) -> Result<Option<Result<T, serde_json::Error>>, StoreFailure> {
    Ok(settings::get(connection, key)?.map(|json| serde_json::from_str(&json)))
}

/// Keeps a value under a key.
///
/// # Errors
/// When the database can't be written.
pub fn keep(transaction: &Transaction<'_>, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), StoreFailure> {
    let json = serde_json::to_string(value).map_err(|error| StoreFailure::Other(error.to_string()))?;
    settings::put(transaction, key, &json)
}

/// The rules of a running Messenger.
pub(super) struct CurrentRules {
    database: Arc<Database>,
    /// With the version of the configuration that they were read in.
    read: Mutex<Option<(i32, Arc<Rules>)>>,
}

impl CurrentRules {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self { database, read: Mutex::default() }
    }

    /// As they are kept at this moment.
    pub(super) async fn now(&self) -> Result<Arc<Rules>, StoreFailure> {
        let version = self.database.configuration_version();
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, rules)) = read
            && Some(of) == version
        {
            return Ok(rules);
        }
        let reading =
            self.database.read_async(|connection| Ok((configuration::version(connection)?, Rules::read(connection)?)));
        let (version, rules) = reading.await?;
        let rules = Arc::new(rules);
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(&rules)));
        Ok(rules)
    }
}
