/**
 * Two shapes of a login's answers beside each other. A line is the same when the same name of the same type stands at
 * the same place in both; lengths may differ. The engine does the same for a token (`response/shape/compare.rs`).
 */
import type { Exchange, ShapeChange, ShapeLine } from '$lib/api';

const GROUPS = ['form', 'headers', 'cookies'];

interface Line extends Omit<ShapeLine, 'change'> {
  path: string;
}

function linesOf(shape: string): Line[] {
  const names: string[] = [];
  return shape.split('\n').map((whole) => {
    const text = whole.trimStart();
    const depth = Math.floor((whole.length - text.length) / 2);
    const colon = text.lastIndexOf(': ');
    const key = colon < 0 ? null : text.slice(0, colon);
    const type = colon < 0 ? text : text.slice(colon + 2);
    names.length = Math.min(names.length, depth);
    names.push(key ?? (GROUPS.includes(type) ? type : ''));
    return { depth, key, text: type, path: `${names.join('\n')}\n${type.split('(', 1)[0] ?? ''}` };
  });
}

function marked(lines: Line[], others: Line[], missing: ShapeChange): ShapeLine[] {
  const known = new Set(others.map(({ path }) => path));
  return lines.map(({ depth, key, text, path }) => ({
    depth,
    key,
    text,
    change: known.has(path) ? 'same' : missing,
  }));
}

/** The older and the newer shape, each with what the other lacks marked. */
export function compareShapes(older: string, newer: string): [ShapeLine[], ShapeLine[]] {
  const [before, after] = [linesOf(older), linesOf(newer)];
  return [marked(before, after, 'gone'), marked(after, before, 'new')];
}

/** The shape of the answer that the token's location was chosen in, where the record has it. */
export function savedShapeOf(exchange: Exchange & { saved_shape?: string | null }): string | null {
  return exchange.saved_shape ?? null;
}
