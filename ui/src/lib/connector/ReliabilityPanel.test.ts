import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError, type BreakerView } from '$lib/api';
import { brokenBreaker, closedBreaker } from '$lib/api/fake/breakers';
import { connectorDetail, orderDraft } from '$lib/api/fake/connectors';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

async function open(breaker: BreakerView = closedBreaker, tab = 'reliability') {
  const workspace = useWorkspace();
  const connector = connectorDetail(orderDraft({ name: 'Orders' }), { breaker });
  workspace.connectors.push(connector);
  const id = connector.summary.id;
  const opened = await openApp(`/connectors/${id}/${tab}`, workspace);
  await find(tab === 'reliability' ? 'breaker-state' : `tab-${tab}`);
  return { ...opened, connector, id };
}

async function type(user: Awaited<ReturnType<typeof open>>['user'], id: string, text: string) {
  await user.clear(get(id));
  await user.type(get(id), text);
}

describe('the circuit breaker of a connector', () => {
  it.each([
    ['closed', closedBreaker],
    ['open', brokenBreaker('open')],
    ['half_open', brokenBreaker('half_open')],
    ['isolated', brokenBreaker('isolated', { opened_by: [], failures: 0 })],
  ])('c5_is_shown_while_it_is_%s_for_everyone', async (state, breaker) => {
    const { container } = await open(breaker);
    expect(get('breaker-state')).toHaveAttribute('data-state', state);
    expect(get('breaker-picture')).toHaveAttribute('data-state', state);
    if (state === 'closed') expect(screen.queryByTestId('breaker-chip')).toBeNull();
    else expect(get('breaker-chip')).toHaveAttribute('data-state', state);
    await expectAccessible(container);
  });

  it('c5_shows_the_failures_so_far_while_it_is_closed', async () => {
    const { opened_by } = brokenBreaker('open');
    await open(brokenBreaker('closed', { failures: 2, opened_by: opened_by.slice(0, 2), changed_at: null }));
    expect(get('breaker-failures')).toHaveTextContent('2 of 5 failures in a row');
    expect(get('breaker-opened-by')).toHaveTextContent('The failures so far');
    expect(screen.getAllByTestId('breaker-failure')).toHaveLength(2);
    expect(get('breaker-reset')).toBeEnabled();
  });

  it('has nothing to reset when it never counted anything', async () => {
    await open();
    expect(get('breaker-reset')).toBeDisabled();
    expect(screen.queryByTestId('breaker-reset-header')).toBeNull();
  });

  it('c5_opens_after_failures_counts_down_on_every_tab_and_is_reset_from_the_header', async () => {
    const { user, connector } = await open(closedBreaker, 'test');
    await user.type(await find('run-input-order_id'), 'login');
    for (let run = 1; run <= 5; run++) {
      await user.click(get('run-connector'));
      await waitFor(() => {
        expect(connector.summary.breaker.failures).toBe(run);
      });
      await find('run-result');
    }
    await waitFor(() => {
      expect(get('breaker-chip')).toHaveTextContent(/breaker open · next try in (1:00|0:5\d)/);
    });
    await user.click(get('run-connector'));
    await waitFor(() => {
      expect(get('run-sentence')).toHaveTextContent('The circuit breaker is open: 5 runs in a row failed.');
    });
    await user.click(get('breaker-reset-header'));
    await waitFor(() => {
      expect(screen.queryByTestId('breaker-chip')).toBeNull();
    });
    expect(connector.summary.breaker.state).toBe('closed');
    expect(document.body, 'the keyboard goes on in the page').not.toHaveFocus();
  });

  it('c5_isolate_says_what_it_does_before_it_does_it', async () => {
    const { user, connector } = await open();
    await user.click(get('breaker-isolate'));
    const dialog = await find('confirm-dialog');
    expect(dialog).toHaveTextContent('Every run of it is refused at once, from every source');
    await user.click(within(dialog).getByTestId('confirm-cancel'));
    expect(connector.summary.breaker.state).toBe('closed');
    await user.click(get('breaker-isolate'));
    await user.click(await find('confirm-action'));
    await waitFor(() => {
      expect(get('breaker-state')).toHaveTextContent('isolated');
    });
    expect(screen.queryByTestId('breaker-isolate')).toBeNull();
    await user.click(get('breaker-reset'));
    await waitFor(() => {
      expect(get('breaker-state')).toHaveTextContent('closed');
    });
  });

  it('says on any tab why a reset was refused', async () => {
    const { user, workspace } = await open(brokenBreaker('open'), 'logs');
    workspace.refusing.resetBreaker = new ProblemError({
      code: 'failed',
      message: 'The disk is full.',
      next_step: 'Make room.',
      field: null,
    });
    await user.click(await find('breaker-reset-header'));
    expect(await screen.findByText('The disk is full.')).toBeVisible();
  });

  it('stands in the list of connectors, too', async () => {
    const { user } = await open(brokenBreaker('open'));
    await user.click(get('nav-connectors'));
    await find('connector-table');
    const chips = screen.getAllByTestId('breaker-chip');
    expect(chips).toHaveLength(1);
    expect(chips[0]).toHaveTextContent(/^breaker open · 0:\d\d$/);
    expect(chips[0]?.getAttribute('href')).toMatch(/reliability$/);
  });
});

