/** Headers and key-value pairs of an authentication request, as rows of a form. */
import type { FieldDraft, FieldView } from '$lib/api';

export interface FieldRow {
  /** Tells rows apart on the page; never sent. */
  key: number;
  name: string;
  /** `null` keeps the stored secret. */
  value: string | null;
  secret: boolean;
  stored: number | null;
}

let lastKey = 0;

export function emptyRow(): FieldRow {
  lastKey += 1;
  return { key: lastKey, name: '', value: '', secret: true, stored: null };
}

/** A row for what is saved (`stored` counts) or for what was pasted. */
export function rowOf(field: FieldView | FieldDraft): FieldRow {
  const stored = field.stored ?? null;
  return {
    ...emptyRow(),
    name: field.name,
    value: field.value ?? (stored === null ? '' : null),
    secret: field.secret ?? true,
    stored,
  };
}

/** Whether nothing has been typed in a row; such a row is not sent. */
export function isBlank(row: FieldRow): boolean {
  return row.name === '' && row.value === '';
}

export function draftsOf(rows: FieldRow[]): FieldDraft[] {
  return rows
    .filter((row) => !isBlank(row))
    .map(({ name, value, secret, stored }) => ({
      name,
      value,
      secret,
      stored: value === null ? stored : null,
    }));
}

/** A row's position among those that are sent, as errors name it. */
export function sentPosition(rows: FieldRow[], row: FieldRow): number {
  return rows.slice(0, rows.indexOf(row)).filter((other) => !isBlank(other)).length;
}
