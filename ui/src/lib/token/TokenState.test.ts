import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { openApp, useWorkspace } from '../../test/page';

describe('Refresh now', () => {
  it('e13_can_be_cancelled_while_the_login_is_slow_and_says_what_goes_on', async () => {
    const workspace = useWorkspace();
    const token = workspace.tokens.find(({ request }) => request !== null);
    if (!token?.request) throw new Error('the samples have a request token');
    token.request.url = 'https://slow.example.com/login';
    const { generation } = token.summary;
    const { user } = await openApp(`/authentication/${token.summary.id}`, workspace);

    await user.click(await screen.findByTestId('token-refresh'));
    expect(screen.getByTestId('token-refresh')).toBeDisabled();
    await user.click(await screen.findByTestId('token-refresh-cancel'));

    await waitFor(() => {
      expect(screen.getByTestId('token-refresh')).toBeEnabled();
    });
    expect(screen.queryByTestId('token-refresh-cancel')).toBeNull();
    expect(screen.getByTestId('token-refresh-cancelled')).toHaveTextContent(
      'goes on, and its value is stored',
    );
    expect(screen.queryByTestId('token-state-problem')).toBeNull();
    expect(token.summary.generation).toBe(generation);
  });

  it('t9_has_nothing_to_cancel_while_nothing_is_asked', async () => {
    const workspace = useWorkspace();
    const token = workspace.tokens.find(({ request }) => request !== null);
    const { user } = await openApp(`/authentication/${token?.summary.id ?? ''}`, workspace);
    await user.click(await screen.findByTestId('token-refresh'));
    await waitFor(() => {
      expect(screen.getByTestId('token-generation')).toHaveTextContent(
        `generation ${String(token?.summary.generation ?? 0)}`,
      );
    });
    await waitFor(() => {
      expect(screen.queryByTestId('token-refresh-cancel')).toBeNull();
    });
    expect(screen.getByTestId('token-refresh-cancelled')).toBeEmptyDOMElement();
  });
});
