import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, type ConnectorDraft, type Execution } from '$lib/api';
import { connectorDetail, orderDraft } from '$lib/api/fake/connectors';
import { execution, type RunKind } from '$lib/api/fake/runs';
import { forgetAllDrafts } from '$lib/shared/unsaved.svelte';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';
import { RunState } from './run.svelte';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const input = (name: string, value: string, redacted = false) => ({ name, value, redacted });

async function openRun(kind: RunKind, over: Partial<Execution> = {}, draft: Partial<ConnectorDraft> = {}) {
  forgetAllDrafts();
  RunState.forgetAll();
  const workspace = useWorkspace('empty');
  const connector = connectorDetail(orderDraft(draft), { state: 'live' });
  workspace.connectors.push(connector);
  const { id } = connector.summary;
  workspace.executions.push(execution(kind, { id: 'run-0', connector_id: id, ...over }));
  const opened = await openApp(`/connectors/${id}/logs/run-0`, workspace);
  await screen.findByTestId('run-result');
  const run = vi.spyOn(backend, 'runConnector');
  await opened.user.click(get('run-again'));
  await screen.findByTestId('run-connector').catch(() => screen.findByTestId('run-cancel'));
  return { ...opened, run, id };
}

describe('running an execution again', () => {
  it('runs at once with the same inputs and customer, and offers to compare the two', async () => {
    const { run, id, container } = await openRun('not_found', {
      inputs: [input('order_id', 'A-7')],
      customer: 'c-1042',
    });
    await waitFor(() => {
      expect(run.mock.calls[0]?.slice(1, 6)).toEqual([id, { order_id: 'A-7' }, 'test', false, 'c-1042']);
    });
    expect(get('run-input-order_id')).toHaveValue('A-7');
    expect(get('run-customer-id')).toHaveValue('c-1042');
    const link = await screen.findByTestId('compare-repeated');
    expect(link.getAttribute('href')).toMatch(/^#\/connectors\/.+\/logs\/[\da-f-]{36}\?compare=run-0$/);
    expect(screen.queryByTestId('repeat-notes')).toBeNull();
    await expectAccessible(container);
  });

  it('s2_asks_for_an_input_that_was_redacted_instead_of_sending_stars', async () => {
    const { run, user } = await openRun('succeeded', {
      inputs: [input('order_id', '****', true), input('include_lines', 'false')],
    });
    expect(await screen.findByTestId('repeat-notes')).toHaveTextContent(
      'Type “order_id” again. Its value was redacted, and so not recorded.',
    );
    expect(get('run-input-order_id')).toHaveValue('');
    expect(get('run-input-include_lines')).toHaveValue('false');
    await waitFor(() => {
      expect(get('run-input-order_id')).toHaveFocus();
    });
    expect(run).not.toHaveBeenCalled();
    await user.type(get('run-input-order_id'), 'A-9');
    await user.click(get('run-connector'));
    await screen.findByTestId('run-result');
    expect(run.mock.calls[0]?.[2]).toEqual({ order_id: 'A-9', include_lines: 'false' });
    expect(screen.queryByTestId('repeat-notes')).toBeNull();
  });

  it('repeats a live run as a test, and says so', async () => {
    const { run } = await openRun('succeeded', { source_type: 'fin' });
    await waitFor(() => {
      expect(run.mock.calls[0]?.[3]).toBe('test');
    });
    expect(get('repeat-notes')).toHaveTextContent('The run came from Fin; it is repeated as a test.');
  });

  it('r2_plays_again_what_was_played_and_never_sends_it_for_real_by_itself', async () => {
    const { run } = await openRun('played');
    await waitFor(() => {
      expect(run.mock.calls[0]?.[4]).toBe(true);
    });
  });

  it('r2_does_not_send_for_real_when_the_mock_response_is_gone', async () => {
    const { run } = await openRun('played', {}, { mock_response: '' });
    expect(await screen.findByTestId('repeat-notes')).toHaveTextContent(
      'It was played with a mock response, which the connector no longer has.',
    );
    expect(run).not.toHaveBeenCalled();
  });

  it('leaves out an input that the connector no longer has', async () => {
    const { run } = await openRun('succeeded', { inputs: [input('order_id', 'A-1'), input('old', '1')] });
    await waitFor(() => {
      expect(run.mock.calls[0]?.[2]).toEqual({ order_id: 'A-1' });
    });
    expect(get('repeat-notes')).toHaveTextContent('The connector no longer has “old”, so it is left out.');
  });

  it('does not run what has no recorded inputs', async () => {
    const { run } = await openRun('succeeded', { inputs: [] });
    expect(await screen.findByTestId('repeat-notes')).toHaveTextContent('The log has no inputs of this run.');
    expect(run).not.toHaveBeenCalled();
  });

  it('asks before it sends a POST once more', async () => {
    const { run, user } = await openRun('succeeded', {}, { http_method: 'post' });
    expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent('Send this POST again?');
    expect(run).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Run again', hidden: false }));
    await waitFor(() => {
      expect(run).toHaveBeenCalledOnce();
    });
  });

  it('repeats in the Test tab, where it stands', async () => {
    const { run, user } = await openRun('not_found', { inputs: [input('order_id', 'A-7')] });
    await screen.findByTestId('compare-repeated');
    await user.clear(get('run-input-order_id'));
    await user.type(get('run-input-order_id'), 'typed since');
    await user.click(get('run-again'));
    await waitFor(() => {
      expect(run).toHaveBeenCalledTimes(2);
    });
    expect(run.mock.calls[1]?.[2]).toEqual({ order_id: 'A-7' });
  });
});
