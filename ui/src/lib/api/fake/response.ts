/** Response trees in memory: the same rows as the engine's, made from a JSON value that is flattened when asked. */
import type { SearchReport, TreeRow, ValueKind } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

const PREVIEW_CHARACTERS = 120;
const MOST_ROWS = 500;
const SECRET_NAME = /token|secret|password|api_?key|authorization/i;
const SECRET_VALUE = /^(eyJ[\w-]+\.|sk_|ghp_)/;

interface Place {
  value: unknown;
  key: string | null;
  index: number | null;
  depth: number;
  pointer: string;
}

class FakeTree {
  private opened = new Set<string>();
  private flat: Place[] | null = null;
  private query = '';

  constructor(private readonly root: unknown) {
    this.opened.add('');
    for (const child of children({ value: root, key: null, index: null, depth: 0, pointer: '' })) {
      if (children(child).length <= 20) this.opened.add(child.pointer);
    }
  }

  get places(): Place[] {
    this.flat ??= [...this.walk({ value: this.root, key: null, index: null, depth: 0, pointer: '' }, false)];
    return this.flat;
  }

  place(row: number): Place {
    return (
      this.places[row] ??
      refuse('not_found', 'There is no such row.', 'Close the response and open it again.')
    );
  }

  rows(from: number, count: number): TreeRow[] {
    return this.places
      .slice(from, from + Math.min(count, MOST_ROWS))
      .map((place, offset) => this.draw(place, from + offset));
  }

  expand(pointer: string, expanded: boolean): number {
    if (expanded) this.opened.add(pointer);
    else this.opened.delete(pointer);
    this.flat = null;
    return this.places.length;
  }

  expandAll(expanded: boolean): number {
    this.opened = new Set(['']);
    if (expanded)
      for (const place of this.everything()) if (children(place).length > 0) this.opened.add(place.pointer);
    this.flat = null;
    return this.places.length;
  }

  parent(row: number): number | null {
    const { pointer, depth } = this.place(row);
    if (depth === 0) return null;
    return this.rowOf(pointer.slice(0, pointer.lastIndexOf('/')));
  }

  findKey(after: number, prefix: string): number | null {
    const begins = (place: Place): boolean =>
      place.key?.toLowerCase().startsWith(prefix.toLowerCase()) ?? false;
    const next = this.places.findIndex((place, row) => row > after && begins(place));
    const found = next >= 0 ? next : this.places.findIndex(begins);
    return found >= 0 ? found : null;
  }

  search(query: string): SearchReport {
    this.query = query.toLowerCase();
    return { matches: this.matching().length, first_row: this.nextMatch(null, false), capped: false };
  }

  nextMatch(fromRow: number | null, backwards: boolean): number | null {
    const order = [...this.everything()].map((place) => place.pointer);
    const matches = this.matching().map((place) => order.indexOf(place.pointer));
    const from =
      fromRow === null ? (backwards ? order.length : -1) : order.indexOf(this.place(fromRow).pointer);
    const next = backwards
      ? (matches.findLast((at) => at < from) ?? matches.at(-1))
      : (matches.find((at) => at > from) ?? matches[0]);
    return next === undefined ? null : this.reveal(order[next] ?? '');
  }

  reveal(pointer: string): number | null {
    for (let end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
      this.opened.add(pointer.slice(0, end));
      if (end === 0) break;
    }
    this.flat = null;
    return this.rowOf(pointer);
  }

