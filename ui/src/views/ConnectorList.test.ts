import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';
import { connectorDetail, orderDraft } from '$lib/api/fake/connectors';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

describe('the list of connectors', () => {
  it('shows each with its state, its tokens and its last execution', async () => {
    const workspace = useWorkspace('empty');
    const at = new Date().toISOString();
    workspace.connectors.push(
      connectorDetail(orderDraft(), {
        state: 'live',
        has_unpublished_edits: true,
        tokens: [{ id: 'token-1', name: 'Orders login' }],
        last_execution: { at, success: false, http_status: 503 },
      }),
    );
    const { container } = await openApp('/connectors', workspace);
    const row = await screen.findByTestId('connector-row');
    for (const text of [
      'Get order status',
      'GET',
      '127.0.0.1:4010',
      'live',
      'unpublished edits',
      'Orders login',
      '503',
    ]) {
      expect(row).toHaveTextContent(text);
    }
    await expectAccessible(container);
  });

  it('opens the connector whose line was clicked', async () => {
    const { user } = await openApp('/connectors');
    const rows = await screen.findAllByTestId('connector-row');
    const last = rows.at(-1);
    if (!last) throw new Error('the samples have connectors');
    const cell = last.querySelector('td.mono');
    if (cell) await user.click(cell);
    expect(location.hash).toBe(`#/connectors/${last.dataset.connector ?? ''}/setup`);
  });

  it('discards a new connector after a question, and it does not come back', async () => {
    const { user } = await openApp('/connectors/new');
    await user.type(await screen.findByTestId('connector-name'), 'Abandoned');
    await user.click(screen.getByTestId('cancel-new'));
    await user.click(await screen.findByTestId('confirm-action'));
    await screen.findByTestId('connector-table');
    await user.click(screen.getByTestId('new-connector'));
    expect(await screen.findByTestId('connector-name')).toHaveValue('');
  });

  it('finds connectors by name, host and token', async () => {
    const { user } = await openApp('/connectors');
    await user.type(await screen.findByTestId('connector-search'), 'refund');
    expect(screen.getAllByTestId('connector-row')).toHaveLength(1);
    await user.type(screen.getByTestId('connector-search'), ' nothing');
    expect(screen.getByTestId('connector-nothing')).toBeVisible();
  });

  it('welcomes whoever starts with nothing', async () => {
    const { container } = await openApp('/connectors', useWorkspace('empty'));
    await waitFor(() => {
      expect(container.querySelector('main')).toHaveTextContent('sandbox');
    });
    expect(screen.queryByTestId('connector-table')).toBeNull();
  });

  it('says what failed and offers to try again', async () => {
    const workspace = useWorkspace();
    const { user } = await openApp('/appearance', workspace);
    workspace.failing = new ProblemError({
      code: 'failed',
      message: 'The database did not answer.',
      next_step: 'Try again.',
      field: null,
    });
    workspace.emit({ event: 'connectors_changed' });
    location.hash = '#/connectors';
    expect(await screen.findByText('The database did not answer.')).toBeVisible();
    workspace.failing = null;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => {
      expect(screen.queryByText('The database did not answer.')).toBeNull();
    });
  });
});
