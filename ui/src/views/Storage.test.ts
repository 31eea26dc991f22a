import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';
import { fakeBackend, type FakeWorkspace } from '$lib/api/fake';
import { forgetAllDrafts } from '$lib/shared/unsaved.svelte';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

function problem(message: string): ProblemError {
  return new ProblemError({ code: 'failed', message, next_step: 'Wait.', field: null });
}

function setting(key: string, part = 'value'): HTMLElement {
  return get(`setting-${key}-${part}`);
}

async function openStorage(workspace?: FakeWorkspace): ReturnType<typeof openApp> {
  forgetAllDrafts();
  const opened = await openApp('/storage', workspace);
  await find('storage-folder');
  await find('newest-backup');
  await find('setting-limits.response_bytes-value');
  return opened;
}

describe('what is stored', () => {
  it('is shown with its sizes, and the path is copied by the engine', async () => {
    const { user, workspace, container } = await openStorage();
    expect(get('storage-size')).toHaveTextContent('4.6 MB, encrypted');
    expect(get('storage-backups')).toHaveTextContent('31 MB, encrypted');
    expect(get('storage-executions')).toHaveTextContent('160');
    await user.click(get('storage-copy'));
    expect(workspace.clipboard).toEqual(['/home/you/.local/share/latchkey']);
    await expectAccessible(container);
  });

  it('each card says what it waits for, and what failed, with a way to try again', async () => {
    const workspace = useWorkspace();
    workspace.latency = 300;
    workspace.refusing = { storage: problem('No storage.'), listBackups: problem('No backups.') };
    await openApp('/storage', workspace);
    await screen.findByText('Looking for backups');
    expect(screen.getByText('Looking at the workspace')).toBeVisible();
    workspace.latency = 0;
    await screen.findByText('No backups.');
    expect(screen.getByText('No storage.')).toBeVisible();
    expect(await find('setting-limits.response_bytes-value')).toBeVisible();
    workspace.refusing = {};
    for (const button of screen.getAllByRole('button', { name: 'Try again' })) button.click();
    await find('storage-folder');
    await find('newest-backup');
  });
});

describe('the log', () => {
  it('is shown with its oldest execution, its share of the limit, and what deletion means', async () => {
    const { container } = await openStorage();
    const card = get('log-card');
    expect(get('storage-executions')).toHaveTextContent(/^160 the oldest 2 hr ago/);
    expect(get('log-used')).toHaveTextContent('48 MB of 1.0 GB 5 %');
    expect(within(card).getByRole('meter')).toHaveAttribute('aria-valuenow', '5');
    expect(card).toHaveTextContent('can’t be brought back');
    expect(screen.queryByTestId('log-behind')).toBeNull();
    expect(screen.queryByTestId('log-over')).toBeNull();
    await expectAccessible(container);
  });

  it('says when it holds more than it may, and follows its limits', async () => {
    const { user } = await openStorage();
    const field = setting('logs.retention_mib');
    expect(field).toHaveValue('1');
    expect(setting('logs.retention_mib', 'unit')).toHaveValue('GiB');
    await user.selectOptions(setting('logs.retention_mib', 'unit'), 'MiB');
    await user.clear(field);
    await user.type(field, '32{Enter}');
    expect(await screen.findByTestId('log-over')).toHaveTextContent(
      'the oldest executions are being deleted',
    );
    expect(get('log-used')).toHaveTextContent('48 MB of 32 MB 150 %');
    expect(within(get('log-card')).getByRole('meter')).toHaveAttribute('aria-valuenow', '100');
  });

  it('says at the field what is wrong with a limit', async () => {
    const { user } = await openStorage();
    const field = setting('logs.retention_days');
    await user.clear(field);
    await user.type(field, '0{Enter}');
    expect(field).toHaveAccessibleDescription(/It can be from 1 day to 3650 days/);
  });

  it('says how far the search is behind', async () => {
    const workspace = useWorkspace();
    workspace.searchBehind = 1234;
    await openStorage(workspace);
    expect(await screen.findByTestId('log-behind')).toHaveTextContent('1,234 behind');
  });

  it('can be asked again when it could not be looked at', async () => {
    const workspace = useWorkspace();
    workspace.refusing = { logStorage: problem('No log.') };
    const { user } = await openStorage(workspace);
    workspace.refusing = {};
    await user.click(within(get('log-card')).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('log-used')).toBeVisible();
  });
});

