/** The sandbox: a demo login endpoint and a protected API, with switches that break them on purpose. */
import { backend, type SandboxStatus, type Switches } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

class Sandbox extends Loaded<SandboxStatus> {
  constructor() {
    super(() => backend.sandboxStatus());
  }

  async start(port: number | null): Promise<void> {
    this.set(await backend.startSandbox(port));
  }

  async stop(): Promise<void> {
    this.set(await backend.stopSandbox());
  }

  async setSwitches(switches: Switches): Promise<void> {
    this.set(await backend.setSandboxSwitches(switches));
  }

  async expireTokens(): Promise<void> {
    this.set(await backend.expireSandboxTokens());
  }
}

export const sandbox = new Sandbox();
