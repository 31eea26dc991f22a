/**
 * Unsaved forms. A form registers how to tell whether it is dirty; leaving its place asks first, and what was typed
 * is kept in memory under a key so that coming back finds it. Drafts never go to disk (T8).
 */
import { confirm } from './confirm.svelte';

interface Form {
  /** Names the form in the question, such as `the token "Orders login"`. */
  what: string;
  dirty: () => boolean;
  /** Whether a move between these places stays inside the form. */
  stays?: (from: string, to: string) => boolean;
}

// Nothing is drawn from these two, so they are plain: reading one in an effect must not make it run again.
/* eslint-disable svelte/prefer-svelte-reactivity */
const forms = new Set<Form>();
const drafts = new Map<string, unknown>();
/* eslint-enable svelte/prefer-svelte-reactivity */

/** Guards a form; returns how to stop. Call it in `$effect` or `onMount`. */
export function guard(form: Form): () => void {
  forms.add(form);
  return () => forms.delete(form);
}

/** Keeps what was typed, in memory only. */
export function keepDraft(key: string, draft: unknown): void {
  drafts.set(key, draft);
}

export function draftOf<T>(key: string): T | undefined {
  return drafts.get(key) as T | undefined;
}

export function forgetDraft(key: string): void {
  drafts.delete(key);
}

/** What would be lost if everything typed were dropped now, in words: the form that is open, or one that was left. */
export function unsavedWork(): string | null {
  const open = [...forms].find((form) => form.dirty());
  if (open) return open.what;
  return [...drafts.keys()].some((key) => !key.startsWith('run:')) ? 'a form that you left' : null;
}

/** Drops everything typed that is not saved. */
export function forgetAllDrafts(): void {
  drafts.clear();
}

/** Asks when something unsaved would be left. */
export async function mayLeave(from: string, to: string): Promise<boolean> {
  const left = [...forms].filter((form) => form.dirty() && !form.stays?.(from, to));
  const first = left[0];
  if (!first) return true;
  return confirm({
    title: 'Leave without saving?',
    body: `What you changed in ${first.what} is not saved. It is kept here until Latchkey is locked or closed, and you find it again when you come back.`,
    action: 'Leave',
    cancel: 'Stay',
  });
}
