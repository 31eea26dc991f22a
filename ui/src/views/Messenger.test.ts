import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError, type MessengerCall } from '$lib/api';
import { addUserToken } from '$lib/api/fake/sample-customers';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

function call(changes: Partial<MessengerCall> = {}): MessengerCall {
  return {
    at: '2026-11-24T08:00:00Z',
    call: 'boot',
    user_id: 'ada-42',
    origin: 'http://localhost:3000',
    http_status: 200,
    tokens: [{ name: 'session_token', masked: 'eyJhbG••••••••' }],
    refused: [],
    sentence: 'The session is open; one value is stored.',
    ...changes,
  };
}

describe('the Messenger page', () => {
  it('m4_says_where_it_listens_and_starts_and_stops', async () => {
    const { container, user } = await openApp('/messenger', useWorkspace('empty'));
    expect(await find('messenger-state')).toHaveTextContent('stopped');
    expect(get('empty-state')).toHaveTextContent('No call yet');
    await expectAccessible(container);
    await user.click(get('messenger-start'));
    expect(await find('messenger-stop')).toBeVisible();
    expect(get('messenger-state')).toHaveTextContent('running, port 47900');
    expect(get('messenger-address')).toHaveTextContent('http://127.0.0.1:47900');
    await user.click(get('messenger-stop'));
    expect(await find('messenger-start')).toBeVisible();
  });

  it('m4_a_port_that_is_taken_is_told_at_the_field_and_stays_typed', async () => {
    const { user } = await openApp('/messenger', useWorkspace('empty'));
    const port = await find('messenger-port');
    await user.clear(port);
    await user.type(port, '99999');
    expect(get('messenger-start')).toBeDisabled();
    await user.clear(port);
    await user.type(port, '8080');
    vi.spyOn(backend, 'startMessenger').mockRejectedValueOnce(
      new ProblemError({
        code: 'invalid',
        message: 'The port 8080 is taken by another program.',
        next_step: 'Choose another one.',
        field: 'port',
      }),
    );
    await user.click(get('messenger-start'));
    expect(await screen.findByText(/The port 8080 is taken/)).toBeVisible();
    expect(port).toHaveValue('8080');
  });

  it('m4_allows_origins_and_counts_them_only_when_they_are_saved', async () => {
    const { user } = await openApp('/messenger', useWorkspace('empty'));
    await user.type(await find('messenger-origins'), 'http://localhost:3000 https://shop.example{Enter}');
    expect(screen.getAllByTestId('messenger-origin').map((row) => (row as HTMLInputElement).value)).toEqual([
      'http://localhost:3000',
      'https://shop.example',
    ]);
    expect(get('unsaved')).toBeVisible();
    await user.click(get('messenger-save'));
    await waitFor(() => {
      expect(screen.queryByTestId('unsaved')).toBeNull();
    });
    expect(get('messenger-save')).toBeDisabled();
  });

  it('m4_asks_for_a_secret_when_identity_has_to_be_proven_and_never_shows_the_kept_one', async () => {
    const { container, user } = await openApp('/messenger', useWorkspace('empty'));
    expect(await find('messenger-identity-warning')).toHaveTextContent('can speak for any customer');
    await user.click(get('messenger-identity-jwt'));
    expect(screen.queryByTestId('messenger-identity-warning')).toBeNull();
    await user.click(get('messenger-save'));
    expect(await screen.findByText(/needs a secret that your server knows/)).toBeVisible();
    await user.type(get('messenger-secret'), 'shared-with-the-server');
    await user.click(get('messenger-save'));
    await waitFor(() => {
      expect(screen.queryByTestId('unsaved')).toBeNull();
    });
    expect(container.innerHTML).not.toContain('shared-with-the-server');
    await expectAccessible(container);
    await user.click(get('messenger-secret-remove'));
    expect(get('messenger-secret-removing')).toBeVisible();
    await user.click(get('messenger-secret-keep-stored'));
    expect(get('messenger-save')).toBeDisabled();
  });

  it('m4_makes_a_secret_that_counts_at_once_and_can_be_copied', async () => {
    const { user } = await openApp('/messenger', useWorkspace('empty'));
    await user.click(await find('messenger-identity-user_hash'));
    await user.click(get('messenger-secret-make'));
    expect(await find('messenger-secret-copy')).toBeVisible();
    await user.click(get('messenger-save'));
    await waitFor(() => {
      expect(screen.queryByTestId('unsaved')).toBeNull();
    });
    await user.click(get('messenger-secret-make'));
    expect(await screen.findByText(/proofs that were made with that one are refused/)).toBeVisible();
  });

  it('says_that_it_is_asked_and_why_that_failed', async () => {
    const workspace = useWorkspace('empty');
    vi.spyOn(backend, 'messengerStatus').mockRejectedValue(
      new ProblemError({
        code: 'failed',
        message: 'The settings can’t be read.',
        next_step: 'Try again.',
        field: null,
      }),
    );
    await openApp('/messenger', workspace);
    expect(await screen.findByText(/The settings can’t be read/)).toBeVisible();
  });

  it('shows_each_call_as_it_comes_the_newest_first_and_hostile_text_as_text', async () => {
    const { workspace } = await openApp('/messenger', useWorkspace('empty'));
    await find('empty-state');
    const hostile = call({
      user_id: '<img src=x onerror=alert(1)>',
      http_status: 403,
      tokens: [],
      sentence: 'Refused.',
    });
    const status = await backend.messengerStatus();
    vi.spyOn(backend, 'messengerStatus').mockResolvedValue({ ...status, calls: [hostile, call()] });
    workspace.emit({ event: 'messenger_changed' });
    await waitFor(() => {
      expect(screen.getAllByTestId('messenger-call')).toHaveLength(2);
    });
    const [first, second] = screen.getAllByTestId('messenger-call');
    expect(first).toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(first?.querySelector('img')).toBeNull();
    expect(second).toHaveTextContent('eyJhbG••••••••');
  });
});

describe('a user token', () => {
  it('t5_has_a_name_a_header_and_a_prefix_and_no_value', async () => {
    const { container, user, workspace } = await openApp('/authentication/new', useWorkspace('empty'));
    await user.click(await find('token-type-user'));
    await user.type(await find('token-name'), 'session_token');
    expect(screen.queryByTestId('token-text-value')).toBeNull();
    await expectAccessible(container);
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(workspace.tokens.map(({ summary }) => summary.token_type)).toEqual(['user']);
    });
    expect(await find('snippet-javascript')).toHaveTextContent('setAuthTokens');
    expect(screen.queryByTestId('token-state')).toBeNull();
  });

  it('gives_code_to_copy_and_starts_the_messenger_when_nobody_would_hear_it', async () => {
    const workspace = useWorkspace('empty');
    const id = addUserToken(workspace, 'session_token');
    const { container, user } = await openApp(`/authentication/${id}`, workspace);
    await user.click(await find('snippet-copy-curl'));
    expect(workspace.clipboard).toContain('curl');
    expect(get('snippet-messenger-stopped')).toHaveTextContent('doesn’t run');
    await expectAccessible(container);
    await user.click(get('snippet-messenger-start'));
    await waitFor(() => {
      expect(screen.queryByTestId('snippet-messenger-stopped')).toBeNull();
    });
  });
});
