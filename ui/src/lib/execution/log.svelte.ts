/**
 * A connector's log: pages of rows, newest first, the filter, and the execution that is open. New executions come in by
 * themselves; while the reader is further down they wait behind a count, so that nothing moves under the eye.
 */
import {
  backend,
  problemOf,
  type ErrorType,
  type Execution,
  type ExecutionRow,
  type Problem,
} from '$lib/api';

const PAGE = 50;
const GATHER_MILLISECONDS = 200;

export type ResultFilter = 'all' | 'succeeded' | 'failed';

export class LogState {
  rows = $state.raw<ExecutionRow[]>([]);
  /** New rows that wait until the reader is at the top. */
  waiting = $state.raw<ExecutionRow[]>([]);
  loaded = $state(false);
  loading = $state(false);
  problem = $state.raw<Problem | null>(null);
  result = $state<ResultFilter>('all');
  errorType = $state<ErrorType | 'any'>('any');
  /** Whether the reader is at the top of the list. */
  atTop = $state(true);
  /** Where the keyboard stands. */
  activeId = $state<string | null>(null);
  execution = $state.raw<Execution | null>(null);
  executionProblem = $state.raw<Problem | null>(null);

  private before = $state<number | null>(null);
  private asked = 0;
  private opening = '';
  private gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly connectorId: string) {}

  get more(): boolean {
    return this.before !== null;
  }

  get active(): number {
    return this.rows.findIndex((row) => row.id === this.activeId);
  }

  /** Loads the newest page for the present filter. */
  async load(): Promise<void> {
    await this.ask(null, (rows) => {
      this.rows = rows;
      this.waiting = [];
      this.loaded = true;
    });
  }

  async loadMore(): Promise<void> {
    if (this.loading || this.before === null) return;
    await this.ask(this.before, (rows) => {
      this.rows = [...this.rows, ...rows];
    });
  }

  choose(result: ResultFilter, errorType: ErrorType | 'any'): Promise<void> {
    this.result = result;
    this.errorType = result === 'succeeded' ? 'any' : errorType;
    return this.load();
  }

  /** An execution was recorded; several in a row are fetched together. */
  recorded(): void {
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => void this.fetchNew(), GATHER_MILLISECONDS);
  }

  /** Shows what waited. */
  showWaiting(): void {
    this.rows = [...this.waiting, ...this.rows];
    this.waiting = [];
  }

  move(by: number): void {
    const target = Math.max(0, Math.min(this.active + by, this.rows.length - 1));
    this.activeId = this.rows[target]?.id ?? null;
  }

  async open(id: string): Promise<void> {
    this.activeId = id;
    this.opening = id;
    try {
      const execution = await backend.getExecution(id);
      if (this.opening !== id) return;
      this.execution = execution;
      this.executionProblem = null;
    } catch (error) {
      if (this.opening !== id) return;
      this.execution = null;
      this.executionProblem = problemOf(error);
    }
  }

  stop(): void {
    clearTimeout(this.gathering);
  }

  private async fetchNew(): Promise<void> {
    if (!this.loaded) return;
    try {
      const page = await backend.listExecutions(this.filter(), null, PAGE);
      const known = [...this.rows, ...this.waiting];
      const fresh = page.rows.filter((row) => !known.some((other) => other.id === row.id));
      // More than a page came at once: what lies between is not known, so the list begins anew.
      if (fresh.length === PAGE && known.length > 0) {
        await this.load();
        return;
      }
      this.waiting = [...fresh, ...this.waiting];
      if (this.atTop) this.showWaiting();
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private filter() {
    return {
      connector_id: this.connectorId,
      success: this.result === 'all' ? null : this.result === 'succeeded',
      error_type: this.errorType === 'any' ? null : this.errorType,
    };
  }

  private async ask(before: number | null, take: (rows: ExecutionRow[]) => void): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    this.loading = true;
    try {
      const page = await backend.listExecutions(this.filter(), before, PAGE);
      if (mine !== this.asked) return;
      take(page.rows);
      this.before = page.before;
      this.problem = null;
    } catch (error) {
      if (mine === this.asked) this.problem = problemOf(error);
    } finally {
      if (mine === this.asked) this.loading = false;
    }
  }
}
