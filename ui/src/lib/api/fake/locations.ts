/** How the fake engine looks at a location: a pointer or a plain JSONPath, a header, a cookie, the text, and `then`. */
import type {
  Completion,
  LocationError,
  LocationPreview,
  LocationStep,
  TokenLocation,
  ValueKind,
} from '../bindings';

/** What a login endpoint answered. */
export interface FakeAnswer {
  body: unknown;
  headers: [string, string][];
}

export interface Found {
  /** Where it stands, normalised. */
  location: TokenLocation;
  value: unknown;
}

const MOST_SHOWN = 5;

function kindOf(value: unknown): ValueKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'object' || kind === 'number' || kind === 'boolean' ? kind : 'string';
}

function fault(
  field: string,
  from: number,
  to: number,
  message: string,
  next_step: string,
): { error: LocationError } {
  return { error: { field, from, to, message, next_step } };
}

function pointerOf(keys: string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The keys of a pointer, or of a JSONPath made of names, positions and `*`. */
export function keysOf(at: string): string[] | { error: LocationError } {
  if (at === '') return [];
  if (at.startsWith('/')) {
    return at
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  if (!at.startsWith('$')) {
    return fault(
      'at',
      0,
      1,
      'A place in JSON begins with / or $.',
      'Write it like /data/token or $.data.token.',
    );
  }
  const keys: string[] = [];
  let position = 1;
  while (position < at.length) {
    const part = /^(?:\.([\p{L}\d_]+|\*)|\[(?:(\d+|\*)|'([^']*)')\])/u.exec(at.slice(position));
    if (!part) {
      const open = at.startsWith('[', position);
      const from = Array.from(at.slice(0, position)).length;
      return fault(
        'at',
        from,
        from + 1,
        open
          ? 'This bracket is never closed.'
          : 'A JSONPath goes on with a dot and a name, or with a bracket.',
        open ? 'Close it with ].' : 'Write it like $.data.token.',
      );
    }
    keys.push(part[1] ?? part[2] ?? part[3] ?? '');
    position += part[0].length;
  }
  return keys;
}

function members(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function nodes(body: unknown, keys: string[], wild: boolean): Found[] {
  let found: { path: string[]; value: unknown }[] = [{ path: [], value: body }];
  for (const key of keys) {
    found = found.flatMap(({ path, value }) =>
      members(value)
        .filter(([name]) => name === key || (wild && key === '*'))
        .map(([name, member]) => ({ path: [...path, name], value: member })),
    );
  }
  return found.map(({ path, value }) => ({
    location: { in: 'json', at: pointerOf(path), then: [] },
    value,
  }));
}

/** The claims of a JWT; none of anything else. */
export function claimsOf(text: string): Record<string, unknown> {
  const [, claims] = text.startsWith('eyJ') ? text.split('.') : [];
  if (!claims) return {};
  return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>;
}

function opened(value: unknown, step: LocationStep, field: string): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (step.open === 'line') return text.split('\n')[step.number - 1];
  if (step.open === 'jwt_claim') return claimsOf(text)[step.claim];
  if (step.open === 'capture') {
    try {
      const match = new RegExp(step.pattern, 'u').exec(text);
      return match?.[1] ?? match?.[0];
    } catch {
      return fault(
        field,
        0,
        step.pattern.length,
        'This is no regular expression.',
        'Close what is open in it.',
      );
    }
  }
  try {
    const keys = keysOf(step.at);
    return Array.isArray(keys) ? nodes(JSON.parse(text), keys, false)[0]?.value : keys;
  } catch {
    return undefined;
  }
}

function isFault(value: unknown): value is { error: LocationError } {
  return typeof value === 'object' && value !== null && 'error' in value && 'from' in (value.error as object);
}

function first(answer: FakeAnswer, { in: part, at = '' }: TokenLocation): Found[] | { error: LocationError } {
  if (part === 'json') {
    const keys = keysOf(at);
    return Array.isArray(keys) ? nodes(answer.body, keys, at.startsWith('$')) : keys;
  }
  if (part === 'text') {
    return [{ location: { in: part, at, then: [] }, value: JSON.stringify(answer.body, null, 2) }];
  }
  const named = answer.headers
    .filter(([name]) => (part === 'cookie' ? name === 'set-cookie' : name === at.toLowerCase()))
    .map(([, value]) => value)
    .filter((value) => part !== 'cookie' || value.startsWith(`${at}=`))
    .map((value) => (part === 'cookie' ? (value.slice(at.length + 1).split(';')[0] ?? '') : value));
  const value = part === 'header' || part === 'cookie' ? named[0] : undefined;
  return value === undefined ? [] : [{ location: { in: part, at, then: [] }, value }];
}

/** Everything that a location yields, or what is wrong with it. */
export function look(answer: FakeAnswer, location: TokenLocation): Found[] | { error: LocationError } {
  const found = first(answer, location);
  if (!Array.isArray(found)) return found;
  const results: Found[] = [];
  for (const one of found) {
    let value = one.value;
    for (const [index, step] of (location.then ?? []).entries()) {
      value = opened(value, step, `then[${String(index)}]`);
      if (isFault(value)) return value;
    }
    if (value !== undefined)
      results.push({ location: { ...one.location, then: location.then ?? [] }, value });
  }
  return results;
}

function shown(value: unknown): { preview: string; masked: boolean } {
  if (typeof value === 'object' && value !== null) {
    return { preview: Array.isArray(value) ? '[…]' : '{…}', masked: false };
  }
  const text = String(value);
  const masked = text.length > 20;
  return { preview: masked ? `${text.slice(0, 6)}••••••••` : text, masked };
}

/** Why what was found is not one token; `null` when it is. */
export function refusalOf(
  found: ReturnType<typeof look>,
): Pick<LocationError, 'message' | 'next_step'> | null {
  if (!Array.isArray(found)) return found.error;
  const [one, ...others] = found;
  if (!one) {
    return {
      message: 'Nothing stands at this place in the response.',
      next_step: 'Click a value in the tree, or correct it.',
    };
  }
  if (others.length > 0) {
    return {
      message: `The JSONPath yields ${String(found.length)} values; it must yield exactly one.`,
      next_step: 'Write a path like $.data.access_token, or click the value in the response.',
    };
  }
  if ((typeof one.value === 'string' && one.value !== '') || typeof one.value === 'number') return null;
  return {
    message: 'Only a non-empty text or a number can be a token.',
    next_step: 'Choose a value inside it.',
  };
}

/** As the engine's: whatever is not exactly one token has an error, of which all is wrong unless it is said. */
export function preview(answer: FakeAnswer, location: TokenLocation): LocationPreview {
  const found = look(answer, location);
  const list = Array.isArray(found) ? found : [];
  const refusal = refusalOf(found);
  const to = Array.from(location.at ?? '').length;
  return {
    yields: list.length,
    counted_all: true,
    values: list.slice(0, MOST_SHOWN).map((one) => ({
      path: one.location.at ?? '',
      kind: kindOf(one.value),
      ...shown(one.value),
    })),
    normalised: refusal ? null : (list[0]?.location ?? null),
    error: Array.isArray(found) ? refusal && { field: 'at', from: 0, to, ...refusal } : found.error,
  };
}

function detail(value: unknown): string {
  if (typeof value === 'string') return `string · ${String(value.length)} characters`;
  const inside = members(value).length;
  if (Array.isArray(value)) return `array · ${String(inside)} elements`;
  return typeof value === 'object' && value !== null ? `object · ${String(inside)} members` : kindOf(value);
}

/** How a typed location can go on: the members of the last whole container that begin as typed. */
export function complete(answer: FakeAnswer, part: TokenLocation['in'], typed: string): Completion[] {
  if (part === 'header' || part === 'cookie') {
    const names = answer.headers.map(([name, value]) =>
      part === 'header' ? name : name === 'set-cookie' ? (value.split('=')[0] ?? '') : '',
    );
    return names
      .filter((name) => name !== '' && name.toLowerCase().startsWith(typed.toLowerCase()))
      .map((name) => ({ text: name, label: name, kind: 'string', detail: part }));
  }
  const end = typed.lastIndexOf(typed.startsWith('$') ? '.' : '/');
  if (part !== 'json' || end < 0) return [];
  const keys = keysOf(typed.slice(0, end));
  const container = Array.isArray(keys) ? nodes(answer.body, keys, false)[0]?.value : undefined;
  return members(container)
    .filter(([key]) => key.toLowerCase().startsWith(typed.slice(end + 1).toLowerCase()))
    .map(([key, value]) => ({
      text: `${typed.slice(0, end + 1)}${key}`,
      label: key,
      kind: kindOf(value),
      detail: detail(value),
    }));
}