describe('its numbers and the timeouts', () => {
  it('are saved with the connector, by keyboard', async () => {
    const { user, connector } = await open();
    const before = connector.draft.reliability;
    await type(user, 'reliability-failures', '3');
    await type(user, 'reliability-window', '120');
    await type(user, 'reliability-open-seconds', '2');
    await type(user, 'total-timeout', '5000');
    expect(get('reliability-rule')).toHaveTextContent(
      '3 failures in a row within 2 min open it. Then nothing is sent for 2 s',
    );
    expect(get('reliability-differs')).toHaveTextContent('These count once they are saved.');
    expect(get('unsaved')).toBeVisible();
    await user.keyboard('{Control>}s{/Control}');
    await waitFor(() => {
      expect(screen.queryByTestId('unsaved')).toBeNull();
    });
    expect(connector.draft.reliability).toEqual({
      failures: 3,
      window_seconds: 120,
      open_seconds: 2,
      connect_timeout_ms: before.connect_timeout_ms,
      timeout_ms: 5000,
    });
    await waitFor(() => {
      expect(screen.queryByTestId('reliability-differs')).toBeNull();
    });
    expect(screen.getByRole('img').getAttribute('aria-label')).toContain('3 failures in a row within 2 min');
  });

  it('stay empty when they are emptied, are numbers only, and are undone together', async () => {
    const { user } = await open();
    await user.clear(get('reliability-failures'));
    expect(get('reliability-failures')).toHaveValue('');
    await user.type(get('reliability-failures'), '1x2-3456789012');
    expect(get('reliability-failures')).toHaveValue('123456789');
    await user.click(get('revert-connector'));
    await user.click(await find('confirm-action'));
    expect(get('reliability-failures')).toHaveValue('5');
  });

  it.each([
    ['reliability-failures', /from 1 to 100\./],
    ['reliability-window', /from 1 to 86400 seconds/],
    ['reliability-open-seconds', /from 1 to 86400 seconds/],
    ['connect-timeout', /from 100 to 300000/],
    ['total-timeout', /from 100 to 300000/],
  ])('%s has its error at the field, and one save from Setup opens this tab', async (field, error) => {
    const { user, container } = await open();
    await user.clear(get(field));
    await user.click(get('tab-setup'));
    await user.click(await find('save-connector'));
    await waitFor(() => {
      expect(get(field)).toHaveAccessibleDescription(error);
    });
    expect(location.hash).toMatch(/reliability$/);
    await waitFor(() => {
      expect(get(field)).toHaveFocus();
    });
    expect(screen.queryByTestId('problem'), 'it is not said twice').toBeNull();
    await expectAccessible(container);
  });

  it('an error of Setup opens Setup, and one without a place is said here', async () => {
    const { user, workspace, id } = await open();
    await type(user, 'reliability-failures', '4');
    workspace.refusing.saveConnector = new ProblemError({
      code: 'failed',
      message: 'The disk is full.',
      next_step: 'Make room.',
      field: null,
    });
    await user.click(get('save-connector'));
    expect(await find('problem')).toHaveTextContent('The disk is full.');
    expect(location.hash).toBe(`#/connectors/${id}/reliability`);
    workspace.refusing.saveConnector = new ProblemError({
      code: 'invalid',
      message: 'The connector has no name.',
      next_step: 'Give it a name.',
      field: 'name',
    });
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(get('connector-name')).toHaveAccessibleDescription(/no name/);
    });
    expect(location.hash).toBe(`#/connectors/${id}/setup`);
  });

  it('are asked about before they are left, and found again', async () => {
    const { user, id } = await open();
    await type(user, 'reliability-open-seconds', '7');
    await user.click(get('tab-test'));
    expect(screen.queryByTestId('confirm-dialog'), 'another tab is the same form').toBeNull();
    await user.click(get('nav-overview'));
    await user.click(await find('confirm-action'));
    await find('overview-table');
    location.hash = `#/connectors/${id}/reliability`;
    await waitFor(() => {
      expect(get('reliability-open-seconds')).toHaveValue('7');
    });
    await user.click(get('revert-connector'));
    await user.click(await find('confirm-action'));
  });

  it('stand here only', async () => {
    const { user } = await open(closedBreaker, 'setup');
    await user.click(await find('advanced-summary'));
    expect(screen.queryByTestId('total-timeout')).toBeNull();
  });

  it('of what is live are told from those that are not published', async () => {
    const { user } = await open();
    await user.click(get('set-live'));
    await waitFor(() => {
      expect(get('connector-state')).toHaveTextContent('live');
    });
    vi.spyOn(backend, 'breaker').mockResolvedValue(closedBreaker);
    await type(user, 'reliability-failures', '9');
    await user.click(get('save-connector'));
    await find('unpublished-edits');
    expect(get('reliability-differs')).toHaveTextContent('These count once they are saved and set live.');
  });
});
