import { describe, expect, it, vi } from 'vitest';

import { backend, setBackend, type ExecutionFilter, type LogOutline } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';
import { addSampleExecutions, record } from '$lib/api/fake/executions';

import { LogPages, MOST_PAGES, PAGE } from './log-pages.svelte';

function logOf(count: number, connectorId = 'c'): FakeWorkspace {
  const workspace = new FakeWorkspace();
  addSampleExecutions(workspace, connectorId, count);
  setBackend(fakeBackend(workspace));
  return workspace;
}

/** Every row by its number, as a reader would come by it. */
async function idsOf(pages: LogPages, numbers: number[]): Promise<(string | undefined)[]> {
  const ids = [];
  for (const number of numbers) ids.push((await pages.one(number))?.id);
  return ids;
}

async function started(filter: ExecutionFilter = {}): Promise<LogPages> {
  const pages = new LogPages(filter);
  await pages.start();
  return pages;
}

describe('the rows of a log', () => {
  it('are all within reach once the outline is there, with few pages kept', async () => {
    const workspace = logOf(12_345);
    const pages = await started();
    expect(pages.total).toBe(PAGE);
    await vi.waitFor(() => {
      expect(pages.exact).toBe(true);
    });
    expect(pages.total).toBe(12_345);
    pages.show(12_330, 12_345);
    await vi.waitFor(() => {
      expect(pages.row(12_344)?.id).toBe(workspace.executions[12_344]?.id);
    });
    for (let from = 0; from < 12_000; from += 200) {
      pages.show(from, from + 20);
      await vi.waitFor(() => {
        expect(pages.row(from)?.id).toBe(workspace.executions[from]?.id);
      });
    }
    expect(pages.kept).toBeLessThanOrEqual(MOST_PAGES);
  });

  it('load on one page after the other while there is no outline', async () => {
    const workspace = logOf(350);
    const never = new Promise<LogOutline>(() => undefined);
    setBackend({ ...backend, logOutline: () => never });
    const pages = await started();
    for (const total of [200, 300, 350]) {
      pages.show(pages.total - 20, pages.total);
      await vi.waitFor(() => {
        expect(pages.total).toBe(total);
      });
    }
    expect(pages.exact).toBe(true);
    expect(await idsOf(pages, [0, 199, 349])).toEqual(
      [0, 199, 349].map((number) => workspace.executions[number]?.id),
    );
  });

  it('keep their numbers when rows were recorded while they were counted', async () => {
    const workspace = logOf(1000);
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const { logOutline } = backend;
    setBackend({
      ...backend,
      logOutline: async (...input) => {
        await asked;
        return logOutline(...input);
      },
    });
    const pages = await started();
    const ids = workspace.executions.map(({ id }) => id);
    for (let more = 0; more < 130; more++) record(workspace, 'c', 'succeeded');
    answer();
    await vi.waitFor(() => {
      expect(pages.exact).toBe(true);
    });
    expect(pages.total).toBe(1000);
    const numbers = [0, 69, 70, 71, 170, 500, 999];
    expect(await idsOf(pages, numbers)).toEqual(numbers.map((number) => ids[number]));
  });

  it('have what is new before them, and pages of their own for it later', async () => {
    const workspace = logOf(300);
    const pages = await started();
    await vi.waitFor(() => {
      expect(pages.exact).toBe(true);
    });
    for (let batch = 0; batch < 6; batch++) {
      for (let one = 0; one < 90; one++) record(workspace, 'c', 'succeeded');
      const page = await backend.listExecutions({}, null, 90);
      pages.prepend(page.rows);
    }
    expect(pages.total).toBe(840);
    expect(pages.newest).toBe(840);
    const outline = vi.spyOn(backend, 'logOutline');
    await vi.waitFor(() => {
      expect(outline).toHaveBeenCalled();
      expect(pages.counting).toBe(false);
    });
    const numbers = [0, 100, 539, 540, 839];
    expect(await idsOf(pages, numbers)).toEqual(numbers.map((number) => workspace.executions[number]?.id));
    expect(pages.total).toBe(840);
  });

  it('end earlier, calmly, when the oldest were deleted meanwhile', async () => {
    const workspace = logOf(1000);
    const pages = await started();
    await vi.waitFor(() => {
      expect(pages.exact).toBe(true);
    });
    const first = workspace.executions[0]?.id;
    workspace.executions.splice(430);
    pages.show(880, 900);
    await vi.waitFor(() => {
      expect(pages.total).toBe(430);
    });
    expect(pages.problem).toBeNull();
    expect(pages.row(0)?.id ?? (await pages.one(0))?.id).toBe(first);
    pages.show(410, 430);
    await vi.waitFor(() => {
      expect(pages.row(429)?.id).toBe(workspace.executions[429]?.id);
    });
  });

  it('say why they can’t be had, and come when asked again', async () => {
    const workspace = logOf(1000);
    const pages = await started();
    await vi.waitFor(() => {
      expect(pages.exact).toBe(true);
    });
    const { listExecutions } = backend;
    setBackend({ ...backend, listExecutions: () => Promise.reject(new Error('The disk is gone')) });
    pages.show(500, 520);
    await vi.waitFor(() => {
      expect(pages.problem?.message).toBe('The disk is gone.');
    });
    setBackend({ ...backend, listExecutions });
    pages.retry();
    await vi.waitFor(() => {
      expect(pages.row(510)?.id).toBe(workspace.executions[510]?.id);
    });
    expect(pages.problem).toBeNull();
  });

  it('are not counted any more when nobody looks', async () => {
    logOf(300);
    const cancel = vi.spyOn(backend, 'cancel');
    const pages = await started();
    pages.close();
    expect(cancel).toHaveBeenCalledOnce();
  });
});
