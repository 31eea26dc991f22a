import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { backend } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';
import { addSampleConnectors } from '$lib/api/fake/connectors';
import { addSampleExecutions } from '$lib/api/fake/executions';

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

function shownAs(workspace: FakeWorkspace, position: number): string {
  return workspace.executions[position]?.id ?? '';
}

describe('the log of a connector', () => {
  it('lists the newest page first and loads more when the end comes near', async () => {
    const { workspace, container } = await openLogs();
    expect(screen.getAllByTestId('log-row')).toHaveLength(50);
    expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', shownAs(workspace, 0));
    screen.getByTestId('log-list').dispatchEvent(new Event('scroll'));
    await waitFor(() => {
      expect(screen.getAllByTestId('log-row')).toHaveLength(100);
    });
    await expectAccessible(container);
  });

  it('lists only failures, or only one reason, in people’s words', async () => {
    const { user } = await openLogs();
    await user.click(screen.getByTestId('filter-failed'));
    await waitFor(() => {
      expect(words().every((text) => !text.includes('200'))).toBe(true);
    });
    await user.selectOptions(screen.getByTestId('filter-error-type'), 'Could not get an answer');
    await waitFor(() => {
      expect(words().every((text) => text.includes('no answer'))).toBe(true);
    });
    await user.click(screen.getByTestId('filter-succeeded'));
    await waitFor(() => {
      expect(words().every((text) => text.includes('200'))).toBe(true);
    });
    expect(screen.queryByTestId('filter-error-type')).toBeNull();
  });

  it('says so when nothing fits the filter', async () => {
    const { user } = await openLogs(1);
    await user.click(screen.getByTestId('filter-succeeded'));
    await user.click(screen.getByTestId('filter-failed'));
    await user.selectOptions(screen.getByTestId('filter-error-type'), 'Cancelled');
    expect(await screen.findByTestId('log-nothing')).toBeVisible();
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
    const { id, user } = await openLogs();
    const list = screen.getByTestId('log-list');
    list.scrollTop = 400;
    list.dispatchEvent(new Event('scroll'));
    const first = screen.getAllByTestId('log-row')[0]?.dataset.execution;
    await backend.runConnector('run-1', id, { order_id: 'A-1' }, 'test', false, null, () => undefined);
    const waiting = await screen.findByTestId('log-waiting');
    expect(waiting).toHaveTextContent('1 new execution above');
    expect(screen.getAllByTestId('log-row')[0]).toHaveAttribute('data-execution', first);
    await user.click(waiting);
    expect(screen.getAllByTestId('log-row')[0]).not.toHaveAttribute('data-execution', first);
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
});
