import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { ProblemError, type Problem } from '$lib/api';
import { CLOSED, PASSPHRASE } from '$lib/api/fake/vault';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);

function closed(state: keyof typeof CLOSED): ReturnType<typeof useWorkspace> {
  const workspace = useWorkspace();
  workspace.vault = structuredClone(CLOSED[state]);
  workspace.keyringLocked = state === 'locked';
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

  it('s1_without_a_passphrase_a_lock_is_undone_by_the_keyring_with_one_click', async () => {
    const { user, container } = await openApp('/authentication', closed('away'));
    await expectAccessible(container);
    expect(screen.queryByTestId('unlock-passphrase')).toBeNull();
    expect(get('unlock-keyring')).toHaveTextContent('Unlock with the keyring');
    expect(get('unlock-keyring')).toHaveFocus();
    await user.keyboard('{Enter}');
    await screen.findByTestId('token-table');
  });

  it('s1_a_keyring_that_is_asked_and_stays_locked_is_said', async () => {
    const workspace = closed('away');
    const { user } = await openApp('/connectors', workspace);
    workspace.keyringLocked = true;
    await user.click(get('unlock-keyring'));
    expect(await screen.findByTestId('problem')).toHaveTextContent('The keyring is still locked.');
    workspace.keyringLocked = false;
    await user.click(get('unlock-keyring'));
    await screen.findByTestId('vault-chip');
  });

  it('s6_a_broken_workspace_says_why_and_is_tried_again', async () => {
    const workspace = closed('broken');
    const { user, container } = await openApp('/connectors', workspace);
    expect(get('unlock-page')).toHaveTextContent('permission denied');
    await expectAccessible(container);
    await user.click(get('vault-retry'));
    await screen.findByTestId('vault-chip');
  });
});

describe('a damaged database', () => {
  it('s6_says_what_happened_and_restores_the_newest_backup_after_asking', async () => {
    const { user, workspace, container } = await openApp('/authentication', closed('damaged'));
    await expectAccessible(container);
    expect(get('damaged-reason')).toHaveTextContent('The database is damaged');
    expect(get('set-aside')).toHaveTextContent('/set-aside/20260504T101500Z');
    expect(screen.getAllByTestId('intact-backup')).toHaveLength(3);
    const newest = screen.getAllByTestId('restore-backup')[0] as HTMLElement;
    expect(newest).toHaveTextContent('Restore this backup');
    await user.click(newest);
    expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent('What came later is not in it');
    await user.click(get('confirm-cancel'));
    expect(workspace.restored).toEqual([]);
    await user.click(newest);
    workspace.latency = 30;
    await user.click(await screen.findByTestId('confirm-action'));
    expect(newest).toBeDisabled();
    expect(newest).toHaveAttribute('aria-busy', 'true');
    expect(get('start-empty')).toBeDisabled();
    await screen.findByTestId('token-table');
    expect(workspace.restored).toEqual(['workspace-20260504T100000Z.db']);
    expect(get('toasts')).toHaveTextContent('was restored');
  });

  it('s6_damage_met_while_open_leaves_the_page_and_what_was_typed_is_found_again', async () => {
    const workspace = useWorkspace();
    const { user } = await openApp('/authentication/new/text', workspace);
    await user.type(await screen.findByTestId('token-name'), 'Warehouse key');
    workspace.vault = structuredClone(CLOSED.damaged);
    workspace.emit({ event: 'database_damaged', reason: 'A page can’t be read.' });
    await user.click((await screen.findAllByTestId('restore-backup'))[0] as HTMLElement);
    await user.click(await screen.findByTestId('confirm-action'));
    expect(await screen.findByTestId('token-name')).toHaveValue('Warehouse key');
  });

  it('s6_a_restore_that_fails_is_said_and_the_others_stay', async () => {
    const { user, workspace } = await openApp('/authentication', closed('damaged'));
    const refusal = {
      code: 'failed',
      message: 'It is damaged, too.',
      next_step: 'Choose another.',
      field: null,
    };
    workspace.refusing = { restoreBackup: new ProblemError(refusal as Problem) };
    await user.click(screen.getAllByTestId('restore-backup')[1] as HTMLElement);
    await user.click(await screen.findByTestId('confirm-action'));
    expect(await screen.findByTestId('problem')).toHaveTextContent('It is damaged, too. Choose another.');
    expect(screen.getAllByTestId('intact-backup')).toHaveLength(3);
    expect(get('start-empty')).toBeEnabled();
  });

  it('s6_an_empty_start_is_made_only_when_asked_for_and_names_what_is_lost', async () => {
    const { user, workspace, container } = await openApp('/authentication', closed('unsaved'));
    await expectAccessible(container);
    expect(get('no-backups')).toHaveTextContent('There is no intact backup');
    await user.click(get('start-empty'));
    expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent(
      'All tokens, connectors and settings and the whole log are gone',
    );
    expect(get('confirm-dialog')).toHaveTextContent('There is no backup to bring anything back');
    await user.click(get('confirm-cancel'));
    expect(workspace.vault.state).toBe('damaged');
    await user.click(get('start-empty'));
    await user.click(await screen.findByTestId('confirm-action'));
    await screen.findByTestId('welcome');
  });
});
