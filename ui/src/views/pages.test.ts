import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

afterEach(() => {
  document.documentElement.removeAttribute('data-theme');
});

describe('every page can be used by everyone', () => {
  it.each([
    ['/authentication', 'token-table'],
    ['/authentication/new', 'token-type-text'],
    ['/authentication/new/text', 'token-text-value'],
    ['/authentication/new/http_request', 'test-request'],
    ['/storage', 'storage-folder'],
    ['/appearance', 'theme-dark'],
    ['/sandbox', 'sandbox-start'],
  ])('%s', async (place, shown) => {
    const { container } = await openApp(place);
    await find(shown);
    await expectAccessible(container);
  });
});

describe('the first start', () => {
  it('welcomes, and the sandbox is one click away', async () => {
    const { user, container } = await openApp('/authentication', useWorkspace('empty'));
    await find('welcome');
    await expectAccessible(container);
    await user.click(get('try-sandbox'));
    await waitFor(() => {
      expect(location.hash).toMatch(/^#\/connectors\/.+\/test$/);
    });
    await waitFor(() => {
      expect(document.activeElement?.id, 'the keyboard goes on in the new page').toBe('page');
    });
    await waitFor(() => {
      expect(get('nav-sandbox-state')).toHaveTextContent('on');
    });
    expect(get('nav-authentication')).toHaveTextContent('1');
  });
});

describe('the token list', () => {
  it('is searched in every column', async () => {
    const { user } = await openApp('/authentication');
    await user.type(await find('token-search'), 'text billing');
    expect(screen.getAllByTestId('token-row').map((row) => row.dataset.name)).toEqual(['Billing API key']);
    await user.type(get('token-search'), ' nowhere');
    expect(get('empty-state')).toHaveTextContent('Nothing found');
  });

  it('follows what is committed in the workspace', async () => {
    const { workspace } = await openApp('/authentication');
    await find('token-table');
    workspace.tokens = workspace.tokens.slice(1);
    workspace.emit({ event: 'tokens_changed' });
    await waitFor(() => {
      expect(screen.getAllByTestId('token-row')).toHaveLength(2);
    });
  });

  it('keeps what it has and says what is wrong when the engine does not answer', async () => {
    const { workspace, user } = await openApp('/authentication');
    await find('token-table');
    workspace.failing = new ProblemError({
      code: 'failed',
      message: 'No answer.',
      next_step: 'Wait.',
      field: null,
    });
    workspace.emit({ event: 'tokens_changed' });
    expect(await find('problem')).toHaveTextContent('No answer. Wait.');
    workspace.failing = null;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => {
      expect(screen.queryByTestId('problem')).toBeNull();
    });
  });

  it('goes to the unlock page when the workspace is locked meanwhile', async () => {
    const { workspace } = await openApp('/authentication');
    await find('token-table');
    workspace.failing = new ProblemError({ code: 'locked', message: 'Locked.', next_step: '', field: null });
    workspace.emit({ event: 'tokens_changed' });
    workspace.vault = {
      state: 'locked',
      slots: ['passphrase'],
      reason: 'Locked.',
      next_step: '',
      by_user: false,
      folder: '/',
    };
    expect(await find('unlock-page')).toHaveTextContent('Locked.');
  });
});

describe('settings', () => {
  it('the theme is applied at once and the last place is remembered', async () => {
    const { user } = await openApp('/appearance');
    await user.click(await find('theme-dark'));
    expect(document.documentElement.dataset.theme).toBe('dark');
    const { backend } = await import('$lib/api');
    await waitFor(async () => {
      expect(await backend.preferences()).toMatchObject({ theme: 'dark', last_place: '/appearance' });
    });
  });

  it('s1_a_passphrase_is_added_and_removed_and_what_is_lost_is_named', async () => {
    const { user } = await openApp('/storage');
    await user.click(await find('passphrase-change'));
    await user.type(get('passphrase-new'), 'short');
    await user.type(get('passphrase-again'), 'short');
    await user.click(get('passphrase-save'));
    await waitFor(() => {
      expect(get('passphrase-new')).toHaveAccessibleDescription(/at least 8 characters/);
    });
    await user.type(get('passphrase-new'), ' but longer');
    await user.type(get('passphrase-again'), ' but longer');
    await user.click(get('passphrase-save'));
    await find('slot-passphrase');
    await user.click(get('passphrase-remove'));
    expect(await find('confirm-dialog')).toHaveTextContent('so are the tokens and logs');
    await user.click(get('confirm-action'));
    await waitFor(() => {
      expect(screen.queryByTestId('slot-passphrase')).toBeNull();
    });
  });
});

describe('the sandbox page', () => {
  it('starts, breaks on purpose at once, and shows what it served', async () => {
    const { user, container } = await openApp('/sandbox');
    await user.clear(await find('sandbox-port'));
    await user.type(get('sandbox-port'), '99999');
    expect(get('sandbox-port')).toHaveAccessibleDescription('Type a port from 1 to 65535.');
    expect(get('sandbox-start')).toBeDisabled();
    await user.clear(get('sandbox-port'));
    await user.type(get('sandbox-port'), '4999');
    await user.click(get('sandbox-start'));
    expect(await find('sandbox-base-url')).toHaveTextContent('http://127.0.0.1:4999');
    expect(get('served')).toHaveTextContent('token expired');
    await user.click(get('switch-login_down'));
    await waitFor(() => {
      expect(get('switch-login_down')).toBeChecked();
    });
    await user.clear(get('token-lifetime'));
    await user.type(get('token-lifetime'), '5{Enter}');
    await user.click(get('expire-tokens'));
    expect(await screen.findByText(/is expired/)).toBeVisible();
    await expectAccessible(container);
    const { backend } = await import('$lib/api');
    expect((await backend.sandboxStatus()).switches).toMatchObject({
      login_down: true,
      token_lifetime_seconds: 5,
    });
    await user.click(get('sandbox-stop'));
    await find('sandbox-start');
  });
});
