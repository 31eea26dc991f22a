/** Response trees in memory: the same rows as the engine's, from nodes that are flattened when asked. */
import type {
  PathForm,
  RowChange,
  SearchProgress,
  SearchQuery,
  SearchReport,
  TokenLocation,
  TreeRow,
} from '../bindings';
import { bodyOf, type Marks } from './body';
import { cancelledRuns } from './executions';
import { rootOf, type FakeNode } from './nodes';
import { newId, refuse, type FakeWorkspace, type Part } from './parts';

const PREVIEW_CHARACTERS = 120;
const MOST_ROWS = 500;
const MOST_OPENED = 20_000;
const SEARCHED_AT_ONCE = 2_000;
const SECRET_NAME = /token|secret|password|api_?key|authorization|session|cookie/i;
const SECRET_VALUE = /^(eyJ[\w-]+\.|sk_|ghp_)/;

class FakeTree {
  private readonly root: FakeNode;
  private readonly changes: Record<string, RowChange>;
  private flat: FakeNode[] | null = null;
  private matching: FakeNode[] = [];
  private matched = new Set<FakeNode>();
  /** The search that counts; a newer one ends it. */
  private run = '';

  constructor(kept: unknown) {
    const body = bodyOf(kept);
    const marks: Marks = body.is === 'json' ? body.marks : {};
    this.changes = marks.changes ?? {};
    this.root = rootOf(body);
    this.root.open = true;
    if (!this.root.container) return;
    for (const child of this.root.children) child.open = child.container && child.children.length <= 20;
  }

  get nodes(): FakeNode[] {
    if (!this.flat) {
      this.flat = [];
      const rest = [this.root];
      for (let node = rest.pop(); node; node = rest.pop()) {
        this.flat.push(node);
        if (!node.open) continue;
        for (let at = node.children.length - 1; at >= 0; at--) rest.push(node.children[at] as FakeNode);
      }
    }
    return this.flat;
  }

  node(row: number): FakeNode {
    return (
      this.nodes[row] ?? refuse('not_found', 'There is no such row.', 'Close the response and open it again.')
    );
  }

  rows(from: number, count: number): TreeRow[] {
    return this.nodes
      .slice(from, from + Math.min(count, MOST_ROWS))
      .map((node, offset) => this.draw(node, from + offset));
  }

  expand(row: number, expanded: boolean): number {
    this.node(row).open = expanded;
    this.flat = null;
    return this.nodes.length;
  }

  expandAll(expanded: boolean): { total: number; note: string | null } {
    let opened = 0;
    let left = 0;
    for (const node of this.root.all()) {
      if (!node.container) continue;
      const open = expanded && opened < MOST_OPENED;
      if (expanded && !open) left += 1;
      node.open = open || node === this.root;
      opened += 1;
    }
    this.flat = null;
    const note = `${left.toLocaleString('en')} containers stay closed: there would be too many rows. Open them one at a time.`;
    return { total: this.nodes.length, note: left > 0 ? note : null };
  }

  parent(row: number): number | null {
    const { parent } = this.node(row);
    return parent && this.rowOf(parent);
  }

  findKey(after: number, prefix: string): number | null {
    const begins = ({ key }: FakeNode): boolean =>
      key?.toLowerCase().startsWith(prefix.toLowerCase()) ?? false;
    const next = this.nodes.findIndex((node, row) => row > after && begins(node));
    const found = next >= 0 ? next : this.nodes.findIndex(begins);
    return found >= 0 ? found : null;
  }

  async search(
    query: SearchQuery,
    run: string,
    tell: (progress: SearchProgress) => void,
    pause: () => Promise<boolean>,
  ): Promise<SearchReport> {
    this.run = run;
    this.matching = [];
    this.matched = new Set();
    const fits = matcher(query);
    if (!fits) return { matches: 0, first_row: null, capped: false };
    const all = [...this.root.all()];
    let first: number | null = null;
    for (const [at, node] of all.entries()) {
      if (fits(node.key ?? '') || (!node.container && !isMasked(node) && fits(node.text))) {
        this.matching.push(node);
        this.matched.add(node);
        first ??= this.show(node);
      }
      if (at % SEARCHED_AT_ONCE !== SEARCHED_AT_ONCE - 1) continue;
      tell({ matches: this.matching.length, searched: at / all.length, first_row: first });
      if ((await pause()) || this.run !== run) break;
    }
    return { matches: this.matching.length, first_row: first, capped: false };
  }

