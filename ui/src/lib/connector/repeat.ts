/** What an execution's repetition needs: which inputs can be given again, and what is to be said before it runs. Pure. */
import type { ConnectorDetail } from '$lib/api';
import type { Repeat } from '$lib/execution/again.svelte';
import { sourceNames } from '$lib/execution/words';

export interface RepeatPlan {
  values: Record<string, string>;
  /** The inputs that have to be typed again. */
  empty: string[];
  mock: boolean;
  /** Whether it can run as it is. */
  runs: boolean;
  /** What is different from the run that it repeats, and what is to be done, a sentence each. */
  notes: string[];
}

function listed(names: string[]): string {
  return new Intl.ListFormat('en').format(names.map((name) => `“${name}”`));
}

export function planRepeat(repeat: Repeat, { draft }: ConnectorDetail): RepeatPlan {
  const known = new Set(draft.data_inputs.map(({ name }) => name));
  const given = repeat.inputs.filter(({ name }) => known.has(name));
  const gone = repeat.inputs.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  const empty = given.filter(({ redacted }) => redacted).map(({ name }) => name);
  const values = given.filter(({ redacted }) => !redacted).map(({ name, value }) => [name, value]);
  /** Executions of before inputs were recorded look as if they had been given none. */
  const unknown = repeat.inputs.length === 0 && known.size > 0;
  const mocked = draft.mock_response.trim() !== '';
  const lostMock = repeat.mock && !mocked;

  const notes: string[] = [];
  if (repeat.source !== 'test')
    notes.push(`The run came from ${sourceNames[repeat.source]}; it is repeated as a test.`);
  if (gone.length > 0)
    notes.push(
      `The connector no longer has ${listed(gone)}, so ${gone.length > 1 ? 'they are' : 'it is'} left out.`,
    );
  if (empty.length > 0) {
    const it = empty.length > 1 ? 'Their values were' : 'Its value was';
    notes.push(`Type ${listed(empty)} again. ${it} redacted, and so not recorded.`);
  }
  if (unknown) notes.push('The log has no inputs of this run. Type those that it needs.');
  if (lostMock)
    notes.push(
      'It was played with a mock response, which the connector no longer has. Run connector sends it for real.',
    );
  return {
    values: Object.fromEntries(values) as Record<string, string>,
    empty,
    mock: repeat.mock && mocked,
    runs: empty.length === 0 && !unknown && !lostMock,
    notes,
  };
}
