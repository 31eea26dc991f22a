/** A timeline over rows in memory, with the engine's widths of buckets. */
import type { ExecutionFilter, ExecutionRow, Timeline } from '../bindings';

const WIDTHS_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 86_400, 604_800];
const WAITS = 'email_verification_required';

/** `now` in milliseconds; the rows are newest first. */
export function timelineOf(
  rows: readonly ExecutionRow[],
  filter: ExecutionFilter,
  mostBuckets: number,
  now: number,
): Timeline {
  const until = filter.until ? Date.parse(filter.until) : now + 1;
  const since = filter.since
    ? Date.parse(filter.since)
    : rows.reduce((oldest, row) => Math.min(oldest, Date.parse(row.created_at)), until - 60_000);
  const seconds =
    WIDTHS_SECONDS.find((width) => Math.ceil((until - since) / 1000 / width) < mostBuckets) ?? 31_536_000;
  const width = seconds * 1000;
  const start = Math.floor(since / width) * width;
  const count = Math.max(1, Math.ceil((until - start) / width));
  const counted = Array.from({ length: count }, () => ({ succeeded: 0, failed: 0, times: [] as number[] }));
  for (const row of rows) {
    const bucket = counted[Math.floor((Date.parse(row.created_at) - start) / width)];
    if (!bucket) continue;
    bucket.times.push(row.execution_time_ms);
    if (row.success) bucket.succeeded += 1;
    else if (row.error_type !== WAITS) bucket.failed += 1;
  }
  return {
    since: new Date(start).toISOString(),
    until: new Date(start + count * width).toISOString(),
    bucket_seconds: seconds,
    buckets: counted.map(({ succeeded, failed, times }, at) => {
      times.sort((one, other) => one - other);
      return {
        start: new Date(start + at * width).toISOString(),
        succeeded,
        failed,
        p50_ms: quantile(times, 0.5),
        p95_ms: quantile(times, 0.95),
      };
    }),
    newest_only: null,
  };
}

function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.ceil(part * sorted.length) - 1] ?? null;
}
