// What a page in TypeScript writes; only its types are looked at.
import Intercom, {
  boot,
  MessengerError,
  setAuthTokens,
  shutdown,
  update,
  type MessengerResult,
} from 'http://127.0.0.1:47900/messenger.mjs';

export async function handOver(jwt: string): Promise<string[]> {
  await boot({
    app_id: '0123456789ab',
    user_id: 42,
    email: null,
    created_at: new Date(0),
    auth_tokens: { security_token: 'v1' },
  });
  await boot({ appId: '0123456789ab', intercomUserJwt: jwt, authTokens: { security_token: 'v1' } });
  await update({ email: '', authTokens: { security_token: 'v2' } });
  const result: MessengerResult = await setAuthTokens({ security_token: 'v3', other: 'v4' });
  await shutdown();
  return result.stored;
}

export function explain(problem: unknown): string {
  if (!(problem instanceof MessengerError)) return 'unknown';
  switch (problem.code) {
    case 'unknown_tokens':
      return [...problem.keys, ...problem.stored].join();
    case 'identity_expired':
    case 'not_booted':
      return problem.nextStep;
    default:
      return `${problem.status} ${problem.field ?? ''} ${problem.message}`;
  }
}

void Intercom('setAuthTokens', { security_token: 'v' }, (error, result) => error?.code ?? result?.userId);
void window.Intercom('boot', { user_id: '42' });
void Intercom('shutdown', (error) => error?.message);
window.intercomSettings = { api_base: 'http://localhost:47900' };

// @ts-expect-error a token's value is text
void setAuthTokens({ security_token: undefined });
// @ts-expect-error a misspelt name is found
void boot({ app_id: '0123456789ab', auth_token: {} });
// @ts-expect-error there is no such call
void Intercom('show');
// @ts-expect-error errors are made by the SDK alone
new MessengerError();
