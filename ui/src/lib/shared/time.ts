/** Times in words. The moment is passed in, so that a page can keep it ticking. */
const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });

/** Such as `4 sec. ago`, without the dots: `4 sec ago`. */
export function ago(then: string, now: number): string {
  let amount = (now - Date.parse(then)) / 1000;
  if (amount < 2) return 'just now';
  for (const [size, unit] of STEPS) {
    if (amount < size) return RELATIVE.format(-Math.floor(amount), unit).replace('.', '');
    amount /= size;
  }
  return RELATIVE.format(-Math.floor(amount), 'year').replace('.', '');
}

/** Such as `15 min`, for a time that is left. */
export function span(seconds: number): string {
  const total = Math.abs(Math.round(seconds));
  if (total < 90) return `${String(total)} s`;
  if (total < 5400) return `${String(Math.round(total / 60))} min`;
  if (total < 172_800) return `${String(Math.round(total / 3600))} h`;
  return `${String(Math.round(total / 86_400))} days`;
}

/** Seconds as they were set, such as `60 s` or `10 min`; what is no round number stays exact. */
export function exactly(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${String(seconds / 3600)} h`;
  if (seconds > 60 && seconds % 60 === 0) return `${String(seconds / 60)} min`;
  return `${String(seconds)} s`;
}

/** The whole moment in the reader's own time zone. */
export function moment(then: string): string {
  return new Date(then).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** `12:04:31` in the reader's own time zone. */
export function clock(then: string): string {
  return new Date(then).toLocaleTimeString('en-GB');
}
