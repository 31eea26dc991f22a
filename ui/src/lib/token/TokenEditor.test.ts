import { screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

async function typeRequest(user: UserEvent, url = 'https://auth.example.com/session'): Promise<void> {
  await user.type(await find('token-name'), 'Orders login');
  await user.type(get('request-url'), url);
}

async function openTest(user: UserEvent, url?: string): Promise<void> {
  await typeRequest(user, url);
  await user.click(get('test-request'));
}

describe('a new HTTP request token', () => {
  it('t3_save_waits_for_a_test_and_a_location_and_says_so', async () => {
    const { user, workspace } = await openApp('/authentication/new/http_request', useWorkspace('empty'));
    await typeRequest(user);
    expect(get('token-save')).toBeDisabled();
    expect(get('missing')).toHaveTextContent('Not tested yet');

    await user.click(get('test-request'));
    expect(await find('test-status')).toHaveTextContent('200 OK');
    expect(get('missing')).toHaveTextContent('Choose which value is the token');
    expect(get('token-save')).toBeDisabled();

    await user.click(get('suggestion-0'));
    await find('located');
    expect(get('location-at')).toHaveValue('/data/session/access_token');
    expect(get('header-preview')).toHaveTextContent('Authorization: Bearer eyJhbG••••••••');
    expect(get('jwt')).toHaveTextContent('shown, not trusted');
    expect(get('token-save')).toBeEnabled();

    await user.click(get('token-save'));
    await waitFor(() => {
      expect(workspace.tokens.map(({ summary }) => summary.name)).toEqual(['Orders login']);
    });
    expect(location.hash).toBe(`#/authentication/${workspace.tokens[0]?.summary.id ?? ''}`);
  });

  it('t3_a_change_after_the_test_names_what_changed_and_going_back_counts', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await openTest(user);
    await user.click(await find('suggestion-0'));
    await find('located');
    await user.type(get('request-url'), 'x');
    expect(get('missing')).toHaveTextContent('Not tested yet since you changed the URL');
    expect(get('token-save')).toBeDisabled();
    await user.type(get('request-url'), '{Backspace}');
    expect(get('token-save')).toBeEnabled();
  });

  it('t3_a_test_that_was_refused_can_not_be_saved', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await openTest(user, 'https://fail.example.com');
    expect(await find('test-status')).toHaveTextContent('503 Service Unavailable');
    expect(get('test-advice')).toHaveTextContent('Nothing was changed');
    expect(screen.queryByTestId('suggestions')).toBeNull();
    expect(get('missing')).toHaveTextContent('The test answered 503 Service Unavailable');
  });

  it('t4_a_typed_location_is_looked_at_and_its_error_stands_at_the_field', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await openTest(user);
    await user.type(await find('location-at'), '/data/nothing');
    await waitFor(() => {
      expect(get('location-at')).toHaveAccessibleDescription(/Nothing stands at this place/);
    });
    await user.clear(get('location-at'));
    await user.type(get('location-at'), '$.data.session.access_token');
    expect(await find('location-normalised')).toHaveTextContent('/data/session/access_token');
  });

  it('t4_a_header_of_the_response_can_be_the_token', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await openTest(user);
    await user.click(await find('tab-headers'));
    await user.click(await screen.findByRole('treeitem', { name: /^x-session-id/ }));
    expect(await find('located')).toHaveTextContent('24 characters');
    expect(get('location-in')).toHaveValue('header');
  });

  it('ctrl_enter_tests_and_a_long_test_shows_progress_and_can_be_cancelled', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await typeRequest(user, 'https://slow.example.com');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => {
      expect(get('test-progress')).toHaveTextContent(/Receiving the answer · \d/);
    });
    await user.click(get('test-cancel'));
    expect(await find('test-cancelled')).toHaveTextContent('The test was cancelled.');
    expect(screen.queryByTestId('test-problem'), 'whoever cancelled it needs no alarm').toBeNull();
    expect(get('request-url')).toHaveValue('https://slow.example.com');
  });

  it('errors_stand_at_their_field_with_focus_and_nothing_typed_is_lost', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await openTest(user, 'no address');
    await waitFor(() => {
      expect(get('request-url')).toHaveFocus();
    });
    expect(get('request-url')).toHaveAccessibleDescription(/no absolute URL/);
    await user.type(get('request-url'), 'x');
    expect(get('request-url'), 'a corrected field is no longer marked').toBeValid();
    expect(get('token-name')).toHaveValue('Orders login');
  });

  it('a_pasted_curl_command_fills_the_form_and_says_what_was_left_out', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await user.click(await find('paste-curl'));
    const dialog = await find('curl-dialog');
    await user.click(get('curl-command'));
    await user.paste('wget https://example.com');
    await user.click(get('curl-fill'));
    await waitFor(() => {
      expect(get('curl-command')).toHaveAccessibleDescription(/no cURL command/);
    });
    expect(get('curl-command')).toHaveValue('wget https://example.com');

    await user.clear(get('curl-command'));
    await user.paste("curl --insecure -X PUT https://a.example.com/login -H 'X-App: seven' -d client_id=bot");
    await user.click(get('curl-fill'));
    await waitFor(() => {
      expect(dialog).not.toBeInTheDocument();
    });
    expect(get('request-method')).toHaveValue('PUT');
    expect(get('request-url')).toHaveValue('https://a.example.com/login');
    expect(get('headers-0-name')).toHaveValue('X-App');
    expect(get('headers-0-value')).toHaveAttribute('type', 'password');
    expect(get('parameters-0-name')).toHaveValue('client_id');
    expect(get('request-encoding')).toHaveValue('form');
    expect(get('curl-notes')).toHaveTextContent('certificates are always checked');
  });

  it('a_fault_of_a_pasted_command_is_selected_where_it_stands', async () => {
    const { user } = await openApp('/authentication/new/http_request');
    await user.click(await find('paste-curl'));
    await user.click(await find('curl-command'));
    await user.paste("curl https://h.example/😀 'x");
    await user.click(get('curl-fill'));
    const box = get('curl-command') as HTMLTextAreaElement;
    await waitFor(() => {
      expect(box).toHaveAccessibleDescription(/at character 26 is never closed/);
    });
    expect(box).toHaveFocus();
    expect(box.value.slice(box.selectionStart, box.selectionEnd)).toBe("'");
  });

  it('t8_a_request_is_copied_as_curl_for_the_chosen_shell_and_names_what_to_fill_in', async () => {
    const workspace = useWorkspace();
    const { user } = await openApp('/authentication/new/http_request', workspace);
    await user.click(await find('copy-curl'));
    await waitFor(() => {
      expect(get('request-url')).toHaveAccessibleDescription(/not a whole URL/);
    });
    await typeRequest(user, 'https://auth.example.com/login');
    await user.click(get('parameters-add'));
    await user.type(get('parameters-0-name'), 'client_secret');
    await user.type(get('parameters-0-value'), 'hunter2');
    await user.selectOptions(get('curl-shell'), 'cmd');
    await user.click(get('copy-curl'));
    await waitFor(() => {
      expect(get('toasts')).toHaveTextContent('Copied as cURL for cmd. Fill in <client_secret>.');
    });
    expect(workspace.copied.map(({ shell }) => shell)).toEqual(['bash', 'cmd']);
    expect(get('request-url')).toBeValid();
  });
});

