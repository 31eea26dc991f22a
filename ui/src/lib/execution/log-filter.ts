/**
 * What the log is narrowed to, as it stands in the address: so a link keeps it, and going back takes the last step back.
 * A range such as *last hour* is kept as such, and becomes a moment only when the engine is asked.
 */
import type { ErrorType, ExecutionFilter, SourceType } from '$lib/api';

import { errorTypeNames, sourceNames } from './words';

export type LogRange = '15m' | '1h' | '24h' | '7d' | '30d' | 'all' | 'custom';
export type LogResult = 'all' | 'succeeded' | 'failed';

export interface LogChoice {
  search: string;
  range: LogRange;
  /** RFC 3339; only of a custom range. */
  since: string | null;
  until: string | null;
  result: LogResult;
  errorType: ErrorType | 'any';
  source: SourceType | 'any';
  /** A status such as `404`, a class such as `4xx`, `none`, or empty. */
  status: string;
  customer: string;
  execution: string;
  /** Only on the page of all connectors. */
  connector: string;
}

export const rangeNames: Record<LogRange, string> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All time',
  custom: 'From … to …',
};

const RANGE_MINUTES: Partial<Record<LogRange, number>> = {
  '15m': 15,
  '1h': 60,
  '24h': 24 * 60,
  '7d': 7 * 24 * 60,
  '30d': 30 * 24 * 60,
};

export const everything: LogChoice = {
  search: '',
  range: 'all',
  since: null,
  until: null,
  result: 'all',
  errorType: 'any',
  source: 'any',
  status: '',
  customer: '',
  execution: '',
  connector: '',
};

/** What each part is called in the address: as the headless program calls it. */
const QUERY_NAMES = {
  search: 'search',
  range: 'range',
  since: 'since',
  until: 'until',
  result: 'success',
  errorType: 'error_type',
  source: 'source',
  status: 'status',
  customer: 'customer',
  execution: 'id',
  connector: 'connector',
} as const satisfies Record<keyof LogChoice, string>;
const PARTS = Object.keys(QUERY_NAMES) as (keyof LogChoice)[];
const SUCCESS: Record<string, LogResult> = { true: 'succeeded', false: 'failed' };

/** Reads the query of a place; what can't be understood does not narrow. */
export function choiceOf(query: ReadonlyMap<string, string>): LogChoice {
  const text = (part: keyof LogChoice): string => query.get(QUERY_NAMES[part]) ?? '';
  const since = momentOf(text('since'));
  const until = momentOf(text('until'));
  const custom = since !== null || until !== null;
  return ruled({
    search: text('search'),
    range: custom ? 'custom' : (known(RANGE_MINUTES, text('range')) ?? 'all'),
    since,
    until,
    result: SUCCESS[text('result')] ?? 'all',
    errorType: known(errorTypeNames, text('errorType')) ?? 'any',
    source: known(sourceNames, text('source')) ?? 'any',
    status: isStatus(text('status')) ? text('status') : '',
    customer: text('customer'),
    execution: text('execution'),
    connector: text('connector'),
  });
}

/** What a choice changes in the query of a place. */
export function queryChanges(choice: LogChoice): Record<string, string | null> {
  return Object.fromEntries(
    PARTS.map((part) => {
      const value = part === 'result' ? successOf(choice.result) : choice[part];
      const says = value !== everything[part] && value !== 'custom';
      return [QUERY_NAMES[part], says ? value : null];
    }),
  );
}

/** A success has no reason, and only a custom range has moments of its own. */
export function ruled(choice: LogChoice): LogChoice {
  const errorType = choice.result === 'succeeded' ? 'any' : choice.errorType;
  const custom = choice.range === 'custom';
  const range = custom && choice.since === null && choice.until === null ? 'all' : choice.range;
  return {
    ...choice,
    errorType,
    range,
    since: custom ? choice.since : null,
    until: custom ? choice.until : null,
  };
}

