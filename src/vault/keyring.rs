//! The operating system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//! A locked Secret Service answers a search as if nothing were stored, so "nothing" is believed only after a
//! probe could be written: believing it at once would make a second key and orphan the database. Each call connects
//! anew, so that a keyring that starts, restarts or is unlocked after this program did is found when it is asked again.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::key::DatabaseKey;
use super::slot::{KeySlot, SlotFailure};

/// The name under which the keys stand in the keyring.
const SERVICE: &str = "latchkey";

/// How long one call may take; a keyring that works answers within milliseconds.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The operating system's keyring. Each call runs on a thread of its own, with a connection of its own, and is given up
/// after five seconds.
#[derive(Debug, Clone, Copy)]
pub struct KeyringSlot {
    time_limit: Duration,
}

impl KeyringSlot {
    /// The keyring of this session.
    pub fn new() -> Self {
        Self { time_limit: TIME_LIMIT }
    }

    fn within_limit<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> Result<T, SlotFailure> + Send + 'static,
    ) -> Result<T, SlotFailure> {
        let (answer, answered) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                // Nobody listens any more after the time limit; the answer is then of no use.
                let _ = answer.send(act());
            })
            .map_err(|error| SlotFailure::Other(error.to_string()))?;
        answered.recv_timeout(self.time_limit).unwrap_or_else(|why| match why {
            RecvTimeoutError::Timeout => Err(SlotFailure::TimedOut),
            RecvTimeoutError::Disconnected => Err(SlotFailure::Other("it broke off".to_owned())),
        })
    }
}

impl Default for KeyringSlot {
    fn default() -> Self {
        Self::new()
    }
}

impl KeySlot for KeyringSlot {
    fn read(&self, workspace_id: &str) -> Result<Option<DatabaseKey>, SlotFailure> {
        let id = workspace_id.to_owned();
        self.within_limit(move || {
            let keyring = Keyring::connect()?;
            if let Some(key) = keyring.look_up(&id)? {
                return Ok(Some(key));
            }
            keyring.probe(&id)?;
            // Writing the probe may have unlocked the keyring.
            keyring.look_up(&id)
        })
    }

    fn write(&self, workspace_id: &str, key: &DatabaseKey) -> Result<(), SlotFailure> {
        let (id, key) = (workspace_id.to_owned(), key.clone());
        // The secret is exposed to the keyring, whose purpose is to keep it.
        self.within_limit(move || Keyring::connect()?.entry(&id)?.set_secret(key.expose_bytes()).map_err(failure))
    }

    fn remove(&self, workspace_id: &str) -> Result<(), SlotFailure> {
        let id = workspace_id.to_owned();
        self.within_limit(move || {
            let keyring = Keyring::connect()?;
            match keyring.entry(&id)?.delete_credential() {
                Ok(()) => Ok(()),
                // As above: "nothing to remove" is believed only of an open keyring.
                Err(Error::NoEntry) => keyring.probe(&id),
                Err(error) => Err(failure(error)),
            }
        })
    }
}

/// A connection to the keyring.
struct Keyring {
    store: Arc<CredentialStore>,
}

impl Keyring {
    fn connect() -> Result<Self, SlotFailure> {
        // Nothing else can fail here than reaching the keyring.
        let store = connect().map_err(|error| {
            tracing::debug!(%error, "the keyring was not reached");
            SlotFailure::NoService
        })?;
        Ok(Self { store })
    }

    fn entry(&self, user: &str) -> Result<Entry, SlotFailure> {
        self.store.build(SERVICE, user, None).map_err(failure)
    }

    fn look_up(&self, workspace_id: &str) -> Result<Option<DatabaseKey>, SlotFailure> {
        match self.entry(workspace_id)?.get_secret() {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let key = DatabaseKey::from_bytes(&bytes);
                key.map(Some).ok_or_else(|| SlotFailure::Other("what it holds for this workspace is not a key".to_owned()))
            }
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// Writes and removes something worthless: proof that the keyring is open.
    fn probe(&self, workspace_id: &str) -> Result<(), SlotFailure> {
        let probe = self.entry(&format!("{workspace_id}.probe"))?;
        probe.set_secret(b"probe").map_err(failure)?;
        match probe.delete_credential() {
            // Another process that probes at the same moment may have removed it already.
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }
}

#[cfg(target_os = "macos")]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// The failure in our words. Errors that carry the secret's bytes are named without them.
fn failure(error: Error) -> SlotFailure {
    match error {
        Error::NoStorageAccess(_) => SlotFailure::Locked,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => SlotFailure::Other("what it holds can't be read".to_owned()),
        Error::Ambiguous(_) => SlotFailure::Other("it holds several keys for this workspace".to_owned()),
        Error::NoEntry => SlotFailure::Other("it lost the entry".to_owned()),
        Error::PlatformFailure(error) => SlotFailure::Other(error.to_string()),
        other => SlotFailure::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_a_keyring_that_does_not_answer_is_given_up() {
        let slot = KeyringSlot { time_limit: Duration::from_millis(1) };
        let (release, held) = mpsc::channel::<()>();
        let outcome = slot.within_limit(move || {
            let _ = held.recv();
            Ok(())
        });
        assert_eq!(outcome, Err(SlotFailure::TimedOut));
        drop(release);
    }

    #[test]
    fn s1_a_failure_never_carries_the_secret() {
        let said = failure(Error::BadEncoding(b"hunter2".to_vec()));
        assert!(!format!("{said:?}{said}").contains("104"), "no bytes of the secret");
        assert!(!format!("{said:?}{said}").contains("hunter2"));
    }
}
