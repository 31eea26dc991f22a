/**
 * The timeline of a log: asked anew gently while the log grows, and the buckets that are pointed at. The old one stays
 * while a newer is on its way.
 */
import { backend, problemOf, type ExecutionFilter, type Problem, type Timeline } from '$lib/api';

import { newTask } from './log-pages.svelte';
import { endOf } from './timeline-scale';

const MOST_BUCKETS = 96;
const RENEWED_AT_MOST_EVERY_MILLISECONDS = 1000;

export interface Moments {
  since: string;
  until: string;
}

export class TimelineState {
  value = $state.raw<Timeline | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether a timeline of something else has been asked for. */
  loading = $state(false);
  /** The bucket that is pointed at; -1 for none. */
  cursor = $state(-1);
  /** Where the selection began; it ends at the cursor. */
  anchor = $state(-1);

  private task = '';
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;

  constructor(private readonly filter: () => ExecutionFilter) {}

  /** First and last bucket of what is selected: the cursor alone without a selection. */
  get selected(): { from: number; to: number } | null {
    if (this.cursor < 0) return null;
    const other = this.anchor < 0 ? this.cursor : this.anchor;
    return { from: Math.min(this.cursor, other), to: Math.max(this.cursor, other) };
  }

  /** The moments that *zoom in* leads to. */
  get moments(): Moments | null {
    const buckets = this.value?.buckets ?? [];
    const first = buckets[this.selected?.from ?? -1];
    const last = buckets[this.selected?.to ?? -1];
    if (!first || !last) return null;
    return { since: first.start, until: endOf(last, this.value?.bucket_seconds ?? 0) };
  }

  /** Asks for another timeline. */
  async load(): Promise<void> {
    this.loading = true;
    this.point(-1);
    await this.ask();
  }

  /** The log has grown: at most once a second, and never two at a time. */
  renewSoon(): void {
    if (this.task) this.wanted = true;
    else
      this.renewal ??= setTimeout(() => {
        this.renewal = undefined;
        void this.ask();
      }, RENEWED_AT_MOST_EVERY_MILLISECONDS);
  }

  /** Points at a bucket; `extend` selects from where it stood. */
  point(bucket: number, extend = false): void {
    const last = (this.value?.buckets.length ?? 0) - 1;
    if (extend && this.anchor < 0) this.anchor = this.cursor;
    if (!extend) this.anchor = -1;
    this.cursor = bucket < 0 ? -1 : Math.min(bucket, last);
  }

  stop(): void {
    clearTimeout(this.renewal);
    this.renewal = undefined;
    this.wanted = false;
    if (this.task) void backend.cancel(this.task).catch(() => undefined);
    this.task = '';
  }

  private async ask(): Promise<void> {
    this.stop();
    const task = newTask('timeline');
    this.task = task;
    try {
      const value = await backend.logTimeline(task, this.filter(), MOST_BUCKETS);
      if (task !== this.task) return;
      this.take(value);
    } catch (error) {
      if (task !== this.task) return;
      this.problem = problemOf(error);
      if (this.loading) this.value = null;
    }
    this.task = '';
    this.loading = false;
    if (this.wanted) this.renewSoon();
  }

  /** What is pointed at stays the same time. */
  private take(value: Timeline): void {
    const starts = this.value?.buckets.map((bucket) => bucket.start) ?? [];
    const moved = (at: number): number => value.buckets.findIndex((bucket) => bucket.start === starts[at]);
    this.cursor = moved(this.cursor);
    this.anchor = this.cursor < 0 ? -1 : moved(this.anchor);
    this.value = value;
    this.problem = null;
  }
}
