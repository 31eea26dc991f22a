import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError, setBackend, type TimelineBucket } from '$lib/api';
import type { FakeWorkspace } from '$lib/api/fake';
import { addSampleConnectors } from '$lib/api/fake/connectors';
import { addSampleExecutions, record } from '$lib/api/fake/executions';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';
import { barOf, lineOf, longest, mostRuns } from './timeline-scale';

function bucket(over: Partial<TimelineBucket>): TimelineBucket {
  return { start: '2026-11-23T12:00:00Z', succeeded: 0, failed: 0, p50_ms: null, p95_ms: null, ...over };
}

async function openTimeline(count = 200) {
  const workspace = useWorkspace('empty');
  const id = addSampleConnectors(workspace, '');
  addSampleExecutions(workspace, id, count);
  const opened = await openApp(`/connectors/${id}/logs`, workspace);
  const plot = await screen.findByTestId('timeline-plot');
  plot.getBoundingClientRect = () => new DOMRect(0, 0, 1000, 70);
  return { ...opened, id, plot };
}

function said(): string {
  return screen.getByTestId('timeline-words').textContent.replaceAll(/\s+/g, ' ').trim();
}

function recordNow(workspace: FakeWorkspace): void {
  const connector_id = workspace.connectors[0]?.summary.id ?? '';
  const { id } = record(workspace, connector_id, 'succeeded');
  workspace.emit({ event: 'execution_recorded', connector_id, execution_id: id });
}

describe('the drawing of a timeline', () => {
  it('shows one failure among thousands, and never more than its height', () => {
    expect(barOf(bucket({ succeeded: 9999, failed: 1 }), 10_000, 60)).toEqual({ failed: 2, succeeded: 58 });
    expect(barOf(bucket({}), 1, 60)).toEqual({ failed: 0, succeeded: 0 });
    expect(mostRuns([])).toBe(1);
  });

  it('has an axis of durations that ends at a round figure', () => {
    const tops = [0, 1, 3, 96, 412, 10_080].map((p95_ms) => longest([bucket({ p95_ms })]));
    expect(tops).toEqual([1, 1, 5, 100, 500, 20_000]);
  });

  it('breaks its lines where nothing ran', () => {
    expect(lineOf([10, 20, null, 20, 20], 20, 10, 100)).toBe('M5.0 50.0L15.0 0.0M35.0 0.0L45.0 0.0');
    expect(lineOf([null, 20, null], 20, 10, 100)).toBe('M15.0 0.0m-3.3 0h6.7');
  });
});

describe('the timeline of a log', () => {
  it('is said in a sentence, and bucket by bucket', async () => {
    const { user, plot, container, workspace } = await openTimeline();
    const succeeded = workspace.executions.filter(({ success }) => success).length;
    expect(screen.getByTestId('timeline-summary')).toHaveTextContent(
      `: ${String(succeeded)} succeeded, ${String(200 - succeeded)} failed.`,
    );
    plot.focus();
    await user.keyboard('{Home}');
    expect(plot).toHaveAttribute('aria-valuenow', '0');
    expect(plot.getAttribute('aria-valuetext')).toMatch(/ to .*succeeded, \d+ failed.*, median .* within /);
    await expectAccessible(container);
  });

  it('looks closer at what is dragged over, and goes back out', async () => {
    const { user, plot, id } = await openTimeline();
    const total = 200;
    fireEvent.pointerDown(plot, { button: 0, clientX: 200 });
    fireEvent.pointerMove(plot, { clientX: 500 });
    fireEvent.pointerUp(plot, { clientX: 500 });
    await screen.findByTestId('chip-range');
    expect(location.hash).toMatch(/\?since=.+&until=.+/);
    await waitFor(() => {
      const count = Number(screen.getByTestId('log-count').textContent);
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(total);
    });
    await user.click(await screen.findByTestId('timeline-zoom-out'));
    await waitFor(() => {
      expect(location.hash).toBe(`#/connectors/${id}/logs`);
    });
    expect(screen.queryByTestId('timeline-zoom-out')).toBeNull();
  });

  it('is used by keyboard alone', async () => {
    const { user, plot, id } = await openTimeline();
    plot.focus();
    await user.keyboard('{Home}{ArrowRight}{Shift>}{ArrowRight}{ArrowRight}{/Shift}');
    expect(said()).toMatch(/succeeded, \d+ failed$/);
    await user.keyboard('{Escape}');
    expect(said()).toBe('Drag over the bars to look closer.');
    await user.keyboard('{Home}{Shift>}{ArrowRight}{/Shift}{Enter}');
    await screen.findByTestId('chip-range');
    (await screen.findByTestId('timeline-plot')).focus();
    await user.keyboard('{Escape}');
    await waitFor(() => {
      expect(location.hash).toBe(`#/connectors/${id}/logs`);
    });
  });

  it('does not look closer for a click', async () => {
    const { plot, id } = await openTimeline();
    fireEvent.pointerDown(plot, { button: 0, clientX: 300 });
    fireEvent.pointerUp(plot, { clientX: 300 });
    expect(said()).toMatch(/succeeded|no runs/);
    expect(location.hash).toBe(`#/connectors/${id}/logs`);
  });

  it('grows with the log, asked again gently', async () => {
    const { workspace } = await openTimeline();
    const succeeded = workspace.executions.filter(({ success }) => success).length;
    const asked = vi.spyOn(backend, 'logTimeline');
    for (let run = 0; run < 50; run++) recordNow(workspace);
    await waitFor(() => {
      expect(screen.getByTestId('timeline-summary')).toHaveTextContent(
        `: ${String(succeeded + 50)} succeeded, `,
      );
    });
    expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('says when only the newest are drawn, when there is nothing, and when it failed', async () => {
    const { user, workspace } = await openTimeline();
    const { logTimeline } = backend;
    setBackend({
      ...backend,
      logTimeline: async (...input) => ({ ...(await logTimeline(...input)), newest_only: 100_000 }),
    });
    await user.type(screen.getByTestId('log-search'), 'answered');
    await waitFor(() => {
      expect(said()).toBe('Only the newest 100,000 of them are drawn.');
    });
    await user.type(screen.getByTestId('log-search'), ' nowhere');
    await waitFor(() => {
      expect(said()).toBe('No executions in this time.');
    });
    const refusal = { code: 'failed', message: 'It is busy.', next_step: 'Wait.', field: null } as const;
    setBackend({ ...backend, logTimeline: () => Promise.reject(new ProblemError(refusal)) });
    await user.click(screen.getByTestId('clear-filters'));
    expect(await screen.findByTestId('timeline-problem')).toHaveTextContent('It is busy.');
    setBackend({ ...backend, logTimeline });
    await user.click(screen.getByTestId('timeline-retry'));
    expect(await screen.findByTestId('timeline-drawing')).toBeVisible();
    expect(workspace.executions).toHaveLength(200);
  });
});
