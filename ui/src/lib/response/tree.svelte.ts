/**
 * What is known of one response tree: the rows seen so far in pages, where the keyboard stands, what is
 * searched. Whatever changes the rows waits its turn, and its rows are swapped in at once, so that a row
 * number always means the row that is seen.
 */
import { backend, problemOf, type Problem, type TokenLocation, type TreeRow } from '$lib/api';
import { REVEAL_MILLISECONDS } from '$lib/shared/reveal.svelte';

const PAGE = 200;
const TYPING_MILLISECONDS = 700;

/** A value opened below the tree: a masked one for a moment (T8), a long one until it is closed. */
export interface OpenedValue {
  row: TreeRow;
  text: string;
}

export class TreeState {
  total = $state(0);
  active = $state(0);
  /** Goes up with every move of the keyboard or a search, so that the view follows. */
  moves = $state(0);
  loading = $state(true);
  problem = $state<Problem | null>(null);
  query = $state('');
  matches = $state<number | null>(null);
  note = $state('');
  opened = $state<OpenedValue | null>(null);

  private pages = $state.raw<Record<number, TreeRow[]>>({});
  private asked: Record<number, boolean> = {};
  private epoch = 0;
  private visible = { from: 0, to: 0 };
  private turn: Promise<void> = Promise.resolve();
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private typed = { text: '', at: 0 };

  constructor(readonly responseId: string) {}

  /** Loads the first rows, and opens the way to a location if one is given. */
  start(location: TokenLocation | null = null): Promise<void> {
    return this.change(async () => {
      const row = location ? await backend.responseReveal(this.responseId, location) : null;
      if (row !== null) this.visible = { from: row, to: row + 1 };
      await this.renew();
      this.loading = false;
      if (row !== null) this.moveTo(row);
    });
  }

  /** A row, if it has come already. */
  row(number: number): TreeRow | undefined {
    return this.pages[Math.floor(number / PAGE)]?.[number % PAGE];
  }

  get activeRow(): TreeRow | undefined {
    return this.row(this.active);
  }

  /** Says which rows are seen; what is missing of them is asked for. */
  show(from: number, to: number): void {
    this.visible = { from, to };
    for (const page of pagesOf(from, to)) {
      if (this.asked[page]) continue;
      this.asked[page] = true;
      void this.load(page);
    }
  }

  moveTo(row: number): void {
    this.active = Math.max(0, Math.min(row, this.total - 1));
    this.moves += 1;
  }

  toggle(row: TreeRow, expanded = !row.expanded): Promise<void> {
    if (!row.expandable || row.expanded === expanded) return Promise.resolve();
    return this.change(async () => {
      await backend.responseExpand(this.responseId, row.row, expanded);
      await this.renew();
    });
  }

  expandAll(expanded: boolean): Promise<void> {
    return this.change(async () => {
      const pointer = this.activeRow?.pointer;
      await backend.responseExpandAll(this.responseId, expanded);
      const row = expanded && pointer ? await backend.responseRevealPointer(this.responseId, pointer) : 0;
      await this.renew();
      this.moveTo(row ?? 0);
    });
  }

  toParent(): Promise<void> {
    return this.change(async () => {
      const parent = await backend.responseParent(this.responseId, this.active);
      if (parent !== null) this.moveTo(parent);
    });
  }

  /** Type-ahead: letters that follow each other quickly are one beginning of a key. */
  type(character: string): Promise<void> {
    const now = Date.now();
    const goesOn = now - this.typed.at < TYPING_MILLISECONDS;
    this.typed = { text: goesOn ? this.typed.text + character : character, at: now };
    const after = goesOn && this.active > 0 ? this.active - 1 : this.active;
    return this.change(async () => {
      const row = await backend.responseFindKey(this.responseId, after, this.typed.text);
      if (row !== null) this.moveTo(row);
    });
  }

  search(query: string): Promise<void> {
    this.query = query;
    return this.change(async () => {
      const report = await backend.responseSearch(
        this.responseId,
        { text: query, regex: false, case_sensitive: false },
        '',
        () => undefined,
      );
      this.matches = query === '' ? null : report.matches;
      await this.renew();
      if (report.first_row !== null) this.moveTo(report.first_row);
    });
  }

  nextMatch(backwards: boolean): Promise<void> {
    return this.change(async () => {
      const row = await backend.responseNextMatch(this.responseId, this.active, backwards);
      await this.renew();
      if (row !== null) this.moveTo(row);
    });
  }

  copyValue(row: TreeRow): Promise<void> {
    return this.change(async () => {
      const characters = await backend.responseCopyValue(this.responseId, row.row);
      this.note = `Copied ${characters.toLocaleString('en')} characters`;
    });
  }

  copyPath(row: TreeRow): Promise<void> {
    return this.change(async () => {
      this.note = `Copied ${await backend.responseCopyPath(this.responseId, row.row, 'pointer')}`;
    });
  }

  /** Shows one value in full; a masked one leaves after 30 s at the latest (T8). */
  open(row: TreeRow): Promise<void> {
    return this.change(async () => {
      const text = await backend.responseValue(this.responseId, row.row);
      this.close();
      this.opened = { row, text };
      if (row.masked) this.hiding = setTimeout(() => this.close(), REVEAL_MILLISECONDS);
    });
  }

  close(): void {
    clearTimeout(this.hiding);
    this.opened = null;
  }

  /** A revealed secret goes with the focus; a long text may stay. */
  leave(): void {
    if (this.opened?.row.masked) this.close();
  }

  private change(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(async () => {
      try {
        await work();
        this.problem = null;
      } catch (error) {
        this.problem = problemOf(error);
        this.loading = false;
      }
    });
    return this.turn;
  }

  private async renew(): Promise<void> {
    const epoch = ++this.epoch;
    const fresh: Record<number, TreeRow[]> = {};
    const asked: Record<number, boolean> = {};
    let total = 0;
    for (const page of pagesOf(this.visible.from, this.visible.to)) {
      const found = await this.fetch(page);
      total = found.total;
      fresh[page] = found.rows;
      asked[page] = true;
    }
    if (epoch !== this.epoch) return;
    this.asked = asked;
    this.pages = fresh;
    this.total = total;
    this.active = Math.max(0, Math.min(this.active, total - 1));
    // What is seen may have moved on while the rows came.
    this.show(this.visible.from, this.visible.to);
  }

  private async load(page: number): Promise<void> {
    const epoch = this.epoch;
    try {
      const { rows } = await this.fetch(page);
      if (epoch === this.epoch) this.pages = { ...this.pages, [page]: rows };
    } catch (error) {
      this.asked[page] = false;
      this.problem = problemOf(error);
    }
  }

  /** A page may come in parts when its texts are long. */
  private async fetch(page: number): Promise<{ total: number; rows: TreeRow[] }> {
    const rows: TreeRow[] = [];
    for (;;) {
      const part = await backend.responseRows(this.responseId, page * PAGE + rows.length, PAGE - rows.length);
      rows.push(...part.rows);
      const wanted = Math.min(PAGE, part.total - page * PAGE);
      if (rows.length >= wanted || part.rows.length === 0) return { total: part.total, rows };
    }
  }
}

function pagesOf(from: number, to: number): number[] {
  const first = Math.floor(from / PAGE);
  const last = Math.floor(Math.max(from, to - 1) / PAGE);
  return Array.from({ length: last - first + 1 }, (_, position) => first + position);
}
