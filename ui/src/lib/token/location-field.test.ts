import { screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../test/axe';
import { openApp } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

/** A new token whose request was tested. */
async function openTested(
  url = 'https://auth.example.com/session',
): Promise<{ user: UserEvent; container: HTMLElement }> {
  const { user, container } = await openApp('/authentication/new/http_request');
  await user.type(await find('token-name'), 'Orders login');
  await user.type(get('request-url'), url);
  await user.click(get('test-request'));
  await find('test-status');
  return { user, container };
}

/** Waits until what the field says contains these words. */
async function says(words: string | RegExp): Promise<void> {
  await waitFor(() => {
    expect(get('location-preview')).toHaveTextContent(words);
  });
}

describe('a typed location is completed from the response', () => {
  it('t4_shows_what_follows_and_takes_the_first_with_tab_and_another_with_the_arrow_keys', async () => {
    const { user, container } = await openTested();
    const field = get('location-at');
    expect(field).toHaveAttribute('aria-expanded', 'false');
    await user.type(field, '/data/s');
    const list = await find('completions');
    expect(within(list).getAllByRole('option')).toHaveLength(1);
    expect(field).toHaveAttribute('aria-expanded', 'true');
    expect(field).toHaveAttribute('aria-controls', list.id);
    await expectAccessible(container);
    await user.tab();
    expect(field).toHaveValue('/data/session');
    expect(field, 'completing is no leaving').toHaveFocus();

    await user.type(field, '/');
    await waitFor(() => {
      expect(within(get('completions')).getAllByRole('option')).toHaveLength(4);
    });
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}');
    const active = document.getElementById(field.getAttribute('aria-activedescendant') ?? '');
    expect(active).toHaveTextContent('expires_in');
    expect(active).toHaveAttribute('aria-selected', 'true');
    await user.keyboard('{Enter}');
    expect(field).toHaveValue('/data/session/expires_in');
  });

  it('t4_a_name_that_is_whole_as_it_stands_is_not_changed_by_leaving_the_field', async () => {
    const { user } = await openTested();
    await user.selectOptions(get('location-in'), 'header');
    await user.type(get('location-at'), 'server');
    expect(within(await find('completions')).getAllByRole('option'), 'server-timing too').toHaveLength(2);
    await user.tab();
    expect(get('location-at')).toHaveValue('server');
    expect(get('location-at')).not.toHaveFocus();
    expect(screen.queryByTestId('completions')).toBeNull();
  });

  it('t4_escape_closes_the_list_and_a_click_takes_from_it', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), '/');
    await find('completions');
    await user.keyboard('{Escape}');
    expect(screen.queryByTestId('completions')).toBeNull();
    expect(get('location-at')).toHaveValue('/');
    await user.keyboard('{ArrowDown}');
    await user.click(within(await find('completions')).getByText('meta'));
    expect(get('location-at')).toHaveValue('/meta');
    expect(get('location-at')).toHaveFocus();
  });

  it('t4_names_of_headers_and_cookies_are_completed_too', async () => {
    const { user } = await openTested();
    await user.selectOptions(get('location-in'), 'cookie');
    await user.type(get('location-at'), 'js');
    await find('completions');
    await user.tab();
    expect(get('location-at')).toHaveValue('JSESSIONID');
    expect(await find('located')).toHaveTextContent('12 characters');
    expect(get('location-note')).toHaveTextContent('The last of 2 cookies');
  });

  it('t4_a_name_that_comes_twice_is_shown_twice', async () => {
    const { user } = await openTested();
    await user.selectOptions(get('location-in'), 'header');
    await user.type(get('location-at'), 'va');
    expect(within(await find('completions')).getAllByRole('option')).toHaveLength(2);
  });

  it('t4_a_place_can_be_typed_before_the_test_and_has_no_list_then', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await user.type(await find('location-at'), '/data/session/access_token');
    await user.keyboard('{ArrowDown}');
    expect(screen.queryByTestId('completions')).toBeNull();
    expect(get('location-preview').textContent.trim()).toBe('');
    await user.type(get('token-name'), 'Orders login');
    await user.type(get('request-url'), 'https://auth.example.com/session');
    await user.click(get('test-request'));
    await find('located');
    expect(get('token-save')).toBeEnabled();
  });
});

