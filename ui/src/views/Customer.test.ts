import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ProblemError } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';
import { heldKey, hold } from '$lib/api/fake/customers';
import { sampleJwt } from '$lib/api/fake/sample-body';
import { addCustomer, addUserToken } from '$lib/api/fake/sample-customers';
import { REVEAL_MILLISECONDS } from '$lib/shared/reveal.svelte';
import { forgetAllDrafts } from '$lib/shared/unsaved.svelte';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);
const refusal = (field: string | null): ProblemError =>
  new ProblemError({ code: 'invalid', message: 'This is wrong.', next_step: 'Mend it.', field });

/** The card of a token. */
async function card(name: string): Promise<ReturnType<typeof within>> {
  const cards = await screen.findAllByTestId('held-token');
  const found = cards.find((element) => element.dataset.name === name);
  if (!found) throw new Error(`no card of ${name}`);
  return within(found);
}

let workspace: FakeWorkspace;
let session: string;

/** Ann, who holds a session and no JWT. */
beforeEach(() => {
  forgetAllDrafts();
  workspace = useWorkspace('empty');
  session = addUserToken(workspace, 'session_token', { key: 'X-Session', prefix: '' });
  addUserToken(workspace, 'orders_jwt');
  const ann = addCustomer(workspace, 'ann', { email: 'ann@example.com', name: 'Ann' });
  hold(workspace, ann, session, 'session-of-ann', 'set_auth_tokens');
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a customer', () => {
  it('shows who it is, what it holds masked, and when and by which call that was set', async () => {
    const { container } = await openApp('/customers/id/ann', workspace);
    const held = await card('session_token');
    expect(held.getByText('X-Session: ••••••••')).toBeVisible();
    expect(held.getByTestId('held-token-came')).toHaveTextContent(
      'Set just now by the Messenger’s setAuthTokens.',
    );
    expect(held.getByText('generation 1')).toBeVisible();
    expect((await card('orders_jwt')).getByTestId('held-token-came')).toHaveTextContent('Never set.');
    expect(get('customer-email')).toHaveValue('ann@example.com');
    expect(get('customer-user-id')).toHaveAttribute('readonly');
    expect(container.textContent).not.toContain('session-of-ann');
    expect(get('customer-runs')).toHaveAttribute('href', '#/logs?customer=ann');
    await expectAccessible(container);
  });

  it.each([
    ['boot', 'by the Messenger’s boot'],
    ['update', 'by the Messenger’s update'],
    ['window', 'by hand, in the window'],
    ['command_line', 'by hand, with the headless program'],
  ] as const)('says in words that a value came by %s', async (by, words) => {
    const ann = workspace.customers[0];
    if (ann) hold(workspace, ann, session, 'another', by);
    await openApp('/customers/id/ann', workspace);
    expect((await card('session_token')).getByTestId('held-token-came')).toHaveTextContent(words);
  });

  it('m7_shows_a_jwt_decoded_without_its_signature_and_counts_down_to_its_end', async () => {
    const ann = workspace.customers[0];
    const jwt = sampleJwt('ann');
    if (ann) for (const { summary } of workspace.tokens) hold(workspace, ann, summary.id, jwt, 'boot');
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { container } = await openApp('/customers/id/ann', workspace);
    const held = await card('orders_jwt');
    expect(held.getByTestId('jwt')).toHaveTextContent('aud orders');
    expect(container.textContent).not.toContain(jwt.split('.')[2]);
    expect(held.getByTestId('jwt-life')).toHaveTextContent('15 min left');
    vi.advanceTimersByTime(840_000);
    await waitFor(() => {
      expect(held.getByTestId('jwt-life')).toHaveTextContent(/^(60|59|58|57) s left$/);
    });
    vi.advanceTimersByTime(180_000);
    await waitFor(() => {
      expect(held.getByTestId('jwt-life')).toHaveTextContent('expired 2 min ago');
    });
    vi.useRealTimers();
    await expectAccessible(container);
  });

  it('t8_reveals_one_value_on_purpose_until_focus_leaves_or_30_s_have_passed', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { container, user } = await openApp('/customers/id/ann', workspace);
    const held = await card('session_token');
    await user.click(held.getByTestId('held-token-reveal'));
    expect(await held.findByTestId('held-token-revealed')).toHaveValue('session-of-ann');
    expect(held.getByTestId('held-token-revealed')).toHaveFocus();
    vi.advanceTimersByTime(REVEAL_MILLISECONDS);
    await waitFor(() => {
      expect(held.queryByTestId('held-token-revealed')).toBeNull();
    });
    for (const leave of [
      () => user.tab(),
      () => fireEvent(window, new Event('blur')),
      () => user.click(held.getByTestId('held-token-hide')),
    ]) {
      await user.click(held.getByTestId('held-token-reveal'));
      await held.findByTestId('held-token-revealed');
      await leave();
      await waitFor(() => {
        expect(container.querySelector('textarea')).toBeNull();
      });
    }
  });

  it('t8_takes_a_revealed_value_off_the_page_when_a_newer_one_is_set', async () => {
    const { user } = await openApp('/customers/id/ann', workspace);
    const held = await card('session_token');
    await user.click(held.getByTestId('held-token-reveal'));
    await held.findByTestId('held-token-revealed');
    const ann = workspace.customers[0];
    if (ann) hold(workspace, ann, session, 'newer', 'update');
    workspace.emit({ event: 'customers_changed' });
    await waitFor(() => {
      expect(held.queryByTestId('held-token-revealed')).toBeNull();
    });
    expect(held.getByText('generation 2')).toBeVisible();
  });

  it('copies without the value being in the page', async () => {
    const { user, container } = await openApp('/customers/id/ann', workspace);
    await user.click((await card('session_token')).getByTestId('held-token-copy'));
    expect(await screen.findByText('The value was copied.')).toBeVisible();
    expect(container.textContent).not.toContain('session-of-ann');
  });

  it('takes a value by hand, and what was typed is not lost when it is refused', async () => {
    const { user, container } = await openApp('/customers/id/ann', workspace);
    const held = await card('orders_jwt');
    await user.click(held.getByTestId('held-token-set'));
    expect(held.getByTestId('held-token-value')).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(held.getByTestId('held-token-value')).toHaveAccessibleDescription(/There is no value yet/);
    await user.type(held.getByTestId('held-token-value'), 'secret-123');
    expect(held.getByTestId('held-token-value')).toHaveAttribute('type', 'password');
    workspace.refusing.setCustomerToken = refusal('value');
    await user.keyboard('{Enter}');
    await waitFor(() => {
      expect(held.getByTestId('held-token-value')).toHaveAccessibleDescription(/This is wrong. Mend it./);
    });
    expect(held.getByTestId('held-token-value')).toHaveValue('secret-123');
    await expectAccessible(container);
    workspace.refusing = {};
    await user.click(held.getByTestId('held-token-save'));
    await waitFor(() => {
      expect(held.getByTestId('held-token-set')).toHaveFocus();
    });
    expect(held.getByTestId('held-token-came')).toHaveTextContent('by hand, in the window');
    expect([...workspace.customerValues.values()]).toContain('secret-123');
    expect(container.innerHTML).not.toContain('secret-123');
  });

  it('keeps a value that is being typed while something else is committed', async () => {
    const { user } = await openApp('/customers/id/ann', workspace);
    const held = await card('orders_jwt');
    await user.click(held.getByTestId('held-token-set'));
    await user.type(held.getByTestId('held-token-value'), 'half');
    const ann = workspace.customers[0];
    if (ann) Object.assign(ann, { name: 'Ann the Second' });
    workspace.emit({ event: 'customers_changed' });
    await waitFor(() => {
      expect(get('customer-name'), 'nothing was typed there').toHaveValue('Ann the Second');
    });
    expect(held.getByTestId('held-token-value')).toHaveValue('half');
    location.hash = '#/customers';
    expect(await find('confirm-dialog')).toHaveTextContent('the customer “\u2068ann\u2069” is not saved');
    await user.click(get('confirm-action'));
    await screen.findAllByTestId('customer-row');
    location.hash = '#/customers/id/ann';
    expect((await card('orders_jwt')).getByTestId('held-token-value')).toHaveValue('half');
    await user.click((await card('orders_jwt')).getByTestId('held-token-cancel'));
    expect(screen.queryByTestId('unsaved')).toBeNull();
  });

  it('m5_removes_a_value_after_saying_what_is_lost', async () => {
    const { user } = await openApp('/customers/id/ann', workspace);
    const held = await card('session_token');
    await user.click(held.getByTestId('held-token-remove'));
    expect(await find('confirm-dialog')).toHaveTextContent('end before anything is sent');
    await user.click(get('confirm-cancel'));
    expect(workspace.customerValues.size).toBe(1);
    await user.click(held.getByTestId('held-token-remove'));
    await user.click(await find('confirm-action'));
    await waitFor(() => {
      expect(held.getByTestId('held-token-came')).toHaveTextContent(
        'Removed just now by hand, in the window.',
      );
    });
    expect(workspace.customerValues.has(heldKey('ann', session))).toBe(false);
    expect(held.queryByTestId('held-token-reveal')).toBeNull();
  });

  it('is edited, and only what was typed is kept when another program changes it meanwhile', async () => {
    const { user } = await openApp('/customers/id/ann', workspace);
    expect(await find('customer-save')).toBeDisabled();
    await user.clear(get('customer-name'));
    await user.type(get('customer-name'), 'Anna');
    await user.selectOptions(get('customer-kind'), 'leads');
    const ann = workspace.customers[0];
    if (ann) Object.assign(ann, { email: 'new@example.com', name: 'From elsewhere' });
    workspace.emit({ event: 'customers_changed' });
    await waitFor(() => {
      expect(get('customer-email')).toHaveValue('new@example.com');
    });
    expect(get('customer-name')).toHaveValue('Anna');
    await user.keyboard('{Control>}s{/Control}');
    expect(await screen.findByText('The customer is saved.')).toBeVisible();
    expect(workspace.customers).toMatchObject([
      { user_id: 'ann', email: 'new@example.com', name: 'Anna', kind: 'leads' },
    ]);
    expect(screen.queryByTestId('unsaved')).toBeNull();
    expect((await card('session_token')).getByText('generation 1'), 'its tokens stay').toBeVisible();
  });

  it('is deleted after a question that names what is lost', async () => {
    const { user } = await openApp('/customers/id/ann', workspace);
    await user.click(await find('customer-delete'));
    expect(await find('confirm-dialog')).toHaveTextContent('with what it holds of session_token');
    await user.click(get('confirm-action'));
    await waitFor(() => {
      expect(location.hash).toBe('#/customers');
    });
    expect(workspace.customers).toHaveLength(0);
    expect(workspace.customerValues.size).toBe(0);
  });

  it('that is not there, or no longer, can be added', async () => {
    const { user, container } = await openApp('/customers/id/ann', workspace);
    await card('session_token');
    workspace.customers = [];
    workspace.emit({ event: 'customers_changed' });
    expect(await find('empty-state')).toHaveTextContent('No customer has the user id “ann”');
    expect(screen.queryByTestId('customer-delete')).toBeNull();
    await expectAccessible(container);
    await user.click(screen.getByRole('link', { name: 'Add it' }));
    expect(await find('customer-user-id')).toHaveValue('ann');
    await user.click(get('customer-save'));
    await card('session_token');
  });

  it('says what failed and tries again', async () => {
    workspace.refusing.getCustomer = refusal(null);
    const { user } = await openApp('/customers/id/ann', workspace);
    expect(await find('problem')).toHaveTextContent('This is wrong. Mend it.');
    workspace.refusing = {};
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await card('session_token');
  });

  it('explains what a user token is when the workspace has none', async () => {
    workspace.tokens = [];
    await openApp('/customers/id/ann', workspace);
    expect(await find('empty-state')).toHaveTextContent('of which each customer has a value of its own');
  });
});

