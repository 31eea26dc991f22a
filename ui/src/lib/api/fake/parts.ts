/** What the parts of the fake backend share: the bus of workspace events, waiting, and problems. */
import { ProblemError, type Backend } from '../backend';
import type {
  BackupView,
  ConnectorDetail,
  CurlShell,
  CurlSource,
  CustomerDetail,
  Execution,
  ProblemCode,
  TokenDetail,
  VaultStatus,
  WorkspaceEvent,
  WorkspaceLocked,
} from '../bindings';

export class FakeWorkspace {
  /** How long an answer takes, in milliseconds; 0 in tests. */
  latency = 0;
  /** Every command answers with this problem while it is set. */
  failing: ProblemError | null = null;
  /** Single commands that are refused, by name. */
  refusing: Partial<Record<keyof Backend, ProblemError>> = {};
  vault: VaultStatus = {
    state: 'open',
    opened_with: 'keyring',
    slots: ['keyring'],
    folder: '/home/you/.local/share/latchkey',
  };
  /** What the parts know of each other: each part changes its own list and reads the others'. */
  tokens: TokenDetail[] = [];
  connectors: ConnectorDetail[] = [];
  customers: CustomerDetail[] = [];
  /** What customers hold, by customer and token. */
  customerValues = new Map<string, string>();
  executions: Execution[] = [];
  /** Response bodies as parsed JSON, by response id. */
  bodies = new Map<string, unknown>();
  /** So many of the newest executions the search does not know yet. */
  searchBehind = 0;
  keyringLocked = false;
  /** What was set; everything else has its default. */
  settings = new Map<string, string>();
  backups: BackupView[] = [];
  /** Why the last automatic backup failed. */
  backupProblem: ProblemError | null = null;
  /** The names of the backups that were restored. */
  restored: string[] = [];
  /** How often the page said that the user is there. */
  activity = 0;
  /** The texts that went to the clipboard. */
  clipboard: string[] = [];
  /** What was copied as a cURL command, and for which shell. */
  copied: { source: CurlSource; shell: CurlShell }[] = [];
  private lockListeners = new Set<(event: WorkspaceLocked) => void>();
  private listeners = new Set<(event: WorkspaceEvent) => void>();

  emit(event: WorkspaceEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  onWorkspaceChanged(listener: (event: WorkspaceEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Locks as the window does by itself or when asked to: the vault is closed first, then the page is told. */
  lock(reason: WorkspaceLocked['reason']): void {
    if (this.vault.state !== 'open') return;
    const { slots, folder } = this.vault;
    this.vault = {
      state: 'locked',
      slots,
      reason: reason === 'idle' ? 'It was locked because nobody used it for a while.' : 'You locked it.',
      next_step: slots.includes('passphrase') ? 'Type the passphrase.' : 'Unlock it with the keyring.',
      by_user: true,
      folder,
    };
    for (const listener of this.lockListeners) listener({ reason });
  }

  onWorkspaceLocked(listener: (event: WorkspaceLocked) => void): () => void {
    this.lockListeners.add(listener);
    return () => this.lockListeners.delete(listener);
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
