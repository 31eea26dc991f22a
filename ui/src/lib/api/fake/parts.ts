/** What the parts of the fake backend share: the bus of workspace events, waiting, and problems. */
import { ProblemError, type Backend } from '../backend';
import type {
  ConnectorDetail,
  Execution,
  ProblemCode,
  TokenDetail,
  VaultStatus,
  WorkspaceEvent,
} from '../bindings';

export class FakeWorkspace {
  /** How long an answer takes, in milliseconds; 0 in tests. */
  latency = 0;
  /** Every command answers with this problem while it is set. */
  failing: ProblemError | null = null;
  vault: VaultStatus = {
    state: 'open',
    opened_with: 'keyring',
    slots: ['keyring'],
    folder: '/home/you/.local/share/latchkey',
  };
  /** What the parts know of each other: each part changes its own list and reads the others'. */
  tokens: TokenDetail[] = [];
  connectors: ConnectorDetail[] = [];
  executions: Execution[] = [];
  /** Response bodies as parsed JSON, by response id. */
  bodies = new Map<string, unknown>();
  private listeners = new Set<(event: WorkspaceEvent) => void>();

  emit(event: WorkspaceEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  onWorkspaceChanged(listener: (event: WorkspaceEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Answers like a window would: later, and with data of its own. */
  async answer<T>(value: T): Promise<T> {
    await this.wait(this.latency);
    if (this.failing) throw this.failing;
    return structuredClone(value);
  }

  async wait(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}

let lastId = 0;

export function newId(kind: string): string {
  lastId += 1;
  return `${kind}-${String(lastId)}`;
}

export function refuse(
  code: ProblemCode,
  message: string,
  next_step: string,
  field: string | null = null,
): never {
  throw new ProblemError({ code, message, next_step, field });
}

export type Part<K extends keyof Backend> = Pick<Backend, K>;