describe('a new customer', () => {
  it('is added by keyboard alone, and its page follows', async () => {
    const { user, container } = await openApp('/customers/new', workspace);
    (await find('customer-user-id')).focus();
    await expectAccessible(container);
    await user.keyboard(' a/b?c#d%41 ');
    await user.tab();
    await user.keyboard('zoe@example.com');
    await user.tab();
    await user.keyboard('Zoé{Enter}');
    await waitFor(() => {
      expect(get('page-title')).toHaveTextContent('a/b?c#d%41');
    });
    expect(location.hash).toBe('#/customers/id/a%2Fb%3Fc%23d%2541');
    expect(workspace.customers[0]).toMatchObject({
      user_id: 'a/b?c#d%41',
      email: 'zoe@example.com',
      name: 'Zoé',
      kind: 'users',
    });
    expect(screen.queryByTestId('confirm-dialog'), 'nothing is unsaved').toBeNull();
  });

  it('says at its fields what is wrong, and keeps what was typed', async () => {
    const { user } = await openApp('/customers/new', workspace);
    await user.click(await find('customer-save'));
    await waitFor(() => {
      expect(get('customer-user-id')).toHaveFocus();
    });
    expect(get('customer-user-id')).toHaveAccessibleDescription(/A customer needs a user id/);
    expect(screen.queryByTestId('customer-taken')).toBeNull();
    await user.type(get('customer-user-id'), 'zoe');
    await user.type(get('customer-email'), 'not an email');
    workspace.refusing.saveCustomer = refusal('email');
    await user.click(get('customer-save'));
    await waitFor(() => {
      expect(get('customer-email')).toHaveAccessibleDescription('This is wrong. Mend it.');
    });
    expect(get('customer-email')).toHaveValue('not an email');
    workspace.refusing.saveCustomer = refusal(null);
    await user.click(get('customer-save'));
    expect(await find('problem')).toHaveTextContent('This is wrong.');
  });

  it('whose user id is taken leads to the one that has it', async () => {
    const { user } = await openApp('/customers/new?user_id=ann', workspace);
    await user.click(await find('customer-save'));
    expect(await find('customer-taken')).toHaveAttribute('href', '#/customers/id/ann');
    expect(get('customer-user-id')).toHaveAccessibleDescription(/There is a customer with this user id/);
  });

  it('is discarded after a question, and does not come back', async () => {
    const { user } = await openApp('/customers/new', workspace);
    await user.type(await find('customer-user-id'), 'nobody');
    await user.click(get('customer-cancel'));
    await user.click(await find('confirm-action'));
    await screen.findAllByTestId('customer-row');
    await user.click(get('customer-add'));
    expect(await find('customer-user-id')).toHaveValue('');
  });
});
