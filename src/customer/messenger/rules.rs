//! Who may call the Messenger. It is read anew when the configuration changed, so what is set by any process counts with
//! the next call.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::IdentityVerification;
use crate::store::{Database, StoreFailure, configuration};

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

/// Reads the rules of a workspace where it keeps them.
pub type ReadRules = fn(&Connection) -> Result<Rules, StoreFailure>;

impl Rules {
    /// Whether pages of this origin may call. `null`, the origin of sandboxed pages and files, is of no page in particular.
    pub(super) fn allow(&self, origin: &str) -> bool {
        origin != "null" && self.allowed_origins.iter().any(|allowed| allowed == origin)
    }

    /// Another one whenever callers have to prove themselves in another way or with another secret: a session that was
    /// opened under the old one ends.
    pub(super) fn stamp(&self) -> [u8; 32] {
        let hasher = Sha256::new().chain_update([self.verification as u8]);
        let secret = self.secret.as_ref().filter(|_| self.verification != IdentityVerification::Off);
        // Exposed to a digest that never leaves memory.
        secret.map_or(hasher.clone(), |secret| hasher.chain_update(secret.expose_secret())).finalize().into()
    }
}

/// The rules of a running Messenger.
pub(super) struct CurrentRules {
    database: Arc<Database>,
    reading: ReadRules,
    /// With the version of the configuration that they were read in.
    read: Mutex<Option<(i32, Arc<Rules>)>>,
}

impl CurrentRules {
    pub(super) fn new(database: Arc<Database>, reading: ReadRules) -> Self {
        Self { database, reading, read: Mutex::default() }
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
        let reading = self.reading;
        let read = self.database.read_async(move |connection| Ok((configuration::version(connection)?, reading(connection)?)));
        let (version, rules) = read.await?;
        let rules = Arc::new(rules);
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(&rules)));
        Ok(rules)
    }
}
