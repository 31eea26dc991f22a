/**
 * The customers that one search finds, in pages, as far as they are seen. How many there are is known at the last page
 * only; until then the rows go on as one scrolls. Pages far away are dropped and asked for again.
 */
import { backend, problemOf, type CustomerSummary, type Problem } from '$lib/api';

export const PAGE = 100;
/** Pages that are kept. */
export const MOST_PAGES = 40;
/** The next page is asked for when so few rows are left. */
const ROWS_LEFT = 60;

interface Fetched {
  rows: CustomerSummary[];
  next: string | null;
}

export class CustomerPages {
  /** How many customers the workspace has, whatever is searched. */
  total = $state(0);
  /** How many rows are known. */
  count = $state(0);
  /** Whether that is all of them. */
  complete = $state(false);
  problem = $state.raw<Problem | null>(null);

  private pages = $state.raw<Record<number, CustomerSummary[]>>({});
  /** What each page begins after. */
  private starts: (string | null)[] = [null];
  private seen = { from: 0, to: 0 };
  private underWay: number | null = null;
  private closed = false;

  constructor(readonly search: string) {}

  /** How many pages are kept. */
  get kept(): number {
    return Object.keys(this.pages).length;
  }

  /** Loads the first page. */
  async start(): Promise<void> {
    this.take(0, await this.fetch(null));
  }

  close(): void {
    this.closed = true;
  }

  /** A row, if it is there. */
  row(number: number): CustomerSummary | undefined {
    return this.pages[Math.floor(number / PAGE)]?.[number % PAGE];
  }

  /** The number of a customer's row among those that are kept, or -1. */
  numberOf(userId: string): number {
    for (const [page, rows] of Object.entries(this.pages)) {
      const at = rows.findIndex((row) => row.user_id === userId);
      if (at >= 0) return Number(page) * PAGE + at;
    }
    return -1;
  }

  /** Says which rows are seen; what is missing of them, and after them, is asked for. */
  show(from: number, to: number): void {
    this.seen = { from, to };
    if (this.problem === null) void this.ask();
  }

  /** Asks again for what could not be had. */
  retry(): void {
    this.problem = null;
    void this.ask();
  }

  private wanted(): number | undefined {
    const first = Math.floor(this.seen.from / PAGE);
    const last = Math.floor(Math.max(this.seen.from, Math.min(this.seen.to, this.count) - 1) / PAGE);
    const wanted = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    if (!this.complete && this.seen.to > this.count - ROWS_LEFT) wanted.push(this.starts.length - 1);
    return wanted.find((page) => !this.pages[page] && page < this.starts.length);
  }

  private async ask(): Promise<void> {
    if (this.closed || this.underWay !== null) return;
    const page = this.wanted();
    if (page === undefined) return;
    this.underWay = page;
    try {
      const fetched = await this.fetch(this.starts[page] ?? null);
      if (!this.isClosed()) this.take(page, fetched);
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.underWay = null;
    }
    if (this.problem === null) await this.ask();
  }

  /** It may have been closed while an answer was waited for. */
  private isClosed(): boolean {
    return this.closed;
  }

  private take(page: number, { rows, next }: Fetched): void {
    this.pages = this.near({ ...this.pages, [page]: rows });
    if (page !== this.starts.length - 1) return;
    this.count = page * PAGE + rows.length;
    this.complete = next === null;
    if (next !== null) this.starts = [...this.starts, next];
  }

  /** The pages that are nearest to what is seen. */
  private near(pages: Record<number, CustomerSummary[]>): Record<number, CustomerSummary[]> {
    const numbers = Object.keys(pages).map(Number);
    if (numbers.length <= MOST_PAGES) return pages;
    const middle = (this.seen.from + this.seen.to) / 2 / PAGE;
    numbers.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
    return Object.fromEntries(numbers.slice(0, MOST_PAGES).map((page) => [page, pages[page] ?? []]));
  }

  private async fetch(after: string | null): Promise<Fetched> {
    const rows: CustomerSummary[] = [];
    let next = after;
    for (;;) {
      const part = await backend.listCustomers({ search: this.search || null }, next, PAGE - rows.length);
      rows.push(...part.rows);
      this.total = part.total;
      next = part.next;
      if (rows.length >= PAGE || next === null || part.rows.length === 0) return { rows, next };
    }
  }
}
