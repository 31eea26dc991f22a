import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { ProblemError } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';
import { hold } from '$lib/api/fake/customers';
import { addCustomer, addSampleCustomers, addUserToken } from '$lib/api/fake/sample-customers';

import { expectAccessible } from '../test/axe';
import { openApp, useWorkspace } from '../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);
const find = (id: string): Promise<HTMLElement> => screen.findByTestId(id);
const shown = (): (string | undefined)[] =>
  screen.getAllByTestId('customer-row').map((row) => row.dataset.userId);

function withCustomers(count = 60): FakeWorkspace {
  const workspace = useWorkspace();
  addSampleCustomers(workspace, count);
  return workspace;
}

async function expectShown(...userIds: string[]): Promise<void> {
  await waitFor(() => {
    expect(shown()).toEqual(userIds);
  });
}

describe('the list of customers', () => {
  it('shows who each is, what is held and when it was here, and how many there are', async () => {
    const { container } = await openApp('/customers', withCustomers());
    const row = (await screen.findAllByTestId('customer-row'))[0];
    for (const text of ['c-1000', 'ada0@example.com', 'Ada Byrne', 'session_token', 'orders_jwt', 'just now'])
      expect(row).toHaveTextContent(text);
    expect(get('customer-total')).toHaveTextContent('60 customers');
    await expectAccessible(container);
  });

  it('names the first of many tokens and counts the others', async () => {
    const workspace = useWorkspace('empty');
    const ann = addCustomer(workspace, 'ann');
    for (const name of ['a', 'b', 'c', 'd']) hold(workspace, ann, addUserToken(workspace, name), 'v', 'boot');
    await openApp('/customers', workspace);
    expect(await find('customer-row')).toHaveTextContent(/a \+3/);
  });

  it('explains itself when there is nobody, and offers to add one', async () => {
    const { container, user } = await openApp('/customers', useWorkspace('empty'));
    const empty = await find('empty-state');
    expect(empty).toHaveTextContent('on whose behalf a connector runs');
    expect(within(empty).getByRole('link', { name: 'Messenger' })).toHaveAttribute('href', '#/messenger');
    expect(screen.queryByTestId('customer-search')).toBeNull();
    await expectAccessible(container);
    await user.click(get('customer-add'));
    expect(await find('customer-user-id')).toHaveValue('');
  });

  it('finds by the start of a user id, an email or a name, and the address keeps it', async () => {
    const { user } = await openApp('/customers', withCustomers(12));
    await user.type(await find('customer-search'), 'ADA');
    await expectShown('c-1000', 'c-1006');
    expect(location.hash).toBe('#/customers?q=ADA');
    expect(get('customer-total')).toHaveTextContent('2 found, of 12 customers');
    await user.clear(get('customer-search'));
    await user.type(get('customer-search'), 'c-1011');
    await expectShown('c-1011');
    await user.clear(get('customer-search'));
    await user.type(get('customer-search'), 'byrne');
    expect(await find('empty-state'), 'only the start counts').toHaveTextContent('begins with “byrne”');
    await user.click(screen.getByRole('button', { name: 'Show all' }));
    await waitFor(() => {
      expect(shown()).toHaveLength(12);
    });
    expect(location.hash).toBe('#/customers');
    expect(get('customer-search')).toHaveFocus();
  });

  it('takes the search from the address, and what is not found can be added', async () => {
    const { user } = await openApp('/customers?q=zoe%2F1', withCustomers(3));
    await find('empty-state');
    expect(get('customer-search')).toHaveValue('zoe/1');
    await user.click(screen.getByRole('link', { name: 'Add it as a customer' }));
    expect(await find('customer-user-id')).toHaveValue('zoe/1');
  });

  it('asks once for what is typed without a pause', async () => {
    const workspace = withCustomers(3);
    const { user } = await openApp('/customers', workspace);
    await screen.findAllByTestId('customer-row');
    const { backend } = await import('$lib/api');
    const asked: unknown[] = [];
    const before = backend.listCustomers;
    backend.listCustomers = (filter, after, limit) => {
      asked.push(filter.search);
      return before(filter, after, limit);
    };
    await user.type(get('customer-search'), 'c-1002{Enter}');
    await expectShown('c-1002');
    expect(asked).toEqual(['c-1002']);
  });

  it('is used by keyboard alone, into a customer and back to where it was', async () => {
    const { user } = await openApp('/customers?q=c-', withCustomers(5));
    await screen.findAllByTestId('customer-row');
    await user.click(get('customer-search'));
    await user.keyboard('{ArrowDown}');
    const list = get('customer-list');
    expect(list).toHaveFocus();
    const active = (): string | undefined =>
      document.getElementById(list.getAttribute('aria-activedescendant') ?? '')?.dataset.userId;
    await waitFor(() => {
      expect(active()).toBe('c-1000');
    });
    await user.keyboard('{ArrowDown}jk{End}');
    await waitFor(() => {
      expect(active()).toBe('c-1004');
    });
    await user.keyboard('{Home}{ArrowDown}/');
    expect(get('customer-search')).toHaveFocus();
    list.focus();
    await user.keyboard('{Enter}');
    await waitFor(() => {
      expect(get('page-title')).toHaveTextContent('c-1001');
    });
    location.hash = '#/customers?q=c-';
    await screen.findAllByTestId('customer-row');
    expect(get('customer-search')).toHaveValue('c-');
  });

  it('follows what is committed, the keyboard staying on its customer', async () => {
    const { workspace, user } = await openApp('/customers', withCustomers(3));
    await screen.findAllByTestId('customer-row');
    get('customer-list').focus();
    await user.keyboard('{ArrowDown}');
    addCustomer(workspace, 'newest', { last_seen_at: new Date(Date.now() + 1000).toISOString() });
    workspace.emit({ event: 'customers_changed' });
    await expectShown('newest', 'c-1000', 'c-1001', 'c-1002');
    const active = document.getElementById(get('customer-list').getAttribute('aria-activedescendant') ?? '');
    expect(active).toHaveTextContent('c-1000');
    workspace.customers = [];
    workspace.emit({ event: 'customers_changed' });
    expect(await find('empty-state')).toHaveTextContent('No customers yet');
    addCustomer(workspace, 'first again');
    workspace.emit({ event: 'customers_changed' });
    await expectShown('first again');
  });

  it('says what failed, keeps what it has, and tries again', async () => {
    const workspace = withCustomers(3);
    const problem = new ProblemError({
      code: 'failed',
      message: 'No answer.',
      next_step: 'Wait.',
      field: null,
    });
    workspace.refusing.listCustomers = problem;
    const { user, container } = await openApp('/customers', workspace);
    expect(await find('problem')).toHaveTextContent('No answer. Wait.');
    await expectAccessible(container);
    workspace.refusing = {};
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => {
      expect(shown()).toHaveLength(3);
    });
    expect(screen.queryByTestId('problem')).toBeNull();
    workspace.refusing.listCustomers = problem;
    workspace.emit({ event: 'customers_changed' });
    await find('problem');
    expect(shown()).toHaveLength(3);
  });

  it('s5_shows_what_other_systems_sent_as_text', async () => {
    const workspace = useWorkspace('empty');
    const html = '<img src=x onerror="window.hostile=1">';
    addCustomer(workspace, html, { name: '\u202e<b>evil</b>', email: `${'x'.repeat(250)}@e.x` });
    const { container } = await openApp('/customers', workspace);
    const row = await find('customer-row');
    expect(row).toHaveTextContent(html);
    expect(container.querySelector('main img, main b')).toBeNull();
    expect(row.querySelectorAll('bdi'), 'a direction of writing stays in its cell').toHaveLength(3);
    row.click();
    await waitFor(() => {
      expect(get('page-title')).toHaveTextContent(html);
    });
    expect(container.querySelector('main img')).toBeNull();
  });

  it('writes nobody’s user id to the preferences, which are not encrypted', async () => {
    await openApp('/customers/id/ann%40example.com', withCustomers(1));
    await find('empty-state');
    const { backend } = await import('$lib/api');
    await waitFor(async () => {
      expect((await backend.preferences()).last_place).toBe('/customers');
    });
  });
});
