/** *Test request*: one exchange with the authentication endpoint, and what a location yields in its response. */
import {
  backend,
  problemOf,
  type LocatedView,
  type LocationPreview,
  type Problem,
  type Progress,
  type TokenDraft,
  type TokenLocation,
} from '$lib/api';

import { chosenOf, sameChoice } from './location';
import { whatChanged, type SentRequest } from './tested-before-saved';

/** What the test needs of the form. */
interface Form {
  readonly draft: TokenDraft;
  readonly request: SentRequest['request'];
  location: TokenLocation | null;
}

/** What was found at a location in the newest response. */
export interface Look {
  of: TokenLocation;
  located: LocatedView | null;
  /** Why it can't be the token. */
  problem: Problem | null;
  /** How many values it yields, or where it is wrong. */
  preview: LocationPreview | null;
}

let lastRun = 0;

export class RequestTest {
  /** The newest answer, with the request that got it. */
  sent = $state.raw<SentRequest | null>(null);
  /** The newest test was cancelled. */
  cancelled = $state(false);
  progress = $state.raw<Progress | null>(null);
  running = $state(false);
  /** The newest look at a location; it stays in sight while the next one is on its way. */
  look = $state.raw<Look | null>(null);
  private failed = $state.raw<{ request: SentRequest['request']; problem: Problem } | null>(null);
  private run = '';
  private asked = 0;

  constructor(private readonly form: Form) {}

  /** Why there was no answer; gone as soon as the request is another one. */
  get problem(): Problem | null {
    return this.failed && !whatChanged(this.failed.request, this.form.request) ? this.failed.problem : null;
  }

  /** What the location that is in the form now yields. */
  get located(): LocatedView | null {
    return this.current?.located ?? null;
  }

  /** Why the location that is in the form now yields no token. */
  get locationProblem(): Problem | null {
    return this.current?.problem ?? null;
  }

  private get current(): Look | null {
    return this.look && sameChoice(this.look.of, chosenOf(this.form.location)) ? this.look : null;
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
    const of = chosenOf(location);
    if (!report?.ok || !of) {
      this.look = null;
      return;
    }
    const [located, preview] = await Promise.allSettled([
      backend.locate(report.test_id, of, headerKey.trim(), prefix.trim()),
      backend.responsePreview(report.response_id, of),
    ]);
    if (mine !== this.asked) return;
    const problem = located.status === 'rejected' ? problemOf(located.reason) : null;
    if (problem?.code === 'response_gone') {
      this.forget();
      return;
    }
    this.look = {
      of,
      located: located.status === 'fulfilled' ? located.value : null,
      problem,
      // Without it the location is looked at all the same.
      preview: preview.status === 'fulfilled' ? preview.value : null,
    };
  }

  /** The response is no longer there, or no longer counts. */
  forget(): void {
    this.asked += 1;
    this.sent = null;
    this.cancelled = false;
    this.failed = null;
    this.look = null;
  }
}
