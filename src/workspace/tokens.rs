//! The tokens of a workspace: listed, saved under the rule of T3, refreshed and forgotten by hand (T9), deleted (T7).

use std::sync::Arc;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::memory::Tested;
use super::token_detail::{Gathered, detail, token_of};
use super::token_views::{TokenDetail, TokenSummary};
use super::views::{Problem, ProblemCode, WorkspaceEvent};
use crate::clock::from_millis;
use crate::redact::Redactor;
use crate::refresh::login::login_secrets;
use crate::refresh::{Fetched, LoginAnswer, Reason, Ticket, generation};
use crate::response::locate;
use crate::store::token_tests::TokenTestRow;
use crate::store::tokens::TokenRow;
use crate::store::{connector_tokens, customers, token_shapes, token_tests, token_values, tokens};
use crate::token::{AuthenticationRequest, Token, TokenDraft, TokenId, TokenKind, TokenLocation, check_token, to_stored};

/// The tokens of a workspace.
pub struct Tokens<'a> {
    pub(super) workspace: &'a Workspace,
}

/// A value that is saved, and what its test taught beside it.
struct NewValue {
    value: SecretString,
    /// With the test that proves it (T3); a typed value has none.
    learned: Option<(Fetched, TokenTestRow)>,
}

impl Tokens<'_> {
    /// All tokens, by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn list(&self) -> Result<Vec<TokenSummary>, Problem> {
        Ok(self.details().await?.into_iter().map(|detail| detail.summary).collect())
    }

    /// All tokens with everything that is known of each, by name; their secrets left out (T8).
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn details(&self) -> Result<Vec<TokenDetail>, Problem> {
        let read = self.workspace.database().read_async(|connection| {
            let (values, tests) = (token_values::all(connection)?, token_tests::all(connection)?);
            let uses = connector_tokens::all(connection)?;
            let gathered = tokens::list(connection)?.into_iter().map(|row| {
                Ok(Gathered {
                    value: values.iter().find(|value| value.token_id == row.id).cloned(),
                    test: tests.iter().find(|test| test.token_id == row.id).cloned(),
                    shapes: token_shapes::get(connection, &row.id)?,
                    used_by: uses.iter().filter(|used| used.token_id == row.id).cloned().collect(),
                    row,
                })
            });
            gathered.collect::<Result<Vec<_>, _>>()
        });
        read.await?.into_iter().map(|gathered| Ok(detail(&token_of(&gathered.row)?, &gathered))).collect()
    }

    /// One token, its secrets left out (T8).
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, token_id: &str) -> Result<TokenDetail, Problem> {
        let gathered = self.gather(token_id).await?;
        let token = token_of(&gathered.row)?;
        Ok(detail(&token, &gathered))
    }

    /// The id of the token of this name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn id_of(&self, name: &str) -> Result<String, Problem> {
        let wanted = name.to_owned();
        let row = self.workspace.database().read_async(move |connection| tokens::by_name(connection, &wanted)).await?;
        row.map(|row| row.id).ok_or_else(|| {
            Problem::new(
                ProblemCode::NotFound,
                format!("There is no token named “{name}”."),
                "List the tokens to see their names.",
            )
        })
    }

    /// Saves a token. An HTTP request token that is new, or whose request or location changed, needs a test of
    /// exactly this request whose response yields a value at the location; that value is stored (T3).
    ///
    /// # Errors
    /// The first fault of the draft, with its field; or which part of T3 is missing.
    pub async fn save(&self, draft: TokenDraft, test_id: Option<&str>) -> Result<TokenDetail, Problem> {
        let before = match &draft.id {
            Some(id) => Some(self.gather(id).await?.row),
            None => None,
        };
        let stored = before.as_ref().map(token_of).transpose()?;
        let id = draft.id.clone().unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        let checked = check_token(&draft, TokenId(id.clone()), stored.as_ref())?;
        if stored.as_ref().is_some_and(|stored| stored.token_type() != checked.token.token_type()) {
            return Err(Problem::invalid("token_type", "A saved token keeps its type.", "Make a new token of the other type."));
        }
        let (token, value) = match &checked.token.kind {
            TokenKind::Text => (checked.token, checked.value.map(|value| NewValue { value, learned: None })),
            TokenKind::User => (checked.token, None),
            TokenKind::HttpRequest { request, location, refresh_before_seconds } => {
                if unchanged(stored.as_ref(), request, location) {
                    (checked.token, None)
                } else {
                    let proof = self.proof(request, location, test_id).await?;
                    let kind = TokenKind::HttpRequest {
                        request: request.clone(),
                        location: proof.location,
                        refresh_before_seconds: *refresh_before_seconds,
                    };
                    let (value, learned) = (proof.fetched.value.clone(), Some((proof.fetched, proof.test)));
                    (Token { kind, ..checked.token }, Some(NewValue { value, learned }))
                }
            }
        };
        if stored.as_ref().is_some_and(|stored| !stored.request_header_key.eq_ignore_ascii_case(&token.request_header_key)) {
            self.workspace.connectors().check_new_header(&id, &token.name, &token.request_header_key).await?;
        }
        self.store(token, before, value).await?;
        self.changed();
        self.get(&id).await
    }

    async fn store(&self, token: Token, before: Option<TokenRow>, value: Option<NewValue>) -> Result<(), Problem> {
        let at_ms = self.workspace.now_ms();
        let config = to_stored(&token);
        let token_type = match token.kind {
            TokenKind::Text => "text",
            TokenKind::HttpRequest { .. } => "http_request",
            TokenKind::User => "user",
        };
        let new_revision = value.as_ref().is_some_and(|value| value.learned.is_some());
        let write = self.workspace.database().write_async(move |transaction| {
            let id = token.id.0.as_str();
            if let Some(before) = before {
                // Another window or program may have saved it since it was read.
                let now = tokens::get(transaction, id)?;
                if now.is_none_or(|now| {
                    now.config_revision != before.config_revision || now.updated_at_ms != before.updated_at_ms
                }) {
                    return Ok(false);
                }
                tokens::update(transaction, id, &token.name, &config, new_revision, at_ms)?;
            } else {
                let row = TokenRow {
                    id: id.to_owned(),
                    name: token.name.clone(),
                    token_type: token_type.to_owned(),
                    config,
                    config_revision: 1,
                    created_at_ms: at_ms,
                    updated_at_ms: at_ms,
                };
                tokens::insert(transaction, &row)?;
            }
            if let Some(NewValue { value, learned }) = value {
                let expiry = learned.as_ref().and_then(|(fetched, _)| fetched.expiry.as_ref());
                token_values::put(transaction, id, &value, expiry, "saved", at_ms)?;
                if let Some((fetched, test)) = learned {
                    token_shapes::put_good(transaction, id, &fetched.shape, at_ms)?;
                    token_tests::put(transaction, &TokenTestRow { token_id: id.to_owned(), ..test })?;
                }
            }
            Ok(true)
        });
        if write.await? { Ok(()) } else { Err(Problem::changed_meanwhile("token")) }
    }

    /// Deletes a token that no connector uses; the refusal names the connectors (T7).
    ///
    /// # Errors
    /// When it is used, or gone.
    pub async fn delete(&self, token_id: &str) -> Result<(), Problem> {
        let id = token_id.to_owned();
        let write = self.workspace.database().write_async(move |transaction| {
            let used_by = connector_tokens::used_by(transaction, &id)?;
            if !used_by.is_empty() {
                return Ok(Err(used_by));
            }
            customers::changed(transaction)?;
            tokens::delete(transaction, &id).map(Ok)
        });
        match write.await? {
            Ok(true) => {
                self.changed();
                // What stays behind is an empty file, which the next deletion removes.
                if let Err(failure) = self.workspace.inner.means.flights.sweep_locks().await {
                    tracing::warn!(%failure, "the lock file of a deleted token was not removed");
                }
                let database = Arc::clone(self.workspace.database());
                let sweeping = tokio::task::spawn_blocking(move || database.sweep_customers());
                if let Err(failure) = sweeping.await.map_err(|_| Problem::interrupted())? {
                    tracing::warn!(%failure, "what customers held of a deleted token was not swept");
                }
                Ok(())
            }
            Ok(false) => Err(Problem::token_gone()),
            Err(used_by) => {
                let names: Vec<_> = used_by.into_iter().map(|used| format!("“{}”", used.connector_name)).collect();
                let connectors = if names.len() == 1 { "connector" } else { "connectors" };
                Err(Problem::new(
                    ProblemCode::InUse,
                    format!("The token is used by the {connectors} {}, so it was not deleted.", names.join(", ")),
                    "Detach it there first (also in drafts), then delete it.",
                ))
            }
        }
    }

    /// *Refresh now* (T9): asks the login, whatever is stored. The stored value stays when that fails.
    ///
    /// # Errors
    /// When it is no HTTP request token, or the login failed.
    pub async fn refresh(&self, token_id: &str) -> Result<TokenDetail, Problem> {
        self.refresh_until(token_id, &CancellationToken::new()).await
    }

    /// [`Self::refresh`] until it is cancelled. A login that is under way then goes on for whoever else waits for it, and
    /// its value is stored (E6).
    ///
    /// # Errors
    /// As there, and `cancelled`.
    pub async fn refresh_until(&self, token_id: &str, cancel: &CancellationToken) -> Result<TokenDetail, Problem> {
        let gathered = self.gather(token_id).await?;
        let token = token_of(&gathered.row)?;
        match token.kind {
            TokenKind::HttpRequest { .. } => {}
            TokenKind::User => return Err(Problem::no_value_of_its_own(&token.name)),
            TokenKind::Text => {
                return Err(Problem::new(
                    ProblemCode::Failed,
                    format!("{} is a text token with a fixed value, so there is nothing to refresh.", token.name),
                    "Edit the token to give it another value.",
                ));
            }
        }
        let value = gathered.value.as_ref().ok_or_else(Problem::token_gone)?;
        let flights = &self.workspace.inner.means.flights;
        let flight = flights.renew(&token.id, generation(value.generation), Ticket::of(value), Reason::ByHand);
        let (landing, _) = tokio::select! {
            landed = flight => landed,
            () = cancel.cancelled() => return Err(Problem::new(
                ProblemCode::Cancelled,
                format!("Nobody waits for a new value of {} any more.", token.name),
                "A login that is under way goes on, and its value is stored.",
            )),
        };
        self.workspace.tell(WorkspaceEvent::TokensChanged);
        match &landing.result {
            Ok(_) => self.get(token_id).await,
            Err(failure) => Err(failure.clone().into()),
        }
    }

    /// *Forget value* (T9): the next run fetches it again.
    ///
    /// # Errors
    /// When the token is gone, or is a user token, of which the customers hold the values (T5).
    pub async fn forget(&self, token_id: &str) -> Result<TokenDetail, Problem> {
        let token = self.token(token_id).await?;
        if matches!(token.kind, TokenKind::User) {
            return Err(Problem::no_value_of_its_own(&token.name));
        }
        let (id, at_ms) = (token_id.to_owned(), self.workspace.now_ms());
        let write =
            move |transaction: &rusqlite::Transaction<'_>| token_values::forget(transaction, &id, "forgotten_by_hand", at_ms);
        if self.workspace.database().write_async(write).await?.is_none() {
            return Err(Problem::token_gone());
        }
        self.changed();
        self.get(token_id).await
    }

    pub(super) async fn token(&self, token_id: &str) -> Result<Token, Problem> {
        Ok(self.saved(token_id).await?.token)
    }

    /// A token as it is saved at present.
    pub(super) async fn saved(&self, token_id: &str) -> Result<SavedToken, Problem> {
        let Gathered { row, shapes, .. } = self.gather(token_id).await?;
        Ok(SavedToken { token: token_of(&row)?, revision: row.config_revision, good_shape: shapes.good })
    }

    async fn gather(&self, token_id: &str) -> Result<Gathered, Problem> {
        let id = token_id.to_owned();
        let read = self.workspace.database().read_async(move |connection| {
            let Some(row) = tokens::get(connection, &id)? else { return Ok(None) };
            let value = token_values::get(connection, &id)?;
            let (test, shapes) = (token_tests::get(connection, &id)?, token_shapes::get(connection, &id)?);
            Ok(Some(Gathered { row, value, test, shapes, used_by: connector_tokens::used_by(connection, &id)? }))
        });
        read.await?.ok_or_else(Problem::token_gone)
    }

    fn changed(&self) {
        self.workspace.tell(WorkspaceEvent::TokensChanged);
    }

    /// The proof of T3: a successful test of exactly this request, whose response yields a value at the location.
    async fn proof(
        &self,
        request: &AuthenticationRequest,
        location: &TokenLocation,
        test_id: Option<&str>,
    ) -> Result<Proof, Problem> {
        let needs = |message: &str, next_step: &str| Problem::new(ProblemCode::NeedsTest, message, next_step);
        let test_id = test_id.ok_or_else(|| {
            needs("This request has not been tested yet.", "Press Test request, then click the token in its response.")
        })?;
        let kept = self.workspace.inner.memory.find(test_id).ok_or_else(Problem::response_gone)?;
        let tested = kept.test.as_ref().ok_or_else(Problem::response_gone)?;
        if !tested.request.sends_the_same_as(request) {
            return Err(needs("The request was changed since its test.", "Press Test request again."));
        }
        if !(200..300).contains(&tested.http_status) {
            return Err(needs(
                &format!("The test was answered with {}, so it did not succeed.", tested.http_status),
                "Correct the request and press Test request again.",
            ));
        }
        let test = test_row(tested);
        let (location, asked_at) = (location.clone(), from_millis(tested.at_ms));
        let redactor = Redactor::new(login_secrets(request).chain(&self.workspace.token_values().await?));
        let finding = tokio::task::spawn_blocking(move || {
            let headers = kept.test.as_ref().map(|tested| tested.headers.as_slice()).unwrap_or_default();
            let answer = LoginAnswer { document: &kept.document, headers, asked_at };
            locate(&kept.document, headers, &location)
                .map(|located| (located.location.clone(), answer.with(located, &redactor)))
        });
        let found = finding.await.map_err(|_| Problem::interrupted())?;
        let (location, fetched) =
            found.map_err(|failure| Problem::invalid(failure.field(), failure.to_string(), failure.next_step()))?;
        Ok(Proof { fetched, location, test })
    }
}

/// A token, and what it is compared with.
pub(super) struct SavedToken {
    pub token: Token,
    /// Goes up with each change of the request or the location.
    pub revision: i64,
    /// The shape of the answer that its value came from.
    pub good_shape: Option<String>,
}

struct Proof {
    fetched: Fetched,
    location: TokenLocation,
    test: TokenTestRow,
}

fn test_row(tested: &Tested) -> TokenTestRow {
    TokenTestRow { token_id: String::new(), at_ms: tested.at_ms, http_status: Some(i64::from(tested.http_status)), ok: true }
}

fn unchanged(stored: Option<&Token>, request: &AuthenticationRequest, location: &TokenLocation) -> bool {
    match stored.map(|token| &token.kind) {
        Some(TokenKind::HttpRequest { request: stored_request, location: stored_location, .. }) => {
            stored_request.sends_the_same_as(request) && stored_location == location
        }
        _ => false,
    }
}
