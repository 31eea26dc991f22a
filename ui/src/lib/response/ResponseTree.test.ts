import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { backend, setBackend } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';

import { expectAccessible } from '../../test/axe';
import ResponseTree from './ResponseTree.svelte';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzdXBwb3J0LWJvdCJ9.c2lnbmF0dXJl';
const LOGIN = { data: { access_token: JWT, expires_in: 900 }, note: 'x'.repeat(300), tags: ['a', 'b'] };
const MANY = { orders: Array.from({ length: 5000 }, (_, number) => ({ id: `A-${String(number)}` })) };

async function open(body: unknown, props: Record<string, unknown> = {}) {
  const workspace = new FakeWorkspace();
  workspace.bodies.set('r', body);
  setBackend(fakeBackend(workspace));
  const user = userEvent.setup();
  const result = render(ResponseTree, { responseId: 'r', ...props });
  await screen.findAllByTestId('tree-row');
  return { user, ...result };
}

/** Puts the keyboard on the tree and presses keys one after another, as the rows they need come in. */
async function press(user: UserEvent, ...keys: string[]): Promise<void> {
  screen.getByTestId('tree-rows').focus();
  for (const key of keys) {
    await user.keyboard(key);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function active(): string | null {
  const id = screen.getByTestId('tree-rows').getAttribute('aria-activedescendant');
  return id === null ? null : (document.getElementById(id)?.dataset.pointer ?? null);
}

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

  it('searches keys and values, counts, and walks both ways', async () => {
    const { user } = await open(MANY);
    await press(user, '/');
    expect(screen.getByTestId('tree-search')).toHaveFocus();
    await user.keyboard('A-49{Enter}');
    await waitFor(() => {
      expect(screen.getByTestId('tree-match-count')).toHaveTextContent('111 matches');
    });
    await waitFor(() => {
      expect(active()).toBe('/orders/49/id');
    });
    await user.keyboard('{Enter}');
    await waitFor(() => {
      expect(active()).toBe('/orders/490/id');
    });
    await user.keyboard('{Shift>}{Enter}{/Shift}');
    await waitFor(() => {
      expect(active()).toBe('/orders/49/id');
    });
    await user.keyboard('{Escape}');
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
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
