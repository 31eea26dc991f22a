import { describe, expect, it } from 'vitest';

import { align, diffLines } from './diff';

/** The length of the longest common subsequence by the plain table. */
function longestCommon(left: string[], right: string[]): number {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const at = (l: number, r: number): number => table[l]?.[r] ?? 0;
  for (let l = 1; l <= left.length; l++) {
    for (let r = 1; r <= right.length; r++) {
      const row = table[l] ?? [];
      row[r] = left[l - 1] === right[r - 1] ? at(l - 1, r - 1) + 1 : Math.max(at(l - 1, r), at(l, r - 1));
    }
  }
  return at(left.length, right.length);
}

/** Numbers that look random and are the same in every run. */
function drawer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

describe('two lists beside each other', () => {
  it('keeps every element once, in order, and finds as much in common as there is', () => {
    const draw = drawer(20_261_123);
    const list = (): string[] => Array.from({ length: draw(14) }, () => 'abcd'[draw(4)] ?? '');
    for (let round = 0; round < 3000; round++) {
      const [left, right] = [list(), list()];
      const pairs = align(left, right) ?? [];
      expect(pairs.flatMap(([l]) => (l === null ? [] : [l]))).toEqual(left.map((_, at) => at));
      expect(pairs.flatMap(([, r]) => (r === null ? [] : [r]))).toEqual(right.map((_, at) => at));
      const common = pairs.filter(([l, r]) => l !== null && r !== null);
      expect(common.every(([l, r]) => left[l ?? -1] === right[r ?? -1])).toBe(true);
      expect(common, `${left.join('')} and ${right.join('')}`).toHaveLength(longestCommon(left, right));
    }
  });

  it('puts replaced lines beside each other', () => {
    const { rows, aligned } = diffLines('a\nb\nc\nd', 'a\nB\nd\ne');
    expect(aligned).toBe(true);
    expect(rows).toEqual([
      { left: 'a', right: 'a', same: true },
      { left: 'b', right: 'B', same: false },
      { left: 'c', right: null, same: false },
      { left: 'd', right: 'd', same: true },
      { left: null, right: 'e', same: false },
    ]);
  });

  it('finds one change in a large text', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => String(at));
    const { rows } = diffLines(lines.join('\n'), lines.with(12_345, 'other').join('\n'));
    expect(rows.filter((row) => !row.same)).toEqual([{ left: '12345', right: 'other', same: false }]);
  });

  it('gives up on texts without anything in common instead of working for ever', () => {
    const lines = (letter: string): string =>
      Array.from({ length: 16_000 }, (_, at) => letter + String(at)).join('\n');
    const { rows, aligned } = diffLines(lines('a'), lines('b'));
    expect(aligned).toBe(false);
    expect(rows).toHaveLength(16_000);
  });
});
