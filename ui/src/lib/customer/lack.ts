/** What a run would lack of its customer, said before it runs (M6, R4). The engine decides. */
import type { Audience, CustomerKind } from '$lib/api';

import type { Known } from './customer-choice.svelte';
import { listed } from './words';

interface Asked {
  /** Empty for nobody. */
  userId: string;
  known: Known;
  /** The names of the user tokens that would be sent. */
  userTokens: readonly string[];
  /** The kinds of customer it is for; empty is all. */
  audiences: readonly Audience[];
}

/** A sentence, or null when nothing is lacking as far as is known. */
export function lackOf({ userId, known, userTokens, audiences }: Asked): string | null {
  if (userId === '') {
    if (userTokens.length === 0) return null;
    return `This connector sends the user ${word(userTokens)} ${listed(userTokens)}: without a customer a run ends before anything is sent.`;
  }
  if (known === null) return null;
  const kind: CustomerKind = known === 'unknown' ? 'users' : known.kind;
  if (audiences.length > 0 && !audiences.includes(kind))
    return `This connector is for ${listed(audiences)} only, and this customer is one of the ${kind}: a run is refused.`;
  const held = known === 'unknown' ? [] : known.tokens;
  const missing = userTokens.filter((name) => !held.includes(name));
  if (missing.length === 0) return null;
  return `This customer holds no value of ${listed(missing)}: a run ends before anything is sent.`;
}

function word(names: readonly string[]): string {
  return names.length === 1 ? 'token' : 'tokens';
}