  nextMatch(fromRow: number | null, backwards: boolean): number | null {
    const order = new Map([...this.root.all()].map((node, at) => [node, at]));
    const from = fromRow === null ? -1 : (order.get(this.node(fromRow)) ?? -1);
    const place = (node: FakeNode): number => order.get(node) ?? -1;
    const next = backwards
      ? (this.matching.findLast((node) => place(node) < from) ?? this.matching.at(-1))
      : (this.matching.find((node) => place(node) > from) ?? this.matching[0]);
    return next ? this.show(next) : null;
  }

  reveal(wanted: (node: FakeNode) => boolean): number | null {
    const node = find(this.root, wanted);
    return node ? this.show(node) : null;
  }

  goTo(row: number, index: number): number {
    const around: FakeNode[] = [];
    for (let node: FakeNode | null = this.node(row); node; node = node.parent) {
      if (node.container || (node.opens && node.open)) around.push(node);
    }
    const list = around.find((node) => node.kind !== 'object' && node.children[0]?.key === null) ?? around[0];
    if (!list) return refuse('invalid', 'This row stands in no array.', 'Go to a row of an array first.');
    const element = list.children[index];
    if (!element) {
      const last = (list.children.length - 1).toLocaleString('en');
      return refuse('invalid', `Its elements are 0 to ${last}.`, 'Type a number in that range.', 'index');
    }
    return this.show(element) ?? 0;
  }

  text(row: number): string {
    const node = this.node(row);
    return node.container ? JSON.stringify(plain(node)) : node.text;
  }

  path(row: number, form: PathForm): string {
    const node = this.node(row);
    if ((form === 'xpath') !== (node.xpath !== '')) {
      refuse('invalid', 'This row has no such path.', 'Choose another form.');
    }
    if (form === 'pointer') return node.pointer;
    return form === 'xpath' ? node.xpath : `${form === 'jsonpath' ? '$' : ''}${steps(node, form)}`;
  }

  private show(node: FakeNode): number | null {
    for (let above = node.parent; above; above = above.parent) {
      if (!above.open) this.flat = null;
      above.open = true;
    }
    return this.rowOf(node);
  }

  private rowOf(node: FakeNode): number | null {
    const row = this.nodes.indexOf(node);
    return row >= 0 ? row : null;
  }

