/** Fake *Test request*: the URL says how the endpoint behaves (`fail`, `slow`, `unreachable`, `moved`). */
import type {
  HeaderRow,
  JwtView,
  Lifetime,
  LocatedView,
  Suggestion,
  TestReport,
  TokenLocation,
} from '../bindings';
import { fieldsBody, textBody, type FakeField } from './body';
import { cancelledRuns } from './executions';
import { complete, look, preview, refusalOf, type FakeAnswer } from './locations';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';
import { answerOf, MOVED_TO, sampleDiff } from './sample-body';

const SUGGESTIONS: Suggestion[] = [
  {
    location: { in: 'json', at: '/data/session/access_token', then: [] },
    label: 'data.session.access_token',
    reason: 'JWT, beside expires_in',
  },
  {
    location: { in: 'json', at: '/data/session/refresh_token', then: [] },
    label: 'data.session.refresh_token',
    reason: 'JWT',
  },
  {
    location: { in: 'header', at: 'x-session-id', then: [] },
    label: 'header X-Session-Id',
    reason: 'looks like a session',
  },
];

function masked(text: string): string {
  return `${text.slice(0, text.length > 12 ? 6 : 0)}••••••••`;
}

function headerRows({ headers }: FakeAnswer): HeaderRow[] {
  return headers.map(([name, value]) => {
    const secret = name === 'x-session-id' || name === 'set-cookie';
    return {
      name,
      value: secret ? masked(value) : value,
      masked: secret,
      location: { in: 'header', at: name, then: [] },
    };
  });
}

/** A JWT opened for display. */
export function jwtOf(value: string): JwtView | null {
  const [header, claims] = value.split('.');
  if (!header || !claims || !value.startsWith('eyJ')) return null;
  const decoded = (text: string): object =>
    JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))) as object;
  const members = (text: string): { name: string; value: string }[] =>
    Object.entries(decoded(text)).map(([name, member]) => ({
      name,
      value:
        name === 'iat' || name === 'exp'
          ? new Date(Number(member) * 1000).toLocaleTimeString('en-GB')
          : String(member),
    }));
  const exp = (decoded(claims) as { exp?: number }).exp;
  return {
    header: members(header),
    claims: members(claims),
    expires_in_seconds: exp === undefined ? null : exp - Date.now() / 1000,
  };
}

function groupsOf({ headers }: FakeAnswer): Record<string, FakeField[]> {
  return {
    Headers: headers.map(([name, value]) => ({ name, value, in: 'header' })),
    Cookies: headers
      .filter(([name]) => name === 'set-cookie')
      .map(([, value]) => /^([^=]*)=([^;]*)/.exec(value))
      .map((match) => ({ name: match?.[1] ?? '', value: match?.[2] ?? '', in: 'cookie' })),
  };
}

async function answerSlowly(
  workspace: FakeWorkspace,
  runId: string,
  progress: (bytes: number) => void,
): Promise<void> {
  const cancelled = cancelledRuns(workspace);
  for (let step = 1; step <= 60 && !cancelled.has(runId); step += 1) {
    progress(step * 64_000);
    await workspace.wait(100);
  }
  if (cancelled.has(runId)) refuse('cancelled', 'The test was cancelled.', 'Nothing was changed.');
}

type Commands = 'testRequest' | 'locate' | 'responseComplete' | 'responsePreview' | 'responseDiff';

function lifetimeOf(location: TokenLocation): Lifetime | null {
  if (location.in === 'header') return null;
  const from = location.in === 'json' ? 'expires_in beside the value' : 'the cookie’s Max-Age';
  return { seconds: 900, from, suggested_margin_seconds: 60 };
}

function checkRequest(url: string, values: (string | null | undefined)[]): void {
  if (!URL.canParse(url)) refuse('invalid', 'This is no absolute URL.', 'Begin it with https://.', 'url');
  if (url.includes('{{') || values.some((value) => value?.includes('{{'))) {
    refuse(
      'invalid',
      'Templates can’t stand here: the request is the same for every customer.',
      'Write the value itself.',
      'url',
    );
  }
}

