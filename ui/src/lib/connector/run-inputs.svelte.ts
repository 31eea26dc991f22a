/** What a test is given: typed values by input, kept in memory while the page is elsewhere. */
import type { ConnectorDraft, DataInput, InputType, SourceType } from '$lib/api';
import { draftOf, keepDraft } from '$lib/shared/unsaved.svelte';

interface Kept {
  values: Record<string, string>;
  source: SourceType;
  mock: boolean;
  customer: string;
}

const SHAPES: Partial<Record<InputType, RegExp>> = {
  integer: /^-?(0|[1-9]\d*)$/,
  decimal: /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/,
};
const KINDS: Record<InputType, string> = {
  string: 'a text',
  integer: 'a whole number, such as 12',
  decimal: 'a decimal number, such as 12.5',
  boolean: 'true or false',
};

export class RunInputs {
  values = $state<Record<string, string>>({});
  /** What is wrong with a value, by input. The engine decides; this says it at the field, before anything is sent. */
  errors = $state<Record<string, string>>({});
  source = $state<SourceType>('test');
  mock = $state(false);
  /** The `user_id` of the customer for whom it runs; empty for none. */
  customer = $state('');

  constructor(private readonly connectorId: string) {
    const kept = draftOf<Kept>(this.key);
    if (kept) Object.assign(this, kept);
  }

  keep(): void {
    const { source, mock, customer } = this;
    keepDraft(this.key, { values: $state.snapshot(this.values), source, mock, customer } satisfies Kept);
  }

  set(name: string, value: string): void {
    this.values[name] = value;
    this.errors = Object.fromEntries(Object.entries(this.errors).filter(([wrong]) => wrong !== name));
  }

  /** Takes what an execution was given, for its repetition as a test. */
  repeat(values: Record<string, string>, customer: string, mock: boolean): void {
    Object.assign(this, { values, customer, mock, source: 'test', errors: {} });
  }

  /** Whether every value can be taken; if not, `errors` says why at each. */
  check(draft: ConnectorDraft): boolean {
    const errors: Record<string, string> = {};
    for (const input of draft.data_inputs) {
      const value = (this.values[input.name] ?? '').trim();
      const shape = SHAPES[input.type];
      if (value !== '' && shape && !shape.test(value))
        errors[input.name] = `This is not ${KINDS[input.type]}.`;
      const missing = value === '' && input.required && !input.default_value;
      if (missing && draft.validate_missing_attributes) errors[input.name] = 'This input is required.';
    }
    this.errors = errors;
    return Object.keys(errors).length === 0;
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
