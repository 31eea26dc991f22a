//! *Test request*: an authentication request as it stands in the form, sent for real, its response kept in memory.

use std::borrow::Cow;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::memory::{Kept, Tested};
use super::token_views::{HeaderRow, LocatedView, TestReport};
use super::tokens::SavedToken;
use super::views::{Problem, WorkspaceEvent};
use crate::clock::{from_millis, to_millis, to_rfc3339};
use crate::http::{Answer, SendFailure, short_reason};
use crate::redact::{Redactor, hide_within, is_credential_header, looks_like_secret};
use crate::refresh::login::{build_login, login_secrets, send_login};
use crate::refresh::{LoginAnswer, LoginFailure, Missed};
use crate::response::{Document, LocateFailure, Masking, TreeView, jwt, lifetime, locate, names_in, suggest};
use crate::store::{customer_tokens, customers, token_shapes, token_tests, token_values};
use crate::token::{
    AuthenticationRequest, RequestDraft, Token, TokenDraft, TokenDraftKind, TokenKind, TokenLocation, check_location,
    check_request, header_line, mask_value,
};

/// A test that can be cancelled from elsewhere while it runs.
#[derive(Clone, Default)]
pub struct TestHandle {
    /// Cancels it.
    pub cancel: CancellationToken,
}

impl Workspace {
    /// [`Self::test_request`] of a token as it stands in its form.
    ///
    /// # Errors
    /// When the token has no request to test; else as there.
    pub async fn test_draft(
        &self,
        draft: &TokenDraft,
        handle: &TestHandle,
        progress: impl Fn(u64) + Send + Sync,
    ) -> Result<TestReport, Problem> {
        match &draft.kind {
            TokenDraftKind::HttpRequest { request, .. } => {
                self.test_request(request, draft.id.as_deref(), handle, progress).await
            }
            TokenDraftKind::User => {
                Err(Problem::invalid("token_type", "A user token has no request to test.", "Save it as it is."))
            }
            TokenDraftKind::Text { .. } => {
                Err(Problem::invalid("token_type", "A text token has no request to test.", "Save it as it is."))
            }
        }
    }