export function fakeRequestTest(workspace: FakeWorkspace): Part<Commands> {
  const answers = new Map<string, FakeAnswer>();
  /** When each request was last tested. */
  const testedAt = new Map<string, string>();
  const diffs = new Map<string, string | undefined>();

  const answerTo = (id: string): FakeAnswer =>
    answers.get(id) ?? refuse('response_gone', 'The tested response is no longer in memory.', 'Test again.');

  const movedTo = (tokenId: string | null | undefined, answer: FakeAnswer): Suggestion[] => {
    const saved = workspace.tokens.find(({ summary }) => summary.id === tokenId)?.location;
    return saved && refusalOf(look(answer, saved)) ? MOVED_TO : [];
  };

  return {
    async testRequest(runId, draft, progress) {
      if (draft.token_type !== 'http_request') refuse('failed', 'This token has no request.', '');
      const { url, headers = [], parameters = [] } = draft.request;
      checkRequest(
        url,
        [...headers, ...parameters].map(({ value }) => value),
      );
      progress({ doing: 'Waiting for the answer', received_bytes: 0 });
      await workspace.answer(null);
      if (url.includes('unreachable')) {
        refuse(
          'failed',
          `Could not get an answer: ${new URL(url).host} refused the connection.`,
          'Check the address and whether the server is running.',
        );
      }
      if (url.includes('slow')) {
        await answerSlowly(workspace, runId, (received_bytes) => {
          progress({ doing: 'Receiving the answer', received_bytes });
        });
      }
      const ok = !url.includes('fail');
      const id = newId('test');
      const answer = answerOf(url);
      const text = JSON.stringify(answer.body, null, 2);
      answers.set(id, answer);
      workspace.bodies.set(id, answer.body);
      workspace.bodies.set(`${id}/headers`, fieldsBody(groupsOf(answer)));
      workspace.bodies.set(`${id}/text`, textBody(text));
      const at = new Date().toISOString();
      diffs.set(id, testedAt.get(JSON.stringify(draft.request)));
      testedAt.set(JSON.stringify(draft.request), at);
      const report: TestReport = {
        test_id: id,
        response_id: id,
        headers_id: `${id}/headers`,
        text_id: `${id}/text`,
        http_status: ok ? 200 : 503,
        status_text: ok ? 'OK' : 'Service Unavailable',
        ok,
        duration_ms: 243,
        at,
        headers: headerRows(answer),
        body: {
          format: url.includes('empty') ? 'empty' : 'json',
          bytes: url.includes('large') ? 21_000_000 : text.length,
          problem: url.includes('broken') ? 'The JSON breaks off at line 14, character 1.' : null,
          usable: url.includes('broken') ? 'The 12 values before it can be looked at and searched.' : null,
        },
        suggestions: ok && !url.includes('large') ? (url.includes('moved') ? MOVED_TO : SUGGESTIONS) : [],
        advice: ok
          ? null
          : 'The endpoint answered 503. Nothing was changed. Test again later, or look at the endpoint’s own log.',
        redirects: 0,
        moved_to: ok ? movedTo(draft.id, answer) : [],
      };
      return report;
    },

    async locate(testId, location, requestHeaderKey, tokenPrefix) {
      const found = look(answerTo(testId), location);
      const refusal = refusalOf(found);
      if (refusal) refuse('invalid', refusal.message, refusal.next_step, 'location');
      const one = Array.isArray(found) ? found[0] : undefined;
      if (!one) throw new Error('a look without a refusal has found one');
      const text = String(one.value);
      return workspace.answer<LocatedView>({
        location: one.location,
        header_preview: `${requestHeaderKey}: ${tokenPrefix ? `${tokenPrefix} ` : ''}${masked(text)}`,
        characters: text.length,
        jwt: jwtOf(text),
        note: location.in === 'cookie' ? 'The last of 2 cookies of this name.' : null,
        lifetime: lifetimeOf(location),
      });
    },

    responseComplete: async (id, part, typed, cursor) =>
      workspace.answer(complete(answerTo(id), part, Array.from(typed).slice(0, cursor).join(''))),
    responsePreview: async (id, location) => workspace.answer(preview(answerTo(id), location)),
    responseDiff: async (id) => {
      answerTo(id);
      const against = diffs.get(id);
      return workspace.answer(against === undefined ? null : sampleDiff(against));
    },
  };
}