describe('what opens the workspace', () => {
  it('s1_the_keyring_is_added_and_a_locked_one_is_said_at_its_place', async () => {
    const workspace = useWorkspace();
    workspace.vault = { state: 'open', opened_with: 'passphrase', slots: ['passphrase'], folder: '/' };
    workspace.keyringLocked = true;
    const { user } = await openStorage(workspace);
    await user.click(get('keyring-enrol'));
    expect(await find('slot-problem')).toHaveTextContent('The keyring is locked');
    expect(screen.queryByTestId('slot-keyring')).toBeNull();
    workspace.keyringLocked = false;
    await user.click(get('keyring-enrol'));
    await find('slot-keyring');
    expect(screen.queryByTestId('slot-problem')).toBeNull();
    expect(get('keyring-enrol'), 'what a passphrase opened may be a copy for another keyring').toBeEnabled();
  });

  it('s1_who_has_no_passphrase_is_told_that_the_keyring_opens_it_again', async () => {
    const { user } = await openStorage();
    expect(get('lock-opens')).toHaveTextContent('the keyring opens it again with one click');
    await user.click(get('passphrase-change'));
    await user.type(get('passphrase-new'), 'correct horse');
    await user.type(get('passphrase-again'), 'correct horse');
    await user.click(get('passphrase-save'));
    await waitFor(() => {
      expect(get('lock-opens')).toHaveTextContent('only the passphrase opens it');
    });
  });
});

describe('backups', () => {
  it('s6_one_is_made_now_and_the_list_shows_it_first', async () => {
    const { user, workspace, container } = await openStorage();
    expect(screen.getAllByTestId('backup-row')).toHaveLength(5);
    await user.click(get('backups-all'));
    expect(screen.getAllByTestId('backup-row')).toHaveLength(7);
    workspace.latency = 20;
    await user.click(get('backup-now'));
    expect(get('backup-now')).toBeDisabled();
    expect(get('backup-now')).toHaveAttribute('aria-busy', 'true');
    expect(await screen.findByText('A backup of 4.6 MB was made.')).toBeVisible();
    expect(screen.getAllByTestId('backup-row')[0]).toHaveTextContent('just now');
    expect(workspace.backups).toHaveLength(8);
    await expectAccessible(container);
  });

  it('s6_a_backup_that_fails_says_so_at_its_place', async () => {
    const workspace = useWorkspace('empty');
    workspace.refusing = { makeBackup: problem('The disk is full.') };
    const { user } = await openStorage(workspace);
    expect(get('newest-backup')).toHaveTextContent('There is no backup yet.');
    await user.click(get('backup-now'));
    expect(await find('backup-problem')).toHaveTextContent('The disk is full. Wait.');
    expect(get('backup-now')).toBeEnabled();
  });

  it('s6_the_failure_of_the_last_automatic_backup_is_told', async () => {
    const workspace = useWorkspace();
    workspace.backupProblem = problem('The disk is full.');
    await openStorage(workspace);
    expect(get('automatic-backup-problem')).toHaveTextContent('The disk is full.');
    expect(screen.getByText('The last automatic backup failed.')).toBeVisible();
  });

  it('s6_restoring_says_what_happens_first_and_then_everything_is_read_anew', async () => {
    const { user, workspace } = await openStorage();
    const [, second] = workspace.backups;
    const button = (): HTMLElement | undefined => screen.getAllByTestId('backup-restore')[1];
    await user.click(button() as HTMLElement);
    expect(await find('confirm-dialog')).toHaveTextContent(/set aside .*, not deleted/);
    expect(get('confirm-dialog')).toHaveTextContent('What came later is no longer in the workspace');
    await user.click(get('confirm-cancel'));
    expect(workspace.restored).toEqual([]);

    await user.click(button() as HTMLElement);
    workspace.latency = 30;
    workspace.tokens = workspace.tokens.slice(0, 1);
    await user.click(await find('confirm-action'));
    expect(await screen.findByText('Restoring the backup')).toBeVisible();
    expect(screen.queryByTestId('storage-folder'), 'the page of the closed workspace is left').toBeNull();
    await find('backup-table');
    expect(workspace.restored).toEqual([second?.name]);
    expect(get('toasts')).toHaveTextContent('was restored');
    await waitFor(() => {
      expect(get('nav-authentication'), 'the lists are read anew').toHaveTextContent('1');
    });
    expect(screen.getAllByTestId('backup-row')[0]).toHaveTextContent('before a restore');
  });

  it('s6_a_refused_restore_comes_back_to_the_page_and_says_why', async () => {
    const { user, workspace } = await openStorage();
    workspace.refusing = { restoreBackup: problem('Another program has the workspace open.') };
    await user.click(screen.getAllByTestId('backup-restore')[0] as HTMLElement);
    await user.click(await find('confirm-action'));
    expect(await find('restore-problem')).toHaveTextContent('Another program has the workspace open.');
    await find('backup-table');
    expect(workspace.restored).toEqual([]);
  });

  it('how often and how many are settings', async () => {
    const { user, workspace } = await openStorage();
    await user.selectOptions(setting('backups.every_hours', 'choice'), 'Every week');
    await waitFor(() => {
      expect(workspace.settings.get('backups.every_hours')).toBe('168');
    });
    await user.clear(setting('backups.keep'));
    await user.type(setting('backups.keep'), '51{Enter}');
    expect(setting('backups.keep')).toHaveAccessibleDescription(/It can be from 1 backup to 50 backups\./);
    await user.clear(setting('backups.keep'));
    await user.type(setting('backups.keep'), '50{Enter}');
    await waitFor(() => {
      expect(workspace.settings.get('backups.keep')).toBe('50');
    });
  });
});

