/** The fake overview: counted from the executions in memory. */
import type {
  ConnectorDetail,
  ConnectorHealth,
  ErrorType,
  Execution,
  OverviewSpan,
  TimelineBucket,
  TokenDetail,
  TokenHealth,
} from '../bindings';
import { breakerOf } from './breakers';
import type { FakeWorkspace, Part } from './parts';

const BUCKETS = 24;
const MINUTE = 60_000;
const SPANS: Record<OverviewSpan, number> = { hour: 60 * MINUTE, day: 1440 * MINUTE, week: 10_080 * MINUTE };

/** The duration that so many of 100 stayed within. */
function percentile(executions: readonly Execution[], hundredths: number): number | null {
  const times = executions.map((execution) => execution.execution_time_ms).sort((one, two) => one - two);
  return times[Math.max(0, Math.ceil((times.length * hundredths) / 100) - 1)] ?? null;
}

function bucket(start: number, executions: readonly Execution[]): TimelineBucket {
  const succeeded = executions.filter((execution) => execution.success).length;
  return {
    start: new Date(start).toISOString(),
    succeeded,
    failed: executions.length - succeeded,
    p50_ms: percentile(executions, 50),
    p95_ms: percentile(executions, 95),
  };
}

function bucketsOf(executions: readonly Execution[], since: number, length: number): TimelineBucket[] {
  return Array.from({ length: BUCKETS }, (_, at) => {
    const start = since + (at * length) / BUCKETS;
    const end = start + length / BUCKETS;
    const within = executions.filter(({ created_at }) => {
      const moment = Date.parse(created_at);
      return moment >= start && moment < end;
    });
    return bucket(start, within);
  });
}

function healthOf(
  { summary }: ConnectorDetail,
  breaker: ConnectorHealth['breaker'],
  executions: readonly Execution[],
  buckets: TimelineBucket[],
): ConnectorHealth {
  const counts = new Map<ErrorType, number>();
  for (const { error_type } of executions) {
    if (error_type !== null) counts.set(error_type, (counts.get(error_type) ?? 0) + 1);
  }
  const { succeeded, failed, p50_ms, p95_ms } = bucket(0, executions);
  return {
    id: summary.id,
    name: summary.name,
    state: summary.state,
    succeeded,
    failed,
    p50_ms,
    p95_ms,
    failures: [...counts]
      .map(([error_type, count]) => ({ error_type, count }))
      .sort((one, two) => two.count - one.count),
    breaker,
    buckets,
  };
}

function tokenHealth(
  { summary, expires_at, lifetime_from, refresh_before_seconds }: TokenDetail,
  until: number,
): TokenHealth | null {
  if (expires_at === null || Date.parse(expires_at) > until) return null;
  return {
    id: summary.id,
    name: summary.name,
    expires_at,
    known_from: lifetime_from ?? '',
    refreshed_before: refresh_before_seconds !== null,
    used_by: summary.used_by,
  };
}

function attention({ breaker, failed }: ConnectorHealth): number {
  return (breaker.state === 'closed' ? 0 : 1_000_000) + failed;
}

export function fakeOverview(workspace: FakeWorkspace): Part<'overview'> {
  return {
    async overview(span) {
      await workspace.answer(null);
      const length = SPANS[span];
      const since = Date.now() - length;
      const connectors = workspace.connectors.map((connector) => {
        const executions = workspace.executions.filter(
          ({ connector_id, created_at }) =>
            connector_id === connector.summary.id && Date.parse(created_at) >= since,
        );
        const buckets = bucketsOf(executions, since, length);
        return healthOf(connector, breakerOf(connector), executions, buckets);
      });
      const tokens = workspace.tokens
        .map((token) => tokenHealth(token, Date.now() + SPANS.day))
        .filter((token) => token !== null)
        .sort((one, two) => one.expires_at.localeCompare(two.expires_at));
      return structuredClone({
        since: new Date(since).toISOString(),
        connectors: connectors.sort((one, two) => attention(two) - attention(one)),
        tokens,
      });
    },
  };
}
