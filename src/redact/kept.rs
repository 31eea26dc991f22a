//! Redactors that were made before. To spell a secret and build its search takes some hundred microseconds, and the runs
//! of one connector know the same secrets until a token is renewed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use super::Redactor;

/// Most sets of secrets that are remembered; the one that was asked for longest ago goes first.
const MOST: usize = 16;

/// Remembers the last redactors, each by all of its secrets. Cheap to clone; clones share what they remember. A secret
/// stays in memory with them for as long as that, or until the last clone is dropped.
#[derive(Clone, Default)]
pub struct Redactors {
    kept: Arc<Mutex<VecDeque<Redactor>>>,
}

impl Redactors {
    /// The redactor that knows exactly these secrets, made if it is not remembered.
    pub fn of(&self, secrets: &[SecretString]) -> Redactor {
        if let Some(found) = self.find(secrets) {
            return found;
        }
        // Made without the lock: two who want the same at once both make it, and nobody else waits.
        let made = Redactor::new(secrets);
        let mut kept = self.lock();
        kept.truncate(MOST - 1);
        kept.push_front(made.clone());
        made
    }

    fn find(&self, secrets: &[SecretString]) -> Option<Redactor> {
        let mut kept = self.lock();
        let position = kept.iter().position(|redactor| redactor.knows_exactly(secrets))?;
        let found = kept.remove(position)?;
        kept.push_front(found.clone());
        Some(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Redactor>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|&text| SecretString::from(text)).collect()
    }

    #[test]
    fn s2_a_remembered_redactor_knows_the_secrets_that_were_asked_for_and_no_others() {
        let redactors = Redactors::default();
        let text = "first-secret second-secret";
        for _ in 0..2 {
            assert_eq!(redactors.of(&secrets(&["first-secret"])).redact(text), "**** second-secret");
            assert_eq!(redactors.of(&secrets(&["first-secret", "second-secret"])).redact(text), "**** ****");
            assert_eq!(redactors.of(&secrets(&["second-secret"])).redact(text), "first-secret ****");
            assert_eq!(redactors.of(&[]).redact(text), text);
        }
        assert_eq!(redactors.lock().len(), 4, "each set was made once");
    }

    #[test]
    fn s2_only_the_last_sets_of_secrets_stay_in_memory() {
        let redactors = Redactors::default();
        for number in 0..3 * MOST {
            redactors.of(&secrets(&["the-lasting-one"]));
            redactors.of(&secrets(&[&format!("secret-{number}")]));
        }
        assert_eq!(redactors.lock().len(), MOST);
        assert!(redactors.find(&secrets(&["the-lasting-one"])).is_some(), "what is asked for again and again stays");
        assert!(redactors.find(&secrets(&["secret-1"])).is_none());
    }
}
