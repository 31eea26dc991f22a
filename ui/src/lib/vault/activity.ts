/**
 * Tells the engine that the user is there, so that it can lock the workspace when nobody is. The engine counts the time;
 * the page only says so, at most once in ten seconds.
 */
import { backend } from '$lib/api';

const EVERY_MILLISECONDS = 10_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'focus'] as const;

/** Listens until the returned function is called. */
export function tellActivity(): () => void {
  let told = -Infinity;
  const tell = (): void => {
    const now = performance.now();
    if (now - told < EVERY_MILLISECONDS) return;
    told = now;
    backend.noteActivity().catch(() => {
      // A workspace that was closed meanwhile says so itself.
    });
  };
  for (const sign of SIGNS) window.addEventListener(sign, tell, { capture: true, passive: true });
  return () => {
    for (const sign of SIGNS) window.removeEventListener(sign, tell, { capture: true });
  };
}
