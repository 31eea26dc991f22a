/** Fake tokens. Secrets stay beside the details, as they do in the engine. */
import type {
  FieldDraft,
  FieldView,
  RequestDraft,
  RequestView,
  SecretRef,
  TokenDetail,
  TokenDraft,
} from '../bindings';
import { heldKey } from './customers';
import { cancelledRuns } from './executions';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';
import { fakeRequestTest } from './request-test';
import { sampleJwt, sampleMoved } from './sample-body';

type Commands =
  | 'listTokens'
  | 'getToken'
  | 'saveToken'
  | 'deleteToken'
  | 'refreshToken'
  | 'forgetTokenValue'
  | 'revealSecret'
  | 'copySecret'
  | keyof ReturnType<typeof fakeRequestTest>;

interface Secrets {
  value: string | null;
  headers: string[];
  parameters: string[];
}

function views(drafts: FieldDraft[], before: string[]): { shown: FieldView[]; secrets: string[] } {
  const secrets = drafts.map((draft) => draft.value ?? before[draft.stored ?? -1] ?? '');
  const shown = drafts.map((draft, stored) => ({
    name: draft.name,
    value: draft.secret === false ? (secrets[stored] ?? '') : null,
    secret: draft.secret ?? true,
    stored,
  }));
  return { shown, secrets };
}

function requestView(request: RequestDraft, secrets: Secrets): RequestView {
  const headers = views(request.headers ?? [], secrets.headers);
  const parameters = views(request.parameters ?? [], secrets.parameters);
  secrets.headers = headers.secrets;
  secrets.parameters = parameters.secrets;
  return {
    method: request.method,
    url: request.url,
    headers: headers.shown,
    parameters: parameters.shown,
    encoding: request.encoding ?? 'json',
  };
}

type Life = Pick<TokenDetail, 'expires_at' | 'lifetime_from' | 'moved'>;

const UNKNOWN_LIFE: Life = { expires_at: null, lifetime_from: null, moved: null };

/** What is known of a value that was fetched just now. */
function freshLife(): Life {
  const expires_at = new Date(Date.now() + 900_000).toISOString();
  return { expires_at, lifetime_from: 'expires_in beside the value', moved: null };
}

function lifeOf({ token_type }: TokenDraft, before: TokenDetail | null, newValue: boolean): Life {
  if (before && !newValue) {
    return { expires_at: before.expires_at, lifetime_from: before.lifetime_from, moved: before.moved };
  }
  return token_type === 'http_request' ? freshLife() : UNKNOWN_LIFE;
}

/** The details of a token that is saved with `draft`. */
export function detailOf(
  draft: TokenDraft,
  secrets: Secrets,
  before: TokenDetail | null,
  newValue: boolean,
): TokenDetail {
  const prefix = draft.token_prefix ? `${draft.token_prefix} ` : '';
  const now = new Date().toISOString();
  return {
    summary: {
      id: before?.summary.id ?? newId('token'),
      name: draft.name,
      description: draft.description ?? '',
      token_type: draft.token_type,
      header_preview: `${draft.request_header_key}: ${prefix}${secrets.value?.slice(0, 6) ?? ''}••••••••`,
      domain: draft.domain ?? null,
      used_by: before?.summary.used_by ?? [],
      has_value: secrets.value !== null,
      generation: (before?.summary.generation ?? 0) + (newValue ? 1 : 0),
      last_refreshed_at: newValue ? now : (before?.summary.last_refreshed_at ?? null),
      last_change: newValue ? 'saved' : (before?.summary.last_change ?? null),
      last_test:
        draft.token_type === 'http_request' && newValue
          ? { at: now, http_status: 200, ok: true }
          : (before?.summary.last_test ?? null),
    },
    request_header_key: draft.request_header_key,
    token_prefix: draft.token_prefix ?? '',
    request: draft.token_type === 'http_request' ? requestView(draft.request, secrets) : null,
    location: draft.token_type === 'http_request' ? (draft.location ?? null) : null,
    refresh_before_seconds:
      draft.token_type === 'http_request' ? (draft.refresh_before_seconds ?? null) : null,
    ...lifeOf(draft, before, newValue),
  };
}

function check(workspace: FakeWorkspace, draft: TokenDraft): void {
  if (!draft.name) refuse('invalid', 'A token needs a name.', 'Type one.', 'name');
  const taken = workspace.tokens.some(
    ({ summary }) => summary.name === draft.name && summary.id !== draft.id,
  );
  if (taken)
    refuse('invalid', `There is already a token named “${draft.name}”.`, 'Choose another name.', 'name');
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(draft.request_header_key)) {
    refuse('invalid', 'This is no header name.', 'Use letters, digits and dashes.', 'request_header_key');
  }
  if (draft.token_type === 'text' && !draft.id && !draft.value) {
    refuse('invalid', 'A text token needs its value.', 'Type or paste it.', 'value');
  }
}

