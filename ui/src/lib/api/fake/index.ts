/**
 * An engine in memory, for component tests and for the page in a plain browser. Arguments cross as JSON, as they do in
 * the window, so that nothing of the page's own state leaks in.
 */
import type { Backend, Listening } from '../backend';
import { fakeBackups } from './backups';
import { fakeBreakers } from './breakers';
import { fakeConnectors } from './connectors';
import { fakeCurl } from './curl';
import { fakeCustomers } from './customers';
import { fakeExecutions } from './executions';
import { fakeLogs } from './logs';
import { fakeMessenger } from './messenger';
import { fakeOverview } from './overview';
import { FakeWorkspace } from './parts';
import { fakeResponses } from './response';
import { fakeSandbox } from './sandbox';
import { fakeSettings } from './settings';
import { fakeTokens } from './tokens';
import { fakeVault } from './vault';

export { FakeWorkspace } from './parts';

type Command = (...input: unknown[]) => unknown;

function acrossTheBorder(argument: unknown): unknown {
  return argument === undefined || typeof argument === 'function'
    ? argument
    : JSON.parse(JSON.stringify(argument));
}

function crossing(workspace: FakeWorkspace, name: string, command: unknown): Command {
  return async (...input) => {
    const refusal = workspace.refusing[name as keyof Backend];
    if (!refusal) return (command as Command)(...input.map(acrossTheBorder));
    await workspace.wait(workspace.latency);
    throw refusal;
  };
}

export function fakeBackend(workspace: FakeWorkspace = new FakeWorkspace()): Backend {
  const commands: Omit<Backend, Listening> = {
    ...fakeVault(workspace),
    ...fakeBackups(workspace),
    ...fakeSettings(workspace),
    ...fakeTokens(workspace),
    ...fakeCurl(workspace),
    ...fakeConnectors(workspace),
    ...fakeExecutions(workspace),
    ...fakeLogs(workspace),
    ...fakeBreakers(workspace),
    ...fakeOverview(workspace),
    ...fakeResponses(workspace),
    ...fakeCustomers(workspace),
    ...fakeMessenger(workspace),
    ...fakeSandbox(workspace),
  };
  const crossed = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, crossing(workspace, name, command)]),
  );
  return {
    ...(crossed as unknown as typeof commands),
    onWorkspaceChanged: (listener) => workspace.onWorkspaceChanged(listener),
    onWorkspaceLocked: (listener) => workspace.onWorkspaceLocked(listener),
  };
}