describe('a typed location shows what it yields', () => {
  it('t4_one_value_is_shown_masked_with_its_length', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), '/data/session/access_token');
    await says(/Yields 1 value: “eyJ.{3}••••••••” \(\d{3} characters\)/);
  });

  it('t4_a_jsonpath_that_yields_several_says_how_many_and_shows_them', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), '$.data.user.roles[[*]');
    await waitFor(() => {
      expect(get('location-at')).toHaveAccessibleDescription(
        /The JSONPath yields 2 values; it must yield exactly one\./,
      );
    });
    expect(screen.queryByTestId('marked-text'), 'all of it is meant').toBeNull();
    await says('/data/user/roles/0 “orders:read”');
    await says('/data/user/roles/1 “orders:write”');
    expect(get('missing')).toHaveTextContent('The token location yields no value');
  });

  it('t4_a_fault_is_marked_at_its_character_with_the_next_step', async () => {
    const { user, container } = await openTested();
    await user.type(get('location-at'), '$.data.user[[0');
    await waitFor(() => {
      expect(get('location-at')).toHaveAccessibleDescription(
        /This bracket is never closed\. Close it with \]\./,
      );
    });
    expect(get('location-at')).toBeInvalid();
    expect(get('marked-text')).toHaveTextContent('$.data.user[0');
    expect(get('marked-text').querySelector('mark')).toHaveTextContent('[');
    await expectAccessible(container);
    await user.type(get('location-at'), '{Backspace}{Backspace}.name');
    await says('That is /data/user/name.');
    expect(screen.queryByTestId('marked-text')).toBeNull();
    expect(get('location-at')).toBeValid();
  });

  it('t4_the_marked_character_is_the_one_that_is_wrong_after_characters_of_two_units', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), "$[['😀'][[");
    expect((await find('marked-text')).querySelector('mark')?.textContent).toBe('[');
    expect(get('marked-text')).toHaveTextContent("$['😀'][");
  });

  it('t3_what_was_found_at_another_place_does_not_count_while_typing', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), '/data/session/access_token');
    await waitFor(() => {
      expect(get('token-save')).toBeEnabled();
    });
    await user.type(get('location-at'), 's');
    expect(get('token-save'), 'at once, not after the next look').toBeDisabled();
  });
});

describe('a location opens what it found once more', () => {
  it('t4_steps_are_added_changed_and_removed_and_their_faults_stand_at_them', async () => {
    const { user, container } = await openTested();
    await user.type(get('location-at'), '/data/session/access_token');
    await find('located');
    await user.click(get('then-add'));
    expect(get('then-0-open'), 'a JWT has been found').toHaveValue('jwt_claim');
    expect(get('then-0')).toHaveFocus();
    await user.keyboard('sub');
    await waitFor(() => {
      expect(get('located')).toHaveTextContent('11 characters');
    });
    await user.click(get('then-add'));
    await user.selectOptions(get('then-1-open'), 'capture');
    await user.type(get('then-1'), 'support-(');
    await waitFor(() => {
      expect(get('then-1')).toBeInvalid();
    });
    expect(get('then-1')).toHaveAccessibleDescription(/This is no regular expression/);
    expect(get('location-at')).toBeValid();
    await expectAccessible(container);
    await user.type(get('then-1'), '\\w+)');
    await waitFor(() => {
      expect(get('located')).toHaveTextContent('3 characters');
    });
    await user.click(get('then-0-remove'));
    expect(get('then-0'), 'the other step is the first now').toHaveValue('support-(\\w+)');
    expect(screen.queryByTestId('then-1')).toBeNull();
    expect(get('then-add'), 'the keyboard is not lost').toHaveFocus();
  });

  it('t4_the_whole_text_needs_no_name_and_a_line_of_it_is_counted_from_1', async () => {
    const { user, workspace } = await openApp('/authentication/new/http_request');
    await user.type(await find('token-name'), 'Orders login');
    await user.type(get('request-url'), 'https://auth.example.com/session');
    await user.click(get('test-request'));
    await find('test-status');
    await user.selectOptions(get('location-in'), 'text');
    expect(screen.queryByTestId('location-at')).toBeNull();
    await find('located');
    await user.click(get('then-add'));
    expect(get('then-0-open')).toHaveValue('line');
    await user.type(get('then-0'), '{Backspace}x4');
    expect(get('then-0')).toHaveValue('4');
    await waitFor(() => {
      expect(get('token-save')).toBeEnabled();
    });
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(workspace.tokens.at(-1)?.location).toEqual({
        in: 'text',
        at: '',
        then: [{ open: 'line', number: 4 }],
      });
    });
    expect(await find('token-location')).toHaveTextContent('the text, then line 4');
  });

  it('t4_a_place_its_steps_and_the_margin_are_found_again_after_leaving_the_form', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), '/data/session/access_token');
    await find('located');
    await user.click(get('then-add'));
    await user.keyboard('sub');
    await waitFor(() => {
      expect(get('located')).toHaveTextContent('11 characters');
    });
    await user.click(get('refresh-ahead'));
    await user.type(get('refresh-margin'), '5');
    location.hash = '/authentication';
    await user.click(await find('confirm-action'));
    await find('token-table');
    location.hash = '/authentication/new/http_request';
    expect(await find('location-at')).toHaveValue('/data/session/access_token');
    expect(get('then-0-open')).toHaveValue('jwt_claim');
    expect(get('then-0')).toHaveValue('sub');
    expect(get('refresh-ahead')).toBeChecked();
    expect(get('refresh-margin')).toHaveValue('605');
    expect(get('missing'), 'the test is not kept').toHaveTextContent('Not tested yet');
  });

  it('t4_what_was_typed_for_a_place_is_found_again_after_another_was_chosen', async () => {
    const { user } = await openTested();
    await user.type(get('location-at'), '/data');
    await user.selectOptions(get('location-in'), 'header');
    expect(get('location-at')).toHaveValue('');
    expect(get('missing')).toHaveTextContent('Choose which value is the token');
    await user.selectOptions(get('location-in'), 'json');
    expect(get('location-at')).toHaveValue('/data');
  });
});
