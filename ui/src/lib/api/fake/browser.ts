/**
 * The fake for a plain browser, steered by the address: `?start=new|locked|away|damaged|unsaved|broken|empty|failing|moved`, `?latency=MILLISECONDS`,
 * `?breaker=closed|open|half_open|probing|isolated`: the second connector's, after failures, `?log=EXECUTIONS` that the first
 * connector has run more often, `?customers=CUSTOMERS`.
 */
import { ProblemError, type Backend } from '../backend';
import { brokenBreaker } from './breakers';
import { addSampleExecutions } from './executions';
import { fakeBackend, FakeWorkspace } from './index';
import { fill, moveSampleToken } from './samples';
import { addSampleCustomers } from './sample-customers';
import { CLOSED } from './vault';

export function fakeFromAddress(address: URLSearchParams): Backend {
  const workspace = new FakeWorkspace();
  workspace.latency = Number(address.get('latency') ?? '120');
  const start = address.get('start') ?? 'full';
  if (start in CLOSED) workspace.vault = structuredClone(CLOSED[start as keyof typeof CLOSED]);
  workspace.keyringLocked = start === 'locked';
  if (start !== 'empty') {
    fill(workspace);
    addSampleCustomers(workspace, Number(address.get('customers') ?? '60'));
  }
  const first = workspace.connectors[0];
  const log = Number(address.get('log') ?? '0');
  if (first && log > 0) {
    const newest = workspace.executions;
    workspace.executions = [];
    addSampleExecutions(workspace, first.summary.id, log, (30 * 86_400) / log);
    workspace.executions = [...newest, ...workspace.executions];
  }
  if (start === 'moved') moveSampleToken(workspace);
  breakSecond(workspace, address.get('breaker'));
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

function breakSecond(workspace: FakeWorkspace, state: string | null): void {
  const summary = workspace.connectors[1]?.summary;
  if (!summary) return;
  if (state === 'open' || state === 'half_open') summary.breaker = brokenBreaker(state);
  if (state === 'isolated') summary.breaker = brokenBreaker(state, { failures: 0, opened_by: [] });
  if (state === 'probing') {
    const next_probe_at = new Date(Date.now() + 70_000).toISOString();
    summary.breaker = brokenBreaker('half_open', { probing: true, next_probe_at });
  }
  if (state === 'closed') {
    const { opened_by } = brokenBreaker('open');
    summary.breaker = brokenBreaker('closed', {
      failures: 2,
      opened_by: opened_by.slice(0, 2),
      changed_at: null,
    });
  }
}
