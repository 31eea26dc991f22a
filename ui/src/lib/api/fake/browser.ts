/**
 * The fake for a plain browser, steered by the address: `?start=new|locked|away|damaged|unsaved|broken|empty|failing|moved`, `?latency=MILLISECONDS`.
 */
import { ProblemError, type Backend } from '../backend';
import { fakeBackend, FakeWorkspace } from './index';
import { fill, moveSampleToken } from './samples';
import { CLOSED } from './vault';

export function fakeFromAddress(address: URLSearchParams): Backend {
  const workspace = new FakeWorkspace();
  workspace.latency = Number(address.get('latency') ?? '120');
  const start = address.get('start') ?? 'full';
  if (start in CLOSED) workspace.vault = structuredClone(CLOSED[start as keyof typeof CLOSED]);
  workspace.keyringLocked = start === 'locked';
  if (start !== 'empty') fill(workspace);
  if (start === 'moved') moveSampleToken(workspace);
  if (start === 'failing') {
    setTimeout(() => {
      workspace.failing = new ProblemError({
        code: 'failed',
        message: 'The database did not answer.',
        next_step: 'Close other programs that use this folder, and try again.',
        field: null,
      });
    }, workspace.latency * 2);
  }
  return fakeBackend(workspace);
}
