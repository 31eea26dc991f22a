/** The bodies that the fake engine can show as trees. A plain value in `workspace.bodies` is a JSON document. */
import type { RowChange } from '../bindings';

/** What is said of single rows of a JSON document, by pointer. */
export interface Marks {
  refused?: Record<string, string>;
  changes?: Record<string, RowChange>;
}

/** A member of a `fields` view: a header, a cookie or a form field. */
export interface FakeField {
  name: string;
  value: string;
  in: 'header' | 'cookie' | 'form';
  refusal?: string;
}

export type FakeBody =
  | { is: 'json'; value: unknown; marks: Marks }
  | { is: 'xml'; text: string }
  | { is: 'text'; text: string }
  | { is: 'fields'; groups: Record<string, FakeField[]> };

const MADE = new WeakSet();

function made(body: FakeBody): FakeBody {
  MADE.add(body);
  return body;
}

export function jsonBody(value: unknown, marks: Marks = {}): FakeBody {
  return made({ is: 'json', value, marks });
}

export function xmlBody(text: string): FakeBody {
  return made({ is: 'xml', text });
}

/** A text of lines; a line that is JSON opens, as in NDJSON. */
export function textBody(text: string): FakeBody {
  return made({ is: 'text', text });
}

/** Headers and cookies in groups, or the fields of a form in the one group ``. */
export function fieldsBody(groups: Record<string, FakeField[]>): FakeBody {
  return made({ is: 'fields', groups });
}

/** What was kept under an id, as a body. */
export function bodyOf(kept: unknown): FakeBody {
  return typeof kept === 'object' && kept !== null && MADE.has(kept) ? (kept as FakeBody) : jsonBody(kept);
}
