//! The one path of every run (E1), in the order of E2:
//! - validate; a refusal sends nothing and is still recorded
//! - look at the circuit breaker (C4)
//! - the customer: whom the connector is for (R4), and a value of each user token (M6)
//! - when this run is the breaker's probe, claim that just before the first byte (C3)
//! - take the newest value of each token, fetching what is missing (E3)
//! - build the request from its parts and send it
//! - on a 401, decide per token (E4), renew at most once each, build again and send once more (E5)
//! - read and map the answer, and record everything, redacted

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::authenticate::{Changes, first_values, renew_after_refusal};
use super::build::{Parts, UsedToken};
use super::customer::{ForCustomer, check_audience, check_values};
use super::gates::validate;
use super::given::recorded_inputs;
use super::guard::{Verdict, claim_probe, look_at_breaker};
use super::hint::{Refused, hint};
use super::journal::{Entry, Journal};
use super::map::{Mapping, map_answer, map_mock};
use super::outcome::Ending;
use super::record::{Execution, SentGeneration, SourceType, Step, StepKind, StepOutcome};
use super::send::{Sent, send};
use super::text::cut;
use crate::breaker::{Breaker, Ticket};
use crate::clock::{Clock, millis_to_rfc3339, to_rfc3339};
use crate::connector::{ConnectorDraft, ConnectorState, ResponseField};
use crate::http::{Client, Limits, LiveLimits, short_reason};
use crate::redact::{Redactor, Redactors};
use crate::refresh::Flights;
use crate::store::Database;
use crate::store::token_values::TokenValueRow;
use crate::token::Token;

/// What a run needs from its workspace.
#[derive(Clone)]
pub struct Means {
    /// Where token values are.
    pub database: Arc<Database>,
    /// What sends.
    pub client: Client,
    /// What renews tokens.
    pub flights: Flights,
    /// What takes secrets out of records.
    pub redactors: Redactors,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What a request may take, as it is set at present (S4, E13).
    pub limits: LiveLimits,
}

/// A connector that is about to run.
pub struct Runnable {
    /// Its id.
    pub connector_id: String,
    /// Draft or live (R1).
    pub state: ConnectorState,
    /// The configuration that runs: what is live, or the draft copy when the source is `test`.
    pub config: Arc<ConnectorDraft>,
    /// The tokens attached to it.
    pub tokens: Arc<[Token]>,
    /// What was stored of each, in the same order, when this was read; a user token has no value of its own (T5).
    pub values: Arc<[TokenValueRow]>,
    /// Its circuit breaker, when this was read.
    pub breaker: Arc<Breaker>,
    /// The values of its inputs.
    pub inputs: BTreeMap<String, Value>,
    /// What triggered it.
    pub source: SourceType,
    /// Play with the mock response, without the network (R2).
    pub mock: bool,
    /// The customer for whom it runs, as it was just read (M3).
    pub customer: Option<ForCustomer>,
}

impl Runnable {
    /// Whether the connector learns its response fields from the answer (R2).
    pub fn learns(&self) -> bool {
        self.source == SourceType::Test && !self.mock
    }
}

/// What a run leaves behind.
pub struct Ran {
    /// The execution, redacted, ready to be recorded.
    pub execution: Execution,
    /// How it ended.
    pub ending: Ending,
    /// The fields of the answer as it was read, secrets out of them (R2); empty when none was read, or it does not learn.
    pub response_fields: Vec<ResponseField>,
    /// What it is to the breaker, to be counted in the commit of its record; `None` when it is nothing.
    pub verdict: Option<Verdict>,
}

