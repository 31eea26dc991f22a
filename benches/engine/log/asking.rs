//! Questions put to a large log beside the same kind put to a small one, call by call in turns, through the public face.

use std::time::Instant;

use latchkey::execution::ExecutionFilter;
use latchkey::workspace::Workspace;
use tokio_util::sync::CancellationToken;

use super::fill::Filled;
use super::questions::{Asked, QUESTIONS, Question, Source};
use super::words::Random;
use crate::Failure;
use crate::figures::{Aim, Figure, percentile};
use crate::options::Options;

/// Rows that a page asks for.
const PAGE: u32 = 100;
/// Buckets of a timeline, as a wide window draws them.
const BUCKETS: u32 = 120;
/// Calls of each kind in a round.
const CALLS: usize = 60;
/// So much longer may a question take in the large log.
const RATIO: f64 = 3.0;

/// A log to ask.
struct Log {
    workspace: Workspace,
    source: Source,
    changes: u32,
}

/// All kinds of questions.
pub async fn measure(options: &Options, large: &Filled, small: &Filled) -> Result<Vec<Figure>, Failure> {
    // Or the disk would be measured in the large log, and not in the small one.
    large.read_into_memory()?;
    small.read_into_memory()?;
    let (mut large, mut small) = (Log::open(large).await?, Log::open(small).await?);
    let mut figures = Vec::new();
    for question in QUESTIONS {
        figures.extend(of_a_kind(options, question, &mut large, &mut small).await?);
    }
    Ok(figures)
}

async fn of_a_kind(options: &Options, question: &Question, large: &mut Log, small: &mut Log) -> Result<[Figure; 2], Failure> {
    let mut pairs = Vec::new();
    for _ in 0..options.rounds() {
        let (mut in_large, mut in_small) = (Vec::new(), Vec::new());
        for _ in 0..options.times(CALLS) {
            in_large.push(large.ask(question).await?);
            in_small.push(small.ask(question).await?);
        }
        pairs.push((percentile(&mut in_large, 95), percentile(&mut in_small, 95)));
    }
    let what = format!("log of {}: {}, 95 of 100", large.source.plan.count, question.what);
    let key = |part: &str| format!("log_{}{part}", question.key);
    let alone = Figure::alone(&key(""), what.as_str(), "ms", pairs.iter().map(|pair| pair.0));
    let alone = question.aim.map_or(alone.clone(), |most| alone.aiming(Aim::AtMost(most)));
    let ratio =
        Figure::alone(&key("_ratio"), format!("{}, beside a small log", question.what), "ms", pairs.iter().map(|pair| pair.0));
    let ratio = ratio.beside(format!("in a log of {}", small.source.plan.count), &pairs);
    let ratio = if question.aim.is_some() { ratio.aiming(Aim::AtMost(RATIO)) } else { ratio };
    Ok([alone, ratio])
}

impl Log {
    async fn open(filled: &Filled) -> Result<Self, Failure> {
        let workspace = filled.open().await?;
        let all = ExecutionFilter::default();
        let first = workspace.executions().list(all.clone(), None, 1).await?;
        let last = first.rows.first().map_or(0.0, |row| row.seq);
        let outline = workspace.executions().outline(all, &CancellationToken::new()).await?;
        let deepest = outline.before.last().copied().unwrap_or(last);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a million")]
        let last = last as u64;
        Ok(Self { workspace, source: Source { random: Random::new(7), plan: filled.plan.clone(), last, deepest }, changes: 0 })
    }

    /// How long the answer to a new question takes, in milliseconds. Something is committed before, as in a workspace where
    /// runs go on: what readers have decrypted before is no longer good for them then.
    async fn ask(&mut self, question: &Question) -> Result<f64, Failure> {
        self.changes += 1;
        self.workspace.settings().set("backups.keep", if self.changes.is_multiple_of(2) { "5" } else { "6" }).await?;
        let (asked, executions, never) =
            ((question.draw)(&mut self.source), self.workspace.executions(), CancellationToken::new());
        let began = Instant::now();
        match asked {
            Asked::Page(filter, before) => drop(executions.list(filter, before, PAGE).await?),
            Asked::Outline(filter) => drop(executions.outline(filter, &never).await?),
            Asked::Timeline(filter) => drop(executions.timeline(filter, BUCKETS, &never).await?),
        }
        Ok(began.elapsed().as_secs_f64() * 1000.0)
    }
}
