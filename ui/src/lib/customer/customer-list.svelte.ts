/**
 * The list of customers: what is searched, its rows, the row on which the keyboard stands, and what was committed
 * meanwhile. Rows change by themselves only while the first of them is seen, so that nothing moves under the eye.
 */
import { problemOf, type Problem } from '$lib/api';
import { Gently } from '$lib/shared/gently';

import { CustomerPages } from './customer-pages.svelte';

/** Below this a page does not flicker. */
const SHOW_LOADING_AFTER_MILLISECONDS = 150;
const RENEWED_AT_MOST_EVERY_MILLISECONDS = 1000;

export class CustomerListState {
  pages = $state.raw<CustomerPages | null>(null);
  /** Whether the rows of another search have been waited for long enough to say so. */
  slow = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** The number of the row that the keyboard stands on, or -1. */
  active = $state(-1);
  /** Customers changed since the rows were read, and the first of them is not seen. */
  readonly waits = $derived.by(() => this.stale && !this.atTop);
  /** Goes up with every search whose rows have come. */
  begun = $state(0);

  private search = '';
  private asked = 0;
  private stale = $state(false);
  private atTop = $state(true);
  private readonly renewal = new Gently(RENEWED_AT_MOST_EVERY_MILLISECONDS, () => this.load(true));

  /** Searches anew; the rows before stay until the new ones have come. */
  async choose(search: string): Promise<void> {
    if (this.pages?.search === search && this.search === search && this.problem === null) return;
    this.search = search;
    await this.load(false);
  }

  async retry(): Promise<void> {
    if (this.problem !== null) await this.load(false);
    else this.pages?.retry();
  }

  /** Something about customers was committed. */
  changed(): void {
    this.stale = true;
    if (this.atTop || this.pages?.count === 0) this.renewal.want();
  }

  /** Whether the first row is seen. */
  moved(atTop: boolean): void {
    this.atTop = atTop;
    if (atTop && this.stale) this.renewal.want();
  }

  moveTo(number: number): void {
    this.active = Math.max(0, Math.min(number, (this.pages?.count ?? 0) - 1));
  }

  stop(): void {
    this.asked += 1;
    this.renewal.stop();
    this.pages?.close();
  }

  private async load(renewing: boolean): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const timer = setTimeout(() => {
      this.slow = !renewing;
    }, SHOW_LOADING_AFTER_MILLISECONDS);
    this.stale = false;
    try {
      const fresh = new CustomerPages(this.search);
      await fresh.start();
      if (mine === this.asked) this.take(fresh, renewing);
    } catch (error) {
      if (mine === this.asked) this.problem = problemOf(error);
    } finally {
      clearTimeout(timer);
      if (mine === this.asked) this.slow = false;
    }
  }

  private take(fresh: CustomerPages, renewing: boolean): void {
    const before = this.pages?.row(this.active)?.user_id;
    this.pages?.close();
    this.pages = fresh;
    this.problem = null;
    // The keyboard stays on the customer that it stood on, wherever its row is now.
    this.active = renewing && before !== undefined ? fresh.numberOf(before) : -1;
    if (!renewing) this.begun += 1;
  }
}
