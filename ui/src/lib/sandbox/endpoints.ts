/** What the sandbox serves, with credentials that work. They open nothing else. */
export interface Endpoint {
  method: string;
  path: string;
  what: string;
  credentials: string | null;
}

export const ENDPOINTS: Endpoint[] = [
  {
    method: 'POST',
    path: '/login',
    what: 'Logs in, JSON or form; the token is at data.session.access_token.',
    credentials: 'username demo, password demo-password',
  },
  {
    method: 'POST',
    path: '/oauth/token',
    what: 'OAuth client credentials, as a form; the token is at access_token.',
    credentials: 'grant_type client_credentials, client_id demo-client, client_secret demo-client-secret',
  },
  {
    method: 'GET',
    path: '/orders/{id}',
    what: 'An order. Needs the token; ids that begin with “missing” answer 404.',
    credentials: null,
  },
  {
    method: 'POST',
    path: '/refunds',
    what: 'Takes order_id and amount as JSON. Needs the token.',
    credentials: null,
  },
];
