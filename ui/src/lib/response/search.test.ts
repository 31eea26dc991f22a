import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { type SearchProgress, type SearchQuery, type SearchReport } from '$lib/api';

import { expectAccessible } from '../../test/axe';
import { active, openTree as open, press } from '../../test/tree';

const MANY = { orders: Array.from({ length: 5000 }, (_, number) => ({ id: `A-${String(number)}` })) };

interface Held {
  query: SearchQuery;
  tell: (progress: SearchProgress) => void;
  end: (report: SearchReport) => void;
}

/** Searches that go on until they are told to end, and tell what they are told to tell. */
function heldSearch() {
  const asked: Held[] = [];
  const newest = (): Held => asked.at(-1) as Held;
  return {
    asked,
    tell: (progress: SearchProgress) => {
      newest().tell(progress);
    },
    end: (report: SearchReport) => {
      newest().end(report);
    },
    responseSearch: (_id: string, query: SearchQuery, _run: string, tell: Held['tell']) =>
      new Promise<SearchReport>((end) => asked.push({ query, tell, end })),
  };
}

/** What was begun by an answer has been done. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function count(): HTMLElement {
  return screen.getByTestId('tree-match-count');
}

describe('the search of a response tree', () => {
  it('finds keys and values, counts, and walks both ways', async () => {
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

  it('counts while it goes on, and shows the first match before it ends', async () => {
    const held = heldSearch();
    const next = vi.fn(() => Promise.resolve(1));
    const { user } = await open(MANY, {}, { responseSearch: held.responseSearch, responseNextMatch: next });
    await press(user, '/');
    await user.keyboard('id{Enter}');
    expect(count()).toHaveTextContent('0 matches so far…');
    held.tell({ matches: 12_345, searched: 0.25, first_row: 1 });
    await waitFor(() => {
      expect(count()).toHaveTextContent('12,345 matches so far…');
      expect(screen.getByTestId('tree-where')).toHaveTextContent('row 2 of');
    });
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '25');
    await user.click(screen.getByTestId('tree-next'));
    expect(next).toHaveBeenLastCalledWith('r', 1, false);
    held.end({ matches: 3_000_000, first_row: 1, capped: true });
    await waitFor(() => {
      expect(count()).toHaveTextContent('3,000,000 matches; the first 1,000,000 can be visited');
    });
    expect(screen.queryByRole('progressbar')).toBeNull();
  });

  it('ends with Escape and keeps what it has found; once more clears it', async () => {
    const held = heldSearch();
    const cancel = vi.fn(() => {
      held.end({ matches: 7, first_row: null, capped: false });
      return Promise.resolve(null);
    });
    const { user } = await open(MANY, {}, { responseSearch: held.responseSearch, cancel });
    await press(user, '/');
    await user.keyboard('x{Enter}');
    held.tell({ matches: 7, searched: 0.5, first_row: null });
    await user.keyboard('{Escape}');
    expect(cancel).toHaveBeenCalledOnce();
    await waitFor(() => {
      expect(count()).toHaveTextContent('7 matches, stopped at 50 %');
    });
    expect(screen.getByTestId('tree-search')).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(screen.getByTestId('tree-search')).toHaveValue('');
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
    expect(held.asked.at(-1)?.query).toMatchObject({ text: '' });
    expect(count()).toHaveTextContent(/^$/);
  });

  it('does not take whoever has moved on to the first match', async () => {
    const held = heldSearch();
    const responseNextMatch = vi.fn(() => Promise.resolve(0));
    const { user } = await open(MANY, {}, { responseSearch: held.responseSearch, responseNextMatch });
    await press(user, '/');
    await user.keyboard('id{Enter}{ArrowDown}');
    await press(user, '{ArrowDown}');
    expect(active()).toBe('/orders');
    held.tell({ matches: 1, searched: 0.1, first_row: 1 });
    held.end({ matches: 1, first_row: 1, capped: false });
    await waitFor(() => {
      expect(count()).toHaveTextContent(/^1 match$/);
    });
    await settled();
    expect(responseNextMatch).not.toHaveBeenCalled();
    expect(active()).toBe('/orders');
  });

  it('takes only the newest of two searches', async () => {
    const held = heldSearch();
    const { user } = await open(MANY, {}, { responseSearch: held.responseSearch });
    await press(user, '/');
    await user.keyboard('a{Enter}');
    await user.keyboard('b{Enter}');
    await waitFor(() => {
      expect(held.asked.map(({ query }) => query.text)).toEqual(['a', 'ab']);
    });
    const [older, newer] = held.asked;
    older?.tell({ matches: 1, searched: 1, first_row: null });
    newer?.tell({ matches: 3, searched: 0.5, first_row: null });
    older?.tell({ matches: 2, searched: 1, first_row: null });
    older?.end({ matches: 2, first_row: null, capped: false });
    await settled();
    expect(count()).toHaveTextContent('3 matches so far…');
    newer?.end({ matches: 5, first_row: null, capped: false });
    await waitFor(() => {
      expect(count()).toHaveTextContent(/^5 matches$/);
    });
  });

  it('tells capital letters apart when asked, and takes regular expressions', async () => {
    const { user, container } = await open({ Token: 1, token: 2, tokens: 3 });
    await press(user, '/');
    await user.keyboard('TOKEN{Enter}');
    await waitFor(() => {
      expect(count()).toHaveTextContent('3 matches');
    });
    await user.click(screen.getByRole('button', { name: 'Match case' }));
    await waitFor(() => {
      expect(count()).toHaveTextContent('0 matches');
    });
    await user.clear(screen.getByTestId('tree-search'));
    await user.click(screen.getByRole('button', { name: 'Regular expression' }));
    await user.type(screen.getByTestId('tree-search'), '^token$');
    await waitFor(() => {
      expect(count()).toHaveTextContent(/^1 match$/);
    });
    expect(screen.getByRole('button', { name: 'Regular expression' })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
    await expectAccessible(container);
  });

  it('says at the field what is wrong with an expression, and where', async () => {
    const { user, container } = await open(MANY);
    await user.click(screen.getByTestId('tree-regex'));
    await user.type(screen.getByTestId('tree-search'), 'a(');
    const problem = await screen.findByTestId('tree-search-problem');
    expect(problem).toHaveTextContent('The expression breaks off at character 2.');
    expect(screen.getByTestId('tree-search')).toHaveAttribute('aria-invalid', 'true');
    expect(screen.getByTestId('tree-search')).toHaveAccessibleDescription(/character 2/);
    await expectAccessible(container);
    await user.type(screen.getByTestId('tree-search'), ')');
    await waitFor(() => {
      expect(screen.queryByTestId('tree-search-problem')).toBeNull();
    });
  });
});
