/** The timeline as figures and words: heights, lines, axes, and what a stretch of it says. */
import type { Timeline, TimelineBucket } from '$lib/api';

import { duration } from './words';

/** A bar that stands for something is seen. */
const LEAST_PIXELS = 2;

export interface Bar {
  failed: number;
  succeeded: number;
}

/** The heights of a bucket's two parts in pixels; one failure among thousands is still seen. */
export function barOf(bucket: TimelineBucket, most: number, height: number): Bar {
  const pixels = (count: number): number =>
    count === 0 ? 0 : Math.max(LEAST_PIXELS, (count / Math.max(1, most)) * height);
  const failed = Math.min(pixels(bucket.failed), height);
  return { failed, succeeded: Math.min(pixels(bucket.succeeded), height - failed) };
}

/** The greatest number of runs in a bucket. */
export function mostRuns(buckets: readonly TimelineBucket[]): number {
  return Math.max(1, ...buckets.map((bucket) => bucket.succeeded + bucket.failed));
}

/** The top of the axis of durations: 1, 2 or 5 times a power of ten, in milliseconds. */
export function longest(buckets: readonly TimelineBucket[]): number {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.p95_ms ?? bucket.p50_ms ?? 0));
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 2, 5, 10].find((step) => step * power >= most) ?? 10);
}

/**
 * A line through the durations as an SVG path; it breaks where nothing ran. A bucket alone gets a short dash, since a
 * line of one point is not seen.
 */
export function lineOf(
  values: readonly (number | null)[],
  most: number,
  step: number,
  height: number,
): string {
  const at = (index: number): string =>
    `${((index + 0.5) * step).toFixed(1)} ${(height - (Math.min(values[index] ?? 0, most) / most) * height).toFixed(1)}`;
  const isThere = (index: number): boolean => (values[index] ?? null) !== null;
  return values
    .map((value, index) => {
      if (value === null) return '';
      if (isThere(index - 1)) return `L${at(index)}`;
      return isThere(index + 1)
        ? `M${at(index)}`
        : `M${at(index)}m${(-step / 3).toFixed(1)} 0h${(step / 1.5).toFixed(1)}`;
    })
    .join('');
}

/** The sum of a stretch of buckets, both ends included. */
export function countsOf(
  buckets: readonly TimelineBucket[],
  from = 0,
  to = buckets.length - 1,
): { succeeded: number; failed: number } {
  let [succeeded, failed] = [0, 0];
  for (const bucket of buckets.slice(from, to + 1)) {
    succeeded += bucket.succeeded;
    failed += bucket.failed;
  }
  return { succeeded, failed };
}

export function countWords({ succeeded, failed }: { succeeded: number; failed: number }): string {
  if (succeeded + failed === 0) return 'no runs';
  return `${succeeded.toLocaleString('en')} succeeded, ${failed.toLocaleString('en')} failed`;
}

/** Where a bucket ends (RFC 3339). */
export function endOf(bucket: TimelineBucket, seconds: number): string {
  return new Date(Date.parse(bucket.start) + seconds * 1000).toISOString();
}

/** What a stretch of the timeline says, for the eye and for a screen reader. */
export function stretchWords(timeline: Timeline, from: number, to: number): string[] {
  const first = timeline.buckets[from];
  const last = timeline.buckets[to];
  if (!first || !last) return [];
  const words = [
    `${timeWords(first.start, timeline)} to ${timeWords(endOf(last, timeline.bucket_seconds), timeline)}`,
    countWords(countsOf(timeline.buckets, from, to)),
  ];
  if (from !== to) return words;
  if (first.p50_ms !== null) words.push(`median ${duration(first.p50_ms)}`);
  if (first.p95_ms !== null) words.push(`95 of 100 within ${duration(first.p95_ms)}`);
  return words;
}

/** The whole timeline in one sentence. */
export function summary(timeline: Timeline): string {
  const { buckets } = timeline;
  const failing = buckets.reduce((worst, bucket) => (bucket.failed > worst.failed ? bucket : worst), {
    failed: 0,
    start: '',
  });
  const worst =
    failing.failed > 0
      ? ` Most failures, ${failing.failed.toLocaleString('en')}, began after ${timeWords(failing.start, timeline)}.`
      : '';
  return `From ${timeWords(timeline.since, timeline)} to ${timeWords(timeline.until, timeline)}: ${countWords(countsOf(buckets))}.${worst}`;
}

/** A moment as exact as the buckets, in the reader's own time zone. */
export function timeWords(moment: string, timeline: Timeline): string {
  const at = new Date(moment);
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  if (timeline.bucket_seconds >= 86_400) return day;
  const time = at.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(timeline.bucket_seconds < 60 ? { second: '2-digit' as const } : {}),
  });
  const short = Date.parse(timeline.until) - Date.parse(timeline.since) <= 86_400_000;
  return short && isToday(at) ? time : `${day}, ${time}`;
}

/** The end of the axis of durations. */
export function axisWords(milliseconds: number): string {
  if (milliseconds < 1000) return `${String(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${String(milliseconds / 1000)} s`;
  return duration(milliseconds);
}

function isToday(at: Date): boolean {
  return at.toDateString() === new Date().toDateString();
}
