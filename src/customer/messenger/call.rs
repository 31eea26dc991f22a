//! The four calls, once the door has let them in: what each takes, stores and answers (M1, M2, M5).

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

use super::MaskedToken;
use super::answer::{Code, Refusal};
use super::calls::{Heard, shown_name};
use super::identity::{Believed, Claimed, believe};
use super::members::{Members, check_user_id, missing};
use super::rate::{FOR_A_CUSTOMER, TooMany};
use super::rules::Rules;
use super::session::Bound;
use super::shared::Shared;
use crate::clock::to_millis;
use crate::customer::{Said, SetBy, TokensSet, take_in};
use crate::token::mask_value;

/// Which call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Boot,
    Update,
    SetAuthTokens,
    Shutdown,
}

impl Call {
    pub(super) const ALL: [Self; 4] = [Self::Boot, Self::Update, Self::SetAuthTokens, Self::Shutdown];

    /// Its address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Boot => "/v1/boot",
            Self::Update => "/v1/update",
            Self::SetAuthTokens => "/v1/auth_tokens",
            Self::Shutdown => "/v1/shutdown",
        }
    }

    /// What the SDKs call it.
    pub(super) fn name(self, native: bool) -> &'static str {
        match self {
            Self::Boot if native => "login",
            Self::Boot => "boot",
            Self::Update => "update",
            Self::SetAuthTokens => "setAuthTokens",
            Self::Shutdown if native => "logout",
            Self::Shutdown => "shutdown",
        }
    }

    fn set_by(self) -> SetBy {
        match self {
            Self::Boot => SetBy::Boot,
            Self::Update => SetBy::Update,
            Self::SetAuthTokens | Self::Shutdown => SetBy::SetAuthTokens,
        }
    }
}

/// What a call is answered when all went well.
pub(super) struct Done {
    pub(super) body: Map<String, Value>,
    /// For the people who look on.
    pub(super) sentence: String,
}

/// A call that was let in.
pub(super) struct Incoming<'a> {
    pub(super) call: Call,
    pub(super) headers: &'a HeaderMap,
    pub(super) origin: Option<&'a str>,
    pub(super) rules: &'a Rules,
    pub(super) shared: &'a Arc<Shared>,
}

