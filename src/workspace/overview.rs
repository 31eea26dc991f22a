//! How all connectors and tokens are, at a glance.

use std::cmp::{Ordering, Reverse};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Workspace;
use super::breakers::{BreakerState, BreakerView};
use super::connector_views::ConnectorSummary;
use super::token_detail::token_of;
use super::token_views::NamedRef;
use super::views::Problem;
use crate::clock::millis_to_rfc3339;
use crate::connector::ConnectorState;
use crate::execution::ErrorType;
use crate::log::{Span, TimelineBucket, buckets, gather};
use crate::store::connector_tokens::TokenUse;
use crate::store::executions::ExecutionQuery;
use crate::store::log_buckets::Counts;
use crate::store::token_values::Expiry;
use crate::store::tokens::TokenRow;
use crate::store::{StoreFailure, connector_tokens, token_values, tokens};
use crate::token::TokenKind;

const DAY_MS: i64 = 86_400_000;

/// How far back an overview looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each names itself")]
pub enum OverviewSpan {
    Hour,
    Day,
    Week,
}

/// How all connectors and tokens are.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct Overview {
    /// From when on runs are counted (RFC 3339).
    pub since: String,
    /// Every connector: those that need attention first.
    pub connectors: Vec<ConnectorHealth>,
    /// The tokens whose value has expired or is about to, the soonest first.
    pub tokens: Vec<TokenHealth>,
}

/// How a connector is.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct ConnectorHealth {
    /// The connector's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Draft or live (R1).
    pub state: ConnectorState,
    /// How many runs succeeded.
    pub succeeded: u32,
    /// How many did not.
    pub failed: u32,
    /// The median of their durations.
    pub p50_ms: Option<u32>,
    /// The duration that 95 of 100 stayed within.
    pub p95_ms: Option<u32>,
    /// Why they failed, the most frequent first.
    pub failures: Vec<FailureCount>,
    /// Its breaker.
    pub breaker: BreakerView,
    /// The span in small buckets.
    pub buckets: Vec<TimelineBucket>,
}

/// How many runs failed in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, specta::Type)]
pub struct FailureCount {
    /// The way.
    pub error_type: ErrorType,
    /// How many.
    pub count: u32,
}

/// A token whose value has an end.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub struct TokenHealth {
    /// The token's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When its value ends (RFC 3339).
    pub expires_at: String,
    /// How that is known, in words, such as “`expires_in` of the last refresh”.
    pub known_from: String,
    /// Whether it is renewed by itself before that.
    pub refreshed_before: bool,
    /// The connectors that use it.
    pub used_by: Vec<NamedRef>,
}

impl OverviewSpan {
    /// How long a bucket is, in seconds, and how many there are; the last one holds this moment.
    const fn buckets(self) -> (u32, u32) {
        match self {
            Self::Hour => (60, 60),
            Self::Day => (3600, 24),
            Self::Week => (6 * 3600, 28),
        }
    }

    /// The values of tokens that end within so many milliseconds are told.
    const fn tokens_within_ms(self) -> i64 {
        match self {
            Self::Hour | Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }
}

impl Workspace {
    /// How all connectors and tokens are.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn overview(&self, span: OverviewSpan) -> Result<Overview, Problem> {
        let now_ms = self.now_ms();
        let (seconds, buckets) = span.buckets();
        let time = Span::until_now(now_ms, seconds, buckets);
        let summaries = self.connectors().list().await?;
        let ids: Vec<_> = summaries.iter().map(|summary| summary.id.clone()).collect();
        let read = self.database().read_async(move |connection| {
            let counted = ids.iter().map(|id| counts_of(connection, id, &time)).collect::<Result<Vec<_>, _>>()?;
            Ok((counted, ending_tokens(connection, now_ms + span.tokens_within_ms())?))
        });
        let (counted, ending) = read.await?;
        let mut connectors: Vec<_> =
            summaries.into_iter().zip(counted).map(|(summary, counts)| health(summary, &time, &counts)).collect();
        connectors.sort_by(|one, other| attention(other).total_cmp(&attention(one)).then_with(|| by_name(one, other)));
        let tokens = ending.into_iter().map(token_health).collect::<Result<_, _>>()?;
        Ok(Overview { since: millis_to_rfc3339(time.since_ms), connectors, tokens })
    }
}

