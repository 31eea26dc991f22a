//! Hints: what is worth knowing beside what happened, in a sentence or two. Made once a run has ended, when every secret is
//! known, and only of runs that could use one.

mod challenge;
mod clocks;
mod refusal;

pub use refusal::refusal_hint;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::build::UsedToken;
use super::record::{Step, StepKind, StepOutcome};
use crate::clock::to_millis;
use crate::http::Answer;
use crate::redact::Redactor;
use crate::response::jwt::{self, Times, duration};
use crate::token::TokenType;

/// A value that was stored so recently is fresh.
const FRESH_MS: i64 = 5 * 60 * 1000;

/// An answer that refuses, with what was sent to get it.
pub struct Refused {
    status: u16,
    /// Its `WWW-Authenticate` headers as they came.
    challenges: Vec<String>,
    /// Its `Date` in seconds since 1970.
    date: Option<i64>,
    /// When it came, by this machine's clock.
    came_at: Timestamp,
    tokens: Vec<SentToken>,
}

/// A token as it was sent.
struct SentToken {
    name: String,
    token_type: TokenType,
    generation: u32,
    renewed: bool,
    stored_at_ms: i64,
    times: Option<Times>,
}

impl Refused {
    /// What is kept of an answer with a 401 or 403; `None` of any other.
    pub fn by(answer: &Answer, tokens: &[UsedToken], came_at: Timestamp) -> Option<Self> {
        if !matches!(answer.status, 401 | 403) {
            return None;
        }
        let challenges = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
        Some(Self {
            status: answer.status,
            challenges: challenges.map(|(_, value)| value.clone()).collect(),
            date: answer.header("date").and_then(clocks::date),
            came_at,
            tokens: tokens.iter().map(SentToken::of).collect(),
        })
    }

    fn hints(&self, redactor: &Redactor) -> impl Iterator<Item = String> {
        let clocks = if self.status == 401 { self.clocks() } else { None };
        let user_token = if self.status == 401 { self.user_token() } else { None };
        let scopes = if self.status == 403 { self.scopes() } else { None };
        let reason = challenge::reason("The API", self.challenges.iter().map(String::as_str), redactor);
        [clocks, user_token, scopes, reason].into_iter().flatten()
    }

    /// A token that is fresh was not refused for its age.
    fn scopes(&self) -> Option<String> {
        let (name, why) = self.tokens.iter().find_map(|token| Some((&token.name, token.is_fresh(self.came_at)?)))?;
        Some(format!("{name} {why}, so the token is valid but not allowed: look at its scopes."))
    }

    /// Who renews a user token that was refused (E9), and how old the value was.
    fn user_token(&self) -> Option<String> {
        let token = self.tokens.iter().find(|token| token.token_type == TokenType::User)?;
        let now = self.came_at.as_second();
        let expired = token.times.and_then(|times| times.expires_at).map(|expires| now.saturating_sub(expires));
        let age = if let Some(ago) = expired.filter(|ago| *ago >= 0) {
            format!("is a JWT that expired {} ago", duration(ago))
        } else {
            let age = to_millis(self.came_at).saturating_sub(token.stored_at_ms).max(0);
            format!("was set {} ago", duration(age / 1000))
        };
        Some(format!(
            "Generation {} of {} {age}: only the system that issues it can renew it, with setAuthTokens.",
            token.generation, token.name
        ))
    }

    fn clocks(&self) -> Option<String> {
        let here = self.came_at.as_second();
        let jwts = self.tokens.iter().filter_map(|token| Some((token.name.as_str(), token.times?)));
        let mut hints = jwts.filter_map(|(name, times)| clocks::hint(name, times, here, self.date));
        hints.next()
    }
}

impl SentToken {
    fn of(used: &UsedToken) -> Self {
        Self {
            name: used.token.name.clone(),
            token_type: used.token.token_type(),
            generation: used.generation,
            renewed: used.renewed,
            stored_at_ms: used.stored_at_ms,
            // Exposed to be read if it is a JWT.
            times: jwt::times(used.value.expose_secret()),
        }
    }

    /// Why it is fresh, in words that follow its name.
    fn is_fresh(&self, now: Timestamp) -> Option<String> {
        if self.renewed {
            return Some("was renewed by this run".to_owned());
        }
        if let Some(left) = self.times.and_then(|times| times.expires_at).map(|expires| expires.saturating_sub(now.as_second()))
        {
            return (left > 0).then(|| format!("is a JWT that expires only in {}", duration(left)));
        }
        let age = to_millis(now).saturating_sub(self.stored_at_ms);
        let is_young = self.token_type == TokenType::HttpRequest && (0..FRESH_MS).contains(&age);
        is_young.then(|| format!("was stored only {} ago", duration(age / 1000)))
    }
}

/// The hint of a run: the most useful first, at most two. `own` is what reading the answer brought already.
pub fn hint(refused: Option<&Refused>, steps: &[Step], own: Option<String>, redactor: &Redactor) -> Option<String> {
    let refused = refused.into_iter().flat_map(|refused| refused.hints(redactor));
    let hints: Vec<_> = refused.chain(login_hints(steps, redactor)).chain(own).take(2).collect();
    (!hints.is_empty()).then(|| hints.join(" "))
}

/// What the exchange of a login that failed tells.
fn login_hints(steps: &[Step], redactor: &Redactor) -> Vec<String> {
    let failed = steps.last().filter(|step| step.kind == StepKind::Refresh && step.outcome == StepOutcome::Failed);
    let Some((exchange, token)) = failed.and_then(|step| Some((step.exchange.as_ref()?, step.token.as_ref()?))) else {
        return Vec::new();
    };
    let moved = exchange.saved_shape.is_some().then(|| {
        format!(
            "The login's answer has another shape than when {} was saved: the step shows both. Open the token and press Test request to choose the new place.",
            token.name
        )
    });
    let challenges = exchange.response_headers.iter().filter(|header| header.name.eq_ignore_ascii_case("www-authenticate"));
    let reason = challenge::reason("The login endpoint", challenges.map(|header| header.value.as_str()), redactor);
    moved.into_iter().chain(reason).collect()
}
