/** Response trees in memory: the nodes of a body, each made when its parent is opened. */
import type { LocationStep, Opens, TokenLocation, ValueKind } from '../bindings';
import type { FakeBody, FakeField, Marks } from './body';

const NOT_A_TOKEN = 'Only a non-empty text or a number can be a token. Choose another value.';
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** What a node is made of; everything else follows from it. */
interface Made {
  key?: string | null;
  index?: number | null;
  kind: ValueKind;
  text?: string;
  location?: TokenLocation | null;
  refusal?: string | null;
  pointer?: string;
  xpath?: string;
  children?: (parent: FakeNode) => FakeNode[];
}

export class FakeNode {
  readonly key: string | null;
  readonly index: number | null;
  readonly kind: ValueKind;
  readonly text: string;
  readonly location: TokenLocation | null;
  readonly refusal: string | null;
  readonly pointer: string;
  readonly xpath: string;
  readonly opens: Opens | null;
  readonly depth: number;
  open = false;
  private readonly make: Made['children'];
  private known: FakeNode[] | null = null;

  constructor(
    readonly parent: FakeNode | null,
    made: Made,
  ) {
    this.key = made.key ?? null;
    this.index = made.index ?? null;
    this.kind = made.kind;
    this.text = made.text ?? '';
    this.location = made.location ?? null;
    this.refusal = made.refusal ?? null;
    this.pointer = made.pointer ?? '';
    this.xpath = made.xpath ?? '';
    this.depth = parent ? parent.depth + 1 : 0;
    this.opens = made.children ? null : opensOf(this.text);
    this.make = made.children ?? (this.opens ? nested : undefined);
  }

  get expandable(): boolean {
    return this.make !== undefined && (this.opens !== null || this.children.length > 0);
  }

  /** Whether it is no single value. */
  get container(): boolean {
    return this.make !== undefined && this.opens === null;
  }

  get children(): FakeNode[] {
    this.known ??= this.make?.(this) ?? [];
    return this.known;
  }

  /** The node and all below it; what single values hold only where they are opened. */
  *all(): Generator<FakeNode> {
    yield this;
    if (this.container || this.open) for (const child of this.children) yield* child.all();
  }
}

export function rootOf(body: FakeBody): FakeNode {
  switch (body.is) {
    case 'json':
      return jsonNode(
        null,
        body.value,
        { key: null, index: null },
        '',
        (at) => ({ in: 'json', at, then: [] }),
        {
          main: true,
          marks: body.marks,
        },
      );
    case 'xml':
      return xmlNode(null, new DOMParser().parseFromString(body.text, 'text/xml').documentElement, '');
    case 'text':
      return linesNode(body.text);
    case 'fields':
      return fieldsNode(body.groups);
  }
}

type At = (pointer: string) => TokenLocation;
interface Where {
  main: boolean;
  marks: Marks;
}

function jsonNode(
  parent: FakeNode | null,
  value: unknown,
  name: { key: string | null; index: number | null },
  pointer: string,
  at: At,
  where: Where,
): FakeNode {
  const shared = { ...name, kind: jsonKind(value), pointer: where.main ? pointer : '' };
  if (typeof value === 'object' && value !== null) {
    return new FakeNode(parent, {
      ...shared,
      children: (self) => jsonChildren(self, value, pointer, at, where),
    });
  }
  const usable = typeof value === 'number' || (typeof value === 'string' && value !== '');
  const refusal = where.marks.refused?.[pointer] ?? (usable ? null : NOT_A_TOKEN);
  return new FakeNode(parent, {
    ...shared,
    text: String(value),
    refusal,
    location: refusal === null ? at(pointer) : null,
  });
}

function jsonChildren(parent: FakeNode, value: object, pointer: string, at: At, where: Where): FakeNode[] {
  if (Array.isArray(value)) {
    return value.map((member: unknown, index) =>
      jsonNode(parent, member, { key: null, index }, `${pointer}/${String(index)}`, at, where),
    );
  }
  return Object.entries(value).map(([key, member]) => {
    const step = key.replaceAll('~', '~0').replaceAll('/', '~1');
    return jsonNode(parent, member, { key, index: null }, `${pointer}/${step}`, at, where);
  });
}

function jsonKind(value: unknown): ValueKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'object' || kind === 'number' || kind === 'boolean' ? kind : 'string';
}

