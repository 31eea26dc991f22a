/** What the page knows of a workspace goes with it: a closed one leaves nothing behind, typed or read. */
import { connectors } from '$lib/connector/connectors.svelte';
import { again } from '$lib/execution/again.svelte';
import { RunState } from '$lib/execution/run.svelte';
import { messenger } from '$lib/messenger/messenger.svelte';
import { sandbox } from '$lib/sandbox/sandbox.svelte';
import { confirmation } from '$lib/shared/confirm.svelte';
import { router } from '$lib/shared/router.svelte';
import { toasts } from '$lib/shared/toast.svelte';
import { forgetAllDrafts } from '$lib/shared/unsaved.svelte';
import { tokens } from '$lib/token/tokens.svelte';

/**
 * To be called once its pages are gone: a page keeps what was typed in it when it goes. That is dropped, too, unless the
 * user is to find it again: nobody asked for a damaged database.
 */
export function forgetWorkspace(keepsDrafts: boolean): void {
  for (const state of [tokens, connectors, sandbox, messenger]) state.forget();
  RunState.forgetAll();
  again.forget();
  if (!keepsDrafts) forgetAllDrafts();
  router.forgetQuery();
  confirmation.answer(false);
  toasts.clear();
}
