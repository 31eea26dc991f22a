/** The present moment for what counts down: kept true while something on the page reads it, at rest otherwise. */
import { createSubscriber } from 'svelte/reactivity';

/** Below a second, so that no second is left out. */
const TICK_MILLISECONDS = 250;

class Seconds {
  readonly #subscribe = createSubscriber((update) => {
    const tick = setInterval(update, TICK_MILLISECONDS);
    return () => {
      clearInterval(tick);
    };
  });

  /** Milliseconds since 1970. */
  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const seconds = new Seconds();

/** Such as `0:42`, or `1:00:05` from an hour on. A second that has begun counts as a whole one, so that 0:00 is the end. */
export function countdown(milliseconds: number): string {
  const total = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${String(minutes)}:${two(total % 60)}`;
  return `${String(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(total % 60)}`;
}
