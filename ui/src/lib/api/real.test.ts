import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ProblemError } from './backend';
import { realBackend } from './real';

interface Internals {
  __TAURI_INTERNALS__: unknown;
}
const invoke = vi.fn<(command: string, input: Record<string, unknown>) => Promise<unknown>>();

beforeEach(() => {
  const callbacks = new Map<number, (message: unknown) => void>();
  (window as unknown as Internals).__TAURI_INTERNALS__ = {
    invoke: (command: string, input: Record<string, unknown>) => {
      for (const [id, callback] of callbacks) {
        callback({ index: 0, message: { doing: 'Waiting', received_bytes: id } });
      }
      return invoke(command, input);
    },
    transformCallback: (callback: (message: unknown) => void) => {
      callbacks.set(callbacks.size + 1, callback);
      return callbacks.size;
    },
  };
});

describe('the engine behind the window', () => {
  it('gives what a command answers', async () => {
    invoke.mockResolvedValueOnce([]);
    expect(await realBackend().listTokens()).toEqual([]);
    expect(invoke).toHaveBeenCalledWith('list_tokens', {});
  });

  it('throws the problem that a command answers with', async () => {
    const problem = { code: 'in_use', message: 'Used.', next_step: 'Detach it.', field: null };
    invoke.mockRejectedValueOnce(problem);
    const failure = realBackend().deleteToken('t');
    await expect(failure).rejects.toBeInstanceOf(ProblemError);
    await expect(failure).rejects.toMatchObject(problem);
  });

  it('turns a function into a channel', async () => {
    invoke.mockResolvedValueOnce({ test_id: 't' });
    const progress = vi.fn();
    const draft = { token_type: 'text' as const, name: 'x', request_header_key: 'A' };
    await realBackend().testRequest('run', draft, progress);
    expect(progress).toHaveBeenCalledWith({ doing: 'Waiting', received_bytes: 1 });
  });
});