fn counts_of(connection: &Connection, connector_id: &str, time: &Span) -> Result<Vec<Counts>, StoreFailure> {
    let query = ExecutionQuery { connector_id: Some(connector_id.to_owned()), ..ExecutionQuery::default() };
    // What is never cancelled is always there.
    Ok(gather(connection, &query, time, &|| false)?.map(|gathered| gathered.counts).unwrap_or_default())
}

fn health(summary: ConnectorSummary, time: &Span, counts: &[Counts]) -> ConnectorHealth {
    let mut all = Counts::default();
    for counts in counts {
        all.merge(counts);
    }
    let durations = all.durations();
    let named = |(name, count): (&String, &u32)| Some(FailureCount { error_type: ErrorType::from_name(name)?, count: *count });
    let mut failures: Vec<_> = all.by_error.iter().filter_map(named).collect();
    failures.sort_by_key(|failure| (Reverse(failure.count), failure.error_type));
    ConnectorHealth {
        id: summary.id,
        name: summary.name,
        state: summary.state,
        succeeded: all.succeeded,
        failed: all.failed,
        p50_ms: durations.percentile(50),
        p95_ms: durations.percentile(95),
        failures,
        breaker: summary.breaker,
        buckets: buckets(time, counts),
    }
}

/// More for those that need attention: first whose breaker is not closed, then by the share of their failures.
fn attention(health: &ConnectorHealth) -> f64 {
    let runs = f64::from(health.succeeded) + f64::from(health.failed);
    let share = f64::from(health.failed) / runs.max(1.0);
    share + if health.breaker.state == BreakerState::Closed { 0.0 } else { 2.0 }
}

fn by_name(one: &ConnectorHealth, other: &ConnectorHealth) -> Ordering {
    one.name.to_lowercase().cmp(&other.name.to_lowercase()).then_with(|| one.name.cmp(&other.name))
}

/// A token whose value ends soon.
struct Ending {
    token: TokenRow,
    expiry: Expiry,
    used_by: Vec<TokenUse>,
}

/// The tokens whose value ends before `until_ms` or has ended, the soonest first.
fn ending_tokens(connection: &Connection, until_ms: i64) -> Result<Vec<Ending>, StoreFailure> {
    let mut ending = Vec::new();
    for value in token_values::all(connection)? {
        let Some(expiry) = value.expiry.filter(|expiry| value.value.is_some() && expiry.at_ms < until_ms) else { continue };
        let Some(token) = tokens::get(connection, &value.token_id)? else { continue };
        let used_by = connector_tokens::used_by(connection, &value.token_id)?;
        ending.push(Ending { token, expiry, used_by });
    }
    ending.sort_by(|one, other| (one.expiry.at_ms, &one.token.name).cmp(&(other.expiry.at_ms, &other.token.name)));
    Ok(ending)
}

fn token_health(ending: Ending) -> Result<TokenHealth, Problem> {
    let token = token_of(&ending.token)?;
    let refreshed_before =
        matches!(token.kind, TokenKind::HttpRequest { refresh_before_seconds: Some(seconds), .. } if seconds > 0);
    let named = |used: TokenUse| NamedRef { id: used.connector_id, name: used.connector_name };
    Ok(TokenHealth {
        id: token.id.0,
        name: token.name,
        expires_at: millis_to_rfc3339(ending.expiry.at_ms),
        known_from: ending.expiry.seen,
        refreshed_before,
        used_by: ending.used_by.into_iter().map(named).collect(),
    })
}