describe('a saved token', () => {
  async function openSaved(name: string): Promise<{ user: UserEvent; id: string; container: HTMLElement }> {
    const workspace = useWorkspace();
    const id = workspace.tokens.find(({ summary }) => summary.name === name)?.summary.id ?? '';
    const { user, container } = await openApp(`/authentication/${id}`, workspace);
    await find('token-name');
    return { user, id, container };
  }

  it('t8_a_stored_secret_is_not_in_the_page_until_it_is_revealed', async () => {
    const { user } = await openSaved('Sandbox login');
    const password = get('parameters-1-value');
    expect(password).toHaveValue('••••••••••••');
    await user.click(get('parameters-1-value-reveal'));
    await waitFor(() => {
      expect(get('parameters-1-value')).toHaveValue('demo-secret');
    });
    await user.tab();
    await user.tab();
    await user.tab();
    expect(get('parameters-1-value')).toHaveValue('••••••••••••');
  });

  it('t8_a_revealed_value_leaves_the_page_with_blur_and_navigation', async () => {
    const { user, container } = await openSaved('Billing API key');
    await user.click(get('token-reveal'));
    const shown = await find('token-value');
    await waitFor(() => {
      expect(shown).toHaveFocus();
    });
    const value = (shown as HTMLTextAreaElement).value;
    expect(value.length).toBeGreaterThan(20);
    await user.click(get('token-description'));
    await waitFor(() => {
      expect(screen.queryByTestId('token-value')).toBeNull();
    });
    await user.click(get('token-reveal'));
    await find('token-value');
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    await waitFor(() => {
      expect(screen.queryByTestId('token-value')).toBeNull();
    });
    expect(container.innerHTML).not.toContain(value);
  });

  it('t3_name_prefix_and_header_change_without_a_test', async () => {
    const { user, id } = await openSaved('Sandbox login');
    expect(get('token-save')).toBeDisabled();
    await user.type(get('token-name'), ' 2');
    await user.clear(get('token-prefix'));
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(get('page-title')).toHaveTextContent('Sandbox login 2');
    });
    expect(get('token-generation')).toHaveTextContent('generation 8');
    expect(location.hash).toBe(`#/authentication/${id}`);
  });

  it('t3_choosing_the_stored_place_in_a_new_test_is_no_change', async () => {
    const { user } = await openSaved('Sandbox login');
    await user.click(get('test-request'));
    await user.click(await find('suggestion-0'));
    await find('located');
    expect(screen.queryByTestId('unsaved')).toBeNull();
    expect(get('token-save')).toBeDisabled();
  });

  it('t3_a_changed_request_asks_for_a_new_test', async () => {
    const { user } = await openSaved('Sandbox login');
    await user.click(get('parameters-1-value-replace'));
    await user.type(get('parameters-1-value'), 'another-password');
    expect(get('missing')).toHaveTextContent('Not tested yet since you changed the key-value pairs');
    expect(get('token-save')).toBeDisabled();
    await user.click(get('parameters-1-value-keep'));
    expect(screen.queryByTestId('missing')).toBeNull();
  });

  it('t7_a_token_in_use_is_not_deleted_and_the_connectors_are_named', async () => {
    const { user } = await openSaved('Sandbox login');
    await user.click(get('token-delete'));
    const question = await find('confirm-dialog');
    expect(within(question).getByText(/stored value and its authentication request are lost/)).toBeVisible();
    await user.click(get('confirm-action'));
    expect(await find('delete-problem')).toHaveTextContent('Sandbox login is used by');
  });

  it('t9_refresh_now_and_forget_value_show_how_the_value_came', async () => {
    const { user } = await openSaved('Sandbox login');
    await user.click(get('token-refresh'));
    await waitFor(() => {
      expect(get('token-state')).toHaveTextContent('Refreshed by hand');
    });
    expect(get('token-generation')).toHaveTextContent('generation 9');
    await user.click(get('token-forget'));
    await user.click(await find('confirm-action'));
    await waitFor(() => {
      expect(get('token-state')).toHaveTextContent('Forgotten by hand');
    });
    expect(screen.queryByTestId('token-reveal')).toBeNull();
  });

  it('e7_a_failed_refresh_says_what_to_do_and_keeps_the_rest', async () => {
    const { user } = await openSaved('Warehouse login');
    await user.type(get('token-description'), 'typed');
    await user.click(get('token-refresh'));
    expect(await find('token-state-problem')).toHaveTextContent('The login endpoint answered 503');
    expect(get('token-description')).toHaveValue('typed');
  });

  it('what_was_typed_is_asked_about_and_found_again', async () => {
    const { user, id } = await openSaved('Billing API key');
    await user.type(get('token-description'), ' More.');
    location.hash = '/authentication';
    await user.click(await find('confirm-cancel'));
    await waitFor(() => {
      expect(location.hash).toBe(`#/authentication/${id}`);
    });
    location.hash = '/authentication';
    await user.click(await find('confirm-action'));
    await find('token-table');
    location.hash = `/authentication/${id}`;
    await vi.waitFor(() => {
      expect(get('token-description')).toHaveValue('Owned by the billing team. More.');
    });
    await user.click(get('token-cancel'));
    await user.click(await find('confirm-action'));
    await find('token-table');
  });
});

describe('a text token', () => {
  it('t2_its_value_is_typed_hidden_and_saved', async () => {
    const { user, workspace } = await openApp('/authentication/new/text', useWorkspace('empty'));
    await user.type(await find('token-name'), 'Key');
    await user.clear(get('token-prefix'));
    expect(get('header-preview')).toHaveTextContent('Authorization: ••••••••');
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(get('token-text-value')).toHaveFocus();
    });
    expect(get('token-text-value')).toHaveAccessibleDescription(/needs its value/);
    await user.type(get('token-text-value'), 'abcdef123456');
    expect(get('token-text-value')).toHaveAttribute('type', 'password');
    await user.click(get('token-save'));
    await waitFor(() => {
      expect(workspace.tokens).toHaveLength(1);
    });
    await waitFor(() => {
      expect(get('token-text-value')).toHaveValue('••••••••••••');
    });
  });
});
