/** Whether the workspace is open, and what opens it (S1). */
import { backend, type VaultStatus } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

class Vault extends Loaded<VaultStatus> {
  readonly open = $derived(this.value?.state === 'open' ? this.value : null);
  /** What is being done while the workspace is closed for it, such as `Restoring the backup`. */
  doing = $state<string | null>(null);

  constructor() {
    super(() => backend.vaultStatus());
  }

  /** With a passphrase, or without one by asking the keyring; a workspace that could not be opened is tried again. */
  async unlock(passphrase: string | null): Promise<void> {
    this.set(await backend.unlock(passphrase));
  }

  async create(passphrase: string): Promise<void> {
    this.set(await backend.createWithPassphrase(passphrase));
  }

  async lock(): Promise<void> {
    this.set(await backend.lock());
  }

  /** The workspace was locked: nothing of it is shown any more, and what would open it is asked. */
  async leave(): Promise<void> {
    if (this.open) this.forget();
    await this.load();
  }

  /**
   * Restores a backup. An open workspace is left first, so that everything is read anew from what was restored; the page
   * of a damaged one stays until it is open.
   */
  async restore(name: string): Promise<void> {
    if (this.open) {
      this.forget();
      this.doing = 'Restoring the backup';
    }
    try {
      this.set(await backend.restoreBackup(name));
    } catch (error) {
      await this.load();
      throw error;
    } finally {
      this.doing = null;
    }
  }

  async startEmpty(): Promise<void> {
    this.set(await backend.startEmpty());
  }
}

export const vault = new Vault();
