import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ProblemError } from '$lib/api';
import { PASSPHRASE } from '$lib/api/fake/vault';
import type { FakeWorkspace } from '$lib/api/fake';
import { forgetAllDrafts, unsavedWork } from '$lib/shared/unsaved.svelte';

import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);
const SECRET = 'k3y-of-the-warehouse';

function withPassphrase(): FakeWorkspace {
  forgetAllDrafts();
  const workspace = useWorkspace();
  workspace.vault = {
    state: 'open',
    opened_with: 'passphrase',
    slots: ['keyring', 'passphrase'],
    folder: '/',
  };
  return workspace;
}

/** Everything that stands in the page, with what its fields hold. */
function page(): string {
  const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')];
  return document.body.innerHTML + fields.map((field) => field.value).join('\n');
}

async function typeASecret(workspace: FakeWorkspace): ReturnType<typeof openApp> {
  const opened = await openApp('/authentication/new/text', workspace);
  await opened.user.type(await find('token-name'), 'Warehouse key');
  await opened.user.type(get('token-text-value'), SECRET);
  return opened;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('locking by hand', () => {
  it('from the navigation: only the passphrase opens it again, at the same place', async () => {
    const { user } = await openApp('/authentication', withPassphrase());
    await find('token-table');
    await user.click(get('lock'));
    expect(await find('unlock-page')).toHaveTextContent('You locked it.');
    expect(screen.queryByTestId('unlock-keyring')).toBeNull();
    expect(get('unlock-passphrase')).toHaveFocus();
    expect(page()).not.toContain('Billing API key');
    await user.type(get('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
    await find('token-table');
    await waitFor(() => {
      expect(document.activeElement?.id, 'the keyboard goes on in the page').toBe('page');
    });
  });

  it('with Ctrl+L, not over a dialog and not with other keys', async () => {
    const { user, workspace } = await openApp('/storage', withPassphrase());
    await user.keyboard('{Control>}{Shift>}l{/Shift}{/Control}');
    await user.keyboard('l');
    await user.click(await find('passphrase-remove'));
    await find('confirm-dialog');
    await user.keyboard('{Control>}l{/Control}');
    expect(workspace.vault.state).toBe('open');
    await user.click(get('confirm-cancel'));
    await user.keyboard('{Control>}l{/Control}');
    await find('unlock-page');
  });

  it('asks first when a form is not saved, and keeps nothing of it when told to go on', async () => {
    const { user, workspace } = await typeASecret(withPassphrase());
    await user.keyboard('{Control>}l{/Control}');
    expect(await find('confirm-dialog')).toHaveTextContent('the new token is not saved');
    await user.click(get('confirm-cancel'));
    expect(get('token-text-value')).toHaveValue(SECRET);
    expect(workspace.vault.state).toBe('open');
    await user.click(get('lock'));
    await user.click(await find('confirm-action'));
    await find('unlock-page');
    expect(page()).not.toContain(SECRET);
    expect(unsavedWork(), 'what was typed is kept nowhere').toBeNull();
    await user.type(get('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
    expect(await find('token-text-value')).toHaveValue('');
  });

  it('asks also for a form that was left', async () => {
    const { user } = await typeASecret(withPassphrase());
    await user.click(get('nav-appearance'));
    expect(await find('confirm-dialog')).toHaveTextContent('until Latchkey is locked or closed');
    await user.click(get('confirm-action'));
    await find('theme-dark');
    await user.click(get('lock'));
    expect(await find('confirm-dialog')).toHaveTextContent('a form that you left');
    await user.click(get('confirm-action'));
    await find('unlock-page');
  });

  it('a lock that fails says so where it was asked for', async () => {
    const workspace = withPassphrase();
    const refusal = {
      code: 'failed',
      message: 'It could not be locked.',
      next_step: '',
      field: null,
    } as const;
    workspace.refusing = { lock: new ProblemError(refusal) };
    const { user } = await openApp('/storage', workspace);
    await user.click(await find('lock-now'));
    expect(await screen.findAllByText('It could not be locked.')).toHaveLength(1);
    await user.click(get('nav-appearance'));
    await find('theme-dark');
    expect(screen.getAllByText('It could not be locked.')).toHaveLength(1);
    workspace.refusing = {};
    await user.click(get('lock'));
    await find('unlock-page');
  });
});

describe('locked while nobody was there', () => {
  it('t8_the_page_is_left_at_once_without_a_question_and_nothing_typed_is_kept', async () => {
    const { user, workspace } = await typeASecret(withPassphrase());
    workspace.latency = 30;
    workspace.lock('idle');
    await waitFor(() => {
      expect(screen.queryByTestId('token-text-value')).toBeNull();
    });
    expect(get('start-page'), 'the window is not blank while it is asked').toHaveTextContent('Latchkey');
    expect(page()).not.toContain(SECRET);
    expect(await find('unlock-page')).toHaveTextContent('nobody used it');
    expect(screen.queryByTestId('confirm-dialog')).toBeNull();
    expect(unsavedWork()).toBeNull();
    await user.type(get('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
    expect(await find('token-text-value'), 'the last place opens again').toHaveValue('');
  });

  it('a question that was open goes away unanswered', async () => {
    const { user, workspace } = await openApp('/storage', withPassphrase());
    await user.click(await find('passphrase-remove'));
    await find('confirm-dialog');
    workspace.lock('idle');
    await find('unlock-page');
    expect(screen.queryByTestId('confirm-dialog')).toBeNull();
    expect(workspace.vault).toMatchObject({ slots: ['keyring', 'passphrase'] });
  });
});

describe('whether the user is there', () => {
  it('is told at most once in ten seconds, and only while the workspace is open', async () => {
    const { workspace } = await openApp('/authentication', withPassphrase());
    await find('token-table');
    let now = 100_000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const before = workspace.activity;
    const move = (type: string): void => {
      const event =
        type === 'keydown'
          ? new KeyboardEvent(type, { key: 'a', bubbles: true })
          : new Event(type, { bubbles: true });
      document.body.dispatchEvent(event);
    };
    now += 20_000;
    for (const sign of ['pointermove', 'keydown', 'wheel']) move(sign);
    expect(workspace.activity).toBe(before + 1);
    now += 9_999;
    move('keydown');
    expect(workspace.activity).toBe(before + 1);
    now += 1;
    move('wheel');
    expect(workspace.activity).toBe(before + 2);
    workspace.lock('idle');
    await find('unlock-page');
    now += 60_000;
    move('pointermove');
    expect(workspace.activity).toBe(before + 2);
  });
});
