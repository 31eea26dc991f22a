import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { CLOSED, PASSPHRASE } from '$lib/api/fake/vault';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);

function closed(state: keyof typeof CLOSED): ReturnType<typeof useWorkspace> {
  const workspace = useWorkspace();
  workspace.vault = structuredClone(CLOSED[state]);
  return workspace;
}

describe('before the workspace is open', () => {
  it('s1_a_wrong_passphrase_is_said_at_the_field_and_changes_nothing', async () => {
    const { user, workspace, container } = await openApp('/connectors', closed('locked'));
    await expectAccessible(container);
    expect(get('unlock-page')).toHaveTextContent('The keyring is locked');
    expect(get('unlock-passphrase')).toHaveFocus();
    await user.type(get('unlock-passphrase'), 'wrong');
    await user.click(get('unlock'));
    await waitFor(() => {
      expect(get('unlock-passphrase')).toHaveAccessibleDescription(/does not fit/);
    });
    expect(get('unlock-passphrase')).toHaveValue('wrong');
    expect(workspace.vault.state).toBe('locked');
  });

  it('s1_the_passphrase_opens_the_workspace', async () => {
    const { user } = await openApp('/authentication', closed('locked'));
    await user.type(get('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
    expect(await screen.findByTestId('vault-chip')).toHaveTextContent('Passphrase unlocked');
    await screen.findByTestId('token-table');
  });

  it('s1_the_keyring_can_be_tried_again', async () => {
    const { user } = await openApp('/connectors', closed('locked'));
    await user.click(get('unlock-keyring'));
    expect(await screen.findByTestId('problem')).toHaveTextContent('The keyring is still locked.');
  });

  it('s1_a_new_workspace_without_a_keyring_asks_for_a_passphrase_twice', async () => {
    const { user, workspace, container } = await openApp('/connectors', closed('new'));
    await expectAccessible(container);
    expect(get('unlock-page')).toHaveTextContent('No keyring answered');
    await user.type(get('passphrase-new'), 'correct horse');
    await user.type(get('passphrase-again'), 'correct house');
    await user.click(get('passphrase-save'));
    await waitFor(() => {
      expect(get('passphrase-again')).toHaveAccessibleDescription(/not the same/);
    });
    expect(workspace.vault.state).toBe('new');
    await user.clear(get('passphrase-again'));
    await user.type(get('passphrase-again'), 'correct horse');
    await user.click(get('passphrase-save'));
    await screen.findByTestId('vault-chip');
  });

  it('s6_a_broken_workspace_says_why_and_what_to_do', async () => {
    const { container } = await openApp('/connectors', closed('broken'));
    expect(get('unlock-page')).toHaveTextContent('set aside untouched');
    await expectAccessible(container);
  });
});
