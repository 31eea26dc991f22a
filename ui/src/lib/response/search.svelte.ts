/**
 * One search over a response tree at a time. What is found is told while the search goes on, so that the first match is
 * there at once; the rows themselves belong to the tree.
 */
import { backend, problemOf, type Problem, type SearchReport } from '$lib/api';

/** So many matches can be visited with *next* and *previous*; the others are only counted. */
const MOST_VISITED = 1_000_000;

let lastRun = 0;

export class TreeSearch {
  text = $state('');
  regex = $state(false);
  caseSensitive = $state(false);
  /** How many keys and values match, so far while it runs; `null` without a search. */
  matches = $state<number | null>(null);
  /** The part of the response that was searched, 0 to 1. */
  searched = $state(0);
  running = $state(false);
  capped = $state(false);
  /** It was ended before it had searched everything. */
  stopped = $state(false);
  /** Why there is no search, such as a fault in the expression. */
  problem = $state.raw<Problem | null>(null);
  private run = '';
  private last = '';

  constructor(
    private readonly responseId: string,
    /** There is a first match, and the rows on the way to it are open. */
    private readonly onfirst: () => void,
    /** It ended otherwise: rows are marked as matches, or no longer. */
    private readonly onend: () => void,
  ) {}

  /** Whether what stands in the field has been searched already. */
  get isDone(): boolean {
    return this.last === this.spelled;
  }

  /** What came of it, in words. */
  get words(): string {
    if (this.matches === null) return '';
    const count = `${this.matches.toLocaleString('en')} ${this.matches === 1 ? 'match' : 'matches'}`;
    if (this.running) return `${count} so far…`;
    if (this.stopped) return `${count}, stopped at ${String(Math.floor(this.searched * 100))} %`;
    return this.capped ? `${count}; the first ${MOST_VISITED.toLocaleString('en')} can be visited` : count;
  }

  private get spelled(): string {
    return JSON.stringify([this.text, this.regex, this.caseSensitive]);
  }

  async start(): Promise<void> {
    if (this.isDone || (this.text === '' && this.matches === null && this.problem === null)) return;
    lastRun += 1;
    const run = `search-${String(Date.now())}-${String(lastRun)}`;
    this.begin(run);
    let first = false;
    try {
      const query = { text: this.text, regex: this.regex, case_sensitive: this.caseSensitive };
      const report = await backend.responseSearch(this.responseId, query, run, (progress) => {
        if (run !== this.run || !this.running) return;
        this.matches = progress.matches;
        this.searched = progress.searched ?? 0;
        if (first || progress.first_row === null) return;
        first = true;
        this.onfirst();
      });
      if (run !== this.run) return;
      this.finish(report);
      if (!first && report.first_row !== null) {
        this.onfirst();
        return;
      }
    } catch (error) {
      if (run !== this.run) return;
      this.fail(problemOf(error));
    }
    this.onend();
  }

  /** Ends a search that is under way; what it has found stays. */
  async cancel(): Promise<void> {
    if (!this.running) return;
    this.stopped = true;
    try {
      await backend.cancel(this.run);
    } catch {
      // It has just ended by itself.
    }
  }

  private begin(run: string): void {
    this.run = run;
    this.last = this.spelled;
    this.running = this.text !== '';
    this.matches = this.text === '' ? null : 0;
    this.searched = 0;
    this.capped = false;
    this.stopped = false;
    this.problem = null;
  }

  private finish(report: SearchReport): void {
    this.running = false;
    if (this.text === '' || this.matches === null) return;
    this.matches = report.matches;
    this.capped = report.capped;
  }

  private fail(problem: Problem): void {
    this.running = false;
    this.stopped = problem.code === 'cancelled';
    if (this.stopped) return;
    this.matches = null;
    this.problem = problem;
  }
}