async function waitUntilCancelled(workspace: FakeWorkspace, runId: string): Promise<void> {
  const cancelled = cancelledRuns(workspace);
  while (!cancelled.has(runId)) await workspace.wait(100);
  refuse('cancelled', 'Nobody waits for a new value any more.', 'A login that is under way goes on.');
}

export function fakeTokens(workspace: FakeWorkspace): Part<Commands> {
  const secrets = new Map<string, Secrets>();

  const at = (id: string): TokenDetail =>
    workspace.tokens.find(({ summary }) => summary.id === id) ??
    refuse('not_found', 'This token is not there any more.', 'Go back to the list.');

  const secretsOf = (id: string): Secrets =>
    secrets.get(id) ?? { value: sampleJwt(id), headers: [], parameters: [] };

  const change = (id: string, changes: Partial<TokenDetail['summary']>): Promise<TokenDetail> => {
    const detail = at(id);
    Object.assign(detail.summary, changes);
    workspace.emit({ event: 'tokens_changed' });
    return workspace.answer(detail);
  };

  const secret = (ref: SecretRef): string => {
    if (ref.kind === 'connector_header') return 'connector-secret';
    if (ref.kind === 'messenger_secret') return 'messenger-secret';
    if (ref.kind === 'customer_token')
      return (
        workspace.customerValues.get(heldKey(ref.user_id, ref.token_id)) ??
        refuse('not_found', 'The customer holds no value of this token.', 'Set one first.')
      );
    const held = secretsOf(ref.token_id);
    if (ref.kind === 'token_value')
      return held.value ?? refuse('not_found', 'There is no value to show.', 'Refresh the token.');
    return (ref.kind === 'token_header' ? held.headers : held.parameters)[ref.index] ?? 'demo-secret';
  };

  return {
    ...fakeRequestTest(workspace),
    listTokens: () => workspace.answer(workspace.tokens.map(({ summary }) => summary)),
    getToken: async (id) => workspace.answer(at(id)),

    async saveToken(draft, testId) {
      await workspace.answer(null);
      check(workspace, draft);
      const before = draft.id ? at(draft.id) : null;
      const held = draft.id ? secretsOf(draft.id) : { value: null, headers: [], parameters: [] };
      const newValue = draft.token_type === 'text' ? Boolean(draft.value) : testId !== null;
      if (draft.token_type === 'http_request' && !before && testId === null) {
        refuse('needs_test', 'This request has not been tested.', 'Press Test request.');
      }
      if (newValue) held.value = draft.token_type === 'text' ? (draft.value ?? null) : sampleJwt(draft.name);
      const detail = detailOf(draft, held, before, newValue);
      secrets.set(detail.summary.id, held);
      workspace.tokens = [...workspace.tokens.filter((token) => token !== before), detail];
      workspace.emit({ event: 'tokens_changed' });
      return workspace.answer(detail);
    },

    async deleteToken(id) {
      const { summary } = at(id);
      if (summary.used_by.length > 0) {
        const names = summary.used_by.map(({ name }) => name).join(', ');
        refuse('in_use', `${summary.name} is used by ${names}.`, 'Detach it there first.');
      }
      workspace.tokens = workspace.tokens.filter((token) => token.summary.id !== id);
      workspace.emit({ event: 'tokens_changed' });
      return workspace.answer(null);
    },

    async refreshToken(runId, id) {
      await workspace.answer(null);
      if (at(id).request?.url.includes('slow')) await waitUntilCancelled(workspace, runId);
      const { summary } = at(id);
      if (at(id).request?.url.includes('fail')) {
        refuse(
          'failed',
          'The login endpoint answered 503. Nothing was changed.',
          'Try Test request, or look at the endpoint’s own log.',
        );
      }
      if (at(id).request?.url.includes('moved')) {
        at(id).moved = sampleMoved();
        workspace.emit({ event: 'tokens_changed' });
        refuse(
          'failed',
          'The login answered 200, but nothing stands at /data/session/access_token. Nothing was changed.',
          'Test the request again and choose where the value stands now.',
        );
      }
      Object.assign(at(id), freshLife());
      return change(id, {
        has_value: true,
        generation: summary.generation + 1,
        last_refreshed_at: new Date().toISOString(),
        last_change: 'refreshed_by_hand',
      });
    },

    forgetTokenValue: async (id) => {
      secrets.set(id, { ...secretsOf(id), value: null });
      Object.assign(at(id), UNKNOWN_LIFE);
      return change(id, { has_value: false, last_change: 'forgotten_by_hand' });
    },

    revealSecret: async (ref) => workspace.answer(secret(ref)),
    copySecret: async (ref) => {
      secret(ref);
      return workspace.answer(null);
    },
  };
}
