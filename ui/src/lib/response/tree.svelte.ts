/**
 * What is known of one response tree: its rows, where the keyboard stands, what is searched. Whatever changes the rows
 * waits its turn, and its rows are swapped in at once, so that a row number always means the row that is seen.
 */
import { backend, problemOf, type PathForm, type Problem, type TokenLocation, type TreeRow } from '$lib/api';
import { REVEAL_MILLISECONDS } from '$lib/shared/reveal.svelte';

import { RowPages } from './pages.svelte';
import { TreeSearch } from './search.svelte';
import { isContainer, isList } from './words';

const TYPING_MILLISECONDS = 700;
/** The keyboard rests for so long before it is asked in which list it stands. */
const RESTING_MILLISECONDS = 120;
/** Of a longer text so much is said of its beginning and of its end. */
const SAID_CHARACTERS = 150;
/** More keys than these are not waited for: somebody leans on the keyboard. */
const MOST_WAITING = 100;
/** A list further up is not looked for. */
const MOST_PARENTS = 16;

/** A value opened below the tree: a masked one for a moment (T8), a long one until it is closed. */
export interface OpenedValue {
  row: TreeRow;
  text: string;
}

/** The list at or around a row: an array, lines, elements; else the nearest object. */
export interface Surrounding {
  /** `null` when it is too far up to be looked for; the engine finds it. */
  row: TreeRow | null;
  /** How many it holds, if that is known. */
  size: number | null;
}

/** What is said below the rows: something that was done, or why something was not. */
export interface Saying {
  text: string;
  refused: boolean;
}

export class TreeState {
  active = $state(0);
  /** Goes up with every move of the keyboard or a search, so that the view follows. */
  moves = $state(0);
  loading = $state(true);
  problem = $state.raw<Problem | null>(null);
  saying = $state.raw<Saying | null>(null);
  opened = $state<OpenedValue | null>(null);
  /** Where the active row stands, for going to a number. */
  list = $state.raw<Surrounding | null>(null);

  readonly pages: RowPages;
  readonly search: TreeSearch;
  private location: TokenLocation | null = null;
  private turn: Promise<void> = Promise.resolve();
  /** How many changes are under way or wait for their turn. */
  private pending = 0;
  private keys: Promise<void> = Promise.resolve();
  /** How many keys wait for theirs. */
  private waiting = 0;
  private hiding: ReturnType<typeof setTimeout> | undefined;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private typed = { text: '', at: 0 };
  private movesAtSearch = 0;

  constructor(readonly responseId: string) {
    this.pages = new RowPages(responseId, (problem) => {
      this.problem = problem;
    });
    this.search = new TreeSearch(
      responseId,
      () => void this.goToFirstMatch(),
      () => void this.change(() => this.renew()),
    );
  }

  get total(): number {
    return this.pages.total;
  }

  get activeRow(): TreeRow | undefined {
    return this.pages.row(this.active);
  }

  /** Loads the first rows, and opens the way to a location if one is given and can be found. */
  start(location: TokenLocation | null): Promise<void> {
    this.location = location;
    this.loading = true;
    return this.change(async () => {
      const row = location && (await this.rowOf(location));
      await this.renew(row ?? undefined);
      this.loading = false;
      if (row !== null) this.moveTo(row);
    });
  }

  /** Tries again what had failed. */
  retry(): void {
    this.problem = null;
    if (this.loading || this.total === 0) void this.start(this.location);
    else this.pages.retry();
  }

  /** Goes to a location, or to a JSON pointer of the document. */
  reveal(place: TokenLocation | string): Promise<void> {
    return this.change(async () => {
      const row =
        typeof place === 'string'
          ? await backend.responseRevealPointer(this.responseId, place)
          : await this.rowOf(place);
      if (row === null) {
        this.saying = { text: 'It is not in this response.', refused: true };
        return;
      }
      await this.renew(row);
      this.moveTo(row);
    });
  }

  /** Leaves nothing behind: no secret, no search, no timer. */
  end(): void {
    this.close();
    clearTimeout(this.resting);
    void this.search.cancel();
  }

  moveTo(row: number): void {
    this.active = Math.max(0, Math.min(row, this.total - 1));
    this.moves += 1;
    this.saying = null;
    this.rest();
  }

  /** Keys count in the order in which they are pressed, also while rows are still being opened or brought. */
  inTurn(act: () => void): void {
    if (this.pending === 0 && this.waiting === 0) act();
    else this.wait(() => Promise.resolve(act()));
  }

