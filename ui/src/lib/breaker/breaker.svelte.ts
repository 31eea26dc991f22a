/** The circuit breaker of one connector as a page follows it (C5): asked anew when it changed, and when its time is over. */
import { backend, problemOf, type BreakerView, type Problem } from '$lib/api';
import { Gently } from '$lib/shared/gently';
import { Loaded } from '$lib/shared/loaded.svelte';

import { nextChange } from './words';

const GATHER_MILLISECONDS = 250;
/** A timer may be a little early against the clock that the moment was written by. */
const AFTER_THE_MOMENT_MILLISECONDS = 30;

export class ConnectorBreaker extends Loaded<BreakerView> {
  /** What is being done by hand. */
  doing = $state<'reset' | 'isolate' | null>(null);
  /** Why that was refused. */
  refused = $state.raw<Problem | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private following = false;
  private readonly gently = new Gently(GATHER_MILLISECONDS, () => this.load());

  constructor(readonly connectorId: string) {
    super(() => backend.breaker(connectorId));
  }

  /** Keeps it true until the returned function is called. */
  follow(): () => void {
    this.following = true;
    this.gently.want();
    const stop = backend.onWorkspaceChanged((event) => {
      const mine = event.event === 'breaker_changed' && event.connector_id === this.connectorId;
      // Its numbers are the connector's.
      if (mine || event.event === 'connectors_changed') this.gently.want();
    });
    return () => {
      this.following = false;
      stop();
      this.gently.stop();
      clearTimeout(this.timer);
    };
  }

  override async load(): Promise<void> {
    await super.load();
    this.waitForChange();
  }

  override set(value: BreakerView): void {
    super.set(value);
    this.waitForChange();
  }

  /** Closes it and forgets what it counted; whether that was done. */
  reset(): Promise<boolean> {
    return this.act('reset', () => backend.resetBreaker(this.connectorId));
  }

  /** Opens it until it is reset; whether that was done. */
  isolate(): Promise<boolean> {
    return this.act('isolate', () => backend.isolateBreaker(this.connectorId));
  }

  private async act(doing: 'reset' | 'isolate', work: () => Promise<BreakerView>): Promise<boolean> {
    this.doing = doing;
    try {
      this.set(await work());
      this.refused = null;
      return true;
    } catch (error) {
      this.refused = problemOf(error);
      return false;
    } finally {
      this.doing = null;
    }
  }

  private waitForChange(): void {
    clearTimeout(this.timer);
    if (!this.following || this.value === null) return;
    const now = Date.now();
    const moment = nextChange(this.value, now);
    if (moment === null) return;
    this.timer = setTimeout(
      () => {
        this.gently.want();
      },
      moment - now + AFTER_THE_MOMENT_MILLISECONDS,
    );
  }
}
