/** Many reasons to ask, few questions: never two at once, and never more often than every so many milliseconds. */
export class Gently {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private wanted = false;
  private last = -Infinity;

  constructor(
    private readonly milliseconds: number,
    private readonly ask: () => Promise<void>,
  ) {}

  /** Asks at once when it is time, or as soon as it is; a reason that comes meanwhile is not lost. */
  want(): void {
    this.wanted = true;
    this.next();
  }

  /** Drops what waits. A question that is under way goes on. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted = false;
  }

  private next(): void {
    if (!this.wanted || this.busy || this.timer !== undefined) return;
    const wait = this.last + this.milliseconds - performance.now();
    if (wait > 0) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.next();
      }, wait);
      return;
    }
    void this.run();
  }

  private async run(): Promise<void> {
    this.wanted = false;
    this.busy = true;
    this.last = performance.now();
    try {
      await this.ask();
    } finally {
      this.busy = false;
      this.next();
    }
  }
}
