import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Gently } from './gently';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('many reasons to ask', () => {
  it('are one question at once and one after the time', async () => {
    const ask = vi.fn(() => Promise.resolve());
    const gently = new Gently(2000, ask);
    for (let event = 0; event < 100; event++) {
      gently.want();
      await vi.advanceTimersByTimeAsync(50);
    }
    // 5 s of events: at 0, 2 and 4 s.
    expect(ask).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask, 'the last reason is not lost, and nothing is asked without one').toHaveBeenCalledTimes(4);
  });

  it('never ask twice at once, however long an answer takes', async () => {
    const answers: (() => void)[] = [];
    const ask = vi.fn(() => new Promise<void>((resolve) => answers.push(resolve)));
    const gently = new Gently(100, ask);
    gently.want();
    await vi.advanceTimersByTimeAsync(1000);
    gently.want();
    gently.want();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ask).toHaveBeenCalledTimes(1);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('are dropped when nobody looks any more', async () => {
    const ask = vi.fn(() => Promise.resolve());
    const gently = new Gently(2000, ask);
    gently.want();
    gently.want();
    gently.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