    /// Sends an authentication request (T3). `token_id` names the saved token whose secrets fill the fields that the
    /// draft leaves out. `progress` is told the bytes received so far. A status other than 2xx is a report, not an error.
    ///
    /// # Errors
    /// When the request is not in order, or no complete answer came.
    pub async fn test_request(
        &self,
        draft: &RequestDraft,
        token_id: Option<&str>,
        handle: &TestHandle,
        progress: impl Fn(u64) + Send + Sync,
    ) -> Result<TestReport, Problem> {
        let stored = match token_id {
            Some(id) => Some(self.tokens().saved(id).await?),
            None => None,
        };
        let request = check_request(draft, stored.as_ref().map(|saved| &saved.token))?;
        let outgoing = build_login(&request)?;
        let at = self.inner.means.clock.now();
        let limits = self.inner.means.limits.authentication();
        let sent = send_login(&self.inner.means.client, &outgoing, &limits, &handle.cancel, &progress).await;
        // Only what is saved says something about the saved token, and a cancelled test says nothing at all.
        let is_saved = stored.as_ref().is_some_and(|saved| sends_the_saved(&saved.token, &request));
        let at_ms = to_millis(at);
        if let (Some(saved), true, Err(failure)) = (&stored, is_saved, &sent)
            && *failure != SendFailure::Cancelled
        {
            self.note_test(saved, None, Finding::Nothing, at_ms).await;
        }
        let answer = sent.map_err(|failure| Problem::from(LoginFailure::NoAnswer(failure)))?;
        let redactor = Redactor::new(login_secrets(&request).chain(&self.token_values().await?));
        let workspace = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let (report, kept) = workspace.report(request, answer, redactor.clone(), at);
            let finding = stored.as_ref().filter(|_| report.ok).map(|saved| find_saved(saved, &kept, &redactor));
            (report, stored, finding.unwrap_or(Finding::Nothing))
        });
        let (mut report, stored, finding) = reading.await.map_err(|_| Problem::interrupted())?;
        if let Finding::Missed(missed) = &finding {
            report.moved_to.clone_from(&missed.proposals);
        }
        if let Some(saved) = stored.filter(|_| is_saved) {
            self.note_test(&saved, Some(report.http_status), finding, at_ms).await;
        }
        Ok(report)
    }

    fn report(
        &self,
        request: AuthenticationRequest,
        mut answer: Answer,
        redactor: Redactor,
        at: jiff::Timestamp,
    ) -> (TestReport, Arc<Kept>) {
        // Given away, so that a large body is not there twice.
        let document = Arc::new(Document::of_answer(std::mem::take(&mut answer.body), &answer.headers));
        // A location is told as it is, so one that would name a secret is not offered (T8).
        let tellable = |place: &str| !redactor.contains_secret(place);
        let headers = answer.headers.iter().filter(|(name, _)| tellable(name));
        let headers = headers.map(|(name, value)| header_row(name, value, &redactor)).collect();
        let status_text = short_reason(&redactor.redact(&answer.reason));
        let mut suggestions = suggest(&document, &answer.headers);
        suggestions.retain(|suggestion| names_in(&suggestion.location).iter().all(|name| tellable(name)));
        let mut body = document.summary();
        // It may name a charset or a coding in the server's own words.
        body.problem = body.problem.map(|problem| redactor.redact(&problem).into_owned());
        let mut view = TreeView::new(Arc::clone(&document), Masking { redactor: Some(redactor), keep_start: true });
        // Opened where people will look first.
        let _ = suggestions.iter().find_map(|suggestion| view.reveal(&suggestion.location));
        let tested = Tested { request, headers: answer.headers, http_status: answer.status, at_ms: to_millis(at) };
        let kept = self.inner.memory.keep(document, view, Some(tested));
        let ok = (200..300).contains(&answer.status);
        let report = TestReport {
            test_id: kept.response_id.clone(),
            response_id: kept.response_id.clone(),
            headers_id: kept.headers_id(),
            text_id: kept.text_id(),
            http_status: answer.status,
            status_text,
            ok,
            duration_ms: u32::try_from(answer.timings.total().as_millis()).unwrap_or(u32::MAX),
            at: to_rfc3339(at),
            headers,
            advice: advice(answer.status, ok && body.bytes == 0),
            body,
            suggestions: if ok { suggestions } else { Vec::new() },
            moved_to: Vec::new(),
            redirects: answer.redirects,
        };
        (report, kept)
    }

    /// What a location yields in a tested response, with the header line that will be sent, masked (T1, T4).
    ///
    /// # Errors
    /// When it yields nothing that can be a token, or the response is no longer kept.
    pub async fn locate(
        &self,
        test_id: &str,
        location: TokenLocation,
        request_header_key: &str,
        token_prefix: &str,
    ) -> Result<LocatedView, Problem> {
        check_location(&location)?;
        let kept = self.inner.memory.find(test_id).ok_or_else(Problem::response_gone)?;
        let finding = tokio::task::spawn_blocking(move || {
            let headers = kept.test.as_ref().map(|tested| tested.headers.as_slice()).unwrap_or_default();
            let asked_at = kept.test.as_ref().map(|tested| from_millis(tested.at_ms));
            let located = locate(&kept.document, headers, &location)?;
            // Exposed to be read if it is a JWT.
            let value = located.value.expose_secret();
            let lifetime = asked_at.and_then(|at| lifetime(&kept.document, headers, &located.location, value, at));
            Ok((located, lifetime))
        });
        let found = finding.await.map_err(|_| Problem::interrupted())?;
        let (located, lifetime) = found
            .map_err(|failure: LocateFailure| Problem::invalid(failure.field(), failure.to_string(), failure.next_step()))?;
        // Exposed to be masked, counted and, if it is a JWT, opened for display.
        let value = located.value.expose_secret();
        Ok(LocatedView {
            header_preview: header_line(request_header_key.trim(), token_prefix.trim(), Some(value)),
            characters: u32::try_from(value.chars().count()).unwrap_or(u32::MAX),
            jwt: jwt::decode(value, self.inner.means.clock.now()),
            location: located.location,
            note: located.note,
            lifetime,
        })
    }

    /// Every stored token value: masked wherever it shows up.
    pub(super) async fn token_values(&self) -> Result<Vec<SecretString>, Problem> {
        let rows = self.database().read_async(token_values::all).await?;
        Ok(rows.into_iter().filter_map(|row| row.value).collect())
    }

    /// What a customer holds of every user token.
    pub(super) async fn held_values(&self, user_id: String) -> Result<Vec<SecretString>, Problem> {
        let held = self.database().read_async(move |connection| match customers::by_user_id(connection, &user_id)? {
            Some(customer) => customer_tokens::of_customer(connection, customer.id),
            None => Ok(Vec::new()),
        });
        Ok(held.await?.into_iter().filter_map(|held| held.value).collect())
    }

    async fn note_test(&self, saved: &SavedToken, http_status: Option<u16>, finding: Finding, at_ms: i64) {
        let (token_id, revision) = (saved.token.id.0.clone(), saved.revision);
        let ok = matches!(finding, Finding::Found);
        let row = token_tests::TokenTestRow { token_id, at_ms, http_status: http_status.map(i64::from), ok };
        let write = self.database().write_async(move |transaction| {
            token_tests::put(transaction, &row)?;
            match finding {
                Finding::Nothing => Ok(()),
                Finding::Found => token_shapes::found_again(transaction, &row.token_id),
                Finding::Missed(missed) => token_shapes::put_failed(transaction, &row.token_id, revision, &missed.shape),
            }
        });
        // Only what is said beside the token, and no reason to fail a test.
        if let Err(failure) = write.await {
            tracing::warn!(%failure, "the outcome of a test could not be noted beside its token");
        }
        self.tell(WorkspaceEvent::TokensChanged);
    }
}

