/**
 * The fields of a response (R2): every leaf with its path, type and a short example. `[]` stands for
 * the elements of an array. Redaction marks of an earlier list are kept, by path.
 */
import type { ResponseField, ResponseFieldType } from '$lib/api';

const MOST_FIELDS = 500;
const DEEPEST = 32;
const ELEMENTS_LOOKED_AT = 20;
const LONGEST_EXAMPLE = 120;
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** The fields of a JSON text; none when it is not JSON or a single value. */
export function fieldsFrom(json: string, earlier: ResponseField[]): ResponseField[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return [];
  }
  const found = new Map<string, ResponseField>();
  if (typeof value === 'object' && value !== null) walk(value, '', 0, found);
  return keepMarks([...found.values()], earlier);
}

function walk(value: unknown, path: string, depth: number, found: Map<string, ResponseField>): void {
  if (found.size >= MOST_FIELDS || depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const element of value.slice(0, ELEMENTS_LOOKED_AT)) walk(element, `${path}[]`, depth + 1, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      walk(member, path === '' ? key : `${path}.${key}`, depth + 1, found);
    }
  } else if (!found.has(path) || found.get(path)?.type === 'unknown') {
    found.set(path, { path, type: typeOf(value), example_value: example(value), redacted: false });
  }
}

function typeOf(value: unknown): ResponseFieldType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  if (typeof value === 'string') return ISO_8601.test(value) ? 'datetime' : 'string';
  return 'unknown';
}

function example(value: unknown): string | null {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_EXAMPLE ? text : null;
}

function keepMarks(fields: ResponseField[], earlier: ResponseField[]): ResponseField[] {
  const marked = new Map(earlier.filter((field) => field.redacted).map((field) => [field.path, field]));
  const kept = fields.map((field) =>
    marked.delete(field.path) ? { ...field, redacted: true, example_value: null } : field,
  );
  return [...kept, ...[...marked.values()].map((field) => ({ ...field, example_value: null }))];
}
