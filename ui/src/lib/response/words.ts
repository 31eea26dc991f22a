/** A row of a response tree in words: what is written in it, and what a screen reader says of it. */
import type { PathForm, TreeRow } from '$lib/api';

/** From this length on a text's length is said. */
const LONG = 40;

const OPENS = { json: 'JSON inside', jwt: 'JWT', lines: 'lines inside' } as const;
const CHANGES = { added: 'new', changed: 'changed' } as const;

export const PATH_FORMS: Record<PathForm, string> = {
  pointer: 'JSON pointer',
  jsonpath: 'JSONPath',
  dotted: 'Dotted path',
  xpath: 'XML path',
};

/** Whether a row stands for what it holds, and has no value of its own. */
export function isContainer({ kind, expandable, opens }: TreeRow): boolean {
  if (kind === 'element') return expandable && opens === null;
  return ['object', 'array', 'lines', 'fields', 'claims'].includes(kind) && opens === null;
}

/** Whether what a row holds is counted, so that one can go to a number. */
export function isList(row: TreeRow): boolean {
  return row.kind === 'array' || row.kind === 'lines' || (row.kind === 'element' && isContainer(row));
}

/** The forms in which a row's path can be copied. */
export function pathForms({ kind, location }: TreeRow, xml: boolean): readonly PathForm[] {
  const isXml = xml || location?.in === 'xml' || kind === 'element' || kind === 'attribute';
  return isXml ? ['xpath'] : ['pointer', 'jsonpath', 'dotted'];
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

/** The whole row as one sentence of parts. */
export function labelOf(row: TreeRow, more: string[]): string {
  const name = nameOf(row);
  return [
    name === '' ? valueOf(row) : `${name}: ${valueOf(row)}`,
    row.masked ? 'hidden' : '',
    row.badge ?? '',
    isContainer(row) ? '' : opensWord(row),
    isContainer(row) ? '' : lengthOf(row),
    row.change === null ? '' : `${changeWord(row)} since the previous test`,
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