impl Incoming<'_> {
    /// Does what the call asks for.
    ///
    /// # Errors
    /// What is wrong with it. With [`Code::UnknownTokens`] the rest of it was done.
    pub(super) async fn carry_out(&self, body: &[u8], heard: &mut Heard) -> Result<Done, Refusal> {
        let mut members = Members::of(body)?;
        self.check_app_id(&members.required("app_id")?)?;
        match self.call {
            Call::Boot => self.boot(members, heard).await,
            Call::Update | Call::SetAuthTokens => self.change(members, heard).await,
            Call::Shutdown => {
                let bound = self.session(heard)?;
                self.end_session();
                let body = answer_for(&bound.user_id, None);
                Ok(Done { body, sentence: "The session has ended; the stored tokens stay.".to_owned() })
            }
        }
    }

    fn check_app_id(&self, said: &str) -> Result<(), Refusal> {
        if bool::from(said.as_bytes().ct_eq(self.shared.app_id.as_bytes())) {
            return Ok(());
        }
        let message = "This is not the app_id of the workspace that listens here.";
        Err(Refusal::new(Code::WrongAppId, message, "Copy it from the Messenger page of Latchkey.").at("app_id"))
    }

    async fn boot(&self, mut members: Members, heard: &mut Heard) -> Result<Done, Refusal> {
        // Whoever was booted before must not get the tokens of the next one, also when this boot fails.
        self.end_session();
        let native = is_native(members.text("client")?.as_deref())?;
        heard.named(self.call.name(native));
        let claimed = Claimed {
            user_id: members.text("user_id")?,
            email: members.text("email")?,
            jwt: members.secret("intercom_user_jwt")?,
            user_hash: members.secret("user_hash")?,
        };
        if let Some(user_id) = &claimed.user_id {
            heard.on_behalf_of(user_id);
        }
        let name = members.text("name")?;
        members.created_at()?;
        let tokens = members.tokens()?.unwrap_or_default();
        let Believed { user_id, email } = believe(self.rules, claimed, self.shared.clock.now())?;
        check_user_id(&user_id)?;
        heard.on_behalf_of(&user_id);
        self.count(&user_id)?;
        let said = Said { user_id: user_id.clone(), email, name, kind: None, tokens, seen: true };
        let outcome = self.store(said, heard).await?;
        let bound =
            Bound { user_id: user_id.clone(), origin: self.origin.map(str::to_owned), stamp: self.rules.stamp(), native };
        let session = self.shared.sessions.open(bound, self.shared.clock.monotonic()).map_err(|error| {
            tracing::warn!(%error, "no session could be opened without random bytes");
            Refusal::interrupted("The operating system gave no random bytes.")
        })?;
        let mut body = answer_for(&user_id, Some(&outcome));
        // Exposed to the caller that it was made for.
        body.insert("session".to_owned(), json!(session.expose_secret()));
        finish("The session is open", &outcome, body)
    }

    async fn change(&self, mut members: Members, heard: &mut Heard) -> Result<Done, Refusal> {
        let bound = self.session(heard)?;
        if members.text("user_id")?.is_some_and(|user_id| user_id != bound.user_id) {
            let message = "The session is of another customer than user_id.";
            return Err(Refusal::field("user_id", message, "Call boot for another customer, or leave user_id out."));
        }
        let tokens = members.tokens()?;
        let mut said = Said { user_id: bound.user_id.clone(), seen: true, ..Said::default() };
        if self.call == Call::Update {
            said.email = members.text("email")?;
            said.name = members.text("name")?;
            said.tokens = tokens.unwrap_or_default();
        } else {
            said.tokens = tokens.ok_or_else(|| missing("auth_tokens"))?;
        }
        self.count(&bound.user_id)?;
        let outcome = self.store(said, heard).await?;
        finish("The customer is up to date", &outcome, answer_for(&bound.user_id, Some(&outcome)))
    }

    /// Stores what is said: committed, and held to survive a loss of power, before it is answered (S6).
    async fn store(&self, said: Said, heard: &mut Heard) -> Result<TokensSet, Refusal> {
        let masked = masked(&said.tokens);
        let (by, at_ms) = (self.call.set_by(), to_millis(self.shared.clock.now()));
        let writing = self.shared.database.write_customers_async(move |transaction| take_in(transaction, &said, by, at_ms));
        let outcome = writing.await.map_err(|failure| {
            tracing::warn!(%failure, "a call of the Messenger could not be stored");
            Refusal::interrupted("Nothing was stored, because the database could not be written.")
        })?;
        let stored = masked.into_iter().filter(|token| !outcome.refused.contains(&token.name)).collect();
        heard.tokens(stored, &outcome.refused);
        Ok(outcome)
    }

    /// The session that the call names.
    fn session(&self, heard: &mut Heard) -> Result<Bound, Refusal> {
        let session = self.bearer().ok_or_else(|| {
            let message = "The call names no session.";
            Refusal::new(
                Code::SessionMissing,
                message,
                "Call boot first, and send its session as Authorization: Bearer SESSION.",
            )
        })?;
        let now = self.shared.clock.monotonic();
        let bound = self.shared.sessions.find(session, self.origin, &self.rules.stamp(), now).ok_or_else(|| {
            let message = "There is no such session for this origin, or it has ended.";
            Refusal::new(Code::SessionEnded, message, "Call boot again.")
        })?;
        heard.on_behalf_of(&bound.user_id);
        heard.named(self.call.name(bound.native));
        Ok(bound)
    }

    fn end_session(&self) {
        if let Some(session) = self.bearer() {
            self.shared.sessions.end(session, self.origin);
        }
    }

    fn bearer(&self) -> Option<&str> {
        let (scheme, session) = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        Some(session.trim()).filter(|session| scheme.eq_ignore_ascii_case("bearer") && !session.is_empty())
    }

    /// Ending a session is never too much, so `shutdown` does not count.
    fn count(&self, user_id: &str) -> Result<(), Refusal> {
        let counted = self.shared.rate.take_for(user_id, self.shared.clock.monotonic());
        counted.map_err(|too_many| {
            rate_limited(&format!("There were {FOR_A_CUSTOMER} calls for this customer within a minute."), &too_many)
        })
    }
}

/// The refusal of a call that is one too many.
pub(super) fn rate_limited(message: &str, too_many: &TooMany) -> Refusal {
    let seconds = (too_many.retry_after + Duration::from_millis(999)).as_secs().max(1);
    Refusal::new(Code::RateLimited, message, format!("Try again in {seconds} s.")).after(seconds)
}

fn is_native(client: Option<&str>) -> Result<bool, Refusal> {
    match client {
        None | Some("javascript") => Ok(false),
        Some("kotlin" | "swift") => Ok(true),
        Some(_) => {
            let next_step = "Send javascript, kotlin or swift, or leave it out.";
            Err(Refusal::field("client", "client is none of the SDKs.", next_step))
        }
    }
}

fn masked(tokens: &[(String, SecretString)]) -> Vec<MaskedToken> {
    // Exposed to be masked.
    let masked =
        |(name, value): &(String, SecretString)| MaskedToken { name: name.clone(), masked: mask_value(value.expose_secret()) };
    tokens.iter().map(masked).collect()
}

fn answer_for(user_id: &str, outcome: Option<&TokensSet>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("user_id".to_owned(), json!(user_id));
    if let Some(outcome) = outcome {
        body.insert("auth_tokens".to_owned(), json!(outcome.stored));
    }
    body
}

/// The answer when everything was stored, or the refusal that names what was not.
fn finish(begun: &str, outcome: &TokensSet, body: Map<String, Value>) -> Result<Done, Refusal> {
    let stored = match outcome.stored.len() {
        0 => "no value was set".to_owned(),
        1 => "one value is stored".to_owned(),
        many => format!("{many} values are stored"),
    };
    if outcome.refused.is_empty() {
        return Ok(Done { body, sentence: format!("{begun}; {stored}.") });
    }
    let names: Vec<_> = outcome.refused.iter().map(|name| shown_name(name)).collect();
    let message = format!("{begun}; {stored}. No user token is called {}.", names.join(", "));
    let next_step = "Use the names of the user tokens in Latchkey as keys, or set them up there.";
    Err(Refusal::new(Code::UnknownTokens, message, next_step).at("auth_tokens").partly(&outcome.refused, &outcome.stored, body))
}
