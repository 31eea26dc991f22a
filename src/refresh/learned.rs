//! What an answer of a login teaches beside the value: until when that lives, and the answer's shape, by which a later one
//! is compared in which the value is not found (E7). No value is in any of it.

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use crate::clock::to_millis;
use crate::redact::Redactor;
use crate::response::{
    Document, LocateFailure, Located, Suggestion, answer_shape, lifetime, locate, moved_to, names_in, suggest,
};
use crate::store::token_shapes::FailedShape;
use crate::store::token_values::Expiry;
use crate::token::TokenLocation;

/// A response of a login: body and headers, and when it was asked for.
pub struct LoginAnswer<'a> {
    /// The body.
    pub document: &'a Document,
    /// The headers.
    pub headers: &'a [(String, String)],
    /// Just before it was asked for.
    pub asked_at: Timestamp,
}

/// A value with what its answer taught.
pub struct Fetched {
    /// The token value.
    pub value: SecretString,
    /// Until when it lives, if the answer says so.
    pub expiry: Option<Expiry>,
    /// The answer's shape.
    pub shape: String,
}

/// What a 2xx answer came to in which nothing usable stood at the token's location.
pub struct Missed {
    /// What is kept of it.
    pub shape: FailedShape,
    /// The shape of the answer that the stored value came from, if there is one.
    pub good_shape: Option<String>,
    /// Where the value probably went.
    pub proposals: Vec<Suggestion>,
    /// Knows the secrets of the answer too.
    pub redactor: Redactor,
}

impl LoginAnswer<'_> {
    /// What the answer teaches about the value that was found in it. The redactor knows all secrets but the value.
    pub fn with(&self, located: Located, redactor: &Redactor) -> Fetched {
        // Exposed to be read if it is a JWT.
        let value = located.value.expose_secret();
        let said = lifetime(self.document, self.headers, &located.location, value, self.asked_at);
        let expiry = said.and_then(|said| {
            let at = self.asked_at.checked_add(SignedDuration::from_secs(said.seconds.into())).ok()?;
            Some(Expiry { at_ms: to_millis(at), lifetime_seconds: said.seconds.into(), seen: said.from })
        });
        Fetched { shape: self.shape(&redactor.with(&located.value)), expiry, value: located.value }
    }

    /// What the answer teaches when nothing usable stood at the location: its shape, and where the value probably went.
    /// `good_shape` is of the answer that the stored value came from.
    pub fn without(
        &self,
        location: &TokenLocation,
        found: &LocateFailure,
        good_shape: Option<&str>,
        redactor: &Redactor,
    ) -> Missed {
        let mut proposals = moved_to(self.document, self.headers, location, good_shape);
        let redactor = self.with_likely_values(&proposals, redactor);
        // A place that would name a secret is not told (T8). A short one is a secret where it is the whole name.
        let tellable = |name: &String| !redactor.contains_secret(name) && redactor.redact_field(name) == *name;
        proposals.retain(|proposal| names_in(&proposal.location).iter().all(tellable));
        let shape = FailedShape {
            shape: self.shape(&redactor),
            at_ms: to_millis(self.asked_at),
            sentence: redactor.redact(&found.to_string()).into_owned(),
            proposals: serde_json::json!(proposals).to_string(),
        };
        Missed { shape, good_shape: good_shape.map(str::to_owned), proposals, redactor }
    }

    /// The redactor, knowing also what is probably a token of this answer: nobody has chosen it, but it is a secret, and
    /// may stand in a name too.
    fn with_likely_values(&self, proposals: &[Suggestion], redactor: &Redactor) -> Redactor {
        let likely = suggest(self.document, self.headers);
        let values = proposals.iter().chain(&likely).filter_map(|one| locate(self.document, self.headers, &one.location).ok());
        values.fold(redactor.clone(), |redactor, located| redactor.with(&located.value))
    }

    fn shape(&self, redactor: &Redactor) -> String {
        redactor.redact(&answer_shape(self.document, self.headers, redactor)).into_owned()
    }
}
