/** Fake Messenger. */
import type { MessengerStatus } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands =
  | 'messengerStatus'
  | 'startMessenger'
  | 'stopMessenger'
  | 'setUpMessenger'
  | 'messengerSnippets'
  | 'copyMessengerSnippet'
  | 'copyMessenger'
  | 'makeMessengerSecret';

export function fakeMessenger(workspace: FakeWorkspace): Part<Commands> {
  const status: MessengerStatus = {
    running: false,
    port: 47900,
    base_url: 'http://127.0.0.1:47900',
    app_id: 'a1b2c3d4e5f6',
    allowed_origins: [],
    identity_verification: 'off',
    has_secret: false,
    problem: null,
    calls: [],
  };
  const changed = (changes: Partial<MessengerStatus>): Promise<MessengerStatus> => {
    Object.assign(status, changes);
    workspace.emit({ event: 'messenger_changed' });
    return workspace.answer(status);
  };

  return {
    messengerStatus: () => workspace.answer(status),
    startMessenger(port) {
      const chosen = port ?? status.port;
      return changed({ running: true, port: chosen, base_url: `http://127.0.0.1:${String(chosen)}` });
    },
    stopMessenger: () => changed({ running: false }),
    async setUpMessenger({ allowed_origins, identity_verification, identity_secret = null }) {
      await workspace.answer(null);
      const has_secret = identity_secret === null ? status.has_secret : identity_secret !== '';
      if (identity_verification !== 'off' && !has_secret) {
        refuse(
          'invalid',
          'Identity verification needs a secret that your server knows too.',
          'Paste it.',
          'identity_secret',
        );
      }
      return changed({ allowed_origins, identity_verification, has_secret });
    },
    makeMessengerSecret: () => changed({ has_secret: true }),
    messengerSnippets: () =>
      workspace.answer([
        {
          language: 'javascript',
          about: 'In the page that your customers use.',
          code: `Intercom('setAuthTokens', { security_token: token });`,
        },
        { language: 'curl', about: 'On a command line.', code: `curl ${status.base_url}/v1/boot` },
      ]),
    copyMessengerSnippet(_tokenId, language) {
      workspace.clipboard.push(language);
      return workspace.answer(null);
    },
    copyMessenger(what) {
      workspace.clipboard.push(what === 'address' ? status.base_url : status.app_id);
      return workspace.answer(null);
    },
  };
}
