/** How tokens read on the page. */
import type { BodyFormat, LastTest, TokenSummary, TokenType, ValueChange } from '$lib/api';

export const TYPE_NAMES: Record<TokenType, string> = {
  text: 'Text',
  http_request: 'HTTP request',
  user: 'User',
};

export const FORMAT_NAMES: Record<BodyFormat, string> = {
  empty: 'no body',
  json: 'JSON',
  xml: 'XML',
  form: 'Form',
  text: 'Text',
  ndjson: 'NDJSON',
};

const CHANGES: Record<ValueChange, string> = {
  saved: 'Stored when the token was saved',
  fetched: 'Fetched by a run that had none',
  refreshed: 'Refreshed by a run after a 401',
  refreshed_by_hand: 'Refreshed by hand',
  forgotten_by_hand: 'Forgotten by hand',
};

/** How the endpoint last answered: a good status without the token is no good answer. */
export function testWords(test: LastTest): string {
  if (test.http_status === null) return 'no answer';
  const good = test.http_status >= 200 && test.http_status < 300;
  return good && !test.ok ? `${String(test.http_status)}, no token in it` : String(test.http_status);
}

export function howItCame(summary: TokenSummary): string {
  return summary.last_change ? CHANGES[summary.last_change] : 'Never stored';
}

/** The header line, its value masked (T1: one space after a prefix, none without). */
export function headerPreview(headerKey: string, prefix: string): string {
  return `${headerKey.trim() || 'Header'}: ${prefix.trim() ? `${prefix.trim()} ` : ''}••••••••`;
}
