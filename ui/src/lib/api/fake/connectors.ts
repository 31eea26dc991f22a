/** Fake connectors. */
import { newDraft } from '../../connector/draft';
import type { ConnectorDetail, ConnectorDraft, NamedRef } from '../bindings';
import { closedBreaker } from './breakers';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';
import { API_HOST, ORDER } from './runs';

type Commands =
  | 'listConnectors'
  | 'getConnector'
  | 'saveConnector'
  | 'setConnectorLive'
  | 'setConnectorDraft'
  | 'discardConnectorEdits'
  | 'deleteConnector';

export function emptyDraft(over: Partial<ConnectorDraft> = {}): ConnectorDraft {
  return { ...newDraft(), ...over };
}

/** A connector as it is after its first save. */
export function connectorDetail(
  draft: ConnectorDraft,
  over: Partial<ConnectorDetail['summary']> = {},
): ConnectorDetail {
  const now = new Date().toISOString();
  return {
    summary: {
      id: newId('connector'),
      name: draft.name,
      http_method: draft.http_method,
      host: hostOf(draft.url),
      state: 'draft',
      has_unpublished_edits: false,
      tokens: [],
      breaker: closedBreaker,
      last_execution: null,
      ...over,
    },
    draft,
    not_ready: draft.url === '' ? 'It has no URL yet.' : null,
    created_at: now,
    updated_at: now,
  };
}

/** *Get order status*, as the sandbox makes it. */
export function orderDraft(over: Partial<ConnectorDraft> = {}): ConnectorDraft {
  return emptyDraft({
    name: 'Get order status',
    description: 'Where an order is, by its number.',
    url: `http://${API_HOST}/orders/{{order_id}}`,
    headers: [{ name: 'Accept', value: 'application/json', secret: false, stored: 0 }],
    data_inputs: [
      { name: 'order_id', type: 'string', description: 'Such as A-1042', required: true, default_value: '' },
      { name: 'include_lines', type: 'boolean', description: '', required: false, default_value: 'true' },
    ],
    object_mappings: [
      {
        response_object_path: 'order',
        intercom_object_type: 'conversation',
        attribute_mappings: [
          { response_attribute_path: 'status', intercom_attribute_identifier: 'order_status' },
          { response_attribute_path: 'total', intercom_attribute_identifier: 'order_total' },
        ],
        reference_mappings: [],
      },
    ],
    mock_response: JSON.stringify(ORDER, null, 2),
    ...over,
  });
}

function refundDraft(): ConnectorDraft {
  return emptyDraft({
    name: 'Refund order',
    description: 'Pays an order back.',
    http_method: 'post',
    url: `http://${API_HOST}/orders/{{order_id}}/refunds`,
    headers: [{ name: 'Content-Type', value: 'application/json', secret: false, stored: 0 }],
    body: '{\n  "amount": {{amount}},\n  "reason": "{{reason}}"\n}',
    data_inputs: [
      { name: 'order_id', type: 'string', required: true },
      { name: 'amount', type: 'decimal', description: 'In euros', required: true },
      { name: 'reason', type: 'string', default_value: 'goodwill' },
    ],
  });
}

/** Fills `workspace.connectors` with the two connectors that *Try it with the sandbox* makes; the first one's id. */
export function addSampleConnectors(workspace: FakeWorkspace, tokenId: string): string {
  const samples = [orderDraft(), refundDraft()].map((draft) => {
    const tokens = { ...draft, token_ids: tokenId === '' ? [] : [tokenId] };
    return connectorDetail(tokens, { tokens: namesOf(workspace, tokens.token_ids) });
  });
  workspace.connectors.push(...samples);
  return samples[0]?.summary.id ?? '';
}

