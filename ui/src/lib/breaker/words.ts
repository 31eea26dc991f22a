/** A breaker in words. The moment is passed in, so that a page can keep it ticking. */
import type { BreakerFailure, BreakerState, BreakerView } from '$lib/api';
import type { ChipTone } from '$lib/execution/words';
import { countdown } from '$lib/shared/seconds';
import { clock, exactly } from '$lib/shared/time';

/**
 * What a breaker does at a moment. Its state alone does not say that: when the countdown has ended, an open one lets the
 * next run through as the probe, whether or not that is written down anywhere yet.
 */
export type Phase = 'closed' | 'waiting' | 'due' | 'probing' | 'isolated';

/** What the page reads of a clock is rounded. */
const CLOCKS_DIFFER_MILLISECONDS = 1000;

export function phaseOf(breaker: BreakerView, now: number): Phase {
  if (breaker.state === 'closed' || breaker.state === 'isolated') return breaker.state;
  const left = breaker.next_probe_at === null ? 0 : Date.parse(breaker.next_probe_at) - now;
  const ahead = left > 0;
  if (breaker.state === 'open') {
    // More than the whole wait is left only when the clock was set back: the wait is over then.
    return ahead && left <= breaker.open_seconds * 1000 + CLOCKS_DIFFER_MILLISECONDS ? 'waiting' : 'due';
  }
  // A probe that has outlasted its deadline is lost, and its claim is free (C3).
  return breaker.probing && ahead ? 'probing' : 'due';
}

/** The state that a phase belongs to in the picture. */
export const stateOf: Record<Phase, BreakerState> = {
  closed: 'closed',
  waiting: 'open',
  due: 'half_open',
  probing: 'half_open',
  isolated: 'isolated',
};

export const stateNames: Record<BreakerState, string> = {
  closed: 'closed',
  open: 'open',
  half_open: 'half-open',
  isolated: 'isolated',
};

export const stateTones: Record<BreakerState, ChipTone> = {
  closed: 'ok',
  open: 'bad',
  half_open: 'warn',
  isolated: 'bad',
};

/** How long until the next probe, or until the one under way is given up; null when nothing counts down. */
export function timeLeft(breaker: BreakerView, now: number): string | null {
  const phase = phaseOf(breaker, now);
  if ((phase !== 'waiting' && phase !== 'probing') || breaker.next_probe_at === null) return null;
  return countdown(Date.parse(breaker.next_probe_at) - now);
}

/** The next moment at which a breaker changes without anything happening; null when there is none ahead. */
export function nextChange(breaker: BreakerView, now: number): number | null {
  const oldest = breaker.opened_by.at(-1);
  const moment =
    breaker.state === 'closed'
      ? oldest && Date.parse(oldest.at) + breaker.window_seconds * 1000
      : breaker.next_probe_at && Date.parse(breaker.next_probe_at);
  return moment && moment > now ? moment : null;
}

/** Such as `5 failures`. */
export function failureCount(count: number): string {
  return count === 1 ? '1 failure' : `${String(count)} failures`;
}

/** What happens to a run now. */
export function phaseWords(breaker: BreakerView, phase: Phase): string {
  switch (phase) {
    case 'closed':
      return breaker.failures === 0 ? 'Runs go through.' : 'Runs still go through.';
    case 'waiting':
      return 'Nothing is sent, neither to the API nor to a login endpoint.';
    case 'due':
      return 'The next run is the probe: it goes through, and what comes of it closes the breaker or opens it again.';
    case 'probing':
      return 'The probe is under way. Until it ends, nothing else is sent.';
    case 'isolated':
      return 'Opened by hand. Nothing is sent until you reset it.';
  }
}

/** The picture in words, for who does not see it. */
export function pictureWords(breaker: BreakerView, state: BreakerState): string {
  const { threshold, window_seconds, open_seconds } = breaker;
  const opens = `${failureCount(threshold)} in a row within ${exactly(window_seconds)} open it`;
  const probe = `after ${exactly(open_seconds)} it is half-open and lets one probe through`;
  return `The circuit breaker is ${stateNames[state]}. ${opens}; ${probe}; one success closes it, a failure opens it again.`;
}

/** What the failures have in common, the most frequent kind first; null when none are known. */
function commonest(failures: readonly BreakerFailure[]): BreakerFailure | null {
  const kind = (failure: BreakerFailure): string => `${failure.error_type} ${String(failure.http_status)}`;
  const count = (failure: BreakerFailure): number =>
    failures.filter((other) => kind(other) === kind(failure)).length;
  return failures.reduce<BreakerFailure | null>(
    (best, failure) => (best && count(best) >= count(failure) ? best : failure),
    null,
  );
}

/** Where to look, as the beginning of a sentence. */
function cause(failure: BreakerFailure | null): { look: string; mended: string } {
  if (failure?.error_type === 'token_refresh_error') {
    return { look: 'Test the request of the token whose login failed', mended: 'when the login works again' };
  }
  if (failure?.error_type === 'faraday_error') {
    return { look: 'Check that the API is up and can be reached', mended: 'when it answers again' };
  }
  if (failure?.http_status === 401) {
    return { look: 'Look at the connector’s tokens: the API refuses them', mended: 'when they are right' };
  }
  if (failure?.http_status) {
    return {
      look: `Find out why the API answers ${String(failure.http_status)}`,
      mended: 'when it works again',
    };
  }
  return { look: 'Look at the failures in the log', mended: 'when the API works again' };
}

/** What to do now, in one sentence; empty when there is nothing to do. */
export function whatToDo(breaker: BreakerView, phase: Phase): string {
  const { look, mended } = cause(commonest(breaker.opened_by));
  switch (phase) {
    case 'closed':
      return breaker.failures === 0 ? '' : `${look}, before the breaker opens.`;
    case 'waiting':
      return breaker.next_probe_at === null
        ? `${look}; ${mended}, reset the breaker.`
        : `${look}; ${mended}, reset the breaker or wait for the next try at ${clock(breaker.next_probe_at)}.`;
    case 'due':
      return `${look}; ${mended}, run the connector once, or reset the breaker.`;
    case 'probing':
      return breaker.next_probe_at === null
        ? 'Wait for the probe.'
        : `Wait for the probe, which has until ${clock(breaker.next_probe_at)}, or reset the breaker.`;
    case 'isolated':
      return 'Reset the breaker when runs may go through again.';
  }
}

/** The few words of a chip; nothing while it is closed. `brief` is for a narrow place. */
export function chipWords(breaker: BreakerView, now: number, brief: boolean): string | null {
  const phase = phaseOf(breaker, now);
  const left = timeLeft(breaker, now) ?? '';
  switch (phase) {
    case 'closed':
      return null;
    case 'waiting':
      return brief ? `breaker open · ${left}` : `breaker open · next try in ${left}`;
    case 'due':
      return brief ? 'breaker half-open' : 'breaker half-open · the next run is the probe';
    case 'probing':
      return brief ? 'breaker half-open' : 'breaker half-open · probe under way';
    case 'isolated':
      return brief ? 'breaker isolated' : 'breaker isolated · until you reset it';
  }
}

/** The numbers of a breaker as a sentence that explains them. */
export function rule(failures: number, windowSeconds: number, openSeconds: number): string {
  const row = failures === 1 ? '1 failure opens it.' : `${String(failures)} failures in a row`;
  const opens = failures === 1 ? row : `${row} within ${exactly(windowSeconds)} open it.`;
  return `${opens} Then nothing is sent for ${exactly(openSeconds)}, and the first run after that is the probe.`;
}
