import { describe, expect, it } from 'vitest';

import type { RequestDraft, TestReport } from '$lib/api';

import { missing, whatChanged, type Proof } from './tested-before-saved';

const REQUEST: RequestDraft = {
  method: 'POST',
  url: 'https://auth.example.com/session',
  headers: [],
  parameters: [{ name: 'id', value: '1', secret: false, stored: null }],
  encoding: 'json',
};
const LOCATION = { in: 'json' as const, at: '/token', then: [] };
const REPORT = { ok: true, http_status: 200, status_text: 'OK', test_id: 't' } as TestReport;
const COMPLETE: Proof = {
  request: REQUEST,
  location: LOCATION,
  tested: { request: REQUEST, report: REPORT },
  testProblem: null,
  saved: null,
  located: true,
  locationProblem: null,
};
const PROBLEM = { code: 'failed' as const, message: 'No answer.', next_step: '', field: null };

describe('t3 what is missing before a token can be saved', () => {
  it('t3_a_tested_request_with_a_location_that_yields_a_value_lacks_nothing', () => {
    expect(missing(COMPLETE)).toBeNull();
  });

  it.each([
    ['no test', { tested: null }, 'Not tested yet'],
    ['no answer', { tested: null, testProblem: PROBLEM }, 'The last test got no answer'],
    [
      'a refusal',
      {
        tested: {
          request: REQUEST,
          report: { ...REPORT, ok: false, http_status: 503, status_text: 'Service Unavailable' },
        },
      },
      'The test answered 503 Service Unavailable',
    ],
    ['no location', { location: null }, 'Choose which value is the token'],
    [
      'a location without a value',
      { located: false, locationProblem: PROBLEM },
      'The token location yields no value',
    ],
    ['a location not looked at yet', { located: false }, 'Looking at the token location'],
    [
      'another URL',
      { request: { ...REQUEST, url: 'https://other.example.com' } },
      'Not tested yet since you changed the URL',
    ],
    [
      'another method and URL',
      { request: { ...REQUEST, method: 'GET', url: 'https://other.example.com' } },
      'Not tested yet since you changed the method and the URL',
    ],
  ] satisfies [string, Partial<Proof>, string][])(
    't3_says_which_part_is_missing: %s',
    (_, changes, sentence) => {
      expect(missing({ ...COMPLETE, ...changes })?.sentence).toBe(sentence);
    },
  );

  it('t3_a_saved_token_needs_no_test_while_request_and_location_stay', () => {
    const saved = { request: REQUEST, location: LOCATION };
    expect(missing({ ...COMPLETE, saved, tested: null, located: false })).toBeNull();
  });

  it('t3_changing_only_the_location_of_a_saved_token_asks_for_a_test', () => {
    const saved = { request: REQUEST, location: { ...LOCATION, at: '/old' } };
    expect(missing({ ...COMPLETE, saved, tested: null, located: false })?.sentence).toBe(
      'Not tested yet since you changed the token location',
    );
  });

  it('t3_going_back_to_the_tested_request_counts_as_tested', () => {
    expect(whatChanged(REQUEST, structuredClone(REQUEST))).toBeNull();
  });
});
