/** The rows of the fake log: each has a `seq` that is never used again, and a filter narrows them. */
import type { Execution, ExecutionFilter, ExecutionRow } from '../bindings';
import { refuse, type FakeWorkspace } from './parts';
import { rowOf } from './runs';

const rowsOf = new WeakMap<FakeWorkspace, { last: number; rows: WeakMap<Execution, ExecutionRow> }>();

/** All rows, newest first. */
function allRows(workspace: FakeWorkspace): [Execution, ExecutionRow][] {
  const kept = rowsOf.get(workspace) ?? { last: 0, rows: new WeakMap<Execution, ExecutionRow>() };
  rowsOf.set(workspace, kept);
  return workspace.executions
    .toReversed()
    .map((execution): [Execution, ExecutionRow] => {
      let row = kept.rows.get(execution);
      if (!row) {
        kept.last += 1;
        row = { ...rowOf(execution), seq: kept.last };
        kept.rows.set(execution, row);
      }
      return [execution, row];
    })
    .reverse();
}

/** The rows that fit, newest first. */
export function filtered(workspace: FakeWorkspace, filter: ExecutionFilter): ExecutionRow[] {
  const words = wordsOf(filter.search ?? '');
  return allRows(workspace)
    .filter(([execution, row]) => fits(row, filter) && (words.length === 0 || holds(execution, words)))
    .map(([, row]) => row);
}

function fits(row: ExecutionRow, filter: ExecutionFilter): boolean {
  return (
    (!filter.connector_id || row.connector_id === filter.connector_id) &&
    (filter.success === undefined || filter.success === null || row.success === filter.success) &&
    (!filter.error_type || row.error_type === filter.error_type) &&
    (!filter.source_type || row.source_type === filter.source_type) &&
    (!filter.execution_id || row.id === filter.execution_id) &&
    (!filter.customer || row.customer === filter.customer) &&
    (!filter.http_status || statusFits(row.http_status, filter.http_status)) &&
    (!filter.since || row.created_at >= filter.since) &&
    (!filter.until || row.created_at < filter.until)
  );
}

function statusFits(status: number | null, wanted: string): boolean {
  if (wanted === 'none') return status === null;
  return wanted.endsWith('xx') ? String(status).startsWith(wanted[0] ?? '') : String(status) === wanted;
}

/** Words and phrases; the last word may be a beginning. */
function wordsOf(search: string): RegExp[] {
  const parts = search.match(/"[^"]*"?|[^\s"]+/g) ?? [];
  const words = parts.map((part) => part.replaceAll('"', '').trim()).filter(Boolean);
  if (search.trim() !== '' && !words.some((word) => /[\p{L}\p{N}]/u.test(word))) {
    refuse('invalid', 'There is no word in this search.', 'Type a word or a number.', 'search');
  }
  return words.map((word, at) => {
    const literal = word.replaceAll(/[^\p{L}\p{N}]+/gu, '[^\\p{L}\\p{N}]+');
    const isBeginning = at === words.length - 1 && !search.trimEnd().endsWith('"');
    return new RegExp(`(?<![\\p{L}\\p{N}])${literal}${isBeginning ? '' : '(?![\\p{L}\\p{N}])'}`, 'iu');
  });
}

function holds(execution: Execution, words: RegExp[]): boolean {
  const { sentence, hint, request_url, request_body, raw_response_body, inputs = [] } = execution;
  const given = inputs.map((input) => `${input.name} ${input.value}`);
  const text = [sentence, hint, request_url, request_body, raw_response_body, ...given].join('\n');
  return words.every((word) => word.test(text));
}
