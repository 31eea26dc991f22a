//! The tokens that the sandbox has issued: random, JWT-shaped, and forgotten with the process.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

/// How many issued tokens are remembered at least; older ones become unknown, as after a restart.
const REMEMBERED: u64 = 10_000;

/// What the API knows of a token that it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Good.
    Valid,
    /// Issued here, and past its time.
    Expired,
    /// Never issued here, or before a restart.
    Unknown,
}

/// The issued tokens and when each expires.
#[derive(Default)]
pub(super) struct IssuedTokens {
    tokens: HashMap<String, Issued>,
    count: u64,
}

struct Issued {
    number: u64,
    expires_at: Timestamp,
}

impl IssuedTokens {
    /// Issues a token for `subject` that lives from `now` for `lifetime_seconds`. Fails only when the
    /// operating system gives no random bytes.
    pub(super) fn issue(&mut self, subject: &str, now: Timestamp, lifetime_seconds: u32) -> Result<String, getrandom::Error> {
        let expires_at = now.saturating_add(i64::from(lifetime_seconds).seconds()).unwrap_or(Timestamp::MAX);
        let claims = json!({
            "iss": "latchkey-sandbox",
            "sub": subject,
            "iat": now.as_second(),
            "exp": expires_at.as_second(),
            "jti": random_text()?,
        });
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        // Only this process ever checks the token, by looking it up: random bytes where a signature
        // would stand make it as hard to guess.
        let token = format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()), random_text()?);
        self.count += 1;
        if self.tokens.len() as u64 >= 2 * REMEMBERED {
            let forgotten = self.count.saturating_sub(REMEMBERED);
            self.tokens.retain(|_, issued| issued.number > forgotten);
        }
        self.tokens.insert(token.clone(), Issued { number: self.count, expires_at });
        Ok(token)
    }

    /// What is known of a token at `now`.
    pub(super) fn standing(&self, token: &str, now: Timestamp) -> Standing {
        match self.tokens.get(token) {
            Some(issued) if now < issued.expires_at => Standing::Valid,
            Some(_) => Standing::Expired,
            None => Standing::Unknown,
        }
    }

    /// Ends the life of every token issued so far.
    pub(super) fn expire_all(&mut self, now: Timestamp) {
        for issued in self.tokens.values_mut() {
            issued.expires_at = issued.expires_at.min(now);
        }
    }
}

/// 256 random bits as text for URLs.
pub(super) fn random_text() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sandbox_tokens_live_exactly_as_long_as_they_say() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let mut tokens = IssuedTokens::default();
        let token = tokens.issue("demo", now, 900).unwrap();
        let last = now + 899.seconds();
        assert_eq!(tokens.standing(&token, last), Standing::Valid);
        assert_eq!(tokens.standing(&token, last + 1.second()), Standing::Expired);
        assert_eq!(tokens.standing("eyJ.e30.x", now), Standing::Unknown);
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["exp"], &claims["sub"]), (&json!(1_700_000_900), &json!("demo")));
    }

    #[test]
    fn sandbox_tokens_differ_and_all_expire_together() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let mut tokens = IssuedTokens::default();
        let (first, second) = (tokens.issue("demo", now, 900).unwrap(), tokens.issue("demo", now, 900).unwrap());
        assert_ne!(first, second);
        tokens.expire_all(now);
        assert_eq!(tokens.standing(&first, now), Standing::Expired);
        let third = tokens.issue("demo", now, 900).unwrap();
        assert_eq!(tokens.standing(&third, now), Standing::Valid, "only tokens issued so far expire");
    }

    #[test]
    fn sandbox_forgets_the_oldest_tokens_before_memory_grows() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let mut tokens = IssuedTokens::default();
        let first = tokens.issue("demo", now, 900).unwrap();
        let mut last = String::new();
        for _ in 0..2 * REMEMBERED {
            last = tokens.issue("demo", now, 900).unwrap();
        }
        assert!(tokens.tokens.len() as u64 <= 2 * REMEMBERED);
        assert_eq!((tokens.standing(&first, now), tokens.standing(&last, now)), (Standing::Unknown, Standing::Valid));
    }
}