describe('limits', () => {
  const BYTES = 'limits.response_bytes';

  it('s4_the_response_limit_is_typed_in_a_unit_and_saved_on_change', async () => {
    const { user, workspace } = await openStorage();
    expect(setting(BYTES)).toHaveValue('10');
    expect(setting(BYTES, 'unit')).toHaveValue('MiB');
    expect(get('authentication-limit')).toHaveTextContent('256 MiB fixed');
    await user.clear(setting(BYTES));
    await user.type(setting(BYTES), '1.5');
    expect(workspace.settings.size, 'nothing is saved while one types').toBe(0);
    await user.tab();
    await waitFor(() => {
      expect(workspace.settings.get(BYTES)).toBe('1572864');
    });
    await user.selectOptions(setting(BYTES, 'unit'), 'KiB');
    expect(setting(BYTES), 'another unit shows the same amount').toHaveValue('1536');
    expect(workspace.settings.get(BYTES)).toBe('1572864');
    await user.click(setting(BYTES, 'reset'));
    await waitFor(() => {
      expect(setting(BYTES)).toHaveValue('10');
    });
    expect(setting(BYTES, 'unit')).toHaveValue('MiB');
    expect(workspace.settings.size).toBe(0);
    expect(screen.queryByTestId(`setting-${BYTES}-reset`)).toBeNull();
  });

  it('e13_a_timeout_is_typed_in_seconds', async () => {
    const { user, workspace } = await openStorage();
    const key = 'limits.authentication_connect_timeout_ms';
    await user.clear(setting(key));
    await user.type(setting(key), '2.5{Enter}');
    await waitFor(() => {
      expect(workspace.settings.get(key)).toBe('2500');
    });
    expect(setting(key)).toHaveValue('2.5');
  });

  it('s4_what_can_not_be_taken_is_said_at_the_field_and_stays_as_typed', async () => {
    const { user, workspace, container } = await openStorage();
    await user.clear(setting(BYTES));
    await user.type(setting(BYTES), '300{Enter}');
    expect(setting(BYTES)).toHaveAccessibleDescription(/It can be from 1 KiB to 256 MiB\./);
    expect(setting(BYTES)).toHaveValue('300');
    expect(workspace.settings.size).toBe(0);
    await expectAccessible(container);

    await user.click(get('nav-appearance'));
    expect(await find('confirm-dialog')).toHaveTextContent('the setting “Largest answer of a connector”');
    await user.click(get('confirm-action'));
    await find('theme-dark');
    await user.click(get('nav-storage'));
    await waitFor(() => {
      expect(setting(BYTES)).toHaveValue('300');
    });
    expect(setting(BYTES)).toHaveAccessibleDescription(/not saved yet/);
    await user.type(setting(BYTES), '{Escape}');
    expect(setting(BYTES)).toHaveValue('10');
    expect(setting(BYTES)).toHaveAccessibleDescription(/^A run whose answer is larger/);
  });

  it('an answer that refuses is shown at the field, and what was typed stays', async () => {
    const { user, workspace } = await openStorage();
    workspace.refusing = { setSetting: problem('The disk is full.') };
    await user.clear(setting(BYTES));
    await user.type(setting(BYTES), '5{Enter}');
    await waitFor(() => {
      expect(setting(BYTES)).toHaveAccessibleDescription(/The disk is full\. Wait\./);
    });
    expect(setting(BYTES)).toHaveValue('5');
    workspace.refusing = {};
    await user.type(setting(BYTES), '{Enter}');
    await waitFor(() => {
      expect(workspace.settings.get(BYTES)).toBe('5242880');
    });
  });

  it('what is typed while the last change is saved stays, and is saved after it', async () => {
    const { user, workspace } = await openStorage();
    workspace.latency = 200;
    await user.clear(setting(BYTES));
    await user.type(setting(BYTES), '5{Enter}');
    await user.clear(setting(BYTES));
    await user.type(setting(BYTES), '10{Enter}');
    await waitFor(() => {
      expect(workspace.settings.get(BYTES)).toBe('5242880');
    });
    expect(setting(BYTES)).toHaveValue('10');
    await waitFor(() => {
      expect(workspace.settings.get(BYTES)).toBe('10485760');
    });
    expect(setting(BYTES)).toHaveValue('10');
    await user.type(setting(BYTES), '1');
    await user.tab();
    await user.type(setting(BYTES), '2');
    await waitFor(() => {
      expect(workspace.settings.get(BYTES)).toBe('105906176');
    });
    expect(setting(BYTES)).toHaveValue('1012');
  });

  it('what another program sets appears, but not over what is being typed', async () => {
    const { user, workspace } = await openStorage();
    const elsewhere = fakeBackend(workspace);
    await elsewhere.setSetting(BYTES, '2048');
    await waitFor(() => {
      expect(setting(BYTES)).toHaveValue('2');
    });
    expect(setting(BYTES, 'unit')).toHaveValue('KiB');
    await user.clear(setting(BYTES));
    await user.type(setting(BYTES), '77');
    await elsewhere.setSetting(BYTES, '4096');
    await elsewhere.setSetting('backups.keep', '9');
    await waitFor(() => {
      expect(setting('backups.keep')).toHaveValue('9');
    });
    expect(setting(BYTES)).toHaveValue('77');
  });
});

