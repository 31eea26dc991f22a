/**
 * A log: what it is narrowed to, its rows, where the keyboard stands, and the execution that is open. What is chosen
 * comes from the address; here it becomes rows.
 */
import { backend, problemOf, type Execution, type ExecutionRow, type Problem } from '$lib/api';

import { everything, filterOf, isRelative, type LogChoice } from './log-filter';
import { LogPages } from './log-pages.svelte';
import { LogTail } from './log-tail.svelte';

/** A range such as *last hour* moves on so often while the log is followed. */
const MOVE_ON_MILLISECONDS = 30_000;

export class LogState {
  choice = $state.raw<LogChoice>(everything);
  /** The rows; none before the first answer, and none while a failure stands in their place. */
  pages = $state.raw<LogPages | null>(null);
  /** Whether other rows than the shown ones have been asked for. */
  loading = $state(false);
  /** Goes up whenever the list begins anew at its top. */
  begun = $state(0);
  /** The number of the row where the keyboard stands; -1 for none. */
  active = $state(-1);
  activeId = $state<string | null>(null);
  execution = $state.raw<Execution | null>(null);
  executionProblem = $state.raw<Problem | null>(null);
  readonly tail: LogTail = new LogTail(this);
  readonly problem = $derived.by(() => this.failure ?? this.pages?.problem ?? this.tail.problem);

  private failure = $state.raw<Problem | null>(null);
  private asked = 0;
  private opening = '';
  private moving: ReturnType<typeof setInterval> | undefined;

  /** `connectorId` is null for the log of all connectors. */
  constructor(readonly connectorId: string | null) {}

  get total(): number {
    return this.pages?.total ?? 0;
  }

  /** Narrows to something else; rows that were asked for before do not count any more. */
  choose(choice: LogChoice): Promise<void> {
    this.choice = choice;
    clearInterval(this.moving);
    if (isRelative(choice)) this.moving = setInterval(() => void this.moveOn(), MOVE_ON_MILLISECONDS);
    return this.begin(false);
  }

  /** Begins anew at the newest row. */
  load(): Promise<void> {
    return this.begin(this.pages !== null);
  }

  /** Asks again for what could not be had. */
  async retry(): Promise<void> {
    if (this.failure || !this.pages) return this.load();
    this.pages.retry();
    await this.tail.retry();
  }

  /** Puts new rows before the others. */
  insert(rows: ExecutionRow[]): void {
    this.pages?.prepend(rows);
    if (this.active >= 0) this.active += rows.length;
  }

  /** Moves the keyboard to a row, as far as there is one. */
  moveTo(number: number): void {
    this.active = Math.max(0, Math.min(number, this.total - 1));
    this.activeId = this.pages?.row(this.active)?.id ?? null;
  }

  /** The execution where the keyboard stands, also when its row is still on its way. */
  async activeRow(): Promise<string | null> {
    if (this.active < 0 || !this.pages) return null;
    return (await this.pages.one(this.active).catch(() => undefined))?.id ?? null;
  }

  async open(id: string): Promise<void> {
    this.opening = id;
    if (this.activeId !== id) this.stand(id);
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

  /** Nothing is open any more. */
  close(): void {
    this.opening = '';
    this.execution = null;
    this.executionProblem = null;
  }

  stop(): void {
    this.asked += 1;
    clearInterval(this.moving);
    this.tail.stop();
    this.pages?.close();
  }

  private stand(id: string): void {
    this.activeId = id;
    this.active = this.pages?.numberOf(id) ?? -1;
  }

  /** A range that moves with the time drops what is too old, unless the reader is looking at something. */
  private async moveOn(): Promise<void> {
    if (this.tail.follows && !this.loading) await this.begin(true);
  }

  /** `same` rows stay when they can't be had anew. */
  private async begin(same: boolean): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const pages = new LogPages(filterOf(this.choice, this.connectorId, Date.now()));
    this.loading = !same || this.pages === null;
    try {
      await pages.start();
      if (mine !== this.asked) return pages.close();
      this.replace(pages);
      this.failure = null;
    } catch (error) {
      if (mine !== this.asked) return;
      this.failure = problemOf(error);
      if (!same) this.replace(null);
    }
    this.loading = false;
  }

  private replace(pages: LogPages | null): void {
    this.pages?.close();
    this.pages = pages;
    this.begun += 1;
    this.tail.begin();
    if (this.activeId) this.stand(this.activeId);
  }
}
