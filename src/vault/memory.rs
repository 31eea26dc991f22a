//! A keyring in memory, for tests and simulations.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::key::DatabaseKey;
use super::slot::{KeySlot, SlotFailure};

/// A keyring in memory that can be made to fail: for tests and simulations, never for a workspace that people use.
#[derive(Default)]
pub struct MemorySlot {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, DatabaseKey>,
    failure: Option<SlotFailure>,
    forgetful: bool,
}

impl MemorySlot {
    /// An open and empty keyring.
    pub fn new() -> Self {
        Self::default()
    }

    /// A keyring that answers everything with this failure.
    pub fn failing(failure: SlotFailure) -> Self {
        let slot = Self::new();
        slot.set_failure(Some(failure));
        slot
    }

    /// From now on it fails so, or works again.
    pub fn set_failure(&self, failure: Option<SlotFailure>) {
        self.lock().failure = failure;
    }

    /// From now on it says that it kept a key and does not.
    pub fn forget_what_is_written(&self) {
        self.lock().forgetful = true;
    }

    /// How many keys it holds.
    pub fn count(&self) -> usize {
        self.lock().keys.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn usable(&self) -> Result<MutexGuard<'_, State>, SlotFailure> {
        let state = self.lock();
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(state),
        }
    }
}

impl KeySlot for MemorySlot {
    fn read(&self, workspace_id: &str) -> Result<Option<DatabaseKey>, SlotFailure> {
        Ok(self.usable()?.keys.get(workspace_id).cloned())
    }

    fn write(&self, workspace_id: &str, key: &DatabaseKey) -> Result<(), SlotFailure> {
        let mut state = self.usable()?;
        if !state.forgetful {
            state.keys.insert(workspace_id.to_owned(), key.clone());
        }
        Ok(())
    }

    fn remove(&self, workspace_id: &str) -> Result<(), SlotFailure> {
        self.usable()?.keys.remove(workspace_id);
        Ok(())
    }
}
