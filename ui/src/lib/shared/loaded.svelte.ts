/** Something that is asked of the engine and kept while a newer answer is on its way. */
import { problemOf, type Problem } from '$lib/api';

/** Below this a page does not flicker. */
const SHOW_LOADING_AFTER_MILLISECONDS = 150;

export class Loaded<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether an answer has been waited for long enough to say so. */
  slow = $state(false);
  private asked = 0;

  constructor(private readonly ask: () => Promise<T>) {}

  /** Asks anew; of several answers under way only the newest counts. */
  async load(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const timer = setTimeout(() => {
      this.slow = true;
    }, SHOW_LOADING_AFTER_MILLISECONDS);
    try {
      const value = await this.ask();
      if (mine !== this.asked) return;
      this.value = value;
      this.problem = null;
    } catch (error) {
      if (mine === this.asked) this.problem = problemOf(error);
    } finally {
      clearTimeout(timer);
      if (mine === this.asked) this.slow = false;
    }
  }

  /** Takes what a command has answered, and drops answers that are older. */
  set(value: T): void {
    this.asked += 1;
    this.value = value;
    this.problem = null;
    this.slow = false;
  }

  /** Drops what is known, and answers that are under way. */
  forget(): void {
    this.asked += 1;
    this.value = null;
    this.problem = null;
    this.slow = false;
  }
}
