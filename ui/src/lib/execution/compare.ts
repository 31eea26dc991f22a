/** Two executions beside each other: what is the same, what differs, and which steps belong together. Pure. */
import type { Exchange, Execution, RecordedHeader, Step } from '$lib/api';

import { align, diffLines, type DiffRow } from './diff';
import { labelOf } from './picture';
import { readable } from './readable';
import { duration, errorTypeNames, sourceNames } from './words';

/** One thing of both; null where one has no such thing. */
export interface Fact {
  name: string;
  left: string | null;
  right: string | null;
}

export interface StepPair {
  label: string;
  left: Step | null;
  right: Step | null;
}

export interface TextPair {
  name: string;
  rows: DiffRow[];
  /** The texts have so little in common that no lines were matched. */
  aligned: boolean;
  same: boolean;
}

export function isSame(fact: Fact): boolean {
  return fact.left === fact.right;
}

/** How many of these differ, in words. */
export function differences(count: number): string {
  if (count === 0) return 'no difference';
  return count === 1 ? '1 difference' : `${String(count)} differences`;
}

/** The one that began first stands at the left. */
export function inOrder(one: Execution, other: Execution): [Execution, Execution] {
  return Date.parse(other.created_at) <= Date.parse(one.created_at) ? [other, one] : [one, other];
}

export function outcomeFacts(left: Execution, right: Execution): Fact[] {
  const facts = (name: string, of: (execution: Execution) => string | null): Fact => ({
    name,
    left: of(left) || null,
    right: of(right) || null,
  });
  return [
    facts('Connector', ({ connector_name }) => connector_name),
    facts('Result', resultOf),
    facts('What happened', ({ sentence }) => sentence),
    facts('What to do', ({ next_step }) => next_step),
    facts('Hint', ({ hint }) => hint),
    facts('Status', ({ http_status }) => (http_status === null ? null : String(http_status))),
    facts('Duration', ({ execution_time_ms }) => duration(execution_time_ms)),
    facts('Source', ({ source_type }) => sourceNames[source_type]),
    facts('Customer', ({ customer }) => customer ?? null),
  ].filter((fact) => fact.left !== null || fact.right !== null);
}

function resultOf(execution: Execution): string {
  if (execution.mock) return 'played with the mock response';
  if (execution.success) return 'succeeded';
  return execution.error_type ? errorTypeNames[execution.error_type] : 'failed';
}

export function inputFacts(left: Execution, right: Execution): Fact[] {
  const named = (execution: Execution) =>
    (execution.inputs ?? []).map(({ name, value }) => ({ name, value }));
  return byName(named(left), named(right), (name) => name);
}

/** What stands in both under one name is one fact; a name may stand several times. */
function byName(lefts: RecordedHeader[], rights: RecordedHeader[], key: (name: string) => string): Fact[] {
  const rest = [...rights];
  const facts = lefts.map(({ name, value }): Fact => {
    const at = rest.findIndex((other) => key(other.name) === key(name));
    const right = at < 0 ? null : (rest.splice(at, 1)[0]?.value ?? null);
    return { name, left: value, right };
  });
  return [...facts, ...rest.map(({ name, value }) => ({ name, left: null, right: value }))];
}

/** Steps of the same kind and token belong together, in their order. */
export function stepPairs(left: Execution, right: Execution): StepPair[] {
  const names = ({ steps }: Execution): string[] =>
    steps.map((step) => `${step.kind} ${step.token?.id ?? step.exchange?.host ?? ''}`);
  const pairs = align(names(left), names(right)) ?? [];
  return pairs.flatMap(([l, r]) => {
    const both = {
      left: l === null ? null : (left.steps[l] ?? null),
      right: r === null ? null : (right.steps[r] ?? null),
    };
    const step = both.left ?? both.right;
    return step ? [{ label: labelOf(step), ...both }] : [];
  });
}

export function stepFact({ label, left, right }: StepPair): Fact {
  const words = (step: Step | null): string | null =>
    step && [step.outcome, step.detail].filter(Boolean).join(': ');
  return { name: label, left: words(left), right: words(right) };
}

/** What was asked: method and URL, then each header. */
export function requestFacts(left: Exchange | null, right: Exchange | null): Fact[] {
  return [
    fact('Request', left, right, ({ method, url }) => `${method} ${url}`),
    ...byName(left?.request_headers ?? [], right?.request_headers ?? [], (name) => name.toLowerCase()),
  ];
}

/** What came back: status, version and time, then each header. */
export function responseFacts(left: Exchange | null, right: Exchange | null): Fact[] {
  const facts = [
    fact('Status', left, right, ({ http_status, failure }) =>
      http_status === null ? (failure ?? 'No answer came.') : String(http_status),
    ),
    fact('HTTP version', left, right, ({ http_version }) => http_version ?? null),
    fact('Redirects', left, right, ({ redirects }) => (redirects > 0 ? String(redirects) : null)),
    ...byName(left?.response_headers ?? [], right?.response_headers ?? [], (name) => name.toLowerCase()),
  ];
  return facts.filter((fact) => fact.left !== null || fact.right !== null);
}

function fact(
  name: string,
  left: Exchange | null,
  right: Exchange | null,
  of: (exchange: Exchange) => string | null,
): Fact {
  return { name, left: left && of(left), right: right && of(right) };
}

export function bodyPair(name: string, left: string | null, right: string | null): TextPair | null {
  if (!left && !right) return null;
  const { rows, aligned } =
    left && right
      ? diffLines(readable(left), readable(right))
      : {
          rows: readable(left ?? right ?? '')
            .split('\n')
            .map(oneSided(left !== null)),
          aligned: true,
        };
  return { name, rows, aligned, same: rows.every((row) => row.same) };
}

function oneSided(atLeft: boolean): (line: string) => DiffRow {
  return (line) => ({ left: atLeft ? line : null, right: atLeft ? null : line, same: false });
}
