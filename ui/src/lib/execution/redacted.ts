/** What was taken out of a record before it was written stands there as a mark of its own (S2); people see it as one. */

/** What the engine writes for a secret, and for a name that looks like one. */
const MARKS = new Set(['****', '••••••••']);

export interface RecordedPart {
  text: string;
  redacted: boolean;
}

/** A recorded text in order, its marks apart. Longer or shorter rows of stars are what somebody sent. */
export function partsOf(text: string): RecordedPart[] {
  const parts: RecordedPart[] = [];
  let from = 0;
  for (const { 0: run, index } of text.matchAll(/\*+|•+/g)) {
    if (!MARKS.has(run)) continue;
    if (index > from) parts.push({ text: text.slice(from, index), redacted: false });
    parts.push({ text: run, redacted: true });
    from = index + run.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), redacted: false });
  return parts;
}
