import { describe, expect, it, vi } from 'vitest';

import { setBackend, type Backend, type Problem, type TreeRows } from '$lib/api';

import { numberRow } from '../../test/tree';
import { MOST_PAGES, PAGE, RowPages } from './pages.svelte';

/** An engine of `total` rows whose answers are held until they are let go. */
function engine(total: number) {
  const asked: number[] = [];
  const held: (() => void)[] = [];
  const it = {
    total,
    asked,
    held,
    holding: false,
    failing: false,
    release: () => held.splice(0).forEach((go) => go()),
  };
  const responseRows = async (_: string, from: number, count: number): Promise<TreeRows> => {
    asked.push(from / PAGE);
    if (it.holding) await new Promise<void>((resolve) => held.push(resolve));
    if (it.failing) throw new Error('No rows');
    const length = Math.max(0, Math.min(count, it.total - from));
    return { total: it.total, from, rows: Array.from({ length }, (_, at) => numberRow(from + at)) };
  };
  setBackend({ responseRows } as unknown as Backend);
  return it;
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

async function opened(total: number) {
  const rows = engine(total);
  const problems: Problem[] = [];
  const pages = new RowPages('r', (problem) => problems.push(problem));
  await pages.renew();
  pages.show(0, 15);
  await settled();
  return { rows, pages, problems };
}

describe('the pages of a tree', () => {
  it('asks early for what comes next in the direction of scrolling', async () => {
    const { rows, pages } = await opened(100_000);
    expect(rows.asked).toEqual([0, 1, 2]);
    pages.show(50_000, 50_015);
    await settled();
    expect(rows.asked.slice(3)).toEqual([250, 251, 252]);
    pages.show(49_990, 50_005);
    await settled();
    expect(rows.asked.slice(6)).toEqual([249, 248, 247]);
  });

  it('keeps no more than so many pages, those that are nearest', async () => {
    const { pages } = await opened(1_000_000);
    for (let row = 0; row < 60_000; row += 150) {
      pages.show(row, row + 15);
      await settled();
      expect(pages.kept).toBeLessThanOrEqual(MOST_PAGES);
      expect(pages.row(row)?.row).toBe(row);
    }
    expect(pages.row(0)).toBeUndefined();
    pages.show(0, 15);
    await settled();
    expect(pages.row(0)?.row).toBe(0);
  });

  it('does not ask for what a dragged scroll bar has passed by', async () => {
    const { rows, pages } = await opened(1_000_000);
    rows.holding = true;
    rows.asked.length = 0;
    for (let row = 100_000; row < 900_000; row += 10_000) pages.show(row, row + 15);
    expect(rows.asked).toHaveLength(3);
    rows.holding = false;
    rows.release();
    await settled();
    expect(pages.row(890_000)?.row).toBe(890_000);
    expect(rows.asked.length).toBeLessThan(10);
  });

  it('replaces all rows at once, around the row that will be seen', async () => {
    const { rows, pages } = await opened(1000);
    rows.total = 500_000;
    rows.holding = true;
    const renewed = pages.renew(300_000);
    expect(pages.row(0)?.row).toBe(0);
    rows.holding = false;
    rows.release();
    await renewed;
    expect([pages.total, pages.row(0), pages.row(300_000)?.row]).toEqual([500_000, undefined, 300_000]);
  });

  it('has the last rows when there are fewer than before', async () => {
    const { rows, pages } = await opened(1000);
    pages.show(985, 1000);
    await settled();
    rows.total = 700;
    await pages.renew();
    expect([pages.total, pages.row(699)?.row]).toEqual([700, 699]);
  });

  it('takes the newest of two replacements, and both end with it', async () => {
    const { rows, pages } = await opened(1000);
    rows.holding = true;
    const first = pages.renew();
    rows.total = 2000;
    const late = rows.held.splice(0);
    const second = pages.renew();
    let ended = false;
    void first.then(() => {
      ended = true;
    });
    late.forEach((go) => {
      go();
    });
    await settled();
    expect([ended, pages.total]).toEqual([false, 1000]);
    rows.release();
    await Promise.all([first, second]);
    expect([pages.total, pages.swaps]).toEqual([2000, 2]);
  });

  it('replaces all rows when a page shows that the numbers mean other rows now', async () => {
    const { rows, pages } = await opened(100_000);
    rows.total = 100_003;
    pages.show(50_000, 50_015);
    await settled();
    expect([pages.total, pages.row(50_000)?.row]).toEqual([100_003, 50_000]);
  });

  it('says that a page could not be had, and tries it again when asked', async () => {
    const { rows, pages, problems } = await opened(100_000);
    rows.failing = true;
    pages.show(50_000, 50_015);
    await settled();
    expect(problems.map(({ message }) => message)).toEqual(['No rows.']);
    rows.failing = false;
    pages.retry();
    await settled();
    expect(pages.row(50_000)?.row).toBe(50_000);
  });
});

describe('a row outside of the pages', () => {
  it('is asked for alone', async () => {
    const { rows, pages } = await opened(100_000);
    const rowsAsked = vi.fn();
    rows.asked.push = rowsAsked;
    expect((await pages.one(5))?.row).toBe(5);
    expect(rowsAsked).not.toHaveBeenCalled();
    expect((await pages.one(70_000))?.row).toBe(70_000);
  });
});