/// What a test found at the location of the saved token.
enum Finding {
    /// No 2xx answer came, so there was nothing to look at.
    Nothing,
    Found,
    /// A 2xx answer without a value there.
    Missed(Box<Missed>),
}

fn find_saved(saved: &SavedToken, kept: &Kept, redactor: &Redactor) -> Finding {
    let (TokenKind::HttpRequest { location, .. }, Some(tested)) = (&saved.token.kind, &kept.test) else {
        return Finding::Nothing;
    };
    let answer = LoginAnswer { document: &kept.document, headers: &tested.headers, asked_at: from_millis(tested.at_ms) };
    match locate(&kept.document, &tested.headers, location) {
        Ok(_) => Finding::Found,
        Err(found) => Finding::Missed(Box::new(answer.without(location, &found, saved.good_shape.as_deref(), redactor))),
    }
}

/// Whether exactly the saved request is tested.
fn sends_the_saved(token: &Token, request: &AuthenticationRequest) -> bool {
    matches!(&token.kind, TokenKind::HttpRequest { request: saved, .. } if saved.sends_the_same_as(request))
}

fn header_row(name: &str, value: &str, redactor: &Redactor) -> HeaderRow {
    let whole = is_credential_header(name) || looks_like_secret(Some(name), value) || redactor.contains_secret(value);
    let shown = if whole { mask_value(value).into() } else { hide_within(value, "••••••••") };
    HeaderRow {
        name: name.to_owned(),
        masked: matches!(shown, Cow::Owned(_)),
        value: shown.into_owned(),
        location: TokenLocation::header(name),
    }
}

fn advice(status: u16, empty: bool) -> Option<String> {
    let text = match status {
        200..=299 if empty => "The answer has no body. If the token comes in a header, choose it under Headers and cookies.",
        200..=299 => return None,
        401 | 403 => {
            "The endpoint does not accept these credentials. Check the user name, the password or the secret, and how they are sent."
        }
        404 | 405 => "The endpoint does not know this request. Check the URL and the method.",
        400 | 415 | 422 => {
            "The endpoint does not understand the request. Check the keys, and whether it wants JSON, a form or a query."
        }
        429 => "The endpoint was asked too often. Wait before testing again.",
        300..=399 => "The endpoint sends you elsewhere, and that can't be followed. Put the final URL here.",
        500..=599 => "The endpoint has a fault of its own. Try again later, or look at its own log.",
        _ => "Only a 2xx answer can hold the token.",
    };
    Some(text.to_owned())
}
