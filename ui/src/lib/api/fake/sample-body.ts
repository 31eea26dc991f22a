/** What the fake login endpoint answers, and how a location is found in it. */
import type { TokenLocation } from '../bindings';

function part(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
}

export function sampleJwt(subject: string): string {
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: subject, aud: 'orders', iat: now, exp: now + 900 })}.c2lnbmF0dXJl`;
}

export function sampleBody(): unknown {
  return {
    data: {
      session: {
        access_token: sampleJwt('support-bot'),
        expires_in: 900,
        refresh_token: sampleJwt('support-bot-refresh'),
        token_type: 'Bearer',
      },
      user: { id: 'u-1042', name: 'Support bot', roles: ['orders:read', 'orders:write'], active: true },
    },
    meta: { request_id: 'req-77', served_at: new Date().toISOString(), note: null },
  };
}

/** Keys of a pointer or of a plain JSONPath such as `$.data.items[0]`; `null` when it is neither. */
function keysOf(at: string): string[] | null {
  if (at.startsWith('/')) {
    return at
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  if (!at.startsWith('$.')) return null;
  return at
    .slice(2)
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.');
}

/** The value at a location and its normalised place; `undefined` when there is none. */
export function find(
  body: unknown,
  location: TokenLocation,
): { pointer: string; value: unknown } | undefined {
  const keys = keysOf(location.at ?? '');
  if (!keys) return undefined;
  let value = body;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !(key in value)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  const pointer = keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer, value };
}
