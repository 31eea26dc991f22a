/** Fake customers. */
import type { CustomerDetail } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands =
  | 'listCustomers'
  | 'getCustomer'
  | 'saveCustomer'
  | 'deleteCustomer'
  | 'setCustomerToken'
  | 'removeCustomerToken';

export function fakeCustomers(workspace: FakeWorkspace): Part<Commands> {
  const find = (userId: string): CustomerDetail =>
    workspace.customers.find((customer) => customer.user_id === userId) ??
    refuse('not_found', 'There is no such customer.', 'Go back to the list.', 'user_id');
  const changed = (customer: CustomerDetail): Promise<CustomerDetail> => {
    workspace.emit({ event: 'customers_changed' });
    return workspace.answer(customer);
  };

  return {
    listCustomers(filter, _after, limit) {
      const search = (filter.search ?? '').toLowerCase();
      const begins = (text: string | null): boolean => (text ?? '').toLowerCase().startsWith(search);
      const found = workspace.customers.filter(({ user_id, email, name }) =>
        [user_id, email, name].some(begins),
      );
      return workspace.answer({
        rows: found.slice(0, limit),
        next: null,
        total: workspace.customers.length,
      });
    },
    getCustomer: async (userId) => workspace.answer(find(userId)),
    saveCustomer({ user_id, email = null, name = null, kind = 'users' }, replace) {
      if (!replace && workspace.customers.some((customer) => customer.user_id === user_id)) {
        refuse('invalid', 'There is a customer with this user id.', 'Open that one.', 'user_id');
      }
      const before = workspace.customers.find((customer) => customer.user_id === user_id);
      const customer = {
        tokens: [],
        last_seen_at: null,
        created_at: new Date().toISOString(),
        held: [],
        ...before,
        ...{ user_id, email, name, kind },
      };
      workspace.customers = [customer, ...workspace.customers.filter((other) => other.user_id !== user_id)];
      return changed(customer);
    },
    deleteCustomer(userId) {
      find(userId);
      workspace.customers = workspace.customers.filter((customer) => customer.user_id !== userId);
      workspace.emit({ event: 'customers_changed' });
      return workspace.answer(null);
    },
    async setCustomerToken(userId, tokenName) {
      const customer = find(userId);
      const held =
        customer.held.find(({ name }) => name === tokenName) ??
        refuse('not_found', 'There is no such user token.', 'Choose another one.', 'token_name');
      held.masked = 'eyJh••••';
      held.generation += 1;
      held.set_at = new Date().toISOString();
      held.set_by = 'window';
      customer.tokens = customer.held.filter(({ masked }) => masked !== null).map(({ name }) => name);
      return changed(customer);
    },
    async removeCustomerToken(userId, tokenId) {
      const customer = find(userId);
      for (const held of customer.held.filter(({ token_id }) => token_id === tokenId)) {
        Object.assign(held, { masked: null, jwt: null, generation: held.generation + 1 });
      }
      customer.tokens = customer.held.filter(({ masked }) => masked !== null).map(({ name }) => name);
      return changed(customer);
    },
  };
}
