import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ProblemError, setBackend } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';
import { addCustomer } from '$lib/api/fake/sample-customers';

import { CustomerPages, MOST_PAGES, PAGE } from './customer-pages.svelte';

let workspace: FakeWorkspace;
let asked: number[];

function use(count: number): void {
  workspace = new FakeWorkspace();
  for (let number = 0; number < count; number++)
    addCustomer(workspace, `c-${String(number).padStart(6, '0')}`);
  const backend = fakeBackend(workspace);
  asked = [];
  setBackend({
    ...backend,
    listCustomers: (filter, after, limit) => {
      asked.push(limit);
      return backend.listCustomers(filter, after, limit);
    },
  });
}

const failed = new ProblemError({ code: 'failed', message: 'No.', next_step: '', field: null });

beforeEach(() => {
  use(0);
});

describe('the pages of customers', () => {
  it('are asked for as they are seen, and no more', async () => {
    use(1000);
    const pages = new CustomerPages('');
    await pages.start();
    pages.show(0, 20);
    await Promise.resolve();
    expect(asked, 'a first look takes one page').toEqual([PAGE]);
    expect([pages.count, pages.complete, pages.total]).toEqual([100, false, 1000]);
    pages.show(70, 90);
    await vi.waitFor(() => {
      expect(pages.count).toBe(200);
    });
    expect(pages.row(150)?.user_id).toBe('c-000150');
  });

  it('end where the customers end', async () => {
    use(150);
    const pages = new CustomerPages('c-');
    await pages.start();
    pages.show(90, 110);
    await vi.waitFor(() => {
      expect(pages.complete).toBe(true);
    });
    expect(pages.count).toBe(150);
    expect(pages.row(150)).toBeUndefined();
    pages.show(130, 150);
    expect(asked).toHaveLength(2);
  });

  it('far away are dropped and come again', async () => {
    use((MOST_PAGES + 6) * PAGE);
    const pages = new CustomerPages('');
    await pages.start();
    for (let page = 1; page < MOST_PAGES + 6; page++) {
      pages.show(page * PAGE - 20, page * PAGE + 10);
      await vi.waitFor(() => {
        expect(pages.row(page * PAGE)).toBeDefined();
      });
    }
    expect(pages.kept).toBe(MOST_PAGES);
    expect(pages.row(5)).toBeUndefined();
    pages.show(0, 20);
    await vi.waitFor(() => {
      expect(pages.row(5)?.user_id).toBe('c-000005');
    });
    expect(pages.kept).toBe(MOST_PAGES);
  });

  it('that could not be had are asked for once, and again when told to', async () => {
    use(300);
    const pages = new CustomerPages('');
    await pages.start();
    workspace.refusing.listCustomers = failed;
    pages.show(80, 100);
    await vi.waitFor(() => {
      expect(pages.problem?.message).toBe('No.');
    });
    const before = asked.length;
    pages.show(81, 101);
    expect(asked).toHaveLength(before);
    workspace.refusing = {};
    pages.retry();
    await vi.waitFor(() => {
      expect(pages.count).toBe(200);
    });
    expect(pages.problem).toBeNull();
  });
});
