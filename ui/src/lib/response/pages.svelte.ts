/**
 * The rows of a tree in pages, as far as they are seen: what comes next in the direction of scrolling is asked for
 * early, and what is far away is dropped, so that a tree of millions of rows costs no more than a small one.
 */
import { backend, problemOf, type Problem, type TreeRow } from '$lib/api';

export const PAGE = 200;
/** Pages that are kept. */
export const MOST_PAGES = 40;
/** Pages asked for at once: when the scroll bar is dragged, what it passed by is not asked for. */
const MOST_UNDER_WAY = 3;
const PAGES_AHEAD = 2;

export class RowPages {
  total = $state(0);
  /** Goes up whenever all rows are replaced. */
  swaps = $state(0);

  private pages = $state.raw<Record<number, TreeRow[]>>({});
  private underWay: Record<number, number> = {};
  private failed: Record<number, boolean> = {};
  private epoch = 0;
  private newest: Promise<void> = Promise.resolve();
  private seen = { from: 0, to: 0 };
  private forwards = true;

  constructor(
    private readonly responseId: string,
    private readonly onproblem: (problem: Problem) => void,
  ) {}

  /** A row, if it has come already. */
  row(number: number): TreeRow | undefined {
    return this.pages[pageOf(number)]?.[number % PAGE];
  }

  /** How many pages are kept. */
  get kept(): number {
    return Object.keys(this.pages).length;
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
    this.failed = {};
    this.ask();
  }

  /** One row, seen or not. */
  async one(number: number): Promise<TreeRow | undefined> {
    return this.row(number) ?? (await backend.responseRows(this.responseId, number, 1)).rows[0];
  }

  /**
   * Replaces all rows at once: those that are seen, or those around a row that is about to be seen. Of several at the
   * same time the last one counts, and all of them end with it.
   */
  renew(around?: number): Promise<void> {
    if (around !== undefined) {
      const half = this.seen.to - this.seen.from;
      this.seen = { from: Math.max(0, around - half), to: around + half + 1 };
    }
    this.epoch += 1;
    this.newest = this.bring(this.epoch);
    return this.newest;
  }

  private async bring(epoch: number): Promise<void> {
    const { from, to } = this.seen;
    const found = await this.fetch(pageOf(from));
    const fresh: Record<number, TreeRow[]> = { [pageOf(from)]: found.rows };
    let total = found.total;
    // There may be fewer rows than before: then the last of them will be seen.
    const first = Math.max(0, Math.min(from, total - (to - from)));
    for (const page of pagesOf(first, Math.min(to, total))) {
      if (!fresh[page]) ({ total, rows: fresh[page] } = await this.fetch(page));
    }
    if (epoch !== this.epoch) return this.newest;
    this.pages = fresh;
    this.total = total;
    this.failed = {};
    this.swaps += 1;
    // What is seen may have moved on while the rows came.
    this.ask();
  }

  private ask(): void {
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
    const { from, to } = this.seen;
    const seen = pagesOf(from, Math.min(to, this.total));
    if (seen.some((page) => !this.pages[page])) return seen;
    const last = pageOf(Math.max(0, this.total - 1));
    return Array.from({ length: PAGES_AHEAD }, (_, ahead) =>
      this.forwards ? pageOf(to - 1) + ahead + 1 : pageOf(from) - ahead - 1,
    ).filter((page) => page >= 0 && page <= last);
  }

  private async load(page: number, epoch: number): Promise<void> {
    try {
      const { total, rows } = await this.fetch(page);
      if (epoch !== this.epoch) return;
      // Other rows were opened or closed meanwhile: these numbers mean other rows now.
      if (total !== this.total) await this.renew();
      else this.pages = this.near({ ...this.pages, [page]: rows });
    } catch (error) {
      if (epoch !== this.epoch) return;
      this.failed[page] = true;
      this.onproblem(problemOf(error));
    } finally {
      if (this.underWay[page] === epoch) Reflect.deleteProperty(this.underWay, page);
      this.ask();
    }
  }

  /** The pages that are nearest to what is seen. */
  private near(pages: Record<number, TreeRow[]>): Record<number, TreeRow[]> {
    const numbers = Object.keys(pages).map(Number);
    if (numbers.length <= MOST_PAGES) return pages;
    const middle = pageOf((this.seen.from + this.seen.to) / 2);
    numbers.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
    return Object.fromEntries(numbers.slice(0, MOST_PAGES).map((page) => [page, pages[page] ?? []]));
  }

  /** A page may come in parts when its texts are long. */
  private async fetch(page: number): Promise<{ total: number; rows: TreeRow[] }> {
    const rows: TreeRow[] = [];
    for (;;) {
      const part = await backend.responseRows(this.responseId, page * PAGE + rows.length, PAGE - rows.length);
      rows.push(...part.rows);
      const wanted = Math.min(PAGE, part.total - page * PAGE);
      if (rows.length >= wanted || part.rows.length === 0) return { total: part.total, rows };
    }
  }
}

function pageOf(row: number): number {
  return Math.floor(row / PAGE);
}

function pagesOf(from: number, to: number): number[] {
  const first = pageOf(from);
  const last = pageOf(Math.max(from, to - 1));
  return Array.from({ length: last - first + 1 }, (_, position) => first + position);
}
