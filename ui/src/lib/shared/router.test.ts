import { describe, expect, it } from 'vitest';

import { parse } from './router.svelte';
import { ago, span } from './time';
import { size } from './bytes';

describe('places', () => {
  it.each([
    ['/connectors', { page: 'connectors' }],
    ['/connectors/new', { page: 'connector_new' }],
    ['/connectors/7', { page: 'connector', id: '7', tab: 'setup', execution: null }],
    ['/connectors/7/test', { page: 'connector', id: '7', tab: 'test', execution: null }],
    ['/connectors/7/logs/9', { page: 'connector', id: '7', tab: 'logs', execution: '9' }],
    ['/authentication', { page: 'tokens' }],
    ['/authentication/new', { page: 'token_new' }],
    ['/authentication/new/http_request', { page: 'token_new_http_request' }],
    ['/authentication/a%20b', { page: 'token', id: 'a b' }],
    ['/sandbox', { page: 'sandbox' }],
    ['/nowhere', { page: 'connectors' }],
    ['', { page: 'connectors' }],
  ])('%s', (place, route) => {
    expect(parse(place)).toEqual(route);
  });
});

describe('words for amounts', () => {
  it('times', () => {
    const now = Date.parse('2026-05-04T10:00:00Z');
    expect(ago('2026-05-04T09:59:59Z', now)).toBe('just now');
    expect(ago('2026-05-04T09:59:20Z', now)).toBe('40 sec ago');
    expect(ago('2026-05-04T07:00:00Z', now)).toBe('3 hr ago');
    expect(ago('2026-05-01T10:00:00Z', now)).toBe('3 days ago');
    expect(span(890)).toBe('15 min');
  });

  it('sizes', () => {
    expect([0, 1023, 1946, 5_242_880].map(size)).toEqual(['0 B', '1023 B', '1.9 KB', '5.0 MB']);
  });
});
