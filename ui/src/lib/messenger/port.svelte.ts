/** Starting and stopping the Messenger, and the port as it is typed. */
import { problemOf, type Problem } from '$lib/api';
import { errorAt } from '$lib/shared/field-error';

import { messenger } from './messenger.svelte';

export class MessengerPort {
  /** What is being done. */
  busy = $state<'start' | 'stop' | null>(null);
  problem = $state.raw<Problem | null>(null);
  private typed = $state<string | null>(null);

  get text(): string {
    return this.typed ?? String(messenger.value?.port ?? '');
  }

  /** Another port than the present one is typed. */
  get changed(): boolean {
    return this.typed !== null && this.typed !== String(messenger.value?.port ?? '');
  }

  /** What is typed can't be a port. */
  get impossible(): boolean {
    return !(/^\d{1,5}$/.test(this.text) && Number(this.text) >= 1 && Number(this.text) <= 65_535);
  }

  get error(): string | undefined {
    if (this.changed && this.impossible) return 'Type a port from 1 to 65535.';
    return errorAt(this.problem, 'port');
  }

  type(text: string): void {
    this.typed = text.trim();
    if (this.problem?.field === 'port') this.problem = null;
  }

  /** Goes back to the port that it has. */
  revert(): void {
    this.typed = null;
    if (this.problem?.field === 'port') this.problem = null;
  }

  /** Starts it on what is typed, or moves it there. */
  async start(): Promise<void> {
    if (this.changed && this.impossible) return;
    await this.attempt('start', async () => {
      await messenger.start(this.changed ? Number(this.text) : null);
      this.typed = null;
    });
  }

  stop(): Promise<void> {
    return this.attempt('stop', () => messenger.stop());
  }

  private async attempt(what: 'start' | 'stop', action: () => Promise<void>): Promise<void> {
    if (this.busy !== null) return;
    this.busy = what;
    this.problem = null;
    try {
      await action();
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.busy = null;
    }
  }
}
