/** What the page knows of a workspace goes with it: a closed one leaves nothing behind, typed or read. */
import { connectors } from '$lib/connector/connectors.svelte';
import { RunState } from '$lib/execution/run.svelte';
import { sandbox } from '$lib/sandbox/sandbox.svelte';
import { confirmation } from '$lib/shared/confirm.svelte';
import { toasts } from '$lib/shared/toast.svelte';
import { forgetAllDrafts } from '$lib/shared/unsaved.svelte';
import { tokens } from '$lib/token/tokens.svelte';

/** To be called once its pages are gone: a page keeps what was typed in it when it goes. */
export function forgetWorkspace(): void {
  for (const state of [tokens, connectors, sandbox]) state.forget();
  RunState.forgetAll();
  forgetAllDrafts();
  confirmation.answer(false);
  toasts.clear();
}
