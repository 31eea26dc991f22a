/** Fake sandbox. */
import type { SandboxStatus } from '../bindings';
import { addSampleConnectors } from './connectors';
import { type FakeWorkspace, type Part } from './parts';
import { addSampleToken } from './samples';

type Commands =
  | 'sandboxStatus'
  | 'startSandbox'
  | 'stopSandbox'
  | 'setSandboxSwitches'
  | 'expireSandboxTokens'
  | 'trySandbox';

export function fakeSandbox(workspace: FakeWorkspace): Part<Commands> {
  const status: SandboxStatus = {
    running: false,
    port: 4780,
    base_url: 'http://127.0.0.1:4780',
    switches: {
      token_lifetime_seconds: 300,
      login_down: false,
      login_slow: false,
      login_without_token: false,
      login_moves_token: false,
      api_access_denied: false,
      api_down: false,
      api_slow: false,
    },
    requests: [],
  };

  const changed = (changes: Partial<SandboxStatus>): Promise<SandboxStatus> => {
    Object.assign(status, changes);
    workspace.emit({ event: 'sandbox_changed' });
    return workspace.answer(status);
  };

  const start = (port: number | null): Promise<SandboxStatus> => {
    const chosen = port ?? status.port;
    const at = new Date().toISOString();
    return changed({
      running: true,
      port: chosen,
      base_url: `http://127.0.0.1:${String(chosen)}`,
      requests: [
        { at, method: 'GET', path: '/orders/A-1042', http_status: 200, note: 'token accepted' },
        { at, method: 'POST', path: '/login', http_status: 200, note: 'token issued' },
        { at, method: 'GET', path: '/orders/A-1042', http_status: 401, note: 'token expired' },
      ],
    });
  };

  return {
    sandboxStatus: () => workspace.answer(status),
    startSandbox: start,
    stopSandbox: () => changed({ running: false }),
    setSandboxSwitches: (switches) => changed({ switches }),
    expireSandboxTokens: () => changed({}),
    async trySandbox() {
      await start(null);
      const token_id = addSampleToken(workspace, status.base_url);
      const connector_id = addSampleConnectors(workspace, token_id);
      workspace.emit({ event: 'tokens_changed' });
      workspace.emit({ event: 'connectors_changed' });
      return workspace.answer({ token_id, connector_id });
    },
  };
}
