/** A row of a response tree in words: what is written in it, and what a screen reader says of it. */
import type { BodyFormat, PathForm, TreeRow } from '$lib/api';

/** From this length on a text's length is said. */
const LONG = 40;

const OPENS = { json: 'JSON inside', jwt: 'JWT', lines: 'lines inside' } as const;
const CHANGES = { added: 'new', changed: 'changed' } as const;

export const PATH_FORMS: Partial<Record<PathForm, string>> = {
  pointer: 'JSON pointer',
  jsonpath: 'JSONPath',
  dotted: 'Dotted path',
};

/** Whether a row stands for what it holds, and has no value of its own. */
export function isContainer({ kind, expandable, opens }: TreeRow): boolean {
  if (kind === 'element') return expandable && opens === null;
  return ['object', 'array', 'lines', 'fields', 'claims'].includes(kind) && opens === null;
}

/** Whether what a row holds has numbers and no names of its own, so that one can go to a number in it. */
export function isList(row: TreeRow): boolean {
  return isContainer(row) && row.kind !== 'object' && row.kind !== 'claims';
}

/** What the rows of a list are called, and from which number on they are counted. */
export function memberOf(list: TreeRow | null): { word: string; first: number } {
  // Lines are counted from 1, as they are in a location.
  if (list?.kind === 'lines' || list?.opens === 'lines') return { word: 'line', first: 1 };
  if (list?.kind === 'object' || list?.kind === 'claims') return { word: 'member', first: 0 };
  return { word: list?.kind === 'fields' ? 'field' : 'element', first: 0 };
}

/** The notations in which a row's path can be written: three for a place in JSON, one for every other. */
export function pathForms({ location }: TreeRow, view: View): readonly PathForm[] {
  const inJson = location?.then?.some(({ open }) => open === 'json' || open === 'jwt_claim');
  if (view === 'json' || inJson) return ['pointer', 'jsonpath', 'dotted'];
  return [view === 'xml' ? 'xpath' : 'pointer'];
}

/** What a tree shows, as far as paths are concerned. */
export type View = 'json' | 'xml' | 'named';

export function viewOf(responseId: string, format: BodyFormat | undefined): View {
  if (/[/](headers|text)$/.test(responseId)) return 'named';
  if (format === 'xml') return 'xml';
  return format === 'form' || format === 'text' || format === 'ndjson' ? 'named' : 'json';
}

export function nameOf({ key, index, kind, location }: TreeRow): string {
  if (key !== null) return key;
  const step = location?.then?.at(-1);
  if (step?.open === 'line') return String(step.number);
  // Lines are counted from 1, as they are in a location.
  return index === null ? '' : String(kind === 'text' ? index + 1 : index);
}

export function valueOf(row: TreeRow): string {
  if (isContainer(row)) return inside(row);
  return row.kind === 'string' ? `"${row.preview}"` : row.preview;
}

export function lengthOf({ kind, size, masked }: TreeRow): string {
  const texts = ['string', 'text', 'attribute', 'element'];
  return texts.includes(kind) && (size > LONG || masked) ? counted(size, 'character') : '';
}

/** What a single value can be opened as; left out where the badge says it already. */
export function opensWord({ opens, badge }: TreeRow): string {
  if (opens === null || (opens === 'jwt' && badge?.startsWith('JWT'))) return '';
  return OPENS[opens];
}

export function changeWord({ change }: TreeRow): string {
  return change === null ? '' : CHANGES[change];
}

/** The whole row as one sentence: first what is written in it, in that order, then what only its look tells. */
export function labelOf(row: TreeRow, chips: string[], more: string[]): string {
  const name = nameOf(row);
  return [
    name === '' ? valueOf(row) : `${name}: ${valueOf(row)}`,
    row.badge ?? '',
    isContainer(row) ? '' : opensWord(row),
    isContainer(row) ? '' : lengthOf(row),
    changeWord(row),
    ...chips,
    row.change === null ? '' : 'since the previous test',
    row.masked ? 'hidden' : '',
    ...more,
  ]
    .filter(Boolean)
    .join(', ');
}

function inside({ kind, size }: TreeRow): string {
  switch (kind) {
    case 'object':
      return `object · ${counted(size, 'key')}`;
    case 'lines':
      return `text · ${counted(size, 'line')}`;
    case 'fields':
      return counted(size, 'field');
    case 'claims':
      return `JWT · ${counted(size, 'claim')}`;
    default:
      return `${kind} · ${size.toLocaleString('en')}`;
  }
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
