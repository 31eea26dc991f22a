/** What the keys do while the rows of a response tree have the focus. */
import type { TreeRow } from '$lib/api';

import type { TreeState } from './tree.svelte';

/** What belongs to the page around the rows. */
export interface TreeActions {
  choose: (row: TreeRow) => void;
  /** In the form that was used last. */
  copyPath: (row: TreeRow) => void;
  goTo: () => void;
  search: () => void;
}

/** Whether the key was one of the tree's. */
export function actOnKey(
  event: KeyboardEvent,
  tree: TreeState,
  perPage: number,
  actions: TreeActions,
): boolean {
  if (event.altKey) return false;
  const { key } = event;
  if (key.length > 1) tree.endTyping();
  if (event.ctrlKey || event.metaKey) return withControl(event, tree, actions);
  if (MOVES.has(key)) {
    tree.inTurn(() => {
      moved(key, tree, perPage);
    });
    return true;
  }
  if (lookedFor(event, tree, actions)) return true;
  if (!ACTS.has(key) && key.length > 1) return false;
  tree.inTurnWithRow((row) => {
    acted(key, tree, row, actions);
  });
  return true;
}

const MOVES = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']);
const ACTS = new Set(['Enter', 'ArrowRight', 'ArrowLeft']);

function withControl(event: KeyboardEvent, tree: TreeState, actions: TreeActions): boolean {
  const key = event.key.toLowerCase();
  if (key === 'g') actions.goTo();
  else if (key === 'f') actions.search();
  else if (key === 'c' && event.shiftKey) tree.inTurnWithRow(actions.copyPath);
  // A text that is marked with the mouse is what was meant.
  else if (key === 'c' && String(getSelection() ?? '') === '')
    tree.inTurnWithRow((row) => void tree.copyValue(row));
  else return false;
  return true;
}

function moved(key: string, tree: TreeState, perPage: number): void {
  const moves: Record<string, number> = {
    ArrowUp: tree.active - 1,
    ArrowDown: tree.active + 1,
    PageUp: tree.active - perPage,
    PageDown: tree.active + perPage,
    Home: 0,
    End: tree.total - 1,
  };
  const target = moves[key];
  if (target !== undefined) tree.moveTo(target);
}

function lookedFor(event: KeyboardEvent, tree: TreeState, actions: TreeActions): boolean {
  if (event.key === '/') actions.search();
  else if (event.key === 'F3' && tree.search.matches) void tree.nextMatch(event.shiftKey);
  else if (event.key === 'Escape' && tree.search.running) void tree.search.cancel();
  else if (event.key === 'Escape' && tree.opened) tree.close();
  else return false;
  return true;
}

function acted(key: string, tree: TreeState, row: TreeRow, actions: TreeActions): void {
  if (key === 'Enter') actions.choose(row);
  else if (key === ' ') void tree.toggle(row);
  else if (key === 'ArrowRight' && row.expanded) tree.moveTo(row.row + 1);
  else if (key === 'ArrowRight') void tree.toggle(row, true);
  else if (key === 'ArrowLeft' && row.expanded) void tree.toggle(row, false);
  else if (key === 'ArrowLeft') void tree.toParent();
  else void tree.type(key);
}
