import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';
import { addSampleConnectors } from '$lib/api/fake/connectors';
import { execution, type RunKind } from '$lib/api/fake/runs';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);

/** A log with these executions, the newest first, and the first one open. */
async function openLog(kinds: RunKind[], query = '') {
  const workspace = useWorkspace('empty');
  const connector_id = addSampleConnectors(workspace, '');
  workspace.executions = kinds.map((kind, position) =>
    execution(kind, {
      id: `run-${String(position)}`,
      connector_id,
      created_at: new Date(Date.UTC(2026, 4, 4, 12, 0, 60 - position)).toISOString(),
    }),
  );
  const place = `/connectors/${connector_id}/logs/run-0`;
  const opened = await openApp(place + query, workspace);
  await screen.findByTestId('run-result');
  return { ...opened, place };
}

const heads = (): (string | undefined)[] =>
  screen.getAllByTestId('compare-head').map((head) => head.dataset.execution);

describe('comparing an execution', () => {
  it('offers the one before, the last success and the newest, and opens both under a place of its own', async () => {
    const { user, place } = await openLog(['not_found', 'no_answer', 'succeeded']);
    await user.click(get('compare-with'));
    expect(await screen.findByTestId('compare-before')).toHaveAttribute('data-execution', 'run-1');
    expect(get('compare-success')).toHaveAttribute('data-execution', 'run-2');
    expect(screen.getAllByTestId('compare-row').map((row) => row.dataset.execution)).toEqual([
      'run-1',
      'run-2',
    ]);
    await expectAccessible(get('compare-choice'));
    await user.click(get('compare-success'));
    await screen.findByTestId('compare-dialog');
    await waitFor(() => {
      expect(heads(), 'the earlier one stands at the left').toEqual(['run-2', 'run-0']);
    });
    expect(location.hash).toBe(`#${place}?compare=run-2`);
    await expectAccessible(get('compare-dialog'));
    await user.click(get('compare-close'));
    expect(screen.queryByTestId('compare-dialog')).toBeNull();
    expect(location.hash).toBe(`#${place}`);
  });

  it('opens from its address and says in words what differs', async () => {
    await openLog(['not_found', 'succeeded'], '?success=false&compare=run-1');
    const outcome = await screen.findByRole('region', { name: 'Outcome' });
    const row = within(outcome).getByRole('row', { name: /^Status/ });
    expect(row).toHaveTextContent('differs');
    expect(row).toHaveTextContent('200404');
    expect(within(outcome).getByRole('row', { name: /^Source/ })).not.toHaveTextContent('differs');
    const exchange = get('compare-exchange');
    expect(within(exchange).getByRole('row', { name: /^Authorization/ })).not.toHaveTextContent('differs');
    const body = within(exchange).getByRole('region', { name: 'Response body' });
    expect(body).toHaveTextContent('only left: "order": {');
    expect(body).toHaveTextContent('only right: "error": "no such order"');
    expect(within(exchange).getAllByTestId('timing')).toHaveLength(2);
  });

  it('leaves out what is the same when asked to', async () => {
    const { user } = await openLog(['not_found', 'succeeded'], '?compare=run-1');
    await user.click(await screen.findByTestId('compare-only-differences'));
    const facts = screen.getAllByTestId('compare-fact');
    expect(facts.length).toBeGreaterThan(2);
    for (const fact of facts) expect(fact).toHaveTextContent(/differs|only (left|right)/);
    expect(get('compare-exchange')).toHaveTextContent('1 equal line');
  });

  it('keeps the filters of the log when it closes, by keyboard too', async () => {
    const { place } = await openLog(['not_found', 'succeeded'], '?success=false&compare=run-1');
    const dialog = await screen.findByTestId('compare-dialog');
    dialog.dispatchEvent(new Event('cancel', { cancelable: true }));
    await waitFor(() => {
      expect(location.hash).toBe(`#${place}?success=false`);
    });
  });

  it('takes a pasted id, and says what is wrong with it', async () => {
    const { user } = await openLog(['not_found', 'no_answer']);
    await user.click(get('compare-with'));
    const field = await screen.findByTestId('compare-id');
    await user.type(field, 'not an id{Enter}');
    expect(field).toHaveAccessibleDescription('Paste the whole id of an execution.');
    await user.clear(field);
    await user.type(field, 'run-0{Enter}');
    expect(field).toHaveAccessibleDescription('This is the execution that is open.');
    await user.clear(field);
    await user.type(field, ' run-7 {Enter}');
    const dialog = await screen.findByTestId('compare-dialog');
    expect(await within(dialog).findByText('This execution is not in the log.')).toBeVisible();
    await user.click(within(dialog).getByTestId('compare-other'));
    await user.click(await screen.findByTestId('compare-before'));
    await waitFor(() => {
      expect(heads()).toEqual(['run-1', 'run-0']);
    });
  });

  it('can be tried again when the log does not answer', async () => {
    const { user, workspace } = await openLog(['not_found', 'no_answer']);
    const refusal = { code: 'failed', message: 'The log is busy.', next_step: 'Wait.', field: null } as const;
    workspace.refusing = { listExecutions: new ProblemError(refusal) };
    await user.click(get('compare-with'));
    const choice = await screen.findByTestId('compare-choice');
    await within(choice).findByText('The log is busy.');
    workspace.refusing = {};
    await user.click(within(choice).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('compare-before')).toBeVisible();
  });

  it('says when there is nothing to compare with', async () => {
    const { user } = await openLog(['not_found']);
    await user.click(get('compare-with'));
    expect(await screen.findByText('This connector has no other execution.')).toBeVisible();
  });
});
