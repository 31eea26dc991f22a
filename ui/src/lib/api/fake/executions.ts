/** Fake executions: a run goes by the value of its first input, so that every outcome can be tried. */
import type { ConnectorDetail, Execution } from '../bindings';
import { enterBreaker, leaveBreaker } from './breakers';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';
import { filtered } from './log-rows';
import { execution, runSteps, type RunKind } from './runs';

type Commands =
  'runConnector' | 'cancel' | 'listExecutions' | 'getExecution' | 'copyExecution' | 'openExecutionResponse';

const kindOfValue: Record<string, RunKind> = {
  expired: 'refreshed',
  shared: 'shared',
  login: 'login_failed',
  missing: 'not_found',
  down: 'no_answer',
  field: 'missing_field',
  denied: 'denied',
  moved: 'moved',
};
const demoKinds: RunKind[] = [
  'succeeded',
  'refreshed',
  'succeeded',
  'login_failed',
  'not_found',
  'shared',
  'succeeded',
  'no_answer',
  'missing_field',
  'denied',
  'refused',
  'cancelled',
  'circuit_open',
];

const cancelledIn = new WeakMap<FakeWorkspace, Set<string>>();

/** The runs and tests that were cancelled. */
export function cancelledRuns(workspace: FakeWorkspace): Set<string> {
  const runs = cancelledIn.get(workspace) ?? new Set<string>();
  cancelledIn.set(workspace, runs);
  return runs;
}

const customers = [null, 'c-1042', 'c-0977', null, 'c-0311'];

/** Fills a connector's log with every outcome, newest first, one each `seconds`. */
export function addSampleExecutions(
  workspace: FakeWorkspace,
  connectorId: string,
  count: number,
  seconds = 47,
): void {
  const now = Date.now();
  const added = Array.from({ length: count }, (_, at) => {
    const position = count - at;
    const kind = demoKinds[position % demoKinds.length] ?? 'succeeded';
    const made = recorded(workspace, connectorId, kind, {
      created_at: new Date(now - position * seconds * 1000).toISOString(),
      source_type: position % 3 === 0 ? 'workflow' : position % 5 === 0 ? 'fin' : 'test',
      customer: customers[position % customers.length] ?? null,
    });
    made.execution_time_ms += (position * 37) % 90;
    return made;
  });
  workspace.executions = [...added.toReversed(), ...workspace.executions];
  told(workspace, added.at(-1));
}

/** Time-ordered like the engine's. */
function newExecutionId(): string {
  return `01920000-0000-7000-8000-${newId('').slice(1).padStart(12, '0')}`;
}

function recorded(
  workspace: FakeWorkspace,
  connectorId: string,
  kind: RunKind,
  over: Partial<Execution>,
): Execution {
  const connector = workspace.connectors.find((connector) => connector.summary.id === connectorId);
  return execution(kind, {
    id: newExecutionId(),
    connector_id: connectorId,
    connector_name: connector?.summary.name ?? '',
    created_at: new Date().toISOString(),
    ...over,
  });
}

/** The connector's summary says what ran last. */
function told(workspace: FakeWorkspace, last: Execution | undefined): void {
  const connector = workspace.connectors.find(({ summary }) => summary.id === last?.connector_id);
  if (!connector || !last) return;
  const { created_at: at, success, http_status } = last;
  connector.summary.last_execution = { at, success, http_status };
}

/** Records a run. */
export function record(
  workspace: FakeWorkspace,
  connectorId: string,
  kind: RunKind,
  over: Partial<Execution> = {},
): Execution {
  const made = recorded(workspace, connectorId, kind, over);
  workspace.executions.unshift(made);
  told(workspace, made);
  return made;
}

function chooseKind(connector: ConnectorDetail, inputs: Record<string, string>, mock: boolean): RunKind {
  const missing = connector.draft.data_inputs.find(
    (input) => input.required && !(inputs[input.name] ?? '') && !input.default_value,
  );
  if (missing && connector.draft.validate_missing_attributes) return 'refused';
  if (mock) return 'played';
  const first = connector.draft.data_inputs[0];
  return kindOfValue[(first && inputs[first.name]) ?? ''] ?? 'succeeded';
}

export function fakeExecutions(workspace: FakeWorkspace): Part<Commands> {
  const cancelled = cancelledRuns(workspace);
  const find = (id: string): Execution =>
    workspace.executions.find((execution) => execution.id === id) ??
    refuse('not_found', 'This execution is not in the log.', 'Look at the list of executions.');

  return {
    async runConnector(runId, connectorId, inputs, source, mock, customer, steps) {
      const connector =
        workspace.connectors.find((connector) => connector.summary.id === connectorId) ??
        refuse('not_found', 'There is no such connector.', 'Look at the list of connectors.');
      await workspace.answer(null);
      let kind = chooseKind(connector, inputs, mock);
      // A run that sends nothing of its own accord neither looks at the breaker nor counts.
      const entered = mock || kind === 'refused' ? null : enterBreaker(workspace, connector);
      const refusal = entered && 'refusal' in entered ? entered.refusal : null;
      if (refusal) kind = 'refused';
      for (const step of refusal?.steps ?? runSteps[kind]) {
        await workspace.wait(workspace.latency === 0 ? 0 : Math.min(2000, step.duration_ms * 4));
        if (cancelled.has(runId)) {
          kind = 'cancelled';
          break;
        }
        steps(step);
      }
      const recorded = record(workspace, connectorId, kind, {
        source_type: source,
        customer,
        inputs: Object.entries(inputs).map(([name, value]) => ({ name, value, redacted: false })),
        ...refusal,
      });
      if (entered && 'began' in entered) leaveBreaker(workspace, connector, entered.began, recorded);
      workspace.emit({ event: 'execution_recorded', connector_id: connectorId, execution_id: recorded.id });
      return structuredClone(recorded);
    },
    async cancel(runId) {
      cancelled.add(runId);
      return workspace.answer(null);
    },
    async listExecutions(filter, before, limit) {
      const fitting = filtered(workspace, filter);
      const all = before === null ? fitting : fitting.filter((row) => (row.seq ?? 0) < before);
      const page = all.slice(0, limit);
      const last = all.length > limit ? (page.at(-1)?.seq ?? null) : null;
      return workspace.answer({ rows: page, before: last, behind: workspace.searchBehind });
    },
    async getExecution(executionId) {
      return workspace.answer(find(executionId));
    },
    async copyExecution(executionId, form) {
      const { id } = find(executionId);
      const copied = form === 'id' ? id : `latchkey logs --id ${id}`;
      workspace.clipboard.push(copied);
      return workspace.answer(copied);
    },
    async openExecutionResponse(executionId) {
      const text = find(executionId).raw_response_body;
      if (text === null) return workspace.answer(null);
      const id = `response-of-${executionId}`;
      workspace.bodies.set(id, JSON.parse(text));
      return workspace.answer(id);
    },
  };
}
