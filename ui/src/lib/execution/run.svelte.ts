/** One run of a connector from the page: its steps as they arrive, the way to cancel it, and what it came to. */
import { backend, problemOf, type Execution, type Problem, type SourceType, type Step } from '$lib/api';

export class RunState {
  // Looked up when a page opens; nothing on a page depends on it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  private static readonly kept = new Map<string, RunState>();

  /** The run of a connector, also one that was begun before another page was opened. */
  static of(connectorId: string | null): RunState {
    if (connectorId === null) return new RunState();
    const before = RunState.kept.get(connectorId);
    if (before?.running) return before;
    const fresh = new RunState();
    RunState.kept.set(connectorId, fresh);
    return fresh;
  }

  /** Forgets what runs came to; those under way go on without the page and are found in the log. */
  static forgetAll(): void {
    RunState.kept.clear();
  }

  steps = $state.raw<Step[]>([]);
  execution = $state.raw<Execution | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The run that is under way. */
  runId = $state<string | null>(null);
  cancelling = $state(false);
  startedAt = $state(0);
  /** The execution that this run repeats. */
  repeats = $state<string | null>(null);
  readonly running = $derived(this.runId !== null);

  async run(
    connectorId: string,
    inputs: Record<string, string>,
    source: SourceType,
    mock: boolean,
    customer: string | null,
    repeats: string | null = null,
  ): Promise<void> {
    if (this.running) return;
    const runId = crypto.randomUUID();
    this.runId = runId;
    this.steps = [];
    this.execution = null;
    this.problem = null;
    this.repeats = repeats;
    this.startedAt = Date.now();
    try {
      this.execution = await backend.runConnector(
        runId,
        connectorId,
        inputs,
        source,
        mock,
        customer,
        (step) => {
          this.steps = [...this.steps, step];
        },
      );
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.runId = null;
      this.cancelling = false;
    }
  }

  async cancel(): Promise<void> {
    if (this.runId === null) return;
    this.cancelling = true;
    try {
      await backend.cancel(this.runId);
    } catch (error) {
      this.problem = problemOf(error);
      this.cancelling = false;
    }
  }

  /** Shows an earlier run again. */
  async show(executionId: string): Promise<void> {
    if (this.running) return;
    try {
      const execution = await backend.getExecution(executionId);
      this.problem = null;
      this.repeats = null;
      this.execution = execution;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }
}
