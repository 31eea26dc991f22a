//! Walking the executions that fit a query, newest first, in steps whose cost does not depend on how many there are.

use std::ops::ControlFlow;

use rusqlite::{Connection, params_from_iter};

use super::super::executions::{self, ExecutionQuery};
use super::super::failure::StoreFailure;
use super::bits::{Bits, chunk_of, first_of, place_of};
use super::times::Span;
use super::{Reached, facets, reached, times, words};

/// Rows of the tail that are looked at between two looks at whether to go on.
const TAIL_STEP: usize = 1000;
/// Up to so many executions that pass all filters, each is asked for its words; of more, all that have the words are walked.
const FEW: usize = 48;

type Flow = Result<ControlFlow<()>, StoreFailure>;

/// Hands the `seq` of every execution that fits to `visit`, newest first, in steps of any size, until it breaks off.
/// Between two steps, of some milliseconds, it may be handed none. `query.limit` is not looked at.
pub(in super::super) fn visit(
    connection: &Connection,
    query: &ExecutionQuery,
    visit: &mut dyn FnMut(&[i64]) -> ControlFlow<()>,
) -> Result<(), StoreFailure> {
    let (mut from, mut below) = (0, query.before.unwrap_or(i64::MAX));
    if let Some(id) = &query.execution_id {
        let Some(row) = executions::get(connection, id)? else { return Ok(()) };
        (from, below) = (row.seq, below.min(row.seq + 1));
    }
    let reached = reached(connection)?;
    if query.words.is_some() {
        below = below.min(reached.worded + 1);
    }
    if below <= from || walk_tail(connection, query, (from, below), reached, visit)?.is_break() {
        return Ok(());
    }
    let walk = Walk { connection, query, facets: facets_of(query), from, below: below.min(reached.faceted + 1) };
    let _ = if query.words.is_some() { walk.shards(visit)? } else { walk.chunks(visit)? };
    Ok(())
}

