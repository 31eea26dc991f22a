import { screen, waitFor } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { TokenDetail } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';
import { marginOf } from './refresh-ahead';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

function loginOf(workspace: FakeWorkspace): TokenDetail {
  const [token] = workspace.tokens;
  if (!token) throw new Error('the samples have a login');
  return token;
}

async function openLogin(
  change: (token: TokenDetail) => void = () => undefined,
): Promise<{ user: UserEvent; container: HTMLElement; workspace: FakeWorkspace }> {
  const workspace = useWorkspace();
  change(loginOf(workspace));
  const { user, container } = await openApp(`/authentication/${loginOf(workspace).summary.id}`, workspace);
  await find('refresh-ahead');
  return { user, container, workspace };
}

describe('refresh before it expires', () => {
  it('e4_is_off_and_offered_only_when_the_answer_says_how_long_the_token_lives', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    expect(await find('refresh-ahead')).toBeDisabled();
    expect(get('refresh-ahead')).toHaveAccessibleDescription(/after a test whose answer says how long/);
    await user.type(get('request-url'), 'https://auth.example.com');
    await user.click(get('test-request'));
    await user.click(await find('suggestion-2'));
    await waitFor(() => {
      expect(get('refresh-ahead')).toHaveAccessibleDescription(/does not say how long this token lives/);
    });
    expect(get('refresh-ahead')).toBeDisabled();
    await user.click(get('suggestion-0'));
    await waitFor(() => {
      expect(get('refresh-ahead')).toBeEnabled();
    });
    expect(get('refresh-ahead')).not.toBeChecked();
    expect(get('refresh-ahead')).toHaveAccessibleDescription(
      'This token lives 15 min (expires_in beside the value).',
    );
  });

  it('t3_is_turned_on_and_off_and_saved_without_a_new_test', async () => {
    const { user, container, workspace } = await openLogin();
    await user.click(get('refresh-ahead'));
    expect(get('refresh-margin')).toHaveValue('60');
    expect(get('unsaved')).toBeVisible();
    await expectAccessible(container);
    await user.clear(get('refresh-margin'));
    await user.type(get('refresh-margin'), '120');
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(loginsMargin(workspace)).toBe(120);
    });
    await waitFor(() => {
      expect(get('token-life')).toHaveTextContent('refreshed 2 min before');
    });
    expect(get('token-generation')).toHaveTextContent('generation 8');
    await user.click(get('refresh-ahead'));
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(loginsMargin(workspace)).toBeNull();
    });
  });

  it('e4_a_margin_that_is_none_stands_at_its_field_and_nothing_is_saved', async () => {
    const { user, workspace } = await openLogin();
    await user.click(get('refresh-ahead'));
    await user.clear(get('refresh-margin'));
    await user.type(get('refresh-margin'), 'soon');
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(get('refresh-margin')).toHaveFocus();
    });
    expect(get('refresh-margin')).toHaveAccessibleDescription(/no number of seconds from 1 to 2,592,000/);
    expect(loginsMargin(workspace)).toBeNull();
    expect(get('refresh-margin'), 'what was typed stays').toHaveValue('soon');
  });

  it('e4_a_margin_of_more_than_half_the_life_says_when_it_is_refreshed', async () => {
    const { user } = await openLogin();
    await user.click(get('test-request'));
    await find('located');
    await user.click(get('refresh-ahead'));
    expect(screen.queryByTestId('refresh-margin-half')).toBeNull();
    await user.clear(get('refresh-margin'));
    await user.type(get('refresh-margin'), '600');
    expect(get('refresh-margin-half')).toHaveTextContent('when half of it has passed');
  });

  it('e4_what_is_on_can_be_turned_off_when_no_lifetime_is_known_any_more', async () => {
    const { user } = await openLogin((token) => {
      Object.assign(token, { refresh_before_seconds: 30, expires_at: null, lifetime_from: null });
    });
    expect(get('refresh-ahead')).toBeChecked();
    expect(get('refresh-margin')).toHaveValue('30');
    expect(get('refresh-ahead-idle')).toHaveTextContent('after a 401 only');
    await user.click(get('refresh-ahead'));
    expect(get('refresh-ahead')).toBeDisabled();
    expect(get('token-save')).toBeEnabled();
  });

  it.each([
    ['1', 1],
    [' 60 ', 60],
    ['2592000', 2_592_000],
    ['2592001', null],
    ['0', null],
    ['-5', null],
    ['1.5', null],
    ['', null],
    ['99999999', null],
  ])('e4_the_margin %j is %j', (typed, seconds) => {
    expect(marginOf(typed)).toBe(seconds);
  });
});

function loginsMargin(workspace: FakeWorkspace): number | null {
  const token = workspace.tokens.find(({ summary }) => summary.name === 'Sandbox login');
  return token?.refresh_before_seconds ?? null;
}

describe('how long the stored value lives', () => {
  it('is_shown_with_where_that_was_seen_and_goes_with_the_value', async () => {
    const { user } = await openLogin();
    expect(get('token-life')).toHaveTextContent(/expires in 13 min \(expires_in beside the value\)/);
    await user.click(get('token-forget'));
    await user.click(await find('confirm-action'));
    await waitFor(() => {
      expect(screen.queryByTestId('token-life')).toBeNull();
    });
  });

  it('says_since_when_it_has_expired', async () => {
    await openLogin((token) => {
      token.expires_at = new Date(Date.now() - 200_000).toISOString();
    });
    expect(get('token-expiry')).toHaveTextContent('expired 3 min ago');
  });
});
