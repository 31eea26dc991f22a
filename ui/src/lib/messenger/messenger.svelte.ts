/** The Messenger: through it other systems set the user tokens of customers (M1–M5). */
import { backend, type MessengerDraft, type MessengerStatus } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

class Messenger extends Loaded<MessengerStatus> {
  constructor() {
    super(() => backend.messengerStatus());
  }

  /** Starts it on this port, or on the one that it had; while it runs, another port moves it there. */
  async start(port: number | null): Promise<void> {
    this.set(await backend.startMessenger(port));
  }

  async stop(): Promise<void> {
    this.set(await backend.stopMessenger());
  }

  /** Makes a new secret for identity verification; it counts at once. */
  async makeSecret(): Promise<void> {
    this.set(await backend.makeMessengerSecret());
  }

  async setUp(draft: MessengerDraft): Promise<MessengerStatus> {
    const status = await backend.setUpMessenger(draft);
    this.set(status);
    return status;
  }
}

export const messenger = new Messenger();
