import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError, setBackend, type BreakerView } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';
import { brokenBreaker, closedBreaker } from '$lib/api/fake/breakers';
import { connectorDetail, orderDraft } from '$lib/api/fake/connectors';

import { expectAccessible } from '../../test/axe';
import BreakerPicture from './BreakerPicture.svelte';
import BreakerRefusal from './BreakerRefusal.svelte';
import FailureDots from './FailureDots.svelte';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

async function openRefusal(breaker: BreakerView) {
  const workspace = new FakeWorkspace();
  const connector = connectorDetail(orderDraft(), { breaker });
  workspace.connectors.push(connector);
  setBackend(fakeBackend(workspace));
  const { container } = render(BreakerRefusal, { execution: { connector_id: connector.summary.id } });
  await find('breaker-refusal');
  return { workspace, container, connector, user: userEvent.setup() };
}

describe('the picture', () => {
  it.each(['closed', 'open', 'half_open', 'isolated'] as const)('fills %s and says it in words', (state) => {
    const { container } = render(BreakerPicture, {
      breaker: { ...closedBreaker, threshold: 3, window_seconds: 90, open_seconds: 2 },
      state,
    });
    const filled = [...container.querySelectorAll('.present text')].map((text) => text.textContent);
    const name = state.replace('_', '-');
    expect(filled).toEqual([name]);
    const words = screen.getByRole('img').getAttribute('aria-label') ?? '';
    expect(words).toContain(`The circuit breaker is ${name}. 3 failures in a row within 90 s open it`);
    expect(words).toContain('after 2 s');
    expect(container.querySelector('.isolated') !== null).toBe(state === 'isolated');
  });
});

describe('the failures so far', () => {
  it('are dots, or a bar where they are many', () => {
    const few = render(FailureDots, { failures: 2, threshold: 5 });
    expect(few.container.querySelectorAll('.dot')).toHaveLength(5);
    expect(few.container.querySelectorAll('.dot.on')).toHaveLength(2);
    expect(few.container).toHaveTextContent('2 of 5 failures in a row');
    const many = render(FailureDots, { failures: 70, threshold: 100 });
    expect(many.container.querySelectorAll('.dot')).toHaveLength(0);
    expect(many.container.querySelector('.bar span')).toHaveStyle({ width: '70%' });
  });
});

describe('where a run was refused', () => {
  it('c4_says_when_the_next_try_is_and_which_runs_opened_it', async () => {
    const { container } = await openRefusal(brokenBreaker('open'));
    expect(await find('breaker-state')).toHaveTextContent('open');
    expect(get('breaker-countdown')).toHaveTextContent(/^0:4[0-2]$/);
    expect(get('breaker-advice')).toHaveTextContent('Test the request of the token whose login failed');
    const links = screen.getAllByTestId('breaker-failure');
    expect(links).toHaveLength(5);
    for (const link of links) {
      expect(link.getAttribute('href')).toMatch(`/logs/${link.dataset.execution ?? '?'}`);
    }
    await expectAccessible(container);
  });

  it('c3_at_the_end_of_the_countdown_the_next_run_is_the_probe_and_the_state_is_asked_anew', async () => {
    await openRefusal(brokenBreaker('open', { next_probe_at: new Date(Date.now() + 900).toISOString() }));
    const asked = vi.spyOn(backend, 'breaker');
    expect(await find('breaker-countdown')).toHaveTextContent('0:01');
    await waitFor(() => {
      expect(get('breaker-phase')).toHaveTextContent('The next run is the probe');
    });
    expect(screen.queryByTestId('breaker-countdown')).toBeNull();
    expect(get('breaker-picture')).toHaveAttribute('data-state', 'half_open');
    await waitFor(() => {
      expect(asked).toHaveBeenCalled();
    });
  });

  it('c5_is_reset_there_and_the_keyboard_stays', async () => {
    const { user, connector } = await openRefusal(brokenBreaker('open'));
    (await find('breaker-reset')).focus();
    await user.keyboard('{Enter}');
    expect(await find('breaker-closed-since')).toBeVisible();
    expect(connector.summary.breaker.state).toBe('closed');
    expect(get('breaker-refusal')).toHaveFocus();
  });

  it('says why a reset was refused and shows what it knew', async () => {
    const { user, workspace } = await openRefusal(brokenBreaker('isolated', { opened_by: [], failures: 0 }));
    workspace.refusing.resetBreaker = new ProblemError({
      code: 'failed',
      message: 'The disk is full.',
      next_step: 'Make room.',
      field: null,
    });
    await user.click(await find('breaker-reset'));
    expect(await find('problem')).toHaveTextContent('The disk is full. Make room.');
    expect(get('breaker-phase')).toHaveTextContent('Opened by hand. Nothing is sent until you reset it.');
    expect(get('breaker-reset')).toBeEnabled();
  });

  it('follows what another program did', async () => {
    const { workspace, connector } = await openRefusal(brokenBreaker('open'));
    await find('breaker-countdown');
    connector.summary.breaker = closedBreaker;
    workspace.emit({ event: 'breaker_changed', connector_id: connector.summary.id });
    expect(await find('breaker-closed-since')).toBeVisible();
  });
});
