//! A connector whose API and login can be broken, and a clock.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use latchkey::clock::{Clock as _, FixedClock, to_rfc3339};
use latchkey::connector::ConnectorDraft;
use latchkey::execution::{ErrorType, Execution, StepKind, StepOutcome};
use latchkey::workspace::{BreakerState, BreakerView};

use crate::support::drafts::connector;
use crate::support::{Answer, Bench};

/// A connector of the bench's API with a token of its login; the breaker has its first numbers: 5 within 600 s, 60 s.
pub struct Scene {
    pub bench: Bench,
    pub clock: Arc<FixedClock>,
    pub token: String,
    pub id: String,
}

impl Deref for Scene {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

impl Scene {
    pub async fn new() -> Self {
        let clock = Arc::new(FixedClock::new("2026-01-31T09:00:00Z".parse().unwrap()));
        let bench = Bench::at(&clock).await;
        let (token, id) = bench.orders().await;
        Self { bench, clock, token, id }
    }

    /// One whose breaker has just opened.
    pub async fn opened() -> Self {
        let scene = Self::new().await;
        scene.open().await;
        scene
    }

    /// Breaks the API, and runs until the breaker opens.
    pub async fn open(&self) -> Vec<Execution> {
        self.breaks();
        let mut failed = Vec::new();
        for _ in 0..5 {
            failed.push(self.fails().await);
        }
        assert_eq!(self.view().await.state, BreakerState::Open);
        failed
    }

    /// From now on the API answers 503.
    pub fn breaks(&self) {
        self.api_answers(|_, _| Answer::status(503));
    }

    /// From now on the API is as it was.
    pub fn mends(&self) {
        self.api_answers(|received, issuer| issuer.api(received));
    }

    /// The connector with something changed.
    pub async fn saves(&self, change: impl FnOnce(&mut ConnectorDraft)) {
        let mut draft = connector("Orders", &self.server.at("/orders"), &[&self.token]);
        change(&mut draft);
        self.workspace.connectors().save(Some(&self.id), draft).await.unwrap();
    }

    pub async fn runs(&self) -> Execution {
        self.run(&self.id).await
    }

    pub async fn fails(&self) -> Execution {
        let execution = self.runs().await;
        assert!(!execution.success && execution.error_type != Some(ErrorType::CircuitOpen), "{execution:#?}");
        execution
    }

    /// A run that the breaker refuses, after which nothing has arrived anywhere.
    pub async fn is_refused(&self) -> Execution {
        let arrived = self.server.all().len();
        let execution = self.runs().await;
        assert_refused(&execution);
        assert_eq!(self.server.all().len(), arrived, "neither the API nor the login is asked (C4)");
        execution
    }

    pub async fn view(&self) -> BreakerView {
        self.workspace.breaker(&self.id).await.unwrap()
    }

    /// State, failures so far, and whether the probe is under way.
    pub async fn stands(&self) -> (BreakerState, u32, bool) {
        let view = self.view().await;
        (view.state, view.failures, view.probing)
    }

    pub fn passes(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// So many seconds from now (RFC 3339).
    pub fn in_seconds(&self, seconds: u64) -> String {
        to_rfc3339(self.clock.now().checked_add(Duration::from_secs(seconds)).unwrap())
    }
}

#[track_caller]
pub fn assert_refused(execution: &Execution) {
    assert_eq!((execution.success, execution.error_type), (false, Some(ErrorType::CircuitOpen)), "{execution:#?}");
    let last = execution.steps.last().unwrap();
    assert_eq!((last.kind, last.outcome), (StepKind::Gate, StepOutcome::Refused), "{:#?}", execution.steps);
    assert_eq!(last.detail, execution.sentence);
    assert!(execution.sentence.ends_with("Nothing was sent.") && !execution.next_step.is_empty(), "{execution:#?}");
}
