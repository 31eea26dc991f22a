//! The steps of a run as they happen: redacted with every secret known so far, told to whoever watches,
//! and redacted once more at the end with the secrets that came later (S2).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::record::{Step, StepKind, StepOutcome, StepToken};
use crate::clock::Clock;
use crate::http::{Exchange, RecordedHeader};
use crate::redact::{Redactor, Redactors};

/// The steps so far and the secrets that took part.
pub struct Journal<'a> {
    clock: Arc<dyn Clock>,
    began: Duration,
    redactors: Redactors,
    secrets: Vec<SecretString>,
    /// Whether a secret of the answer is among them: no other run knows the same ones then.
    of_this_answer: bool,
    /// Made when it is first needed after a secret was added.
    redactor: OnceLock<Redactor>,
    steps: Vec<Step>,
    /// So many of the first steps were entered before the last secret was known.
    entered_before: usize,
    watch: &'a (dyn Fn(&Step) + Send + Sync),
}

/// A step that is under way.
#[derive(Clone, Copy)]
pub struct Started(Duration);

/// What there is to say about a step.
pub struct Entry {
    /// What it was.
    pub kind: StepKind,
    /// How it went.
    pub outcome: StepOutcome,
    /// What was decided and why, in words.
    pub detail: String,
    /// The token it was about.
    pub token: Option<StepToken>,
    /// What went over the wire.
    pub exchange: Option<Exchange>,
}

impl<'a> Journal<'a> {
    /// Begins now.
    pub fn new(clock: Arc<dyn Clock>, redactors: Redactors, watch: &'a (dyn Fn(&Step) + Send + Sync)) -> Self {
        Self {
            began: clock.monotonic(),
            clock,
            redactors,
            secrets: Vec::new(),
            of_this_answer: false,
            redactor: OnceLock::new(),
            steps: Vec::new(),
            entered_before: 0,
            watch,
        }
    }

    /// Everything recorded from here on is free of this secret too: one that belongs to the connector or its tokens.
    pub fn keep_secret(&mut self, secret: &SecretString) {
        // Exposed to leave out empty ones, and to compare.
        let text = secret.expose_secret();
        if text.is_empty() || self.secrets.iter().any(|known| known.expose_secret() == text) {
            return;
        }
        self.secrets.push(secret.clone());
        self.redactor = OnceLock::new();
        self.entered_before = self.steps.len();
    }

    /// Everything recorded from here on is free of these secrets of an answer too. There may be many of them.
    pub fn keep_secrets(&mut self, secrets: &[SecretString]) {
        if secrets.is_empty() {
            return;
        }
        self.secrets.extend_from_slice(secrets);
        self.of_this_answer = true;
        self.redactor = OnceLock::new();
        self.entered_before = self.steps.len();
    }

    /// The redactor with every secret known so far.
    pub fn redactor(&self) -> &Redactor {
        self.redactor
            .get_or_init(|| if self.of_this_answer { Redactor::new(&self.secrets) } else { self.redactors.of(&self.secrets) })
    }

    /// A step begins.
    pub fn start(&self) -> Started {
        Started(self.clock.monotonic())
    }

    /// A step has ended.
    pub fn enter(&mut self, started: Started, entry: Entry) {
        let mut step = Step {
            kind: entry.kind,
            outcome: entry.outcome,
            http_status: entry.exchange.as_ref().and_then(|exchange| exchange.http_status),
            started_ms: millis(started.0.saturating_sub(self.began)),
            duration_ms: millis(self.clock.monotonic().saturating_sub(started.0)),
            detail: entry.detail,
            token: entry.token,
            exchange: entry.exchange,
        };
        redact_step(&mut step, self.redactor());
        (self.watch)(&step);
        self.steps.push(step);
    }

    /// From the start to now.
    pub fn elapsed_ms(&self) -> u32 {
        millis(self.clock.monotonic().saturating_sub(self.began))
    }

    /// All steps, redacted with every secret, and that redactor.
    pub fn close(mut self) -> (Vec<Step>, Redactor) {
        let redactor = self.redactor().clone();
        for step in &mut self.steps[..self.entered_before] {
            redact_step(step, &redactor);
        }
        (self.steps, redactor)
    }
}

fn redact_step(step: &mut Step, redactor: &Redactor) {
    redact_in_place(&mut step.detail, redactor);
    let Some(exchange) = &mut step.exchange else { return };
    for text in [&mut exchange.url, &mut exchange.path, &mut exchange.host] {
        redact_in_place(text, redactor);
    }
    for RecordedHeader { name, value } in exchange.request_headers.iter_mut().chain(&mut exchange.response_headers) {
        redact_in_place(name, redactor);
        redact_in_place(value, redactor);
    }
    let texts = [&mut exchange.request_body, &mut exchange.response_body, &mut exchange.saved_shape, &mut exchange.failure];
    for text in texts.into_iter().flatten() {
        redact_in_place(text, redactor);
    }
}

fn redact_in_place(text: &mut String, redactor: &Redactor) {
    if let std::borrow::Cow::Owned(redacted) = redactor.redact(text) {
        *text = redacted;
    }
}

/// Whole milliseconds, at most what fits.
pub fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
