import { describe, expect, it } from 'vitest';

import type { ConnectorHealth } from '$lib/api';
import { closedBreaker } from '$lib/api/fake/breakers';

import { bucketsWords, logPlace, rate, spanOf, summary } from './words';

function health(over: Partial<ConnectorHealth>): ConnectorHealth {
  return {
    id: 'c',
    name: 'C',
    state: 'live',
    succeeded: 0,
    failed: 0,
    p50_ms: null,
    p95_ms: null,
    failures: [],
    breaker: closedBreaker,
    buckets: [],
    ...over,
  };
}

describe('the overview in words', () => {
  it.each([
    [0, 0, '–'],
    [5, 0, '100 %'],
    [0, 5, '0 %'],
    [1, 1, '50 %'],
    [978, 22, '97.8 %'],
    [99_999, 1, '> 99.9 %'],
    [1, 99_999, '< 0.1 %'],
  ])('%d succeeded, %d failed', (succeeded, failed, words) => {
    expect(rate(succeeded, failed)).toBe(words);
  });

  it('sums all connectors up', () => {
    const open = { ...closedBreaker, state: 'open' as const };
    expect(summary([health({ succeeded: 1200, failed: 4, breaker: open }), health({})], 'hour')).toBe(
      '1,204 runs in the last hour, 99.7 % succeeded. 1 circuit breaker is not closed.',
    );
    expect(summary([health({})], 'week')).toBe('No runs in the last 7 days.');
    expect(summary([health({ succeeded: 1 })], 'day')).toBe('1 run in the last 24 hours, 100 % succeeded.');
  });

  it('leads to the log with the same span and that failure', () => {
    expect(logPlace('c-1', 'week', 'faraday_error')).toBe(
      '#/connectors/c-1/logs?range=7d&error_type=faraday_error',
    );
    expect(logPlace('c-1', 'hour')).toBe('#/connectors/c-1/logs?range=1h');
  });

  it('takes the day where a place names no span', () => {
    expect(['hour', 'week', 'year', undefined].map(spanOf)).toEqual(['hour', 'week', 'day', 'day']);
  });

  it('says of the bars what they show', () => {
    const bucket = { succeeded: 3, failed: 0, p50_ms: 1, p95_ms: 1, start: '2026-05-04T12:00:00Z' };
    expect(bucketsWords([bucket, { ...bucket, failed: 2, start: '2026-05-04T13:00:00Z' }])).toMatch(
      /^6 succeeded and 2 failed\. Most failures from 4 May 2026/,
    );
    expect(bucketsWords([{ ...bucket, succeeded: 0 }])).toBe('No runs.');
  });
});
