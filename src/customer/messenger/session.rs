//! Sessions: what `boot` and login return, bound to a user and an origin (M1). They are kept in memory alone, so they end
//! with the Messenger.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// The most sessions at once; the one that was used longest ago makes room.
const MOST: usize = 10_000;
/// How long a session lives without a call.
const IDLE: Duration = Duration::from_hours(24);

/// What a session is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) user_id: String,
    /// `None` for an app.
    pub(super) origin: Option<String>,
    /// What callers had to prove when it was opened.
    pub(super) stamp: [u8; 32],
    /// Opened by an app's SDK, which calls it login.
    pub(super) native: bool,
}

struct Session {
    bound: Bound,
    /// By the monotonic clock.
    used: Duration,
}

/// The open sessions, by the SHA-256 of what their owners hold: who looks into this memory can't call with it, and looking
/// one up takes no time that tells of another.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new session: 256 random bits.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub(super) fn open(&self, bound: Bound, now: Duration) -> Result<SecretString, getrandom::Error> {
        let mut bits = [0_u8; 32];
        getrandom::fill(&mut bits)?;
        let session = URL_SAFE_NO_PAD.encode(bits);
        let mut open = self.lock();
        if open.len() >= MOST {
            open.retain(|_, session| now.saturating_sub(session.used) < IDLE);
        }
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.used).map(|(hash, _)| *hash)
        {
            open.remove(&oldest);
        }
        open.insert(hash(&session), Session { bound, used: now });
        Ok(SecretString::from(session))
    }

    /// What the session is bound to, if it is open to this origin under these rules.
    pub(super) fn find(&self, session: &str, origin: Option<&str>, stamp: &[u8; 32], now: Duration) -> Option<Bound> {
        let mut open = self.lock();
        let hash = hash(session);
        let found = open.get_mut(&hash)?;
        if now.saturating_sub(found.used) >= IDLE || found.bound.stamp != *stamp {
            open.remove(&hash);
            return None;
        }
        if found.bound.origin.as_deref() != origin {
            return None;
        }
        found.used = now;
        Some(found.bound.clone())
    }

    /// Ends a session of this origin, if there is one.
    pub(super) fn end(&self, session: &str, origin: Option<&str>) {
        let mut open = self.lock();
        let hash = hash(session);
        if open.get(&hash).is_some_and(|found| found.bound.origin.as_deref() == origin) {
            open.remove(&hash);
        }
    }
}

fn hash(session: &str) -> [u8; 32] {
    Sha256::digest(session).into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const STAMP: [u8; 32] = [7; 32];

    fn bound(user_id: &str, origin: Option<&str>) -> Bound {
        Bound { user_id: user_id.to_owned(), origin: origin.map(str::to_owned), stamp: STAMP, native: origin.is_none() }
    }

    fn user_of(sessions: &Sessions, session: &SecretString, origin: Option<&str>, now: Duration) -> Option<String> {
        sessions.find(session.expose_secret(), origin, &STAMP, now).map(|bound| bound.user_id)
    }

    #[test]
    fn m1_a_session_is_its_users_and_origins_alone() {
        let sessions = Sessions::default();
        let page = Some("http://shop.example");
        let ann = sessions.open(bound("ann", page), Duration::ZERO).unwrap();
        let bob = sessions.open(bound("bob", None), Duration::ZERO).unwrap();
        assert_ne!(ann.expose_secret(), bob.expose_secret());
        assert_eq!(ann.expose_secret().len(), 43, "256 bits");
        assert_eq!(user_of(&sessions, &ann, page, Duration::ZERO).as_deref(), Some("ann"));
        assert_eq!(user_of(&sessions, &ann, None, Duration::ZERO), None);
        assert_eq!(user_of(&sessions, &ann, Some("http://other.example"), Duration::ZERO), None);
        sessions.end(ann.expose_secret(), Some("http://other.example"));
        assert_eq!(user_of(&sessions, &ann, page, Duration::ZERO).as_deref(), Some("ann"), "a stranger ends nothing");
        sessions.end(ann.expose_secret(), page);
        assert_eq!(user_of(&sessions, &ann, page, Duration::ZERO), None);
        assert_eq!(user_of(&sessions, &bob, None, Duration::ZERO).as_deref(), Some("bob"));
    }

    #[test]
    fn m1_a_session_ends_a_day_after_its_last_call_and_with_the_rules_that_it_was_opened_under() {
        let sessions = Sessions::default();
        let session = sessions.open(bound("ann", None), Duration::ZERO).unwrap();
        let almost = IDLE.checked_sub(Duration::from_secs(1)).unwrap();
        assert!(user_of(&sessions, &session, None, almost).is_some());
        assert!(user_of(&sessions, &session, None, almost * 2).is_some(), "each call keeps it");
        assert!(user_of(&sessions, &session, None, almost * 2 + IDLE).is_none());
        let session = sessions.open(bound("ann", None), Duration::ZERO).unwrap();
        assert!(sessions.find(session.expose_secret(), None, &[8; 32], Duration::ZERO).is_none());
        assert!(user_of(&sessions, &session, None, Duration::ZERO).is_none(), "nor does it come back with the old rules");
    }

    #[test]
    fn m1_when_there_are_too_many_the_one_used_longest_ago_makes_room() {
        let sessions = Sessions::default();
        let at = |number: usize| Duration::from_millis(u64::try_from(number).unwrap());
        let open = |number: usize| sessions.open(bound("ann", None), at(number)).unwrap();
        let all: Vec<_> = (0..MOST).map(open).collect();
        assert!(user_of(&sessions, &all[0], None, at(MOST)).is_some());
        let newest = open(MOST + 1);
        assert_eq!(sessions.lock().len(), MOST);
        assert!(user_of(&sessions, &all[1], None, at(MOST + 2)).is_none());
        assert!([&all[0], &all[2], &newest].into_iter().all(|kept| user_of(&sessions, kept, None, at(MOST + 2)).is_some()));
    }
}
