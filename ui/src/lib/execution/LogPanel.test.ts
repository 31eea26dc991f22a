import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';
import { addSampleConnectors } from '$lib/api/fake/connectors';
import { addSampleExecutions, record } from '$lib/api/fake/executions';
import { router } from '$lib/shared/router.svelte';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const EXECUTIONS = 120;

async function openLogs(count = EXECUTIONS) {
  const workspace = useWorkspace('empty');
  const id = addSampleConnectors(workspace, '');
  addSampleExecutions(workspace, id, count);
  const opened = await openApp(`/connectors/${id}/logs`, workspace);
  if (count > 0) await screen.findAllByTestId('log-row');
  return { ...opened, id };
}

function words(): string[] {
  return screen.getAllByTestId('log-row').map((row) => row.textContent);
}

/** Which execution stands in the row with this number, counted from 0. */
async function rowAt(number: number): Promise<string | undefined> {
  return waitFor(() => {
    const row = screen
      .getAllByTestId('log-row')
      .find((row) => row.getAttribute('aria-posinset') === String(number + 1));
    if (!row) throw new Error('the row is not drawn');
    return row.dataset.execution;
  });
}

function recordNow(workspace: FakeWorkspace): void {
  const connector_id = workspace.connectors[0]?.summary.id ?? '';
  const { id } = record(workspace, connector_id, 'succeeded');
  workspace.emit({ event: 'execution_recorded', connector_id, execution_id: id });
}

function shownAs(workspace: FakeWorkspace, position: number): string {
  return workspace.executions[position]?.id ?? '';
}

