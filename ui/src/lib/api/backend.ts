/**
 * What the page can ask of the engine: the generated commands with two changes. A failure is thrown as a
 * `ProblemError`, and a channel is a plain function that gets each message.
 */
import type { Channel } from '@tauri-apps/api/core';

import type { commands, Problem, ProblemCode, WorkspaceEvent, WorkspaceLocked } from './bindings';

type Commands = typeof commands;
type Result<T> = { status: 'ok'; data: T } | { status: 'error'; error: Problem };
type Data<F> = F extends (...input: never[]) => Promise<Result<infer T>> ? T : never;
type Argument<T> = T extends Channel<infer M> ? (message: M) => void : T;
type Arguments<A extends unknown[]> = { [K in keyof A]: Argument<A[K]> };

export type Backend = {
  [K in keyof Commands]: (...input: Arguments<Parameters<Commands[K]>>) => Promise<Data<Commands[K]>>;
} & {
  /** Calls `listener` for everything that is committed in the workspace, until the returned function is called. */
  onWorkspaceChanged: (listener: (event: WorkspaceEvent) => void) => () => void;
  /** Calls `listener` when the workspace was locked in this window, until the returned function is called. */
  onWorkspaceLocked: (listener: (event: WorkspaceLocked) => void) => () => void;
};

/** What is told without being asked. */
export type Listening = 'onWorkspaceChanged' | 'onWorkspaceLocked';

/** A `Problem` that can be thrown. */
export class ProblemError extends Error implements Problem {
  readonly code: ProblemCode;
  readonly next_step: string;
  readonly field: string | null;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = 'ProblemError';
    this.code = problem.code;
    this.next_step = problem.next_step;
    this.field = problem.field;
  }
}

/** Whatever was caught, as something a page can show. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error;
  return {
    code: 'failed',
    message:
      error instanceof Error && error.message
        ? `${error.message}.`.replace('..', '.')
        : 'Something went wrong.',
    next_step: 'Try again. If it happens again, close Latchkey and open it once more.',
    field: null,
  };
}
