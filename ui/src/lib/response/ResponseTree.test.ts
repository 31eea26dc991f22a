import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { backend, ProblemError, setBackend } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';

import { expectAccessible } from '../../test/axe';
import { active, numberRow, openTree as open, press } from '../../test/tree';
import ResponseTree from './ResponseTree.svelte';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzdXBwb3J0LWJvdCJ9.c2lnbmF0dXJl';
const LOGIN = { data: { access_token: JWT, expires_in: 900 }, note: 'x'.repeat(300), tags: ['a', 'b'] };
const MANY = { orders: Array.from({ length: 5000 }, (_, number) => ({ id: `A-${String(number)}` })) };

afterEach(() => {
  vi.useRealTimers();
});

describe('a response tree', () => {
  it('has the roles and levels of a tree', async () => {
    const { container } = await open(LOGIN, {
      pickable: true,
      picked: { in: 'json', at: '/data/access_token' },
    });
    const row = await screen.findByRole('treeitem', { name: /^access_token:/ });
    expect(row).toHaveAttribute('aria-level', '3');
    expect(row).toHaveAttribute('aria-selected', 'true');
    expect(row).toHaveTextContent('token location');
    await expectAccessible(container);
  });

  it('moves with the arrow keys, and opens and closes rows', async () => {
    const { user } = await open({ a: { b: { c: 1 } }, z: 2 });
    await press(user, '{ArrowDown}');
    expect(active()).toBe('/a');
    await press(user, '{ArrowLeft}');
    expect(screen.queryByRole('treeitem', { name: /^b:/ })).toBeNull();
    await press(user, '{ArrowRight}', '{ArrowRight}');
    expect(active()).toBe('/a/b');
    await press(user, '{ArrowRight}', '{ArrowDown}');
    expect(active()).toBe('/a/b/c');
    await press(user, '{ArrowLeft}');
    expect(active()).toBe('/a/b');
    await press(user, '{End}');
    expect(active()).toBe('/z');
    await press(user, '{Home}');
    expect(active()).toBe('');
  });

  it('counts keys in the order in which they are pressed, while rows are still being opened', async () => {
    const onpick = vi.fn();
    await open({ a: 1, z: { list: [0, { token: 'x-1' }] } }, { pickable: true, onpick });
    const rows = screen.getByTestId('tree-rows');
    // As fast as somebody who knows the way: no key waits for what the one before has opened.
    for (const key of ['End', 'ArrowRight', 'End', 'ArrowRight', 'End', 'Enter'])
      fireEvent.keyDown(rows, { key });
    await waitFor(() => {
      expect(onpick).toHaveBeenCalledOnce();
    });
    expect(onpick.mock.calls[0]?.[0]).toEqual({ in: 'json', at: '/z/list/1/token', then: [] });
  });

  it('finds a key by its first letters', async () => {
    const { user } = await open(LOGIN);
    await press(user, 't', 'a');
    expect(active()).toBe('/tags');
  });

  it('draws only what is seen of thousands of rows, and reaches the last', async () => {
    const { user } = await open(MANY);
    await user.click(screen.getByTestId('tree-expand-all'));
    await press(user, '{End}');
    await waitFor(() => {
      expect(active()).toBe('/orders/4999/id');
    });
    expect(screen.getAllByTestId('tree-row').length).toBeLessThan(40);
  });

  it('t4_enter_picks_a_value_that_can_be_a_token', async () => {
    const onpick = vi.fn();
    const { user } = await open(LOGIN, { pickable: true, onpick });
    await press(user, 'e', '{Enter}');
    expect(onpick).toHaveBeenCalledWith(
      { in: 'json', at: '/data/expires_in', then: [] },
      expect.objectContaining({ kind: 'number' }),
    );
    onpick.mockClear();
    await press(user, '{Home}', '{Enter}');
    expect(onpick).not.toHaveBeenCalled();
  });

  it('t8_a_masked_value_is_not_in_the_page_until_it_is_revealed_and_goes_with_the_focus', async () => {
    const { user, container } = await open(LOGIN);
    const row = await screen.findByRole('treeitem', { name: /^access_token:/ });
    expect(container).not.toHaveTextContent(JWT);
    await user.click(row);
    await user.click(screen.getByRole('button', { name: 'Reveal access_token' }));
    expect(await screen.findByTestId('tree-opened-value')).toHaveTextContent(JWT);
    await user.click(document.body);
    window.dispatchEvent(new Event('blur'));
    await waitFor(() => {
      expect(container).not.toHaveTextContent(JWT);
    });
  });

  it('t8_a_revealed_value_goes_after_30_seconds', async () => {
    const { container } = await open(LOGIN);
    const row = await screen.findByRole('treeitem', { name: /^access_token:/ });
    vi.useFakeTimers();
    row.querySelector<HTMLElement>('[data-testid=tree-reveal]')?.click();
    await vi.advanceTimersByTimeAsync(1000);
    expect(container).toHaveTextContent(JWT);
    await vi.advanceTimersByTimeAsync(29_100);
    expect(container).not.toHaveTextContent(JWT);
  });

  it('t8_copying_goes_through_the_engine_and_never_through_the_page', async () => {
    const { user, container } = await open(LOGIN);
    const copied = vi.spyOn(backend, 'responseCopyValue');
    await press(user, 'a', '{Control>}c{/Control}');
    await waitFor(() => {
      expect(screen.getByTestId('tree-note')).toHaveTextContent(`Copied ${String(JWT.length)} characters`);
    });
    expect(copied).toHaveBeenCalledOnce();
    expect(container).not.toHaveTextContent(JWT);
  });

  it('says that rows are still asked for, and then that there are none to be had', async () => {
    const failing = new ProblemError({ code: 'failed', message: 'It failed.', next_step: '', field: null });
    const workspace = new FakeWorkspace();
    workspace.bodies.set('r', LOGIN);
    workspace.latency = 300;
    workspace.refusing.responseRows = failing;
    setBackend(fakeBackend(workspace));
    render(ResponseTree, { responseId: 'r' });
    expect(await screen.findByText('Opening the response')).toBeVisible();
    expect(await screen.findByRole('alert')).toHaveTextContent('It failed.');
    workspace.refusing = {};
    screen.getByTestId('tree-retry').click();
    expect(await screen.findByRole('treeitem', { name: /^access_token:/ })).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('moves by pages and to both ends of millions of rows', async () => {
    const total = 5_000_000;
    const { user } = await open(
      [0],
      { height: 240 },
      {
        responseRows: (_, from, count) =>
          Promise.resolve({
            total,
            from,
            rows: Array.from({ length: Math.min(count, total - from) }, (_, at) => numberRow(from + at)),
          }),
      },
    );
    await press(user, '{End}');
    await waitFor(() => {
      expect(active()).toBe('/4999999');
    });
    await press(user, '{PageUp}');
    await waitFor(() => {
      expect(active()).toBe('/4999990');
    });
    await press(user, '{PageDown}', '{PageDown}');
    await waitFor(() => {
      expect(active()).toBe('/4999999');
    });
    await press(user, '{Home}');
    await waitFor(() => {
      expect(active()).toBe('/0');
    });
    expect(screen.getAllByTestId('tree-row').length).toBeLessThan(20);
  });

  it('keeps the keyboard when the row of a button with the focus goes', async () => {
    const { user } = await open(MANY);
    await press(user, '{ArrowDown}');
    await user.tab();
    const button = document.activeElement as HTMLElement;
    expect(button.closest('[role=treeitem]')).toHaveAttribute('data-pointer', '/orders');
    screen.getByTestId('tree-expand-all').click();
    await waitFor(() => {
      expect(screen.getByTestId('tree-where')).toHaveTextContent('of 10,002');
    });
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
  });

  it('says what expanding all has left closed', async () => {
    const { user } = await open(Array.from({ length: 20_050 }, (_, number) => ({ number })));
    await user.click(screen.getByTestId('tree-expand-all'));
    await waitFor(() => {
      expect(screen.getByTestId('tree-note')).toHaveTextContent('51 containers stay closed');
    });
  });

  it('shows the whole of a folded value when asked', async () => {
    const { user } = await open(LOGIN);
    await press(user, 'n', '{Enter}');
    expect(await screen.findByTestId('tree-opened-value')).toHaveTextContent('x'.repeat(300));
  });

  it('says what to do when the response is gone', async () => {
    setBackend(fakeBackend(new FakeWorkspace()));
    render(ResponseTree, { responseId: 'gone' });
    expect(await screen.findByRole('alert')).toHaveTextContent('Run the request once more to see it.');
  });
});
