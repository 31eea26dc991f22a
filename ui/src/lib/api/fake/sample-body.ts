/** What the fake login endpoint answers. */
import type { DiffReport, Moved, Suggestion } from '../bindings';
import type { FakeAnswer } from './locations';

function part(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
}

export function sampleJwt(subject: string): string {
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: subject, aud: 'orders', iat: now, exp: now + 900 })}.c2lnbmF0dXJl`;
}

const HEADERS: [string, string][] = [
  ['content-type', 'application/json'],
  ['date', 'Mon, 04 May 2026 10:00:00 GMT'],
  ['server', 'login/2.4'],
  ['server-timing', 'login;dur=41'],
  ['vary', 'accept'],
  ['vary', 'origin'],
  ['x-session-id', 's-8f2e4c1d9a7b3e5f607182'],
  ['set-cookie', 'JSESSIONID=4f1c9d2e7a8b; Path=/; HttpOnly'],
];

function session(token: Record<string, unknown>): unknown {
  return {
    data: {
      session: { ...token, refresh_token: sampleJwt('support-bot-refresh'), token_type: 'Bearer' },
      user: { id: 'u-1042', name: 'Support bot', roles: ['orders:read', 'orders:write'], active: true },
    },
    meta: { request_id: 'req-77', served_at: new Date().toISOString(), note: null },
  };
}

export function sampleBody(): unknown {
  return session({ access_token: sampleJwt('support-bot'), expires_in: 900 });
}

/** The URL says how the endpoint behaves: `fail` answers 503, `moved` has the token in another place. */
export function answerOf(url: string): FakeAnswer {
  if (url.includes('fail')) {
    return { headers: HEADERS, body: { error: 'temporarily_unavailable', retry_after: 30 } };
  }
  const body = url.includes('moved')
    ? session({ tokens: { access: { access_token: sampleJwt('support-bot') } } })
    : sampleBody();
  return { headers: HEADERS, body };
}

export const MOVED_TO: Suggestion[] = [
  {
    location: { in: 'json', at: '/data/session/tokens/access/access_token', then: [] },
    label: 'data.session.tokens.access.access_token',
    reason: 'same name, now under data.session.tokens.access',
  },
  {
    location: { in: 'header', at: 'x-session-id', then: [] },
    label: 'header X-Session-Id',
    reason: 'looks like a session',
  },
];

/** What a token shows whose login answers in another shape. */
export function sampleMoved(): Moved {
  return {
    at: new Date(Date.now() - 12 * 60_000).toISOString(),
    sentence:
      'The refresh after a 401 got a good answer, but nothing stands at /data/session/access_token in it.',
    saved_shape: [
      { depth: 0, key: null, text: 'object(2)', change: 'same' },
      { depth: 1, key: 'data', text: 'object(2)', change: 'same' },
      { depth: 2, key: 'session', text: 'object(4)', change: 'same' },
      { depth: 3, key: 'access_token', text: 'string(167)', change: 'gone' },
      { depth: 3, key: 'expires_in', text: 'number', change: 'gone' },
      { depth: 3, key: 'refresh_token', text: 'string(178)', change: 'same' },
    ],
    new_shape: [
      { depth: 0, key: null, text: 'object(2)', change: 'same' },
      { depth: 1, key: 'data', text: 'object(2)', change: 'same' },
      { depth: 2, key: 'session', text: 'object(3)', change: 'same' },
      { depth: 3, key: 'tokens', text: 'object(1)', change: 'new' },
      { depth: 4, key: 'access', text: 'object(1)', change: 'new' },
      { depth: 5, key: 'access_token', text: 'string(167)', change: 'new' },
      { depth: 3, key: 'refresh_token', text: 'string(178)', change: 'same' },
    ],
    proposals: MOVED_TO,
  };
}

/** What differs between two answers of the fake endpoint. */
export function sampleDiff(against: string): DiffReport {
  return {
    against,
    added: 0,
    removed: 1,
    changed: 2,
    entries: [
      {
        pointer: '/data/session/access_token',
        kind: 'changed',
        before: 'string(167)',
        after: 'string(167)',
        likely_token: true,
      },
      {
        pointer: '/meta/request_id',
        kind: 'changed',
        before: '“req-76”',
        after: '“req-77”',
        likely_token: false,
      },
      { pointer: '/meta/trace', kind: 'removed', before: 'object(3)', after: '', likely_token: false },
    ],
    complete: true,
  };
}
