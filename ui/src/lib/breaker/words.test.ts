import { describe, expect, it } from 'vitest';

import type { BreakerFailure, BreakerView } from '$lib/api';
import { closedBreaker } from '$lib/api/fake/breakers';
import { countdown } from '$lib/shared/seconds';
import { clock, exactly } from '$lib/shared/time';

import { chipWords, nextChange, phaseOf, rule, timeLeft, whatToDo } from './words';

const NOW = Date.parse('2026-05-04T12:08:20Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

function breaker(over: Partial<BreakerView>): BreakerView {
  return { ...closedBreaker, ...over };
}

function failure(over: Partial<BreakerFailure>): BreakerFailure {
  return { execution_id: 'e', at: at(-9), error_type: 'faraday_error', http_status: null, ...over };
}

describe('what a breaker does at a moment', () => {
  it.each<[Partial<BreakerView>, string, string | null]>([
    [{ state: 'closed' }, 'closed', null],
    [{ state: 'open', next_probe_at: at(42) }, 'waiting', '0:42'],
    [{ state: 'open', next_probe_at: at(-1) }, 'due', null],
    [{ state: 'open', next_probe_at: null }, 'due', null],
    [{ state: 'open', next_probe_at: at(3600), open_seconds: 60 }, 'due', null],
    [{ state: 'half_open' }, 'due', null],
    [{ state: 'half_open', probing: true, next_probe_at: at(70) }, 'probing', '1:10'],
    [{ state: 'half_open', probing: true, next_probe_at: at(-1) }, 'due', null],
    [{ state: 'isolated' }, 'isolated', null],
  ])('%j', (over, phase, left) => {
    expect(phaseOf(breaker(over), NOW)).toBe(phase);
    expect(timeLeft(breaker(over), NOW)).toBe(left);
  });

  it('changes by itself at the end of its wait, of its probe, and when the oldest failure is too old', () => {
    expect(nextChange(breaker({ state: 'open', next_probe_at: at(42) }), NOW)).toBe(NOW + 42_000);
    expect(nextChange(breaker({ state: 'open', next_probe_at: at(0) }), NOW), 'it is over').toBeNull();
    const opened_by = [failure({ at: at(-9) }), failure({ at: at(-500) })];
    expect(nextChange(breaker({ opened_by, failures: 2 }), NOW)).toBe(NOW + 100_000);
    expect(nextChange(breaker({}), NOW)).toBeNull();
    expect(nextChange(breaker({ state: 'isolated' }), NOW)).toBeNull();
  });
});

describe('times', () => {
  it('count down to 0:00, which is the end', () => {
    expect([41_001, 42_000, 1, 0, -5].map(countdown)).toEqual(['0:42', '0:42', '0:01', '0:00', '0:00']);
    expect([59_999, 60_001, 3_599_000, 3_605_000, 86_400_000].map(countdown)).toEqual([
      '1:00',
      '1:01',
      '59:59',
      '1:00:05',
      '24:00:00',
    ]);
  });

  it('stay exact where they were set', () => {
    expect([2, 60, 61, 90, 120, 600, 3600, 3660, 86_400].map(exactly)).toEqual([
      '2 s',
      '60 s',
      '61 s',
      '90 s',
      '2 min',
      '10 min',
      '1 h',
      '61 min',
      '24 h',
    ]);
  });
});

describe('the words', () => {
  const open = breaker({ state: 'open', next_probe_at: at(42) });

  it('of a chip say when the next try is, and nothing while it is closed', () => {
    expect(chipWords(breaker({ failures: 4 }), NOW, false)).toBeNull();
    expect(chipWords(open, NOW, false)).toBe('breaker open · next try in 0:42');
    expect(chipWords(open, NOW, true)).toBe('breaker open · 0:42');
    expect(chipWords(open, NOW + 43_000, false)).toBe('breaker half-open · the next run is the probe');
    expect(chipWords(breaker({ state: 'isolated' }), NOW, true)).toBe('breaker isolated');
  });

  it.each<[Partial<BreakerFailure>, string]>([
    [{ error_type: 'token_refresh_error', http_status: 401 }, 'Test the request of the token'],
    [{ error_type: 'faraday_error' }, 'Check that the API is up'],
    [{ error_type: '3rd_party_error', http_status: 503 }, 'Find out why the API answers 503'],
    [{ error_type: '3rd_party_error', http_status: 401 }, 'Look at the connector’s tokens'],
  ])('of what to do go by what failed: %j', (kind, words) => {
    const opened_by = [
      failure(kind),
      failure(kind),
      failure({ error_type: '3rd_party_error', http_status: 500 }),
    ];
    const advice = whatToDo({ ...open, opened_by }, 'waiting');
    expect(advice).toContain(words);
    expect(advice).toContain(`wait for the next try at ${clock(at(42))}`);
  });

  it('of the rule are right for one and for many', () => {
    expect(rule(5, 600, 60)).toBe(
      '5 failures in a row within 10 min open it. Then nothing is sent for 60 s, and the first run after that is the probe.',
    );
    expect(rule(1, 600, 2)).toMatch(/^1 failure opens it. Then nothing is sent for 2 s,/);
  });
});
