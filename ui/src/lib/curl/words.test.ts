import { expect, it } from 'vitest';

import { copiedSentence } from './words';

it('names what is to be filled in, and no more than can be read in passing', () => {
  expect(copiedSentence('bash', [])).toBe('Copied as cURL for bash.');
  expect(copiedSentence('cmd', ['<a>'])).toBe('Copied as cURL for cmd. Fill in <a>.');
  expect(copiedSentence('bash', ['<a>', '{{b}}'])).toBe('Copied as cURL for bash. Fill in <a> and {{b}}.');
  expect(copiedSentence('bash', ['<a>', '<b>', '<c>', '<d>', '<e>'])).toBe(
    'Copied as cURL for bash. Fill in <a>, <b>, <c> and 2 more.',
  );
});
