/** The engine behind the window: the generated commands, with results unwrapped and functions turned into channels. */
import { Channel } from '@tauri-apps/api/core';

import { ProblemError, type Backend } from './backend';
import { commands, events, type Problem } from './bindings';

type Result = { status: 'ok'; data: unknown } | { status: 'error'; error: Problem };
type Command = (...input: unknown[]) => Promise<Result>;

function channelFor(argument: unknown): unknown {
  if (typeof argument !== 'function') return argument;
  const channel = new Channel<unknown>();
  channel.onmessage = (message) => {
    argument(message);
  };
  return channel;
}

function unwrapped(command: Command): (...input: unknown[]) => Promise<unknown> {
  return async (...input) => {
    const result = await command(...input.map(channelFor));
    if (result.status === 'error') throw new ProblemError(result.error);
    return result.data;
  };
}

export function realBackend(): Backend {
  const unwrappedCommands = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, unwrapped(command as unknown as Command)]),
  );
  return {
    ...(unwrappedCommands as unknown as Omit<Backend, 'onWorkspaceChanged'>),
    onWorkspaceChanged(listener) {
      const listening = events.workspaceChanged.listen((event) => {
        listener(event.payload);
      });
      return () => {
        void listening.then((stop) => {
          stop();
        });
      };
    },
  };
}
