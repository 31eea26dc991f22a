import { describe, expect, it } from 'vitest';

import { fieldsFrom } from './response-fields';
import { namesIn, pieces, unknownNames } from './templates';

describe('the fields of a response', () => {
  it('r2_lists_every_leaf_with_its_path_and_type', () => {
    const json = '{"a":{"b":1,"c":1.5},"l":[{"s":"x"},{"t":true}],"n":null,"at":"2026-05-04T09:12:00Z"}';
    expect(fieldsFrom(json, []).map(({ path, type }) => [path, type])).toEqual([
      ['a.b', 'integer'],
      ['a.c', 'decimal'],
      ['l[].s', 'string'],
      ['l[].t', 'boolean'],
      ['n', 'unknown'],
      ['at', 'datetime'],
    ]);
  });

  it('r2_keeps_redaction_marks_also_of_paths_that_are_gone', () => {
    const earlier = fieldsFrom('{"a":1,"gone":2}', []).map((field) => ({ ...field, redacted: true }));
    const fields = fieldsFrom('{"a":3,"b":4}', earlier);
    expect(fields.map(({ path, redacted, example_value }) => [path, redacted, example_value])).toEqual([
      ['a', true, null],
      ['b', false, '4'],
      ['gone', true, null],
    ]);
  });

  it('has none for what is not JSON or a single value', () => {
    expect(fieldsFrom('<html>', [])).toEqual([]);
    expect(fieldsFrom('"text"', [])).toEqual([]);
  });
});

describe('templates', () => {
  it('e10_finds_inputs_and_leaves_the_rest_as_it_is', () => {
    const text = 'https://a.example/{{ order.id }}/x?{{n}}={{}}';
    expect(namesIn(text)).toEqual(['order.id', 'n']);
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  });

  it('e10_names_inputs_that_do_not_exist', () => {
    expect(unknownNames('{{a}}{{b}}{{a}}', [{ name: 'b', type: 'string' }])).toEqual(['a']);
  });
});
