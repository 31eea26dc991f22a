/** What the overview says in words and numbers. */
import type { ConnectorHealth, ErrorType, OverviewSpan, TimelineBucket } from '$lib/api';
import { moment } from '$lib/shared/time';

export const spans: { value: OverviewSpan; label: string; during: string }[] = [
  { value: 'hour', label: 'Last hour', during: 'in the last hour' },
  { value: 'day', label: 'Last day', during: 'in the last 24 hours' },
  { value: 'week', label: 'Last week', during: 'in the last 7 days' },
];

/** The span that a place names; the day when it names none. */
export function spanOf(name: string | undefined): OverviewSpan {
  return spans.find(({ value }) => value === name)?.value ?? 'day';
}

export function during(span: OverviewSpan): string {
  return spans.find(({ value }) => value === span)?.during ?? '';
}

const WHOLE = new Intl.NumberFormat('en');

/** Such as `1,204`. */
export function whole(count: number): string {
  return WHOLE.format(count);
}

/** Such as `97.8 %`. Never 100 % while one failed, nor 0 % while one succeeded. */
export function rate(succeeded: number, failed: number): string {
  const runs = succeeded + failed;
  if (runs === 0) return '–';
  const percent = (succeeded * 100) / runs;
  if (failed > 0 && percent > 99.9) return '> 99.9 %';
  if (succeeded > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent.toFixed(1).replace('.0', '')} %`;
}

export function runsOf({ succeeded, failed }: Pick<ConnectorHealth, 'succeeded' | 'failed'>): number {
  return succeeded + failed;
}

/** Such as `1 run` or `1,204 runs`. */
export function runCount(count: number): string {
  return count === 1 ? '1 run' : `${whole(count)} runs`;
}

/** All connectors in one sentence. */
export function summary(connectors: readonly ConnectorHealth[], span: OverviewSpan): string {
  const succeeded = connectors.reduce((sum, connector) => sum + connector.succeeded, 0);
  const failed = connectors.reduce((sum, connector) => sum + connector.failed, 0);
  const open = connectors.filter(({ breaker }) => breaker.state !== 'closed').length;
  const runs = succeeded + failed;
  const first =
    runs === 0
      ? `No runs ${during(span)}.`
      : `${runCount(runs)} ${during(span)}, ${rate(succeeded, failed)} succeeded.`;
  if (open === 0) return first;
  return `${first} ${open === 1 ? '1 circuit breaker is' : `${String(open)} circuit breakers are`} not closed.`;
}

const LOG_RANGES: Record<OverviewSpan, string> = { hour: '1h', day: '24h', week: '7d' };

/** The place of a connector's log, with the same span and only one kind of failure if one is named. */
export function logPlace(connectorId: string, span: OverviewSpan, errorType?: ErrorType): string {
  const query = new URLSearchParams({ range: LOG_RANGES[span] });
  if (errorType) query.set('error_type', errorType);
  return `#/connectors/${connectorId}/logs?${query.toString()}`;
}

/** The runs of a connector over time, for who does not see the bars. */
export function bucketsWords(buckets: readonly TimelineBucket[]): string {
  const worst = buckets.reduce<TimelineBucket | null>(
    (most, bucket) => (bucket.failed > (most?.failed ?? 0) ? bucket : most),
    null,
  );
  const succeeded = buckets.reduce((sum, bucket) => sum + bucket.succeeded, 0);
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
  if (succeeded + failed === 0) return 'No runs.';
  const most = worst ? ` Most failures from ${moment(worst.start)} on.` : '';
  return `${whole(succeeded)} succeeded and ${whole(failed)} failed.${most}`;
}
