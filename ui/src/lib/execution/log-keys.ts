/** The keys of the log. J and K work from anywhere on the page, the others where the list has the focus. */

interface LogKeys {
  active: number;
  last: number;
  perPage: number;
  moveTo: (number: number) => void;
  open: () => void;
  close: () => void;
  search: () => void;
}

const TYPED_INTO = 'input, select, textarea, dialog, [contenteditable], [role=tree]';

/** Whether the key was one of the log's. */
export function actOnLogKey(event: KeyboardEvent, list: HTMLElement | undefined, log: LogKeys): boolean {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (target.closest(TYPED_INTO) || document.querySelector('dialog[open]')) return false;
  const here = list?.contains(target) === true || target === document.body || target.id === 'page';
  if (!here && !'jk/'.includes(event.key)) return false;

  const from = Math.max(log.active, 0);
  const moves: Record<string, number> = {
    j: log.active + 1,
    ArrowDown: log.active + 1,
    k: log.active < 0 ? 0 : log.active - 1,
    ArrowUp: log.active < 0 ? 0 : log.active - 1,
    PageDown: from + log.perPage,
    PageUp: from - log.perPage,
    Home: 0,
    End: log.last,
  };
  const move = moves[event.key];
  if (event.key === '/') log.search();
  else if (event.key === 'Escape') log.close();
  else if (event.key === 'Enter' && log.active >= 0) log.open();
  else if (move !== undefined && log.last >= 0) log.moveTo(move);
  else return false;
  return true;
}
