import { screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';
import { hold } from '$lib/api/fake/customers';
import { addCustomer, addSampleCustomers } from '$lib/api/fake/sample-customers';
import { forgetAllDrafts } from '$lib/shared/unsaved.svelte';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);

let workspace: FakeWorkspace;
let place: string;

/** The first connector sends `session_token`, which the third customer does not hold. */
beforeEach(() => {
  forgetAllDrafts();
  workspace = useWorkspace();
  addSampleCustomers(workspace, 12);
  place = `/connectors/${workspace.connectors[0]?.summary.id ?? ''}/test`;
});

async function expectOffered(...userIds: string[]): Promise<void> {
  await waitFor(() => {
    expect(screen.queryAllByTestId('run-customer-option').map((option) => option.dataset.userId)).toEqual(
      userIds,
    );
  });
}

describe('run as customer', () => {
  it('finds a customer by keyboard alone and runs as it', async () => {
    const { user, container } = await openApp(place, workspace);
    await user.type(await find('run-input-order_id'), 'A-1042');
    get('run-customer-id').focus();
    await user.keyboard('ADA');
    await expectOffered('c-1000', 'c-1006');
    const field = get('run-customer-id');
    expect(field).toHaveAttribute('aria-expanded', 'true');
    const option = screen.getAllByTestId('run-customer-option')[0];
    expect(option).toHaveTextContent(/c-1000 Ada Byrne · ada0@example.com session_token orders_jwt/);
    await expectAccessible(container);
    await user.keyboard('{ArrowUp}');
    const active = (): Element | null =>
      document.getElementById(field.getAttribute('aria-activedescendant') ?? '');
    expect(active(), 'the last, from the top').toHaveTextContent('c-1006');
    await user.keyboard('{ArrowDown}');
    expect(active()).toHaveTextContent('c-1000');
    await user.keyboard('{Enter}');
    expect(field).toHaveValue('c-1000');
    await expectOffered();
    expect(await find('run-customer-known')).toHaveTextContent('Holds session_token, set just now');
    expect(screen.queryByTestId('run-customer-lack')).toBeNull();
    await user.keyboard('{Enter}');
    expect(await find('execution-customer-link')).toHaveAttribute('href', '#/customers/id/c-1000');
    expect(workspace.executions[0]?.customer).toBe('c-1000');
  });

  it('takes one that is clicked, and closes with Escape or when it is left', async () => {
    const { user } = await openApp(place, workspace);
    const field = await find('run-customer-id');
    await user.click(field);
    await waitFor(() => {
      expect(screen.getAllByTestId('run-customer-option')).toHaveLength(8);
    });
    await user.keyboard('{Escape}');
    await expectOffered();
    await user.type(field, 'bela');
    await expectOffered('c-1001', 'c-1007');
    await user.tab();
    await expectOffered();
    await user.type(field, '1');
    await expectOffered('c-1001');
    await user.click(get('run-customer-option'));
    expect(field).toHaveValue('c-1001');
    expect(field, 'the keyboard goes on in the field').toHaveFocus();
  });

  it('m6_says_what_a_run_would_lack_before_it_runs', async () => {
    const { user } = await openApp(place, workspace);
    expect(await find('run-customer-lack')).toHaveTextContent(
      'sends the user token session_token: without a customer',
    );
    await user.type(get('run-customer-id'), 'c-1002');
    await waitFor(() => {
      expect(get('run-customer-lack')).toHaveTextContent('holds no value of session_token');
    });
    expect(get('run-customer-known')).toHaveTextContent('Holds no user token.');
    const customer = workspace.customers.find(({ user_id }) => user_id === 'c-1002');
    const token = workspace.tokens.find(({ summary }) => summary.name === 'session_token');
    if (customer && token) hold(workspace, customer, token.summary.id, 'now', 'set_auth_tokens');
    workspace.emit({ event: 'customers_changed' });
    await waitFor(() => {
      expect(screen.queryByTestId('run-customer-lack'), 'a value came meanwhile').toBeNull();
    });
  });

  it('says nothing of tokens where none is sent', async () => {
    const { user } = await openApp(place, workspace);
    await find('run-customer-lack');
    await user.click(get('run-mock'));
    expect(screen.queryByTestId('run-customer-lack')).toBeNull();
  });

  it('takes a user id that no customer has, says so, and offers to add it', async () => {
    const { user } = await openApp(place, workspace);
    await user.type(await find('run-input-order_id'), 'A-1042');
    await user.type(get('run-customer-id'), 'no/body');
    const unknown = await find('run-customer-unknown');
    expect(unknown.querySelector('a')).toHaveAttribute('href', '#/customers/new?user_id=no%2Fbody');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await find('execution-customer');
    expect(workspace.executions[0]?.customer).toBe('no/body');
    addCustomer(workspace, 'no/body');
    workspace.emit({ event: 'customers_changed' });
    await find('run-customer-known');
  });

  it('remembers the choice of each connector while the window is open', async () => {
    const { user } = await openApp(place, workspace);
    await user.type(await find('run-customer-id'), 'c-1001');
    location.hash = `#/connectors/${workspace.connectors[1]?.summary.id ?? ''}/test`;
    await waitFor(() => {
      expect(get('run-customer-id')).toHaveValue('');
    });
    location.hash = `#${place}`;
    await waitFor(() => {
      expect(get('run-customer-id')).toHaveValue('c-1001');
    });
    await find('run-customer-known');
  });

  it('goes on as a plain field when customers can’t be looked up', async () => {
    const problem = new ProblemError({ code: 'failed', message: 'No answer.', next_step: '', field: null });
    workspace.refusing = { listCustomers: problem, getCustomer: problem };
    const { user } = await openApp(place, workspace);
    await user.type(await find('run-input-order_id'), 'A-1042');
    await user.type(get('run-customer-id'), 'c-1');
    expect(await screen.findByText('Customers can’t be looked up: No answer.')).toBeVisible();
    await user.click(get('run-connector'));
    await find('execution-customer');
    expect(workspace.executions[0]?.customer).toBe('c-1');
  });

  it('s5_offers_what_other_systems_sent_as_text', async () => {
    addCustomer(workspace, '<img src=x>', { name: '\u202e<b>evil</b>' });
    const { user, container } = await openApp(place, workspace);
    await user.type(await find('run-customer-id'), '<img');
    await expectOffered('<img src=x>');
    expect(get('run-customer-option').querySelectorAll('bdi')).toHaveLength(2);
    expect(container.querySelector('main img, [role=option] b')).toBeNull();
  });
});