  private draw(node: FakeNode, row: number): TreeRow {
    const masked = isMasked(node);
    const shown = masked
      ? `${node.text.length > 20 ? node.text.slice(0, 6) : ''}••••••••`
      : node.text.slice(0, PREVIEW_CHARACTERS);
    const folded = !masked && node.text.length > PREVIEW_CHARACTERS;
    const single = node.kind !== 'number' && node.kind !== 'boolean' && node.kind !== 'null';
    return {
      row,
      depth: node.depth,
      key: node.key,
      index: node.index,
      kind: node.kind,
      expandable: node.expandable,
      expanded: node.open && node.expandable,
      preview: folded ? `${shown}…` : shown,
      masked,
      folded,
      size: node.container ? node.children.length : single ? node.text.length : 0,
      badge: badgeOf(node),
      matched: this.matched.has(node),
      pointer: node.pointer,
      location: node.location,
      opens: node.opens,
      refusal: node.refusal,
      change: this.changes[node.pointer] ?? null,
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
  const ask = async <T>(id: string, question: (tree: FakeTree) => T): Promise<Awaited<T>> => {
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
    return await question(tree);
  };
  return {
    responseRows: (id, from, count) =>
      ask(id, (tree) => ({ total: tree.nodes.length, from, rows: tree.rows(from, count) })),
    responseExpand: (id, row, expanded) => ask(id, (tree) => tree.expand(row, expanded)),
    responseExpandAll: (id, expanded) => ask(id, (tree) => tree.expandAll(expanded)),
    responseParent: (id, row) => ask(id, (tree) => tree.parent(row)),
    responseFindKey: (id, afterRow, prefix) => ask(id, (tree) => tree.findKey(afterRow, prefix)),
    responseSearch: (id, query, run, progress) =>
      ask(id, (tree) =>
        tree.search(query, run === '' ? newId('search') : run, progress, async () => {
          await new Promise((resolve) => setTimeout(resolve, workspace.latency));
          return cancelledRuns(workspace).has(run);
        }),
      ),
    responseNextMatch: (id, fromRow, backwards) => ask(id, (tree) => tree.nextMatch(fromRow, backwards)),
    responseReveal: (id, location) =>
      ask(id, (tree) => tree.reveal((node) => spelled(node.location) === spelled(location))),
    responseRevealPointer: (id, pointer) =>
      ask(id, (tree) => tree.reveal((node) => node.pointer === pointer)),
    responseGoTo: (id, row, index) => ask(id, (tree) => tree.goTo(row, index)),
    responseValue: (id, row) => ask(id, (tree) => tree.text(row)),
    responseCopyValue: (id, row) => ask(id, (tree) => tree.text(row).length),
    responseCopyPath: (id, row, form) => ask(id, (tree) => tree.path(row, form)),
  };
}

function matcher({ text, regex, case_sensitive }: SearchQuery): ((text: string) => boolean) | null {
  if (text === '') return null;
  if (!regex) {
    if (case_sensitive) return (found) => found.includes(text);
    const small = text.toLowerCase();
    return (found) => found.toLowerCase().includes(small);
  }
  try {
    const pattern = new RegExp(text, case_sensitive ? 'u' : 'iu');
    return (found) => pattern.test(found);
  } catch {
    return refuse(
      'invalid',
      `The expression breaks off at character ${String(text.length)}.`,
      'Correct it there, or turn .* off to search for these characters.',
      'query',
    );
  }
}

/** The first node that is wanted, also inside of single values; what it stands in is opened only when it is found. */
function find(node: FakeNode, wanted: (node: FakeNode) => boolean): FakeNode | null {
  if (wanted(node)) return node;
  for (const child of node.expandable ? node.children : []) {
    const found = find(child, wanted);
    if (found) return found;
  }
  return null;
}

function spelled(location: TokenLocation | null): string {
  return location ? JSON.stringify([location.in, location.at ?? '', location.then ?? []]) : '';
}

function steps(node: FakeNode, form: 'jsonpath' | 'dotted'): string {
  if (!node.parent) return '';
  const before = steps(node.parent, form);
  if (node.key === null) return `${before}[${String(node.index)}]`;
  if (form === 'jsonpath') return `${before}['${node.key.replaceAll("'", "\\'")}']`;
  if (!/^[a-z_]\w*$/i.test(node.key)) return `${before}[${JSON.stringify(node.key)}]`;
  return before === '' ? node.key : `${before}.${node.key}`;
}

function plain(node: FakeNode): unknown {
  if (!node.container) return node.kind === 'number' ? Number(node.text) : node.text;
  if (node.kind === 'array' || node.kind === 'lines') return node.children.map(plain);
  return Object.fromEntries(node.children.map((child) => [child.key ?? '', plain(child)]));
}

function isMasked({ kind, key, text }: FakeNode): boolean {
  if (text === '' || kind === 'number' || kind === 'boolean' || kind === 'null') return false;
  return SECRET_VALUE.test(text) || (SECRET_NAME.test(key ?? '') && !/_type$/.test(key ?? ''));
}

function badgeOf({ text }: FakeNode): string | null {
  if (text.startsWith('eyJ')) return 'JWT · 15 min left';
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) return 'datetime';
  return text.startsWith('https://') ? 'URL' : null;
}