  /** The same for what needs the active row. */
  inTurnWithRow(act: (row: TreeRow) => void): void {
    const row = this.activeRow;
    if (this.pending === 0 && this.waiting === 0 && row) act(row);
    else this.wait(() => this.withRow(act));
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
      const before = this.activeRow;
      const { note } = await backend.responseExpandAll(this.responseId, expanded);
      const row = expanded && before ? await this.again(before) : 0;
      await this.renew(row ?? 0);
      this.moveTo(row ?? 0);
      this.say(note ?? '');
    });
  }

  toParent(): Promise<void> {
    return this.change(async () => {
      const parent = await backend.responseParent(this.responseId, this.active);
      if (parent !== null) this.moveTo(parent);
    });
  }

  /** Goes to an element of the list at or around the active row; `refused` gets why it can't. */
  goTo(index: number, refused: (problem: Problem) => void): Promise<void> {
    return this.change(async () => {
      const row = await backend.responseGoTo(this.responseId, this.active, index);
      await this.renew(row);
      this.moveTo(row);
    }, refused);
  }

  /** Looks for the list at or around the active row. */
  findList(): Promise<void> {
    clearTimeout(this.resting);
    return this.change(
      async () => {
        this.list = await this.listAround(this.activeRow);
      },
      () => {
        // It is only an offer: whoever goes on is told what is wrong.
        this.list = null;
      },
    );
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

  /** What is typed next is the beginning of another key. */
  endTyping(): void {
    this.typed = { text: '', at: 0 };
  }

  find(): Promise<void> {
    this.movesAtSearch = this.moves;
    return this.search.start();
  }

  nextMatch(backwards: boolean): Promise<void> {
    return this.change(async () => {
      const row = await backend.responseNextMatch(this.responseId, this.active, backwards);
      await this.renew(row ?? undefined);
      if (row !== null) this.moveTo(row);
    });
  }

  copyValue(row: TreeRow): Promise<void> {
    return this.change(async () => {
      const characters = await backend.responseCopyValue(this.responseId, row.row);
      this.say(`Copied ${characters.toLocaleString('en')} ${characters === 1 ? 'character' : 'characters'}`);
    });
  }

  copyPath(row: TreeRow, form: PathForm): Promise<void> {
    return this.change(async () => {
      this.say(`Copied ${await backend.responseCopyPath(this.responseId, row.row, form)}`);
    });
  }

  say(text: string): void {
    this.saying = text === '' ? null : { text: shortened(text), refused: false };
  }

  /** Says why a row can't be chosen. */
  refuse(row: TreeRow): void {
    const text = row.refusal ?? 'Only a non-empty text or a number can be a token. Choose a value.';
    this.saying = { text, refused: true };
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

  private async listAround(row: TreeRow | undefined): Promise<Surrounding | null> {
    let nearest: Surrounding | null = null;
    for (let step = 0; row && step < MOST_PARENTS; step++) {
      const inside = row.opens !== null && row.expanded ? await this.pages.one(row.row + 1) : undefined;
      // What a single value holds is not counted before it is looked into.
      if (inside && (inside.index !== null || row.opens === 'lines')) return { row, size: null };
      if (isList(row)) return { row, size: row.size };
      if (inside) nearest ??= { row, size: null };
      else if (isContainer(row)) nearest ??= { row, size: row.size };
      const parent = await backend.responseParent(this.responseId, row.row);
      if (parent === null) return nearest;
      row = await this.pages.one(parent);
    }
    return { row: null, size: null };
  }

  /** Whoever has moved on since the search began stays where they are. */
  private goToFirstMatch(): Promise<void> {
    const stays = this.moves !== this.movesAtSearch;
    return this.change(async () => {
      const row = stays ? null : await backend.responseNextMatch(this.responseId, null, false);
      await this.renew(row ?? undefined);
      if (row !== null) this.moveTo(row);
    });
  }

  /** A location that was typed may lead nowhere: then the tree just opens. */
  private async rowOf(location: TokenLocation): Promise<number | null> {
    try {
      return await backend.responseReveal(this.responseId, location);
    } catch (error) {
      if (problemOf(error).code === 'response_gone') throw error;
      return null;
    }
  }

  /** Where a row stands after others were opened. */
  private async again({ location, pointer }: TreeRow): Promise<number | null> {
    if (location) return this.rowOf(location);
    return pointer === '' ? null : backend.responseRevealPointer(this.responseId, pointer);
  }

  private async renew(around?: number): Promise<void> {
    await this.pages.renew(around);
    this.active = Math.max(0, Math.min(this.active, this.total - 1));
    this.rest();
  }

  private wait(act: () => Promise<void>): void {
    if (this.waiting === MOST_WAITING) return;
    this.waiting += 1;
    this.keys = this.keys.then(async () => {
      await this.turn;
      await act();
      // What the key began is over before the next one counts.
      await this.turn;
      this.waiting -= 1;
    });
  }

  private async withRow(act: (row: TreeRow) => void): Promise<void> {
    if (!this.activeRow && this.total > 0) await this.change(() => this.renew(this.active));
    if (this.activeRow) act(this.activeRow);
  }

  private rest(): void {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.findList(), RESTING_MILLISECONDS);
  }

  private change(work: () => Promise<void>, refused?: (problem: Problem) => void): Promise<void> {
    this.pending += 1;
    this.turn = this.turn.then(async () => {
      try {
        await work();
        if (!refused) this.problem = null;
      } catch (error) {
        const problem = problemOf(error);
        if (refused) refused(problem);
        else this.problem = problem;
        this.loading = false;
      } finally {
        this.pending -= 1;
      }
    });
    return this.turn;
  }
}

/** The path of a row can be as long as the response; its beginning and its end tell it. */
function shortened(text: string): string {
  return text.length <= 2 * SAID_CHARACTERS
    ? text
    : `${text.slice(0, SAID_CHARACTERS)}…${text.slice(-SAID_CHARACTERS)}`;
}