/// Runs a connector to its end. Steps are told as they happen; `cancel` ends it at any moment (E13).
pub async fn run(means: &Means, runnable: Runnable, cancel: &CancellationToken, watch: &(dyn Fn(&Step) + Send + Sync)) -> Ran {
    let created_at = to_rfc3339(means.clock.now());
    let mut walk = Walk {
        means,
        runnable: &runnable,
        cancel,
        journal: Journal::new(Arc::clone(&means.clock), means.redactors.clone(), watch),
        parts: None,
        http_status: None,
        ticket: None,
        mapping: Mapping { learns: runnable.learns(), ..Mapping::default() },
        refused: None,
        sent_tokens: Vec::new(),
    };
    let ending = match walk.walk().await {
        Ok(ending) | Err(ending) => ending,
    };
    let Walk { journal, parts, http_status, mapping, ticket, refused, sent_tokens, .. } = walk;
    let execution_time_ms = journal.elapsed_ms();
    let (steps, redactor) = journal.close();
    let redact = |text: String| match redactor.redact(&text) {
        Cow::Owned(redacted) => redacted,
        Cow::Borrowed(_) => text,
    };
    // Mostly the body is used as it came, and is searched once.
    let used_as_it_came = mapping.response_body == mapping.raw_response_body;
    let raw_response_body = mapping.raw_response_body.map(redact);
    let response_body = if used_as_it_came { raw_response_body.clone() } else { mapping.response_body.map(redact) };
    let response_fields = without_secrets(mapping.response_fields, &redactor);
    let execution = Execution {
        id: uuid::Uuid::now_v7().to_string(),
        connector_id: runnable.connector_id.clone(),
        connector_name: runnable.config.name.clone(),
        source_type: runnable.source,
        success: ending.success(),
        error_type: ending.error_type(),
        sentence: redact(ending.sentence()),
        next_step: ending.next_step(),
        hint: hint(refused.as_ref(), &steps, mapping.hint, &redactor).map(redact),
        http_status,
        http_method: runnable.config.http_method,
        execution_time_ms,
        created_at,
        request_url: parts.as_ref().map(|parts| redactor.redact_url(parts.url.as_str())),
        request_body: parts.as_ref().and_then(Parts::body).map(|body| cut(&redactor.redact(body))),
        response_body,
        raw_response_body,
        mock: runnable.mock,
        customer: runnable.customer.as_ref().map(|customer| redactor.redact_field(&customer.user_id).into_owned()),
        sent_tokens,
        inputs: recorded_inputs(&runnable.config, &runnable.inputs, &redactor),
        next_probe_at: ending.next_probe_at_ms().map(millis_to_rfc3339),
        steps,
        mapped_fields: mapping.fields,
    };
    let reliability = &runnable.config.reliability;
    let verdict = ticket.and_then(|ticket| Verdict::new(means, reliability, ticket, ending.counts(), &execution));
    Ran { execution, ending, response_fields, verdict }
}

/// Fields are kept with the connector, so a value that the API echoed must not stand in an example or a key (S2).
fn without_secrets(mut fields: Vec<ResponseField>, redactor: &Redactor) -> Vec<ResponseField> {
    fields.retain(|field| !redactor.contains_secret(&field.path));
    for field in &mut fields {
        field.example_value = field.example_value.take().map(|example| redactor.redact(&example).into_owned());
    }
    fields
}

struct Walk<'a> {
    means: &'a Means,
    runnable: &'a Runnable,
    cancel: &'a CancellationToken,
    journal: Journal<'a>,
    parts: Option<Parts>,
    http_status: Option<u16>,
    /// What the breaker let it through by.
    ticket: Option<Ticket>,
    mapping: Mapping,
    /// The last answer, if it refuses.
    refused: Option<Refused>,
    sent_tokens: Vec<SentGeneration>,
}

impl<'a> Walk<'a> {
    async fn walk(&mut self) -> Result<Ending, Ending> {
        self.gate()?;
        if self.runnable.mock {
            self.pass_customer()?;
            return map_mock(&self.runnable.config, &mut self.journal, &mut self.mapping);
        }
        self.pass_breaker().await?;
        let mut tokens = first_values(self.means, self.runnable, self.attached(), self.cancel, &mut self.journal).await?;
        let sent = self.send(StepKind::Request, &tokens).await?;
        if sent.answer.status == 401 && sent.answer.crossed_origin {
            // Nothing that was sent there could have been renewed: no token goes to another origin (S3).
            return Err(Ending::UnauthorizedElsewhere { host: sent.host, elsewhere: sent.elsewhere });
        }
        let (sent, renewed) = if sent.answer.status == 401 {
            let host = sent.host;
            match renew_after_refusal(self.means, self.runnable, &mut tokens, self.cancel, &mut self.journal).await? {
                Changes::None { why, issued_elsewhere } => {
                    return Err(Ending::Unauthorized { host, why, issued_elsewhere });
                }
                Changes::Some { names } => {
                    let sent = self.send(StepKind::Retry, &tokens).await?;
                    if sent.answer.status == 401 {
                        return Err(Ending::UnauthorizedAgain { host, tokens: names });
                    }
                    (sent, Some(names))
                }
            }
        } else {
            (sent, None)
        };
        if !(200..300).contains(&sent.answer.status) {
            let reason = short_reason(&self.journal.redactor().redact(&sent.answer.reason));
            return Err(Ending::RefusedByApi { host: sent.host, status: sent.answer.status, reason });
        }
        map_answer(&self.runnable.config, sent, renewed, &mut self.journal, &mut self.mapping).await
    }