/// What is not in the index yet is looked at row by row.
fn walk_tail(
    connection: &Connection,
    query: &ExecutionQuery,
    (from, below): (i64, i64),
    reached: Reached,
    visit: &mut dyn FnMut(&[i64]) -> ControlFlow<()>,
) -> Flow {
    let mut below = below;
    while below > from.max(reached.faceted + 1) {
        let (sql, values) = executions::tail_statement(query, (from.max(reached.faceted + 1), below), TAIL_STEP);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let (mut seqs, mut looked_at) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            looked_at += 1;
            below = row.get(0)?;
            if row.get(1)? {
                seqs.push(below);
            }
        }
        if visit(&seqs).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if looked_at < TAIL_STEP {
            break;
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The facets that an execution must have; at least one.
fn facets_of(query: &ExecutionQuery) -> Vec<String> {
    let facets: Vec<String> = [
        query.customer.as_deref().map(facets::of_customer),
        query.error_type.as_deref().map(facets::of_error),
        query.http_status.map(facets::of_status),
        query.connector_id.as_deref().map(facets::of_connector),
        query.source_type.as_deref().map(facets::of_source),
        query.success.map(facets::of_success),
    ]
    .into_iter()
    .flatten()
    .collect();
    if facets.is_empty() { vec![facets::EVERY.to_owned()] } else { facets }
}

struct Walk<'a> {
    connection: &'a Connection,
    query: &'a ExecutionQuery,
    facets: Vec<String>,
    from: i64,
    below: i64,
}

impl Walk<'_> {
    fn chunks(&self, visit: &mut dyn FnMut(&[i64]) -> ControlFlow<()>) -> Flow {
        let mut chunk = chunk_of(self.below - 1);
        while let Some((found, members)) = self.candidates(chunk, chunk_of(self.from))? {
            let seqs: Vec<i64> = members.descending().map(|place| first_of(found) + i64::from(place)).collect();
            if visit(&seqs).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            chunk = found - 1;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The last chunk between `last` and `chunk` that has executions which pass all filters but the words, and those.
    fn candidates(&self, mut chunk: i64, last: i64) -> Result<Option<(i64, Bits)>, StoreFailure> {
        let span = self.span();
        let mut sets: Vec<Option<(i64, Bits)>> = vec![None; self.facets.len()];
        'next: while chunk >= last {
            if let Some(span) = span {
                let Some(found) = times::newest_chunk(self.connection, span, chunk)? else { return Ok(None) };
                chunk = found;
            }
            for (facet, set) in self.facets.iter().zip(&mut sets) {
                if set.as_ref().is_none_or(|(at, _)| *at > chunk) {
                    let Some(found) = facets::newest(self.connection, facet, chunk)? else { return Ok(None) };
                    *set = Some(found);
                }
                if let Some((at, _)) = set
                    && *at < chunk
                {
                    chunk = *at;
                    continue 'next;
                }
            }
            if chunk < last {
                break;
            }
            let mut members = self.within_bounds(chunk);
            sets.iter().flatten().for_each(|(_, set)| members.keep(set));
            if let Some(span) = span.filter(|_| !members.is_empty())
                && let Some(within) = times::within(self.connection, span, chunk)?
            {
                members.keep(&within);
            }
            if !members.is_empty() {
                return Ok(Some((chunk, members)));
            }
            chunk -= 1;
        }
        Ok(None)
    }

    fn span(&self) -> Option<Span> {
        let (since, until) = (self.query.since_ms, self.query.until_ms);
        (since.is_some() || until.is_some())
            .then(|| Span { since: since.unwrap_or(i64::MIN), until: until.unwrap_or(i64::MAX) })
    }

    fn within_bounds(&self, chunk: i64) -> Bits {
        let place = |seq: i64| u16::try_from(seq - first_of(chunk)).unwrap_or_default();
        let from = self.from.max(first_of(chunk));
        let to = self.below.min(first_of(chunk + 1));
        Bits::between(place(from), place(to))
    }

    fn shards(&self, visit: &mut dyn FnMut(&[i64]) -> ControlFlow<()>) -> Flow {
        let mut chunk = chunk_of(self.below - 1);
        while let Some((found, members)) = self.candidates(chunk, chunk_of(self.from))? {
            let shard = words::shard_of(first_of(found));
            let last = chunk_of(words::first_of(shard)).max(chunk_of(self.from));
            let mut passing = vec![(found, members)];
            chunk = found - 1;
            while let Some(next) = self.candidates(chunk, last)? {
                chunk = next.0 - 1;
                passing.push(next);
            }
            chunk = last - 1;
            if self.shard(shard, &passing, visit)?.is_break() || visit(&[]).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn shard(&self, shard: i64, passing: &[(i64, Bits)], visit: &mut dyn FnMut(&[i64]) -> ControlFlow<()>) -> Flow {
        let Some(expression) = self.query.words.as_deref() else { return Ok(ControlFlow::Continue(())) };
        let number: usize = passing.iter().map(|(_, members)| members.len()).sum();
        // What the words begin with is gathered anew by each look-up of a beginning.
        if number > FEW || expression.ends_with('*') {
            let (from, below) = (self.from.max(words::first_of(shard)), self.below.min(words::first_of(shard + 1)));
            let mut chunks = passing.iter().peekable();
            return words::find(self.connection, shard, expression, (from, below), |seq| {
                while chunks.next_if(|(chunk, _)| *chunk > chunk_of(seq)).is_some() {}
                let passes =
                    chunks.peek().is_some_and(|(chunk, members)| *chunk == chunk_of(seq) && members.contains(place_of(seq)));
                if passes { visit(&[seq]) } else { ControlFlow::Continue(()) }
            });
        }
        for (chunk, members) in passing {
            for seq in members.descending().map(|place| first_of(*chunk) + i64::from(place)) {
                let found = words::find(self.connection, shard, expression, (seq, seq + 1), |seq| visit(&[seq]))?;
                if found.is_break() {
                    return Ok(found);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
