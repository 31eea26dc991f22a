import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import Sparkline from './Sparkline.svelte';

const bucket = { succeeded: 0, failed: 0, p50_ms: null, p95_ms: null };
const buckets = [
  { ...bucket, start: '2026-05-04T12:00:00Z', succeeded: 1000 },
  { ...bucket, start: '2026-05-04T13:00:00Z' },
  { ...bucket, start: '2026-05-04T14:00:00Z', succeeded: 400, failed: 1 },
];

describe('the bars', () => {
  it('stand one beside the other, failures below, and one of thousands is still to be seen', () => {
    const { container } = render(Sparkline, { buckets });
    const bars = (of: string): string[] =>
      (container.querySelector(of)?.getAttribute('d') ?? '').split('z').filter(Boolean);
    expect(bars('.ok')).toEqual(['M0 26v-24.5h4v24.5', 'M10 24.5v-9.8h4v9.8']);
    expect(bars('.bad')).toEqual(['M10 26v-1.5h4v1.5']);
  });

  it('say under the pointer what they are', async () => {
    const { container } = render(Sparkline, { buckets });
    const frame = container.querySelector('div div') ?? container;
    frame.getBoundingClientRect = () => new DOMRect(0, 0, 300, 26);
    await fireEvent.pointerMove(frame, { clientX: 250 });
    expect(frame.getAttribute('title')).toMatch(/: 400 succeeded, 1 failed$/);
    expect(screen.getByRole('img')).toHaveAccessibleName(/^1,400 succeeded and 1 failed/);
  });

  it('are none where nothing ran', () => {
    const { container } = render(Sparkline, { buckets: [] });
    expect(container.querySelector('.ok')?.getAttribute('d')).toBe('');
    expect(screen.getByRole('img')).toHaveAccessibleName('No runs.');
  });
});
