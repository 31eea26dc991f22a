//! One request to a connector's API: built, sent, and entered into the journal.

use std::sync::Arc;

use super::build::{Parts, UsedToken};
use super::journal::{Entry, Journal};
use super::outcome::Ending;
use super::read::{LARGE_BODY, ReadAnswer};
use super::record::{StepKind, StepOutcome};
use super::text::cut;
use crate::connector::ConnectorDraft;
use crate::http::{
    Answer, Client, Exchange, ExchangeTimings, FailureKind, Limits, OutgoingRequest, RecordedHeader, SendFailure,
};
use crate::redact::{REDACTED, Redactor};
use crate::refresh::login::place;
use crate::response::Document;

/// What came back.
pub struct Sent {
    /// The answer; its body has become the document of `read`.
    pub answer: Answer,
    /// What was read in it.
    pub read: ReadAnswer,
    /// Its body as recorded.
    pub recorded: Option<String>,
    /// `host[:port]` of the API.
    pub host: String,
    /// `host[:port]` of the origin that answered, where a redirect led.
    pub elsewhere: String,
}

/// Builds and sends the request once.
///
/// # Errors
/// When it can't be built, or no complete answer came.
#[expect(clippy::too_many_arguments, reason = "each is a part of one exchange, and none belongs together with another")]
pub async fn send(
    client: &Client,
    parts: &Parts,
    tokens: &[UsedToken],
    config: &Arc<ConnectorDraft>,
    limits: &Limits,
    cancel: &tokio_util::sync::CancellationToken,
    kind: StepKind,
    journal: &mut Journal<'_>,
) -> Result<Sent, Ending> {
    let request = parts.build(tokens)?;
    let (host, _) = place(&request.url);
    let started = journal.start();
    let answer = match client.send(&request, limits, cancel, &|_| ()).await {
        Ok(answer) => {
            let read = read(config, answer, journal.redactor()).await?;
            journal.keep_secrets(&read.1.secrets);
            Ok(read)
        }
        Err(failure) => Err(failure),
    };
    let exchange = exchange(&request, parts, tokens, &answer, journal.redactor());
    let generations =
        tokens.iter().map(|used| format!("generation {} of {}", used.generation, used.token.name)).collect::<Vec<_>>();
    let with = if generations.is_empty() { String::new() } else { format!(" with {}", generations.join(" and ")) };
    let (outcome, detail) = match &answer {
        Ok((answer, ..)) if (200..300).contains(&answer.status) => {
            (StepOutcome::Passed, format!("{host} answered {}{with}.", answer.status))
        }
        Ok((answer, ..)) => {
            let decided = what_follows(answer.status, kind, !tokens.is_empty());
            (StepOutcome::Failed, format!("{host} answered {}{with}.{decided}", answer.status))
        }
        Err(SendFailure::Cancelled) => {
            (StepOutcome::Cancelled, "The run was cancelled while this request was under way.".to_owned())
        }
        Err(failure) => (StepOutcome::Failed, failure.sentence()),
    };
    journal.enter(started, Entry { kind, outcome, detail, token: None, exchange: Some(exchange) });
    match answer {
        Ok((answer, read, recorded)) => Ok(Sent { elsewhere: place(&answer.final_url).0, answer, read, recorded, host }),
        Err(failure) if failure.kind() == FailureKind::Cancelled => Err(Ending::Cancelled),
        Err(failure) => Err(Ending::NoAnswer(failure)),
    }
}

/// What a run does after an answer that is no success, and why (E4, E5); nothing where there is no token to do it with.
fn what_follows(status: u16, kind: StepKind, has_tokens: bool) -> &'static str {
    match (status, kind) {
        _ if !has_tokens => "",
        (401, StepKind::Retry) => " This was the one retry, so nothing more is sent.",
        (401, _) => " Each token is looked at.",
        _ => " Nothing is refreshed: only a 401 asks for that.",
    }
}

/// An answer without its body, what was read in that, and the body as recorded.
type Read = (Answer, ReadAnswer, Option<String>);

/// Reads the answer; a large one off the async threads, so that no other run's clock suffers.
async fn read(config: &Arc<ConnectorDraft>, answer: Answer, redactor: &Redactor) -> Result<Read, Ending> {
    if answer.body.len() < LARGE_BODY {
        return Ok(read_now(config, answer, redactor));
    }
    let (config, redactor) = (Arc::clone(config), redactor.clone());
    let reading = tokio::task::spawn_blocking(move || read_now(&config, answer, &redactor));
    reading.await.map_err(|_| Ending::Unreadable { problem: "Reading it failed.".to_owned() })
}

fn read_now(config: &ConnectorDraft, mut answer: Answer, redactor: &Redactor) -> Read {
    let body = std::mem::take(&mut answer.body);
    // 204 and 205 have no body, whatever they announce (RFC 9110 15.3.5).
    let document = if matches!(answer.status, 204 | 205) {
        Document::open(body, None)
    } else {
        Document::of_answer(body, &answer.headers)
    };
    let read = ReadAnswer::new(document, config, redactor);
    let recorded = read.recorded(&redactor.with_all(&read.secrets));
    (answer, read, recorded)
}

fn exchange(
    request: &OutgoingRequest,
    parts: &Parts,
    tokens: &[UsedToken],
    answer: &Result<Read, SendFailure>,
    redactor: &Redactor,
) -> Exchange {
    let (host, path) = place(&request.url);
    let mut exchange = Exchange {
        method: request.method.to_string(),
        url: redactor.redact_url(request.url.as_str()),
        host,
        path,
        request_headers: request_headers(request, tokens, redactor),
        request_body: parts.body().map(|body| cut(&redactor.redact(body))),
        http_status: None,
        response_headers: Vec::new(),
        response_body: None,
        response_is_shape: false,
        response_bytes: 0,
        saved_shape: None,
        failure: None,
        redirects: 0,
        http_version: None,
        timings: None,
    };
    match answer {
        Ok((answer, read, recorded)) => {
            exchange.http_status = Some(answer.status);
            exchange.response_headers = answer
                .headers
                .iter()
                .map(|(name, value)| RecordedHeader {
                    name: name.clone(),
                    value: redactor.redact_header(name, value).into_owned(),
                })
                .collect();
            exchange.response_body.clone_from(recorded);
            exchange.response_bytes = read.document.summary().bytes;
            exchange.redirects = answer.redirects;
            exchange.http_version = Some(answer.version.to_owned());
            exchange.timings = Some(ExchangeTimings::from(&answer.timings));
        }
        Err(failure) => exchange.failure = Some(failure.sentence()),
    }
    exchange
}

/// A token's header keeps its prefix, so that a wrong one can be seen; the value is never there.
fn request_headers(request: &OutgoingRequest, tokens: &[UsedToken], redactor: &Redactor) -> Vec<RecordedHeader> {
    let recorded = |header: &crate::http::OutgoingHeader| {
        let name = header.name.as_str();
        let token = tokens.iter().find(|used| used.token.request_header_key.eq_ignore_ascii_case(name)).map(|used| &used.token);
        let value = match token {
            Some(token) => crate::token::header_value(&token.token_prefix, REDACTED),
            None if header.credential => REDACTED.to_owned(),
            None => redactor.redact_header(name, &String::from_utf8_lossy(header.value.as_bytes())).into_owned(),
        };
        RecordedHeader { name: token.map_or(name, |token| &token.request_header_key).to_owned(), value }
    };
    request.headers.iter().map(recorded).collect()
}
