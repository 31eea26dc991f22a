import { describe, expect, it } from 'vitest';

import { pathOf, placeWith, queryOf } from './place';
import { parse, router } from './router.svelte';
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
    ['/logs', { page: 'logs', execution: null }],
    ['/logs/9?success=false', { page: 'logs', execution: '9' }],
    ['/logs?search=a/b', { page: 'logs', execution: null }],
    ['/connectors/7/logs/9?compare=8', { page: 'connector', id: '7', tab: 'logs', execution: '9' }],
    ['/authentication/100%', { page: 'token', id: '100%' }],
    ['/nowhere', { page: 'connectors' }],
    ['', { page: 'connectors' }],
  ])('%s', (place, route) => {
    expect(parse(place)).toEqual(route);
  });
});

describe('the query of a place', () => {
  it.each<[string, [string, string][]]>([
    ['/logs', []],
    ['/logs?', []],
    [
      '/logs?success=false&status=4xx',
      [
        ['success', 'false'],
        ['status', '4xx'],
      ],
    ],
    ['/logs?search=caf%C3%A9+%26+more%3F', [['search', 'café & more?']]],
    ['/logs?search=a?b=c', [['search', 'a?b=c']]],
    ['/logs?search=100%&search=other', [['search', '100%']]],
  ])('of %s', (place, query) => {
    expect([...queryOf(place)]).toEqual(query);
    expect(pathOf(place)).toBe('/logs');
  });

  it('changes the names that are given and keeps the others', () => {
    const place = placeWith('/logs/9?success=false&status=4xx', { compare: '8', status: null });
    expect(place).toBe('/logs/9?success=false&compare=8');
    expect(placeWith(place, { compare: '', success: null })).toBe('/logs/9');
  });

  it('brings any text back as it was', () => {
    const text = `"a" & b=c?d#e/%20 ü ' <script> \u202e`;
    const place = placeWith('/logs', { search: text });
    expect(place).toMatch(/^[ -~]+$/);
    expect(queryOf(place).get('search')).toBe(text);
  });

  it('leaves with what was typed there', () => {
    router.replace('/logs/9?search=visitor');
    expect(router.query.get('search')).toBe('visitor');
    router.forgetQuery();
    expect(location.hash).toBe('#/logs/9');
    expect(router.query.size).toBe(0);
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
