/**
 * The rows of a log in pages, as far as they are seen. The first page is there at once; the outline then says how many
 * rows there are and where to enter the list, so that the last of a million rows is one page away. New rows stand before
 * the pages. Numbers of rows stay what they are while the outline is renewed, so that nothing moves under the eye.
 */
import {
  backend,
  problemOf,
  type ExecutionFilter,
  type ExecutionRow,
  type LogOutline,
  type Problem,
} from '$lib/api';

export const PAGE = 100;
/** Pages that are kept. */
export const MOST_PAGES = 40;
/** New rows before the pages until they get pages of their own. */
export const MOST_NEW = 500;
/** The engine gives no more rows at once. */
const MOST_ROWS = 200;
/** Pages asked for at once: when the scroll bar is dragged, what it passed by is not asked for. */
const MOST_UNDER_WAY = 3;
const PAGES_AHEAD = 1;
/** Without an outline the next page is asked for when so few rows are left. */
const ROWS_LEFT = 60;
const RENEWED_AT_MOST_EVERY_MILLISECONDS = 1000;

let lastTask = 0;

/** A name for work that can be cancelled. */
export function newTask(kind: string): string {
  lastTask += 1;
  return `${kind}-${String(Date.now())}-${String(lastTask)}`;
}

interface Fetched {
  rows: ExecutionRow[];
  before: number | null;
}

export class LogPages {
  /** Whether `total` counts every row that fits. */
  exact = $state(false);
  /** Whether the rows are being counted. */
  counting = $state(false);
  /** So many of the newest executions the search does not know yet. */
  behind = $state(0);
  problem = $state.raw<Problem | null>(null);
  /** How many rows are known. */
  readonly total = $derived.by(() => this.head.length + this.listed - this.skipped);

  private head = $state.raw<ExecutionRow[]>([]);
  private pages = $state.raw<Record<number, ExecutionRow[]>>({});
  /** Rows in pages: all of the outline, or those that have been loaded without one. */
  private listed = $state(0);
  /** Rows of the outline that are newer than row 0, and wait. */
  private skipped = $state(0);
  private starts: (number | null)[] = [null];
  private every = PAGE;
  private topSeq = 0;
  private seen = { from: 0, to: 0 };
  private forwards = true;
  private underWay: Record<number, number> = {};
  private failed: Record<number, boolean> = {};
  private epoch = 0;
  private task = '';
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private renewedAt = 0;
  private closed = false;

  constructor(readonly filter: ExecutionFilter) {}

  /** The greatest `seq` among the rows. */
  get newest(): number {
    return this.topSeq;
  }

  /** How many pages are kept. */
  get kept(): number {
    return Object.keys(this.pages).length;
  }

  /** Loads the newest page; the outline is asked for when there is more. */
  async start(): Promise<void> {
    const { rows, before, behind } = await backend.listExecutions(this.filter, null, PAGE);
    this.pages = { 0: rows };
    this.listed = rows.length;
    this.behind = behind;
    this.topSeq = rows[0]?.seq ?? 0;
    // What is recorded from now on is not part of this page, also when it is fetched again.
    this.starts = [this.topSeq + 1, ...(before === null ? [] : [before])];
    this.exact = before === null;
    if (!this.exact) void this.outline();
  }

  /** Ends what is under way. */
  close(): void {
    this.closed = true;
    this.epoch += 1;
    clearTimeout(this.renewal);
    if (this.task) void backend.cancel(this.task).catch(() => undefined);
    this.task = '';
  }

  /** A row, if it has come already; 0 is the newest. */
  row(number: number): ExecutionRow | undefined {
    if (number < this.head.length) return this.head[number];
    const place = this.place(number);
    return this.pages[this.pageOf(place)]?.[place % this.every];
  }

