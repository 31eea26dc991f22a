/** How tokens read on the page. */
import type { TokenSummary, TokenType, ValueChange } from '$lib/api';

export const TYPE_NAMES: Record<TokenType, string> = { text: 'Text', http_request: 'HTTP request' };

const CHANGES: Record<ValueChange, string> = {
  saved: 'Stored when the token was saved',
  fetched: 'Fetched by a run that had none',
  refreshed: 'Refreshed by a run after a 401',
  refreshed_by_hand: 'Refreshed by hand',
  forgotten_by_hand: 'Forgotten by hand',
};

export function howItCame(summary: TokenSummary): string {
  return summary.last_change ? CHANGES[summary.last_change] : 'Never stored';
}

/** The header line, its value masked (T1: one space after a prefix, none without). */
export function headerPreview(headerKey: string, prefix: string): string {
  return `${headerKey.trim() || 'Header'}: ${prefix.trim() ? `${prefix.trim()} ` : ''}••••••••`;
}
