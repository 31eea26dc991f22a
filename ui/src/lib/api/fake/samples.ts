/** A workspace with something in every place. */
import type { TokenDetail } from '../bindings';
import { addSampleConnectors } from './connectors';
import { addSampleExecutions } from './executions';
import { newId, type FakeWorkspace } from './parts';
import { sampleMoved } from './sample-body';

function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

function sampleToken(name: string, changes: Partial<TokenDetail['summary']> = {}): TokenDetail {
  return {
    summary: {
      id: newId('token'),
      name,
      description: '',
      token_type: 'text',
      header_preview: 'Authorization: Bearer ••••••••',
      domain: null,
      used_by: [],
      has_value: true,
      generation: 1,
      last_refreshed_at: ago(60 * 26),
      last_change: 'saved',
      last_test: null,
      ...changes,
    },
    request_header_key: 'Authorization',
    token_prefix: 'Bearer',
    request: null,
    location: null,
    refresh_before_seconds: null,
    expires_at: null,
    lifetime_from: null,
    moved: null,
  };
}

/** The token that *Try it with the sandbox* makes; its id. */
export function addSampleToken(workspace: FakeWorkspace, baseUrl: string): string {
  const token: TokenDetail = {
    ...sampleToken('Sandbox login', {
      description: 'Logs in to the sandbox.',
      token_type: 'http_request',
      header_preview: 'Authorization: Bearer eyJhbG••••••••',
      domain: '127.0.0.1',
      generation: 8,
      last_refreshed_at: ago(2),
      last_change: 'refreshed',
      last_test: { at: ago(2), http_status: 200, ok: true },
    }),
    request: {
      method: 'POST',
      url: `${baseUrl}/login`,
      headers: [{ name: 'Accept', value: 'application/json', secret: false, stored: 0 }],
      parameters: [
        { name: 'username', value: 'demo', secret: false, stored: 0 },
        { name: 'password', value: null, secret: true, stored: 1 },
      ],
      encoding: 'json',
    },
    location: { in: 'json', at: '/data/session/access_token', then: [] },
    refresh_before_seconds: null,
    expires_at: new Date(Date.now() + 13 * 60_000).toISOString(),
    lifetime_from: 'expires_in beside the value',
  };
  workspace.tokens.push(token);
  return token.summary.id;
}

function addSampleBackups(workspace: FakeWorkspace): void {
  const reasons = [
    'automatic',
    'by_hand',
    'automatic',
    'automatic',
    'before_update',
    'automatic',
    'automatic',
  ] as const;
  workspace.backups = reasons.map((reason, index) => {
    const made_at = ago(180 + index * 60 * 24);
    return {
      name: `workspace-${made_at.slice(0, 19).replaceAll(/[-:]/g, '')}Z.db`,
      made_at,
      bytes: 4_780_000 - index * 61_000,
      reason,
    };
  });
}

/** The sample token's login has begun to answer in another shape. */
export function moveSampleToken(workspace: FakeWorkspace): void {
  const token = workspace.tokens[0];
  if (!token?.request) return;
  token.request.url = 'https://moved.example.com/login';
  token.moved = sampleMoved();
}

/** Fills every place, as after some days of use. */
export function fill(workspace: FakeWorkspace): void {
  addSampleBackups(workspace);
  const tokenId = addSampleToken(workspace, 'http://127.0.0.1:4780');
  const connectorId = addSampleConnectors(workspace, tokenId);
  addSampleExecutions(workspace, connectorId, 160);
  const sandboxToken = workspace.tokens[0];
  if (sandboxToken && connectorId)
    sandboxToken.summary.used_by = [{ id: connectorId, name: 'Get order status' }];
  workspace.tokens.push(
    sampleToken('Billing API key', {
      description: 'Owned by the billing team.',
      domain: 'billing.example.com',
    }),
    sampleToken('Warehouse login', {
      token_type: 'http_request',
      has_value: false,
      generation: 3,
      last_change: 'forgotten_by_hand',
      last_test: { at: ago(60 * 5), http_status: 503, ok: false },
    }),
  );
  const warehouse = workspace.tokens.at(-1);
  if (warehouse) {
    warehouse.request = {
      method: 'POST',
      url: 'https://fail.example.com/session',
      headers: [],
      parameters: [{ name: 'client_secret', value: null, secret: true, stored: 0 }],
      encoding: 'form',
    };
    warehouse.location = { in: 'json', at: '/token', then: [] };
  }
}
