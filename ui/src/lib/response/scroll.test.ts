import { describe, expect, it } from 'vitest';

import { ROW_HEIGHT, RowScroll } from './scroll';

const MILLION = 1_000_000;
const VIEWPORT = 360;

describe('rows in a scroll area', () => {
  it('lays few rows out as they are', () => {
    const scroll = new RowScroll(1000, VIEWPORT);
    expect([scroll.mapped, scroll.spacer, scroll.toContent(480)]).toEqual([false, 24_000, 480]);
  });

  it('reaches the first and the last of a million rows', () => {
    const scroll = new RowScroll(MILLION, VIEWPORT);
    expect(scroll.spacer).toBeLessThan(16_000_000);
    expect(scroll.visible(scroll.toContent(0)).from).toBe(0);
    const end = scroll.spacer - VIEWPORT;
    expect(scroll.visible(scroll.toContent(end)).to).toBe(MILLION);
  });

  it('finds every row again from where it put the scroll bar', () => {
    const scroll = new RowScroll(MILLION, VIEWPORT);
    for (const row of [0, 1, 499_999, 999_984]) {
      const top = scroll.toContent(scroll.toScroll(row * ROW_HEIGHT));
      expect(Math.round(top / ROW_HEIGHT)).toBe(row);
    }
  });

  it('moves as little as it must to show a row', () => {
    const scroll = new RowScroll(1000, VIEWPORT);
    expect(scroll.reveal(5, 0)).toBe(0);
    expect(scroll.reveal(15, 0)).toBe(ROW_HEIGHT);
    expect(scroll.reveal(2, 240)).toBe(2 * ROW_HEIGHT);
  });
});
