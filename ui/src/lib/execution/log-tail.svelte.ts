/**
 * What comes in while a log is looked at. New rows stand at the top at once; while the reader is further down, or has
 * paused, they wait behind a count, so that nothing moves under the eye. Many at a time are fetched together.
 */
import { backend, problemOf, type ExecutionRow, type Problem } from '$lib/api';

import { MOST_NEW, PAGE, type LogPages } from './log-pages.svelte';

const GATHER_MILLISECONDS = 250;
/** The search knows an execution so soon after it was recorded, when the machine has nothing else to do. */
const SEARCH_AGAIN_MILLISECONDS = 1000;

/** The log that the new rows belong to. */
interface Followed {
  readonly pages: LogPages | null;
  insert: (rows: ExecutionRow[]) => void;
  load: () => Promise<void>;
}

export class LogTail {
  live = $state(true);
  /** Whether the reader is at the top of the list. */
  atTop = $state(true);
  problem = $state.raw<Problem | null>(null);
  /** How many new rows wait. */
  readonly count = $derived.by(() => this.waiting.length);
  /** Whether more wait than were counted. */
  more = $state(false);
  /** Whether new rows are shown as they come. */
  readonly follows = $derived.by(() => this.live && this.atTop);

  private waiting = $state.raw<ExecutionRow[]>([]);
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private fetching = false;
  private again = false;

  constructor(private readonly log: Followed) {}

  /** The list begins anew: nothing waits. */
  begin(): void {
    this.forget();
    this.problem = null;
    if (this.log.pages) this.catchUp(this.log.pages);
  }

  /** An execution was recorded. */
  recorded(): void {
    this.fetchIn(GATHER_MILLISECONDS);
  }

  setLive(live: boolean): void {
    this.live = live;
    if (this.follows) void this.show();
  }

  moved(atTop: boolean): void {
    this.atTop = atTop;
    if (this.follows && this.waiting.length > 0) void this.show();
  }

  /** Shows what waits; when more came than were fetched, the list begins anew. */
  async show(): Promise<void> {
    if (this.more) return this.log.load();
    this.log.insert(this.waiting);
    this.forget();
  }

  retry(): Promise<void> {
    return this.fetch();
  }

  stop(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
  }

  private forget(): void {
    this.waiting = [];
    this.more = false;
  }

  /** Soon, not later with each one that comes: a steady stream would never be seen. */
  private fetchIn(milliseconds: number): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      void this.fetch();
    }, milliseconds);
  }

  private async fetch(): Promise<void> {
    const { pages } = this.log;
    if (!pages || this.more) return;
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    try {
      const page = await backend.listExecutions(pages.filter, null, PAGE);
      if (pages !== this.log.pages) return;
      pages.behind = page.behind;
      this.problem = null;
      this.catchUp(pages);
      await this.take(pages, page.rows, page.before !== null);
    } catch (error) {
      if (pages === this.log.pages) this.problem = problemOf(error);
    } finally {
      this.fetching = false;
      if (this.again) this.fetchIn(GATHER_MILLISECONDS);
      this.again = false;
    }
  }

  /** What the search does not know yet may fit, too. */
  private catchUp(pages: LogPages): void {
    if (pages.filter.search && pages.behind > 0) this.fetchIn(SEARCH_AGAIN_MILLISECONDS);
  }

  private async take(pages: LogPages, rows: ExecutionRow[], goesOn: boolean): Promise<void> {
    const known = Math.max(pages.newest, this.waiting[0]?.seq ?? 0);
    const fresh = rows.filter((row) => (row.seq ?? 0) > known);
    // What lies between is not known when all of a page is new.
    this.more = (goesOn && fresh.length === rows.length) || fresh.length + this.waiting.length > MOST_NEW;
    this.waiting = [...fresh, ...this.waiting].slice(0, MOST_NEW);
    if (this.follows && (this.more || fresh.length > 0)) await this.show();
  }
}
