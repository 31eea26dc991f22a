import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError } from '$lib/api';
import { brokenBreaker } from '$lib/api/fake/breakers';
import { addSampleExecutions } from '$lib/api/fake/executions';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);
const rows = (): HTMLElement[] => screen.getAllByTestId('overview-row');

describe('the overview', () => {
  it('shows how the runs of each connector went, those that need attention first', async () => {
    const workspace = useWorkspace();
    const [, second] = workspace.connectors;
    if (second) second.summary.breaker = brokenBreaker('open');
    const { container } = await openApp('/overview', workspace);
    await find('overview-table');
    expect(rows().map((row) => within(row).getByTestId('overview-link').textContent)).toEqual([
      'Refund order',
      'Get order status',
    ]);
    expect(rows()[0]).toHaveTextContent(/breaker open · 0:\d\d/);
    expect(rows()[0]).toHaveTextContent('no runs');
    expect(rows()[1]).toHaveTextContent('160');
    expect(rows()[1]).toHaveTextContent(/\d+(\.\d)? %/);
    expect(
      within(rows()[1] as HTMLElement)
        .getByRole('img')
        .getAttribute('aria-label'),
    ).toMatch(/^\d+ succeeded and \d+ failed\./);
    expect(get('overview-summary')).toHaveTextContent('160 runs in the last 24 hours');
    await expectAccessible(container);
  });

  it('leads from a failure to the log that shows only it', async () => {
    const { user } = await openApp('/overview');
    const [reason] = await screen.findAllByTestId('overview-reason');
    expect(reason?.getAttribute('href')).toMatch(/logs\?range=24h&error_type=\w+$/);
    if (reason) await user.click(reason);
    await find('tab-logs');
    expect(get('tab-logs')).toHaveAttribute('aria-selected', 'true');
  });

  it('is over the last hour, day or week, by keyboard, and a link keeps that', async () => {
    const asked = vi.fn();
    const workspace = useWorkspace();
    const { user } = await openApp('/overview?span=hour', workspace);
    await find('overview-table');
    expect(get('overview-span-hour')).toBeChecked();
    const overview = vi.spyOn(backend, 'overview').mockImplementation(async (span) => {
      asked(span);
      return { since: new Date().toISOString(), connectors: [], tokens: [] };
    });
    get('overview-span-hour').focus();
    await user.keyboard('{ArrowRight}{ArrowRight}');
    await waitFor(() => {
      expect(asked).toHaveBeenLastCalledWith('week');
    });
    expect(location.hash).toBe('#/overview?span=week');
    overview.mockRestore();
  });

  it('follows what happens, and asks no more than once in two seconds', async () => {
    const { workspace } = await openApp('/overview');
    await find('overview-table');
    const overview = vi.spyOn(backend, 'overview');
    const connector = workspace.connectors[1]?.summary.id ?? '';
    const began = performance.now();
    addSampleExecutions(workspace, connector, 20);
    for (let event = 0; event < 40; event++) {
      const execution_id = `e${String(event)}`;
      workspace.emit({ event: 'execution_recorded', connector_id: connector, execution_id });
      // Each finds the answer before it given.
      await new Promise((resolve) => setTimeout(resolve));
    }
    await waitFor(() => {
      expect(get('overview-summary')).toHaveTextContent('180 runs');
    });
    const seconds = (performance.now() - began) / 1000;
    expect(overview.mock.calls.length, 'however many events there were').toBeLessThanOrEqual(
      1 + Math.ceil(seconds / 2),
    );
  });

  it('tells which tokens expire and leads to where that is set', async () => {
    const workspace = useWorkspace();
    const [token] = workspace.tokens;
    if (!token) throw new Error('the samples have tokens');
    workspace.tokens.push({
      ...structuredClone(token),
      summary: { ...token.summary, id: 'ahead', name: 'Renewed login' },
      refresh_before_seconds: 60,
      expires_at: new Date(Date.now() + 60_000).toISOString(),
    });
    workspace.tokens.push({
      ...structuredClone(token),
      summary: { ...token.summary, id: 'text', name: 'A pasted JWT', token_type: 'text', used_by: [] },
      request: null,
      expires_at: new Date(Date.now() - 60_000).toISOString(),
    });
    await openApp('/overview', workspace);
    const shown = await screen.findAllByTestId('overview-token');
    expect(shown.map((row) => within(row).getAllByRole('link')[0]?.textContent)).toEqual([
      'A pasted JWT',
      'Renewed login',
      'Sandbox login',
    ]);
    expect(shown[0]).toHaveTextContent(/expired 60 s ago.*set a new value.*not used/);
    expect(shown[1]).toHaveTextContent('refreshes before it expires');
    expect(shown[2]).toHaveTextContent('known from expires_in beside the value');
    expect(within(shown[2] as HTMLElement).getByTestId('overview-refresh-ahead')).toHaveAttribute(
      'href',
      `#/authentication/${token.summary.id}`,
    );
  });

  it('welcomes whoever starts with nothing', async () => {
    const { container } = await openApp('/overview', useWorkspace('empty'));
    await find('welcome');
    await expectAccessible(container);
  });

  it('leads to the first connector where there are only tokens', async () => {
    const workspace = useWorkspace();
    workspace.connectors = [];
    await openApp('/overview', workspace);
    expect(await find('empty-state')).toHaveTextContent('No data connectors yet');
    expect(screen.getByRole('link', { name: 'New connector' })).toHaveAttribute('href', '#/connectors/new');
  });

  it('keeps what it has and says what is wrong when the engine does not answer', async () => {
    const { workspace, user } = await openApp('/overview');
    await find('overview-table');
    workspace.refusing.overview = new ProblemError({
      code: 'failed',
      message: 'The database did not answer.',
      next_step: 'Try again.',
      field: null,
    });
    workspace.emit({ event: 'tokens_changed' });
    expect(await find('problem')).toHaveTextContent('The database did not answer.');
    expect(get('overview-table')).toBeVisible();
    workspace.refusing = {};
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => {
      expect(screen.queryByTestId('problem')).toBeNull();
    });
  });
});
