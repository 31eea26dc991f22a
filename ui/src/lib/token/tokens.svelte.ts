/** The token list. */
import { backend, type TokenSummary } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

class Tokens extends Loaded<TokenSummary[]> {
  /** `null` until it has been loaded. */
  readonly list = $derived(this.value);

  constructor() {
    super(() => backend.listTokens());
  }
}

export const tokens = new Tokens();
