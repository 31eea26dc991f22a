/** Customers and their user tokens, as after some days of a Messenger. */
import type { CustomerDetail, CustomerSummary, TokenDetail } from '../bindings';
import { hold } from './customers';
import { newId, type FakeWorkspace } from './parts';
import { sampleJwt } from './sample-body';

const NAMES = ['Ada Byrne', 'Bela Nagy', 'Chiara Russo', 'Deniz Aydın', 'Emeka Obi', 'Farah Haddad'];

/** Adds a user token; its id. */
export function addUserToken(
  workspace: FakeWorkspace,
  name: string,
  header: { key: string; prefix: string } = { key: 'Authorization', prefix: 'Bearer' },
): string {
  const prefix = header.prefix === '' ? '' : `${header.prefix} `;
  const token: TokenDetail = {
    summary: {
      id: newId('token'),
      name,
      description: '',
      token_type: 'user',
      header_preview: `${header.key}: ${prefix}••••••••`,
      domain: null,
      used_by: [],
      has_value: false,
      generation: 0,
      last_refreshed_at: null,
      last_change: null,
      last_test: null,
    },
    request_header_key: header.key,
    token_prefix: header.prefix,
    request: null,
    location: null,
    refresh_before_seconds: null,
    expires_at: null,
    lifetime_from: null,
    moved: null,
  };
  workspace.tokens.push(token);
  return token.summary.id;
}

/** Adds a customer who holds nothing yet. */
export function addCustomer(
  workspace: FakeWorkspace,
  user_id: string,
  over: Partial<CustomerSummary> = {},
): CustomerDetail {
  const customer: CustomerDetail = {
    user_id,
    email: null,
    name: null,
    kind: 'users',
    tokens: [],
    last_seen_at: null,
    created_at: new Date().toISOString(),
    held: [],
    ...over,
  };
  workspace.customers.push(customer);
  return customer;
}

/** Two user tokens, and so many customers; the first connector sends the first of the tokens. */
export function addSampleCustomers(workspace: FakeWorkspace, count: number): void {
  const session = addUserToken(workspace, 'session_token', { key: 'X-Session', prefix: '' });
  const orders = addUserToken(workspace, 'orders_jwt');
  const first = workspace.connectors[0];
  if (first) {
    first.draft.token_ids.push(session);
    first.summary.tokens.push({ id: session, name: 'session_token' });
  }
  for (let number = 0; number < count; number++) {
    const name = NAMES[number % NAMES.length] ?? '';
    const seen = new Date(Date.now() - number * 17 * 60_000).toISOString();
    const customer = addCustomer(workspace, `c-${String(1000 + number)}`, {
      name: number % 5 === 4 ? null : name,
      email:
        number % 7 === 6 ? null : `${name.split(' ')[0]?.toLowerCase() ?? ''}${String(number)}@example.com`,
      kind: number % 9 === 8 ? 'leads' : 'users',
      last_seen_at: number % 11 === 10 ? null : seen,
    });
    if (number % 3 < 2)
      hold(workspace, customer, session, `s-${String(number)}-9f2c`, 'set_auth_tokens', seen);
    if (number % 3 === 0) hold(workspace, customer, orders, sampleJwt(customer.user_id), 'boot', seen);
  }
}
