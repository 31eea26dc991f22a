/** *Test request*: one exchange with the authentication endpoint, and what a location yields in its response. */
import {
  backend,
  problemOf,
  type LocatedView,
  type Problem,
  type Progress,
  type TokenDraft,
  type TokenLocation,
} from '$lib/api';

import { whatChanged, type SentRequest } from './tested-before-saved';

/** What the test needs of the form. */
interface Form {
  readonly draft: TokenDraft;
  readonly request: SentRequest['request'];
  location: TokenLocation | null;
}

let lastRun = 0;

export class RequestTest {
  /** The newest answer, with the request that got it. */
  sent = $state.raw<SentRequest | null>(null);
  /** The newest test was cancelled. */
  cancelled = $state(false);
  progress = $state.raw<Progress | null>(null);
  running = $state(false);
  located = $state.raw<LocatedView | null>(null);
  locationProblem = $state.raw<Problem | null>(null);
  private failed = $state.raw<{ request: SentRequest['request']; problem: Problem } | null>(null);
  private run = '';
  private asked = 0;

  constructor(private readonly form: Form) {}

  /** Why there was no answer; gone as soon as the request is another one. */
  get problem(): Problem | null {
    return this.failed && !whatChanged(this.failed.request, this.form.request) ? this.failed.problem : null;
  }

  async start(): Promise<void> {
    if (this.running) return;
    lastRun += 1;
    this.run = `test-${String(Date.now())}-${String(lastRun)}`;
    const { draft, request } = this.form;
    this.forget();
    this.running = true;
    try {
      const report = await backend.testRequest(this.run, draft, (progress) => {
        this.progress = progress;
      });
      this.sent = { request, report };
    } catch (error) {
      const problem = problemOf(error);
      // Whoever cancelled it knows why there is no answer.
      this.failed = problem.code === 'cancelled' ? null : { request, problem };
      this.cancelled = problem.code === 'cancelled';
    } finally {
      this.running = false;
      this.progress = null;
    }
  }

  async cancel(): Promise<void> {
    if (!this.running) return;
    try {
      await backend.cancel(this.run);
    } catch {
      // It has just ended by itself.
    }
  }

  /** Looks at a location in the newest response. */
  async locate(location: TokenLocation | null, headerKey: string, prefix: string): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const report = this.sent?.report;
    this.located = null;
    this.locationProblem = null;
    if (!report?.ok || !location?.at) return;
    try {
      const located = await backend.locate(report.test_id, location, headerKey.trim(), prefix.trim());
      if (mine === this.asked) this.located = located;
    } catch (error) {
      if (mine !== this.asked) return;
      const problem = problemOf(error);
      if (problem.code === 'response_gone') this.forget();
      else this.locationProblem = problem;
    }
  }

  /** The response is no longer there, or no longer counts. */
  forget(): void {
    this.asked += 1;
    this.sent = null;
    this.cancelled = false;
    this.failed = null;
    this.located = null;
    this.locationProblem = null;
  }
}
