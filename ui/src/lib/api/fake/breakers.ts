/** The fake breakers: reset and isolated by hand. */
import type { BreakerView } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands = 'breaker' | 'resetBreaker' | 'isolateBreaker';

/** A breaker that never counted anything. */
export const closedBreaker: BreakerView = {
  state: 'closed',
  failures: 0,
  threshold: 5,
  window_seconds: 600,
  open_seconds: 60,
  changed_at: null,
  next_probe_at: null,
  probing: false,
  opened_by: [],
};

export function fakeBreakers(workspace: FakeWorkspace): Part<Commands> {
  const summary = (id: string) =>
    workspace.connectors.find((connector) => connector.summary.id === id)?.summary ??
    refuse('not_found', 'There is no such connector.', 'Look at the list of connectors.');
  const set = (id: string, breaker: BreakerView) => {
    summary(id).breaker = breaker;
    workspace.emit({ event: 'breaker_changed', connector_id: id });
    return workspace.answer(breaker);
  };
  return {
    async breaker(id) {
      return workspace.answer(summary(id).breaker);
    },
    async resetBreaker(id) {
      return set(id, { ...closedBreaker, changed_at: new Date().toISOString() });
    },
    async isolateBreaker(id) {
      return set(id, { ...closedBreaker, state: 'isolated', changed_at: new Date().toISOString() });
    },
  };
}
