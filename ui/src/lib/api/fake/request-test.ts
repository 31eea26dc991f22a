/** Fake *Test request*: the URL says how the endpoint behaves (`fail`, `slow`, `unreachable`). */
import type { HeaderRow, JwtView, LocatedView, TestReport } from '../bindings';
import { cancelledRuns } from './executions';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';
import { find, sampleBody } from './sample-body';

const HEADERS: [string, string, boolean][] = [
  ['content-type', 'application/json', false],
  ['date', 'Mon, 04 May 2026 10:00:00 GMT', false],
  ['server', 'login/2.4', false],
  ['x-session-id', 's-8f2e••••••••', true],
];

function headerRows(): HeaderRow[] {
  return HEADERS.map(([name, value, masked]) => ({
    name,
    value,
    masked,
    location: { in: 'header', at: name, then: [] },
  }));
}

function jwtOf(value: string): JwtView | null {
  const [header, claims] = value.split('.');
  if (!header || !claims || !value.startsWith('eyJ')) return null;
  const members = (text: string): { name: string; value: string }[] =>
    Object.entries(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))) as object).map(
      ([name, member]) => ({
        name,
        value:
          name === 'iat' || name === 'exp'
            ? new Date(Number(member) * 1000).toLocaleTimeString('en-GB')
            : String(member),
      }),
    );
  return { header: members(header), claims: members(claims), expires_in_seconds: 900 };
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

export function fakeRequestTest(workspace: FakeWorkspace): Part<'testRequest' | 'locate'> {
  const reports = new Map<string, TestReport>();

  return {
    async testRequest(runId, draft, progress) {
      if (draft.token_type !== 'http_request') refuse('failed', 'This token has no request.', '');
      const { url, headers = [], parameters = [] } = draft.request;
      if (!URL.canParse(url)) refuse('invalid', 'This is no absolute URL.', 'Begin it with https://.', 'url');
      const template = [...headers, ...parameters].find((field) => field.value?.includes('{{'));
      if (template || url.includes('{{')) {
        refuse(
          'invalid',
          'Templates can’t stand here: the request is the same for every customer.',
          'Write the value itself.',
          'url',
        );
      }
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
      const body = ok ? sampleBody() : { error: 'temporarily_unavailable', retry_after: 30 };
      workspace.bodies.set(id, body);
      const report: TestReport = {
        test_id: id,
        response_id: id,
        headers_id: `${id}/headers`,
        text_id: null,
        http_status: ok ? 200 : 503,
        status_text: ok ? 'OK' : 'Service Unavailable',
        ok,
        duration_ms: 243,
        at: new Date().toISOString(),
        headers: headerRows(),
        body: { format: 'json', bytes: JSON.stringify(body).length, problem: null, usable: null },
        suggestions: ok
          ? [
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
            ]
          : [],
        advice: ok
          ? null
          : 'The endpoint answered 503. Nothing was changed. Test again later, or look at the endpoint’s own log.',
        redirects: 0,
      };
      reports.set(id, report);
      return report;
    },

    async locate(testId, location, requestHeaderKey, tokenPrefix) {
      const report =
        reports.get(testId) ??
        refuse('response_gone', 'The tested response is no longer in memory.', 'Test again.');
      const preview = `${requestHeaderKey}: ${tokenPrefix ? `${tokenPrefix} ` : ''}`;
      if (location.in === 'header') {
        const row = report.headers.find((header) => header.name === location.at?.toLowerCase());
        if (!row)
          return refuse(
            'invalid',
            `The response has no header ${location.at ?? ''}.`,
            'Choose one from the Headers tab.',
            'location',
          );
        const found: LocatedView = {
          location: row.location,
          header_preview: `${preview}s-8f2e••••••••`,
          characters: 24,
          jwt: null,
        };
        return workspace.answer(found);
      }
      const found = find(workspace.bodies.get(report.response_id), location);
      if (!found)
        return refuse(
          'invalid',
          'Nothing stands at this place in the response.',
          'Click a value in the tree, or correct it.',
          'location',
        );
      const { value } = found;
      if ((typeof value !== 'string' || value === '') && typeof value !== 'number') {
        return refuse(
          'invalid',
          'Only a non-empty text or a number can be a token.',
          'Choose a value inside it.',
          'location',
        );
      }
      const text = String(value);
      return workspace.answer<LocatedView>({
        location: { in: 'json', at: found.pointer, then: location.then ?? [] },
        header_preview: `${preview}${text.slice(0, text.length > 12 ? 6 : 0)}••••••••`,
        characters: text.length,
        jwt: jwtOf(text),
      });
    },
  };
}
