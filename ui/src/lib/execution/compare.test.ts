import { describe, expect, it } from 'vitest';

import { exchange, execution, step } from '$lib/api/fake/runs';

import {
  bodyPair,
  differences,
  inOrder,
  inputFacts,
  isSame,
  outcomeFacts,
  requestFacts,
  responseFacts,
  stepPairs,
} from './compare';

describe('two executions beside each other', () => {
  it('puts the one that began first at the left', () => {
    const early = execution('succeeded', { id: 'early', created_at: '2026-05-04T12:00:00Z' });
    const late = execution('succeeded', { id: 'late', created_at: '2026-05-04T12:00:01Z' });
    expect(inOrder(early, late).map(({ id }) => id)).toEqual(['early', 'late']);
    expect(inOrder(late, early).map(({ id }) => id)).toEqual(['early', 'late']);
  });

  it('says what differs in the outcome, and leaves out what neither has', () => {
    const facts = outcomeFacts(execution('succeeded'), execution('not_found'));
    expect(facts.find(({ name }) => name === 'Status')).toEqual({
      name: 'Status',
      left: '200',
      right: '404',
    });
    expect(facts.filter(isSame).map(({ name }) => name)).toEqual(['Connector', 'Source']);
    expect(facts.map(({ name }) => name)).not.toContain('Customer');
  });

  it('knows an input that only one was given', () => {
    const input = (name: string, value: string) => ({ name, value, redacted: false });
    const left = execution('succeeded', { inputs: [input('a', '1'), input('b', '')] });
    const right = execution('succeeded', { inputs: [input('b', ''), input('c', '3')] });
    expect(inputFacts(left, right)).toEqual([
      { name: 'a', left: '1', right: null },
      { name: 'b', left: '', right: '' },
      { name: 'c', left: null, right: '3' },
    ]);
  });

  it('matches steps by what they are, so that a refresh stands alone', () => {
    const pairs = stepPairs(execution('succeeded'), execution('refreshed'));
    expect(pairs.map(({ label, left, right }) => [label, left !== null, right !== null])).toEqual([
      ['check', true, true],
      ['request', true, true],
      ['refresh', false, true],
      ['retry, once', false, true],
      ['reading', true, true],
    ]);
  });

  it('matches headers by their names in any case, and repeated ones in order', () => {
    const header = (name: string, value: string) => ({ name, value });
    const left = exchange({ response_headers: [header('Set-Cookie', 'a'), header('Set-Cookie', 'b')] });
    const right = exchange({ response_headers: [header('set-cookie', 'a'), header('date', 'now')] });
    const facts = responseFacts(left, right).filter(({ name }) => !['Status', 'HTTP version'].includes(name));
    expect(facts).toEqual([
      { name: 'Set-Cookie', left: 'a', right: 'a' },
      { name: 'Set-Cookie', left: 'b', right: null },
      { name: 'date', left: null, right: 'now' },
    ]);
    expect(requestFacts(exchange(), null)[0]).toMatchObject({ name: 'Request', right: null });
  });

  it('compares JSON line by line however it was written, and a body that only one has', () => {
    const pair = bodyPair('Body', '{"a":1,"b":[2]}', '{ "a": 1, "b": [3] }');
    expect(pair?.rows.filter((row) => !row.same)).toEqual([{ left: '    2', right: '    3', same: false }]);
    expect(bodyPair('Body', '{"a":1}', '{\n"a": 1}')?.same).toBe(true);
    expect(bodyPair('Body', null, '')).toBeNull();
    expect(bodyPair('Body', null, 'x')?.rows).toEqual([{ left: null, right: 'x', same: false }]);
  });

  it('counts differences in words', () => {
    expect([0, 1, 2].map(differences)).toEqual(['no difference', '1 difference', '2 differences']);
  });

  it('has no steps to match of runs without any', () => {
    expect(stepPairs(execution('succeeded', { steps: [] }), execution('succeeded', { steps: [] }))).toEqual(
      [],
    );
    const gate = step({ kind: 'gate' });
    expect(stepPairs(execution('succeeded', { steps: [gate] }), execution('played', { steps: [] }))).toEqual([
      { label: 'check', left: gate, right: null },
    ]);
  });
});