/** What a single value holds, below its own row. */
function nested(parent: FakeNode): FakeNode[] {
  const deeper = (step: LocationStep): TokenLocation => {
    const { in: part, at, then } = parent.location ?? { in: 'text', at: '' };
    return { in: part, at: at ?? '', then: [...(then ?? []), step] };
  };
  if (parent.opens === 'lines') return lineNodes(parent, parent.text, deeper);
  if (parent.opens === 'json') {
    const at: At = (pointer) => deeper({ open: 'json', at: pointer });
    return jsonChildren(parent, JSON.parse(parent.text) as object, '', at, { main: false, marks: {} });
  }
  const claims = JSON.parse(
    atob((parent.text.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
  );
  return Object.entries(claims as object).map(([claim, value]) =>
    jsonNode(
      parent,
      value,
      { key: claim, index: null },
      '',
      (pointer) => {
        const location = deeper({ open: 'jwt_claim', claim });
        return pointer === ''
          ? location
          : { ...location, then: [...(location.then ?? []), { open: 'json', at: pointer }] };
      },
      { main: false, marks: {} },
    ),
  );
}

function opensOf(text: string): Opens | null {
  if (JWT.test(text)) return 'jwt';
  if (/^\s*[[{]/.test(text)) {
    try {
      JSON.parse(text);
      return 'json';
    } catch {
      // It only begins like JSON.
    }
  }
  return text.trim().includes('\n') ? 'lines' : null;
}

function lineNodes(
  parent: FakeNode,
  text: string,
  deeper: (step: LocationStep) => TokenLocation,
): FakeNode[] {
  return text.split('\n').map(
    (line, index) =>
      new FakeNode(parent, {
        index,
        kind: 'text',
        text: line,
        location: line.trim() === '' ? null : deeper({ open: 'line', number: index + 1 }),
        refusal: line.trim() === '' ? NOT_A_TOKEN : null,
      }),
  );
}

function linesNode(text: string): FakeNode {
  return new FakeNode(null, {
    kind: 'lines',
    children: (self) => lineNodes(self, text, (step) => ({ in: 'text', at: '', then: [step] })),
  });
}

function fieldsNode(groups: Record<string, FakeField[]>): FakeNode {
  const fields = (parent: FakeNode, group: FakeField[]): FakeNode[] =>
    group.map(
      ({ name, value, in: part, refusal = null }) =>
        new FakeNode(parent, {
          key: name,
          kind: 'text',
          text: value,
          refusal,
          location: refusal === null ? { in: part, at: name, then: [] } : null,
        }),
    );
  const [only] = Object.values(groups);
  return new FakeNode(null, {
    kind: 'fields',
    children: (self) =>
      '' in groups
        ? fields(self, only ?? [])
        : Object.entries(groups).map(
            ([key, group]) =>
              new FakeNode(self, { key, kind: 'fields', children: (inner) => fields(inner, group) }),
          ),
  });
}

function xmlNode(parent: FakeNode | null, element: Element, before: string): FakeNode {
  const siblings = element.parentElement
    ? [...element.parentElement.children].filter((sibling) => sibling.tagName === element.tagName)
    : [element];
  const step =
    siblings.length > 1 ? `${element.tagName}[${String(siblings.indexOf(element) + 1)}]` : element.tagName;
  const xpath = `${before}/${step}`;
  const text = element.textContent.trim();
  const leaf = element.children.length === 0 && element.attributes.length === 0;
  if (leaf) return xmlLeaf(parent, 'element', element.tagName, text, xpath);
  return new FakeNode(parent, {
    key: element.tagName,
    kind: 'element',
    xpath,
    children: (self) => [
      ...[...element.attributes].map(({ name, value }) =>
        xmlLeaf(self, 'attribute', `@${name}`, value, `${xpath}/@${name}`),
      ),
      ...(element.children.length > 0
        ? [...element.children].map((child) => xmlNode(self, child, xpath))
        : [xmlLeaf(self, 'text', 'text()', text, `${xpath}/text()`)]),
    ],
  });
}

function xmlLeaf(
  parent: FakeNode | null,
  kind: ValueKind,
  key: string,
  text: string,
  xpath: string,
): FakeNode {
  return new FakeNode(parent, {
    key,
    kind,
    text,
    xpath,
    location: text === '' ? null : { in: 'xml', at: xpath, then: [] },
    refusal: text === '' ? NOT_A_TOKEN : null,
  });
}
