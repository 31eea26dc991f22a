/** Whether the workspace is open, and what opens it (S1). */
import { backend, type VaultStatus } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

class Vault extends Loaded<VaultStatus> {
  readonly open = $derived(this.value?.state === 'open' ? this.value : null);

  constructor() {
    super(() => backend.vaultStatus());
  }

  async unlock(passphrase: string | null): Promise<void> {
    this.set(await backend.unlock(passphrase));
  }

  async create(passphrase: string): Promise<void> {
    this.set(await backend.createWithPassphrase(passphrase));
  }
}

export const vault = new Vault();
