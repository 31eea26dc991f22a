/** Amounts as people type and read them, in a unit of their choice; settings themselves are whole numbers of the smallest. */

export interface Unit {
  /** Such as `MiB`. */
  name: string;
  /** For one of it, where that differs. */
  one?: string;
  /** How many of the smallest unit it is. */
  factor: number;
}

/** Units of one kind, the smallest first. */
export type Units = readonly [Unit, ...Unit[]];

export const BYTES: Units = [
  { name: 'bytes', one: 'byte', factor: 1 },
  { name: 'KiB', factor: 1024 },
  { name: 'MiB', factor: 1024 * 1024 },
];
export const MILLISECONDS: Units = [
  { name: 'ms', factor: 1 },
  { name: 'seconds', one: 'second', factor: 1000 },
];
export const MINUTES: Units = [{ name: 'minutes', one: 'minute', factor: 1 }];
export const HOURS: Units = [{ name: 'hours', one: 'hour', factor: 1 }];
export const DAYS: Units = [{ name: 'days', one: 'day', factor: 1 }];
/** For settings that are counted in MiB. */
export const MEBIBYTES: Units = [
  { name: 'MiB', factor: 1 },
  { name: 'GiB', factor: 1024 },
];
export const BACKUPS: Units = [{ name: 'backups', one: 'backup', factor: 1 }];

/** The largest unit in which an amount is at least one, with at most two decimals. */
export function unitFor(amount: number, units: Units): Unit {
  const fitting = units.filter(({ factor }) => amount >= factor && Number.isInteger((amount * 100) / factor));
  return fitting.at(-1) ?? units[0];
}

/** An amount as it is typed in a unit, such as `1.5`; with at most six decimals. */
export function typedIn(amount: number, unit: Unit): string {
  return String(Number((amount / unit.factor).toFixed(6)));
}

/** Such as `1.5 MiB` or `1 hour`. */
export function amountWords(amount: number, units: Units): string {
  const unit = unitFor(amount, units);
  const typed = typedIn(amount, unit);
  return `${typed} ${typed === '1' ? (unit.one ?? unit.name) : unit.name}`;
}

/** What was typed in a unit as a whole number of the smallest, or the sentence that says why not. */
export function readAmount(
  text: string,
  unit: Unit,
  units: Units,
  [min, max]: [number, number],
): number | string {
  const range = `from ${amountWords(min, units)} to ${amountWords(max, units)}`;
  if (!/^\d+(\.\d+)?$/.test(text.trim())) return `Type a number: ${range}.`;
  const amount = Number(text) * unit.factor;
  if (unit.factor === 1 && !Number.isInteger(amount)) return `Type a whole number: ${range}.`;
  const whole = Math.round(amount);
  return whole < min || whole > max ? `It can be ${range}.` : whole;
}