  text(row: number): string {
    const { value } = this.place(row);
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  private rowOf(pointer: string): number | null {
    const row = this.places.findIndex((place) => place.pointer === pointer);
    return row >= 0 ? row : null;
  }

  private *everything(): Generator<Place> {
    yield* this.walk({ value: this.root, key: null, index: null, depth: 0, pointer: '' }, true);
  }

  private *walk(place: Place, all: boolean): Generator<Place> {
    yield place;
    if (all || this.opened.has(place.pointer))
      for (const child of children(place)) yield* this.walk(child, all);
  }

  private matching(): Place[] {
    return this.query === '' ? [] : [...this.everything()].filter((place) => this.matches(place));
  }

  private matches(place: Place): boolean {
    if (this.query === '') return false;
    const shown = isContainer(place.value) || isMasked(place) ? '' : String(place.value);
    return [place.key ?? '', shown].some((text) => text.toLowerCase().includes(this.query));
  }

  private draw(place: Place, row: number): TreeRow {
    const { value, key, index, depth, pointer } = place;
    const container = isContainer(value);
    const masked = isMasked(place);
    const text = container ? '' : String(value);
    const shown = masked
      ? `${text.length > 20 ? text.slice(0, 6) : ''}••••••••`
      : text.slice(0, PREVIEW_CHARACTERS);
    const folded = !masked && text.length > PREVIEW_CHARACTERS;
    return {
      row,
      depth,
      key,
      index,
      kind: kindOf(value),
      expandable: children(place).length > 0,
      expanded: this.opened.has(pointer),
      preview: folded ? `${shown}…` : shown,
      masked,
      folded,
      size: container ? children(place).length : typeof value === 'string' ? value.length : 0,
      badge: badgeOf(value),
      pointer,
      matched: this.matches(place),
      location:
        typeof value === 'number' || (typeof value === 'string' && value !== '')
          ? { in: 'json', at: pointer, then: [] }
          : null,
      opens: null,
      refusal: null,
      change: null,
    };
  }
}

type Commands =
  | 'responseRows'
  | 'responseExpand'
  | 'responseExpandAll'
  | 'responseParent'
  | 'responseFindKey'
  | 'responseSearch'
  | 'responseNextMatch'
  | 'responseReveal'
  | 'responseRevealPointer'
  | 'responseGoTo'
  | 'responseValue'
  | 'responseCopyValue'
  | 'responseCopyPath';

export function fakeResponses(workspace: FakeWorkspace): Part<Commands> {
  const trees = new Map<string, FakeTree>();
  const ask = async <T>(id: string, question: (tree: FakeTree) => T): Promise<T> => {
    await workspace.answer(null);
    if (!workspace.bodies.has(id)) {
      refuse(
        'response_gone',
        'This response is no longer in memory.',
        'Run the request once more to see it.',
      );
    }
    const tree = trees.get(id) ?? new FakeTree(workspace.bodies.get(id));
    trees.set(id, tree);
    return question(tree);
  };
  return {
    responseRows: (id, from, count) =>
      ask(id, (tree) => ({ total: tree.places.length, from, rows: tree.rows(from, count) })),
    responseExpand: (id, row, expanded) => ask(id, (tree) => tree.expand(tree.place(row).pointer, expanded)),
    responseExpandAll: (id, expanded) => ask(id, (tree) => ({ total: tree.expandAll(expanded), note: null })),
    responseParent: (id, row) => ask(id, (tree) => tree.parent(row)),
    responseFindKey: (id, afterRow, prefix) => ask(id, (tree) => tree.findKey(afterRow, prefix)),
    responseSearch: (id, query) => ask(id, (tree) => tree.search(query.text)),
    responseNextMatch: (id, fromRow, backwards) => ask(id, (tree) => tree.nextMatch(fromRow, backwards)),
    responseReveal: (id, location) => ask(id, (tree) => tree.reveal(location.at ?? '')),
    responseRevealPointer: (id, pointer) => ask(id, (tree) => tree.reveal(pointer)),
    responseGoTo: (id, row, index) =>
      ask(id, (tree) => tree.reveal(`${tree.place(row).pointer}/${String(index)}`) ?? 0),
    responseValue: (id, row) => ask(id, (tree) => tree.text(row)),
    responseCopyValue: (id, row) => ask(id, (tree) => tree.text(row).length),
    responseCopyPath: (id, row) => ask(id, (tree) => tree.place(row).pointer),
  };
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function children(place: Place): Place[] {
  const { value, depth, pointer } = place;
  if (!isContainer(value)) return [];
  const child = (member: unknown, key: string | null, index: number | null): Place => ({
    value: member,
    key,
    index,
    depth: depth + 1,
    pointer: `${pointer}/${key === null ? String(index) : key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  });
  if (Array.isArray(value)) return value.map((member, index) => child(member, null, index));
  return Object.entries(value).map(([key, member]) => child(member, key, null));
}

function isMasked({ value, key }: Place): boolean {
  if (typeof value !== 'string') return false;
  return SECRET_VALUE.test(value) || (SECRET_NAME.test(key ?? '') && !/_type$/.test(key ?? ''));
}

function kindOf(value: unknown): ValueKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'object' || kind === 'number' || kind === 'boolean' ? kind : 'string';
}

function badgeOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  if (value.startsWith('eyJ')) return 'JWT · 15 min left';
  if (/^\d{4}-\d{2}-\d{2}T/.test(value)) return 'datetime';
  return value.startsWith('https://') ? 'URL' : null;
}
