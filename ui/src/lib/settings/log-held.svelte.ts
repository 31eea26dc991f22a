/** What the log holds, asked anew a little after it changed. */
import { backend, type LogStorage } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

/** Many executions in a row are looked at together, and what was just recorded has time to be indexed. */
const GATHER_MILLISECONDS = 2000;

export class LogHeld extends Loaded<LogStorage> {
  private gathering: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super(() => backend.logStorage());
  }

  changed(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      void this.load();
    }, GATHER_MILLISECONDS);
  }

  stop(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
  }
}
