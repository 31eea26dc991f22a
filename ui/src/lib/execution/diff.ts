/** Two lists beside each other: what stands in both, in order, and what only one has (Myers' shortest edit). */

/** Positions in the left and the right list; null where one has nothing. */
export type Pair = readonly [number | null, number | null];

/** With more additions and removals than this, lists are called different throughout instead of being aligned. */
const MOST_EDITS = 1500;

/** Aligns two lists; `null` when they differ too much to be worth it. */
export function align<T>(left: readonly T[], right: readonly T[]): Pair[] | null {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let [leftEnd, rightEnd] = [left.length, right.length];
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd -= 1;
    rightEnd -= 1;
  }
  const middle = alignMiddle(left.slice(start, leftEnd), right.slice(start, rightEnd));
  if (!middle) return null;
  const same = (from: number, count: number, shift: number): Pair[] =>
    Array.from({ length: count }, (_, at) => [from + at, from + at + shift]);
  return [
    ...same(0, start, 0),
    ...middle.map(([l, r]): Pair => [l === null ? null : l + start, r === null ? null : r + start]),
    ...same(leftEnd, left.length - leftEnd, rightEnd - leftEnd),
  ];
}

function alignMiddle<T>(left: readonly T[], right: readonly T[]): Pair[] | null {
  const most = Math.min(left.length + right.length, MOST_EDITS);
  /** For each number of edits, how far each diagonal got; the diagonal is the key, shifted to be positive. */
  const reached: Int32Array[] = [];
  const furthest = new Int32Array(2 * most + 3);
  for (let edits = 0; edits <= most; edits++) {
    reached.push(furthest.slice(most + 1 - edits, most + 2 + edits));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const at = diagonal + most + 1;
      const down = furthest[at + 1] ?? 0;
      const across = furthest[at - 1] ?? 0;
      let x = diagonal === -edits || (diagonal !== edits && across < down) ? down : across + 1;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x += 1;
      furthest[at] = x;
      if (x >= left.length && x - diagonal >= right.length) return traced(reached, left.length, right.length);
    }
  }
  return null;
}

/** Walks back from the end along the diagonals that got furthest. */
function traced(reached: Int32Array[], leftLength: number, rightLength: number): Pair[] {
  const pairs: Pair[] = [];
  let [x, y] = [leftLength, rightLength];
  for (let edits = reached.length - 1; edits > 0; edits--) {
    // What the diagonals had reached with one edit less; its middle is diagonal 0.
    const before = reached[edits] ?? new Int32Array();
    const on = (diagonal: number): number => before[diagonal + edits] ?? 0;
    const diagonal = x - y;
    const down = diagonal === -edits || (diagonal !== edits && on(diagonal - 1) < on(diagonal + 1));
    const startX = down ? on(diagonal + 1) : on(diagonal - 1);
    const startY = startX - (down ? diagonal + 1 : diagonal - 1);
    const afterX = down ? startX : startX + 1;
    while (x > afterX) pairs.push([(x -= 1), (y -= 1)]);
    pairs.push(down ? [null, startY] : [startX, null]);
    [x, y] = [startX, startY];
  }
  while (x > 0) pairs.push([(x -= 1), (y -= 1)]);
  return pairs.reverse();
}

export interface DiffRow {
  left: string | null;
  right: string | null;
  same: boolean;
}

/** Two texts line by line; lines that were replaced stand beside each other. `aligned` is false when they differ throughout. */
export function diffLines(left: string, right: string): { rows: DiffRow[]; aligned: boolean } {
  const [lefts, rights] = [left.split('\n'), right.split('\n')];
  const pairs = align(lefts, rights);
  if (!pairs) return { rows: beside(lefts, rights), aligned: false };
  const rows: DiffRow[] = [];
  let [gone, added]: [string[], string[]] = [[], []];
  const flush = (): void => {
    rows.push(...beside(gone, added));
    [gone, added] = [[], []];
  };
  for (const [l, r] of pairs) {
    if (l !== null && r !== null) {
      flush();
      rows.push({ left: lefts[l] ?? '', right: rights[r] ?? '', same: true });
    } else if (l !== null) gone.push(lefts[l] ?? '');
    else if (r !== null) added.push(rights[r] ?? '');
  }
  flush();
  return { rows, aligned: true };
}

function beside(lefts: string[], rights: string[]): DiffRow[] {
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, at) => ({
    left: lefts[at] ?? null,
    right: rights[at] ?? null,
    same: false,
  }));
}
