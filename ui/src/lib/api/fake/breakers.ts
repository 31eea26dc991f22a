/** The fake breakers: they open after failures in a row, let one probe through, and are reset and isolated by hand. */
import type { BreakerView, ConnectorDetail, Execution } from '../bindings';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';
import { step } from './runs';

type Commands = 'breaker' | 'resetBreaker' | 'isolateBreaker';

/** How long a fake probe may take. */
const PROBE_MILLISECONDS = 30_000;

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

function at(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** A breaker in a state as it is after a login that answered 503; `over` changes it further. */
export function brokenBreaker(state: BreakerView['state'], over: Partial<BreakerView> = {}): BreakerView {
  const now = Date.now();
  const opened_by = [4, 25, 46, 67, 88].map((seconds) => ({
    execution_id: newId('execution'),
    at: at(now - 18_000 - seconds * 1000),
    error_type: 'token_refresh_error' as const,
    http_status: 503,
  }));
  const until = { closed: null, isolated: null, open: at(now + 42_000), half_open: null }[state];
  return {
    ...closedBreaker,
    state,
    failures: opened_by.length,
    changed_at: at(now - 18_000),
    next_probe_at: until,
    opened_by,
    ...over,
  };
}

function find(workspace: FakeWorkspace, id: string): ConnectorDetail {
  return (
    workspace.connectors.find((connector) => connector.summary.id === id) ??
    refuse('not_found', 'There is no such connector.', 'Look at the list of connectors.')
  );
}

function store(workspace: FakeWorkspace, connector: ConnectorDetail, breaker: BreakerView): BreakerView {
  connector.summary.breaker = breaker;
  workspace.emit({ event: 'breaker_changed', connector_id: connector.summary.id });
  return breaker;
}

/** As it is now: with the connector's numbers, and half-open once its time is over. */
export function breakerOf(connector: ConnectorDetail): BreakerView {
  const { failures: threshold, window_seconds, open_seconds } = connector.draft.reliability;
  const kept = { ...connector.summary.breaker, threshold, window_seconds, open_seconds };
  const ahead = kept.next_probe_at !== null && Date.parse(kept.next_probe_at) > Date.now();
  if (kept.state === 'closed') {
    const opened_by = kept.opened_by.filter(
      (failure) => Date.parse(failure.at) > Date.now() - window_seconds * 1000,
    );
    return { ...kept, opened_by, failures: opened_by.length };
  }
  if ((kept.state === 'open' || kept.probing) && !ahead) {
    return { ...kept, state: 'half_open', probing: false, next_probe_at: null };
  }
  return kept;
}

/** Why a run may not go through, or the breaker that it began in; a probe is claimed. */
export function enterBreaker(
  workspace: FakeWorkspace,
  connector: ConnectorDetail,
): { refusal: Partial<Execution> } | { began: BreakerView } {
  const breaker = breakerOf(connector);
  if (breaker.state === 'closed') return { began: breaker };
  if (breaker.state === 'half_open' && !breaker.probing) {
    const next_probe_at = at(Date.now() + PROBE_MILLISECONDS);
    const probe = { ...breaker, probing: true, next_probe_at, changed_at: at(Date.now()) };
    return { began: store(workspace, connector, probe) };
  }
  const why =
    breaker.state === 'isolated'
      ? 'it was opened by hand'
      : `${String(breaker.threshold)} runs in a row failed`;
  const sentence = `The circuit breaker is open: ${why}. Nothing was sent.`;
  return {
    refusal: {
      success: false,
      error_type: 'circuit_open',
      sentence,
      next_step: 'Reset the breaker when what failed works again, or wait for its next try.',
      next_probe_at: breaker.next_probe_at,
      steps: [step({ kind: 'gate', outcome: 'refused', duration_ms: 0, detail: sentence })],
    },
  };
}

const NEITHER = ['request_validation_error', 'request_configuration_error', 'cancelled', 'circuit_open'];

function failed({ error_type, http_status }: Execution): boolean {
  if (error_type === 'faraday_error' || error_type === 'token_refresh_error') return true;
  return (
    error_type === '3rd_party_error' && http_status !== null && (http_status === 401 || http_status >= 500)
  );
}

/** Counts what a run came to (C2), unless the breaker has changed since it began (C3). */
export function leaveBreaker(
  workspace: FakeWorkspace,
  connector: ConnectorDetail,
  began: BreakerView,
  execution: Execution,
): void {
  const breaker = breakerOf(connector);
  if (breaker.changed_at !== began.changed_at) return;
  if (execution.error_type !== null && NEITHER.includes(execution.error_type)) {
    if (began.probing) store(workspace, connector, { ...breaker, probing: false, next_probe_at: null });
    return;
  }
  const now = Date.now();
  if (!failed(execution)) {
    if (breaker.state === 'closed' && breaker.failures === 0) return;
    const changed_at = breaker.state === 'closed' ? breaker.changed_at : at(now);
    store(workspace, connector, { ...closedBreaker, changed_at });
    return;
  }
  const { id: execution_id, error_type, http_status } = execution;
  if (error_type === null) return;
  const failure = { execution_id, at: at(now), error_type, http_status };
  const opened_by = [failure, ...breaker.opened_by].slice(0, breaker.threshold);
  const counted = { ...breaker, opened_by, failures: opened_by.length };
  const opens = began.probing || opened_by.length >= breaker.threshold;
  const next_probe_at = at(now + breaker.open_seconds * 1000);
  store(
    workspace,
    connector,
    opens ? { ...counted, state: 'open', probing: false, changed_at: at(now), next_probe_at } : counted,
  );
}

export function fakeBreakers(workspace: FakeWorkspace): Part<Commands> {
  const set = async (id: string, breaker: BreakerView): Promise<BreakerView> => {
    await workspace.answer(null);
    const connector = find(workspace, id);
    store(workspace, connector, { ...breaker, changed_at: at(Date.now()) });
    return structuredClone(breakerOf(connector));
  };
  return {
    breaker: async (id) => {
      await workspace.answer(null);
      return structuredClone(breakerOf(find(workspace, id)));
    },
    resetBreaker: (id) => set(id, closedBreaker),
    isolateBreaker: (id) => set(id, { ...closedBreaker, state: 'isolated' }),
  };
}
