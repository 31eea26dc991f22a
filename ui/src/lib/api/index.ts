/** The one door to the engine. `backend` is set once at start, and by tests. */
import type { Backend } from './backend';

export * from './backend';
export type * from './bindings';

export let backend: Backend;

export function setBackend(chosen: Backend): void {
  backend = chosen;
}
