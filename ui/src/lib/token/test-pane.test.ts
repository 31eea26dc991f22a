import { screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';
import { moveSampleToken } from '$lib/api/fake/samples';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

async function test(user: UserEvent, url: string): Promise<void> {
  await user.clear(await find('request-url'));
  await user.type(get('request-url'), url);
  await user.click(get('test-request'));
  await find('test-status');
}

async function row(name: RegExp): Promise<HTMLElement> {
  return within(await find('response-part')).findByRole('treeitem', { name });
}

describe('a tested response', () => {
  it('t4_every_part_is_a_tree_that_is_clicked_the_same_way', async () => {
    const { user, container } = await openApp('/authentication/new/http_request');
    await test(user, 'https://auth.example.com');
    await user.click(get('tab-headers'));
    await user.click(await row(/JSESSIONID/));
    expect(await find('located')).toHaveTextContent('12 characters');
    expect(get('location-in')).toHaveValue('cookie');
    expect(get('location-at')).toHaveValue('JSESSIONID');
    await expectAccessible(container);

    await user.click(get('tab-text'));
    const [, , third] = await within(get('response-part')).findAllByRole('treeitem');
    await user.click(third as HTMLElement);
    expect(get('location-in')).toHaveValue('text');
    expect(get('then-0-open')).toHaveValue('line');
    expect(get('tab-text'), 'a click stays where it is').toHaveAttribute('aria-selected', 'true');
  });

  it('t4_a_suggestion_turns_to_the_part_that_it_points_into', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await test(user, 'https://auth.example.com');
    await user.click(get('suggestion-2'));
    expect(get('tab-headers')).toHaveAttribute('aria-selected', 'true');
    expect(await row(/x-session-id/)).toHaveAttribute('aria-selected', 'true');
    await user.click(get('suggestion-0'));
    expect(get('tab-body')).toHaveAttribute('aria-selected', 'true');
    expect(await row(/^access_token/)).toHaveAttribute('aria-selected', 'true');
  });

  it('a_broken_body_says_where_it_breaks_off_and_what_is_still_usable', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await test(user, 'https://broken.example.com');
    expect(get('body-note')).toHaveTextContent(
      'The JSON breaks off at line 14, character 1. The 12 values before it can be looked at and searched.',
    );
    expect(get('body-format')).toHaveTextContent(/^JSON · /);
  });

  it('a_broken_body_offers_a_capture_and_leads_the_keyboard_to_its_pattern', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await test(user, 'https://broken.example.com');
    await user.click(await find('capture-from-text'));
    expect(get('location-in')).toHaveValue('text');
    expect(get('then-0-open')).toHaveValue('capture');
    expect(get('then-0')).toHaveFocus();
  });

  it('of_a_large_body_it_is_said_that_only_the_beginning_was_looked_at', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await test(user, 'https://large.example.com');
    expect(get('suggestions')).toHaveTextContent('Nothing near the beginning of this large answer');
  });

  it('without_a_body_the_headers_are_seen_first', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await test(user, 'https://empty.example.com');
    expect(get('tab-headers')).toHaveAttribute('aria-selected', 'true');
    await user.click(get('tab-body'));
    expect(get('response-part'), 'what is chosen stays').toHaveTextContent('The answer has no body.');
  });

  it('changes_against_the_previous_test_are_listed_and_a_click_shows_one_in_the_body', async () => {
    const { user, container } = await openApp('/authentication/new/http_request');
    await test(user, 'https://auth.example.com');
    expect(screen.queryByTestId('tab-changes'), 'nothing to compare with').toBeNull();
    await user.click(get('test-request'));
    await user.click(await find('tab-changes'));
    expect(get('changes-summary')).toHaveTextContent('2 changed, 1 removed since the test');
    expect(get('change-0')).toHaveTextContent('likely the token: it changes with each login');
    expect(get('change-2').tagName, 'what went can not be shown').toBe('DIV');
    await expectAccessible(container);
    await user.click(get('change-1'));
    expect(get('tab-body')).toHaveAttribute('aria-selected', 'true');
    await row(/^request_id/);
    await waitFor(() => {
      const active = get('tree-rows').getAttribute('aria-activedescendant');
      expect(document.getElementById(active ?? '')?.dataset.pointer).toBe('/meta/request_id');
    });
    expect(get('tree-rows'), 'the keyboard goes on there').toHaveFocus();
    expect(screen.queryByTestId('located'), 'showing is no choosing').toBeNull();
  });

  it('a_comparison_that_failed_says_so_in_its_part', async () => {
    const workspace = useWorkspace();
    workspace.refusing.responseDiff = new ProblemError({
      code: 'failed',
      message: 'They could not be compared.',
      next_step: 'Test again.',
      field: null,
    });
    const { user } = await openApp('/authentication/new/http_request', workspace);
    await test(user, 'https://auth.example.com');
    await user.click(await find('tab-changes'));
    expect(get('response-part')).toHaveTextContent('They could not be compared. Test again.');
  });
});