/** What the engine is asked; `now` in milliseconds. */
export function filterOf(choice: LogChoice, connectorId: string | null, now: number): ExecutionFilter {
  const minutes = RANGE_MINUTES[choice.range];
  const filter: ExecutionFilter = {};
  const connector = connectorId ?? choice.connector;
  if (connector) filter.connector_id = connector;
  if (minutes !== undefined) filter.since = new Date(now - minutes * 60_000).toISOString();
  if (choice.since !== null) filter.since = choice.since;
  if (choice.until !== null) filter.until = choice.until;
  if (choice.result !== 'all') filter.success = choice.result === 'succeeded';
  if (choice.errorType !== 'any') filter.error_type = choice.errorType;
  if (choice.source !== 'any') filter.source_type = choice.source;
  if (choice.status) filter.http_status = choice.status;
  if (choice.customer) filter.customer = choice.customer;
  if (choice.execution) filter.execution_id = choice.execution;
  if (choice.search.trim()) filter.search = choice.search.trim();
  return filter;
}

/** Whether the range moves on with the time. */
export function isRelative(choice: LogChoice): boolean {
  return RANGE_MINUTES[choice.range] !== undefined;
}

export function isNarrowed(choice: LogChoice): boolean {
  return PARTS.some((part) => choice[part] !== everything[part]);
}

export interface ChoicePart {
  /** The part of the choice that it takes off; `range` takes the moments with it. */
  part: keyof LogChoice;
  words: string;
}

/** What narrows the log, in words, one after the other. */
export function partsOf(choice: LogChoice, connectorName: (id: string) => string): ChoicePart[] {
  const parts: ChoicePart[] = [];
  const say = (part: keyof LogChoice, words: string): void => {
    if (choice[part] !== everything[part]) parts.push({ part, words });
  };
  say('connector', connectorName(choice.connector));
  say('range', choice.range === 'custom' ? customWords(choice) : rangeNames[choice.range]);
  say('result', choice.result === 'succeeded' ? 'Succeeded' : 'Failed');
  say('errorType', choice.errorType === 'any' ? '' : errorTypeNames[choice.errorType]);
  say('source', choice.source === 'any' ? '' : `Source ${sourceNames[choice.source]}`);
  say('status', choice.status === 'none' ? 'No answer' : `Status ${choice.status}`);
  say('customer', `Customer ${choice.customer}`);
  say('execution', `Execution ${choice.execution}`);
  say('search', `“${choice.search}”`);
  return parts;
}

export function withoutPart(choice: LogChoice, part: keyof LogChoice): LogChoice {
  return ruled({ ...choice, [part]: everything[part] });
}

/** A status, a class of them, or `none`. */
export function isStatus(text: string): boolean {
  return /^([1-5]\d\d|[1-5]xx|none)$/.test(text);
}

/** Whether a text is an execution's id, as it stands in lists and links. */
export function isExecutionId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim());
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/;

/** A moment as typed in the reader's own time zone, such as `2026-11-23 14:05`, as RFC 3339; `null` when it is none. */
export function typedMoment(text: string): string | null {
  const [, day, time = '00:00'] = MOMENT.exec(text.trim()) ?? [];
  if (day === undefined) return null;
  const moment = new Date(`${day}T${time}`);
  // The 31st of a short month would silently be another day.
  return !Number.isNaN(moment.getTime()) && typedOf(moment.toISOString()).startsWith(day)
    ? moment.toISOString()
    : null;
}

/** The other way round, to the second where there are any. */
export function typedOf(moment: string): string {
  const at = new Date(moment);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return `${day} ${time}${at.getSeconds() === 0 ? '' : `:${two(at.getSeconds())}`}`;
}

function customWords(choice: LogChoice): string {
  const since = choice.since === null ? '' : typedOf(choice.since);
  const until = choice.until === null ? '' : typedOf(choice.until);
  if (!until) return `From ${since}`;
  return since ? `${since} to ${until}` : `Until ${until}`;
}

function momentOf(text: string): string | null {
  const moment = text === '' ? NaN : Date.parse(text);
  return Number.isNaN(moment) ? null : new Date(moment).toISOString();
}

function successOf(result: LogResult): string | null {
  return result === 'all' ? null : String(result === 'succeeded');
}

function known<K extends string>(names: Partial<Record<K, unknown>>, text: string): K | undefined {
  return Object.hasOwn(names, text) ? (text as K) : undefined;
}
