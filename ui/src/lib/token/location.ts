/** Token locations as the page types, compares and names them (T4). The engine alone says what one yields. */
import type { LocationIn, LocationStep, TokenLocation } from '$lib/api';
import { spelled } from '$lib/response/location';

interface Place {
  label: string;
  hint: string;
  /** How `at` reads in words; empty where there is none. */
  words: (at: string) => string;
}

export const PLACES: Record<LocationIn, Place> = {
  json: {
    label: 'JSON body',
    hint: 'A JSON pointer such as /data/token, or a JSONPath such as $.data.token.',
    words: (at) => (at === '' ? 'the whole JSON' : `JSON ${at}`),
  },
  xml: {
    label: 'XML body',
    hint: 'A path such as /Envelope/Body/LoginResponse/Token, or one to an attribute: /session/@id.',
    words: (at) => `XML ${at}`,
  },
  form: {
    label: 'Form body',
    hint: 'The name of a field, such as access_token.',
    words: (at) => `form field ${at}`,
  },
  header: {
    label: 'Header',
    hint: 'The name of a response header, such as X-Session-Id.',
    words: (at) => `header ${at}`,
  },
  cookie: {
    label: 'Cookie',
    hint: 'The name of a cookie that the answer sets, such as JSESSIONID.',
    words: (at) => `cookie ${at}`,
  },
  text: {
    label: 'Text body',
    hint: 'The whole text is taken, or what is opened of it.',
    words: () => 'the text',
  },
};

const STEP_WORDS: { [K in LocationStep['open']]: (step: Extract<LocationStep, { open: K }>) => string } = {
  json: ({ at }) => (at === '' ? 'the JSON in it' : `JSON ${at}`),
  jwt_claim: ({ claim }) => `claim ${claim}`,
  line: ({ number }) => `line ${String(number)}`,
  capture: ({ pattern }) => `the capture of ${pattern}`,
};

function stepWords(step: LocationStep): string {
  return (STEP_WORDS[step.open] as (step: LocationStep) => string)(step);
}

/** Such as `header X-Session` or `JSON /data/token, then claim sub`. */
export function locationWords({ in: place, at = '', then = [] }: TokenLocation): string {
  return [PLACES[place].words(at), ...then.map((step) => `then ${stepWords(step)}`)].join(', ');
}

/** Whether the same is chosen, or nothing in both. */
export function sameChoice(one: TokenLocation | null, other: TokenLocation | null): boolean {
  return fingerprint(one) === fingerprint(other);
}

/** One text for each choice; the empty one for none. */
export function fingerprint(location: TokenLocation | null): string {
  return location ? spelled(location) : '';
}

/** The location once its place is named; while a name or path is still missing, none is chosen. */
export function chosenOf(location: TokenLocation | null): TokenLocation | null {
  if (!location) return null;
  const named = (location.at ?? '').trim() !== '';
  return named || location.in === 'json' || location.in === 'text' ? location : null;
}

/** A place without anything typed: all of a text, nothing yet of the others. */
export function emptyAt(place: LocationIn): TokenLocation | null {
  return place === 'text' ? { in: place, at: '', then: [] } : null;
}

/** The location when `at` is typed; its steps stay. A pasted space around it is not meant. */
export function typedAt(
  before: TokenLocation | null,
  place: LocationIn,
  typed: string,
): TokenLocation | null {
  const at = typed.trim();
  const then = before?.then ?? [];
  return at === '' && then.length === 0 ? emptyAt(place) : { in: place, at, then };
}
