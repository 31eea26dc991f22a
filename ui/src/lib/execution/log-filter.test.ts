import { describe, expect, it } from 'vitest';

import { placeWith, queryOf } from '$lib/shared/place';

import {
  choiceOf,
  everything,
  filterOf,
  isExecutionId,
  isNarrowed,
  partsOf,
  queryChanges,
  ruled,
  typedMoment,
  typedOf,
  withoutPart,
  type LogChoice,
} from './log-filter';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const chosen: LogChoice = {
  search: 'café "not found" & 100%',
  range: 'custom',
  since: '2026-11-20T08:00:00.000Z',
  until: '2026-11-21T08:00:05.000Z',
  result: 'failed',
  errorType: 'token_refresh_error',
  source: 'fin',
  status: '5xx',
  customer: 'c/1 ä',
  execution: '01920000-0000-7000-8000-000000000001',
  connector: 'connector-1',
};

describe('what narrows the log', () => {
  it('comes back from an address as it was, and leaves the rest of the address alone', () => {
    const place = placeWith('/logs/9?compare=8', queryChanges(chosen));
    expect(choiceOf(queryOf(place))).toEqual(chosen);
    expect(queryOf(place).get('compare')).toBe('8');
    expect(placeWith(place, queryChanges(everything))).toBe('/logs/9?compare=8');
  });

  it.each(['range=century', 'success=maybe', 'error_type=toString', 'status=999', 'since=soon', 'source=x'])(
    'is not narrowed by %s, which means nothing',
    (query) => {
      expect(isNarrowed(choiceOf(queryOf(`/logs?${query}`)))).toBe(false);
    },
  );

  it('becomes the engine’s filter, a range that moves with the time too', () => {
    expect(filterOf(everything, null, NOW)).toEqual({});
    expect(filterOf({ ...everything, range: '1h' }, 'c', NOW)).toEqual({
      connector_id: 'c',
      since: '2026-11-23T11:00:00.000Z',
    });
    expect(filterOf(chosen, null, NOW)).toEqual({
      connector_id: 'connector-1',
      since: chosen.since,
      until: chosen.until,
      success: false,
      error_type: 'token_refresh_error',
      source_type: 'fin',
      http_status: '5xx',
      customer: 'c/1 ä',
      execution_id: chosen.execution,
      search: chosen.search,
    });
  });

  it('is said in words, each of which can be taken off', () => {
    let rest = chosen;
    for (const { part } of partsOf(chosen, () => 'Get order status')) rest = withoutPart(rest, part);
    expect(rest).toEqual(everything);
    const words = partsOf({ ...chosen, status: 'none' }, () => 'Get order status').map(({ words }) => words);
    expect(words).toContain('Get order status');
    expect(words).toContain('No answer');
    expect(words).toContain('A token could not be refreshed');
  });

  it('has no reason for a success, and no moments without a range of its own', () => {
    const success = ruled({ ...chosen, result: 'succeeded', range: '24h' });
    expect(success).toMatchObject({ errorType: 'any', since: null, until: null });
    expect(ruled({ ...everything, range: 'custom' }).range).toBe('all');
  });

  it('takes moments as they are typed, in the reader’s own time zone', () => {
    expect(typedMoment('2026-11-23 14:05')).toBe(new Date(2026, 10, 23, 14, 5).toISOString());
    expect(typedMoment(' 2026-11-23 ')).toBe(new Date(2026, 10, 23).toISOString());
    for (const text of ['2026-11-23 14:05', '2026-11-23 14:05:09']) {
      expect(typedOf(typedMoment(text) ?? '')).toBe(text);
    }
    for (const text of ['', 'yesterday', '2026-13-01', '2026-02-31', '2026-11-23 25:00', '23.11.2026']) {
      expect(typedMoment(text)).toBeNull();
    }
  });

  it('knows an execution’s id', () => {
    expect(isExecutionId(' 01920000-0000-7000-8000-00000000000A ')).toBe(true);
    expect(isExecutionId('01920000-0000-7000-8000')).toBe(false);
  });
});
