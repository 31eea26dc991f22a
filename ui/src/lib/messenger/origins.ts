/** The origins whose pages may call, as they are typed and pasted. */

/** One row of the list; an object of its own, so that a row keeps its place on the page while it is edited. */
export interface OriginRow {
  text: string;
}

/** Several origins in one text: separated by spaces, line breaks, commas or semicolons. */
export function splitOrigins(text: string): string[] {
  return text.split(/[\s,;]+/).filter((origin) => origin !== '');
}

/** These and those that are not among them yet, in the order in which they came. */
export function withOrigins(rows: readonly OriginRow[], more: readonly string[]): OriginRow[] {
  const known = new Set(rows.map(({ text }) => text.trim()));
  const fresh = [...new Set(more)].filter((origin) => !known.has(origin));
  return [...rows, ...fresh.map((text) => ({ text }))];
}