describe('locking by itself', () => {
  const KEY = 'security.auto_lock_minutes';

  it('is chosen, or typed as a number of one’s own', async () => {
    const { user, workspace } = await openStorage();
    const choice = setting(KEY, 'choice');
    expect(within(choice).getByRole('option', { name: 'Never' })).toBeInTheDocument();
    expect(choice).toHaveDisplayValue('Never');
    await user.selectOptions(choice, 'After 15 minutes');
    await waitFor(() => {
      expect(workspace.settings.get(KEY)).toBe('15');
    });
    await user.selectOptions(choice, 'Other…');
    expect(setting(KEY)).toHaveFocus();
    await user.keyboard('0{Enter}');
    expect(setting(KEY)).toHaveAccessibleDescription(/It can be from 1 minute to 1440 minutes\./);
    await user.clear(setting(KEY));
    await user.keyboard('7{Enter}');
    await waitFor(() => {
      expect(workspace.settings.get(KEY)).toBe('7');
    });
    await user.selectOptions(choice, 'Never');
    await waitFor(() => {
      expect(workspace.settings.get(KEY)).toBe('0');
    });
    expect(screen.queryByTestId(`setting-${KEY}-value`)).toBeNull();
  });

  it('a number that is no choice shows as one’s own', async () => {
    const workspace = useWorkspace();
    workspace.settings.set(KEY, '42');
    await openStorage(workspace);
    expect(setting(KEY, 'choice')).toHaveDisplayValue('Other…');
    expect(setting(KEY)).toHaveValue('42');
  });
});
