/** What a test is given: typed values by input, kept in memory while the page is elsewhere. */
import type { DataInput, SourceType } from '$lib/api';
import { draftOf, keepDraft } from '$lib/shared/unsaved.svelte';

interface Kept {
  values: Record<string, string>;
  source: SourceType;
  mock: boolean;
}

export class RunInputs {
  values = $state<Record<string, string>>({});
  source = $state<SourceType>('test');
  mock = $state(false);

  constructor(private readonly connectorId: string) {
    const kept = draftOf<Kept>(this.key);
    if (kept) Object.assign(this, kept);
  }

  keep(): void {
    const { source, mock } = this;
    keepDraft(this.key, { values: $state.snapshot(this.values), source, mock } satisfies Kept);
  }

  /** What is sent to the engine: only what was typed, so that defaults are the engine's to fill in. */
  given(inputs: DataInput[]): Record<string, string> {
    const given = inputs.flatMap((input) => {
      const value = this.values[input.name] ?? '';
      return value === '' ? [] : [[input.name, value] as const];
    });
    return Object.fromEntries(given);
  }

  private get key(): string {
    return `run:${this.connectorId}`;
  }
}
