//! *Test request*: an authentication request as it stands in the form, sent for real, its response kept in memory.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::Workspace;
use super::memory::Tested;
use super::token_views::{HeaderRow, LocatedView, TestReport};
use super::views::{Problem, WorkspaceEvent};
use crate::clock::{to_millis, to_rfc3339};
use crate::http::{Answer, SendFailure, short_reason};
use crate::redact::{Redactor, is_credential_header, looks_like_secret};
use crate::refresh::LoginFailure;
use crate::refresh::login::{build_login, login_secrets, send_login};
use crate::response::{Document, Masking, TreeView, jwt, locate, suggest};
use crate::store::{token_tests, token_values};
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
            Some(id) => Some(self.tokens().token(id).await?),
            None => None,
        };
        let request = check_request(draft, stored.as_ref())?;
        let outgoing = build_login(&request)?;
        let at = self.inner.means.clock.now();
        let limits = self.inner.means.limits.authentication();
        let sent = send_login(&self.inner.means.client, &outgoing, &limits, &handle.cancel, &progress).await;
        // Only what is saved says something about the saved token, and a cancelled test says nothing at all.
        let saved = stored.as_ref().and_then(|token| saved_location(token, &request));
        let at_ms = to_millis(at);
        if let (Some((id, _)), Err(failure)) = (&saved, &sent)
            && *failure != SendFailure::Cancelled
        {
            self.note_test(id, None, false, at_ms).await;
        }
        let answer = sent.map_err(|failure| Problem::from(LoginFailure::NoAnswer(failure)))?;
        let redactor = Redactor::new(login_secrets(&request).chain(&self.token_values().await?));
        let (workspace, now) = (self.clone(), at);
        let reading = tokio::task::spawn_blocking(move || workspace.report(request, answer, redactor, now));
        let report = reading.await.map_err(|_| Problem::interrupted())?;
        if let Some((id, location)) = saved {
            let usable = report.ok && self.locate(&report.test_id, location, "", "").await.is_ok();
            self.note_test(&id, Some(report.http_status), usable, at_ms).await;
        }
        Ok(report)
    }

    fn report(
        &self,
        request: AuthenticationRequest,
        mut answer: Answer,
        redactor: Redactor,
        at: jiff::Timestamp,
    ) -> TestReport {
        // Given away, so that a large body is not there twice.
        let document = Arc::new(Document::of_answer(std::mem::take(&mut answer.body), &answer.headers));
        // A location is told as it is, so one that would name a secret is not offered (T8).
        let tellable = |place: &str| !redactor.contains_secret(place);
        let headers = answer.headers.iter().filter(|(name, _)| tellable(name));
        let headers = headers.map(|(name, value)| header_row(name, value, &redactor)).collect();
        let status_text = short_reason(&redactor.redact(&answer.reason));
        let mut suggestions = suggest(&document, &answer.headers);
        suggestions.retain(|suggestion| tellable(&suggestion.location.at));
        let mut body = document.summary();
        // It may name a charset or a coding in the server's own words.
        body.problem = body.problem.map(|problem| redactor.redact(&problem).into_owned());
        let mut view = TreeView::new(Arc::clone(&document), Masking { redactor: Some(redactor), keep_start: true });
        // Opened where people will look first.
        let _ = suggestions.iter().find_map(|suggestion| view.reveal(&suggestion.location));
        let tested = Tested { request, headers: answer.headers, http_status: answer.status, at_ms: to_millis(at) };
        let kept = self.inner.memory.keep(document, view, Some(tested));
        let ok = (200..300).contains(&answer.status);
        TestReport {
            test_id: kept.response_id.clone(),
            response_id: kept.response_id.clone(),
            headers_id: kept.headers_id(),
            text_id: kept.text_id(),
            http_status: answer.status,
            status_text,
            ok,
            duration_ms: u32::try_from(answer.timings.total.as_millis()).unwrap_or(u32::MAX),
            at: to_rfc3339(at),
            headers,
            advice: advice(answer.status, ok && body.bytes == 0),
            body,
            suggestions: if ok { suggestions } else { Vec::new() },
            redirects: answer.redirects,
        }
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
            locate(&kept.document, headers, &location)
        });
        let found = finding.await.map_err(|_| Problem::interrupted())?;
        let located = found.map_err(|failure| Problem::invalid("location", failure.to_string(), failure.next_step()))?;
        // Exposed to be masked, counted and, if it is a JWT, opened for display.
        let value = located.value.expose_secret();
        Ok(LocatedView {
            header_preview: header_line(request_header_key.trim(), token_prefix.trim(), Some(value)),
            characters: u32::try_from(value.chars().count()).unwrap_or(u32::MAX),
            jwt: jwt::decode(value, self.inner.means.clock.now()),
            location: located.location,
        })
    }

    /// Every stored token value: masked wherever it shows up.
    pub(super) async fn token_values(&self) -> Result<Vec<SecretString>, Problem> {
        let rows = self.database().read_async(token_values::all).await?;
        Ok(rows.into_iter().filter_map(|row| row.value).collect())
    }

    async fn note_test(&self, token_id: &str, http_status: Option<u16>, ok: bool, at_ms: i64) {
        let row =
            token_tests::TokenTestRow { token_id: token_id.to_owned(), at_ms, http_status: http_status.map(i64::from), ok };
        // Only the list's “last test” column, and no reason to fail a test.
        if let Err(failure) = self.database().write_async(move |transaction| token_tests::put(transaction, &row)).await {
            tracing::warn!(%failure, "the outcome of a test could not be noted beside its token");
        }
        self.tell(WorkspaceEvent::TokensChanged);
    }
}

/// The id and the location of a saved token, if exactly its saved request is tested.
fn saved_location(token: &Token, request: &AuthenticationRequest) -> Option<(String, TokenLocation)> {
    match &token.kind {
        TokenKind::HttpRequest { request: saved, location, .. } if saved.sends_the_same_as(request) => {
            Some((token.id.0.clone(), location.clone()))
        }
        _ => None,
    }
}

fn header_row(name: &str, value: &str, redactor: &Redactor) -> HeaderRow {
    let masked = is_credential_header(name) || looks_like_secret(Some(name), value) || redactor.contains_secret(value);
    HeaderRow {
        name: name.to_owned(),
        value: if masked { mask_value(value) } else { value.to_owned() },
        masked,
        location: TokenLocation::header(name),
    }
}

fn advice(status: u16, empty: bool) -> Option<String> {
    let text = match status {
        200..=299 if empty => "The answer has no body. If the token comes in a header, choose it under Headers.",
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
