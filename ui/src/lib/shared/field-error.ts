/** Errors stand at their field: what to show where, and where to go first. */
import { tick } from 'svelte';

import type { Problem } from '$lib/api';

/** The sentence for one field, if the problem is about it. */
export function errorAt(problem: Problem | null, field: string): string | undefined {
  return problem?.field === field ? `${problem.message} ${problem.next_step}`.trim() : undefined;
}

/** Moves focus to the first control that is marked invalid; `null` is a form that has gone meanwhile. */
export async function focusFirstError(container: HTMLElement | null): Promise<void> {
  await tick();
  const first = container?.querySelector<HTMLElement>('[aria-invalid=true]');
  first?.focus();
  // With its error below it in sight, too.
  first?.scrollIntoView({ block: 'center' });
}
