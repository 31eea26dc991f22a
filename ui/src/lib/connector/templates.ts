/**
 * `{{input}}` in URL, headers and body as the form checks it while typing (E10). The engine checks
 * again when saving; this only spares a round trip.
 */
import type { ConnectorDraft, DataInput } from '$lib/api';

const INPUT = /\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}/g;

/** A piece of a text: as it is, or the name of an input. */
export interface Piece {
  text: string;
  input: string | null;
}

/** The text taken apart, for highlighting. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(INPUT)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index), input: null });
    found.push({ text: match[0], input: match[1] ?? '' });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), input: null });
  return found;
}

/** The inputs that a text names, each once. */
export function namesIn(text: string): string[] {
  return [...new Set(pieces(text).flatMap((piece) => (piece.input === null ? [] : [piece.input])))];
}

/** The inputs that a text names and the connector does not have. */
export function unknownNames(text: string, inputs: DataInput[]): string[] {
  return namesIn(text).filter((name) => !inputs.some((input) => input.name === name));
}

/** Where in the connector an input is used, in words; empty when nowhere. */
export function usesOf(name: string, draft: ConnectorDraft): string[] {
  const places: string[] = [];
  if (namesIn(draft.url).includes(name)) places.push('URL');
  if (draft.headers.some((header) => namesIn(header.value ?? '').includes(name))) places.push('headers');
  if (namesIn(draft.body).includes(name)) places.push('body');
  return places;
}
