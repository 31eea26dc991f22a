/** The engine behind the window: the generated commands, with results unwrapped and functions turned into channels. */
import { Channel } from '@tauri-apps/api/core';

import { ProblemError, type Backend, type Listening } from './backend';
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

/** An event of the window, followed until the returned function is called. */
function following<P>(
  event: { listen: (callback: (event: { payload: P }) => void) => Promise<() => void> },
  listener: (payload: P) => void,
): () => void {
  const listening = event.listen(({ payload }) => {
    listener(payload);
  });
  return () => {
    void listening.then((stop) => {
      stop();
    });
  };
}

export function realBackend(): Backend {
  const unwrappedCommands = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, unwrapped(command as unknown as Command)]),
  );
  return {
    ...(unwrappedCommands as unknown as Omit<Backend, Listening>),
    onWorkspaceChanged: (listener) => following(events.workspaceChanged, listener),
    onWorkspaceLocked: (listener) => following(events.workspaceLocked, listener),
  };
}
