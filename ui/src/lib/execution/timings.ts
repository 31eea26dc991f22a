/** Where the time of an exchange went, as slices of a bar: one after the other, in microseconds. */
import type { Exchange, ExchangeTimings } from '$lib/api';

export type Phase = 'redirects' | 'dns' | 'connect' | 'tls' | 'first_byte' | 'download';

export interface Slice {
  phase: Phase;
  label: string;
  microseconds: number;
}

export interface Timing {
  slices: Slice[];
  microseconds: number;
  /** No connection was made for the last hop: an open one was used again. */
  reused: boolean;
}

const LABELS: Record<Phase, string> = {
  redirects: 'redirects',
  dns: 'DNS',
  connect: 'connect',
  tls: 'TLS',
  first_byte: 'first byte',
  download: 'download',
};

/** The slices of an exchange; null where nothing was measured, as when no answer came. */
export function timingOf(exchange: Exchange): Timing | null {
  const { timings } = exchange;
  if (!timings) return null;
  const amounts = amountsOf(timings);
  const slices = (Object.keys(LABELS) as Phase[]).flatMap((phase) => {
    const microseconds = amounts[phase];
    return microseconds === null ? [] : [{ phase, label: LABELS[phase], microseconds }];
  });
  return {
    slices,
    microseconds: slices.reduce((sum, slice) => sum + slice.microseconds, 0),
    reused: timings.connect_us === null,
  };
}

function amountsOf(timings: ExchangeTimings): Record<Phase, number | null> {
  return {
    redirects: timings.redirects_us > 0 ? timings.redirects_us : null,
    dns: timings.dns_us,
    connect: timings.connect_us,
    tls: timings.tls_us,
    first_byte: timings.first_byte_us,
    download: timings.download_us,
  };
}

/** Microseconds as people read them: `0.04 ms`, `1.2 ms`, `96 ms`, `1.24 s`. */
export function fine(microseconds: number): string {
  const milliseconds = microseconds / 1000;
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds >= 10) return `${milliseconds.toFixed(0)} ms`;
  return `${milliseconds.toFixed(milliseconds >= 1 ? 1 : 2)} ms`;
}

/** A timing as one sentence, for those who do not see the bar. */
export function timingWords(timing: Timing): string {
  const slices = timing.slices.map(({ label, microseconds }) => `${label} ${fine(microseconds)}`);
  return [...(timing.reused ? ['connection reused'] : []), ...slices].join(', ');
}
