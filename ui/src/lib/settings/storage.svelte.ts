/** The *Storage and security* page's facts. */
import { backend, type StorageView } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

export class Storage extends Loaded<StorageView> {
  constructor() {
    super(() => backend.storage());
  }

  async setPassphrase(passphrase: string): Promise<void> {
    this.set(await backend.setPassphrase(passphrase));
  }

  async removePassphrase(): Promise<void> {
    this.set(await backend.removePassphrase());
  }

  async enrolKeyring(): Promise<void> {
    this.set(await backend.enrolKeyring());
  }
}
