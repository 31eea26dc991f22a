/** An export that is asked for, under way, or done. */
import {
  backend,
  problemOf,
  type ExecutionFilter,
  type ExportFormat,
  type ExportProgress,
  type ExportReport,
  type Problem,
} from '$lib/api';

import { newTask } from './log-pages.svelte';

export class LogExportState {
  format = $state<ExportFormat>('har');
  path = $state('');
  replace = $state(false);
  progress = $state.raw<ExportProgress | null>(null);
  running = $state(false);
  report = $state.raw<ExportReport | null>(null);
  problem = $state.raw<Problem | null>(null);

  private suggested = '';
  private task = '';
  private asked = 0;

  constructor(private readonly filter: () => ExecutionFilter) {}

  /** Suggests a path for the format, unless one was typed. */
  async suggest(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const path = await backend.suggestExportPath(this.filter(), this.format);
      if (mine !== this.asked || (this.path !== '' && this.path !== this.suggested)) return;
      this.path = path;
      this.suggested = path;
    } catch {
      // A path can be typed as well.
    }
  }

  async start(): Promise<void> {
    if (this.running) return;
    const task = newTask('export');
    this.task = task;
    this.running = true;
    this.progress = null;
    this.report = null;
    this.problem = null;
    const { format, path, replace } = this;
    try {
      this.report = await backend.exportExecutions(
        task,
        { filter: this.filter(), format, path: path.trim(), replace },
        (progress) => {
          this.progress = progress;
        },
      );
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.running = false;
  }

  /** Ends an export that is under way; what was written is removed. */
  async cancel(): Promise<void> {
    if (!this.running) return;
    try {
      await backend.cancel(this.task);
    } catch {
      // It has just ended by itself.
    }
  }
}
