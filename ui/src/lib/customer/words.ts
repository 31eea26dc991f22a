/** How customers and what they hold read on the page. */
import type { CustomerKind, CustomerSummary, HeldToken, SetBy } from '$lib/api';

/** One customer of each kind, for people. */
export const kindNames: Record<CustomerKind, string> = {
  users: 'User',
  leads: 'Lead',
  visitors: 'Visitor',
};

export const kinds = (Object.keys(kindNames) as CustomerKind[]).map((value) => ({
  value,
  label: kindNames[value],
}));

const calls: Record<SetBy, string> = {
  boot: 'by the Messenger’s boot',
  update: 'by the Messenger’s update',
  set_auth_tokens: 'by the Messenger’s setAuthTokens',
  window: 'by hand, in the window',
  command_line: 'by hand, with the headless program',
};

/** How a value came or went, without the time: before it and after it. */
export function howItCame(held: HeldToken): { did: string; by: string } | null {
  if (held.set_at === null) return null;
  return {
    did: held.masked === null ? 'Removed' : 'Set',
    by: held.set_by === null ? '' : calls[held.set_by],
  };
}

/** What people call a customer, beside its user id; empty when nothing else is known. */
export function alsoKnownAs({ name, email }: Pick<CustomerSummary, 'name' | 'email'>): string {
  return [name, email].filter(Boolean).join(' · ');
}

/** A text that somebody else chose, so that its direction of writing does not reach the sentence around it. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** Names as in a sentence: `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** The names of tokens that are held, those that a connector sends first. */
export function wantedFirst(held: readonly string[], wanted: readonly string[]): string[] {
  return held.toSorted((one, other) => Number(wanted.includes(other)) - Number(wanted.includes(one)));
}

/** `1 customer`, `1,000,000 customers`. */
export function customersWord(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'customer' : 'customers'}`;
}
