/** *Refresh before it expires*: its margin as typed. The engine has the same bounds. */
import type { Problem } from '$lib/api';

const MOST_SECONDS = 30 * 24 * 3600;

/** The margin in seconds; `null` when what was typed is none. */
export function marginOf(typed: string): number | null {
  const text = typed.trim();
  const seconds = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= MOST_SECONDS ? seconds : null;
}

/** What is wrong with a typed margin, at its field. */
export function marginProblem(typed: string): Problem | null {
  if (marginOf(typed) !== null) return null;
  return {
    code: 'invalid',
    message: 'This is no number of seconds from 1 to 2,592,000 (30 days).',
    next_step: 'Type how long before its end the token is to be refreshed, such as 60.',
    field: 'refresh_before_seconds',
  };
}
