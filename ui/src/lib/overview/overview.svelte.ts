/** The overview as a page follows it: asked anew when something was committed, gently, and as time goes on. */
import { backend, type Overview, type OverviewSpan, type WorkspaceEvent } from '$lib/api';
import { Gently } from '$lib/shared/gently';
import { Loaded } from '$lib/shared/loaded.svelte';

/** At most one question in this time, however much happens. */
const AT_MOST_EVERY_MILLISECONDS = 2000;
/** Without any event the span moves on, too. */
const ANEW_MILLISECONDS = 60_000;

const CHANGES_IT: readonly WorkspaceEvent['event'][] = [
  'execution_recorded',
  'breaker_changed',
  'connectors_changed',
  'tokens_changed',
];

export class OverviewState extends Loaded<Overview> {
  private readonly gently = new Gently(AT_MOST_EVERY_MILLISECONDS, () => this.load());

  constructor(readonly span: OverviewSpan) {
    super(() => backend.overview(span));
  }

  /** Keeps it true until the returned function is called. */
  follow(): () => void {
    this.gently.want();
    const stop = backend.onWorkspaceChanged(({ event }) => {
      if (CHANGES_IT.includes(event)) this.gently.want();
    });
    const anew = setInterval(() => {
      this.gently.want();
    }, ANEW_MILLISECONDS);
    return () => {
      stop();
      clearInterval(anew);
      this.gently.stop();
    };
  }
}
