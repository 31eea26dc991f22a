/** A response tree over a fake engine, as tests drive it. */
import { render, screen } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';

import { setBackend, type Backend, type TreeRow } from '../lib/api';
import { fakeBackend, FakeWorkspace } from '../lib/api/fake';
import ResponseTree from '../lib/response/ResponseTree.svelte';

/** Opens a body as a tree; `over` replaces single commands of the engine. */
export async function openTree(
  body: unknown,
  props: Record<string, unknown> = {},
  over: Partial<Backend> = {},
): Promise<{ user: UserEvent; container: HTMLElement; workspace: FakeWorkspace }> {
  const workspace = new FakeWorkspace();
  workspace.bodies.set('r', body);
  setBackend({ ...fakeBackend(workspace), ...over });
  const user = userEvent.setup();
  const { container } = render(ResponseTree, { responseId: 'r', ...props });
  await screen.findAllByTestId('tree-row');
  return { user, container, workspace };
}

/** Puts the keyboard on the tree and presses keys one after another, as the rows they need come in. */
export async function press(user: UserEvent, ...keys: string[]): Promise<void> {
  screen.getByTestId('tree-rows').focus();
  for (const key of keys) {
    await user.keyboard(key);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The row that the keyboard stands on, if it is drawn. */
export function activeElement(): HTMLElement | null {
  const id = screen.getByTestId('tree-rows').getAttribute('aria-activedescendant');
  return id === null ? null : document.getElementById(id);
}

/** Its pointer. */
export function active(): string | null {
  return activeElement()?.dataset.pointer ?? null;
}

/** A row of a list of numbers. */
export function numberRow(row: number): TreeRow {
  return {
    row,
    depth: 1,
    key: null,
    index: row,
    kind: 'number',
    expandable: false,
    expanded: false,
    preview: String(row),
    masked: false,
    folded: false,
    size: 0,
    badge: null,
    matched: false,
    pointer: `/${String(row)}`,
    location: { in: 'json', at: `/${String(row)}`, then: [] },
    opens: null,
    refusal: null,
    change: null,
  };
}