describe('a value that has moved', () => {
  async function openMoved(): Promise<{ user: UserEvent; container: HTMLElement }> {
    const workspace = useWorkspace();
    moveSampleToken(workspace);
    const id = workspace.tokens[0]?.summary.id ?? '';
    const { user, container } = await openApp(`/authentication/${id}`, workspace);
    await find('moved');
    return { user, container };
  }

  it('t3_shows_both_shapes_with_signs_and_what_it_proposes_but_takes_nothing_by_itself', async () => {
    const { container } = await openMoved();
    expect(get('moved')).toHaveTextContent('nothing stands at /data/session/access_token');
    expect(get('shape-saved')).toHaveTextContent('− gone: access_token: string(167)');
    expect(get('shape-new')).toHaveTextContent('+ new: tokens: object(1)');
    expect(get('moved')).toHaveTextContent('same name, now under data.session.tokens.access');
    expect(screen.queryByTestId('moved-use-0'), 'only after a new test').toBeNull();
    expect(screen.queryByTestId('unsaved')).toBeNull();
    await expectAccessible(container);
  });

  it('t3_a_moved_value_is_taken_by_one_click_after_a_new_test_and_saved', async () => {
    const { user, container } = await openMoved();
    await user.click(get('moved-test'));
    const use = await find('moved-use-0');
    expect(get('location-at'), 'nothing is taken by itself').toHaveValue('/data/session/access_token');
    expect(get('token-save')).toBeDisabled();
    await expectAccessible(container);
    await user.click(use);
    expect(use).toHaveAttribute('aria-pressed', 'true');
    expect(get('location-at')).toHaveValue('/data/session/tokens/access/access_token');
    await waitFor(() => {
      expect(get('token-save')).toBeEnabled();
    });
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(screen.queryByTestId('moved')).toBeNull();
    });
    expect(await find('token-location')).toHaveTextContent('JSON /data/session/tokens/access/access_token');
  });

  it('t3_a_value_that_is_back_at_its_place_needs_no_new_one', async () => {
    const { user } = await openMoved();
    await test(user, 'https://auth.example.com/session');
    expect(await find('moved-back')).toHaveTextContent('Nothing has to be changed.');
    expect(screen.queryByTestId('moved-use-0')).toBeNull();
  });

  it('e7_a_refresh_that_finds_nothing_brings_the_card', async () => {
    const workspace = useWorkspace();
    const token = workspace.tokens[0];
    if (!token?.request) throw new Error('the samples have a request token');
    token.request.url = 'https://moved.example.com/login';
    const { user } = await openApp(`/authentication/${token.summary.id}`, workspace);
    await user.click(await find('token-refresh'));
    await find('token-state-problem');
    await find('moved');
  });

  it('t3_a_test_of_a_changed_request_proposes_where_the_value_went_too', async () => {
    const workspace = useWorkspace();
    const { user } = await openApp(`/authentication/${workspace.tokens[0]?.summary.id ?? ''}`, workspace);
    await test(user, 'https://moved.example.com/login');
    expect(await find('moved')).toHaveTextContent('no token at JSON /data/session/access_token');
    expect(screen.queryByTestId('shape-saved')).toBeNull();
    await user.click(get('moved-use-0'));
    await find('located');
  });
});
