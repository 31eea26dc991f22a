/** For whom a test runs: what the list offers for what is typed, and what is known of the one that stands there. */
import { backend, problemOf, type CustomerDetail, type CustomerSummary, type Problem } from '$lib/api';
import { Gently } from '$lib/shared/gently';

const PAUSE_MILLISECONDS = 200;
const MOST_OFFERED = 8;
const RENEWED_AT_MOST_EVERY_MILLISECONDS = 1000;

/** A customer, with what it holds as soon as that has come; `unknown` for a user id that no customer has; null while nobody is chosen or it is not looked up yet. */
export type Known = (CustomerSummary & Partial<Pick<CustomerDetail, 'held'>>) | 'unknown' | null;

export class CustomerChoice {
  offered = $state.raw<CustomerSummary[]>([]);
  open = $state(false);
  /** The number of the offered one that the keyboard stands on, or -1. */
  active = $state(-1);
  known = $state.raw<Known>(null);
  /** Why customers can't be looked up. */
  problem = $state.raw<Problem | null>(null);
  /** Whether there is a customer at all. */
  none = $state(false);

  private userId = '';
  private asked = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private lookUp: ReturnType<typeof setTimeout> | undefined;
  private readonly renewal = new Gently(RENEWED_AT_MOST_EVERY_MILLISECONDS, () => this.look());

  /** Offers the customers that begin so, after a pause of typing. */
  offer(typed: string, pause = PAUSE_MILLISECONDS): void {
    this.open = true;
    this.active = -1;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => void this.search(typed.trim()), pause);
  }

  close(): void {
    clearTimeout(this.pause);
    this.asked += 1;
    this.open = false;
    this.active = -1;
    this.offered = [];
  }

  /** Moves among the offered ones, from the last to the first and back. */
  move(by: 1 | -1): void {
    const count = this.offered.length;
    if (count === 0) return;
    const from = this.active < 0 && by < 0 ? 0 : this.active;
    this.active = (from + by + count) % count;
  }

  /** Who stands in the field now; `known` when it was chosen from the list. */
  stands(userId: string, known: CustomerSummary | null = null): void {
    if (userId === this.userId && known === null) return;
    this.userId = userId;
    this.known = known;
    clearTimeout(this.lookUp);
    const pause = known === null ? PAUSE_MILLISECONDS : 0;
    if (userId !== '') this.lookUp = setTimeout(() => void this.look(), pause);
  }

  /** Something about customers was committed. */
  changed(): void {
    if (this.userId !== '') this.renewal.want();
  }

  stop(): void {
    this.close();
    clearTimeout(this.lookUp);
    this.renewal.stop();
  }

  private async search(typed: string): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const page = await backend.listCustomers({ search: typed || null }, null, MOST_OFFERED);
      if (mine !== this.asked) return;
      // Whoever has typed a whole user id needs no list over what stands below.
      const whole = page.rows.length === 1 && page.rows[0]?.user_id === typed;
      this.offered = whole ? [] : page.rows;
      this.none = page.total === 0;
      this.problem = null;
    } catch (error) {
      if (mine !== this.asked) return;
      this.offered = [];
      this.problem = problemOf(error);
    }
  }

  private async look(): Promise<void> {
    const { userId } = this;
    if (userId === '') return;
    let known: Known;
    try {
      known = await backend.getCustomer(userId);
    } catch (error) {
      // Whatever else is wrong, the run will say.
      known = problemOf(error).code === 'not_found' ? 'unknown' : null;
    }
    if (userId === this.userId) this.known = known;
  }
}
