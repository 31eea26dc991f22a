import { describe, expect, it } from 'vitest';

import type { TokenLocation } from '$lib/api';

import { chosenOf, locationWords, sameChoice, typedAt } from './location';

describe('t4 a location in words', () => {
  it.each([
    [{ in: 'json', at: '/data/token', then: [] }, 'JSON /data/token'],
    [{ in: 'json', at: '' }, 'the whole JSON'],
    [{ in: 'xml', at: '/session/@id' }, 'XML /session/@id'],
    [{ in: 'form', at: 'access_token' }, 'form field access_token'],
    [{ in: 'header', at: 'X-Session' }, 'header X-Session'],
    [{ in: 'cookie', at: 'JSESSIONID' }, 'cookie JSESSIONID'],
    [{ in: 'text', at: '' }, 'the text'],
    [
      { in: 'json', at: '/data/token', then: [{ open: 'jwt_claim', claim: 'sub' }] },
      'JSON /data/token, then claim sub',
    ],
    [
      {
        in: 'text',
        then: [
          { open: 'line', number: 3 },
          { open: 'json', at: '/token' },
        ],
      },
      'the text, then line 3, then JSON /token',
    ],
    [
      { in: 'text', then: [{ open: 'capture', pattern: 'sid=(\\w+)' }] },
      'the text, then the capture of sid=(\\w+)',
    ],
    [{ in: 'json', at: '/payload', then: [{ open: 'json', at: '' }] }, 'JSON /payload, then the JSON in it'],
  ] satisfies [TokenLocation, string][])('%j', (location, words) => {
    expect(locationWords(location)).toBe(words);
  });
});

describe('t4 what is chosen', () => {
  it('t4_is_the_same_place_whichever_parts_are_left_out_or_in_which_order_they_stand', () => {
    expect(sameChoice({ in: 'text' }, { in: 'text', at: '', then: [] })).toBe(true);
    const claim: TokenLocation = { in: 'json', at: '/t', then: [{ open: 'jwt_claim', claim: 'sub' }] };
    const reordered = { then: [{ claim: 'sub', open: 'jwt_claim' }], at: '/t', in: 'json' } as TokenLocation;
    expect(sameChoice(claim, reordered)).toBe(true);
    expect(sameChoice(claim, { ...claim, then: [{ open: 'json', at: 'sub' }] })).toBe(false);
    expect(sameChoice(null, { in: 'text' })).toBe(false);
  });

  it('t4_is_nothing_while_a_name_is_missing_but_a_whole_text_or_document_needs_none', () => {
    for (const place of ['header', 'cookie', 'form', 'xml'] as const) {
      expect(chosenOf({ in: place, at: ' ' }), place).toBeNull();
      expect(chosenOf({ in: place, at: 'x' }), place).not.toBeNull();
    }
    expect(chosenOf({ in: 'json', at: '' }), 'a bare string').not.toBeNull();
    expect(chosenOf({ in: 'text' })).not.toBeNull();
  });

  it('t4_typing_keeps_what_is_opened_further_and_an_emptied_field_chooses_nothing', () => {
    const then: TokenLocation['then'] = [{ open: 'line', number: 2 }];
    expect(typedAt({ in: 'json', at: '/a', then }, 'json', ' /b ')).toEqual({ in: 'json', at: '/b', then });
    expect(typedAt({ in: 'json', at: '/a', then }, 'json', '')).toEqual({ in: 'json', at: '', then });
    expect(typedAt({ in: 'json', at: '/a' }, 'json', '')).toBeNull();
  });
});