describe('the log of a connector', () => {
  it('draws the rows that are seen, and reaches the last one by keyboard', async () => {
    const { user, workspace, container } = await openLogs(1234);
    expect(screen.getAllByTestId('log-row').length).toBeLessThan(40);
    expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', shownAs(workspace, 0));
    await waitFor(() => {
      expect(screen.getByTestId('log-count')).toHaveTextContent(/^1,234$/);
    });
    await user.keyboard('{End}{Enter}');
    await waitFor(() => {
      expect(screen.getByTestId('run-result')).toHaveAttribute('data-execution', shownAs(workspace, 1233));
    });
    expect(within(screen.getByTestId('log-list')).getByRole('option', { selected: true })).toHaveAttribute(
      'aria-posinset',
      '1234',
    );
    await user.keyboard('{PageUp}{Home}{PageDown}{k}');
    expect(screen.getByTestId('log-count')).toHaveTextContent('19 of 1,234');
    await expectAccessible(container);
  });

  it('lists only failures, or only one reason, in people’s words', async () => {
    const { user, container } = await openLogs();
    await user.click(screen.getByTestId('filter-failed'));
    await waitFor(() => {
      expect(words().every((text) => !text.includes('answered 200'))).toBe(true);
    });
    await user.click(screen.getByTestId('filter-more'));
    await user.selectOptions(screen.getByTestId('filter-error-type'), 'Could not get an answer');
    await waitFor(() => {
      expect(words().every((text) => text.includes('no answer'))).toBe(true);
    });
    await expectAccessible(container);
    await user.click(screen.getByTestId('filter-succeeded'));
    await waitFor(() => {
      expect(words().every((text) => text.includes('200'))).toBe(true);
    });
    expect(screen.getByTestId('filter-error-type')).toBeDisabled();
  });

  it('keeps its filters in the address: going back takes one off, a link brings them', async () => {
    const { user, id } = await openLogs();
    await user.click(screen.getByTestId('filter-failed'));
    await screen.findByTestId('chip-result');
    await user.click(screen.getByTestId('filter-more'));
    await user.type(screen.getByTestId('filter-status'), '404{Tab}');
    await screen.findByTestId('chip-status');
    await waitFor(() => {
      expect(words().every((text) => text.includes('404'))).toBe(true);
    });
    expect(location.hash).toBe(`#/connectors/${id}/logs?success=false&status=404`);
    history.back();
    await waitFor(() => {
      expect(screen.queryByTestId('chip-status')).toBeNull();
    });
    await user.click(screen.getByTestId('chip-result'));
    await waitFor(() => {
      expect(screen.queryByTestId('log-chips')).toBeNull();
    });
    router.go(`/connectors/${id}/logs?customer=c-1042&range=24h`);
    await waitFor(() => {
      expect(screen.getByTestId('chip-customer')).toHaveTextContent('Customer c-1042');
    });
    await user.click(screen.getByTestId('clear-filters'));
    await waitFor(() => {
      expect(location.hash).toBe(`#/connectors/${id}/logs`);
    });
  });

  it('does not take a status or a moment that means nothing', async () => {
    const { user, id } = await openLogs();
    await user.click(screen.getByTestId('filter-more'));
    await user.type(screen.getByTestId('filter-status'), 'teapot{Tab}');
    expect(await screen.findByText(/Type a status such as 404/)).toBeVisible();
    await user.selectOptions(screen.getByTestId('filter-range'), 'From … to …');
    await user.type(screen.getByTestId('filter-since'), 'noon{Tab}');
    expect(await screen.findByText(/Type a day and a time/)).toBeVisible();
    expect(location.hash).toBe(`#/connectors/${id}/logs`);
    await user.clear(screen.getByTestId('filter-since'));
    await user.type(screen.getByTestId('filter-since'), '2020-01-01{Tab}');
    expect(await screen.findByTestId('chip-range')).toHaveTextContent('From 2020-01-01 00:00');
  });

  it('searches after a pause, says what is wrong with a search, and keeps what was typed', async () => {
    const { user, workspace } = await openLogs();
    await user.keyboard('/');
    expect(screen.getByTestId('log-search')).toHaveFocus();
    await user.keyboard('orders login');
    await waitFor(() => {
      expect(words().every((text) => text.includes('Orders login'))).toBe(true);
    });
    await user.clear(screen.getByTestId('log-search'));
    await user.keyboard('!?');
    expect(await screen.findByTestId('log-search-error')).toHaveTextContent(
      'There is no word in this search.',
    );
    expect(screen.getByTestId('log-search')).toHaveValue('!?');
    workspace.failing = new ProblemError({ code: 'failed', message: 'No.', next_step: 'Wait.', field: null });
    await user.keyboard('x');
    const again = await screen.findByRole('button', { name: 'Try again', description: '' });
    expect(screen.getByTestId('log-search')).toHaveValue('!?x');
    workspace.failing = null;
    await user.click(again);
  });

  it('never takes back what is being typed', async () => {
    const { user, id } = await openLogs();
    await user.type(screen.getByTestId('log-search'), 'answered');
    router.replace(`/connectors/${id}/logs?search=answ`);
    await screen.findByTestId('chip-search');
    expect(screen.getByTestId('log-search')).toHaveValue('answered');
    await waitFor(() => {
      expect(location.hash).toBe(`#/connectors/${id}/logs?search=answered`);
    });
    router.replace(`/connectors/${id}/logs`);
    await waitFor(() => {
      expect(screen.getByTestId('log-search')).toHaveValue('');
    });
  });

  it('opens the execution whose id is put into the search', async () => {
    const { user, workspace } = await openLogs(300);
    const wanted = shownAs(workspace, 250);
    await user.click(screen.getByTestId('log-search'));
    await user.paste(` ${wanted}`);
    await waitFor(() => {
      expect(screen.getByTestId('run-result')).toHaveAttribute('data-execution', wanted);
    });
    expect(screen.getAllByTestId('log-row')).toHaveLength(1);
    await user.click(screen.getByTestId('clear-filters'));
    await waitFor(() => {
      expect(screen.getAllByTestId('log-row').length).toBeGreaterThan(1);
    });
    await user.click(screen.getByTestId('log-detail-close'));
    expect(screen.queryByTestId('log-detail')).toBeNull();
  });

  it('says that the newest are not in the search yet, and shows them once they are', async () => {
    const { user, workspace } = await openLogs();
    workspace.searchBehind = 1200;
    expect(screen.queryByTestId('log-behind')).toBeNull();
    await user.type(screen.getByTestId('log-search'), 'answered');
    expect(await screen.findByTestId('log-behind')).toHaveTextContent(
      'the search knows all but the newest 1,200',
    );
    record(workspace, workspace.connectors[0]?.summary.id ?? '', 'succeeded');
    workspace.searchBehind = 0;
    await waitFor(() => {
      expect(screen.queryByTestId('log-behind')).toBeNull();
    });
    expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', shownAs(workspace, 0));
  });

  it('says so when nothing fits the filter', async () => {
    const { user } = await openLogs(1);
    await user.type(screen.getByTestId('log-search'), 'nowhere');
    expect(await screen.findByTestId('log-nothing')).toHaveTextContent('No execution fits this filter.');
  });

  it('moves with J and K and opens with Enter, and the address names the execution', async () => {
    const { user, workspace, id } = await openLogs();
    await user.keyboard('jjk');
    await user.keyboard('{ArrowDown}{Enter}');
    const second = shownAs(workspace, 1);
    await waitFor(() => {
      expect(screen.getByTestId('run-result')).toHaveAttribute('data-execution', second);
    });
    expect(location.hash).toBe(`#/connectors/${id}/logs/${second}`);
    expect(within(screen.getByTestId('log-list')).getByRole('option', { selected: true })).toHaveAttribute(
      'data-execution',
      second,
    );
  });

  it('goes on by keyboard after a click', async () => {
    const { user, workspace } = await openLogs();
    await user.click(screen.getAllByTestId('log-row')[2] as HTMLElement);
    await user.keyboard('j{Enter}');
    await waitFor(() => {
      expect(screen.getByTestId('run-result')).toHaveAttribute('data-execution', shownAs(workspace, 3));
    });
  });

  it('shows new executions by itself', async () => {
    const { id } = await openLogs();
    const before = screen.getAllByTestId('log-row')[0]?.dataset.execution;
    await backend.runConnector('run-1', id, { order_id: 'down' }, 'test', false, null, () => undefined);
    await waitFor(() => {
      const first = screen.getAllByTestId('log-row')[0];
      expect(first?.dataset.execution).not.toBe(before);
      expect(first).toHaveTextContent('no answer');
    });
  });

  it('lets new executions wait while the reader is further down', async () => {
    const { id, user, workspace } = await openLogs();
    const list = screen.getByTestId('log-list');
    list.scrollTop = 400;
    list.dispatchEvent(new Event('scroll'));
    const first = await rowAt(11);
    await backend.runConnector('run-1', id, { order_id: 'A-1' }, 'test', false, null, () => undefined);
    const waiting = await screen.findByTestId('log-waiting');
    expect(waiting).toHaveTextContent('1 new execution above');
    expect(await rowAt(11)).toBe(first);
    await user.click(waiting);
    expect(screen.queryByTestId('log-waiting')).toBeNull();
    list.scrollTop = 0;
    list.dispatchEvent(new Event('scroll'));
    await waitFor(() => {
      expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', shownAs(workspace, 0));
    });
  });

  it('is paused: what is new waits behind its count until the log is followed again', async () => {
    const { user, workspace } = await openLogs();
    const first = shownAs(workspace, 0);
    await user.click(screen.getByTestId('log-live'));
    for (let run = 0; run < 3; run++) recordNow(workspace);
    expect(await screen.findByTestId('log-waiting')).toHaveTextContent('3 new executions above');
    expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', first);
    await user.click(screen.getByTestId('log-live'));
    await waitFor(() => {
      expect(screen.getAllByTestId('log-row')[3]).toHaveAttribute('data-execution', first);
    });
    expect(screen.queryByTestId('log-waiting')).toBeNull();
  });

  it('gathers many that come at once, also more than a page', async () => {
    const { workspace } = await openLogs();
    const list = vi.spyOn(backend, 'listExecutions');
    for (let run = 0; run < 150; run++) recordNow(workspace);
    await waitFor(() => {
      expect(screen.getByTestId('log-count')).toHaveTextContent(/^270$/);
    });
    expect(list.mock.calls.length).toBeLessThan(8);
    expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', shownAs(workspace, 0));
  });

  it('opens an execution from its address, with its wire name and next step', async () => {
    const workspace = useWorkspace('empty');
    const id = addSampleConnectors(workspace, '');
    addSampleExecutions(workspace, id, 12);
    const failed = workspace.executions.find((execution) => execution.error_type === 'token_refresh_error');
    const { container } = await openApp(`/connectors/${id}/logs/${failed?.id ?? ''}`, workspace);
    const detail = await screen.findByTestId('log-detail');
    await waitFor(() => {
      expect(detail).toHaveTextContent('token_refresh_error');
    });
    expect(screen.getByTestId('run-next-step')).toHaveTextContent('Try Test request on the token');
    await expectAccessible(container);
  });

  it('explains an empty log and offers the next step', async () => {
    await openLogs(0);
    expect(await screen.findByRole('link', { name: 'Test this connector' })).toBeVisible();
  });

  it('of all connectors names each row’s connector, and can be narrowed to one', async () => {
    const workspace = useWorkspace('empty');
    const id = addSampleConnectors(workspace, '');
    const other = workspace.connectors[1]?.summary.id ?? '';
    addSampleExecutions(workspace, id, 20);
    addSampleExecutions(workspace, other, 5);
    const { user, container } = await openApp('/logs', workspace);
    await screen.findAllByTestId('log-row');
    expect(words()[0]).toContain('Refund order');
    await user.click(screen.getByTestId('filter-more'));
    await user.selectOptions(screen.getByTestId('filter-connector'), 'Get order status');
    await waitFor(() => {
      expect(words().every((text) => text.includes('Get order status'))).toBe(true);
    });
    await user.click(screen.getAllByTestId('log-row')[0] as HTMLElement);
    expect(await screen.findByRole('link', { name: 'Get order status' })).toBeVisible();
    expect(location.hash).toMatch(/^#\/logs\/0192[\w-]+\?connector=/);
    await expectAccessible(container);
  });
});