  /** The number of a row that is kept, or -1. */
  numberOf(id: string): number {
    const inHead = this.head.findIndex((row) => row.id === id);
    if (inHead >= 0) return inHead;
    for (const [page, rows] of Object.entries(this.pages)) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return Number(page) * this.every + at + this.head.length - this.skipped;
    }
    return -1;
  }

  /** One row, seen or not. */
  async one(number: number): Promise<ExecutionRow | undefined> {
    const place = this.place(number);
    return this.row(number) ?? (await this.fetch(this.starts, this.pageOf(place))).rows[place % this.every];
  }

  /** Says which rows are seen; what is missing of them, and after them, is asked for. */
  show(from: number, to: number): void {
    if (from !== this.seen.from) {
      this.forwards = from > this.seen.from;
      this.failed = {};
    }
    this.seen = { from, to };
    this.ask();
  }

  /** Asks again for what could not be had. */
  retry(): void {
    this.problem = null;
    this.failed = {};
    this.ask();
    if (!this.exact && !this.counting) void this.outline();
  }

  /** Puts new rows before all others. */
  prepend(rows: ExecutionRow[]): void {
    if (rows.length === 0) return;
    this.head = [...rows, ...this.head];
    this.topSeq = rows[0]?.seq ?? this.topSeq;
    if (this.head.length > MOST_NEW) this.renewSoon();
  }

  private place(number: number): number {
    return number - this.head.length + this.skipped;
  }

  private pageOf(place: number): number {
    return Math.floor(Math.max(0, place) / this.every);
  }

  private async outline(): Promise<void> {
    const task = newTask('outline');
    this.task = task;
    this.counting = true;
    try {
      const outline = await backend.logOutline(task, this.filter);
      if (task !== this.task) return;
      if (this.fits(outline)) this.take(outline, this.skipped);
      else await this.realign(outline);
    } catch {
      // Without an outline the pages load on one after the other.
    } finally {
      if (task === this.task) {
        this.counting = false;
        this.task = '';
      }
    }
  }

  /** The outline may have been made anew: rows were deleted, or many came in. */
  private renewSoon(): void {
    if (this.renewal !== undefined || this.counting || this.closed) return;
    const wait = Math.max(0, this.renewedAt + RENEWED_AT_MOST_EVERY_MILLISECONDS - Date.now());
    this.renewal = setTimeout(() => {
      this.renewal = undefined;
      this.renewedAt = Date.now();
      void this.outline();
    }, wait);
  }

  /** Whether the loaded pages are pages of this outline, too. */
  private fits(outline: LogOutline): boolean {
    if (this.exact || this.head.length > 0 || outline.every !== this.every) return false;
    return Object.entries(this.pages).every(([page, rows]) => {
      const before = outline.before[Number(page)];
      const after = outline.before[Number(page) + 1];
      const full = Math.min(this.every, outline.total - Number(page) * this.every);
      return (
        rows.length === full &&
        (rows[0]?.seq ?? 0) < (before ?? 0) &&
        (after === undefined || (rows.at(-1)?.seq ?? 0) >= (after ?? 0))
      );
    });
  }

  private take(outline: LogOutline, skipped: number): void {
    this.starts = outline.before;
    this.every = outline.every;
    this.listed = outline.total;
    this.skipped = skipped;
    this.exact = true;
    this.failed = {};
    this.ask();
  }

  /** Keeps the numbers of the rows while their pages become others: row 0 stays the row that it is. */
  private async realign(outline: LogOutline): Promise<void> {
    this.epoch += 1;
    const { epoch, topSeq } = this;
    const { every, before } = outline;
    const fresh: Record<number, ExecutionRow[]> = {};
    const bring = async (page: number): Promise<ExecutionRow[]> =>
      (fresh[page] ??= (await this.fetch(before, page, every)).rows);

    const page = Math.max(
      0,
      before.findLastIndex((start) => (start ?? 0) > topSeq),
    );
    const rows = outline.total === 0 ? [] : await bring(page);
    const at = rows.findIndex((row) => (row.seq ?? 0) <= topSeq);
    const skipped = page * every + (at < 0 ? rows.length : at);

    // There may be fewer rows than before: then the last of them will be seen.
    const height = this.seen.to - this.seen.from;
    const from = Math.max(0, Math.min(this.seen.from + skipped, outline.total - height));
    const to = Math.min(from + height, outline.total);
    for (let next = Math.floor(from / every); next * every < to; next++) await bring(next);
    if (epoch !== this.epoch) return;
    this.pages = fresh;
    this.head = [];
    this.take(outline, skipped);
  }

  private ask(): void {
    if (this.closed) return;
    while (Object.values(this.underWay).filter((epoch) => epoch === this.epoch).length < MOST_UNDER_WAY) {
      const page = this.wanted().find(
        (page) => !this.pages[page] && !this.failed[page] && this.underWay[page] !== this.epoch,
      );
      if (page === undefined) return;
      this.underWay[page] = this.epoch;
      void this.load(page, this.epoch);
    }
  }

  /** The pages that are seen; once they are there, those that will be seen when scrolling goes on. */
  private wanted(): number[] {
    const from = this.place(this.seen.from);
    const to = Math.min(this.place(this.seen.to), this.listed);
    const first = this.pageOf(from);
    const last = this.pageOf(to - 1);
    const seen = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    if (!this.exact && to > this.listed - ROWS_LEFT) seen.push(this.starts.length - 1);
    if (seen.some((page) => !this.pages[page])) return seen.filter((page) => page < this.starts.length);
    return Array.from({ length: PAGES_AHEAD }, (_, ahead) =>
      this.forwards ? last + ahead + 1 : first - ahead - 1,
    ).filter((page) => page >= 0 && this.exact && page < this.starts.length);
  }

  private async load(page: number, epoch: number): Promise<void> {
    try {
      const { rows, before } = await this.fetch(this.starts, page);
      if (epoch !== this.epoch) return;
      this.pages = this.near({ ...this.pages, [page]: rows });
      if (!this.exact) this.goOn(page, rows.length, before);
      // Rows were deleted meanwhile.
      else if (rows.length < Math.min(this.every, this.listed - page * this.every)) this.renewSoon();
      this.problem = null;
    } catch (error) {
      if (epoch !== this.epoch) return;
      this.failed[page] = true;
      this.problem = problemOf(error);
    } finally {
      if (this.underWay[page] === epoch) Reflect.deleteProperty(this.underWay, page);
      this.ask();
    }
  }

  /** Without an outline: where the next page begins. */
  private goOn(page: number, count: number, before: number | null): void {
    if (page !== this.starts.length - 1 || this.listed > page * this.every) return;
    this.listed = page * this.every + count;
    if (before === null) this.exact = true;
    else this.starts = [...this.starts, before];
  }

  /** The pages that are nearest to what is seen. */
  private near(pages: Record<number, ExecutionRow[]>): Record<number, ExecutionRow[]> {
    const numbers = Object.keys(pages).map(Number);
    if (numbers.length <= MOST_PAGES) return pages;
    const middle = this.pageOf(this.place((this.seen.from + this.seen.to) / 2));
    numbers.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
    return Object.fromEntries(numbers.slice(0, MOST_PAGES).map((page) => [page, pages[page] ?? []]));
  }

  private async fetch(starts: (number | null)[], page: number, every = this.every): Promise<Fetched> {
    const rows: ExecutionRow[] = [];
    let before = starts[page] ?? null;
    for (;;) {
      const part = await backend.listExecutions(
        this.filter,
        before,
        Math.min(MOST_ROWS, every - rows.length),
      );
      rows.push(...part.rows);
      this.behind = part.behind;
      before = part.before;
      if (rows.length >= every || before === null || part.rows.length === 0) return { rows, before };
    }
  }
}