    fn gate(&mut self) -> Result<(), Ending> {
        let started = self.journal.start();
        match validate(self.runnable, self.attached()) {
            Ok(parts) => {
                for secret in parts.secrets() {
                    self.journal.keep_secret(&secret);
                }
                self.parts = Some(parts);
                let entry = Entry {
                    kind: StepKind::Gate,
                    outcome: StepOutcome::Passed,
                    detail: self.gate_detail(),
                    token: None,
                    exchange: None,
                };
                self.journal.enter(started, entry);
                Ok(())
            }
            Err(refusal) => {
                let detail = refusal.sentence();
                let entry = Entry { kind: StepKind::Gate, outcome: StepOutcome::Refused, detail, token: None, exchange: None };
                self.journal.enter(started, entry);
                Err(refusal)
            }
        }
    }

    /// Nothing is sent while the breaker is open (C4). Everything else that could refuse the run comes before the claim.
    async fn pass_breaker(&mut self) -> Result<(), Ending> {
        let mut started = self.journal.start();
        let passed = match look_at_breaker(self.means, self.runnable).await {
            Ok(seen) => {
                self.pass_customer()?;
                started = self.journal.start();
                match seen {
                    Some(ticket) => Ok(ticket),
                    None => claim_probe(self.means, self.runnable, self.attached()).await,
                }
            }
            Err(refusal) => Err(refusal),
        };
        let told = match &passed {
            Ok(Ticket::Closed { .. }) => None,
            Ok(Ticket::Probe { .. }) => {
                Some((StepOutcome::Passed, "The circuit breaker is half-open, and this run is its probe.".to_owned()))
            }
            Err(refusal) => Some((StepOutcome::Refused, refusal.sentence())),
        };
        if let Some((outcome, detail)) = told {
            self.journal.enter(started, Entry { kind: StepKind::Gate, outcome, detail, token: None, exchange: None });
        }
        self.ticket = Some(passed?);
        Ok(())
    }

    /// Whom the connector is for (R4), and what that customer holds (M6); a mock response needs no value.
    fn pass_customer(&mut self) -> Result<(), Ending> {
        let (runnable, started) = (self.runnable, self.journal.start());
        let customer = runnable.customer.as_ref();
        let needed = if runnable.mock { &[] } else { self.attached() };
        let passed = check_audience(&runnable.config, customer).and_then(|()| check_values(runnable.source, customer, needed));
        let (outcome, detail) = match &passed {
            Ok(None) => return Ok(()),
            Ok(Some(detail)) => (StepOutcome::Passed, detail.clone()),
            Err(refusal) => (StepOutcome::Refused, refusal.sentence()),
        };
        self.journal.enter(started, Entry { kind: StepKind::Gate, outcome, detail, token: None, exchange: None });
        passed.map(|_| ())
    }

    fn gate_detail(&self) -> String {
        format!("Inputs, URL and headers are in order. {}", self.what_is_sent())
    }

    fn what_is_sent(&self) -> String {
        if self.runnable.mock {
            return "Nothing is sent: the mock response is played.".to_owned();
        }
        match self.attached() {
            [] if self.runnable.config.bypass_authentication => {
                "No token is sent, because authentication is bypassed.".to_owned()
            }
            [] => "No token is attached.".to_owned(),
            [token] => format!("The token {} is sent.", token.name),
            tokens => format!("{} tokens are sent.", tokens.len()),
        }
    }

    /// The tokens of this run: none with `bypass_authentication` (R4).
    fn attached(&self) -> &'a [Token] {
        if self.runnable.config.bypass_authentication { &[] } else { &self.runnable.tokens }
    }

    async fn send(&mut self, kind: StepKind, tokens: &[UsedToken]) -> Result<Sent, Ending> {
        let Some(parts) = &self.parts else { return Err(Ending::Cancelled) };
        for used in tokens {
            let sent = SentGeneration {
                token_id: used.token.id.0.clone(),
                name: used.token.name.clone(),
                generation: used.generation,
            };
            if !self.sent_tokens.contains(&sent) {
                self.sent_tokens.push(sent);
            }
        }
        let reliability = &self.runnable.config.reliability;
        let limits = Limits {
            connect_timeout: Duration::from_millis(reliability.connect_timeout_ms.into()),
            total_timeout: Duration::from_millis(reliability.timeout_ms.into()),
            body_bytes: self.means.limits.response_bytes(),
            keeps_connections: true,
        };
        let sent =
            send(&self.means.client, parts, tokens, &self.runnable.config, &limits, self.cancel, kind, &mut self.journal)
                .await?;
        self.http_status = Some(sent.answer.status);
        self.refused = Refused::by(&sent.answer, tokens, self.means.clock.now());
        Ok(sent)
    }
}
