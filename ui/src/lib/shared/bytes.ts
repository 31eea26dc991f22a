/** A size as people read it, such as `1.9 KB`; `null` is one that is not known. */
export function size(bytes: number | null): string {
  if (bytes === null) return 'not known';
  if (bytes < 1024) return `${String(bytes)} B`;
  const units = ['KB', 'MB', 'GB'];
  let amount = bytes / 1024;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${units[unit] ?? 'GB'}`;
}