export function fakeConnectors(workspace: FakeWorkspace): Part<Commands> {
  const live = new Map<string, ConnectorDraft>();
  const find = (id: string): ConnectorDetail =>
    workspace.connectors.find((connector) => connector.summary.id === id) ??
    refuse(
      'not_found',
      'There is no such connector.',
      'It may have been deleted. Look at the list of connectors.',
    );
  const changed = (connector: ConnectorDetail): Promise<ConnectorDetail> => {
    connector.updated_at = new Date().toISOString();
    workspace.emit({ event: 'connectors_changed' });
    return workspace.answer(connector);
  };

  return {
    listConnectors: () => workspace.answer(workspace.connectors.map((connector) => connector.summary)),
    getConnector: async (id) => {
      await workspace.answer(null);
      return structuredClone(find(id));
    },
    async saveConnector(id, draft) {
      await workspace.answer(null);
      check(workspace, id, draft);
      const kept = withoutSecrets(draft);
      if (id === null) {
        const made = connectorDetail(kept, { tokens: namesOf(workspace, kept.token_ids) });
        workspace.connectors.push(made);
        return changed(made);
      }
      const connector = find(id);
      connector.draft = kept;
      connector.not_ready = kept.url === '' ? 'It has no URL yet.' : null;
      if (connector.summary.state === 'live') connector.summary.has_unpublished_edits = true;
      connector.summary.tokens = namesOf(workspace, kept.token_ids);
      Object.assign(connector.summary, {
        name: kept.name,
        http_method: kept.http_method,
        host: hostOf(kept.url),
      });
      return changed(connector);
    },
    async setConnectorLive(id) {
      const connector = find(id);
      if (connector.not_ready) refuse('invalid', connector.not_ready, 'Complete it in Setup.', 'url');
      live.set(id, structuredClone(connector.draft));
      Object.assign(connector.summary, { state: 'live', has_unpublished_edits: false });
      return changed(connector);
    },
    async setConnectorDraft(id) {
      const connector = find(id);
      Object.assign(connector.summary, { state: 'draft', has_unpublished_edits: false });
      return changed(connector);
    },
    async discardConnectorEdits(id) {
      const connector = find(id);
      connector.draft = structuredClone(live.get(id) ?? connector.draft);
      connector.summary.has_unpublished_edits = false;
      return changed(connector);
    },
    async deleteConnector(id) {
      if (find(id).summary.state === 'live') {
        refuse('in_use', 'A live connector can’t be deleted.', 'Set it to draft first.');
      }
      workspace.connectors = workspace.connectors.filter((connector) => connector.summary.id !== id);
      workspace.emit({ event: 'connectors_changed' });
      return workspace.answer(null);
    },
  };
}

const RELIABILITY_RANGES = [
  ['failures', 1, 100, ''],
  ['window_seconds', 1, 86_400, ' seconds'],
  ['open_seconds', 1, 86_400, ' seconds'],
  ['connect_timeout_ms', 100, 300_000, ' milliseconds'],
  ['timeout_ms', 100, 300_000, ' milliseconds'],
] as const;

/** A few of the engine's checks: enough to see an error at its field. */
function check(workspace: FakeWorkspace, id: string | null, draft: ConnectorDraft): void {
  if (draft.name.trim() === '') refuse('invalid', 'The connector has no name.', 'Give it a name.', 'name');
  if (workspace.connectors.some(({ summary }) => summary.name === draft.name && summary.id !== id)) {
    refuse('invalid', 'Another connector has this name.', 'Choose another one.', 'name');
  }
  if (draft.url !== '' && !/^https?:\/\//.test(draft.url)) {
    refuse('invalid', 'This is not a URL: it has no scheme.', 'Begin it with https://.', 'url');
  }
  const unknown = draft.url.match(/\{\{\s*([\w.-]+)\s*\}\}/)?.[1];
  if (unknown && !draft.data_inputs.some((input) => input.name === unknown)) {
    refuse(
      'invalid',
      `The connector has no input “${unknown}”.`,
      'Add it under Data inputs, or correct the name.',
      'url',
    );
  }
  draft.headers.forEach((header, position) => {
    if (/[^\w-]/.test(header.name) || header.name === '') {
      refuse(
        'invalid',
        'This can’t be the name of a header.',
        'Correct it.',
        `headers[${String(position)}].name`,
      );
    }
  });
  draft.data_inputs.forEach((input, position) => {
    if (input.type === 'integer' && input.default_value && !/^-?\d+$/.test(input.default_value)) {
      const field = `data_inputs[${String(position)}].default_value`;
      refuse('invalid', 'The default value must be a whole number.', 'Correct it, or leave it empty.', field);
    }
  });
  for (const [name, least, most, unit] of RELIABILITY_RANGES) {
    const number = draft.reliability[name];
    if (number >= least && number <= most) continue;
    const message = `This number must be from ${String(least)} to ${String(most)}${unit}.`;
    refuse('invalid', message, 'Choose a number in that range.', `reliability.${name}`);
  }
}

function withoutSecrets(draft: ConnectorDraft): ConnectorDraft {
  const headers = draft.headers.map((header, stored) => ({
    ...header,
    value: header.secret ? null : (header.value ?? ''),
    stored,
  }));
  return { ...draft, headers };
}

function namesOf(workspace: FakeWorkspace, tokenIds: string[]): NamedRef[] {
  return tokenIds.map((id) => {
    const token = workspace.tokens.find((token) => token.summary.id === id);
    return { id, name: token?.summary.name ?? 'Orders login' };
  });
}

function hostOf(url: string): string {
  return url.match(/^https?:\/\/([^/?#]+)/)?.[1] ?? '';
}
