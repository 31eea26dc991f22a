/** Fake customers. The values that they hold stay beside the details, as they do in the engine. */
import type { CustomerDetail, CustomerSummary, HeldToken } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';
import { jwtOf } from './request-test';

type Commands =
  | 'listCustomers'
  | 'getCustomer'
  | 'saveCustomer'
  | 'deleteCustomer'
  | 'setCustomerToken'
  | 'removeCustomerToken';

const LONGEST_TEXT = 255;
const MOST_ROWS = 200;
const MASK = '••••••••';

/** Under what a customer's value of a token is kept in the workspace. */
export function heldKey(userId: string, tokenId: string): string {
  return JSON.stringify([userId, tokenId]);
}

/** Sets (or with `null` removes) what a customer holds, without a word to anybody. */
export function hold(
  workspace: FakeWorkspace,
  customer: CustomerDetail,
  tokenId: string,
  value: string | null,
  set_by: HeldToken['set_by'],
  set_at = new Date().toISOString(),
): void {
  const before = customer.held.find((held) => held.token_id === tokenId);
  const key = heldKey(customer.user_id, tokenId);
  if (value === null) workspace.customerValues.delete(key);
  else workspace.customerValues.set(key, value);
  customer.held = [
    ...customer.held.filter((held) => held !== before),
    {
      token_id: tokenId,
      name: '',
      header_preview: '',
      masked: null,
      jwt: null,
      generation: (before?.generation ?? 0) + 1,
      set_at,
      set_by,
    },
  ];
}

/** A customer as the engine tells of it: an entry for each user token of the workspace, by name. */
function seenOf(workspace: FakeWorkspace, customer: CustomerDetail): CustomerDetail {
  const held = workspace.tokens
    .filter(({ summary }) => summary.token_type === 'user')
    .sort((one, other) => (one.summary.name < other.summary.name ? -1 : 1))
    .map(({ summary, request_header_key, token_prefix }): HeldToken => {
      const known = customer.held.find(({ token_id }) => token_id === summary.id);
      const value = workspace.customerValues.get(heldKey(customer.user_id, summary.id)) ?? null;
      const masked = value === null ? null : `${value.length > 20 ? value.slice(0, 6) : ''}${MASK}`;
      const prefix = token_prefix === '' ? '' : `${token_prefix} `;
      return {
        token_id: summary.id,
        name: summary.name,
        header_preview: `${request_header_key}: ${prefix}${masked ?? MASK}`,
        masked,
        generation: known?.generation ?? 0,
        set_at: known?.set_at ?? null,
        set_by: known?.set_by ?? null,
        jwt: value === null ? null : jwtOf(value),
      };
    });
  return {
    ...customer,
    held,
    tokens: held.filter(({ masked }) => masked !== null).map(({ name }) => name),
  };
}

function rowOf(workspace: FakeWorkspace, customer: CustomerDetail): CustomerSummary {
  const { user_id, email, name, kind, tokens, last_seen_at, created_at } = seenOf(workspace, customer);
  return { user_id, email, name, kind, tokens, last_seen_at, created_at };
}

function checked(text: string | null | undefined, field: string, what: string): string | null {
  const trimmed = (text ?? '').trim();
  if (trimmed.length > LONGEST_TEXT)
    refuse('invalid', `${what} is longer than 255 characters.`, 'Shorten it.', field);
  return trimmed || null;
}

export function fakeCustomers(workspace: FakeWorkspace): Part<Commands> {
  const find = (userId: string): CustomerDetail =>
    workspace.customers.find((customer) => customer.user_id === userId) ??
    refuse('not_found', 'There is no such customer.', 'Look at the list of customers.', 'user_id');
  const changed = (customer: CustomerDetail): Promise<CustomerDetail> => {
    workspace.emit({ event: 'customers_changed' });
    return workspace.answer(seenOf(workspace, customer));
  };

  return {
    listCustomers(filter, after, limit) {
      const search = (filter.search ?? '').trim().toLowerCase();
      const begins = (text: string | null): boolean => (text ?? '').toLowerCase().startsWith(search);
      const found =
        search === ''
          ? workspace.customers.toSorted((one, other) =>
              (other.last_seen_at ?? '').localeCompare(one.last_seen_at ?? ''),
            )
          : workspace.customers
              .filter(({ user_id, email, name }) => [user_id, email, name].some(begins))
              .sort((one, other) => (one.user_id < other.user_id ? -1 : 1));
      const from = after === null ? 0 : found.findIndex(({ user_id }) => user_id === after) + 1;
      const rows = found.slice(from, from + Math.min(limit, MOST_ROWS));
      const last = from + rows.length < found.length ? rows.at(-1) : undefined;
      return workspace.answer({
        rows: rows.map((customer) => rowOf(workspace, customer)),
        next: last?.user_id ?? null,
        total: workspace.customers.length,
      });
    },
    getCustomer: async (userId) => {
      await workspace.answer(null);
      return structuredClone(seenOf(workspace, find(userId)));
    },
    async saveCustomer({ user_id, email, name, kind = 'users' }, replace) {
      await workspace.answer(null);
      const id =
        checked(user_id, 'user_id', 'The user id') ??
        refuse('invalid', 'A customer needs a user id.', 'Type the one that other systems use.', 'user_id');
      const before = workspace.customers.find((customer) => customer.user_id === id);
      if (before && !replace)
        refuse('invalid', 'There is a customer with this user id.', 'Open that one.', 'user_id');
      if (!before && replace) find(id);
      const customer: CustomerDetail = {
        tokens: [],
        last_seen_at: null,
        created_at: new Date().toISOString(),
        held: [],
        ...before,
        user_id: id,
        email: checked(email, 'email', 'The email'),
        name: checked(name, 'name', 'The name'),
        kind,
      };
      workspace.customers = [customer, ...workspace.customers.filter((other) => other !== before)];
      return changed(customer);
    },
    async deleteCustomer(userId) {
      await workspace.answer(null);
      const gone = find(userId);
      for (const { token_id } of gone.held) workspace.customerValues.delete(heldKey(userId, token_id));
      workspace.customers = workspace.customers.filter((customer) => customer !== gone);
      workspace.emit({ event: 'customers_changed' });
      return null;
    },
    async setCustomerToken(userId, tokenName, value) {
      await workspace.answer(null);
      const customer = find(userId);
      const token =
        workspace.tokens.find(({ summary }) => summary.name === tokenName && summary.token_type === 'user') ??
        refuse('not_found', 'There is no such user token.', 'Choose another one.', 'token_name');
      // eslint-disable-next-line no-control-regex
      if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
        refuse('invalid', 'This value can’t be sent in a header.', 'Take out what is not text.', 'value');
      hold(workspace, customer, token.summary.id, value, 'window');
      return changed(customer);
    },
    async removeCustomerToken(userId, tokenId) {
      await workspace.answer(null);
      const customer = find(userId);
      if (!workspace.customerValues.has(heldKey(userId, tokenId)))
        refuse('not_found', 'The customer holds no value of this token.', 'Look at what it holds now.');
      hold(workspace, customer, tokenId, null, 'window');
      return changed(customer);
    },
  };
}
